"""Tables as the API server prints them, which is what ``kubectl get`` shows of any resource.

Source: *Kubernetes API Concepts*, receiving resources as Tables; meta/v1 Table. A server that has
no table of a resource, as an aggregated API may, answers with the objects: their names and ages are
a table then.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import msgspec

from opsboard.adapter import ListingColumn, ListingColumnType
from opsboard_adapters.http.decoding import RawRecord, decode_each, decode_page
from opsboard_adapters.kubernetes.protocol import object_name
from opsboard_adapters.kubernetes.structs import ApiStruct, Rfc3339, V1ObjectReference
from opsboard_adapters.listing.completeness import SkippedRecords

TABLE_ACCEPT: Final = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
MAX_COLUMNS: Final = 60
MAX_CELL: Final = 300
"""Characters of a cell that are kept."""


class TableColumnDefinition(ApiStruct, frozen=True):
    """A column; *priority* above 0 is for wide terminals, below 0, of our own columns alone, for
    narrow ones too."""

    name: str = ""
    type: str = ""
    format: str = ""
    description: str = ""
    priority: int = 0

    @property
    def is_name(self) -> bool:
        """Whether its cells are the names of the objects; a custom column may be called so too."""
        return self.format == "name"

    @property
    def is_creation(self) -> bool:
        """Whether its cells are how long ago objects were made.

        The server prints an age, which is of the moment it was printed; what it is an age of is
        told by the column's description alone, in the server's own tables and in those of CRDs.
        """
        return "creationtimestamp" in self.description.casefold()


class PartialMeta(ApiStruct, frozen=True):
    """What is used of the metadata that come with a row; annotations are not decoded."""

    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    creation_timestamp: Rfc3339 = None
    owner_references: tuple[V1ObjectReference, ...] = ()


class PartialObject(ApiStruct, frozen=True):
    """The object of a row, by its metadata."""

    metadata: PartialMeta = PartialMeta()


class TableRow(ApiStruct, frozen=True):
    """A row of a table."""

    cells: list[Any] = msgspec.field(default_factory=list)
    object: PartialObject = PartialObject()

    @property
    def name(self) -> str:
        """The name of the object, or what is in the first cell."""
        return self.object.metadata.name or (cell_text(self.cells[0]) if self.cells else "")


class TableMeta(ApiStruct, frozen=True):
    """ListMeta of a table."""

    resource_version: str = ""
    continue_: str = msgspec.field(default="", name="continue")
    remaining_item_count: int = 0


class V1Table(ApiStruct, frozen=True):
    """A Table, or what a server without one answers; rows and items are not decoded yet.

    Where columns are as they were before, as in all but the first event of a watch, they are null.
    """

    kind: str = ""
    metadata: TableMeta = TableMeta()
    column_definitions: tuple[TableColumnDefinition, ...] | None = None
    rows: list[msgspec.Raw] | None = None
    items: list[msgspec.Raw] | None = None


PLAIN_COLUMNS: Final = (
    TableColumnDefinition(name="Name", format="name"),
    TableColumnDefinition(name="Age", description="creationTimestamp"),
)


@dataclass(frozen=True, slots=True)
class TablePage:
    """A page of a table. *columns* are empty where they are those of the page before."""

    columns: tuple[TableColumnDefinition, ...]
    rows: Sequence[TableRow]
    resource_version: str = ""
    continue_token: str = ""
    remaining: int = 0


async def read_table(response: httpx.Response, skips: SkippedRecords) -> TablePage:
    """Return the page in *response*; rows that cannot be read are added to *skips*.

    Raises :exc:`~opsboard.adapter.Malformed`.
    """
    table, rows = await decode_page(response, V1Table, "rows")
    if table.kind != "Table" and table.items is None:  # one object, of a server without tables
        return await read_event_table(response.content, table, skips)
    return await _page(table, rows, skips)


async def read_event_table(event: RawRecord, table: V1Table, skips: SkippedRecords) -> TablePage:
    """Return the object of a watch event, decoded as *table*, as a page of one row or none."""
    if table.kind == "Table":
        return await _page(table, table.rows or (), skips)
    found = await decode_each([event], PartialObject, skips, _object_name)
    return TablePage(PLAIN_COLUMNS, _plain_rows(found))


async def _page(table: V1Table, rows: Sequence[RawRecord], skips: SkippedRecords) -> TablePage:
    meta = table.metadata
    known = (meta.resource_version, meta.continue_, meta.remaining_item_count)
    if table.kind != "Table" and table.items is not None:
        found = await decode_each(table.items, PartialObject, skips, _object_name)
        return TablePage(PLAIN_COLUMNS, _plain_rows(found), *known)
    read = await decode_each(rows, TableRow, skips, _row_name)
    return TablePage(table.column_definitions or (), read, *known)


def _plain_rows(found: Iterable[PartialObject]) -> list[TableRow]:
    return [TableRow(cells=[one.metadata.name, None], object=one) for one in found]


def _object_name(values: Any, _: int) -> str:
    return object_name("object", values)


def _row_name(values: Any, _: int) -> str:
    return object_name("row", values["object"])


def cell_text(value: Any) -> str:
    """Return a cell as text: a server may send numbers, booleans and null."""
    if isinstance(value, str):
        text = value
    elif value is None:
        return ""
    elif isinstance(value, bool):
        return str(value).lower()
    elif isinstance(value, int | float):
        return f"{value}"
    else:
        text = msgspec.json.encode(value).decode("utf-8", "replace")
    return text if len(text) <= MAX_CELL else f"{text[: MAX_CELL - 1]}…"


@dataclass(slots=True)
class TableColumns:
    """The columns of all pages and clusters of a listing, by name: they only grow.

    The name of an object is none of them: it is :attr:`.ListingRow.name`.
    """

    columns: list[ListingColumn] = field(default_factory=list)
    _places: dict[tuple[str, int], int] = field(default_factory=dict)

    def places(self, definitions: Iterable[TableColumnDefinition]) -> list[tuple[int, bool] | None]:
        """Return where each cell of a row goes, and whether it is the age; ``None`` for nowhere."""
        seen = dict[str, int]()
        return [self._place(one, seen) for one in definitions]

    def _place(self, one: TableColumnDefinition, seen: dict[str, int]) -> tuple[int, bool] | None:
        if one.is_name:
            return None
        word = one.name.casefold()
        key = word, seen.get(word, 0)
        seen[word] = key[1] + 1
        if key not in self._places:
            if len(self.columns) >= MAX_COLUMNS:
                return None
            self._places[key] = len(self.columns)
            self.columns.append(_listing_column(one))
        return self._places[key], one.is_creation

    def cells(
        self, row: TableRow, places: Sequence[tuple[int, bool] | None], created: str
    ) -> tuple[str, ...]:
        """Return the cells of *row* in the order of the columns; *created* is its time in ISO."""
        cells = [""] * len(self.columns)
        for value, place in zip(row.cells, places, strict=False):
            if place is not None:
                at, is_age = place
                cells[at] = created if is_age else cell_text(value)
        return tuple(cells)


def _listing_column(one: TableColumnDefinition) -> ListingColumn:
    kind = ListingColumnType.TEXT
    if one.is_creation:
        kind = ListingColumnType.TIME
    elif one.type in {"integer", "number"}:
        kind = ListingColumnType.NUMBER
    return ListingColumn(
        name=one.name, type=kind, wide=one.priority > 0, essential=one.priority < 0
    )
