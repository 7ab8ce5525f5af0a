"""Follow one resource of one cluster: list it in pages, then watch it for ever.

What can go wrong is survived here: a watch that ends or breaks is taken up at the last resource
version; one that is too old (410 Gone) leads to a new list, whose end says which objects are
gone; a refusal or an outage is told, and tried again with growing pauses.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from opsboard.adapter import SourceError
from opsboard_adapters.kubernetes.api import OPENED, ClusterApi, ExpiredError

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
) -> AsyncIterator[News]:
    """Yield the news of the resource at *path*, without end."""
    pace = _Pace(pause)
    version = ""
    while True:
        failed = False
        try:
            async for news, seen in _round(api, path, parameters, version):
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
) -> AsyncIterator[tuple[News, str]]:
    """Yield a list, unless *version* says where to go on, and one watch, each with its version."""
    start = version
    if not start:
        yield Restarted(), ""
        async for news, start in _list(api, path, parameters):
            yield news, start
    async for news, seen in _watch(api, path, parameters, start):
        yield news, seen


async def _list(
    api: ClusterApi, path: str, parameters: Mapping[str, str]
) -> AsyncIterator[tuple[News, str]]:
    """Yield pages, with no version until the list is whole: half a list cannot be watched from."""
    version = ""
    async for page in api.pages(path, parameters):
        version = str(page.get("metadata", {}).get("resourceVersion") or "0")
        yield Page(page.get("items") or []), ""
    yield Listed(), version


async def _watch(
    api: ClusterApi, path: str, parameters: Mapping[str, str], version: str
) -> AsyncIterator[tuple[News, str]]:
    async for event in api.watch(path, {**parameters, "resourceVersion": version}):
        changed = event["object"]
        version = str(changed.get("metadata", {}).get("resourceVersion") or version)
        kind = event.get("type")
        if kind in {OPENED, "BOOKMARK"}:
            yield Alive(opened=kind == OPENED), version
        elif kind == "DELETED":
            yield Deleted(changed), version
        else:
            yield Changed(changed), version
