"""One resource of several clusters as one table, which is watched while it is open."""

import asyncio
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from opsboard.adapter import (
    ListingQuery,
    ListingRow,
    ListingUpdate,
    NotFound,
    SourceError,
)
from opsboard_adapters.kubernetes.client import ClusterClient
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.kubernetes.discovery import Discovered, ServedResource
from opsboard_adapters.kubernetes.listed_objects import board_ref
from opsboard_adapters.kubernetes.node_columns import NodeColumns
from opsboard_adapters.kubernetes.node_metrics import KnownPods, NodeMeter, NodesMeasured
from opsboard_adapters.kubernetes.pod_metrics import Usage
from opsboard_adapters.kubernetes.printed_status import printed_status, status_columns
from opsboard_adapters.kubernetes.printed_tables import (
    TableColumnDefinition,
    TableColumns,
    TableRow,
)
from opsboard_adapters.kubernetes.table_watch import (
    TableChanged,
    TableEvent,
    TableFailed,
    TableListed,
    TableRowDeleted,
    TableWatch,
)
from opsboard_adapters.times import format_time

MAX_ROWS: Final = 50_000
"""Rows of a listing, over all clusters and namespaces."""
_BACKLOG_SIZE: Final = 8

Connect: TypeAlias = Callable[[str], Awaitable[tuple[ClusterClient, ClusterContext]]]
"""Returns client and context of the cluster of that name. Raises SourceError."""

PodsOf: TypeAlias = Callable[[str], KnownPods | None]
"""Returns the pods that are watched of the cluster of that name, if they are."""

_PartEvent: TypeAlias = TableEvent | NodesMeasured
_Backlog: TypeAlias = "asyncio.Queue[tuple[_Part, _PartEvent] | Exception]"


@dataclass(slots=True)
class _Part:
    """The table of one cluster, in one namespace or in all."""

    cluster: ClusterContext
    resource: ServedResource
    namespace: str
    watch: TableWatch
    nodes: NodeColumns | None = None
    meter: NodeMeter | None = None
    places: list[tuple[int, bool] | None] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    listed: set[str] = field(default_factory=set)
    is_listed: bool = False
    left: int = 0
    trouble: str = ""

    @property
    def name(self) -> str:
        """What the notes call it."""
        return "/".join(filter(None, (self.cluster.name, self.namespace)))

    @property
    def is_complete(self) -> bool:
        """Whether all is there that will be: of nodes what is used, too, or why it is not."""
        return self.is_listed and (self.nodes is None or self.nodes.is_measured)


