"""Requests to GitHub's REST API: conditional, paged, within the rate limits.

Conditional requests are made here and not by hishel 2, for three reasons: a 304 must be told from a
200, because then nothing is parsed; every poll must revalidate, whatever ``max-age`` says; and
bodies must not be stored: 3,000 runs are some 50 MB of JSON, of which the board needs an ETag and
the records. hishel's storages (SQLite, Redis) exist to store bodies.

https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api

Why it is so: docs/adr/0004-no-http-cache-library.md.
"""

from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias

import httpx

from opsboard.adapter import Permit, SourceError
from opsboard_adapters import http
from opsboard_adapters.github.errors import query_error, response_error
from opsboard_adapters.github.rate_limits import RateLimits
from opsboard_adapters.http import redirects
from opsboard_adapters.http.concurrency import RequestSlots
from opsboard_adapters.http.mutations import send_mutation

Params: TypeAlias = Mapping[str, str | int]

PAGE_SIZE: Final = 100
"""Items of a page, GitHub's maximum."""
_ANY: Final = frozenset(range(100, 600))
_NOT_SERVER_ERRORS: Final = frozenset(range(100, 500))
_DOWNLOADABLE: Final = frozenset({200}) | redirects.REDIRECT_STATUSES
_PERMANENT_REDIRECTS: Final = frozenset({301, 308})
_MAX_RENAMED: Final = 1_000
_MAX_CACHED: Final = 48
_MAX_CACHED_BYTES: Final = 1_000_000
"""Bytes of a response that is cached at most."""


