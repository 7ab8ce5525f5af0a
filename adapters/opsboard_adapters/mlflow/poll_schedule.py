"""How often to ask: quick while something moves, slow while nothing does."""

from datetime import datetime, timedelta
from typing import Final

SLOWEST: Final = 4.0
"""Times the poll interval that a quiet server is left alone."""
SHARE: Final = 4.0
"""A pause is at least so many times as long as the round of asking before it took."""
FULL_EVERY: Final = timedelta(minutes=10)
"""After which everything is read again: tags and descriptions change without a time stamp."""


class PollSchedule:
    """The rhythm of one source."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._factor = 1.0
        self._last_full: datetime | None = None
        self._asked_for = False

    def is_full(self, now: datetime) -> bool:
        """Tell whether the round that begins *now* must read everything, and note that it does."""
        due = self._last_full is None or now - self._last_full >= FULL_EVERY or self._asked_for
        self._asked_for = False
        if due:
            self._last_full = now
        return due

    def restart(self) -> None:
        """Begin again with a full round."""
        self._last_full = None

    def pause(self, *, moving: bool, took: float) -> float:
        """Return the seconds to wait after a round that *took* so long."""
        self._factor = 1.0 if moving else min(self._factor * 1.5, SLOWEST)
        return max(self._interval * self._factor, took * SHARE)

    def woke(self, planned: float, waited: float) -> None:
        """Take note of how long the wait was: a shorter one means that a user asked for news."""
        if waited < planned * 0.9:
            self._asked_for = True
            self._factor = 1.0