class ResourceListing:
    """The listing *name* of some clusters, as *query* wants it.

    *found* is what each cluster serves, *errors* why it is not known of others. *namespaces* are
    those that the source is confined to, *pods_of* are those that it watches, and *pause* sleeps.
    """

    def __init__(
        self,
        name: str,
        query: ListingQuery,
        namespaces: Sequence[str],
        connect: Connect,
        *,
        pods_of: PodsOf,
        pause: Callable[[float], Awaitable[None]],
    ) -> None:
        self._name, self._pods_of = name, pods_of
        self._namespaces = tuple(query.namespaces or namespaces) or ("",)
        self._clusters = query.clusters
        self._connect, self._pause, self._max_rows = connect, pause, MAX_ROWS
        self._columns = TableColumns()
        self._sent_columns = 0
        self._parts: list[_Part] = []
        self._notes: list[str] = []
        self._told: tuple[str, ...] = ()
        self._was_complete = False

    async def updates(
        self, found: Mapping[str, Discovered], errors: Mapping[str, SourceError]
    ) -> AsyncGenerator[ListingUpdate, None]:
        """Yield the rows, then what changes. Raises :exc:`SourceError` where nothing is there."""
        await self._open(found, errors)
        backlog: _Backlog = asyncio.Queue(_BACKLOG_SIZE)
        tasks = [
            asyncio.create_task(_run(part, events, backlog))
            for part in self._parts
            for events in _sources_of(part)
        ]
        try:
            yield self._update()
            while True:
                told = await backlog.get()
                if isinstance(told, Exception):
                    raise told
                yield self._taken_in(*told)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _open(
        self, found: Mapping[str, Discovered], errors: Mapping[str, SourceError]
    ) -> None:
        """Find the tables to watch; note which clusters have none."""
        wanted = [one for one in found if not self._clusters or one in self._clusters]
        for name, error in errors.items():
            if not self._clusters or name in self._clusters:
                self._notes.append(f"{name}: {error.message}")
        for name in wanted:
            resource = found[name].resources.get(self._name)
            if resource is None:
                self._notes.append(_absent(name, self._name, found[name]))
                continue
            _, context = await self._connect(name)
            self._add_parts(context, resource)
        if not self._parts and not wanted and len(errors) == 1:
            raise next(iter(errors.values()))
        if not self._parts and self._notes:
            raise NotFound("; ".join(self._notes), "`:sources` says how each source is doing")
        if not self._parts:
            raise NotFound(
                f"no cluster of this source is in {', '.join(self._clusters)}", "`:ctx all`"
            )

    def _add_parts(self, context: ClusterContext, resource: ServedResource) -> None:
        async def connect() -> ClusterClient:
            client, _ = await self._connect(context.name)
            return client

        async def requests() -> Mapping[str, Usage] | None:
            pods = self._pods_of(context.name)
            return await pods.requests() if pods is not None else None

        for namespace in self._namespaces if resource.namespaced else ("",):
            watch = TableWatch(connect, resource, namespace, self._pause, self._max_rows)
            part = _Part(context, resource, namespace, watch)
            self._parts.append(part)
            if resource.full_name == "nodes":
                part.nodes = NodeColumns(self._columns)
                part.meter = NodeMeter(connect, requests, self._pause)

    # --- taking in -------------------------------------------------------------------------------

    def _taken_in(self, part: _Part, event: _PartEvent) -> ListingUpdate:
        match event:
            case TableListed():
                return self._on_page(part, event)
            case TableChanged():
                return self._update(self._rows(part, event.columns, event.rows))
            case TableRowDeleted():
                return self._on_deleted(part, event.row)
            case TableFailed():
                part.trouble = _sentence(event.error)
                return self._update()
            case NodesMeasured():
                rows = part.nodes.take(event) if part.nodes is not None else ()
                return self._update(self._rows(part, (), rows))

    def _on_page(self, part: _Part, page: TableListed) -> ListingUpdate:
        if page.first:
            part.listed = set()
        rows = self._rows(part, page.columns, page.rows)
        part.listed.update(row.key for row in rows)
        if not page.last:
            return self._update(rows)
        removed = sorted(part.keys - part.listed)
        part.keys, part.listed = part.listed, set()
        part.is_listed, part.left = True, page.left
        if part.nodes is not None:
            part.nodes.retain({_key_name(key) for key in part.keys})
        return self._update(rows, removed)

    def _on_deleted(self, part: _Part, row: TableRow) -> ListingUpdate:
        key = _key(part, row)
        part.keys.discard(key)
        if part.nodes is not None:
            part.nodes.forget(row.name)
        return self._update((), [key])

    def _rows(
        self,
        part: _Part,
        columns: tuple[TableColumnDefinition, ...],
        rows: Sequence[TableRow],
    ) -> list[ListingRow]:
        """Return *rows* as far as there is room for them."""
        if columns:
            part.places = self._columns.places(columns)
        places = status_columns(self._columns.columns)
        room = self._max_rows - sum(len(one.keys) for one in self._parts)
        taken = list[ListingRow]()
        for row in rows:
            key = _key(part, row)
            if key not in part.keys:
                if room <= 0:
                    part.left = max(part.left, 1)
                    continue
                room -= 1
                part.keys.add(key)
            taken.append(self._row(part, row, key, places))
        return taken

    def _row(
        self,
        part: _Part,
        row: TableRow,
        key: str,
        places: tuple[tuple[int, ...], tuple[int, ...]],
    ) -> ListingRow:
        meta, cluster = row.object.metadata, part.cluster
        created = cluster.time(meta.creation_timestamp)
        cells = self._columns.cells(row, part.places, format_time(created))
        status = printed_status(cells, places)
        if part.nodes is not None:
            cells = part.nodes.note_row(row, cells)
        return ListingRow(
            key=key,
            name=row.name,
            cells=cells,
            status=status,
            namespace=meta.namespace,
            cluster=cluster.name,
            environment=cluster.environment(meta.namespace),
            created_at=created,
            ref=board_ref(cluster, part.resource, meta.namespace, row.name),
        )

    def _update(
        self, rows: Sequence[ListingRow] = (), removed: Sequence[str] = ()
    ) -> ListingUpdate:
        """Return an update, with what has changed of the columns and of the notes."""
        columns = None
        if len(self._columns.columns) > self._sent_columns:
            self._sent_columns = len(self._columns.columns)
            columns = tuple(self._columns.columns)
        notes = tuple(self._present_notes())
        complete = all(part.is_complete for part in self._parts)
        update = ListingUpdate(
            rows,
            removed,
            columns,
            complete if complete is not self._was_complete else None,
            notes if notes != self._told else None,
        )
        self._told, self._was_complete = notes, complete
        return update

    def _present_notes(self) -> Iterable[str]:
        yield from self._notes
        for part in self._parts:
            if part.trouble:
                yield f"{part.name}: {part.trouble}"
            if part.left:
                more = f"{part.left:,} more" if part.left > 1 else "more"
                yield f"{part.name}: the first {len(part.keys):,} are shown, there are {more}"
            if unread := part.watch.skips.count:
                yield f"{part.name}: {unread:,} rows could not be read"
            if part.nodes is not None and part.nodes.note:
                yield f"{part.name}: {part.nodes.note}"


def _sources_of(part: _Part) -> Iterator[AsyncGenerator[_PartEvent, None]]:
    yield part.watch.events()
    if part.meter is not None:
        yield part.meter.events()


async def _run(part: _Part, events: AsyncGenerator[_PartEvent, None], backlog: _Backlog) -> None:
    """Put what happens to *part* into the backlog, and a bug too: it must not pass in silence."""
    try:
        async with aclosing(events):
            async for event in events:
                await backlog.put((part, event))
    except Exception as error:
        await backlog.put(error)


def _key(part: _Part, row: TableRow) -> str:
    return part.cluster.record_id(row.object.metadata.namespace, row.name)


def _key_name(key: str) -> str:
    """Return the name in a key."""
    return key.rpartition("/")[2]


def _absent(cluster: str, name: str, known: Discovered) -> str:
    said = f"{cluster} has no {name}"
    return f"{said}, as far as it says: {'; '.join(known.notes)}" if known.notes else said


def _sentence(error: SourceError | None) -> str:
    if error is None:
        return ""
    return f"{error.message} ({error.hint})" if error.hint else error.message
