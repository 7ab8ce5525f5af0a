"""The lines of a log that are kept, and which of them are shown."""

import os
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from opsboard.adapter import LogLine
from opsboard.views.filter_terms import Match, TooSlowError, filter_terms, matcher

MAX_LINES: Final = 50_000
"""Lines that are kept; older ones are dropped."""

_SLACK: Final = 5_000
"""Lines over the limit before any are dropped, so that this is not done for each one."""

_ERROR_WORDS: Final = re.compile(
    r"""
      ^\W* (?: error | fatal | panic | exception | failed | failure ) \b (?! \s* = | -\w )
    | \b (?: error | fatal | exception | panic ) : \s
    | \b level = "? (?: error | fatal | critical | panic ) \b
    | " (?: level | severity ) " \s* : \s* " (?: error | fatal | critical ) "
    | ^Traceback\ \(most\ recent\ call\ last\)
    | ^E\ {2,}
    | (?-i: \b (?: ERROR | FATAL | CRITICAL | FAILED ) \b )
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""How programs word an error, where only the text of a line shows it."""


def is_error(line: LogLine) -> bool:
    """Tell whether *line* is an error: by its source, or by its words."""
    return line.error or _ERROR_WORDS.search(line.text) is not None


def parse_filter(text: str) -> Match | None:
    """Return what *text* filters by, or ``None`` for nothing. Raises :exc:`FilterError`."""
    matches = [matcher(word) for word in filter_terms(text)]
    return (lambda line: all(match(line) for match in matches)) if matches else None


class LogBuffer:
    """A ring of lines with a filter. Lines are named by number, counted from the first ever."""

    def __init__(self, limit: int = MAX_LINES) -> None:
        self._limit = limit
        self._lines: list[LogLine] = []
        self._first = 0
        self._matches: Match | None = None
        self.filter_error = ""
        """Why the filter is not applied any more."""
        self.shown: list[int] = []
        self.has_parts = False
        """Whether any line so far was of a part: of a step, of one container of several."""

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def dropped(self) -> int:
        """How many lines were dropped."""
        return self._first

    @property
    def lines(self) -> Sequence[LogLine]:
        """All lines that are kept."""
        return self._lines

    def line(self, number: int) -> LogLine:
        """Return a line that is kept."""
        return self._lines[number - self._first]

    def append(self, lines: Sequence[LogLine]) -> bool:
        """Append *lines*; return whether old ones were dropped."""
        number = self._first + len(self._lines)
        self._lines.extend(lines)
        self.has_parts = self.has_parts or any(line.part for line in lines)
        self.shown.extend(at for at, line in enumerate(lines, number) if self._is_shown(line))
        return self._trim()

    def set_filter(self, matches: Match | None) -> None:
        """Show only lines that match; all of them without a filter, or with one too slow."""
        self._matches, self.filter_error = matches, ""
        self.shown = [
            at for at, line in enumerate(self._lines, self._first) if self._is_shown(line)
        ]

    # --- errors ----------------------------------------------------------------------------------

    def error_after(self, number: int) -> int | None:
        """Return the first error that is shown behind line *number*."""
        behind = self.shown[bisect_right(self.shown, number) :]
        return next((at for at in behind if is_error(self.line(at))), None)

    def error_before(self, number: int) -> int | None:
        """Return the last error that is shown before line *number*."""
        before = self.shown[: bisect_left(self.shown, number)]
        return next((at for at in reversed(before) if is_error(self.line(at))), None)

    def marked_error(self, part: str, since: int) -> int | None:
        """Return the first line from *since* on that its source calls an error of *part*; without
        one, of what has failed."""
        return next((at for at, line in self._meant(part, since) if line.error), None)

    def failure_line(self, part: str) -> int | None:
        """Return where to open a whole log in which no line is marked: the first that is an error
        by its words, or else the last of what has failed. Of a *part* that is well, the first."""
        meant = list(self._meant(part, self._first))
        failed = [(at, line) for at, line in meant if line.failed]
        if not failed:
            return meant[0][0] if part and meant else None
        return next((at for at, line in failed if is_error(line)), failed[-1][0])

    def _meant(self, part: str, since: int) -> Iterator[tuple[int, LogLine]]:
        numbered = enumerate(self._lines[max(since - self._first, 0) :], max(since, self._first))
        return ((at, one) for at, one in numbered if (one.part == part if part else one.failed))

    def _is_shown(self, line: LogLine) -> bool:
        try:
            return self._matches is None or bool(self.filter_error) or self._matches(line.text)
        except TooSlowError as error:
            self.filter_error = str(error)
            return True

    def _trim(self) -> bool:
        excess = len(self._lines) - self._limit
        if excess < min(_SLACK, self._limit):
            return False
        del self._lines[:excess]
        self._first += excess
        self.shown = [number for number in self.shown if number >= self._first]
        return True


def log_file_name(title: str, now: datetime) -> str:
    """Return a name for the log of *title* that is easy to type and sorts by time."""
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", title).strip("-.")[:60] or "log"
    return f"{plain}-{now:%Y%m%d-%H%M%S}.log"


def save_log(file: Path, lines: Iterable[LogLine]) -> None:
    """Write *lines* to *file*, which must not exist. Only its owner may read it: logs hold secrets.

    Raises :exc:`OSError`.
    """
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as out:  # noqa: PTH123 - it is open already
        out.writelines(f"{_line(line)}\n" for line in lines)


def _line(line: LogLine) -> str:
    time = line.at.isoformat().replace("+00:00", "Z") if line.at else ""
    return " ".join(word for word in (time, line.part, line.text) if word)
