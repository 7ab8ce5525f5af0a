"""Acknowledging and silencing alerts."""

import re
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from opsboard.records import Alert
from opsboard.ui.actions.action_handler import ActionGroup, UiActionHandler
from opsboard.ui.actions.record_selection import RecordSelection
from opsboard.ui.actions.ui_action import UiAction
from opsboard.ui.messages import AcknowledgeAlerts, AskChoice, ChoiceOption, SnoozeAlerts
from opsboard.views.alert_groups import others_of

if TYPE_CHECKING:
    from opsboard.board.state import Board

_DURATION: Final = re.compile(r"(\d{1,4})\s*([mhdw])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

USUAL_DURATIONS: Final = (
    ("15m", "15 minutes"),
    ("1h", "1 hour"),
    ("4h", "4 hours"),
    ("1d", "1 day"),
    ("1w", "1 week"),
)
"""The durations that are offered for a snooze, with their labels."""

_ALERT_ACTIONS: Final = frozenset({"record.acknowledge", "record.snooze"})


class AlertCommands(ActionGroup):
    """The actions of :attr:`BindingScope.RECORD` on the selected alerts."""

    def __init__(self, node: UiActionHandler, selection: RecordSelection) -> None:
        self._node, self._selection = node, selection

    def disabled_reason(self, action: UiAction) -> str:
        """Return why nothing can be acknowledged or silenced."""
        if action.id not in _ALERT_ACTIONS:
            return ""
        if self._node.context.as_of is not None:
            return self._node.context.acts_nothing_reason
        if self._selection.alerts():
            return ""
        gone = self._selection.gone_reason()
        return gone or "that is for alerts; `:alerts` shows them"

    def completions(self, action: UiAction) -> Sequence[str]:
        """Return the usual durations of a snooze."""
        return [short for short, _ in USUAL_DURATIONS] if action.takes == "duration" else ()

    def do_acknowledge(self, reason: str) -> None:
        """Acknowledge the alerts; if all of them are acknowledged already, open them again.

        With a *reason*, they stay acknowledged, and it is kept.
        """
        self._node.post_message(AcknowledgeAlerts(self._selection.alerts(), reason))

    def do_snooze(self, duration: str) -> None:
        """Silence the alerts for *duration*, or ask for how long. A reason may follow it."""
        alerts = self._selection.alerts()
        if duration:
            self._snooze(alerts, duration)
            return
        options = [ChoiceOption(label, short) for short, label in USUAL_DURATIONS]
        title = f"Silence {alerts_text(alerts)} for"
        self._node.post_message(AskChoice(title, options, partial(self._snooze, alerts)))

    def _snooze(self, alerts: Sequence[Alert], duration: str | None) -> None:
        if duration is None:
            return
        first, reason = split_reason(duration)
        if (length := parse_duration(first)) is None:
            text = f"{first!r} is not a duration; write 30m, 2h, 1d or 1w, and then a reason"
            self._node.show_notice(text, wrong=True)
            return
        self._node.post_message(SnoozeAlerts(alerts, length, first, reason))


def alerts_text(alerts: Sequence[Alert]) -> str:
    """Return how many *alerts* there are: ``1 alert``, ``3 alerts``."""
    return "1 alert" if len(alerts) == 1 else f"{len(alerts)} alerts"


def open_yet_text(board: "Board", alerts: Sequence[Alert]) -> str:
    """Return what stays open though the alert that leads it is among *alerts*; ``""`` for nothing.

    Who acknowledges one alert has seen one: those folded away below it are taken if marked.
    """
    found = others_of(board, (alert.ref for alert in alerts))
    if not found:
        return ""
    count = sum(len(others) for _, others in found)
    words = {one.of for one, _ in found}
    same = words.pop() if len(words) == 1 else "cause"
    return f"; {count} of the same {same} stay{'s' * (count == 1)} open: Space marks them too"


def split_reason(text: str) -> tuple[str, str]:
    """Return the duration that *text* begins with, and the reason after it: ``2h the index``."""
    if found := _DURATION.match(text):
        rest = text[found.end() :]
        if not rest or rest[0].isspace():
            return found.group(), rest.strip()
    return text, ""


def parse_duration(text: str) -> timedelta | None:
    """Return the duration *text*, such as ``30m``, ``2h`` or ``1d``; ``None`` if it is none."""
    found = _DURATION.fullmatch(text.strip().lower())
    if found is None or int(found[1]) == 0:
        return None
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
