"""A queue of callbacks with a clock of its own, as a discrete-event simulation has.

Its clock moves only by :meth:`EventQueue.run_until`, from the time of one callback to the next. So
the same callbacks run in the same order however large the steps are in which it is moved.
"""

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import TypeAlias

Callback: TypeAlias = Callable[[], object]
"""What is called; whatever it returns is ignored."""


class EventQueue:
    """Callbacks by time; those of the same time run in the order in which they were added.

    :attr:`now` is the simulated time. Its methods are named as those of an asyncio event loop.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._entries: list[tuple[datetime, int, Callback]] = []
        self._numbers = count()

    def call_at(self, when: datetime, callback: Callback) -> None:
        """Run *callback* at *when*; next of all if that has passed."""
        heapq.heappush(self._entries, (max(when, self.now), next(self._numbers), callback))

    def call_later(self, seconds: float, callback: Callback) -> None:
        """Run *callback* after so many *seconds* of simulated time."""
        self.call_at(self.now + timedelta(seconds=seconds), callback)

    def run_until(self, now: datetime) -> None:
        """Run all callbacks that are due by *now*, each at its own time.

        A *now* in the past runs nothing and leaves the clock where it is.
        """
        while self._entries and self._entries[0][0] <= now:
            when, _, callback = heapq.heappop(self._entries)
            self.now = when
            callback()
        self.now = max(self.now, now)
