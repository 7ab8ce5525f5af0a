"""List and watch one resource of one cluster for ever, as client-go's Reflector does.

Errors do not end it. A watch that ends or breaks is resumed at its last resource version; where
that has expired (410 Gone), or the watch has failed at it twice, the resource is listed again, and
the complete list tells which objects are gone. Refusals and outages are reported, and retried with
a growing pause. An object that cannot be decoded hides no other: it is :class:`ObjectUnreadable`.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from opsboard.adapter import Malformed, SourceError, Throttled
from opsboard_adapters import http
from opsboard_adapters.http.decoding import InvalidRecord, RawRecord, decode, decode_one
from opsboard_adapters.kubernetes.client import ClusterClient
from opsboard_adapters.kubernetes.pager import pages
from opsboard_adapters.kubernetes.protocol import (
    PAGE_SIZE,
    WATCH_OPENED,
    ExpiredError,
    ListRequest,
    V1WatchEvent,
    object_name,
    resource_version_of,
)
from opsboard_adapters.kubernetes.resources import ApiResource, WatchedObject
from opsboard_adapters.kubernetes.structs import V1Object, to_struct
from opsboard_adapters.listing.completeness import SkippedRecords

MIN_BACKOFF: Final = 1.0
MAX_BACKOFF: Final = 60.0
"""Seconds between two attempts, doubled after each failure."""


@dataclass(frozen=True, slots=True)
class ObjectsListed:
    """A part of a list: some of the objects that exist."""

    objects: list[Any]


@dataclass(frozen=True, slots=True)
class ListCompleted:
    """The list is complete: no other objects exist than those since :class:`ListStarted`."""


@dataclass(frozen=True, slots=True)
class ObjectChanged:
    """The object is new or has changed."""

    object: WatchedObject


@dataclass(frozen=True, slots=True)
class ObjectDeleted:
    """The object was deleted."""

    object: WatchedObject


@dataclass(frozen=True, slots=True)
class ObjectUnreadable:
    """The object called *name* is new or has changed, and cannot be decoded because of *fault*.

    *object* has its metadata alone, or is ``None`` where not even that can be decoded.
    """

    name: str
    fault: str
    object: WatchedObject | None


@dataclass(frozen=True, slots=True)
class WatchAlive:
    """The watch is up to date (a bookmark), or has just been *opened*."""

    opened: bool = False


@dataclass(frozen=True, slots=True)
class ListWatchFailed:
    """Listing or watching has failed; it is tried again after a pause."""

    error: SourceError


@dataclass(frozen=True, slots=True)
class ListStarted:
    """A list begins: an earlier one that was not completed is void."""


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
    """Yield the events of the *resource* at *path*, without end.

    Objects of a list that cannot be decoded are counted in *skips*; *pause* sleeps.
    """
    backoff = _Backoff(pause)
    version = failed_at = ""
    while True:
        failed = False
        try:
            async with aclosing(_round(client, resource, path, version, skips)) as around:
                async for event, seen in around:
                    if seen != version or event == WatchAlive():
                        backoff.note(event)  # without a new version there is no progress
                    version = seen
                    yield event
        except ExpiredError:
            version = ""
        except SourceError as error:
            failed = True
            if not isinstance(error, http.NotConnected | Throttled):  # the version is not to blame
                version, failed_at = "" if version == failed_at else version, version
            yield ListWatchFailed(error)
        await backoff.wait(failed=failed)


class _Backoff:
    """Pauses after failures, and where a server keeps saying "expired" or hangs up at once."""

    def __init__(self, pause: Callable[[float], Awaitable[None]]) -> None:
        self._pause = pause
        self._wait = MIN_BACKOFF
        self._idle_rounds = 0

    def note(self, event: ReflectorEvent) -> None:
        if (
            isinstance(event, ObjectChanged | ObjectDeleted | ObjectUnreadable)
            or event == WatchAlive()
        ):
            self._wait, self._idle_rounds = MIN_BACKOFF, -1

    async def wait(self, *, failed: bool) -> None:
        self._idle_rounds += 1
        if failed or self._idle_rounds > 1:
            await self._pause(self._wait)
            self._wait = min(self._wait * 2, MAX_BACKOFF)


async def _round(
    client: ClusterClient, resource: ApiResource, path: str, version: str, skips: SkippedRecords
) -> AsyncGenerator[tuple[ReflectorEvent, str], None]:
    """Yield the events of a list, unless *version* is known, and of one watch.

    With each event comes the version to resume at after it, ``""`` for none.
    """
    start = version
    if not start:
        yield ListStarted(), ""
        async with aclosing(_list(client, resource, path, skips)) as listed:
            async for event, start in listed:
                yield event, start
    async with aclosing(_watch(client, resource, path, start)) as watched:
        async for event, seen in watched:
            yield event, seen


async def _list(
    client: ClusterClient, resource: ApiResource, path: str, skips: SkippedRecords
) -> AsyncGenerator[tuple[ReflectorEvent, str], None]:
    """Yield the pages of a list; its version comes last: half a list cannot be watched from."""
    version = ""
    listing: ListRequest[WatchedObject] = ListRequest(
        path,
        resource.struct,
        skips,
        resource.kind,
        resource.parameters,
        resource.metadata_only,
        resource.page_size,
    )
    chunks = pages(client, listing)
    async with aclosing(chunks):
        async for page in chunks:
            version = page.resource_version or "0"
            for start in range(0, len(page.objects), PAGE_SIZE):  # a server may ignore the limit
                yield ObjectsListed(page.objects[start : start + PAGE_SIZE]), ""
    yield ListCompleted(), version


async def _watch(
    client: ClusterClient, resource: ApiResource, path: str, version: str
) -> AsyncGenerator[tuple[ReflectorEvent, str], None]:
    """Yield the events of a watch. Raises :exc:`ExpiredError` where its version is lost."""
    parameters = {**resource.parameters, "resourceVersion": version}
    async with aclosing(
        client.watch(path, parameters, metadata_only=resource.metadata_only)
    ) as events:
        async for event in events:
            found, seen = _reflected(event, resource)
            version = seen or version
            yield found, version
            if isinstance(found, ObjectUnreadable) and not seen:
                raise ExpiredError(f"GET {path}")


def _reflected(event: V1WatchEvent, resource: ApiResource) -> tuple[ReflectorEvent, str]:
    """Return what *event* means, and the version after it, ``""`` where it is not known."""
    if event.type not in {"ADDED", "MODIFIED", "DELETED"}:
        return WatchAlive(opened=event is WATCH_OPENED), resource_version_of(event.object)
    raw = event.object
    try:
        item = decode_one(
            raw, resource.struct, lambda values, _: object_name(resource.kind, values)
        )
    except InvalidRecord as odd:
        return _unreadable(odd, raw, resource, event.type), resource_version_of(raw)
    seen = item.metadata.resource_version
    return (ObjectDeleted(item) if event.type == "DELETED" else ObjectChanged(item)), seen


def _unreadable(
    odd: InvalidRecord, raw: RawRecord, resource: ApiResource, kind: str
) -> ReflectorEvent:
    """Return the event for an object that cannot be decoded: by its metadata, if they can be."""
    try:
        metadata = decode(raw, V1Object, odd.name).metadata
    except Malformed:
        return ObjectUnreadable(odd.name, odd.fault, None)
    blank = to_struct({"metadata": msgspec.to_builtins(metadata)}, resource.struct)
    return (
        ObjectDeleted(blank) if kind == "DELETED" else ObjectUnreadable(odd.name, odd.fault, blank)
    )
