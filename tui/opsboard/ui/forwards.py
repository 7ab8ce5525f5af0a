"""Ports that are forwarded from here: listed, counted in the top line, and ended one by one."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from opsboard.adapter.action_spec import FORWARD
from opsboard.kinds.ages import age_text
from opsboard.records import Activity
from opsboard.ui.actions.action_handler import ActionGroup, UiActionHandler
from opsboard.ui.actions.activity_tracker import running_activities
from opsboard.ui.context import AppContext
from opsboard.ui.messages import AskChoice, ChoiceOption

if TYPE_CHECKING:
    from opsboard.board.state import Board
    from opsboard.collect.program_runner import ProgramRunner


def forwards(board: "Board") -> list[Activity]:
    """Return the ports that are forwarded now, the oldest first."""
    return [one for one in running_activities(board) if one.action == FORWARD]


def closing_lines(board: "Board", programs: "ProgramRunner | None") -> Iterator[str]:
    """Yield what to say of the ports that end with the board whose *programs* forward them."""
    count = sum(1 for one in forwards(board) if programs is not None and programs.runs(one.id))
    if count:
        ports = "1 forwarded port is" if count == 1 else f"{count} forwarded ports are"
        yield f"opsboard: {ports} closed."


def still_followed(board: "Board") -> list[Activity]:
    """Return the actions that are running and that the next start can go on to follow.

    No forwarded port is among them: it ends with the board that has opened it.
    """
    return [one for one in running_activities(board) if one.action != FORWARD]


class ForwardActions(ActionGroup):
    """Carries out ``:forwards`` for *app*; *programs* run them."""

    def __init__(
        self, app: UiActionHandler, context: AppContext, programs: "ProgramRunner | None"
    ) -> None:
        self._app, self._context, self._programs = app, context, programs

    def do_forwards(self) -> None:
        """List what is forwarded; Enter ends one of them."""
        found, now = forwards(self._context.board), self._context.clock.now()
        if not found:
            self._app.show_notice("No port is forwarded from here")
            return
        options = [
            ChoiceOption(
                one.message or one.after,
                one.id,
                f"{one.target}, for {age_text(one.created_at or now, now)}",
            )
            for one in found
        ]
        title = "Forwarded ports, open to every user of this machine; Enter ends one"
        self._app.post_message(AskChoice(title, options, self._end))

    def _end(self, key: str | None) -> None:
        if key is None:
            return
        if self._programs is None or not self._programs.runs(key):
            self._app.show_notice("Another opsboard forwards it, and is to end it", wrong=True)
            return
        self._programs.end_soon(key)
