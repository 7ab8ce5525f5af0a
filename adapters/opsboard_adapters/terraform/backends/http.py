"""States behind an address, as Terraform's HTTP backend keeps them (GitLab, Atlantis, own servers).

Only ``GET`` is sent: the methods that lock would take the lock. What an answer says in its body is
never quoted, since it may be the state.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final
from urllib.parse import quote, unquote, urlsplit

import httpx

from opsboard.adapter import ANYBODY, Principal, SourceError
from opsboard_adapters import http
from opsboard_adapters.terraform.backends.backend import Backend, StateAddress, StateContent
from opsboard_adapters.terraform.locks import Lock, read_lock
from opsboard_adapters.terraform.settings import WORKSPACE_PLACE

_ANY: Final = frozenset(range(200, 600))
_NONE: Final = frozenset({204, 404})
"""There is no state yet: Terraform takes both for that."""
_NOT_TOLD: Final = frozenset({204, 400, 403, 404, 405, 501})
"""Who holds the lock is not told, or nobody does: no server has to answer a GET there."""
LOCKED: Final = 423


@dataclass(slots=True)
class _StateUrls:
    """Where one state is, what tells who holds its lock, and what was answered last."""

    address: StateAddress
    lock_url: str | None
    etag: str = ""
    held: Lock | None = None


class HttpBackend(Backend):
    """The state at *address*; with ``{workspace}`` in that, the states of all *workspaces*.

    *lock_address* may tell who holds the lock of each.
    """

    name = "http"

    def __init__(
        self,
        client: httpx.AsyncClient,
        address: str,
        lock_address: str | None,
        workspaces: Sequence[str],
        *,
        username: str,
        now: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._username = username
        self._now = now
        self.address = address
        names = workspaces or [_name_in(address)]
        self._states = {name: _state_urls(address, lock_address, name) for name in names}

    async def principal(self) -> Principal | None:
        """Return the user whose login the server takes."""
        if not self._username:
            return ANYBODY
        await self._get(next(iter(self._states.values())).address.location)
        return Principal(name=self._username)

    async def addresses(self) -> Sequence[StateAddress]:
        return [one.address for one in self._states.values()]

    async def read(self, one: StateAddress, known: str) -> StateContent | None:
        state = self._states[one.workspace]
        headers = {"If-None-Match": known} if known and known == state.etag else {}
        response = await self._get(one.location, headers)
        status = response.status_code
        state.held = read_lock(response.content) if status == LOCKED else None
        if status == 304 or (status == LOCKED and known):
            return None
        if status in _NONE:
            state.etag = ""
            return StateContent(None, "none") if known != "none" else None
        if status != 200:
            raise self._error(response)
        body = response.content
        state.etag = response.headers.get("ETag", "")
        version = state.etag or blake2b(body, digest_size=16).hexdigest()
        if version == known:
            return None
        changed = http.parse_http_date(response.headers.get("Last-Modified", ""))
        return StateContent(body or None, version, changed)

    async def lock(self, one: StateAddress) -> Lock | None:
        state = self._states[one.workspace]
        if state.held is not None or state.lock_url is None:
            return state.held
        response = await self._get(state.lock_url)
        if response.status_code in _NOT_TOLD:
            return None
        if response.status_code not in {200, LOCKED}:
            raise self._error(response)
        return read_lock(response.content) if response.content.strip() not in {b"", b"{}"} else None

    async def _get(self, url: str, headers: dict[str, str] | None = None) -> httpx.Response:
        request = self._client.build_request("GET", url, headers=headers)
        response = await http.send(
            self._client, request, now=self._now, accept=_ANY, kind=http.ResponseKind.OBJECT
        )
        if response.status_code in {401, 407, 429} or response.status_code >= 500:
            raise self._error(response)
        return response

    def _error(self, response: httpx.Response) -> SourceError:
        """Return what the status stands for, without anything of the body."""
        error = http.status_error(response, self._now())
        what = f"GET {response.request.url.path}: {response.status_code}"
        return type(error)(what, error.hint, error.until)


def _name_in(address: str) -> str:
    """Return the last part of the path of *address*."""
    parts = [unquote(part) for part in urlsplit(address).path.split("/") if part]
    return parts[-1] if parts else urlsplit(address).netloc


def _state_urls(address: str, lock_address: str | None, name: str) -> _StateUrls:
    """Return the addresses of the state *name*, which stands for ``{workspace}`` in them."""
    part = quote(name, safe="")
    url = address.replace(WORKSPACE_PLACE, part)
    lock_url = lock_address.replace(WORKSPACE_PLACE, part) if lock_address is not None else None
    return _StateUrls(StateAddress(name, name, name, url), lock_url)
