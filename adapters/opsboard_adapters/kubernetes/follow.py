"""Follow one resource of one cluster: list it in pages, then watch it for ever.

What can go wrong is survived here: a watch that ends or breaks is taken up at the last resource
version; one that is too old (410 Gone) leads to a new list, whose end says which objects are
gone; a refusal or an outage is told, and tried again with growing pauses.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

from opsboard.adapter import SourceError
from opsboard_adapters.kubernetes.api import OPENED, ClusterApi, ExpiredError
from opsboard_adapters.kubernetes.paging import pages

FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 60.0

Object = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the objects that exist."""

    objects: list[Object]


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


News = Restarted | Page | Listed | Changed | Deleted | Alive | Failed


async def follow(
    api: ClusterApi,
    path: str,
    parameters: Mapping[str, str],
    pause: Callable[[float], Awaitable[None]],
) -> AsyncGenerator[News, None]:
    """Yield the news of the resource at *path*, without end."""
    pace = _Pace(pause)
    version = ""
    while True:
        failed = False
        try:
            async with aclosing(_round(api, path, parameters, version)) as around:
                async for news, seen in around:
                    version = seen
                    pace.note(news)
                    yield news
        except ExpiredError:
            version = ""
        except SourceError as error:
            failed = True
            yield Failed(error)
        await pace.rest(failed=failed)


class _Pace:
    """Rests after failures, and where a server only ever says "expired" or hangs up at once."""

    def __init__(self, pause: Callable[[float], Awaitable[None]]) -> None:
        self._pause = pause
        self._wait = FIRST_PAUSE
        self._in_vain = 0

    def note(self, news: News) -> None:
        if isinstance(news, Changed | Deleted) or news == Alive():
            self._wait, self._in_vain = FIRST_PAUSE, -1

    async def rest(self, *, failed: bool) -> None:
        self._in_vain += 1
        if failed or self._in_vain > 1:
            await self._pause(self._wait)
            self._wait = min(self._wait * 2, LONGEST_PAUSE)


async def _round(
    api: ClusterApi, path: str, parameters: Mapping[str, str], version: str
) -> AsyncGenerator[tuple[News, str], None]:
    """Yield a list, unless *version* says where to go on, and one watch, each with its version."""
    start = version
    if not start:
        yield Restarted(), ""
        async with aclosing(_list(api, path, parameters)) as listed:
            async for news, start in listed:
                yield news, start
    async with aclosing(_watch(api, path, parameters, start)) as watched:
        async for news, seen in watched:
            yield news, seen


async def _list(
    api: ClusterApi, path: str, parameters: Mapping[str, str]
) -> AsyncGenerator[tuple[News, str], None]:
    """Yield pages, with no version until the list is whole: half a list cannot be watched from."""
    version = ""
    async with aclosing(pages(api, path, parameters)) as chunks:
        async for page in chunks:
            version = str((page.get("metadata") or {}).get("resourceVersion") or "0")
            yield Page(page.get("items") or []), ""
    yield Listed(), version


async def _watch(
    api: ClusterApi, path: str, parameters: Mapping[str, str], version: str
) -> AsyncGenerator[tuple[News, str], None]:
    async with aclosing(api.watch(path, {**parameters, "resourceVersion": version})) as events:
        async for event in events:
            version = str((event["object"].get("metadata") or {}).get("resourceVersion") or version)
            yield _news(event), version


def _news(event: Mapping[str, Any]) -> News:
    kind = event.get("type")
    if kind in {OPENED, "BOOKMARK"}:
        return Alive(opened=kind == OPENED)
    return Deleted(event["object"]) if kind == "DELETED" else Changed(event["object"])
