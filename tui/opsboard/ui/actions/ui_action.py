"""What an action is, and the scopes in which its keys apply."""

from enum import StrEnum

from opsboard.frozen import Frozen, frozen_unchecked


class BindingScope(StrEnum):
    """Where a key applies. Several scopes apply at once, from the focused widget out to the app."""

    MOVE = "movement"
    RECORD = "record"
    ACT = "actions"
    PANE = "pane"
    BOARD = "board"
    DETAIL = "detail"
    STEPPED = "a page that steps through time"
    TIMELINE = "time line"
    BEFORE_RED = "what changed before"
    DELIVERY = "delivery figures"
    REPORT = "report"
    LOG = "log"
    RAW = "raw"
    PLAN = "plan"
    FORM = "form"
    CONFIRM = "confirmation"
    PROMPT = "prompt"
    CHOICE = "choice"
    SCREEN = "this screen"
    APP = "everywhere"


SCOPE_CHAINS: tuple[frozenset[BindingScope], ...] = (
    frozenset(
        {
            BindingScope.MOVE,
            BindingScope.RECORD,
            BindingScope.PANE,
            BindingScope.ACT,
            BindingScope.SCREEN,
            BindingScope.APP,
        }
    ),
    frozenset(
        {
            BindingScope.MOVE,
            BindingScope.RECORD,
            BindingScope.PANE,
            BindingScope.ACT,
            BindingScope.BOARD,
            BindingScope.APP,
        }
    ),
    frozenset(
        {
            BindingScope.MOVE,
            BindingScope.RECORD,
            BindingScope.DETAIL,
            BindingScope.STEPPED,
            BindingScope.ACT,
            BindingScope.SCREEN,
            BindingScope.APP,
        }
    ),
    frozenset(
        {
            BindingScope.MOVE,
            BindingScope.RECORD,
            BindingScope.TIMELINE,
            BindingScope.ACT,
            BindingScope.SCREEN,
            BindingScope.APP,
        }
    ),
    frozenset(
        {
            BindingScope.MOVE,
            BindingScope.RECORD,
            BindingScope.BEFORE_RED,
            BindingScope.DETAIL,
            BindingScope.ACT,
            BindingScope.SCREEN,
            BindingScope.APP,
        }
    ),
    frozenset(
        {
            BindingScope.MOVE,
            BindingScope.RECORD,
            BindingScope.DELIVERY,
            BindingScope.DETAIL,
            BindingScope.ACT,
            BindingScope.SCREEN,
            BindingScope.APP,
        }
    ),
    frozenset({BindingScope.MOVE, BindingScope.REPORT, BindingScope.SCREEN, BindingScope.APP}),
    frozenset({BindingScope.MOVE, BindingScope.LOG, BindingScope.SCREEN, BindingScope.APP}),
    frozenset({BindingScope.MOVE, BindingScope.RAW, BindingScope.SCREEN, BindingScope.APP}),
    frozenset({BindingScope.MOVE, BindingScope.PLAN, BindingScope.SCREEN, BindingScope.APP}),
    frozenset({BindingScope.FORM, BindingScope.SCREEN, BindingScope.APP}),
    frozenset({BindingScope.CONFIRM}),
    frozenset({BindingScope.PROMPT}),
    frozenset({BindingScope.MOVE, BindingScope.CHOICE}),
)
"""Places that can hold at the same time: within one of these, a key means one thing only."""


@frozen_unchecked
class UiAction(Frozen):
    """Something a user can do, declared once for keys, hints, help, commands and palette.

    *id* is what ``[ui.keys]`` in the config file names. Whatever acts at *place* has a method
    ``do_<handler>`` for it; it is given *argument*, if there is one, and what was typed after the
    command, if the action *takes* something. Actions with a *rank* stand in the hints line, lowest
    first.
    """

    id: str
    title: str
    scope: BindingScope
    help: str
    keys: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    takes: str = ""
    rank: int = 0
    handler: str = ""
    argument: str = ""

    @property
    def method(self) -> str:
        """The name of the method that carries the action out."""
        return "do_" + (self.handler or self.id.partition(".")[2])
