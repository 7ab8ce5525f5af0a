"""The rows of a pane: filtered, sorted, and kept so as records change."""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from opsboard.records import Record, Ref, Status
from opsboard.views.column import Column
from opsboard.views.filter import EVERYTHING, Filter
from opsboard.views.panes import PaneSpec

REBUILD_ABOVE: Final = 0.1
"""Share of changed records above which sorting all anew is quicker than moving each."""

Key = tuple[Any, str, Ref]


@dataclass(frozen=True, slots=True)
class Effect:
    """What an update did: whether rows have *moved*, and else which ones read differently."""

    moved: bool
    rows: frozenset[int] = frozenset()


class RowModel:
    """The refs of the records of one kind that pass the filter, in order.

    *records* is the board's live view; it is read, never written. Rows are kept in ascending
    order with their keys beside them; a descending order reads them from the end.
    """

    def __init__(self, pane: PaneSpec, records: Mapping[Ref, Record]) -> None:
        self.pane = pane
        self.filter: Filter = EVERYTHING
        self.column: Column = pane.column(pane.order) or pane.columns[0]
        self.descending = pane.descending
        self.statuses: Counter[Status] = Counter()
        self.sources: Counter[str] = Counter()
        self._records = records
        self._order: list[Key] = []
        self._keys: dict[Ref, tuple[Key, Status]] = {}

    def __len__(self) -> int:
        return len(self._order)

    @property
    def total(self) -> int:
        """How many there are without the filter."""
        return len(self._records)

    def ref(self, row: int) -> Ref:
        """Return what is in *row*."""
        return self._order[self._flip(row)][2]

    def record(self, row: int) -> Record | None:
        """Return the record in *row*, if the board still has it."""
        return self._records.get(self.ref(row))

    def find(self, ref: Ref) -> int | None:
        """Return the row of *ref*, if it is shown."""
        held = self._keys.get(ref)
        return None if held is None else self._flip(bisect_left(self._order, held[0]))

    def set_filter(self, chosen: Filter, now: datetime) -> None:
        """Show only what passes *chosen*."""
        self.filter = chosen
        self.rebuild(now)

    def sort_by(self, column: Column, now: datetime, *, descending: bool) -> None:
        """Order the rows by *column*."""
        self.column, self.descending = column, descending
        self.rebuild(now)

    def rebuild(self, now: datetime) -> None:
        """Filter and sort all records."""
        chosen, sort_key = self.filter, self.column.key
        shown = [
            (ref, record)
            for ref, record in self._records.items()
            if not chosen or chosen(record, now)
        ]
        keys = [(sort_key(record), record.name, ref) for ref, record in shown]
        self._keys = {
            ref: (key, record.status) for key, (ref, record) in zip(keys, shown, strict=True)
        }
        keys.sort()
        self._order = keys
        self.statuses = Counter(record.status for _, record in shown)
        self.sources = Counter(ref.source for ref, _ in shown)

    def update(self, changed: Set[Ref], removed: Set[Ref], now: datetime) -> Effect:
        """Take in that *changed* records are new or other, and *removed* ones gone."""
        if len(changed) + len(removed) > max(50, self.total * REBUILD_ABOVE):
            self.rebuild(now)
            return Effect(moved=True)
        moved = False
        for ref in removed:
            moved |= self._drop(ref)
        for ref in changed:
            moved |= self._place(ref, now)
        if moved:
            return Effect(moved=True)
        rows = (self.find(ref) for ref in changed)
        return Effect(moved=False, rows=frozenset(row for row in rows if row is not None))

    def _place(self, ref: Ref, now: datetime) -> bool:
        """Put *ref* where it belongs; return whether rows have moved."""
        record = self._records.get(ref)
        if record is None or (self.filter and not self.filter(record, now)):
            return self._drop(ref)
        key, held = self._key(ref, record), self._keys.get(ref)
        if held is not None and held[0] == key:
            self._recount(ref, held[1], record.status)
            self._keys[ref] = (key, record.status)
            return False
        self._drop(ref)
        insort(self._order, key)
        self._keys[ref] = (key, record.status)
        self.statuses[record.status] += 1
        self.sources[ref.source] += 1
        return True

    def _drop(self, ref: Ref) -> bool:
        held = self._keys.pop(ref, None)
        if held is None:
            return False
        del self._order[bisect_left(self._order, held[0])]
        self.statuses[held[1]] -= 1
        self.sources[ref.source] -= 1
        return True

    def _recount(self, ref: Ref, before: Status, after: Status) -> None:
        if before is not after:
            self.statuses[before] -= 1
            self.statuses[after] += 1

    def _key(self, ref: Ref, record: Record) -> Key:
        return (self.column.key(record), record.name, ref)

    def _flip(self, row: int) -> int:
        return len(self._order) - 1 - row if self.descending else row
