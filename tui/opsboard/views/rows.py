"""The rows of a pane: filtered, sorted, and kept so as records change."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from datetime import datetime
from typing import Any, Final

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.kinds.builds import RUNS
from opsboard.kinds.columns import Cell, Column, Show
from opsboard.lineage.outages import Outage
from opsboard.records import Alert, AlertState, Record, Ref, Status
from opsboard.views.filter import EVERYTHING, Filter, parse, suggested_value
from opsboard.views.order import Order
from opsboard.views.panes import PaneSpec
from opsboard.views.row_groups import RowGroups
from opsboard.views.run_history import RunHistory
from opsboard.views.unfiltered_rows import UnfilteredRows, counts_of

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

    The records of a saved view are those that pass its own filter: the others are none of it, and
    are neither counted nor outside. With :attr:`only_wrong`, only what is wrong passes. In the
    order that the pane begins with, those of :attr:`first` stand before all others. Where rows are
    grouped (:meth:`set_groups`), those that are folded away are counted, but are no rows.
    """

    def __init__(self, pane: PaneSpec, records: Mapping[Ref, Record]) -> None:
        self.pane = pane
        self.filter: Filter = EVERYTHING
        self.own_filter: Filter = parse(pane.filter, pane)
        self.only_wrong = False
        self.first: frozenset[Ref] = frozenset()
        self.column: Column = pane.column(pane.order) or pane.columns[0]
        self.descending = pane.descending
        self._is_chosen_order = False
        """Whether somebody has sorted it; until then it follows its pane."""
        self.statuses: Counter[Status] = Counter()
        self.sources: Counter[str] = Counter()
        self.lost: Record | None = None
        self._admits: Callable[[Record], bool] | None = None
        self._outside: dict[Ref, Status] = {}
        self._foreign: set[Ref] = set()
        self._held: Ref | None = None
        self._records = records
        self._order = Order()
        self._is_built = False
        self._unfiltered: UnfilteredRows | None = None
        """All rows, as long as only the filter changes."""
        self.groups = RowGroups()
        self.drawn: dict[str, Show] = {}
        """What draws a column of which a record alone does not know the content."""
        self._runs = RunHistory(records) if RUNS in pane.columns else None
        if self._runs is not None:
            self.drawn[RUNS.id] = self._runs.cell
        self._kept: frozenset[Ref] = frozenset()

    def __len__(self) -> int:
        return len(self._order.refs)

    @property
    def passing(self) -> int:
        """How many pass, without the one that is lost; what is folded away is among them."""
        return len(self) - (self.lost is not None) + len(self.groups.folded)

    @property
    def total(self) -> int:
        """How many there are in the scope, without the filter."""
        return len(self._records) - len(self._outside) - len(self._foreign)

    @property
    def foreign(self) -> int:
        """How many records of the same kind are not in the saved view."""
        return len(self._foreign)

    @property
    def outside(self) -> Counter[Status]:
        """How many are outside of the scope, by their statuses."""
        return Counter(self._outside.values())

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
        unfiltered = self.all_rows()
        self.filter = chosen
        if unfiltered is None:
            self.rebuild(now)
            return
        unfiltered.narrow(self._order, chosen, is_wrong if self.only_wrong else None, now)
        self.statuses, self.sources = unfiltered.counts()

    def all_rows(self) -> UnfilteredRows | None:
        """Return all rows, which a filter narrows without sorting; ``None`` where that differs."""
        plain = self._is_built and not (self.groups or self.is_narrowed or self.lost)
        if self._unfiltered is None and plain:
            self._unfiltered = UnfilteredRows(self._order, self.pane)
        return self._unfiltered

    def set_scope(self, admits: Callable[[Record], bool] | None, now: datetime) -> None:
        """Show only what a scope *admits*; all where that is ``None``."""
        self.hold(None)
        self._admits = admits
        self.rebuild(now)

    def sort_by(self, column: Column, *, descending: bool) -> None:
        """Order the rows by *column*."""
        self._is_chosen_order = True
        self._sort_by(column, descending=descending)

    def _sort_by(self, column: Column, *, descending: bool) -> None:
        self.column, self.descending = column, descending
        self._sort()

    def _sort(self) -> None:
        self._unfiltered = None
        column, descending, first = self.column, self.descending, self.first
        key = (column.key_descending if descending else None) or column.key
        if self.groups:
            shown, ties = self._order.records, self._order.ties
            key = self.groups.key(key, shown, ties, descending=descending)
        if first and (self.column.id, descending) == (self.pane.order, self.pane.descending):
            own = key

            def key(record: Record) -> tuple[bool, Any]:
                return (record.ref in first) is descending, own(record)

        self._order.sort(key, descending=descending)

    @property
    def is_narrowed(self) -> bool:
        """Whether there may be rows that are not shown."""
        return self.only_wrong or bool(self.filter)

    def show_only_wrong(self, now: datetime, *, wanted: bool) -> None:
        """Show only what is wrong, or all again, and hold nothing else: somebody wants it so."""
        self.hold(None)
        self.only_wrong = wanted
        self.rebuild(now)

    def put_first(self, refs: frozenset[Ref], now: datetime) -> bool:
        """Let *refs* stand before all others; return whether others did before."""
        if refs == self.first:
            return False
        self.first = refs
        self.rebuild(now)
        return True

    # --- groups ----------------------------------------------------------------------------------

    def set_groups(self, outages: Sequence[Outage], now: datetime) -> bool:
        """Let the members of *outages* stand below their heads; return whether rows have moved."""
        if not self.groups.set(outages):
            return False
        self.rebuild(now)
        return True

    def keep_shown(self, refs: frozenset[Ref], now: datetime) -> bool:
        """Fold away none of *refs*, which are marked; return whether rows have moved."""
        if refs == self._kept:
            return False
        self._kept = refs
        if self.groups:
            self.rebuild(now)
        return bool(self.groups)

    def unfold(self, ref: Ref, now: datetime) -> bool:
        """Show what is folded away below *ref*; return whether anything is."""
        if not self.groups.unfold(ref):
            return False
        self.rebuild(now)
        return True

    def fold(self, ref: Ref, now: datetime) -> Ref | None:
        """Fold the group of *ref*; return its head, ``None`` where it is in no group."""
        head = self.groups.fold(ref)
        if head is not None:
            self._held = head if self._held is not None else None
            self.rebuild(now)
        return head

    def cell(self, column: Column, record: Record, now: datetime) -> Cell:
        """Return what *column* shows of *record* in its row."""
        if column.id in self.drawn:
            return self.drawn[column.id](record, now)
        return self.groups.cell(column, record, now) if self.groups else column.show(record, now)

    # --- filter and order ------------------------------------------------------------------------

    def _passes(self, record: Record, now: datetime) -> bool:
        if self.only_wrong and not is_wrong(record):
            return False
        return not self.filter or self.filter(record, now)

    def set_pane(self, pane: PaneSpec, now: datetime) -> None:
        """Take the columns of *pane* from now on, and its own filter.

        It is sorted by the one that somebody has chosen, if it is still there, or else as *pane*
        begins.
        """
        is_other = pane.filter != self.pane.filter
        self.pane, self._unfiltered = pane, None
        if is_other:
            self.own_filter = parse(pane.filter, pane)
            self._foreign = set()
            self.rebuild(now)
        column, descending = pane.column(self.column.id), self.descending
        if column is None or not self._is_chosen_order:
            column, descending = pane.column(pane.order) or pane.columns[0], pane.descending
        if column is not self.column or descending is not self.descending:
            self._sort_by(column, descending=descending)

    def rebuild(self, now: datetime) -> None:
        """Filter and sort all records."""
        shown = members = self._members(now)
        if (admits := self._admits) is not None:
            shown = {ref: record for ref, record in shown.items() if admits(record)}
            rest = members.keys() - shown.keys()
            self._outside = {ref: members[ref].display_status for ref in rest}
        else:
            self._outside = {}
        if self.is_narrowed:
            passes = self._passes
            shown = {ref: record for ref, record in shown.items() if passes(record, now)}
        self.statuses, self.sources = counts_of(shown)
        if self.groups:
            kept = self._kept if self._held is None else {*self._kept, self._held}
            shown = self.groups.arrange(shown, kept, flat=bool(self.filter))
        kept_row = self._order.records.get(self._held) if self._held else None
        self.lost = None if kept_row is None or kept_row.ref in shown else kept_row
        self._is_built = True
        self._order.fill(shown if self.lost is None else {**shown, self.lost.ref: self.lost})
        self._sort()

    def _members(self, now: datetime) -> Mapping[Ref, Record]:
        """Return the records that this is about at all, and note the others."""
        if not self.own_filter:
            return self._records
        belongs = self.own_filter
        found = {ref: record for ref, record in self._records.items() if belongs(record, now)}
        self._foreign = self._records.keys() - found.keys()
        return found

    def suggested_filter(self) -> str:
        """Return what the filter may have been meant to be where it lets no row through, or ``""``.

        Of many records, nothing: each keystroke asks.
        """
        if not self.filter or len(self) or self.total > HINTED:
            return ""
        return suggested_value(self.filter.text, self.pane, self._records.values())

    def update(self, changed: Set[Ref], removed: Set[Ref], now: datetime) -> RowChanges:
        """Take in that *changed* records are new or other, and *removed* ones gone."""
        if self._runs is not None:
            self._runs.update(changed, removed)
        self._unfiltered = None
        many = len(changed) + len(removed) > max(50, self.total * REBUILD_ABOVE)
        if many or self.groups:
            self.rebuild(now)
            return RowChanges(moved=True)
        moved = False
        for ref in removed:
            self._outside.pop(ref, None)
            self._foreign.discard(ref)
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
        if record is None or self._is_foreign(record, now) or self._is_outside(record):
            return self._drop(ref)
        if not self._passes(record, now):
            return self._drop(ref)
        if self.is_lost(ref):
            self.lost = None
        else:
            self._count(self._order.records.get(ref), -1)
        self._count(record, +1)
        return self._order.put(ref, record)

    def _is_foreign(self, record: Record, now: datetime) -> bool:
        """Tell whether *record* is not in the saved view, and remember which are not."""
        if not self.own_filter or self.own_filter(record, now):
            self._foreign.discard(record.ref)
            return False
        self._foreign.add(record.ref)
        self._outside.pop(record.ref, None)
        return True

    def _is_outside(self, record: Record) -> bool:
        """Tell whether the scope hides *record*, and remember which are hidden."""
        if self._admits is None:
            return False
        if self._admits(record):
            self._outside.pop(record.ref, None)
            return False
        self._outside[record.ref] = record.display_status
        return True

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
            self.statuses[record.display_status] += by
            self.sources[record.source] += by


def is_wrong(record: Record) -> bool:
    """Tell whether something is wrong with *record* that nobody has taken note of yet."""
    if isinstance(record, Alert) and record.state is not AlertState.OPEN:
        return False
    return record.status.severity >= Status.WARNING.severity
