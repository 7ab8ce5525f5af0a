"""What the app tells its screens. Small typed messages; whoever cares handles them with ``@on``."""

from datetime import datetime
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from opsboard.board.state import BoardDelta


class BoardChanged(Message):
    """The board has taken in changes. Posted to every screen on the stack, at most 10 a second."""

    bubble = False

    def __init__(self, delta: "BoardDelta") -> None:
        super().__init__()
        self.delta = delta


class ClockTicked(Message):
    """Time has passed, so that ages may read differently. Posted to the screen on top only."""

    bubble = False

    def __init__(self, now: datetime) -> None:
        super().__init__()
        self.now = now


class StylesChanged(Message):
    """Theme or glyphs are others now. Posted to every screen on the stack: draw all anew."""

    bubble = False
