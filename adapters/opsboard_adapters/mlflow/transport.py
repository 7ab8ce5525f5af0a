"""Requests to an MLflow server: authenticated, bounded in number, paged to the end.

What may change something goes through :meth:`Transport.change` alone, and needs a permit.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

import httpx

from opsboard.adapter import Forbidden, Malformed, Permit, SourceError
from opsboard_adapters import http
from opsboard_adapters.http.concurrency import RequestSlots
from opsboard_adapters.http.decoding import decode_each, decode_object, decode_page
from opsboard_adapters.http.mutations import send_mutation
from opsboard_adapters.listing.completeness import SkippedRecords
from opsboard_adapters.listing.partial import PartialList
from opsboard_adapters.mlflow.structs import MLflowPage

PREFIX: Final = "api/2.0/mlflow/"

Parameters = Mapping[str, str | int | Sequence[str]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ListField(Generic[T]):
    """A listing: its *key* in a page, the *struct* of an item, how an odd item is *described*."""

    key: str
    struct: type[T]
    describe: Callable[[Any, int], str]


class MLflowTransport:
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

    @property
    def at_once(self) -> int:
        """How many requests are under way at a time."""
        return self._slots.total

    # --- one answer ---

    async def get(self, path: str, parameters: Parameters) -> dict[str, Any]:
        """Return the object that GET *path* answers."""
        return await self.fetch(PREFIX + path, parameters)

    async def fetch(self, path: str, parameters: Parameters) -> dict[str, Any]:
        """Return the object that GET *path* answers, a path from the root of the server."""
        return http.read_json(await self._send(self._request("GET", path, parameters)))

    async def text(self, path: str, parameters: Parameters) -> str:
        """Return the text that GET *path* answers, a path from the root of the server."""
        response = await self._send(self._request("GET", path, parameters))
        return response.text

    async def content(self, path: str, parameters: Parameters) -> bytes:
        """Return the bytes that GET *path* answers, a path from the root of the server."""
        return (await self._send(self._request("GET", path, parameters))).content

    async def typed(self, path: str, parameters: Parameters, shape: type[T]) -> T:
        """Return what GET *path* answers, as a *shape*."""

        async def read(response: httpx.Response) -> T:
            return decode_object(response, shape)

        return await self._read(self._request("GET", PREFIX + path, parameters), read)

    def _request(self, method: str, path: str, parameters: Parameters) -> httpx.Request:
        return self._client.build_request(method, path, params=dict(parameters))

    async def _send(self, request: httpx.Request) -> httpx.Response:
        async def read(response: httpx.Response) -> httpx.Response:
            return response

        return await self._read(request, read)

    async def _read(
        self,
        request: httpx.Request,
        read: Callable[[httpx.Response], Awaitable[T]],
        *,
        reads: bool = False,
    ) -> T:
        async with self._slots.slot():
            try:
                return await http.fetch(self._client, request, read, now=self._now, reads=reads)
            except SourceError as error:
                raise explained(error) from None

    # --- listings ---

    def pages(
        self, path: str, query: Parameters, size: int, items: ListField[T], skips: SkippedRecords
    ) -> AsyncIterator[list[T]]:
        """Yield the *items* of a listing, by page; *skips* counts what cannot be read."""

        def ask(token: str) -> httpx.Request:
            more = {"page_token": token} if token else {}
            parameters = {**query, "max_results": self.page_size(size), **more}
            return self._request("GET", PREFIX + path, parameters)

        return self._paged(path, ask, items, skips)

    def searched(
        self, path: str, query: Mapping[str, Any], items: ListField[T], skips: SkippedRecords
    ) -> AsyncIterator[list[T]]:
        """Yield the *items* that are searched for by a POST, which changes nothing."""

        def ask(token: str) -> httpx.Request:
            content = {**query, "page_token": token} if token else dict(query)
            return self._client.build_request("POST", PREFIX + path, json=content)

        return self._paged(path, ask, items, skips)

    async def _paged(
        self,
        path: str,
        ask: Callable[[str], httpx.Request],
        items: ListField[T],
        skips: SkippedRecords,
    ) -> AsyncIterator[list[T]]:
        pages = http.PageGuard(PREFIX + path, http.limits_of_client(self._client))
        token = ""
        while True:
            found, token = await self.page(ask(token), items, skips, reads=True)
            yield found
            if not token:
                return
            pages.advance(token, len(found))

    async def page(
        self,
        request: httpx.Request,
        items: ListField[T],
        skips: SkippedRecords,
        *,
        reads: bool = False,
    ) -> tuple[list[T], str]:
        """Return the *items* of one page, and what leads to the next one."""

        async def read(response: httpx.Response) -> tuple[list[T], str]:
            page, raws = await decode_page(response, MLflowPage, items.key)
            if not raws:
                _check_empty(page, response)
            found = await decode_each(raws, items.struct, skips, items.describe)
            return found, page.next_page_token or ""

        return await self._read(request, read, reads=reads)

    def page_size(self, size: int) -> int:
        """Return *size*, or what all pages are limited to."""
        return min(size, self._page_limit or size)

    # --- changing ---

    async def change(self, method: str, path: str, body: Mapping[str, Any], permit: Permit) -> None:
        """Send what changes something, once. Raises :exc:`OutcomeUnknown` where no answer came."""
        request = self._client.build_request(method, PREFIX + path, json=dict(body))
        async with self._slots.slot():
            try:
                await send_mutation(self._client, request, now=self._now, permit=permit)
            except SourceError as error:
                raise explained(error) from None


def inner_object(body: Mapping[str, Any], key: str, what: str) -> dict[str, Any]:
    """Return the object *key* of an answer about *what*. Raises :exc:`Malformed`."""
    inner = body.get(key)
    if not isinstance(inner, dict):
        raise Malformed(f"{what}: the answer has no {key}", "is the URL that of an MLflow server?")
    return inner


def _check_empty(page: MLflowPage, response: httpx.Response) -> None:
    """Raise :exc:`Malformed` where an error comes with a status of success.

    Servers leave an empty list out: taken for one, an error would say that all is gone.
    """
    said = page.error_code or page.error or page.detail or page.message
    if said:
        what = f"{response.request.method} {response.request.url.path}"
        raise Malformed(f"{what}: {str(said)[: http.EXCERPT_CHARS]}", "is the server healthy?")


async def whole(pages: AsyncIterator[list[T]], limit: int | None = None) -> PartialList[T]:
    """Return all that *pages* hold, at most about *limit*. Where a later one fails, what came.

    Raises :exc:`SourceError` where the first one fails.
    """
    found: list[T] = []
    begun = False
    try:
        async for page in pages:
            begun = True
            found += page
            if limit is not None and len(found) >= limit:
                break
    except SourceError as error:
        if not begun:
            raise
        return PartialList(found, error)
    return PartialList(found)


def explained(error: SourceError) -> SourceError:
    """Return *error* with a better hint, where MLflow refuses for a reason of its own."""
    refused = isinstance(error, Forbidden) and (
        "Invalid Host header" in error.message or "origin" in error.message.lower()
    )
    if not refused:
        return error
    return Forbidden(
        error.message,
        "the server does not know itself by this name: start it with --allowed-hosts naming it",
    )


# --- the filter language -------------------------------------------------------------------------


def is_named(model: str) -> str:
    """Return the condition that the name is *model*, or, where that cannot be said, like it.

    A text in the filter language is in quotes of either kind and knows no escapes; a backslash is
    read as one all the same. ``_`` is like any one letter.
    """
    if "\\" not in model and not ("'" in model and '"' in model):
        return f"name={quoted(model)}"
    return "name LIKE '" + re.sub(r"['\"\\]", "_", model) + "'"


def quoted(text: str) -> str:
    """Return *text* as a string in MLflow's filter language, which knows no escapes."""
    return f'"{text}"' if "'" in text else f"'{text}'"
