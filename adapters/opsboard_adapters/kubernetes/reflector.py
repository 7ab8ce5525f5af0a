"""Follow one resource of one cluster: list it in pages, then watch it for ever.

What can go wrong is survived here: a watch that ends or breaks is taken up at the last resource
version; one that is too old (410 Gone), or at which the watch has failed twice, leads to a new
list, whose end says which objects are gone; a refusal or an outage is told, and tried again with
growing pauses. One object that cannot
be read hides no other: it is told as :class:`Unreadable`.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

from opsboard.adapter import Malformed, SourceError, Throttled
from opsboard_adapters import http
from opsboard_adapters.http.decoding import InvalidRecord, RawRecord, decode, decode_one
from opsboard_adapters.kubernetes.client import ClusterClient, ListRequest
from opsboard_adapters.kubernetes.pager import PAGE_SIZE, pages
from opsboard_adapters.kubernetes.resources import ApiResource
from opsboard_adapters.kubernetes.structs import V1Object, V1WatchEvent, WatchedObject, object_name
from opsboard_adapters.kubernetes.watch_events import (
    WATCH_OPENED,
    ExpiredError,
    resource_version_of,
)
from opsboard_adapters.listing.completeness import SkippedRecords

MIN_BACKOFF: Final = 1.0
MAX_BACKOFF: Final = 60.0


@dataclass(frozen=True, slots=True)
class ObjectsListed:
    """Some of the objects that exist."""

    objects: list[Any]


@dataclass(frozen=True, slots=True)
class ListCompleted:
    """All pages since the last :class:`Listed` together are all there is."""


@dataclass(frozen=True, slots=True)
class ObjectChanged:
    """This object is new or has changed."""

    object: WatchedObject


@dataclass(frozen=True, slots=True)
class ObjectDeleted:
    """This object is gone."""

    object: WatchedObject


@dataclass(frozen=True, slots=True)
class ObjectUnreadable:
    """The object called *name* has changed, and cannot be read for its *fault*.

    *object* has its metadata alone, or is ``None`` where these cannot be read either.
    """

    name: str
    fault: str
    object: WatchedObject | None


@dataclass(frozen=True, slots=True)
class WatchAlive:
    """The watch has told all there was to tell; *opened* where it has only just begun."""

    opened: bool = False


@dataclass(frozen=True, slots=True)
class ListWatchFailed:
    """The resource cannot be followed just now; it is tried again."""

    error: SourceError


@dataclass(frozen=True, slots=True)
class ListStarted:
    """The list begins anew: pages since the last :class:`Listed` count for nothing."""


ReflectorEvent = (
    ListStarted
    | ObjectsListed
    | ListCompleted
    | ObjectChanged
    | ObjectDeleted
    | ObjectUnreadable
    | WatchAlive
    | ListWatchFailed
)


async def list_and_watch(
    client: ClusterClient,
    resource: ApiResource,
    path: str,
    pause: Callable[[float], Awaitable[None]],
    skips: SkippedRecords,
) -> AsyncGenerator[ReflectorEvent, None]:
    """Yield the news of the *resource* at *path*, without end. What of a list is odd: *skips*."""
    pace = _Pace(pause)
    version = failed_at = ""
    while True:
        failed = False
        try:
            async with aclosing(_round(client, resource, path, version, skips)) as around:
                async for news, seen in around:
                    if seen != version or news == WatchAlive():
                        pace.note(news)  # what leads nowhere is no progress, however often told
                    version = seen
                    yield news
        except ExpiredError:
            version = ""
        except SourceError as error:
            failed = True
            if not isinstance(error, http.NotConnected | Throttled):  # of which none is to blame
                version, failed_at = "" if version == failed_at else version, version
            yield ListWatchFailed(error)
        await pace.rest(failed=failed)


class _Pace:
    """Rests after failures, and where a server only ever says "expired" or hangs up at once."""

    def __init__(self, pause: Callable[[float], Awaitable[None]]) -> None:
        self._pause = pause
        self._wait = MIN_BACKOFF
        self._in_vain = 0

    def note(self, news: ReflectorEvent) -> None:
        if (
            isinstance(news, ObjectChanged | ObjectDeleted | ObjectUnreadable)
            or news == WatchAlive()
        ):
            self._wait, self._in_vain = MIN_BACKOFF, -1

    async def rest(self, *, failed: bool) -> None:
        self._in_vain += 1
        if failed or self._in_vain > 1:
            await self._pause(self._wait)
            self._wait = min(self._wait * 2, MAX_BACKOFF)


async def _round(
    client: ClusterClient, resource: ApiResource, path: str, version: str, skips: SkippedRecords
) -> AsyncGenerator[tuple[ReflectorEvent, str], None]:
    """Yield a list, unless *version* says where to go on, and one watch, each with its version."""
    start = version
    if not start:
        yield ListStarted(), ""
        async with aclosing(_list(client, resource, path, skips)) as listed:
            async for news, start in listed:
                yield news, start
    async with aclosing(_watch(client, resource, path, start)) as watched:
        async for news, seen in watched:
            yield news, seen


async def _list(
    client: ClusterClient, resource: ApiResource, path: str, skips: SkippedRecords
) -> AsyncGenerator[tuple[ReflectorEvent, str], None]:
    """Yield pages, with no version until the list is whole: half a list cannot be watched from."""
    version = ""
    listing: ListRequest[WatchedObject] = ListRequest(
        path, resource.struct, skips, resource.kind, resource.parameters
    )
    chunks = pages(client, listing)
    async with aclosing(chunks):
        async for page in chunks:
            version = page.resource_version or "0"
            for start in range(0, len(page.objects), PAGE_SIZE):  # a server may not heed the limit
                yield ObjectsListed(page.objects[start : start + PAGE_SIZE]), ""
    yield ListCompleted(), version


async def _watch(
    client: ClusterClient, resource: ApiResource, path: str, version: str
) -> AsyncGenerator[tuple[ReflectorEvent, str], None]:
    """Yield events. Raises :exc:`ExpiredError` where it is not known any more where to go on."""
    parameters = {**resource.parameters, "resourceVersion": version}
    async with aclosing(client.watch(path, parameters)) as events:
        async for event in events:
            news, seen = _news(event, resource)
            version = seen or version
            yield news, version
            if isinstance(news, ObjectUnreadable) and not seen:
                raise ExpiredError(f"GET {path}")


def _news(event: V1WatchEvent, resource: ApiResource) -> tuple[ReflectorEvent, str]:
    """Return what *event* tells, and the version of the list after it, ``""`` where not known."""
    if event.type not in {"ADDED", "MODIFIED", "DELETED"}:
        return WatchAlive(opened=event is WATCH_OPENED), resource_version_of(event.object)
    item = event.object
    try:
        found = decode_one(
            item, resource.struct, lambda values, _: object_name(resource.kind, values)
        )
    except InvalidRecord as odd:
        return _unreadable(odd, item, resource, event.type), resource_version_of(item)
    seen = found.metadata.resource_version
    return (ObjectDeleted(found) if event.type == "DELETED" else ObjectChanged(found)), seen


def _unreadable(
    odd: InvalidRecord, item: RawRecord, resource: ApiResource, kind: str
) -> ReflectorEvent:
    try:
        metadata = decode(item, V1Object, odd.name).metadata
    except Malformed:
        return ObjectUnreadable(odd.name, odd.fault, None)
    blank = resource.struct(metadata=metadata)
    return (
        ObjectDeleted(blank) if kind == "DELETED" else ObjectUnreadable(odd.name, odd.fault, blank)
    )
