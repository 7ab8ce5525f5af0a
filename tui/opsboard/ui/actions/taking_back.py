"""Planning what takes a change back: one that was seen, or one that was made from here."""

from typing import TYPE_CHECKING, Final

from opsboard.adapter import ActionAvailability
from opsboard.records import Kind, Record, row_of
from opsboard.ui.actions.record_target import RecordTarget
from opsboard.ui.context import AppContext
from opsboard.ui.messages import StartAction

if TYPE_CHECKING:
    from opsboard.history.undo import Undo

NOTHING: Final = "nothing here takes this change back"


def why_not_taken_back(undo: "Undo | None", context: AppContext) -> str:
    """Return why *undo* cannot be planned now, or ``""``."""
    if undo is None:
        return NOTHING
    if reason := context.acts_nothing_reason:
        return reason
    record = _record(undo, context)
    if record is None:
        return "what was changed is gone from the board"
    offer = _offer(undo, record, context)
    if offer is None:
        return f"{undo.action} is not offered for it"
    return "read-only" if context.read_only else offer.disabled_reason


def taking_back(undo: "Undo | None", context: AppContext) -> StartAction | None:
    """Return the message that opens the plan of *undo*; ``None`` where there is nothing to open."""
    record = _record(undo, context) if undo is not None else None
    offer = _offer(undo, record, context) if undo is not None and record is not None else None
    if undo is None or record is None or offer is None:
        return None
    from opsboard.adapter.details import RowAction  # noqa: PLC0415 - not for the first frame

    how = RowAction(action=undo.action, values=undo.values)
    on_board = record.kind is not Kind.LISTED
    target = RecordTarget(record, ", ".join(undo.values.values()), (how,), listed=on_board)
    return StartAction(offer.action, [target])


def _record(undo: "Undo", context: AppContext) -> Record | None:
    """Return what was changed; a row of a listing is not on the board."""
    if undo.ref.kind is Kind.LISTED:
        return row_of(undo.ref)
    return context.board.get(undo.ref)


def _offer(undo: "Undo", record: Record, context: AppContext) -> ActionAvailability | None:
    acts = context.acts
    offers = acts.available_actions(record) if acts is not None else ()
    return next((one for one in offers if one.action.id == undo.action), None)
