"""Requests to a registry: signed, bounded, paged, redirected without the login, and checked."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import httpx
import msgspec

from opsboard.adapter import (
    Malformed,
    SourceError,
    Throttled,
    Unauthenticated,
    is_background,
)
from opsboard_adapters import http
from opsboard_adapters.http import redirects
from opsboard_adapters.http.concurrency import RequestSlots
from opsboard_adapters.registry.auth import MAX_RENEWALS, Authorizer
from opsboard_adapters.registry.content_store import ContentStore, verify
from opsboard_adapters.registry.rate_limits import RegistryLimits

_ANY_STATUS: Final = frozenset(range(200, 600))
_MOST_ERRORS: Final = 3


@dataclass(frozen=True, slots=True)
class Answered:
    """A page of a listing, with its ETag, for the next time that it is asked for."""

    etag: str
    response: httpx.Response


class RegistryTransport:
    """One registry. *elsewhere* is a client for other hosts, where blobs are redirected to."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        elsewhere: httpx.AsyncClient,
        authorizer: Authorizer,
        store: ContentStore,
        *,
        now: Callable[[], datetime],
        max_parallel: int = 4,
    ) -> None:
        self._client = client
        self._elsewhere = elsewhere
        self.authorizer = authorizer
        self._store = store
        self._now = now
        self._slots = RequestSlots(max_parallel)
        self.limits = RegistryLimits(now)
        self._pages: dict[str, Answered] = {}

    @property
    def host(self) -> str:
        return self._client.base_url.netloc.decode("ascii", "replace")

    # --- one answer ---

    async def get(
        self,
        path: str,
        scope: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        kind: http.ResponseKind = http.ResponseKind.OBJECT,
        anywhere: bool = False,
    ) -> httpx.Response:
        """Return the response to *path*, of status 200 or 304. Raises :exc:`SourceError`.

        With *anywhere*, other hosts may answer it, which the registry redirects to: they are sent
        no login, and their answer has to be checked.
        """
        if is_background():
            self.limits.check_open()
        async with self._slots.slot():
            for _ in range(MAX_RENEWALS + 1):
                signed = await self.authorizer.headers(scope)
                request = self._client.build_request(
                    method, path, headers={**(headers or {}), **signed}
                )
                response = await self._sent(request, kind, anywhere=anywhere)
                self.limits.note(response)
                if response.status_code != 401:
                    break
                if not await self.authorizer.renew(response, scope, signed):
                    break
        return self._checked(response)

    async def _sent(
        self, request: httpx.Request, kind: http.ResponseKind, *, anywhere: bool
    ) -> httpx.Response:
        """Return the response after redirects: within the registry with the login, else without."""
        client = self._client
        for _ in range(redirects.MAX_REDIRECTS):
            response = await http.send(
                client, request, now=self._now, accept=_ANY_STATUS, kind=kind
            )
            there = redirects.redirect_target(response)
            if there is None:
                return response
            left_out = {"host"}
            if not redirects.same_origin(request.url, there):
                if not anywhere:
                    return response
                client, left_out = self._elsewhere, {"host", "authorization"}
            headers = [one for one in request.headers.items() if one[0] not in left_out]
            request = client.build_request(request.method, there, headers=headers)
        raise redirects.too_many_redirects(request)

    def _checked(self, response: httpx.Response) -> httpx.Response:
        status = response.status_code
        if status in {200, 304}:
            return response
        what = f"{response.request.method} {response.request.url.path}"
        if status == 401:
            raise self.authorizer.refusal(response, self.host, what)
        error = http.status_error(response, self._now())
        said = _errors(response)
        if said:
            error = type(error)(f"{what}: {status}: {said}", error.hint, error.until)
        if isinstance(error, Throttled):
            self.limits.close(error)
        raise error

    # --- content, by digest ---

    async def content(
        self, path: str, digest: str, scope: str, headers: Mapping[str, str] | None = None
    ) -> bytes:
        """Return the content of *digest*, which is at *path*: from disk, else from the registry.

        Raises :exc:`Malformed` where the registry answers something else than was asked for.
        """
        known = await self._store.get(digest)
        if known is not None:
            return known
        response = await self.get(path, scope, headers=headers, anywhere=True)
        content = response.content
        if not verify(content, digest):
            raise Malformed(
                f"GET {path}: what came is not what its digest names",
                "a proxy in between, or a damaged registry? Retried automatically",
            )
        await self._store.put(digest, content)
        return content

    # --- listings ---

    async def pages(self, path: str, scope: str, key: str) -> AsyncIterator[list[Any]]:
        """Yield the items under *key* of a listing, by page, following its links.

        A page that the registry gives an ETag for is asked for with it the next time.
        """
        guard = http.PageGuard(path, http.limits_of_client(self._client))
        while path:
            response = await self._page(path, scope)
            items = _items(response, key)
            yield items
            path = _next_page(response)
            if path:
                guard.advance(path, len(items))

    async def _page(self, path: str, scope: str) -> httpx.Response:
        known = self._pages.get(path)
        headers = {"If-None-Match": known.etag} if known else {}
        response = await self.get(path, scope, headers=headers, kind=http.ResponseKind.PAGE)
        if response.status_code == 304:
            if known is None:
                raise Malformed(
                    f"GET {path}: not modified, though nothing is known", "retried automatically"
                )
            return known.response
        if etag := response.headers.get("ETag", ""):
            self._pages[path] = Answered(etag, response)
        return response


def _items(response: httpx.Response, key: str) -> list[Any]:
    """Return the list under *key*: ``null`` stands for an empty one (distribution#2434)."""
    body = http.read_json(response)
    items = body.get(key)
    if items is None and key in body:
        return []
    if not isinstance(items, list):
        raise Malformed(
            f"GET {response.request.url.path}: no list of {key} in the answer",
            "is the URL that of a registry?",
        )
    return items


def _next_page(response: httpx.Response) -> str:
    """Return the URL of the next page, by the ``Link`` header (RFC 8288); ``""`` at the end.

    It is always asked for where the last page came from: a registry behind a proxy may give a host
    that only it knows, and no login is taken to another one.
    """
    link = response.links.get("next", {}).get("url", "")
    if not link:
        return ""
    here = response.request.url
    try:
        there = here.join(link)
        return str(here.copy_with(raw_path=there.raw_path))
    except (httpx.InvalidURL, ValueError, TypeError):
        raise Malformed(
            f"GET {here.path}: the next page has no usable address", "retried automatically"
        ) from None


def _errors(response: httpx.Response) -> str:
    """Return what the registry says of an error: code and message."""
    if http.looks_like_html(response):
        return ""
    try:
        body = msgspec.json.decode(response.content)
    except (ValueError, RecursionError):
        return ""
    errors = body.get("errors") if isinstance(body, dict) else None
    found = []
    for error in (errors if isinstance(errors, list) else ())[:_MOST_ERRORS]:
        if isinstance(error, dict):
            parts = (error.get("code"), error.get("message"))
            found.append(": ".join(part for part in parts if isinstance(part, str) and part))
    return "; ".join(filter(None, found))[: http.EXCERPT_CHARS]


def ends_all(error: SourceError) -> bool:
    """Tell whether *error* concerns every request to the registry."""
    return isinstance(error, Unauthenticated | Throttled)
