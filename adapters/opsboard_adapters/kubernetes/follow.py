"""Follow one resource of one cluster: list it in pages, then watch it for ever.

What can go wrong is survived here: a watch that ends or breaks is taken up at the last resource
version; one that is too old (410 Gone) leads to a new list, whose end says which objects are
gone; a refusal or an outage is told, and tried again with growing pauses.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from opsboard.adapter import SourceError
from opsboard_adapters.kubernetes.api import ClusterApi, ExpiredError

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
    """The watch is open, and has told all there was to tell."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The resource cannot be followed just now; it is tried again."""

    error: SourceError


News = Page | Listed | Changed | Deleted | Alive | Failed


async def follow(
    api: ClusterApi,
    path: str,
    parameters: Mapping[str, str],
    pause: Callable[[float], Awaitable[None]],
) -> AsyncIterator[News]:
    """Yield the news of the resource at *path*, without end."""
    version = ""
    wait = FIRST_PAUSE
    while True:
        try:
            if not version:
                async for news, listed in _list(api, path, parameters):
                    version = listed
                    yield news
            async for news, seen in _watch(api, path, parameters, version):
                version, wait = seen, FIRST_PAUSE
                yield news
        except ExpiredError:
            version = ""
        except SourceError as error:
            yield Failed(error)
            await pause(wait)
            wait = min(wait * 2, LONGEST_PAUSE)


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
    yield Alive(), version
    async for event in api.watch(path, {**parameters, "resourceVersion": version}):
        changed = event["object"]
        version = str(changed.get("metadata", {}).get("resourceVersion") or version)
        kind = event.get("type")
        if kind == "BOOKMARK":
            yield Alive(), version
        elif kind == "DELETED":
            yield Deleted(changed), version
        else:
            yield Changed(changed), version
    yield Alive(), version
