"""The lines of a log that are kept, and which of them are shown."""

from collections.abc import Sequence
from typing import Final

from opsboard.adapter import LogLine
from opsboard.views.words import Match, TooSlowError, matcher, words

LIMIT: Final = 50_000
"""Lines that are kept; older ones are let go."""

_SLACK: Final = 5_000
"""Lines over the limit before any are let go, so that this is not done for each one."""


def parse_filter(text: str) -> Match | None:
    """Return what *text* filters by, or ``None`` for nothing. Raises :exc:`FilterError`."""
    matches = [matcher(word) for word in words(text)]
    return (lambda line: all(match(line) for match in matches)) if matches else None


class LogBuffer:
    """A ring of lines with a filter. Lines are named by number, counted from the first ever."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._lines: list[LogLine] = []
        self._first = 0
        self._matches: Match | None = None
        self.trouble = ""
        """Why the filter is not applied any more."""
        self.shown: list[int] = []
        self.parted = False
        """Whether any line so far was of a part: of a step, of one container of several."""

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def dropped(self) -> int:
        """How many lines were let go."""
        return self._first

    @property
    def lines(self) -> Sequence[LogLine]:
        """All lines that are kept."""
        return self._lines

    def line(self, number: int) -> LogLine:
        """Return a line that is kept."""
        return self._lines[number - self._first]

    def add(self, lines: Sequence[LogLine]) -> bool:
        """Append *lines*; return whether old ones were let go."""
        number = self._first + len(self._lines)
        self._lines.extend(lines)
        self.parted = self.parted or any(line.part for line in lines)
        self.shown.extend(at for at, line in enumerate(lines, number) if self._is_shown(line))
        return self._trim()

    def filter(self, matches: Match | None) -> None:
        """Show only lines that match; all of them without a filter, or with one too slow."""
        self._matches, self.trouble = matches, ""
        self.shown = [
            at for at, line in enumerate(self._lines, self._first) if self._is_shown(line)
        ]

    def _is_shown(self, line: LogLine) -> bool:
        try:
            return self._matches is None or bool(self.trouble) or self._matches(line.text)
        except TooSlowError as error:
            self.trouble = str(error)
            return True

    def _trim(self) -> bool:
        excess = len(self._lines) - self._limit
        if excess < min(_SLACK, self._limit):
            return False
        del self._lines[:excess]
        self._first += excess
        self.shown = [number for number in self.shown if number >= self._first]
        return True
