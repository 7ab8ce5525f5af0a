"""Lines of many containers in one order: that of their times.

Lines of one container are never exchanged: where its times run backwards, or one is missing, a line
counts as written when the one before it was.
"""

import heapq
from bisect import bisect_right
from collections.abc import Hashable, Iterator, Sequence
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple

from opsboard.adapter import LogLine


class _Timed(NamedTuple):
    at: datetime
    number: int
    line: LogLine


def merge_backlogs(backlogs: Sequence[Sequence[LogLine]], now: datetime) -> Iterator[LogLine]:
    """Yield the lines of all *backlogs*, each of one container. Of one time, those of the first
    come first.

    A line without any before it that has a time is as old as the first that has one, or else *now*.
    """
    timed = [_timed(lines, now) for lines in backlogs]
    return (line for _, line in heapq.merge(*timed, key=itemgetter(0)))


def _timed(lines: Sequence[LogLine], now: datetime) -> Iterator[tuple[datetime, LogLine]]:
    last = next((line.at for line in lines if line.at is not None), now)
    for line in lines:
        if line.at is not None and line.at > last:
            last = line.at
        yield last, line


class ReorderWindow:
    """Puts lines in order that arrive at about the same time.

    A line stays for one turn, so that older ones which arrive a little later come before it; then
    it is let go, whatever may still come.
    """

    def __init__(self) -> None:
        self._held: list[_Timed] = []
        self._last: dict[Hashable, datetime] = {}
        self._before: datetime | None = None
        self._count = 0

    def __len__(self) -> int:
        return len(self._held)

    def add(self, container: Hashable, line: LogLine, now: datetime) -> None:
        """Take in a line of *container*, which arrives *now*."""
        at, last = line.at or now, self._last.get(container)
        if last is not None and (line.at is None or at < last):
            at = last
        self._last[container] = at
        self._count += 1
        self._held.append(_Timed(at, self._count, line))

    def turn(self) -> list[LogLine]:
        """Return the lines that were there at the last turn already, and what belongs before."""
        self._held.sort(key=itemgetter(0, 1))
        end = 0
        if self._before is not None:
            end = bisect_right(self._held, self._before, key=itemgetter(0))
        ready, self._held = self._held[:end], self._held[end:]
        self._before = self._held[-1].at if self._held else None
        return [timed.line for timed in ready]

    def forget(self, container: Hashable) -> None:
        """Forget *container*, of which no more lines come."""
        self._last.pop(container, None)