class GitHubApi:
    """The API of one host. *client* sends the token; *anonymous* does not, and never must."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        anonymous: httpx.AsyncClient,
        limits: RateLimits,
        *,
        now: Callable[[], datetime],
        max_parallel: int,
    ) -> None:
        self.limits = limits
        self.now = now
        self._client = client
        self._anonymous = anonymous
        self._slots = RequestSlots(max_parallel)
        self._renamed: dict[str, httpx.URL] = {}
        self._cache: OrderedDict[str, httpx.Response] = OrderedDict()

    async def get(
        self, path: str, params: Params | None = None, *, etag: str = ""
    ) -> httpx.Response:
        """GET *path* and return the response: 200, or 304 where *etag* still matches.

        Follows the redirects of a renamed repository, and remembers permanent ones.
        """
        headers = {"If-None-Match": etag} if etag else {}
        response = await self._get(self._renamed.get(path, path), params, headers)
        if response.status_code == 404 and self._renamed.pop(path, None) is not None:
            response = await self._get(path, params, headers)
        for _ in range(redirects.MAX_REDIRECTS):
            if response.status_code not in redirects.REDIRECT_STATUSES:
                break
            url = self._trusted_target(response).copy_with(query=None)
            if response.status_code in _PERMANENT_REDIRECTS:
                self._remember(path, url)
            response = await self._get(url, params, headers)
        if response.status_code == 200 or (response.status_code == 304 and etag):
            return response
        raise self.error_of(response)

    async def _get(
        self, url: httpx.URL | str, params: Params | None, headers: dict[str, str]
    ) -> httpx.Response:
        return await self._send(
            self._client.build_request("GET", url, params=params, headers=headers)
        )

    def _trusted_target(self, response: httpx.Response) -> httpx.URL:
        """Return where *response* redirects to; raise where that is another server."""
        url = redirects.trusted_target(response)
        if url is None:
            raise self.error_of(response)
        return url

    def _remember(self, path: str, url: httpx.URL) -> None:
        """Remember a permanent redirect: following it again would cost a request each time."""
        if len(self._renamed) >= _MAX_RENAMED:
            self._renamed.clear()
        self._renamed[path] = url

    async def _send(self, request: httpx.Request) -> httpx.Response:
        self.limits.check(self.now())
        async with self._slots.slot():
            self.limits.check(self.now())
            response = await http.send(self._client, request, now=self.now, accept=_ANY)
        self.limits.record(response, self.now())
        return response

    async def search(self, path: str, body: object) -> httpx.Response:
        """POST *body* to *path*, which only reads; return the response if it is 200."""
        request = self._client.build_request("POST", path, json=body)
        self.limits.check(self.now())
        async with self._slots.slot():
            self.limits.check(self.now())
            response = await http.send(self._client, request, now=self.now, accept=_ANY, reads=True)
        self.limits.record(response, self.now())
        if response.status_code == 200:
            return response
        raise self.error_of(response)

    async def query(self, document: str) -> dict[str, Any]:
        """Return the data of a GraphQL query, with ``None`` for what cannot be seen.

        Its allowance is another one than that of the rest, so that using it up stops nothing else.
        Raises :exc:`SourceError` where there is no data at all.
        """
        base = str(self._client.base_url).rstrip("/")
        path = f"{base.removesuffix('/v3')}/graphql"
        body = http.read_json(await self.search(path, {"query": document}))
        data = body.get("data")
        if isinstance(data, dict) and any(data.values()):
            return data
        raise query_error(body.get("errors"))

    async def post(self, path: str, body: object, permit: Permit) -> httpx.Response:
        """POST *body*, which changes something; return the response, be it a refusal.

        Raises :exc:`OutcomeUnknown` where no response came, or a 5xx. For a renamed repository
        GitHub does nothing and redirects (307, 308): the request is then sent there, on the same
        server. No other redirect is followed.
        """
        request = self._client.build_request("POST", path, json=body)
        response = await self._post_once(request, permit)
        for _ in range(redirects.MAX_REDIRECTS):
            url = redirects.redirect_target(response)
            same = url is not None and redirects.same_origin(url, response.request.url)
            if (
                url is None
                or not same
                or response.status_code not in redirects.SAME_METHOD_STATUSES
            ):
                break
            request = self._client.build_request("POST", url, json=body)
            response = await self._post_once(request, permit)
        return response

    async def _post_once(self, request: httpx.Request, permit: Permit) -> httpx.Response:
        self.limits.check(self.now())
        async with self._slots.slot():
            response = await send_mutation(
                self._client, request, now=self.now, permit=permit, accept=_NOT_SERVER_ERRORS
            )
        self.limits.record(response, self.now())
        return response

    def error_of(self, response: httpx.Response) -> SourceError:
        """Return the error that *response* stands for."""
        now = self.now()
        limited = self.limits.error_of(response, now)
        authenticated = self.limits.authenticated
        return limited or response_error(response, now, authenticated=authenticated)

    async def pages(
        self, path: str, params: Params, first: httpx.Response | None = None
    ) -> AsyncIterator[httpx.Response]:
        """Yield the pages of a listing, beginning with *first* if that is at hand."""
        pages = http.PageGuard(f"GET {path}", http.limits_of_client(self._client))
        response = first or await self.get(path, params)
        yield response
        while following := next_page(response, params):
            pages.advance(str(httpx.QueryParams(dict(following))))
            params = following
            response = await self.get(path, params)
            yield response

    async def get_object(self, path: str, params: Params | None = None) -> dict[str, Any]:
        """Return the JSON object at *path*. Free of charge where it has not changed (304)."""
        return http.read_json(await self.get_cached(path, params))

    async def get_array(self, path: str, params: Params | None = None) -> list[dict[str, Any]]:
        """Return the JSON array at *path*. Free of charge where it has not changed (304)."""
        return http.read_array(await self.get_cached(path, params))

    async def get_cached(self, path: str, params: Params | None = None) -> httpx.Response:
        """Return the response at *path*, with headers. Revalidates a cached one by its ETag."""
        key = f"{path}?{httpx.QueryParams(dict(params or {}))}"
        known = self._cache.get(key)
        response = await self.get(path, params, etag=known.headers["ETag"] if known else "")
        if response.status_code == 304 and known is not None:
            response = known
        if response.headers.get("ETag") and len(response.content) <= _MAX_CACHED_BYTES:
            self._cache[key] = response  # it may have been evicted during the request
            self._cache.move_to_end(key)
            while len(self._cache) > _MAX_CACHED:
                self._cache.popitem(last=False)
        return response

    async def download(self, path: str) -> httpx.Response:
        """Return the open response that *path* redirects to; the caller closes it.

        Redirects of a renamed repository are followed with the token. The last one leads to a
        storage host whose URL carries the permission to read: it is followed without the token.
        """
        response = await self._get(path, None, {})
        for _ in range(redirects.MAX_REDIRECTS):
            if response.status_code not in redirects.REDIRECT_STATUSES:
                break
            if (url := redirects.trusted_target(response)) is None:
                return await self._download_anonymously(response)
            response = await self._get(url, None, {})
        if response.status_code == 200:
            return response
        raise self.error_of(response)

    async def _download_anonymously(self, response: httpx.Response) -> httpx.Response:
        """Follow the redirect in *response* without the token."""
        for _ in range(redirects.MAX_REDIRECTS):
            if (url := redirects.redirect_target(response)) is None:
                raise self.error_of(response)
            response = await http.send(
                self._anonymous,
                self._anonymous.build_request("GET", url),
                now=self.now,
                accept=_DOWNLOADABLE,
                stream=True,
                kind=http.ResponseKind.LOG,
            )
            if response.status_code == 200:
                return response
            await response.aclose()
        raise redirects.too_many_redirects(response.request)


def next_page(response: httpx.Response, params: Params) -> Params | None:
    """Return the parameters of the page after *response*, by its ``Link`` header (RFC 8288).

    Only the query is taken from the header: host and path stay the same.
    """
    url = response.links.get("next", {}).get("url")
    if not url:
        return None
    following = dict(httpx.URL(url).params)
    return None if following == {k: str(v) for k, v in params.items()} else following
