"""What will happen when: an event queue with a clock of its own."""

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import TypeAlias

Callback: TypeAlias = Callable[[], None]


class EventQueue:
    """Acts in the order of their times; acts of the same time in the order of their entry."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._entries: list[tuple[datetime, int, Callback]] = []
        self._numbers = count()

    def call_at(self, when: datetime, callback: Callback) -> None:
        """Have *act* done at *when*, or as the next thing where that has passed."""
        heapq.heappush(self._entries, (max(when, self.now), next(self._numbers), callback))

    def call_later(self, seconds: float, callback: Callback) -> None:
        """Have *act* done *seconds* from now."""
        self.call_at(self.now + timedelta(seconds=seconds), callback)

    def run_until(self, now: datetime) -> None:
        """Do all that is due by *now*, each act at its own time."""
        while self._entries and self._entries[0][0] <= now:
            when, _, act = heapq.heappop(self._entries)
            self.now = when
            act()
        self.now = max(self.now, now)

    @property
    def next_at(self) -> datetime | None:
        """When the next act is due."""
        return self._entries[0][0] if self._entries else None
