"""Where a cluster is: the ``server`` of a kubeconfig, read as client-go reads it.

Source: ``rest.DefaultServerURL`` and ``clientcmd``. What has no scheme is a host with a port, at
https where TLS is configured, else at http; a path is cleaned; a query counts for nothing; a login
in the URL comes before any other that would use the same header.
"""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, quote, unquote, urlsplit

from opsboard.adapter import Misconfigured
from opsboard_adapters.net.urls import check_http_url

_TLS_KEYS = ("certificate-authority", "certificate-authority-data", "insecure-skip-tls-verify")
_CERTIFICATE_KEYS = ("client-certificate", "client-certificate-data")
_PATH = "/-._~!$&'()*+,;=:@"
"""What stands for itself in a path (RFC 3986 §3.3), beside letters and digits."""


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """The URL of a server, without a login, and the login that stood in it (``None`` for none)."""

    url: str
    login: tuple[str, str] | None = None


def server_address(
    cluster: Mapping[str, Any], user: Mapping[str, Any], where: str
) -> ServerAddress:
    """Return where *cluster*, which *where* names, is for *user*. Raises :exc:`Misconfigured`."""
    server = str(cluster.get("server") or "")
    if not server:
        raise Misconfigured(f"{where} has no server", "fix the kubeconfig")
    try:
        parts = _parts(server, _speaks_tls(cluster, user))
        login = _login(parts)
        netloc = parts.netloc.rpartition("@")[2].removesuffix(":")
        url = f"{parts.scheme}://{netloc}{_cleaned(parts.path)}"
        return ServerAddress(check_http_url(url), login)
    except ValueError as error:
        raise Misconfigured(
            f"the server of {where} cannot be asked: {error}", "fix the kubeconfig"
        ) from None


def _speaks_tls(cluster: Mapping[str, Any], user: Mapping[str, Any]) -> bool:
    return any(cluster.get(key) for key in _TLS_KEYS) or any(map(user.get, _CERTIFICATE_KEYS))


def _parts(server: str, tls: bool) -> SplitResult:
    """Return the parts of *server*. Raises :exc:`ValueError`, which does not repeat it."""
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


def _login(parts: SplitResult) -> tuple[str, str] | None:
    if parts.username is None and parts.password is None:
        return None
    return unquote(parts.username or ""), unquote(parts.password or "")


def _cleaned(path: str) -> str:
    """Return *path* without empty parts, dots, and the slash at its end."""
    cleaned = posixpath.normpath(f"/{unquote(path)}").lstrip("/")
    return f"/{quote(cleaned, safe=_PATH)}" if cleaned else ""
