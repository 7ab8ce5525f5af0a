"""One cluster's API: get, watch, stream a log.

Source of the protocol: *Kubernetes API Concepts* (efficient detection of changes, chunking).
"""

import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, Generic, TypeVar

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
from opsboard_adapters.kubernetes.requests import ChangeRequest, RefusedError
from opsboard_adapters.kubernetes.structs import V1List, V1WatchEvent, object_name
from opsboard_adapters.kubernetes.watch_events import (
    MAX_EVENT_BYTES,
    WATCH_OPENED,
    ExpiredError,
    read_event,
)
from opsboard_adapters.listing.completeness import SkippedRecords

WATCH_TIMEOUT_SECONDS: Final = 290
"""How long a watch is asked to last; the server ends it, and it is taken up where it was."""

WATCH_READ_TIMEOUT: Final = 100.0
"""Seconds of silence after which a watch is taken for dead: bookmarks come about every 60 s."""

LOG_READ_TIMEOUT: Final = 3_600.0
"""Seconds of silence after which a followed log is taken for dead."""

SKEW_TOLERANCE: Final = timedelta(seconds=5)

_ODD: Final = frozenset({401, 410})
_READ: Final = frozenset({200}) | _ODD
_SAID: Final = frozenset(range(200, 500))
"""Statuses of an answer that says for sure whether something was done."""

T = TypeVar("T")
Parameters = Mapping[str, str | int | bool]


@dataclass(frozen=True, slots=True)
class ListRequest(Generic[T]):
    """A list of objects of that *shape* and *kind*. Those that cannot be read go to *skips*."""

    path: str
    struct: type[T]
    skips: SkippedRecords
    kind: str = "object"
    parameters: Parameters = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListPage(Generic[T]):
    """A page of a list: those of its *objects* that can be read, and where the list goes on."""

    objects: list[T]
    resource_version: str
    continue_token: str


