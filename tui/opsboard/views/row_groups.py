"""Rows that stand below another: alerts of one outage, folded under the one that is its cause.

Folding hides nothing from a count, a filter or a mark: only from the list.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from opsboard.kinds.columns import Cell, CellRole, Column
from opsboard.lineage.outages import Outage
from opsboard.records import Record, Ref

_INDENT: Final = "└ "
_NAMED: Final = "name"
_TOLD: Final = "message"


class RowGroups:
    """The groups of the rows of one pane, and which of them are unfolded."""

    def __init__(self) -> None:
        self._outages: tuple[Outage, ...] = ()
        self._unfolded: set[Ref] = set()
        self._shown: dict[Ref, Outage] = {}
        """Heads that are shown now, with those of their members that pass too."""
        self._head_of: dict[Ref, Ref] = {}
        self.folded: frozenset[Ref] = frozenset()
        """The members that pass, and are folded away."""

    def __bool__(self) -> bool:
        return bool(self._outages)

    def set(self, outages: Sequence[Outage]) -> bool:
        """Group by *outages* from now on; return whether these are others than before."""
        before, self._outages = self._outages, tuple(outages)
        self._unfolded &= {one.head for one in outages}
        return before != self._outages

    def arrange(
        self, passing: Mapping[Ref, Record], kept: Iterable[Ref], *, flat: bool
    ) -> Mapping[Ref, Record]:
        """Return which of the *passing* rows are shown.

        Where they are *flat*, as below a filter, each that matches is. A group with a member among
        *kept*, which is marked or under the cursor, stays unfolded. A member that is worse than its
        head stands for itself, where its status puts it.
        """
        self._shown = {}
        for one in () if flat else self._outages:
            if (head := passing.get(one.head)) is None:
                continue
            worst = head.display_status.severity
            below = {ref: passing[ref].display_status for ref in one.members if ref in passing}
            members = tuple(ref for ref, status in below.items() if status.severity <= worst)
            if members:
                self._shown[one.head] = one._replace(members=members)
        self._head_of = {ref: one.head for one in self._shown.values() for ref in one.members}
        unfolded = {*self._unfolded, *(self._head_of.get(ref) for ref in kept)}
        self.folded = frozenset(ref for ref, head in self._head_of.items() if head not in unfolded)
        if not self.folded:
            return passing
        return {ref: record for ref, record in passing.items() if ref not in self.folded}

    def key(
        self, own: Callable[[Any], Any], records: Mapping[Ref, Record],
        ties: Mapping[Ref, str], *, descending: bool,
    ) -> Callable[[Any], Any]:  # fmt: skip
        """Return what to sort by, so that members stand below their heads in either direction."""
        if not self._head_of:
            return own
        names = sorted(records, key=lambda ref: ties[ref])
        sign = -1 if descending else 1
        place = {ref: sign * at for at, ref in enumerate(names)}

        def key(record: Record) -> tuple[Any, int, bool, int]:
            head = records.get(self._head_of.get(record.ref, record.ref), record)
            is_below = (head is not record) is not descending
            return own(head), place[head.ref], is_below, place[record.ref]

        return key

    # --- reading ---------------------------------------------------------------------------------

    def text(self, ref: Ref) -> str:
        """Return what is folded away below *ref*: ``+2 of the same cause``."""
        one = self._shown.get(ref)
        return one.text if one is not None and self.folded.issuperset(one.members) else ""

    def cell(self, column: Column, record: Record, now: datetime) -> Cell:
        """Return what *column* shows of *record*: of a head, what is folded below it too."""
        cell = column.show(record, now)
        if not self._shown or column.id not in {_NAMED, _TOLD}:
            return cell
        if column.id == _NAMED and record.ref in self._head_of:
            return Cell(cell.text, parts=(Cell(_INDENT, role=CellRole.MUTED), cell))
        if not (text := self.text(record.ref)):
            return cell
        if column.id == _NAMED:
            return Cell(
                cell.text, parts=(cell, Cell(f" {text.partition(' ')[0]}", role=CellRole.MUTED))
            )
        return Cell(cell.text, parts=(Cell(f"{text}  ", role=CellRole.MUTED), cell))

    # --- folding ---------------------------------------------------------------------------------

    def unfold(self, ref: Ref) -> bool:
        """Show what is folded away below *ref*; return whether anything is."""
        if not self.text(ref):
            return False
        self._unfolded.add(ref)
        return True

    def fold(self, ref: Ref) -> Ref | None:
        """Fold the group of *ref*, its head or a member; return the head, if there is a group."""
        head = self._head_of.get(ref, ref)
        if head not in self._shown or self.text(head):
            return None
        self._unfolded.discard(head)
        return head
