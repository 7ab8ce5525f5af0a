"""The HTTP client of one cluster: get, list, watch, stream a log, send a change.

Source of the protocol: *Kubernetes API Concepts*; :mod:`.protocol` has its requests and answers.
"""

import ssl
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterator,
    Mapping,
)
from contextlib import aclosing, asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar

import httpx
from pydantic_core import to_json

from opsboard.adapter import (
    Context,
    Forbidden,
    Malformed,
    OutcomeUnknown,
    Permit,
    SourceError,
    Unauthenticated,
    Unreachable,
)
from opsboard_adapters import http
from opsboard_adapters.http import mutations
from opsboard_adapters.http.decoding import decode_each, decode_object, decode_page
from opsboard_adapters.kubernetes.access import tls
from opsboard_adapters.kubernetes.access.clusters import ClusterAccess, proxy_of
from opsboard_adapters.kubernetes.access.login import KubernetesLogin
from opsboard_adapters.kubernetes.protocol import (
    MAX_EVENT_BYTES,
    METADATA_ACCEPT,
    METADATA_LIST_ACCEPT,
    WATCH_OPENED,
    ChangeRequest,
    ExpiredError,
    ListPage,
    ListRequest,
    Parameters,
    RefusedError,
    V1List,
    V1WatchEvent,
    object_name,
    read_event,
)

WATCH_TIMEOUT_SECONDS: Final = 290
"""How long the server is asked to keep a watch open; then it is resumed at its last version."""

WATCH_READ_TIMEOUT: Final = 100.0
"""Seconds of silence after which a watch counts as dead: bookmarks come about every 60 s."""

LOG_READ_TIMEOUT: Final = 3_600.0
"""Seconds of silence after which a followed log counts as dead."""

SKEW_TOLERANCE: Final = timedelta(seconds=5)
"""Difference between two clocks that is not corrected: requests take about as long."""

_HANDLED: Final = frozenset({401, 410})
_READ: Final = frozenset({200}) | _HANDLED
_DEFINITE: Final = frozenset(range(200, 500))
"""Statuses of answers that say for sure whether the change was done."""

T = TypeVar("T")


