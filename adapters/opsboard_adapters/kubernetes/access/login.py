"""Who one is to the API server: tokens, passwords, plugins, and whom to act as.

What comes first where several are given is as in client-go: a token or a password before a plugin,
a client certificate beside a token or a password, and before a plugin.
"""

import asyncio
import base64
from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx

from opsboard.adapter import Misconfigured
from opsboard.text.encoding import ENCODING_HINT, NotTextError, decode_text, strip_secret
from opsboard_adapters.kubernetes.access import auth_provider, exec_plugin, impersonation
from opsboard_adapters.kubernetes.access.exec_plugin import Credential
from opsboard_adapters.net import trust
from opsboard_adapters.net.urls import check_header_value

TOKEN_FILE_TTL: Final = timedelta(minutes=1)
"""How long a token file is believed: the kubelet rotates it. client-go uses a minute too."""


class KubernetesLogin(httpx.Auth):
    """Adds to each request who asks, and renews a token when it expires or is refused.

    Raises :exc:`Misconfigured` for a *user* whose way to log in is not known.
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
        # What is blank at its end ends with the header (RFC 9110 §5.5); Go leaves it out as well.
        self._last_read = str(user.get("token") or "").rstrip(" \t")
        self._acting_as = impersonation.impersonation_headers(user)
        self.on_certificate: Callable[[bytes, bytes], None] = lambda *_: None
        """Called with each client certificate, and its key, that an exec plugin gives."""

    async def credential(self) -> Credential | None:
        """Return the present credential, had anew where it has expired; ``None`` for none."""
        async with self._lock:
            if self._credential is None or self._credential.expired(self._now()):
                self._credential = await self._fetch()
            return self._credential

    @property
    def renewable(self) -> bool:
        """Whether a credential that is refused may be another one when it is had anew."""
        return self._by_plugin or bool(self._user.get("tokenFile"))

    @property
    def _by_plugin(self) -> bool:
        before = ("token", "tokenFile", "username", "client-certificate", "client-certificate-data")
        return bool(self._user.get("exec")) and not any(map(self._user.get, before))

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        request.headers = httpx.Headers([*request.headers.raw, *self._acting_as])
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
            # A connection keeps the certificate that it began with: none outlives its request.
            request.headers["Connection"] = "close"
        return credential

    async def _forget(self, used: Credential | None) -> None:
        async with self._lock:
            if self._credential is used:
                self._credential = None

    async def _fetch(self) -> Credential | None:
        credential = await self._ask()
        if credential is not None:
            self._conceal(credential.token)
            self._conceal(credential.key)
            check_header_value(credential.token, "the token")
            if credential.certificate:
                self.on_certificate(credential.certificate.encode(), credential.key.encode())
        return credential

    async def _ask(self) -> Credential | None:
        user = self._user
        if user.get("token") or user.get("tokenFile"):
            return await self._token()
        if user.get("username"):
            self._conceal(str(user.get("password") or ""))
            return _basic(str(user["username"]), str(user.get("password") or ""))
        if self._by_plugin:
            return await exec_plugin.run_plugin(user["exec"], self._cluster, self._env)
        if provider := user.get("auth-provider"):
            found = auth_provider.id_token(provider, self._now())
            return Credential(token=found.token, expires_at=found.until)
        return None

    async def _token(self) -> Credential:
        """Return the token; one in a file comes first, and a file that is gone is as it was."""
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
    """Return the credential of HTTP Basic (RFC 7617 §2), in UTF-8 as Go writes it."""
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
