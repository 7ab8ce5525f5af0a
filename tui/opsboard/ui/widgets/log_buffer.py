"""The lines of a log that are kept, and what is known of each."""

import errno
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from opsboard.adapter import LogLine, LogPart
from opsboard.records import Status
from opsboard.views.log_levels import LogLevel, level_of

MAX_LINES: Final = 100_000
"""Lines that are kept; older ones are dropped."""
MAX_BYTES: Final = 64 * 1024 * 1024
"""Bytes of their texts, about; of very long lines fewer are kept."""

_SLACK: Final = 5_000
"""Lines over the limit before any are dropped, so that this is not done for each one."""
_UNREAD: Final = 255
_TEXT: Final = LogLine._fields.index("text")
_line_of: Final = LogLine._make
"""Returns the line that was kept as a tuple, without checking it a second time."""
_UNITS: Final = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB"))


class LogBuffer:
    """A ring of lines. They are named by number, counted from the first ever.

    They are kept as plain tuples, of which Python's garbage collector takes no further note once it
    has seen that they hold nothing but text: it would stop all threads for 0.1 s to look at a
    hundred thousand objects of a class of ours, again and again.

    How severe a line is, is found out when it is first asked for.
    """

    def __init__(self, limit: int = MAX_LINES, max_bytes: int = MAX_BYTES) -> None:
        self._limit = limit
        self._max_bytes = max_bytes
        self._lines: list[tuple[Any, ...]] = []
        self._levels = bytearray()
        self._bytes = 0
        self.first = 0
        self._start = 0
        self.groups: dict[str, None] = {}
        """The pods that lines came from, in the order of their first ones."""
        self.parts: dict[str, None] = {}
        self.failed_groups: dict[str, None] = {}
        """Those of the pods of which something has failed."""
        self.is_annotated = self.is_outline = False
        """Whether there are, or were, annotations and heads of folds."""

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def dropped(self) -> int:
        """How many lines of what is read now were dropped: none of what was read before it."""
        return self.first - self._start

    @property
    def end(self) -> int:
        """The number of the next line."""
        return self.first + len(self._lines)

    @property
    def lines(self) -> Sequence[LogLine]:
        """All lines that are kept."""
        return list(map(_line_of, self._lines))

    def line(self, number: int) -> LogLine:
        """Return a line that is kept."""
        return _line_of(self._lines[number - self.first])

    def lines_of(self, numbers: Iterable[int]) -> Iterator[LogLine]:
        """Yield the lines of *numbers* that are kept now, whatever is dropped meanwhile."""
        kept, first = list(self._lines), self.first
        return (_line_of(kept[number - first]) for number in numbers)

    def level(self, number: int) -> LogLevel:
        """Return how severe a line that is kept is; one that its source calls so is an error."""
        at = number - self.first
        known = self._levels[at]
        if known == _UNREAD:
            line = _line_of(self._lines[at])
            known = LogLevel.NONE if line.title else level_of(line.text)
            if line.error:
                known = max(known, LogLevel.ERROR)
            self._levels[at] = known
        return LogLevel(known)

    def is_error(self, number: int) -> bool:
        """Tell whether a line that is kept is an error: by its source, or by its words."""
        return self.level(number) >= LogLevel.ERROR

    def append(self, lines: Sequence[LogLine]) -> bool:
        """Append *lines*; return whether old ones were dropped."""
        self._lines.extend(map(tuple, lines))
        self._levels.extend(bytes((_UNREAD,)) * len(lines))
        for line in lines:
            self._bytes += len(line.text)
            if line.group not in self.groups:
                self.groups[line.group] = None
            if line.part not in self.parts:
                self.parts[line.part] = None
            self.is_annotated = self.is_annotated or line.annotation is not None
            self.is_outline = self.is_outline or line.head
            if line.failed and line.group:
                self.failed_groups[line.group] = None
        return self._trim()

    def clear(self) -> None:
        """Forget all lines; the numbers go on."""
        self.first = self._start = self.end
        self._lines, self._levels, self._bytes = [], bytearray(), 0
        self.groups, self.parts, self.failed_groups = {}, {}, {}
        self.is_annotated = self.is_outline = False

    def _trim(self) -> bool:
        excess = len(self._lines) - self._limit
        excess = excess if excess >= min(_SLACK, self._limit) else 0
        if self._bytes > self._max_bytes:
            excess = max(excess, self._too_large())
        if excess <= 0:
            return False
        self._bytes -= sum(len(line[_TEXT]) for line in self._lines[:excess])
        del self._lines[:excess], self._levels[:excess]
        self.first += excess
        return True

    def _too_large(self) -> int:
        """Return how many of the oldest lines to drop, so that there is room for a while."""
        left, count = self._bytes - self._max_bytes * 9 // 10, 0
        while left > 0 and count < len(self._lines) - 1:
            left -= len(self._lines[count][_TEXT])
            count += 1
        return count

    def seen_parts(self) -> list[LogPart]:
        """Return the pods and parts that the lines have come from, and how the lines say those
        have gone."""
        seen: dict[tuple[str, str], Status | None] = {}
        for line in map(_line_of, self._lines):
            place = line.group, line.part
            seen[place] = line.status or seen.get(place)
        return [
            LogPart(name=part, group=group, status=status or Status.UNKNOWN)
            for (group, part), status in seen.items()
            if group or part
        ]

    def annotations(self) -> list[tuple[int, LogLine]]:
        """Return the lines that are annotations, with their numbers."""
        numbered = enumerate(map(_line_of, self._lines), self.first)
        return [(at, line) for at, line in numbered if line.annotation]

    # --- where a log is opened -------------------------------------------------------------------

    def marked_error(self, part: str, since: int) -> int | None:
        """Return the first line from *since* on that its source calls an error of *part*; without
        one, of what has failed."""
        return next((at for at, line in self._meant(part, since) if line.error), None)

    def failure_line(self, part: str) -> int | None:
        """Return where to open a whole log in which no line is marked: the first that is an error
        by its words, or else the last of what has failed. Of a *part* that is well, the first."""
        meant = list(self._meant(part, self.first))
        failed = [at for at, line in meant if line.failed]
        if not failed:
            return meant[0][0] if part and meant else None
        return next((at for at in failed if self.is_error(at)), failed[-1])

    def _meant(self, part: str, since: int) -> Iterator[tuple[int, LogLine]]:
        kept = self._lines[max(since - self.first, 0) :]
        numbered = enumerate(map(_line_of, kept), max(since, self.first))
        lines = ((at, one) for at, one in numbered if not one.title)
        return ((at, one) for at, one in lines if (one.part == part if part else one.failed))


