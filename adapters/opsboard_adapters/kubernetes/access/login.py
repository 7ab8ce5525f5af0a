"""How a cluster is logged in to: tokens, passwords, plugins, ID tokens, and impersonation.

Which of several credentials is used is as in client-go: a token or a password before an exec
plugin; a client certificate beside a token or a password, and before a plugin. Client certificates
of the kubeconfig are the business of :mod:`.tls`.
"""

import asyncio
import base64
import json
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx

from opsboard.adapter import Misconfigured, Unauthenticated
from opsboard.text.encoding import ENCODING_HINT, NotTextError, decode_text, strip_secret
from opsboard_adapters.kubernetes.access.exec_plugin import Credential, run_plugin
from opsboard_adapters.net import trust
from opsboard_adapters.net.urls import check_header_value

TOKEN_FILE_TTL: Final = timedelta(minutes=1)
"""How long a token file is used before it is read again, as in client-go."""

ID_TOKEN_LEEWAY: Final = timedelta(seconds=10)
"""How long before its end an ID token counts as expired, as in client-go."""

_LOG_IN: Final = "log in again, with any kubectl command, or use the exec plugin kubelogin"
_HEADER_NAME: Final = "!#$&'*+-.^_`|~"
"""What the name of a header may hold beside letters and digits (RFC 9110 §5.6.2); ``%`` is left
out, because it begins what is escaped."""


class KubernetesLogin(httpx.Auth):
    """Adds the credential of a kubeconfig *user* to each request.

    A credential that has expired is obtained again; so is one of a plugin or a token file that the
    server refuses (401), once. Raises :exc:`Misconfigured` for a *user* whose impersonation
    headers cannot be sent. *conceal* registers each secret, so that it is masked everywhere.
    """

    requires_response_body = False

    def __init__(
        self,
        user: Mapping[str, Any],
        cluster: Mapping[str, Any],
        *,
        env: Mapping[str, str],
        now: Callable[[], datetime],
        register_secret: Callable[[str], None],
    ) -> None:
        self._user = user
        self._cluster = cluster
        self._env = env
        self._now = now
        self._conceal = register_secret
        self._lock = asyncio.Lock()
        self._credential: Credential | None = None
        # Blanks at the end of a header's value are no part of it (RFC 9110 §5.5); Go drops them.
        self._last_read = str(user.get("token") or "").rstrip(" \t")
        self._impersonation = impersonation_headers(user)
        self.on_certificate: Callable[[bytes, bytes], None] = lambda *_: None
        """Called with each client certificate, and its key (PEM), that an exec plugin returns."""

    async def credential(self) -> Credential | None:
        """Return a credential that has not expired, or ``None`` where the user has none."""
        async with self._lock:
            if self._credential is None or self._credential.expired(self._now()):
                self._credential = await self._fetch()
            return self._credential

    @property
    def renewable(self) -> bool:
        """Whether a credential that was refused may be another one if it is obtained again."""
        return self._uses_plugin or bool(self._user.get("tokenFile"))

    @property
    def _uses_plugin(self) -> bool:
        before = ("token", "tokenFile", "username", "client-certificate", "client-certificate-data")
        return bool(self._user.get("exec")) and not any(map(self._user.get, before))

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        request.headers = httpx.Headers([*request.headers.raw, *self._impersonation])
        used = await self._authorize(request)
        response = yield request
        if response.status_code == 401 and self.renewable:
            await self._forget(used)
            await self._authorize(request)
            yield request

    async def _authorize(self, request: httpx.Request) -> Credential | None:
        credential = await self.credential()
        if credential is not None and credential.token:
            request.headers["Authorization"] = f"{credential.scheme} {credential.token}"
        if credential is not None and credential.certificate:
            # A connection keeps the certificate that it began with, so none is used twice.
            request.headers["Connection"] = "close"
        return credential

    async def _forget(self, used: Credential | None) -> None:
        async with self._lock:
            if self._credential is used:
                self._credential = None

    async def _fetch(self) -> Credential | None:
        credential = await self._obtain()
        if credential is not None:
            self._conceal(credential.token)
            self._conceal(credential.key)
            check_header_value(credential.token, "the token")
            if credential.certificate:
                self.on_certificate(credential.certificate.encode(), credential.key.encode())
        return credential

    async def _obtain(self) -> Credential | None:
        user = self._user
        if user.get("token") or user.get("tokenFile"):
            return await self._token()
        if user.get("username"):
            self._conceal(str(user.get("password") or ""))
            return _basic(str(user["username"]), str(user.get("password") or ""))
        if self._uses_plugin:
            return await run_plugin(user["exec"], self._cluster, self._env)
        if provider := user.get("auth-provider"):
            return id_token(provider, self._now())
        return None

    async def _token(self) -> Credential:
        """Return the token. One in a file is preferred; if the file is gone, its last content."""
        path = self._user.get("tokenFile")
        if not path:
            return Credential(token=self._last_read)
        try:
            self._last_read = await asyncio.to_thread(_read_token, Path(path))
        except Misconfigured:
            if not self._last_read:
                raise
        return Credential(token=self._last_read, expires_at=self._now() + TOKEN_FILE_TTL)