class ClusterClient:
    """Requests to one cluster. Made by :func:`open_api`."""

    def __init__(
        self, client: http.BoundedClient, access: ClusterAccess, now: Callable[[], datetime]
    ):
        self._client = client
        self._access = access
        self._now = now
        self.clock_skew = timedelta(0)
        """How far the server's clock is ahead of ours, where that is more than noise."""

    @property
    def bounds(self) -> http.ResponseLimits:
        """How much of an answer is taken."""
        return self._client.response_limits

    async def get(
        self, path: str, parameters: Parameters | None = None, **extra: Any
    ) -> dict[str, Any]:
        """Return the object at *path*. Raises :exc:`ExpiredError` and :exc:`SourceError`."""
        request = self._build("GET", path, parameters, **extra)
        return http.read_json(await self._answer(request, kind=http.ResponseKind.OBJECT))

    async def get_struct(self, path: str, shape: type[T]) -> T:
        """Return the object at *path* as a *shape*. Raises likewise."""
        request = self._build("GET", path, None)
        return decode_object(await self._answer(request, kind=http.ResponseKind.OBJECT), shape)

    async def list_page(
        self, listing: ListRequest[T], parameters: Parameters, **extra: Any
    ) -> ListPage[T]:
        """Return the page of *listing* that *parameters* ask for. Raises likewise."""

        def name(values: Any, _: int) -> str:
            return object_name(listing.kind, values)

        async def read(response: httpx.Response) -> ListPage[T]:
            self._check(response)
            page, items = await decode_page(response, V1List, "items")
            objects = await decode_each(items, listing.struct, listing.skips, name)
            return ListPage(objects, page.metadata.resource_version, page.metadata.continue_)

        wanted = {**listing.parameters, **parameters}
        request = self._build("GET", listing.path, wanted, **extra)
        with self._told_who_asks():
            return await http.fetch(self._client, request, read, now=self._now, accept=_READ)

    async def review(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to a review. Nothing here changes the cluster."""
        request = self._build("POST", path, None, json=body)
        answer = await self._answer(request, accept=frozenset({200, 201}), reads=True)
        return http.read_json(answer)

    async def dry_run(self, sending: ChangeRequest) -> dict[str, Any]:
        """Return what the server says to *sending*, of which it does nothing (a dry run)."""
        response = await http.send(
            self._client, self._wrap(sending.as_dry_run), now=self._now, accept=_SAID, reads=True
        )
        return self._said(response)

    async def send_change(self, sending: ChangeRequest, permit: Permit) -> dict[str, Any]:
        """Send what changes the cluster, once, and return the answer.

        Raises :exc:`RefusedError` where the server refuses it, and
        :exc:`~opsboard.adapter.OutcomeUnknown` where nobody knows whether it was done.
        """
        response = await mutations.send_mutation(
            self._client, self._wrap(sending), now=self._now, accept=_SAID, permit=permit
        )
        try:
            return self._said(response)
        except Malformed as error:  # a proxy's page, with a status that says that all went well
            raise OutcomeUnknown(
                f"it may have been done, or not: {error.message}", "look at it before you try again"
            ) from None

    def _wrap(self, sending: ChangeRequest) -> httpx.Request:
        headers = {"Content-Type": sending.content_type}
        content = to_json(sending.body)
        return self._build(
            sending.method, sending.path, sending.parameters, content=content, headers=headers
        )

    def _said(self, response: httpx.Response) -> dict[str, Any]:
        if response.status_code == 401:
            raise self._unauthenticated()
        if response.status_code >= 300:
            raise RefusedError(http.status_error(response, self._now()), response.status_code)
        self._note_clock(response)
        return http.read_json(response)

    async def watch(self, path: str, parameters: Parameters) -> AsyncGenerator[V1WatchEvent, None]:
        """Yield watch events until the server ends the watch; the first says :data:`OPENED`.

        Raises :exc:`ExpiredError` for 410 Gone, as a status or as an event, and
        :exc:`SourceError` for a connection that breaks or falls silent.
        """
        full = {**parameters, "watch": True, "timeoutSeconds": WATCH_TIMEOUT_SECONDS}
        bookmarked = {**full, "allowWatchBookmarks": True}
        async with self._stream(
            path, bookmarked, silence=WATCH_READ_TIMEOUT, longest=MAX_EVENT_BYTES, cut=False
        ) as lines:
            yield WATCH_OPENED
            async for line in lines:
                yield read_event(line, path)

    @asynccontextmanager
    async def log_lines(
        self, path: str, parameters: Parameters
    ) -> AsyncIterator[AsyncIterator[str]]:
        """Open a log; one that is followed may be silent for long. Long lines are cut."""
        followed = bool(parameters.get("follow"))
        async with self._stream(
            path,
            parameters,
            silence=LOG_READ_TIMEOUT if followed else self._client.response_limits.seconds,
            longest=http.MAX_LINE_BYTES,
            cut=True,
            kind=http.ResponseKind.STREAM if followed else http.ResponseKind.LOG,
        ) as lines:
            yield (line.decode("utf-8", "replace") async for line in lines)

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
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        usual = self._client.timeout
        timeout = httpx.Timeout(usual.write, connect=usual.connect, read=silence)
        request = self._build("GET", path, parameters, timeout=timeout)
        response = await self._answer(request, stream=True, kind=kind)
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
        with self._told_who_asks():
            response = await http.send(
                self._client,
                request,
                now=self._now,
                accept=accept | _ODD,
                stream=stream,
                kind=kind,
                reads=reads,
            )
        if stream and response.status_code in _ODD:
            await response.aclose()
        self._check(response)
        return response

    def _check(self, response: httpx.Response) -> None:
        """Raise what the server says of the login, or of too old a version."""
        if response.status_code == 410:
            raise ExpiredError(f"{response.request.method} {response.request.url.path}")
        if response.status_code == 401:
            raise self._unauthenticated()
        self._note_clock(response)

    @contextmanager
    def _told_who_asks(self) -> Iterator[None]:
        """Have what is forbidden say so, where it is that as no login is sent."""
        try:
            yield
        except Forbidden as error:
            if (nobody := self._access.anonymous_health) is None:
                raise
            raise Forbidden(f"{error.message} ({nobody.message})", nobody.hint) from None

    def _unauthenticated(self) -> SourceError:
        if (nobody := self._access.anonymous_health) is not None:
            return Unauthenticated(f"{nobody.message}; it wants one (401)", nobody.hint)
        who = self._access.user_name or "nobody"
        return Unauthenticated(
            f"{self._access.server} does not accept the credentials of {who!r} (401)",
            "log in to the cluster again; check the user in the kubeconfig",
        )

    def _note_clock(self, response: httpx.Response) -> None:
        theirs = http.parse_http_date(response.headers.get("Date", ""))
        if theirs is None:  # two dates in one header, or one that names no zone
            return
        skew = theirs - self._now()
        skew = skew if abs(skew) > SKEW_TOLERANCE else timedelta(0)
        if abs(skew - self.clock_skew) > SKEW_TOLERANCE:  # less is the noise of the same one
            self.clock_skew = skew


@asynccontextmanager
async def open_cluster_client(
    access: ClusterAccess,
    context: Context,
    seconds: float = http.DEFAULT_TIMEOUT,
    bounds: http.ResponseLimits | None = None,
) -> AsyncIterator[ClusterClient]:
    """Log in, and open the API of the cluster that *access* leads to."""
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
        headers={"Accept": "application/json", **_accepted(access)},
        auth=login,
        verify=trust or True,
        proxy=proxy_of(access.cluster, access.cluster_name),
        proxy_trust=_trust_of_proxy(access),
        max_connections=None,
        timeout=seconds,
        response_limits=bounds,
    )
    async with client:
        yield ClusterClient(client, access, context.now)


def _accepted(access: ClusterAccess) -> dict[str, str]:
    """Return the header that has the server leave answers as they are, if that is wished."""
    return {"Accept-Encoding": "identity"} if access.cluster.get("disable-compression") else {}


def _trust_of_proxy(access: ClusterAccess) -> ssl.SSLContext | None:
    """Return the context for a proxy over TLS: it is trusted as the cluster itself is."""
    url = str(access.cluster.get("proxy-url") or "")
    if not (access.secure and url.lower().startswith("https:")):
        return None
    return tls.tls_context_for_proxy(access.cluster, access.sent_user)


def _text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
