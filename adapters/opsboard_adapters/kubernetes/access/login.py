"""Who one is to the API server: tokens, token files, exec plugins, impersonation."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx

from opsboard.adapter import Misconfigured
from opsboard.text_encoding import MEND, NotTextError, decode_text, strip_secret
from opsboard_adapters import trust
from opsboard_adapters.endpoints import header_value
from opsboard_adapters.kubernetes.access import exec_plugin
from opsboard_adapters.kubernetes.access.exec_plugin import Credential

RE_READ: Final = timedelta(minutes=1)
"""How long a token file is believed: the kubelet rotates it. client-go uses a minute too."""


class Login(httpx.Auth):
    """Adds the bearer token to each request, and renews it when it expires or is refused."""

    requires_response_body = False

    def __init__(
        self,
        user: Mapping[str, Any],
        cluster: Mapping[str, Any],
        *,
        env: Mapping[str, str],
        now: Callable[[], datetime],
        conceal: Callable[[str], None],
    ) -> None:
        self._user = user
        self._cluster = cluster
        self._env = env
        self._now = now
        self._conceal = conceal
        self._lock = asyncio.Lock()
        self._credential: Credential | None = None
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
        return bool(self._user.get("exec") or self._user.get("tokenFile"))

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        used = await self._authorize(request)
        response = yield request
        if response.status_code == 401 and self.renewable:
            await self._forget(used)
            await self._authorize(request)
            yield request

    async def _authorize(self, request: httpx.Request) -> Credential | None:
        credential = await self.credential()
        if credential is not None and credential.token:
            request.headers["Authorization"] = f"Bearer {credential.token}"
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
            header_value(credential.token, "the token")
            if credential.certificate:
                self.on_certificate(credential.certificate.encode(), credential.key.encode())
        return credential

    async def _ask(self) -> Credential | None:
        if plugin := self._user.get("exec"):
            return await exec_plugin.run(plugin, self._cluster, self._env)
        if path := self._user.get("tokenFile"):
            token = await asyncio.to_thread(_read_token, Path(path))
            return Credential(token=token, expires_at=self._now() + RE_READ)
        literal = self._user.get("token")
        return Credential(token=str(literal)) if literal else None


def impersonation(user: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers for ``as`` and ``as-uid`` of a kubeconfig user."""
    headers = {"Impersonate-User": user.get("as"), "Impersonate-Uid": user.get("as-uid")}
    return {name: str(value) for name, value in headers.items() if value}


def _read_token(path: Path) -> str:
    what = f"the token file {path}"
    data = trust.read_file(path, what, "mend the kubeconfig")
    try:
        return strip_secret(decode_text(data))
    except NotTextError as error:
        raise Misconfigured(f"{what} {error}", MEND) from None
