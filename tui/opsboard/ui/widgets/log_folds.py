"""The folds of a log: which lines head others, and which of these are folded away.

A log is an outline (:class:`opsboard.adapter.LogLine`): jobs, steps and groups head the deeper
lines behind them. What has failed is open to begin with, and so is what holds an error of it; what
is well is folded. Whatever somebody opens or folds by hand stays so.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from opsboard.adapter import LogLine
from opsboard.ui.widgets.log_buffer import LogBuffer


class LogFolds:
    """The folds of the lines of *buffer*, by the numbers of their heads."""

    def __init__(self, buffer: LogBuffer) -> None:
        self._buffer = buffer
        self.clear()

    def clear(self) -> None:
        """Forget all."""
        self._heads: list[int] = []
        self._depths: dict[int, int] = {}
        self._parents: dict[int, int | None] = {}
        self._ends: dict[int, int] = {}
        self._under: list[int] = []
        """The heads that the next line may be of."""
        self._folded = set[int]()
        self._failing = set[int]()
        self._by_hand = set[int]()

    def __bool__(self) -> bool:
        return bool(self._heads)

    @property
    def is_any_folded(self) -> bool:
        """Whether any lines are folded away."""
        return bool(self._folded)

    def take(self, start: int) -> bool:
        """Take in the lines from *start* on; return whether one of them has opened a fold."""
        opened = False
        if not self._buffer.is_outline:
            return opened
        for number in range(start, self._buffer.end):
            line = self._buffer.line(number)
            if line.head or self._under:
                opened = self._take(number, line) or opened
        return opened

    def _take(self, number: int, line: LogLine) -> bool:
        while self._under and self._depths[self._under[-1]] >= line.depth:
            self._ends[self._under.pop()] = number
        if line.head:
            self._begin(number, line)
        elif line.error and line.failed:
            return self._open_for_error()
        return False

    def _begin(self, number: int, line: LogLine) -> None:
        self._parents[number] = self._under[-1] if self._under else None
        self._depths[number] = line.depth
        self._heads.append(number)
        self._under.append(number)
        (self._failing if line.failed else self._folded).add(number)

    def _open_for_error(self) -> bool:
        closed = (self._folded - self._by_hand).intersection(self._under)
        self._failing.update(self._under)
        self._folded -= closed
        return bool(closed)

    def trim(self) -> None:
        """Forget what the buffer has dropped; what was below a head that is gone is of none."""
        gone = bisect_left(self._heads, self._buffer.first)
        for head in self._heads[:gone]:
            del self._depths[head], self._parents[head]
            self._ends.pop(head, None)
            for heads in (self._folded, self._failing, self._by_hand):
                heads.discard(head)
        del self._heads[:gone]
        self._under = [head for head in self._under if head >= self._buffer.first]

    # --- what is where ---------------------------------------------------------------------------

    def depth_of(self, number: int) -> int:
        """Return how deep a line stands: below how many heads that are kept."""
        return sum(head != number for head in self.heads_of(number))

    def heads_of(self, number: int) -> Iterator[int]:
        """Yield the heads that line *number* is of, the innermost first: itself, if it is one."""
        at = bisect_right(self._heads, number) - 1
        head = self._heads[at] if at >= 0 else None
        while head is not None:
            if number < self._end(head):
                yield head
            head = self._parents.get(head)

    def _end(self, head: int) -> int:
        return self._ends.get(head, self._buffer.end)

    def is_folded(self, head: int) -> bool:
        """Tell whether the lines of *head* are folded away."""
        return head in self._folded

    def size(self, head: int) -> int:
        """Return how many lines are of *head*."""
        return self._end(head) - head - 1

    def visible(self, start: int, end: int) -> list[int]:
        """Return the lines from *start* on and before *end* that are not folded away."""
        if not self._folded:
            return list(range(start, end))
        above = (head for head in self.heads_of(start) if head < start and head in self._folded)
        found, at = list[int](), max(map(self._end, above), default=start)
        for head in self._heads[bisect_left(self._heads, at) :]:
            if head >= end:
                break
            if head >= at and head in self._folded:
                found.extend(range(at, head + 1))
                at = self._end(head)
        found.extend(range(at, end))
        return found

    # --- by hand ---------------------------------------------------------------------------------

    def fold(self, number: int) -> int | None:
        """Fold the innermost fold that is open at line *number*; return its head."""
        head = next((one for one in self.heads_of(number) if one not in self._folded), None)
        if head is not None:
            self._folded.add(head)
            self._by_hand.add(head)
        return head

    def unfold(self, head: int) -> bool:
        """Open the fold of *head*; return whether it was closed."""
        was = head in self._folded
        self._folded.discard(head)
        self._by_hand.add(head)
        return was

    def reveal(self, number: int) -> bool:
        """Open all that line *number* is folded away in; return whether it was."""
        closed = [head for head in self.heads_of(number) if head != number and self.unfold(head)]
        return bool(closed)

    def open_all(self) -> None:
        """Open all folds."""
        self._folded.clear()
        self._by_hand.update(self._heads)

    def fold_well(self) -> None:
        """Fold what is well, and open what has failed."""
        self._folded = set(self._heads) - self._failing
        self._by_hand.clear()
