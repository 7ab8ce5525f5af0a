"""From settings to the clusters that they name, each with the way to log in to it.

Source: ``tools/clientcmd`` and ``rest.DefaultServerURL`` of client-go.
"""

import os
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, quote, unquote, urlsplit

from opsboard.adapter import Condition, Health, HostEnviron, Misconfigured
from opsboard.text.encoding import ENCODING_HINT, NotTextError, read_text, strip_secret
from opsboard_adapters.kubernetes.access import kubeconfig
from opsboard_adapters.kubernetes.access.kubeconfig_schema import (
    check_auth_provider,
    check_cluster,
    check_login,
    check_user,
)
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from opsboard_adapters.net.proxies import Proxy, named_proxy
from opsboard_adapters.net.urls import check_http_url

SERVICE_ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where the kubelet mounts the service account of a pod."""

IN_CLUSTER: Final = "in-cluster"
"""What the cluster is called that this runs in."""

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
"""The keys of a kubeconfig user that hold a login."""


@dataclass(frozen=True, slots=True)
class ClusterAccess:
    """What is needed to connect to one cluster.

    *name* is the context, by which the board calls the cluster; *cluster* and *user* are the
    entries of the kubeconfig, with absolute paths; *server* is a URL without a login.
    """

    name: str
    server: str
    cluster_name: str
    user_name: str
    namespace: str
    cluster: Mapping[str, Any]
    user: Mapping[str, Any]

    @property
    def secure(self) -> bool:
        """Whether the server is reached over TLS."""
        return self.server.startswith("https:")

    @property
    def place(self) -> str:
        """Which cluster it is, as identities write it.

        Behind another proxy, or by another TLS server name, the same address is another cluster.
        """
        proxy = urlsplit(str(self.cluster.get("proxy-url") or "")).netloc.rpartition("@")[2]
        name = str(self.cluster.get("tls-server-name") or "")
        ways = (f"via/{proxy}" if proxy else "", f"as/{name}" if name else "")
        return "/".join(filter(None, (self.server.rstrip("/"), *ways)))

    @property
    def sent_user(self) -> Mapping[str, Any]:
        """The user, but for the login where the server is plain HTTP: none is sent then."""
        if self.secure:
            return self.user
        return {key: value for key, value in self.user.items() if key not in LOGIN_KEYS}

    @property
    def anonymous_health(self) -> Health | None:
        """A message for requests that are sent without a login, or ``None`` where that is meant."""
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
    """A context that is configured and cannot be used, with the *error* that says why."""

    name: str
    error: Misconfigured


def configured_clusters(
    settings: KubernetesSettings, host_environ: HostEnviron
) -> tuple[ClusterAccess | UnusableContext, ...]:
    """Return the access to each cluster of *settings*, or why there is none.

    Raises :exc:`Misconfigured` where not one of them can be used.
    """
    found = _configured(settings, host_environ)
    unusable = [access for access in found if isinstance(access, UnusableContext)]
    if len(unusable) == len(found):
        raise unusable[0].error
    return found


def usable_clusters(
    settings: KubernetesSettings, host_environ: HostEnviron
) -> tuple[ClusterAccess, ...]:
    """Return the clusters of *settings* that can be used. Raises :exc:`Misconfigured` for none."""
    found = configured_clusters(settings, host_environ)
    return tuple(access for access in found if isinstance(access, ClusterAccess))


def cluster_access(
    settings: KubernetesSettings, host_environ: HostEnviron, name: str
) -> ClusterAccess:
    """Return the access to the cluster called *name*. Raises :exc:`Misconfigured`."""
    for access in configured_clusters(settings, host_environ):
        if access.name == name and isinstance(access, ClusterAccess):
            return access
        if access.name == name and isinstance(access, UnusableContext):
            raise access.error
    raise Misconfigured(f"there is no cluster {name!r} in this source", "was the config changed?")


def _configured(
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
    return tuple(_access_or_error(config, context, paths) for context in names)


def _access_or_error(
    config: kubeconfig.Kubeconfig, context: str, paths: Sequence[Path]
) -> ClusterAccess | UnusableContext:
    try:
        return _access(kubeconfig.resolve(config, context, paths))
    except Misconfigured as error:
        return UnusableContext(context or config.current_context, error)


def _access(resolved: kubeconfig.ResolvedContext) -> ClusterAccess:
    user = resolved.user or {}
    check_cluster(resolved.cluster, resolved.of_cluster)
    check_user(user, resolved.of_user)
    address = server_address(resolved.cluster, user, resolved.of_cluster)
    if address.login is not None:
        user = _with_url_login(user, *address.login)
    access = ClusterAccess(
        name=resolved.context,
        server=address.url,
        cluster_name=resolved.cluster_name,
        user_name=resolved.user_name,
        namespace=resolved.namespace,
        cluster=resolved.cluster,
        user=user,
    )
    if access.secure:
        _check_login(resolved, access)
    return access


def _with_url_login(user: Mapping[str, Any], username: str, password: str) -> Mapping[str, Any]:
    """Return *user* with the login of a URL, which overrides all but a client certificate."""
    others = {"token", "tokenFile", "username", "password", "exec", "auth-provider"}
    rest = {key: value for key, value in user.items() if key not in others}
    return {**rest, "username": username, "password": password}


def _check_login(resolved: kubeconfig.ResolvedContext, access: ClusterAccess) -> None:
    """Check the login, which is used over TLS alone. Raises :exc:`Misconfigured`."""
    if resolved.user is None:
        raise Misconfigured(
            f"{resolved.of_user} is not there, and the context {resolved.context!r} names it",
            "fix the kubeconfig; leave out user to ask anonymously",
        )
    check_login(access.user, resolved.of_user)
    if (provider := access.user.get("auth-provider")) is not None:
        check_auth_provider(provider, resolved.of_user)


def proxy_of(cluster: Mapping[str, Any], name: str) -> Proxy | None:
    """Return the proxy that the entry *cluster*, called *name*, names, if any.

    It overrides the environment, as with client-go. Raises :exc:`Misconfigured`.
    """
    url = cluster.get("proxy-url")
    return named_proxy(url, f"proxy-url of the cluster {name!r}") if url else None


# --- inside a pod --------------------------------------------------------------------------------
# Source: *Accessing the Kubernetes API from a Pod*.


def runs_in_pod() -> bool:
    """Return whether a service account is mounted, as it is in a pod."""
    return os.path.exists(SERVICE_ACCOUNT / "token")  # noqa: PTH110 - never raises


def in_cluster(host_environ: HostEnviron, account: Path) -> ClusterAccess:
    """Return the access of a pod with the service account in the folder *account*.

    Raises :exc:`Misconfigured`.
    """
    host = host_environ.env.get("KUBERNETES_SERVICE_HOST", "")
    port = host_environ.env.get("KUBERNETES_SERVICE_PORT", "443")
    if not host or not (account / "token").exists():
        raise Misconfigured("this is no pod with a service account", "leave in_cluster out")
    host = f"[{host}]" if ":" in host else host
    return ClusterAccess(
        name=IN_CLUSTER,
        server=f"https://{host}:{port}",
        cluster_name=IN_CLUSTER,
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


# --- the URL of a server -------------------------------------------------------------------------

_TLS_KEYS = ("certificate-authority", "certificate-authority-data", "insecure-skip-tls-verify")
_CERTIFICATE_KEYS = ("client-certificate", "client-certificate-data")
_PATH_CHARACTERS = "/-._~!$&'()*+,;=:@"
"""What need not be escaped in a path (RFC 3986 §3.3), beside letters and digits."""


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """The URL of a server without its login, and that login (``None`` where there was none)."""

    url: str
    login: tuple[str, str] | None = None


def server_address(
    cluster: Mapping[str, Any], user: Mapping[str, Any], where: str
) -> ServerAddress:
    """Return the address of the entry *cluster*, which *where* names in errors.

    As in client-go, a server without a scheme is HOST:PORT, at https where TLS is configured and
    at http otherwise; the path is normalized; the query is ignored. Raises :exc:`Misconfigured`.
    """
    server = str(cluster.get("server") or "")
    if not server:
        raise Misconfigured(f"{where} has no server", "fix the kubeconfig")
    try:
        parts = _url_parts(server, _has_tls(cluster, user))
        login = _url_login(parts)
        netloc = parts.netloc.rpartition("@")[2].removesuffix(":")
        url = f"{parts.scheme}://{netloc}{_normalized(parts.path)}"
        return ServerAddress(check_http_url(url), login)
    except ValueError as error:
        raise Misconfigured(
            f"the server of {where} cannot be asked: {error}", "fix the kubeconfig"
        ) from None


def _has_tls(cluster: Mapping[str, Any], user: Mapping[str, Any]) -> bool:
    return any(cluster.get(key) for key in _TLS_KEYS) or any(map(user.get, _CERTIFICATE_KEYS))


def _url_parts(server: str, tls: bool) -> SplitResult:
    """Return the parts of *server*. Raises :exc:`ValueError`, whose text does not repeat it."""
    if not server.isprintable() or server != server.strip():
        raise ValueError("there is a space or an invisible character around it or in it")
    parts = _split(server)
    if parts.scheme and parts.netloc:
        return parts
    parts = _split(f"{'https' if tls else 'http'}://{server}")
    if parts.path not in {"", "/"}:
        raise ValueError("give https://host:port, or host:port without a path")
    return parts


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise ValueError("this is no URL; give https://host:port") from None


def _url_login(parts: SplitResult) -> tuple[str, str] | None:
    if parts.username is None and parts.password is None:
        return None
    return unquote(parts.username or ""), unquote(parts.password or "")


def _normalized(path: str) -> str:
    """Return *path* without empty parts, dots, and the slash at its end."""
    normalized = posixpath.normpath(f"/{unquote(path)}").lstrip("/")
    return f"/{quote(normalized, safe=_PATH_CHARACTERS)}" if normalized else ""
