"""What a record is made of, what happened to it, and what changed before it went red."""

from typing import Final

from opsboard.records import Kind, Record, Status
from opsboard.ui.actions.action_handler import ActionGroup, UiActionHandler
from opsboard.ui.actions.record_selection import RecordSelection
from opsboard.ui.actions.service_parts import red_part
from opsboard.ui.actions.ui_action import UiAction
from opsboard.ui.messages import OpenBeforeRed, OpenLineage, OpenTimeline

_RED: Final = frozenset({Status.FAILED, Status.WARNING})
NO_HISTORY: Final = "this board keeps no history"


class RecordHistory(ActionGroup):
    """The actions of :attr:`BindingScope.RECORD` that follow joins and look back."""

    def __init__(self, node: UiActionHandler, selection: RecordSelection) -> None:
        self._node, self._selection = node, selection
        self._context = node.context

    def disabled_reason(self, action: UiAction) -> str:
        """Return why a chain or a look back is not possible now."""
        reasons = {
            "record.lineage": self._why_no_chain,
            "record.timeline": self._why_no_timeline,
            "record.before_red": self._why_not_red,
        }
        reason = reasons.get(action.id)
        return reason() if reason else ""

    def _why_no_subject(self) -> str:
        if (subject := self._selection.subject()) is not None:
            is_listed = subject.kind is Kind.LISTED
            return "the board joins and remembers no listed objects" if is_listed else ""
        if self._selection.current_ref() is not None:
            gone = self._selection.gone_reason()
            return gone or "the alert is about a source, which is made of nothing"
        return "there is no record under the cursor"

    def _why_no_chain(self) -> str:
        joined = self._context.board.is_joined
        return self._why_no_subject() or ("" if joined else "it is being joined: in a moment")

    def _why_no_timeline(self) -> str:
        return self._why_no_subject() or self._why_no_history()

    def _why_no_history(self) -> str:
        return NO_HISTORY if self._context.history is None else ""

    def _why_not_red(self) -> str:
        record = self._selection.record()
        if record is None or record.kind is not Kind.ALERT:
            if reason := self._why_no_subject():
                return reason
            if record is not None and not is_red(record):
                return "for alerts, and for what failed or warns"
        return self._why_no_history()

    # --- performing ------------------------------------------------------------------------------

    def do_lineage(self) -> None:
        """Open the chain before and after the record."""
        if (subject := self._selection.subject()) is not None:
            self._node.post_message(OpenLineage(subject))

    def do_timeline(self) -> None:
        """Open the time line of the record and of what it is joined to."""
        if (subject := self._selection.subject()) is not None:
            self._node.post_message(OpenTimeline(subject))

    def do_before_red(self) -> None:
        """Open what changed before the record went red; of a service, before its part did."""
        if (ref := self._selection.current_ref()) is not None:
            record = self._context.board.get(ref)
            part = red_part(record, self._context.board) if record is not None else ref
            self._node.post_message(OpenBeforeRed(part))


def is_red(record: Record) -> bool:
    """Tell whether something is wrong with *record*."""
    return record.status in _RED
