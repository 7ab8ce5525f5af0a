"""From settings to the clusters they mean."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from opsboard.adapter import Condition, Health, HostEnviron, Misconfigured
from opsboard.text.encoding import ENCODING_HINT, NotTextError, read_text, strip_secret
from opsboard_adapters.kubernetes.access import auth_provider, kubeconfig
from opsboard_adapters.kubernetes.access.address import server_address
from opsboard_adapters.kubernetes.access.validation import (
    check_cluster,
    check_login,
    check_user,
)
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from opsboard_adapters.net.proxies import Proxy, named_proxy

SERVICE_ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")


LOGIN_KEYS: Final = (
    "token",
    "tokenFile",
    "username",
    "password",
    "client-certificate",
    "client-certificate-data",
    "exec",
    "auth-provider",
)
"""The keys of a kubeconfig user by which he logs in."""


@dataclass(frozen=True, slots=True)
class ClusterAccess:
    """A way into one cluster. *name* is how the board calls it: the context."""

    name: str
    server: str
    cluster_name: str
    user_name: str
    namespace: str
    cluster: Mapping[str, Any]
    user: Mapping[str, Any]

    @property
    def secure(self) -> bool:
        """Whether the server is spoken to over TLS."""
        return self.server.startswith("https:")

    @property
    def sent_user(self) -> Mapping[str, Any]:
        """The user as the server gets to see him: no login is sent over plain HTTP."""
        if self.secure:
            return self.user
        return {key: value for key, value in self.user.items() if key not in LOGIN_KEYS}

    @property
    def anonymous_health(self) -> Health | None:
        """What is to be told where no login is sent; ``None`` where all is as it should be."""
        has_login = any(map(self.user.get, LOGIN_KEYS))
        if self.secure is has_login:
            return None
        who = f"the user {self.user_name!r}" if self.user_name else "the context"
        if has_login:
            why = f"{self.server} is plain HTTP, so the login of {who} is not sent (nor by kubectl)"
            hint = "write https:// in the server of the kubeconfig, or leave out the login"
        else:
            why = f"{who} has no login in the kubeconfig"
            hint = "add a login to the kubeconfig if you are to be known"
        return Health(condition=Condition.LIVE, message=f"asked without a login: {why}", hint=hint)


@dataclass(frozen=True, slots=True)
class UnusableContext:
    """A context that leads nowhere."""

    name: str
    error: Misconfigured


def configured_clusters(
    settings: KubernetesSettings, host_environ: HostEnviron
) -> tuple[ClusterAccess | UnusableContext, ...]:
    """Return the way into each cluster of *settings*, or why there is none.

    Raises :exc:`Misconfigured` where not one of them leads anywhere.
    """
    found = _ways(settings, host_environ)
    wrong = [way for way in found if isinstance(way, UnusableContext)]
    if len(wrong) == len(found):
        raise wrong[0].error
    return found


def usable_clusters(
    settings: KubernetesSettings, host_environ: HostEnviron
) -> tuple[ClusterAccess, ...]:
    """Return the ways into those clusters that there is one into. Raises likewise."""
    return tuple(
        way for way in configured_clusters(settings, host_environ) if isinstance(way, ClusterAccess)
    )


def cluster_access(
    settings: KubernetesSettings, host_environ: HostEnviron, name: str
) -> ClusterAccess:
    """Return the way into the cluster of that *name*. Raises :exc:`Misconfigured`."""
    for way in configured_clusters(settings, host_environ):
        if way.name == name and isinstance(way, ClusterAccess):
            return way
        if way.name == name and isinstance(way, UnusableContext):
            raise way.error
    raise Misconfigured(f"there is no cluster {name!r} in this source", "was the config changed?")


def _ways(
    settings: KubernetesSettings, host_environ: HostEnviron
) -> tuple[ClusterAccess | UnusableContext, ...]:
    if settings.in_cluster:
        return (in_cluster(host_environ, SERVICE_ACCOUNT),)
    paths = kubeconfig.kubeconfig_files(settings.kubeconfig, host_environ)
    config = kubeconfig.load(paths)
    if not config.contexts:
        if not settings.contexts and runs_in_pod():
            return (in_cluster(host_environ, SERVICE_ACCOUNT),)
        what = "no context" if kubeconfig.any_exists(paths) else "no kubeconfig"
        raise Misconfigured(
            f"{what} in {', '.join(map(str, paths))}", "set KUBECONFIG, or kubeconfig here"
        )
    names = dict.fromkeys(settings.contexts) or ("",)
    return tuple(_way(config, context, paths) for context in names)


def _way(
    config: kubeconfig.Kubeconfig, context: str, paths: Sequence[Path]
) -> ClusterAccess | UnusableContext:
    try:
        return _from_target(kubeconfig.resolve(config, context, paths))
    except Misconfigured as error:
        return UnusableContext(context or config.current_context, error)


def _from_target(target: kubeconfig.ResolvedContext) -> ClusterAccess:
    user = target.user or {}
    check_cluster(target.cluster, target.of_cluster)
    check_user(user, target.of_user)
    found = server_address(target.cluster, user, target.of_cluster)
    if found.login is not None:
        user = _as_in_url(user, *found.login)
    access = ClusterAccess(
        name=target.context,
        server=found.url,
        cluster_name=target.cluster_name,
        user_name=target.user_name,
        namespace=target.namespace,
        cluster=target.cluster,
        user=user,
    )
    if access.secure:
        _check_login(target, access)
    return access


def proxy_of(cluster: Mapping[str, Any], name: str) -> Proxy | None:
    """Return the proxy that *cluster*, called *name*, is to be reached through, as it says.

    It counts more than the environment, as with client-go. Raises :exc:`Misconfigured`.
    """
    url = cluster.get("proxy-url")
    return named_proxy(url, f"proxy-url of the cluster {name!r}") if url else None


def _as_in_url(user: Mapping[str, Any], username: str, password: str) -> Mapping[str, Any]:
    """Return *user* with the login of a URL, which comes before all but a client certificate."""
    others = {"token", "tokenFile", "username", "password", "exec", "auth-provider"}
    rest = {key: value for key, value in user.items() if key not in others}
    return {**rest, "username": username, "password": password}


def _check_login(target: kubeconfig.ResolvedContext, access: ClusterAccess) -> None:
    if target.user is None:
        raise Misconfigured(
            f"{target.of_user} is not there, and the context {target.context!r} names it",
            "fix the kubeconfig; leave out user to ask as nobody",
        )
    check_login(access.user, target.of_user)
    if (provider := access.user.get("auth-provider")) is not None:
        auth_provider.check(provider, target.of_user)


def runs_in_pod() -> bool:
    """Return whether there is a service account, as in a pod."""
    return os.path.exists(SERVICE_ACCOUNT / "token")  # noqa: PTH110 - never raises


def in_cluster(host_environ: HostEnviron, account: Path) -> ClusterAccess:
    """Return the way in of a pod, by its service account. Raises :exc:`Misconfigured`."""
    host = host_environ.env.get("KUBERNETES_SERVICE_HOST", "")
    port = host_environ.env.get("KUBERNETES_SERVICE_PORT", "443")
    if not host or not (account / "token").exists():
        raise Misconfigured("this is no pod with a service account", "leave in_cluster out")
    host = f"[{host}]" if ":" in host else host
    return ClusterAccess(
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
        raise Misconfigured(f"cannot read {file}: {error.strerror}", "fix the pod") from None
    except NotTextError as error:
        raise Misconfigured(f"{file} {error}", ENCODING_HINT) from None
