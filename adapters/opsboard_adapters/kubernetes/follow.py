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
from opsboard_adapters.http.decoding import Item, Odd, decode, decode_one
from opsboard_adapters.http.skips import Skips
from opsboard_adapters.kubernetes.api import ClusterApi, Listing
from opsboard_adapters.kubernetes.paging import PAGE, pages
from opsboard_adapters.kubernetes.resources import Resource
from opsboard_adapters.kubernetes.shapes import Object, Thing, WatchEvent, named
from opsboard_adapters.kubernetes.watching import OPENED, ExpiredError, version_of

FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 60.0


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the objects that exist."""

    objects: list[Any]


@dataclass(frozen=True, slots=True)
class Listed:
    """All pages since the last :class:`Listed` together are all there is."""


@dataclass(frozen=True, slots=True)
class Changed:
    """This object is new or has changed."""

    object: Object


@dataclass(frozen=True, slots=True)
class Deleted:
    """This object is gone."""

    object: Object


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The object called *name* has changed, and cannot be read for its *fault*.

    *object* has its metadata alone, or is ``None`` where these cannot be read either.
    """

    name: str
    fault: str
    object: Object | None


@dataclass(frozen=True, slots=True)
class Alive:
    """The watch has told all there was to tell; *opened* where it has only just begun."""

    opened: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """The resource cannot be followed just now; it is tried again."""

    error: SourceError


@dataclass(frozen=True, slots=True)
class Restarted:
    """The list begins anew: pages since the last :class:`Listed` count for nothing."""


News = Restarted | Page | Listed | Changed | Deleted | Unreadable | Alive | Failed


async def follow(
    api: ClusterApi,
    resource: Resource,
    path: str,
    pause: Callable[[float], Awaitable[None]],
    skips: Skips,
) -> AsyncGenerator[News, None]:
    """Yield the news of the *resource* at *path*, without end. What of a list is odd: *skips*."""
    pace = _Pace(pause)
    version = failed_at = ""
    while True:
        failed = False
        try:
            async with aclosing(_round(api, resource, path, version, skips)) as around:
                async for news, seen in around:
                    if seen != version or news == Alive():
                        pace.note(news)  # what leads nowhere is no progress, however often told
                    version = seen
                    yield news
        except ExpiredError:
            version = ""
        except SourceError as error:
            failed = True
            if not isinstance(error, http.NotConnected | Throttled):  # of which none is to blame
                version, failed_at = "" if version == failed_at else version, version
            yield Failed(error)
        await pace.rest(failed=failed)


class _Pace:
    """Rests after failures, and where a server only ever says "expired" or hangs up at once."""

    def __init__(self, pause: Callable[[float], Awaitable[None]]) -> None:
        self._pause = pause
        self._wait = FIRST_PAUSE
        self._in_vain = 0

    def note(self, news: News) -> None:
        if isinstance(news, Changed | Deleted | Unreadable) or news == Alive():
            self._wait, self._in_vain = FIRST_PAUSE, -1

    async def rest(self, *, failed: bool) -> None:
        self._in_vain += 1
        if failed or self._in_vain > 1:
            await self._pause(self._wait)
            self._wait = min(self._wait * 2, LONGEST_PAUSE)


async def _round(
    api: ClusterApi, resource: Resource, path: str, version: str, skips: Skips
) -> AsyncGenerator[tuple[News, str], None]:
    """Yield a list, unless *version* says where to go on, and one watch, each with its version."""
    start = version
    if not start:
        yield Restarted(), ""
        async with aclosing(_list(api, resource, path, skips)) as listed:
            async for news, start in listed:
                yield news, start
    async with aclosing(_watch(api, resource, path, start)) as watched:
        async for news, seen in watched:
            yield news, seen


async def _list(
    api: ClusterApi, resource: Resource, path: str, skips: Skips
) -> AsyncGenerator[tuple[News, str], None]:
    """Yield pages, with no version until the list is whole: half a list cannot be watched from."""
    version = ""
    listing: Listing[Object] = Listing(
        path, resource.shape, skips, resource.name, resource.parameters
    )
    chunks = pages(api, listing)
    async with aclosing(chunks):
        async for page in chunks:
            version = page.version or "0"
            for start in range(0, len(page.objects), PAGE):  # a server may not heed the limit
                yield Page(page.objects[start : start + PAGE]), ""
    yield Listed(), version


async def _watch(
    api: ClusterApi, resource: Resource, path: str, version: str
) -> AsyncGenerator[tuple[News, str], None]:
    """Yield events. Raises :exc:`ExpiredError` where it is not known any more where to go on."""
    parameters = {**resource.parameters, "resourceVersion": version}
    async with aclosing(api.watch(path, parameters)) as events:
        async for event in events:
            news, seen = _news(event, resource)
            version = seen or version
            yield news, version
            if isinstance(news, Unreadable) and not seen:
                raise ExpiredError(f"GET {path}")


def _news(event: WatchEvent, resource: Resource) -> tuple[News, str]:
    """Return what *event* tells, and the version of the list after it, ``""`` where not known."""
    if event.type not in {"ADDED", "MODIFIED", "DELETED"}:
        return Alive(opened=event is OPENED), version_of(event.object)
    item = event.object
    try:
        found = decode_one(item, resource.shape, lambda values, _: named(resource.name, values))
    except Odd as odd:
        return _unreadable(odd, item, resource, event.type), version_of(item)
    seen = found.metadata.resource_version
    return (Deleted(found) if event.type == "DELETED" else Changed(found)), seen


def _unreadable(odd: Odd, item: Item, resource: Resource, kind: str) -> News:
    try:
        metadata = decode(item, Thing, odd.name).metadata
    except Malformed:
        return Unreadable(odd.name, odd.fault, None)
    blank = resource.shape(metadata=metadata)
    return Deleted(blank) if kind == "DELETED" else Unreadable(odd.name, odd.fault, blank)
