"""The table of a listing: rows of one or several sources, as records that a pane can show."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial
from typing import Final, NamedTuple

from opsboard.adapter import ListingColumn, ListingColumnType, ListingRow, ListingUpdate
from opsboard.kinds.ages import age, since_epoch
from opsboard.kinds.columns import ENVIRONMENT, SOURCE, Cell, CellRole, Column, text_column
from opsboard.kinds.pane_spec import PaneSpec
from opsboard.records import Kind, ListedObject, Ref, Status, listed_ref
from opsboard.text.numbers import natural_key
from opsboard.views.listing_nesting import ListingNesting, nested_name
from opsboard.views.listing_order import cell_key, cell_key_descending, cell_number
from opsboard.views.listing_view import listing_view
from opsboard.views.panes import ListingView

MAX_WIDTH: Final = 44
"""The most room that a cell takes."""
_MOST_FIXED: Final = 26
"""The most room that a column must have to be shown at all."""
_NAME: Final = text_column("name", "name", 16, 50, priority=0)
_NESTED: Final = replace(
    _NAME,
    show=lambda record, _: Cell(nested_name(record)),
    key=lambda record: natural_key(record.name.casefold()),
)
"""The name of rows that stand below each other."""
_NAMESPACE: Final = text_column("namespace", "namespace", 9, 24, priority=1)
_CLUSTER: Final = text_column("cluster", "cluster", 9, 22, priority=1)
_ENVIRONMENT: Final = replace(ENVIRONMENT, priority=15)
"""Before the columns for wide terminals; the top line says it too, of the row under the cursor."""
_OWN: Final = frozenset({"name", "namespace", "cluster", "environment", "source", "glyph"})
_WIDE: Final = 21
"""The priority of the first column for wide terminals: after all others."""


class ListingChanges(NamedTuple):
    """What an update did: rows that *changed* or are new, are gone, or other columns."""

    changed: frozenset[Ref]
    removed: frozenset[Ref]
    columns: bool


class ListingTable:
    """The rows of the listing called *name*, of all its sources, and their columns.

    Columns of several sources that are called the same are one. It begins in *order*, which is as
    in :class:`~opsboard.adapter.ListingType`, unless a saved *view* of it is shown.
    """

    def __init__(
        self,
        name: str,
        *,
        scoped: bool,
        several_sources: bool = False,
        compared: bool = False,
        order: str = "",
        view: ListingView | None = None,
    ) -> None:
        self.name = name
        self._view = view
        self.view_notes: Sequence[str] = ()
        """What of the view is not there, as far as rows can tell."""
        self.records: dict[Ref, ListedObject] = {}
        self._scoped, self._several_sources, self._compared = scoped, several_sources, compared
        self._order = order
        self._columns: list[ListingColumn] = []
        self._places: dict[str, list[int]] = {}
        self._widths: dict[int, int] = {}
        """How wide the widest cell is that was seen of each column: nothing declares it."""
        self._name_width = 0
        self._clusters: set[str] = set()
        self._environments: set[str] = set()
        self._has_status = False
        self._nesting = ListingNesting(name)
        self._notes: dict[str, tuple[str, ...]] = {}
        self._complete: dict[str, bool] = {}
        self.pane = self._pane()

    @property
    def notes(self) -> Sequence[str]:
        """What is missing, and why."""
        return [note for notes in self._notes.values() for note in notes]

    @property
    def is_complete(self) -> bool:
        """Whether every source has listed all there is."""
        return bool(self._complete) and all(self._complete.values())

    def note(self, source: str, *notes: str) -> None:
        """Tell *notes* of *source* in place of the earlier ones."""
        self._notes[source] = notes

    def take(self, source: str, update: ListingUpdate) -> ListingChanges:
        """Take in *update* of *source*."""
        before = self.pane
        if update.columns is not None:
            taken = set[int]()
            self._places[source] = [self._place(one, taken) for one in update.columns]
        if update.notes is not None:
            self._notes[source] = update.notes
        if update.complete is not None:
            self._complete[source] = update.complete
        made = [self._record(source, row) for row in update.rows]
        removed = {listed_ref(source, self.name, key) for key in update.removed}
        touched = {*removed, *(one.ref for one in made)}
        stood = self._nesting.above(touched, self.records)
        self.records.update((record.ref, record) for record in made)
        gone = frozenset(ref for ref in removed if self.records.pop(ref, None) is not None)
        self._nesting.take(source, update)
        moved = self._nesting.nested(self.records)
        self.records.update((record.ref, record) for record in moved)
        made += moved
        if self._nesting:
            told = {one.ref for one in made}
            others = self._nesting.hanging_on({*touched, *told, *stood}, self.records)
            made += [self.records[ref] for ref in others - told]
        if made or update.columns is not None:
            pane = self._pane()
            if _shape(pane) != _shape(before):
                self.pane = pane
        return ListingChanges(
            frozenset(record.ref for record in made), gone, self.pane is not before
        )

    def clear(self, source: str) -> frozenset[Ref]:
        """Drop the rows of *source*, and return which those were."""
        gone = frozenset(ref for ref in self.records if ref.source == source)
        for ref in gone:
            del self.records[ref]
        self._nesting.clear(source)
        self._complete.pop(source, None)
        return gone

    def _place(self, column: ListingColumn, taken: set[int]) -> int:
        """Return where the cells of *column* go; none of its source goes where another does."""
        word = column.name.casefold(), column.type
        for at, known in enumerate(self._columns):
            if at not in taken and (known.name.casefold(), known.type) == word:
                taken.add(at)
                return at
        self._columns.append(column)
        taken.add(len(self._columns) - 1)
        return len(self._columns) - 1

    def _record(self, source: str, row: ListingRow) -> ListedObject:
        places = self._places.get(source, [])
        cells = row.cells
        if places != list(range(len(places))):
            put = [""] * len(self._columns)
            for place, cell in zip(places, cells, strict=False):
                put[place] = cell
            cells = tuple(put)
        self._name_width = max(self._name_width, len(row.name))
        for at, cell in enumerate(cells):
            if len(cell) > self._widths.get(at, 0):
                self._widths[at] = len(cell)
        self._clusters.add(row.cluster)
        self._environments.add(row.environment)
        self._has_status = self._has_status or row.status is not None
        return ListedObject(
            source=source,
            id=f"{self.name}/{row.key}",
            name=row.name,
            listing=self.name,
            status=row.status or Status.UNKNOWN,
            cluster=row.cluster,
            namespace=row.namespace,
            environment=row.environment,
            created_at=row.created_at,
            cells=cells,
            about=row.ref,
            compared=self._compared,
        )

    # --- columns ---------------------------------------------------------------------------------

    def _pane(self) -> PaneSpec:
        columns = tuple(self._tree_columns())
        wanted = self._order.removeprefix("-").casefold()
        order = next((one.id for one in columns if wanted and one.title == wanted), "")
        table = PaneSpec(
            id=self.name,
            title=self.name if self._view is None else self._view.title,
            kind=Kind.LISTED,
            columns=columns,
            order=order or _NAME.id,
            descending=bool(order) and self._order.startswith("-"),
            search=("name", "namespace", "cluster", "line"),
        )
        if self._view is None or not self._columns:
            return table
        shown, notes = listing_view(self._view, table)
        self.view_notes = notes if self.records else ()
        return shown

    def _tree_columns(self) -> Iterator[Column]:
        """Yield the columns; where rows are nested, they are a tree by whatever it is sorted."""
        for column in self._shown_columns():
            if not self._nesting:
                yield column
                continue
            falling, by_best = column.key_descending or column.key, column.id != _NAME.id
            rows, nesting = self.records, self._nesting
            yield replace(
                column,
                key=nesting.key(column.key, rows, by_best=by_best),
                key_descending=nesting.key(falling, rows, by_best=by_best, descending=True),
            )

    def _shown_columns(self) -> Iterator[Column]:
        if self._has_status:
            yield _GLYPH
        name = _NESTED if self._nesting else _NAME
        yield replace(name, width=max(8, min(self._name_width, _MOST_FIXED)))
        if self._scoped:
            yield _NAMESPACE
        if len(self._clusters) > 1:
            yield _CLUSTER
        taken = set(_OWN)
        for at, column in enumerate(self._columns):
            seen = min(self._widths.get(at, 0), _MOST_FIXED)
            yield _column(at, column, _free_id(column.name, taken), seen)
        if self._environments - {""}:
            yield _ENVIRONMENT
        if self._several_sources:
            yield SOURCE


def _shape(pane: PaneSpec) -> tuple[str, list[tuple[str, str, int, bool]]]:
    columns = pane.all_columns
    return pane.filter, [
        (one.id, one.title, one.width, one.key_descending is not None) for one in columns
    ]


def _glyph(record: ListedObject, _: datetime) -> Cell:
    if record.status is Status.UNKNOWN:  # nothing is known of it, which is no state
        return Cell("")
    return Cell(record.status.value, record.status, CellRole.GLYPH)


_GLYPH: Final = Column(
    "glyph", "", _glyph, lambda record: record.status.severity, 1, priority=0, field="status"
)


def _free_id(name: str, taken: set[str]) -> str:
    """Return a word for a column that a filter can take, and that no other one has."""
    word = "-".join("".join(c if c.isalnum() else " " for c in name.casefold()).split())
    word = word or "column"
    free = next(one for one in _numbered(word) if one not in taken)
    taken.add(free)
    return free


def _numbered(word: str) -> Iterator[str]:
    yield word
    number = 2
    while True:
        yield f"{word}-{number}"
        number += 1


def _column(at: int, column: ListingColumn, word: str, seen: int) -> Column:
    title = column.name.casefold()
    is_time = column.type is ListingColumnType.TIME
    priority = 2 if column.essential else _WIDE + at if column.wide else 3 + at
    return Column(
        word,
        title,
        partial(_show_time if is_time else _show, at),
        partial(_time_key, at) if is_time else partial(cell_key, at, word),
        5 if is_time else max(min(len(title), 12), seen, 1),
        max(6, len(title)) if is_time else MAX_WIDTH,
        1 if is_time else priority,
        right=is_time or column.type is ListingColumnType.NUMBER,
        ticks=is_time,
        field="cells",
        number=None if is_time else partial(cell_number, at, word),
        key_descending=None if is_time else partial(cell_key_descending, at, word),
    )


def _cell(at: int, record: ListedObject) -> str:
    return record.cells[at] if at < len(record.cells) else ""


def _show(at: int, record: ListedObject, _: datetime) -> Cell:
    text = _cell(at, record)
    return Cell(text, role=CellRole.MUTED if text in _NOTHING else CellRole.PLAIN)


_NOTHING: Final = frozenset({"<none>", "<unset>", "<unknown>", "0"})


def _show_time(at: int, record: ListedObject, now: datetime) -> Cell:
    return Cell(age(_time(_cell(at, record)), now), role=CellRole.MUTED)


def _time_key(at: int, record: ListedObject) -> float:
    return since_epoch(_time(_cell(at, record)))


@lru_cache(4_096)
def _time(text: str) -> datetime | None:
    """Return the time that *text* is; what is no time is shown as nothing."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