class ClusterClient:
    """Sends requests to one cluster. Made by :func:`open_cluster_client`."""

    def __init__(
        self, client: http.BoundedClient, access: ClusterAccess, now: Callable[[], datetime]
    ):
        self._client = client
        self._access = access
        self._now = now
        self.clock_skew = timedelta(0)
        """How far the server's clock is ahead of ours, where that exceeds the tolerance."""

    @property
    def bounds(self) -> http.ResponseLimits:
        """The limits on the size of an answer."""
        return self._client.response_limits

    async def get(
        self,
        path: str,
        parameters: Parameters | None = None,
        *,
        metadata_only: bool = False,
        **extra: Any,
    ) -> dict[str, Any]:
        """Return the object at *path*. Raises :exc:`ExpiredError` and :exc:`SourceError`."""
        request = self._build(
            "GET", path, parameters, **_accept_headers("", metadata_only), **extra
        )
        return http.read_json(await self._answer(request, kind=http.ResponseKind.OBJECT))

    async def get_struct(
        self, path: str, struct: type[T], *, metadata_only: bool = False, accept: str = ""
    ) -> T:
        """Return the object at *path* as a *struct*. Raises the same."""
        request = self._build("GET", path, None, **_accept_headers(accept, metadata_only))
        return decode_object(await self._answer(request, kind=http.ResponseKind.OBJECT), struct)

    async def list_page(
        self, listing: ListRequest[T], parameters: Parameters, **extra: Any
    ) -> ListPage[T]:
        """Return the page of *listing* that *parameters* select. Raises the same."""

        def name(values: Any, _: int) -> str:
            return object_name(listing.kind, values)

        async def read(response: httpx.Response) -> ListPage[T]:
            page, items = await decode_page(response, V1List, "items")
            objects = await decode_each(items, listing.struct, listing.skips, name)
            return ListPage(objects, page.metadata.resource_version, page.metadata.continue_)

        accept = METADATA_LIST_ACCEPT if listing.metadata_only else ""
        wanted = {**listing.parameters, **parameters}
        return await self.read_page(listing.path, wanted, read, accept=accept, **extra)

    async def read_page(
        self,
        path: str,
        parameters: Parameters,
        decode: Callable[[httpx.Response], Awaitable[T]],
        *,
        accept: str = "",
        **extra: Any,
    ) -> T:
        """Return what *decode* makes of a page at *path*, asked for as *accept*."""

        async def read(response: httpx.Response) -> T:
            self._check(response)
            return await decode(response)

        request = self._build("GET", path, parameters, **_accept_headers(accept), **extra)
        with self._explain_anonymous():
            return await http.fetch(self._client, request, read, now=self._now, accept=_READ)

    async def review(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to a review, which is a POST that changes nothing."""
        request = self._build("POST", path, None, json=body)
        answer = await self._answer(request, accept=frozenset({200, 201}), reads=True)
        return http.read_json(answer)

    async def dry_run(self, request: ChangeRequest) -> dict[str, Any]:
        """Return the answer to *request* as a server-side dry run. Raises :exc:`RefusedError`."""
        response = await http.send(
            self._client,
            self._build_change(request.as_dry_run),
            now=self._now,
            accept=_DEFINITE,
            reads=True,
        )
        return self._accepted(response)

    async def send_change(self, request: ChangeRequest, permit: Permit) -> dict[str, Any]:
        """Send *request* once, with the *permit* of its plan, and return the answer.

        Raises :exc:`RefusedError` where the server refuses it, and
        :exc:`~opsboard.adapter.OutcomeUnknown` where it is unknown whether it was done.
        """
        response = await mutations.send_mutation(
            self._client,
            self._build_change(request),
            now=self._now,
            accept=_DEFINITE,
            permit=permit,
        )
        try:
            return self._accepted(response)
        except Malformed as error:  # a proxy's page with a status of success
            raise OutcomeUnknown(
                f"it may have been done, or not: {error.message}", "look at it before you try again"
            ) from None

    def _build_change(self, request: ChangeRequest) -> httpx.Request:
        headers = {"Content-Type": request.content_type}
        content = to_json(request.body)
        return self._build(
            request.method, request.path, request.parameters, content=content, headers=headers
        )

    def _accepted(self, response: httpx.Response) -> dict[str, Any]:
        if response.status_code == 401:
            raise self._unauthenticated()
        if response.status_code >= 300:
            raise RefusedError(http.status_error(response, self._now()), response.status_code)
        self._note_clock(response)
        return http.read_json(response)

    async def watch(
        self, path: str, parameters: Parameters, *, metadata_only: bool = False, accept: str = ""
    ) -> AsyncGenerator[V1WatchEvent, None]:
        """Yield watch events until the server ends the watch; the first is :data:`WATCH_OPENED`.

        Raises :exc:`ExpiredError` for 410 Gone, as a status or as an event, and
        :exc:`SourceError` where the connection breaks or falls silent.
        """
        full = {**parameters, "watch": True, "timeoutSeconds": WATCH_TIMEOUT_SECONDS}
        bookmarked = {**full, "allowWatchBookmarks": True}
        async with self._stream(
            path,
            bookmarked,
            silence=WATCH_READ_TIMEOUT,
            longest=MAX_EVENT_BYTES,
            cut=False,
            **_accept_headers(accept, metadata_only),
        ) as lines:
            yield WATCH_OPENED
            async for line in lines:
                yield read_event(line, path)

    @asynccontextmanager
    async def log_lines(
        self, path: str, parameters: Parameters
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """Open a log and yield its lines; one that is followed may be silent for an hour, and the
        kubelet does not even answer before its first line.

        Lines longer than :data:`http.MAX_LINE_BYTES` are cut (:func:`http.omitted_bytes`).
        """
        followed = bool(parameters.get("follow"))
        async with self._stream(
            path,
            parameters,
            silence=LOG_READ_TIMEOUT if followed else self._client.response_limits.seconds,
            longest=http.MAX_LINE_BYTES,
            cut=True,
            accept=frozenset({200, 204}),  # 204: the pod is on no node yet
            kind=http.ResponseKind.STREAM if followed else http.ResponseKind.LOG,
            extensions={http.PATIENCE_EXTENSION: LOG_READ_TIMEOUT} if followed else None,
        ) as lines:
            yield lines

    @asynccontextmanager
    async def _stream(
        self,
        path: str,
        parameters: Parameters,
        *,
        silence: float,
        longest: int,
        cut: bool,
        kind: http.ResponseKind = http.ResponseKind.STREAM,
        accept: frozenset[int] = frozenset({200}),
        **extra: Any,
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        usual = self._client.timeout
        timeout = httpx.Timeout(usual.write, connect=usual.connect, read=silence)
        request = self._build("GET", path, parameters, timeout=timeout, **extra)
        response = await self._answer(request, accept=accept, stream=True, kind=kind)
        try:
            async with aclosing(
                http.iter_lines(response, max_bytes=longest, truncate=cut, idle_timeout=silence)
            ) as lines:
                yield lines
        finally:
            await response.aclose()

    def _build(
        self, method: str, path: str, parameters: Parameters | None, **extra: Any
    ) -> httpx.Request:
        texts = {key: _text(value) for key, value in (parameters or {}).items()}
        try:
            return self._client.build_request(method, path, params=texts, **extra)
        except (httpx.InvalidURL, ValueError, TypeError) as error:
            raise Unreachable(
                f"{self._access.server}{path} is no usable URL: {error}",
                "fix the server in the kubeconfig, and the namespaces in config",
            ) from None

    async def _answer(
        self,
        request: httpx.Request,
        *,
        accept: frozenset[int] = frozenset({200}),
        stream: bool = False,
        kind: http.ResponseKind = http.ResponseKind.PAGE,
        reads: bool = False,
    ) -> httpx.Response:
        with self._explain_anonymous():
            response = await http.send(
                self._client,
                request,
                now=self._now,
                accept=accept | _HANDLED,
                stream=stream,
                kind=kind,
                reads=reads,
            )
        if stream and response.status_code in _HANDLED:
            await response.aclose()
        self._check(response)
        return response

    def _check(self, response: httpx.Response) -> None:
        """Raise the error for 401 or 410; note the server's clock otherwise."""
        if response.status_code == 410:
            raise ExpiredError(f"{response.request.method} {response.request.url.path}")
        if response.status_code == 401:
            raise self._unauthenticated()
        self._note_clock(response)

    @contextmanager
    def _explain_anonymous(self) -> Iterator[None]:
        """Add to a 403 that no login was sent, where that is so."""
        try:
            yield
        except Forbidden as error:
            if (anonymous := self._access.anonymous_health) is None:
                raise
            raise Forbidden(f"{error.message} ({anonymous.message})", anonymous.hint) from None

    def _unauthenticated(self) -> SourceError:
        if (anonymous := self._access.anonymous_health) is not None:
            return Unauthenticated(f"{anonymous.message}; it wants one (401)", anonymous.hint)
        who = self._access.user_name or "nobody"
        return Unauthenticated(
            f"{self._access.server} does not accept the credentials of {who!r} (401)",
            "log in to the cluster again; check the user in the kubeconfig",
        )

    def _note_clock(self, response: httpx.Response) -> None:
        theirs = http.parse_http_date(response.headers.get("Date", ""))
        if theirs is None:  # two dates in one header, or a date without a zone
            return
        skew = theirs - self._now()
        skew = skew if abs(skew) > SKEW_TOLERANCE else timedelta(0)
        if abs(skew - self.clock_skew) > SKEW_TOLERANCE:  # less is jitter of the same skew
            self.clock_skew = skew


@asynccontextmanager
async def open_cluster_client(
    access: ClusterAccess,
    context: Context,
    seconds: float = http.DEFAULT_TIMEOUT,
    bounds: http.ResponseLimits | None = None,
) -> AsyncIterator[ClusterClient]:
    """Log in to the cluster of *access*, and yield its client. Raises :exc:`SourceError`.

    *seconds* is the timeout of a request, *bounds* limit the size of answers.
    """
    user = access.sent_user
    login = KubernetesLogin(
        user,
        access.cluster,
        env=context.host_environ.env,
        now=context.now,
        register_secret=context.register_secret,
    )
    trust = tls.tls_context(access.cluster, user) if access.secure else None
    if trust is not None:
        login.on_certificate = partial(tls.use_certificate, trust)
    await login.credential()
    client = http.open_client(
        access.server,
        headers={"Accept": "application/json", **_encoding_header(access)},
        auth=login,
        verify=trust or True,
        proxy=proxy_of(access.cluster, access.cluster_name),
        proxy_trust=_proxy_trust(access),
        max_connections=None,
        timeout=seconds,
        response_limits=bounds,
    )
    async with client:
        yield ClusterClient(client, access, context.now)


def _encoding_header(access: ClusterAccess) -> dict[str, str]:
    """Return the header that turns compression off, where the kubeconfig asks for that."""
    return {"Accept-Encoding": "identity"} if access.cluster.get("disable-compression") else {}


def _proxy_trust(access: ClusterAccess) -> ssl.SSLContext | None:
    """Return the TLS context for an HTTPS proxy: it is trusted as the cluster itself is."""
    url = str(access.cluster.get("proxy-url") or "")
    if not (access.secure and url.lower().startswith("https:")):
        return None
    return tls.tls_context_for_proxy(access.cluster, access.sent_user)


def _accept_headers(accept: str, metadata_only: bool = False) -> dict[str, Any]:
    accept = accept or (METADATA_ACCEPT if metadata_only else "")
    return {"headers": {"Accept": accept}} if accept else {}


def _text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
