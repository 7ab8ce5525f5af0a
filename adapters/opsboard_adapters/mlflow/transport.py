"""How an MLflow server is spoken to: signed, bounded in number, paged to the end.

What may change something goes through :meth:`Transport.change` alone, and needs a permit.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import httpx

from opsboard.adapter import Forbidden, Permit, SourceError
from opsboard_adapters import http
from opsboard_adapters.changing import change
from opsboard_adapters.slots import RequestSlots

PREFIX: Final = "api/2.0/mlflow/"

Parameters = Mapping[str, str | int | Sequence[str]]


class Transport:
    """One server. *page_limit* lowers the size of all pages, for tests of paging."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        now: Callable[[], datetime],
        max_parallel: int = 4,
        page_limit: int | None = None,
    ) -> None:
        self._client = client
        self._now = now
        self._slots = RequestSlots(max_parallel)
        self._page_limit = page_limit

    async def get(self, path: str, parameters: Parameters) -> dict[str, Any]:
        """Return the object that GET *path* answers."""
        return await self.fetch(PREFIX + path, parameters)

    async def fetch(self, path: str, parameters: Parameters) -> dict[str, Any]:
        """Return the object that GET *path* answers, a path from the root of the server."""
        return await self._object(self._client.build_request("GET", path, params=dict(parameters)))

    async def _post(self, path: str, query: dict[str, Any], token: str) -> dict[str, Any]:
        content = {**query, "page_token": token} if token else query
        request = self._client.build_request("POST", PREFIX + path, json=content)
        return await self._object(request, reads=True)

    async def _object(self, request: httpx.Request, *, reads: bool = False) -> dict[str, Any]:
        return http.read_json(await self._send(request, reads=reads))

    async def _send(self, request: httpx.Request, *, reads: bool = False) -> httpx.Response:
        async with self._slots.slot():
            try:
                return await http.send(self._client, request, now=self._now, reads=reads)
            except SourceError as error:
                raise explained(error) from None

    def _pages(self, path: str, query: Parameters, size: int) -> AsyncIterator[dict[str, Any]]:
        async def page(token: str) -> dict[str, Any]:
            more = {"page_token": token} if token else {}
            return await self.get(path, {**query, "max_results": self._page(size), **more})

        return self._paged(path, page)

    async def _paged(self, path: str, page: Callable[[str], Any]) -> AsyncIterator[dict[str, Any]]:
        pages = http.Pages(f"GET {PREFIX}{path}", http.bounds_of_client(self._client))
        token = ""
        while True:
            body: dict[str, Any] = await page(token)
            yield body
            token = str(body.get("next_page_token") or "")
            if not token:
                return
            pages.onward(token)

    def _page(self, size: int) -> int:
        return min(size, self._page_limit or size)

    async def change(self, method: str, path: str, body: Mapping[str, Any], permit: Permit) -> None:
        """Send what changes something, once. Raises :exc:`Uncertain` where no answer came."""
        request = self._client.build_request(method, PREFIX + path, json=dict(body))
        async with self._slots.slot():
            try:
                await change(self._client, request, now=self._now, permit=permit)
            except SourceError as error:
                raise explained(error) from None


def explained(error: SourceError) -> SourceError:
    """Return *error* with a better mend, where MLflow refuses for a reason of its own."""
    refused = isinstance(error, Forbidden) and (
        "Invalid Host header" in error.message or "origin" in error.message.lower()
    )
    if not refused:
        return error
    return Forbidden(
        error.message,
        "the server does not know itself by this name: start it with --allowed-hosts naming it",
    )
