"""The target of an action: a record, or a part of it, such as one revision of a workload."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.kinds.registry import qualified_name, uniqueness_scope
from opsboard.records import Record, Ref

if TYPE_CHECKING:
    from opsboard.adapter import RowAction
    from opsboard.board.state import Board


@frozen_unchecked
class RecordTarget(Frozen):
    """A *record*, fixed when the key was pressed; later keys and updates do not change it.

    *part* is what of it is meant, as an operator calls it (``revision 53``), and *actions* say
    how it is taken. *listed* tells that the board had the record: then it is gone once the board
    has it no more. What only a detail lists may never have been on the board.
    """

    record: Record
    part: str = ""
    actions: "tuple[RowAction, ...]" = ()
    listed: bool = False

    @property
    def ref(self) -> Ref:
        """The identity of the record."""
        return self.record.ref

    def values(self, action: str) -> Mapping[str, str]:
        """Return what the form of *action* begins with, for the part that is meant."""
        found = self._row_action(action)
        return found.values if found else {}

    def disabled_reason(self, action: str) -> str:
        """Return why that part cannot be the target of *action*, or ``""``."""
        found = self._row_action(action)
        return found.disabled_reason if found else ""

    def _row_action(self, action: str) -> "RowAction | None":
        return next((one for one in self.actions if one.action == action), None)

    # --- names -----------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The record with its repository or namespace."""
        return qualified_name(self.record)

    @property
    def full_text(self) -> str:
        """The record, where it is, and the part of it."""
        where = f"{self.name} in {uniqueness_scope(self.record)}"
        return f"{where}, {self.part}" if self.part and self.actions else where

    def text_for(self, action: str, arrow: str) -> str:
        """Return what *action* is about: the record and, where it goes there, the part."""
        return f"{self.name} {arrow} {self.part}" if self.values(action) else self.name

    # --- as time goes by -------------------------------------------------------------------------

    def is_gone(self, board: "Board") -> bool:
        """Tell whether *board* had the record and has it no more."""
        return self.listed and board.get(self.ref) is None

    def refreshed(self, board: "Board") -> "RecordTarget":
        """Return it with the record as *board* has it now, if it does."""
        record = board.get(self.ref)
        return self if record is None else replace(self, record=record)
