"""From settings to the clusters they mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from opsboard.adapter import Misconfigured, Surroundings
from opsboard.text_encoding import MEND, NotTextError, read_text, strip_secret
from opsboard_adapters.endpoints import http_url
from opsboard_adapters.kubernetes.access import kubeconfig
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from opsboard_adapters.proxies import Proxy, named_proxy

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


@dataclass(frozen=True, slots=True)
class Astray:
    """A context that leads nowhere."""

    name: str
    error: Misconfigured


def ways(settings: KubernetesSettings, surroundings: Surroundings) -> tuple[Access | Astray, ...]:
    """Return the way into each cluster of *settings*, or why there is none.

    Raises :exc:`Misconfigured` where not one of them leads anywhere.
    """
    found = _ways(settings, surroundings)
    wrong = [way for way in found if isinstance(way, Astray)]
    if len(wrong) == len(found):
        raise wrong[0].error
    return found


def ways_in(settings: KubernetesSettings, surroundings: Surroundings) -> tuple[Access, ...]:
    """Return the ways into those clusters that there is one into. Raises likewise."""
    return tuple(way for way in ways(settings, surroundings) if isinstance(way, Access))


def way_in(settings: KubernetesSettings, surroundings: Surroundings, name: str) -> Access:
    """Return the way into the cluster of that *name*. Raises :exc:`Misconfigured`."""
    for way in ways(settings, surroundings):
        if way.name == name and isinstance(way, Access):
            return way
        if way.name == name and isinstance(way, Astray):
            raise way.error
    raise Misconfigured(f"there is no cluster {name!r} in this source", "was the config changed?")


def _ways(settings: KubernetesSettings, surroundings: Surroundings) -> tuple[Access | Astray, ...]:
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
    names = dict.fromkeys(settings.contexts) or ("",)
    return tuple(_way(config, context, paths) for context in names)


def _way(config: kubeconfig.KubeConfig, context: str, paths: Sequence[Path]) -> Access | Astray:
    try:
        return _from_target(kubeconfig.resolve(config, context, paths))
    except Misconfigured as error:
        return Astray(context or config.current_context, error)


def _from_target(target: kubeconfig.Target) -> Access:
    server = str(target.cluster.get("server") or "")
    if not server:
        raise Misconfigured(
            f"the cluster {target.cluster_name!r} has no server", "mend the kubeconfig"
        )
    _check_addresses(target, server)
    return Access(
        name=target.context,
        server=server,
        cluster_name=target.cluster_name,
        user_name=target.user_name,
        namespace=target.namespace,
        cluster=target.cluster,
        user=target.user,
    )


def _check_addresses(target: kubeconfig.Target, server: str) -> None:
    try:
        http_url(server)
    except ValueError as error:
        where = f"the server of the cluster {target.cluster_name!r}"
        raise Misconfigured(f"{where} cannot be asked: {error}", "mend the kubeconfig") from None
    proxy_of(target.cluster, target.cluster_name)


def proxy_of(cluster: Mapping[str, Any], name: str) -> Proxy | None:
    """Return the proxy that *cluster*, called *name*, is to be reached through, as it says.

    It counts more than the environment, as with client-go. Raises :exc:`Misconfigured`.
    """
    url = cluster.get("proxy-url")
    return named_proxy(url, f"proxy-url of the cluster {name!r}") if url else None


def in_cluster(surroundings: Surroundings, account: Path) -> Access:
    """Return the way in of a pod, by its service account. Raises :exc:`Misconfigured`."""
    host = surroundings.env.get("KUBERNETES_SERVICE_HOST", "")
    port = surroundings.env.get("KUBERNETES_SERVICE_PORT", "443")
    if not host or not (account / "token").exists():
        raise Misconfigured("this is no pod with a service account", "leave in_cluster out")
    host = f"[{host}]" if ":" in host else host
    return Access(
        name="in-cluster",
        server=f"https://{host}:{port}",
        cluster_name="in-cluster",
        user_name="service account",
        namespace=_namespace(account / "namespace"),
        cluster={"certificate-authority": str(account / "ca.crt")},
        user={"tokenFile": str(account / "token")},
    )


def _namespace(file: Path) -> str:
    try:
        return strip_secret(read_text(file)) or "default"
    except FileNotFoundError:
        return "default"
    except OSError as error:
        raise Misconfigured(f"cannot read {file}: {error.strerror}", "mend the pod") from None
    except NotTextError as error:
        raise Misconfigured(f"{file} {error}", MEND) from None
