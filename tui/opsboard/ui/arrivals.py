"""What has arrived and is not applied yet, taken in parts that hold up no key.

A list of two thousand workloads joins for 0.4 s, in which no key is answered. A list is cut where
it takes too long: to the board it is as if the source had sent it in several. They are not many:
each has a price of its own, by all that there is. Nothing changes its place in the order, so that
what says that a list is complete (:class:`~opsboard.adapter.Complete`) comes after all of it: a
board that has half of a list never says that it has the whole.
"""

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from opsboard.adapter import Upsert
from opsboard.board.events import BoardEvent
from opsboard.records import Kind

_UNKNOWN: Final = 0.0002
"""Seconds that a record takes, of a kind of which none was measured yet: that of a workload."""
_LEAST: Final = 0.000_002
_MOST: Final = 0.002
"""Seconds between which what was measured is believed: the machine may have slept meanwhile."""
_PARTS: Final = 30
"""Parts that what is waiting is taken in, at most."""
_EVENT: Final = 0.000_02
"""Seconds that an event takes beside its records."""


class Arrivals:
    """Events in the order of their arrival, and how long the records of each kind take."""

    def __init__(self) -> None:
        self._events: deque[BoardEvent] = deque()
        self._waiting = 0
        """How many records wait."""
        self._least = 0
        """How many are taken at once at least."""
        self._seconds: dict[Kind, float] = {}
        self._taken: Counter[Kind] = Counter()

    def __bool__(self) -> bool:
        return bool(self._events)

    def add(self, events: Iterable[BoardEvent]) -> None:
        """Put *events* behind all others."""
        for event in events:
            self._events.append(event)
            self._waiting += _count(event)
        self._least = max(self._least, -(-self._waiting // _PARTS))

    def take(self, seconds: float) -> Sequence[BoardEvent]:
        """Return the first ones, as many as take about *seconds*, and a part of all at least."""
        taken: list[BoardEvent] = []
        self._taken.clear()
        left, owed = seconds, max(1, self._least)
        while self._events and (left > 0 or owed > 0):
            event = self._cut(self._events.popleft(), left, owed)
            left -= self._cost(event)
            owed -= _count(event)
            taken.append(event)
            self._taken.update(_counts(event))
        self._waiting -= sum(self._taken.values())
        if not self._events:
            self._least = 0
        return taken

    def _cut(self, event: BoardEvent, left: float, owed: int) -> BoardEvent:
        """Return what is taken of *event*, and put the rest back."""
        change = event.change
        if not isinstance(change, Upsert) or not change.records or self._cost(event) <= left:
            return event
        count = max(1, owed, int(left / self._of_kind(change.records[0].kind)))
        if count >= len(change.records):
            return event
        rest = Upsert(change.scope, change.records[count:])
        self._events.appendleft(replace(event, change=rest))
        return replace(event, change=Upsert(change.scope, change.records[:count]))

    def took(self, seconds: float) -> None:
        """Note how long it took to apply what was taken last."""
        expected = sum(count * self._of_kind(kind) for kind, count in self._taken.items())
        if not expected:
            return
        for kind in self._taken:
            known = self._of_kind(kind)
            measured = known * seconds / expected
            self._seconds[kind] = min(_MOST, max(_LEAST, (known + measured) / 2))

    def _cost(self, event: BoardEvent) -> float:
        counts = _counts(event)
        return _EVENT + sum(self._of_kind(kind) * count for kind, count in counts.items())

    def _of_kind(self, kind: Kind) -> float:
        return self._seconds.get(kind, _UNKNOWN)


def _count(event: BoardEvent) -> int:
    return sum(_counts(event).values())


def _counts(event: BoardEvent) -> dict[Kind, int]:
    """Return how many records *event* brings, by the kind of the first: mostly that of all."""
    change = event.change
    if isinstance(change, Upsert) and change.records:
        return {change.records[0].kind: len(change.records)}
    return {}
