"""The rows of a pane: filtered, sorted, and kept so as records change."""

from collections import Counter
from collections.abc import Mapping, Set
from datetime import datetime
from typing import Final

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.kinds.columns import Column
from opsboard.records import Record, Ref, Status
from opsboard.views.filter import EVERYTHING, Filter, suggested_value
from opsboard.views.order import Order
from opsboard.views.panes import PaneSpec

REBUILD_ABOVE: Final = 0.1
"""Share of changed records above which sorting all of them again is quicker than moving each."""

HINTED: Final = 1_000
"""Most records whose values are searched for one like the filter's."""


@frozen_unchecked
class RowChanges(Frozen):
    """What an update did: whether rows have *moved*, and else which ones read differently."""

    moved: bool
    rows: frozenset[int] = frozenset()


class RowModel:
    """The refs of the records of one kind that pass the filter, in order.

    *records* is the board's live view; it is read, never written. Rows that are equal in the
    column they are sorted by stand in the order of their names, in a descending order too.

    The row that is held, since a cursor is on it, stays where it is though its record does not
    pass any more or is gone: it is :attr:`lost` then, and counted no more.
    """

    def __init__(self, pane: PaneSpec, records: Mapping[Ref, Record]) -> None:
        self.pane = pane
        self.filter: Filter = EVERYTHING
        self.column: Column = pane.column(pane.order) or pane.columns[0]
        self.descending = pane.descending
        self.statuses: Counter[Status] = Counter()
        self.sources: Counter[str] = Counter()
        self.lost: Record | None = None
        self._held: Ref | None = None
        self._records = records
        self._order = Order()

    def __len__(self) -> int:
        return len(self._order.refs)

    @property
    def passing(self) -> int:
        """How many rows there are, without the one that is lost."""
        return len(self) - (self.lost is not None)

    @property
    def total(self) -> int:
        """How many there are without the filter."""
        return len(self._records)

    def ref(self, row: int) -> Ref:
        """Return what is in *row*."""
        return self._order.refs[row]

    def record(self, row: int) -> Record | None:
        """Return the record in *row*, if the board still has it; what is lost, as it was."""
        ref = self.ref(row)
        return self._records.get(ref) or (self.lost if self.is_lost(ref) else None)

    def is_lost(self, ref: Ref) -> bool:
        """Tell whether *ref* is shown only since it is held."""
        return self.lost is not None and self.lost.ref == ref

    def is_gone(self, ref: Ref) -> bool:
        """Tell whether the board has *ref* no more."""
        return ref not in self._records

    def hold(self, ref: Ref | None) -> bool:
        """Let the row of *ref* stay from now on; return whether another has gone by that."""
        self._held = ref
        if self.lost is None or self.lost.ref == ref:
            return False
        self._order.drop(self.lost.ref)
        self.lost = None
        return True

    def find(self, ref: Ref) -> int | None:
        """Return the row of *ref*, if it is shown."""
        return self._order.find(ref)

    def set_filter(self, chosen: Filter, now: datetime) -> None:
        """Show only what passes *chosen*, and hold nothing else: somebody wants it so."""
        self.hold(None)
        self.filter = chosen
        self.rebuild(now)

    def sort_by(self, column: Column, *, descending: bool) -> None:
        """Order the rows by *column*."""
        self.column, self.descending = column, descending
        self._order.sort(column.key, descending=descending)

    def rebuild(self, now: datetime) -> None:
        """Filter and sort all records."""
        chosen = self.filter
        shown: Mapping[Ref, Record] = self._records
        if chosen:
            shown = {ref: record for ref, record in shown.items() if chosen(record, now)}
        self.statuses = Counter([record.status for record in shown.values()])
        self.sources = Counter([ref.source for ref in shown])
        kept_row = self._order.records.get(self._held) if self._held else None
        self.lost = None if kept_row is None or kept_row.ref in shown else kept_row
        self._order.fill(shown if self.lost is None else {**shown, self.lost.ref: self.lost})
        self._order.sort(self.column.key, descending=self.descending)

    def suggested_filter(self) -> str:
        """Return what the filter may have been meant to be where it lets no row through, or ``""``.

        Of many records, nothing: each keystroke asks.
        """
        if not self.filter or len(self) or self.total > HINTED:
            return ""
        return suggested_value(self.filter.text, self.pane, self._records.values())

    def update(self, changed: Set[Ref], removed: Set[Ref], now: datetime) -> RowChanges:
        """Take in that *changed* records are new or other, and *removed* ones gone."""
        if len(changed) + len(removed) > max(50, self.total * REBUILD_ABOVE):
            self.rebuild(now)
            return RowChanges(moved=True)
        moved = False
        for ref in removed:
            moved |= self._drop(ref)
        for ref in changed:
            moved |= self._place(ref, now)
        if moved:
            return RowChanges(moved=True)
        lost = [self.lost.ref] if self.lost is not None else []
        rows = (self.find(ref) for ref in (*changed, *lost))
        return RowChanges(moved=False, rows=frozenset(row for row in rows if row is not None))

    def _place(self, ref: Ref, now: datetime) -> bool:
        """Put *ref* where it belongs; return whether rows have moved."""
        record = self._records.get(ref)
        if record is None or (self.filter and not self.filter(record, now)):
            return self._drop(ref)
        if self.is_lost(ref):
            self.lost = None
        else:
            self._count(self._order.records.get(ref), -1)
        self._count(record, +1)
        return self._order.put(ref, record)

    def _drop(self, ref: Ref) -> bool:
        if self.is_lost(ref):
            return False
        known = self._order.records.get(ref)
        self._count(known, -1)
        if ref == self._held and known is not None:
            self.lost = known
            return False
        return self._order.drop(ref)

    def _count(self, record: Record | None, by: int) -> None:
        if record is not None:
            self.statuses[record.status] += by
            self.sources[record.source] += by
