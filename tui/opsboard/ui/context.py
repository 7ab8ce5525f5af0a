"""What every screen and widget needs of the program, handed to it when it is made."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from opsboard.adapter import Clock
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.records import Record
from opsboard.system.local_zone import LOCAL_ZONE
from opsboard.ui.actions.activity_tracker import ActivityTracker
from opsboard.ui.actions.ui_action import UiAction
from opsboard.ui.theme.styles import Styles
from opsboard.views.scope import EVERYWHERE, Scope

if TYPE_CHECKING:
    from opsboard.acting.service import ActionService
    from opsboard.board.state import Board
    from opsboard.collect.feed import Feed
    from opsboard.delivery.port import LedgerPort


class Appearance:
    """The *styles* in use. The app replaces them when the theme or the glyphs change."""

    def __init__(self, styles: Styles) -> None:
        self.styles = styles


class ChosenScope:
    """The scope that all panes are narrowed to; the app replaces it when somebody asks for that.

    *save* keeps it over restarts, and returns why that is not possible, or ``""``.
    """

    def __init__(
        self, scope: Scope = EVERYWHERE, save: Callable[[Scope], str] = lambda _: ""
    ) -> None:
        self.scope, self.save = scope, save


class FirstPaint:
    """Holds back what the first frame does without, until that is drawn."""

    def __init__(self) -> None:
        self.is_done = False
        self._held_back: list[Callable[[], object]] = []

    def then(self, call: Callable[[], object]) -> None:
        """Call *call* once the first frame is drawn: at once, where it is already."""
        if self.is_done:
            call()
        else:
            self._held_back.append(call)

    def done(self) -> None:
        """Let go of what was held back: the first frame is drawn."""
        self.is_done = True
        while self._held_back:
            self._held_back.pop(0)()


class EarlierTime:
    """The *time* that an earlier board is of, and its clock: ages are those of then.

    *text* is the time as people read it: ``14:02``. Who steps to another time changes it.
    """

    def __init__(self, time: datetime, text: str) -> None:
        self.time, self.text = time, text

    def now(self) -> datetime:
        """Return that time."""
        return self.time

    async def sleep(self, seconds: float) -> None:
        """Return at once."""


@frozen_unchecked
class AppContext(Frozen):
    """The parts of the program that screens and widgets read from and ask.

    Nothing here is replaced while the program runs; what may change is within. To open a screen,
    quit, copy or change an alert, a node posts one of :mod:`opsboard.ui.messages` instead.
    """

    board: "Board"
    """The records and sources to show. Only the app changes it."""
    feed: "Feed"
    """Details, logs and raw forms, which are asked of the sources when they are opened."""
    clock: Clock
    appearance: Appearance
    first_paint: FirstPaint
    scope_state: ChosenScope
    tracker: ActivityTracker
    """The actions whose end the user is notified of."""
    keymap: Mapping[str, str]
    """The user's own keys by action id, as Textual's keymap: ``"W"``, ``"question_mark,H"``."""
    env: Mapping[str, str]
    """The environment variables of the program."""
    acts: "ActionService | None" = None
    """Plans and executes actions; ``None`` on a board that only shows."""
    edit: Callable[[str, str], Awaitable[str]] | None = None
    """Edits a text in the user's editor, in a file whose name ends as the second argument says;
    raises :exc:`~opsboard.adapter.SourceError`. ``None`` where no terminal can be handed over."""
    read_only: bool = False
    """Whether every action on every source is forbidden, which the top line says."""
    history: "LedgerPort | None" = None
    """What was and what changed; ``None`` where nothing is kept."""
    zone: tzinfo = LOCAL_ZONE
    """The time zone that times of the day are shown in, and read in."""
    earlier: EarlierTime | None = None
    """The time that the board is of; ``None`` for now. Otherwise, nothing can be acted on."""
    demo: str = ""
    """The notice that the records are the demo's; ``""`` outside of the demo."""

    @property
    def as_of(self) -> datetime | None:
        """The time that the board is of; ``None`` for now."""
        return self.earlier.time if self.earlier is not None else None

    @property
    def as_of_text(self) -> str:
        """That time as people read it: ``14:02``; ``""`` for now."""
        return self.earlier.text if self.earlier is not None else ""

    @property
    def of_when(self) -> str:
        """Of what time that is which the board has: ``as of 14:02``, ``as of now``."""
        return f"as of {self.as_of_text or 'now'}"

    @property
    def acts_nothing_reason(self) -> str:
        """Why nothing can be acted on here; ``""`` where that depends on the action."""
        if self.as_of is not None:
            return f"as of {self.as_of_text}: read-only"
        return "this board has no actions" if self.acts is None else ""

    @property
    def scope(self) -> Scope:
        """The scope that panes are narrowed to now."""
        return self.scope_state.scope

    def admits(self, record: Record) -> bool:
        """Tell whether *record* is within the scope."""
        return self.scope.admits(record, self.board.get)

    @property
    def styles(self) -> Styles:
        """The styles to draw with now."""
        return self.appearance.styles

    def keys_of(self, action: UiAction) -> tuple[str, ...]:
        """Return the keys that trigger *action*: the user's own, or else the default ones."""
        own = self.keymap.get(action.id)
        return tuple(own.split(",")) if own is not None else action.keys
