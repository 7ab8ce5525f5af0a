"""From settings to the clusters they mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from opsboard.adapter import Misconfigured, Surroundings
from opsboard_adapters.kubernetes.access import kubeconfig
from opsboard_adapters.kubernetes.settings import KubernetesSettings

SERVICE_ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")


@dataclass(frozen=True, slots=True)
class Access:
    """A way into one cluster. *name* is how the board calls it: the context."""

    name: str
    server: str
    cluster_name: str
    user_name: str
    namespace: str
    cluster: Mapping[str, Any]
    user: Mapping[str, Any]


def ways_in(settings: KubernetesSettings, surroundings: Surroundings) -> tuple[Access, ...]:
    """Return a way into each cluster of *settings*. Raises :exc:`Misconfigured`."""
    if settings.in_cluster:
        return (in_cluster(surroundings, SERVICE_ACCOUNT),)
    paths = kubeconfig.files(settings.kubeconfig, surroundings)
    config = kubeconfig.load(paths)
    if not config.contexts:
        if not settings.contexts and (SERVICE_ACCOUNT / "token").exists():
            return (in_cluster(surroundings, SERVICE_ACCOUNT),)
        raise Misconfigured(
            f"no kubeconfig in {', '.join(map(str, paths))}", "set KUBECONFIG, or kubeconfig here"
        )
    return tuple(
        _from_target(kubeconfig.resolve(config, context, paths))
        for context in settings.contexts or ("",)
    )


def _from_target(target: kubeconfig.Target) -> Access:
    server = str(target.cluster.get("server") or "")
    if not server:
        raise Misconfigured(
            f"the cluster {target.cluster_name!r} has no server", "mend the kubeconfig"
        )
    return Access(
        name=target.context,
        server=server,
        cluster_name=target.cluster_name,
        user_name=target.user_name,
        namespace=target.namespace,
        cluster=target.cluster,
        user=target.user,
    )


def in_cluster(surroundings: Surroundings, account: Path) -> Access:
    """Return the way in of a pod, by its service account. Raises :exc:`Misconfigured`."""
    host = surroundings.env.get("KUBERNETES_SERVICE_HOST", "")
    port = surroundings.env.get("KUBERNETES_SERVICE_PORT", "443")
    if not host or not (account / "token").exists():
        raise Misconfigured("this is no pod with a service account", "leave in_cluster out")
    host = f"[{host}]" if ":" in host else host
    namespace = account / "namespace"
    return Access(
        name="in-cluster",
        server=f"https://{host}:{port}",
        cluster_name="in-cluster",
        user_name="service account",
        namespace=namespace.read_text().strip() if namespace.exists() else "default",
        cluster={"certificate-authority": str(account / "ca.crt")},
        user={"tokenFile": str(account / "token")},
    )