def _basic(username: str, password: str) -> Credential:
    """Return the credential of HTTP Basic (RFC 7617 §2), in UTF-8 as Go encodes it."""
    pair = f"{username}:{password}".encode()
    return Credential(token=base64.b64encode(pair).decode("ascii"), scheme="Basic")


def _read_token(path: Path) -> str:
    what = f"the token file {path}"
    data = trust.read_pem_file(path, what, "fix the kubeconfig")
    try:
        token = strip_secret(decode_text(data))
    except NotTextError as error:
        raise Misconfigured(f"{what} {error}", ENCODING_HINT) from None
    if not token:
        raise Misconfigured(f"{what} is empty", "fix the kubeconfig, or log in again")
    return token


# --- ID tokens of the auth-provider "oidc" -------------------------------------------------------
# Source: ``plugin/pkg/client/auth/oidc`` of client-go. It renews an expired ID token and writes it
# into the kubeconfig. Here nothing is written: a second program that renews the token would make
# kubectl's own refresh token worthless.


def id_token(provider: Mapping[str, Any], now: datetime) -> Credential:
    """Return the ID token of an ``oidc`` *provider*.

    Raises :exc:`Unauthenticated` where there is none, it has expired, or it is no JWT.
    """
    token = provider.get("config", {}).get("id-token", "")
    if not token:
        raise Unauthenticated("the auth-provider 'oidc' has no id-token", _LOG_IN)
    expires_at = _expiry(token)
    if now >= expires_at - ID_TOKEN_LEEWAY:
        raise Unauthenticated(
            f"the id-token of the auth-provider 'oidc' expired at {expires_at:%Y-%m-%d %H:%M} "
            "UTC, and is not renewed here",
            _LOG_IN,
        )
    return Credential(token=token, expires_at=expires_at - ID_TOKEN_LEEWAY)


def _expiry(token: str) -> datetime:
    """Return the ``exp`` of a JWT (RFC 7519 §4.1.4); a token without one counts as expired."""
    try:
        _, payload, _ = token.split(".")
        padded = payload + "=" * (-len(payload) % 4)
        claims = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        return datetime.fromtimestamp(int(float(claims.get("exp") or 0)), UTC)
    except (ValueError, TypeError, AttributeError, OverflowError, OSError, RecursionError):
        raise Unauthenticated(
            "the id-token of the auth-provider 'oidc' is no JWT that says when it expires", _LOG_IN
        ) from None


# --- impersonation -------------------------------------------------------------------------------
# Source: *User impersonation* in the Kubernetes documentation, ``transport/round_trippers.go`` of
# client-go. The headers are sent with any login, and over plain HTTP too, where there is none.

Header = tuple[bytes, bytes]


def impersonation_headers(user: Mapping[str, Any]) -> list[Header]:
    """Return the ``Impersonate-`` headers of a kubeconfig *user*. Raises :exc:`Misconfigured`."""
    if not user.get("as"):
        return []
    return [_header(name, str(value), key) for name, value, key in _impersonated(user)]


def _impersonated(user: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield names and values of the headers, and the keys of *user* that they come from."""
    yield "Impersonate-User", user["as"], "as"
    if uid := user.get("as-uid"):
        yield "Impersonate-Uid", uid, "as-uid"
    for group in user.get("as-groups", ()):
        yield "Impersonate-Group", group, "as-groups"
    for key, values in user.get("as-user-extra", {}).items():
        for value in values:
            yield (
                f"Impersonate-Extra-{quote(key, safe=_HEADER_NAME)}",
                value,
                f"as-user-extra.{key}",
            )


def _header(name: str, value: str, key: str) -> Header:
    """Return the header *name*; its value is UTF-8, as client-go sends it."""
    plain = value.strip(" \t")
    if any(char < " " or char == "\x7f" for char in plain):
        raise Misconfigured(
            f"{key} of the user has a character that no HTTP header may have",
            "fix the kubeconfig: is it one line?",
        )
    return name.encode("ascii"), plain.encode("utf-8")
