"""Lists and watches one resource as a table, in one namespace of a cluster or in all.

As :mod:`.reflector` does it for what becomes records: a watch that ends is resumed, one whose
version has expired (410 Gone) is begun again with a list, and refusals and outages are told and
tried again with a growing pause. What a server prints as a span of time (``5 (3m ago)``) is as of
then: a short list is read again when its watch ends, so that it is never older than that.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from opsboard.adapter import Forbidden, SourceError
from opsboard_adapters import http
from opsboard_adapters.http.decoding import decode
from opsboard_adapters.kubernetes.client import ClusterClient
from opsboard_adapters.kubernetes.discovery import ServedResource
from opsboard_adapters.kubernetes.permissions import permission_hint
from opsboard_adapters.kubernetes.printed_tables import (
    TABLE_ACCEPT,
    TableColumnDefinition,
    TablePage,
    TableRow,
    V1Table,
    read_event_table,
    read_table,
)
from opsboard_adapters.kubernetes.protocol import (
    PAGE_SIZE,
    WATCH_OPENED,
    ExpiredError,
    V1WatchEvent,
    resource_version_of,
)
from opsboard_adapters.kubernetes.reflector import MAX_BACKOFF, MIN_BACKOFF
from opsboard_adapters.listing.completeness import SkippedRecords

POLL_SECONDS: Final = 10.0
"""Seconds between two lists of what cannot be watched."""


@dataclass(frozen=True, slots=True)
class TableListed:
    """A page of a list, the *first* one or the *last*; *left* counts rows that were not read."""

    columns: tuple[TableColumnDefinition, ...]
    rows: Sequence[TableRow]
    first: bool = False
    last: bool = False
    left: int = 0


@dataclass(frozen=True, slots=True)
class TableChanged:
    """Rows that are new or have changed."""

    columns: tuple[TableColumnDefinition, ...]
    rows: Sequence[TableRow]


@dataclass(frozen=True, slots=True)
class TableRowDeleted:
    """An object that was deleted."""

    row: TableRow


@dataclass(frozen=True, slots=True)
class TableFailed:
    """Listing or watching has failed, and is tried again; ``None`` says that it is well again."""

    error: SourceError | None


TableEvent = TableListed | TableChanged | TableRowDeleted | TableFailed


class TableWatch:
    """The table of *resource* in *namespace* (all where empty).

    *connect* returns the client of the cluster, with the login that it has by now; *pause* sleeps.
    At most *max_rows* rows are read. :attr:`skips` holds those that cannot be read.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[ClusterClient]],
        resource: ServedResource,
        namespace: str,
        pause: Callable[[float], Awaitable[None]],
        max_rows: int,
    ) -> None:
        self._connect, self._resource, self._pause = connect, resource, pause
        self._namespace = namespace if resource.namespaced else ""
        self._path = resource.path(self._namespace)
        self._max_rows = max_rows
        self.skips = SkippedRecords(self._path)
        self._version = ""
        self._count = 0
        self._verb = "list"
        """What is being done, as a right is called."""
        self._is_alive = False
        """Whether the watch has told anything since it was opened."""

    async def events(self) -> AsyncGenerator[TableEvent, None]:
        """Yield what is listed, then what changes, without end."""
        wait = MIN_BACKOFF
        failing = False
        while True:
            try:
                async with aclosing(self._round()) as around:
                    async for event in around:
                        if failing:
                            failing = False
                            yield TableFailed(None)
                        yield event
            except ExpiredError:
                self._version = ""
            except SourceError as error:
                failing = True
                self._version = "" if not isinstance(error, http.NotConnected) else self._version
                yield TableFailed(self._explained(error))
            if self._is_alive:
                wait = MIN_BACKOFF
            await self._pause(wait)
            wait = min(wait * 2, MAX_BACKOFF)

    def _explained(self, error: SourceError) -> SourceError:
        """Return *error*; where it is a 403, with the permission to ask for."""
        if not isinstance(error, Forbidden):
            return error
        name = self._resource.full_name
        where = self._namespace if self._resource.namespaced else None
        hint = permission_hint(name, where, "list and watch")
        return Forbidden(f"may not {self._verb} {name}: {error.message}", hint)

    async def _round(self) -> AsyncGenerator[TableEvent, None]:
        """Yield the events of a list, unless a version is known, and of one watch."""
        self._verb, self._is_alive = "list", False
        client = await self._connect()
        if not self._version:
            async with aclosing(self._list(client)) as listed:
                async for event in listed:
                    yield event
        if "watch" not in self._resource.verbs:
            await self._pause(POLL_SECONDS)
            self._version, self._is_alive = "", True
            return
        self._verb = "watch"
        async with aclosing(self._watch(client)) as watched:
            async for change in watched:
                yield change
        if self._count <= PAGE_SIZE:
            self._version = ""

    async def _list(self, client: ClusterClient) -> AsyncGenerator[TableEvent, None]:
        guard = http.PageGuard(f"GET {self._path}", client.bounds)
        self.skips.reset()
        token, self._count, first = "", 0, True
        while True:
            page = await self._page(client, token)
            room = max(0, self._max_rows - self._count)
            rows = page.rows[:room]
            self._count += len(rows)
            token = page.continue_token
            left = len(page.rows) - len(rows) + page.remaining
            last = not token or self._count >= self._max_rows
            if last and token:
                left = max(left, 1)
            yield TableListed(page.columns, rows, first, last, left if last else 0)
            first = False
            if last:
                self._version = page.resource_version or "0"
                return
            guard.advance(token, len(page.rows))

    async def _page(self, client: ClusterClient, token: str) -> TablePage:
        wanted: dict[str, str | int | bool] = {"limit": PAGE_SIZE}
        if token:
            wanted["continue"] = token
        return await client.read_page(
            self._path,
            wanted,
            lambda response: read_table(response, self.skips),
            accept=TABLE_ACCEPT,
        )

    async def _watch(self, client: ClusterClient) -> AsyncGenerator[TableEvent, None]:
        wanted = {"resourceVersion": self._version}
        watch = client.watch(self._path, wanted, accept=TABLE_ACCEPT)
        async with aclosing(watch) as events:
            async for event in events:
                async for change in self._changes(event):
                    yield change

    async def _changes(self, event: V1WatchEvent) -> AsyncGenerator[TableEvent, None]:
        self._is_alive = self._is_alive or event is not WATCH_OPENED
        if event.type not in {"ADDED", "MODIFIED", "DELETED"}:
            self._version = resource_version_of(event.object) or self._version
            return
        table = decode(event.object, V1Table, f"GET {self._path}")
        page = await read_event_table(event.object, table, self.skips)
        self._version = page.resource_version or _version_of(page.rows) or self._version
        if event.type == "DELETED":
            for row in page.rows:
                yield TableRowDeleted(row)
        elif page.rows:
            yield TableChanged(page.columns, page.rows)


def _version_of(rows: Sequence[TableRow]) -> str:
    return rows[-1].object.metadata.resource_version if rows else ""
