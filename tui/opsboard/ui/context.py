"""What every screen and widget needs of the program, handed to it when it is made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from opsboard.adapter import Clock
from opsboard.system.local_zone import LOCAL_ZONE
from opsboard.ui.actions.activity_tracker import ActivityTracker
from opsboard.ui.actions.ui_action import UiAction
from opsboard.ui.theme.styles import Styles

if TYPE_CHECKING:
    from opsboard.acting.service import ActionService
    from opsboard.board.state import Board
    from opsboard.collect.feed import Feed
    from opsboard.history.port import HistoryPort


@dataclass(slots=True)
class Appearance:
    """The styles in use. The app replaces them when the theme or the glyphs change."""

    styles: Styles


@dataclass(frozen=True, slots=True)
class AppContext:
    """The parts of the program that screens and widgets read from and ask.

    Nothing here is replaced while the program runs. To open a screen, quit, copy or change an
    alert, a node posts one of :mod:`opsboard.ui.messages` instead.
    """

    board: "Board"
    """The records and sources to show. Only the app changes it."""
    feed: "Feed"
    """Details, logs and raw forms, which are asked of the sources when they are opened."""
    clock: Clock
    appearance: Appearance
    tracker: ActivityTracker
    """The actions whose end the user is notified of."""
    keymap: Mapping[str, str]
    """The user's own keys by action id, as Textual's keymap: ``"W"``, ``"question_mark,H"``."""
    env: Mapping[str, str]
    """The environment variables of the program."""
    acts: "ActionService | None" = None
    """Plans and executes actions; ``None`` on a board that only shows."""
    read_only: bool = False
    """Whether every action on every source is forbidden, which the top line says."""
    history: "HistoryPort | None" = None
    """What was and what changed; ``None`` where nothing is kept."""
    zone: tzinfo = LOCAL_ZONE
    """The time zone that times of the day are shown in, and read in."""
    as_of: datetime | None = None
    """The time that the board is of; ``None`` for now. Otherwise, nothing can be acted on."""
    as_of_text: str = ""
    """That time as people read it: ``14:02``."""
    demo: str = ""
    """The notice that the records are the demo's; ``""`` outside of the demo."""

    @property
    def acts_nothing_reason(self) -> str:
        """Why nothing can be acted on here; ``""`` where that depends on the action."""
        if self.as_of is not None:
            return f"as of {self.as_of_text}: read-only"
        return "this board has no actions" if self.acts is None else ""

    @property
    def styles(self) -> Styles:
        """The styles to draw with now."""
        return self.appearance.styles

    def keys_of(self, action: UiAction) -> tuple[str, ...]:
        """Return the keys that trigger *action*: the user's own, or else the default ones."""
        own = self.keymap.get(action.id)
        return tuple(own.split(",")) if own is not None else action.keys
