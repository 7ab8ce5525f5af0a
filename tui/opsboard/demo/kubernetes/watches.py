"""Watches: a stream of changes, with bookmarks."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from datetime import datetime
from typing import Final

from pydantic_core import to_json
from starlette.responses import Response, StreamingResponse

from opsboard.demo.kubernetes.lists import FakeListQuery, metadata_of, row_of
from opsboard.demo.kubernetes.responses import FakeKubernetesError
from opsboard.demo.kubernetes.store import ClusterStore, FakeWatchEvent, ResourceStore, StoredObject
from opsboard.demo.kubernetes.tables import table

BOOKMARK_SECONDS: Final = 10.0
LONGEST_SECONDS: Final = 1800.0


def watch_objects(
    query: FakeListQuery,
    store: ClusterStore,
    params: Mapping[str, str],
    now: Callable[[], datetime],
) -> Response:
    """Answer *query* with a stream of changes."""
    seconds = _number(params, "timeoutSeconds") or LONGEST_SECONDS
    bookmarks = params.get("allowWatchBookmarks") in {"true", "1"}
    stream = _Stream(query, store, bookmarks, now)
    version = _number(params, "resourceVersion")
    if params.get("sendInitialEvents") == "true":
        version, stream.marks_initial = 0, True
    lines = stream.lines(version, float(seconds))
    return StreamingResponse(lines, media_type="application/json")


def _number(params: Mapping[str, str], name: str) -> int:
    value = params.get(name, "") or "0"
    if not value.isdecimal():
        raise FakeKubernetesError(400, f"invalid {name}: {value!r}")
    return int(value)


class _Stream:
    def __init__(
        self,
        query: FakeListQuery,
        store: ClusterStore,
        bookmarks: bool,
        now: Callable[[], datetime],
    ) -> None:
        self.query = query
        self.store = store
        self.shelf: ResourceStore = store.resources[query.resource]
        self.bookmarks = bookmarks
        self.now = now
        self.marks_initial = False

    async def lines(self, version: int, seconds: float) -> AsyncGenerator[bytes, None]:
        """Yield one event per line for *seconds*."""
        if 0 < version < self.shelf.oldest_version:
            message = f"too old resource version: {version} ({self.shelf.oldest_version})"
            yield _line("ERROR", to_json(FakeKubernetesError(410, message).status))
            return
        if version == 0:
            for entry in list(self.shelf.after(None)):
                if self.query.matches(entry):
                    yield self._event("ADDED", entry)
            version = self.store.version
            if self.marks_initial:
                yield self._bookmark({"k8s.io/initial-events-end": "true"})
        async with aclosing(self._changes(version, seconds)) as changes:
            async for line in changes:
                yield line

    async def _changes(self, version: int, seconds: float) -> AsyncGenerator[bytes, None]:
        queue = self.shelf.subscribe(version)
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        try:
            while (left := end - loop.time()) > 0:
                change = await _next(queue, min(left, BOOKMARK_SECONDS))
                if change is not None and self.query.matches(change.stored):
                    yield self._event(change.kind, change.stored)
                elif change is None and self.bookmarks:
                    yield self._bookmark()
        finally:
            self.shelf.unsubscribe(queue)

    def _event(self, kind: str, entry: StoredObject) -> bytes:
        if self.query.as_metadata:
            return _line(kind, metadata_of(entry))
        if not self.query.as_table:
            return _line(kind, entry.json)
        made = table(self.query.resource.kind, str(entry.version), [row_of(entry)], self.now(), "")
        return _line(kind, to_json(made))

    def _bookmark(self, annotations: dict[str, str] | None = None) -> bytes:
        resource = self.query.resource
        metadata = {"resourceVersion": str(self.store.version), "creationTimestamp": None}
        made = {
            "kind": resource.kind,
            "apiVersion": resource.api_version,
            "metadata": {**metadata, **({"annotations": annotations} if annotations else {})},
        }
        return _line("BOOKMARK", to_json(made))


def _line(kind: str, body: bytes) -> bytes:
    return b'{"type":"%s","object":%s}\n' % (kind.encode(), body)


async def _next(queue: asyncio.Queue[FakeWatchEvent], seconds: float) -> FakeWatchEvent | None:
    try:
        return await asyncio.wait_for(queue.get(), seconds)
    except TimeoutError:
        return None