def log_file_name(title: str, now: datetime) -> str:
    """Return a name for the log of *title* that is easy to type and sorts by time."""
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", title).strip("-.")[:60] or "log"
    return f"{plain}-{now:%Y%m%d-%H%M%S}.log"


def save_log(file: Path, lines: Iterable[LogLine]) -> None:
    """Write *lines* to *file*, which must not exist. Only its owner may read it: logs hold secrets.

    Raises :exc:`OSError`; then there is no *file*: half a log would be taken for a whole one.
    """
    if file.is_dir():
        raise IsADirectoryError(errno.EISDIR, "it is a folder; name a file in it", str(file))
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with open(descriptor, "w", encoding="utf-8", errors="replace") as out:  # noqa: PTH123 - it is open already
            out.writelines(f"{plain_line(line)}\n" for line in lines)
    except OSError:
        file.unlink(missing_ok=True)
        raise


def plain_line(line: LogLine) -> str:
    """Return *line* as text, with its time and where it is from."""
    time = line.at.isoformat().replace("+00:00", "Z") if line.at else ""
    where = "" if line.head and line.title else "/".join(filter(None, (line.group, line.part)))
    return " ".join(word for word in (time, where, line.text + omitted_text(line)) if word)


def omitted_text(line: LogLine) -> str:
    """Return how much of *line* is left out behind its ellipsis, or ``""``."""
    if not line.omitted:
        return ""
    size, unit = next(
        ((line.omitted / size, unit) for size, unit in _UNITS if line.omitted >= size),
        (float(line.omitted), "bytes"),
    )
    return f" {size:.3g} {unit} more"
