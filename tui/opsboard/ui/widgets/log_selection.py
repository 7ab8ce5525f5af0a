"""Which lines of a log are shown: those that match a filter, with what stands around them; or all
that are not folded away. While a filter hides lines, nothing is folded.

A hundred thousand lines take too long to look at between two keys. So they are looked at a piece at
a time, the newest first: what is on the screen is right at once, and what is above it soon.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from time import perf_counter
from typing import Final, NamedTuple

from opsboard.ui.widgets.log_buffer import MAX_LINES, LogBuffer
from opsboard.ui.widgets.log_folds import LogFolds
from opsboard.views.filter_terms import TooSlowError
from opsboard.views.log_filter import EVERY_LINE, LogFilter
from opsboard.views.log_levels import LogLevel

PIECE: Final = 500
"""Lines that are looked at before the time is."""
_SOME: Final = 100
"""The same where an error is looked for: how severe a line is, takes longer to tell."""


class LogSeek(NamedTuple):
    """Where an error was found, or none; if it is not *done* yet, the line to go on from."""

    place: int | None
    done: bool


class LogSelection:
    """The lines of *buffer* that are shown, and the hits of the filter among them."""

    def __init__(self, buffer: LogBuffer) -> None:
        self._buffer = buffer
        self.folds = LogFolds(buffer)
        self._filter: LogFilter = EVERY_LINE
        self._unseen = self._end = 0
        """The first line that was looked at, and the one behind the last."""
        self._candidates: list[int] = []
        self._known_from: int | None = None
        """Of the lines from here on, only candidates may match: others did not match less."""
        self.context = 0
        """Lines that are shown before and after a hit."""
        self.hides = True
        """Whether lines that do not match are hidden; if not, the hits stand among all lines."""
        self.problem = ""
        """Why the filter is not applied any more."""
        self.shown: list[int] = []
        self.hits: list[int] = []

    @property
    def is_narrowed(self) -> bool:
        """Whether some lines may be hidden."""
        return bool(self._filter) and self.hides

    @property
    def unfolded(self) -> Sequence[int]:
        """The lines that are shown, or would be if nothing were folded away."""
        all_lines = range(self._buffer.first, self._buffer.end)
        return self.shown if self.is_narrowed else all_lines

    @property
    def is_complete(self) -> bool:
        """Whether all lines have been looked at."""
        return self._unseen <= self._buffer.first

    def select(self, wanted: LogFilter) -> None:
        """Show what *wanted* says, from the next :meth:`look` on.

        With a letter more, only the lines are looked at that have matched without it.
        """
        if wanted.narrows(self._filter) and self._end == self._buffer.end and not self.problem:
            before = self._candidates[: bisect_left(self._candidates, self._unseen)]
            self._candidates = before + self.hits
            self._known_from = self._unseen if self._known_from is None else self._known_from
        else:
            self._forget_candidates()
        self._filter, self.problem = wanted, ""
        self._restart()

    def _forget_candidates(self) -> None:
        self._candidates, self._known_from = [], None

    def set_context(self, lines: int) -> None:
        """Show so many *lines* before and after a hit."""
        self.context = lines
        self._forget_candidates()
        self._restart()

    def set_hiding(self, *, hides: bool) -> None:
        """Hide what does not match, or show it too."""
        self.hides = hides
        self._forget_candidates()
        self._restart()

    def _restart(self) -> None:
        first, end = self._buffer.first, self._buffer.end
        self.hits = []
        self.shown = [] if self.is_narrowed else self.folds.visible(first, end)
        self._unseen, self._end = (end if self._filter else first), end

    def look(self, seconds: float, enough: int = MAX_LINES) -> bool:
        """Look at older lines for so many *seconds*, or until there are *enough* hits; return
        whether there are more."""
        until = perf_counter() + seconds
        while not self.is_complete and perf_counter() < until and len(self.hits) < enough:
            low, numbers = self._next_piece()
            self._take(numbers, low, self._unseen)
            self._unseen = low
        return not self.is_complete

    def _next_piece(self) -> tuple[int, Sequence[int]]:
        """Return the next older lines that may match, and the line from which on no others do."""
        first, high, known = self._buffer.first, self._unseen, self._known_from
        if known is None or known >= high:
            low = max(first, high - PIECE)
            return low, range(low, high)
        end = bisect_left(self._candidates, high)
        begin = max(0, end - PIECE)
        low = max(first, self._candidates[begin] if begin else known)
        return low, self._candidates[bisect_left(self._candidates, low) : end]

    def _take(self, numbers: Sequence[int], low: int, high: int) -> None:
        """Look at *numbers*, of the lines from *low* on and before *high*, the next older ones."""
        found = [number for number in numbers if self._matches(number)]
        if self.is_narrowed:
            wanted = self._around(found, low)
            if self.hits:
                wanted.update(range(max(low, self.hits[0] - self.context), min(self.hits[0], high)))
            split = bisect_right(self.shown, high - 1 + self.context)
            self.shown[:split] = sorted(wanted.union(self.shown[:split]))
        self.hits[:0] = found

    def _around(self, hits: list[int], low: int) -> set[int]:
        if not self.context:
            return set(hits)
        end, reach = self._buffer.end, self.context
        wanted = set[int]()
        for hit in hits:
            wanted.update(range(max(low, hit - reach), min(end, hit + reach + 1)))
        return wanted

    def take_new(self, start: int) -> bool:
        """Look at the lines from *start* on, which have been added; return whether they have opened
        a fold, so that others are shown as well."""
        end = self._end = self._buffer.end
        opened = self.folds.take(start)
        if not self.is_narrowed:
            self.refold() if opened else self.shown.extend(self.folds.visible(start, end))
        for number in range(start, end) if self._filter else ():
            hit = self._matches(number)
            if hit:
                self.hits.append(number)
            if self.is_narrowed:
                self._show_new(number, hit=hit)
        return opened

    def refold(self) -> None:
        """Show what is not folded away by now."""
        if not self.is_narrowed:
            self.shown = self.folds.visible(self._buffer.first, self._buffer.end)

    def begin_again(self) -> None:
        """Take in that the buffer has been cleared."""
        self.folds.clear()
        self.problem = ""
        self._forget_candidates()
        self._restart()

    def _show_new(self, number: int, *, hit: bool) -> None:
        if hit:
            last = self.shown[-1] if self.shown else -1
            before = max(self._buffer.first, number - self.context, last + 1)
            self.shown.extend(range(before, number + 1))
        elif self.hits and number <= self.hits[-1] + self.context:
            self.shown.append(number)

    def trim(self) -> None:
        """Forget the lines that the buffer has dropped."""
        first = self._buffer.first
        self.folds.trim()
        del self.shown[: bisect_left(self.shown, first)]
        del self.hits[: bisect_left(self.hits, first)]
        if self.folds:  # what is below a head that is gone is folded no more
            self.refold()

    def _matches(self, number: int) -> bool:
        if self.problem:
            return True
        buffer = self._buffer
        try:
            level = buffer.level(number) if self._filter.asks_level else LogLevel.NONE
            return self._filter(buffer.line(number), level)
        except TooSlowError as error:
            self.problem = str(error)
            return True

    # --- hits and errors -------------------------------------------------------------------------

    def hit_after(self, number: int) -> int | None:
        """Return the first hit behind line *number*."""
        at = bisect_right(self.hits, number)
        return self.hits[at] if at < len(self.hits) else None

    def hit_before(self, number: int) -> int | None:
        """Return the last hit before line *number*."""
        at = bisect_left(self.hits, number)
        return self.hits[at - 1] if at else None

    def seek_error(self, number: int, step: int, seconds: float) -> LogSeek:
        """Look for an error behind line *number* (*step* is 1) or before it (-1), for so many
        *seconds*: to read the levels of all lines takes too long between two keys. Lines that are
        folded away are looked at, too."""
        lines = self.unfolded
        at = bisect_right(lines, number) if step > 0 else bisect_left(lines, number) - 1
        until, reached = perf_counter() + seconds, number
        while 0 <= at < len(lines):
            reached = lines[at]
            if self._buffer.is_error(reached):
                return LogSeek(reached, done=True)
            at += step
            if not at % _SOME and perf_counter() > until:
                return LogSeek(reached, done=False)
        return LogSeek(None, done=True)
