"""The lines of a long log that are kept: the last ones, and those around the first error."""

from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Final

from opsboard.adapter import LogLine

BEFORE: Final = 200
"""Lines that are kept before the first error of what failed."""
AFTER: Final = 800
"""Lines that are kept behind it."""


class LogWindow:
    """Keeps *tail* lines, the last ones. Where the first error of what failed is not among these,
    it is kept in place of some, with what led to it: a log is read for its sake."""

    def __init__(self, tail: int) -> None:
        self._tail = tail
        self._after = min(AFTER, tail // 3)
        self._last: deque[LogLine] = deque(maxlen=tail)
        self._before: deque[LogLine] = deque(maxlen=min(BEFORE, tail // 8))
        self._around: list[LogLine] = []
        self._first = 0
        """How many lines came before those around the error."""
        self._count = 0

    def add(self, line: LogLine) -> None:
        """Take in the next line."""
        if self._around:
            if self._after:
                self._around.append(line)
                self._after -= 1
        elif line.failed and line.error:
            self._first = self._count - len(self._before)
            self._around = [*self._before, line]
            self._before.clear()
        else:
            self._before.append(line)
        self._last.append(line)
        self._count += 1

    def lines(self) -> Iterator[LogLine]:
        """Yield the lines that are kept, and say where some are left out."""
        begin = self._count - len(self._last)
        if not self._around or self._first >= begin:
            yield from self._last
            return
        room = max(self._tail - len(self._around) - 1, 0)
        begin = max(self._count - room, self._first)
        around = self._around[: begin - self._first]
        yield from around
        if left_out := begin - self._first - len(around):
            yield LogLine(text=f"({left_out:,} lines are left out here)")
        yield from islice(self._last, len(self._last) - (self._count - begin), None)
