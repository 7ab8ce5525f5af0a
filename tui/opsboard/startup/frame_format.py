"""The last frame of the board as a text: what is kept between two sessions, and how it is painted.

A frame is kept as texts, colours and times, never as escapes: what is read back is composed anew,
and a text with a control character in it is no frame. Ages are slots, filled from the times of the
records as the frame is painted.

This module, :mod:`.frame_evidence`, :mod:`.frame_file` and :mod:`.instant_frame` run before
anything else is imported: ``typing`` alone would take a tenth of their time.
"""

from opsboard.text.ages import frame_age, largest_unit, table_age

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAGIC = "opsboard-frame-1"
"""The number is that of the format: older and newer programs ignore each other's files."""

SECTION, RECORD, UNIT = "\x1c", "\x1e", "\x1f"
"""Separators, which no text has in it (ECMA-48, information separators)."""

FRESH, OLD = 600, 7 * 86_400
"""Seconds up to which an age is not dimmed, and from which on it is faint, as in the tables."""

ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2004h"
"""Another screen, which is empty then; no cursor; lines that do not wrap; and brackets around a
paste: what is pasted before Textual is there would be keys otherwise."""
LEAVE = "\x1b[0m\x1b[?2004l\x1b[?7h\x1b[?1049l\x1b[?25h"

TABLE_AGE, FRAME_AGE = "table", "frame"
"""The two ways of writing an age: ``2m5s`` in a table, ``2m`` around it."""

_DIGITS = frozenset("0123456789;")


class AgeSlot:
    """A place for an age: *width* columns from column *x* of line *y*, both from 0.

    *since* is a time in seconds since the epoch. *styles* are the parameters of SGR (ECMA-48) for
    what is fresh, usual and old. *right* is whether the text stands at the right end. The *prefix*
    stands before the age: ``≥``.
    """

    __slots__ = ("kind", "prefix", "right", "since", "styles", "width", "x", "y")

    def __init__(
        self,
        y: int,
        x: int,
        width: int,
        since: float,
        styles: "tuple[str, str, str]",
        *,
        kind: str = TABLE_AGE,
        right: bool = True,
        prefix: str = "",
    ) -> None:
        self.y, self.x, self.width = y, x, width
        self.since, self.styles = since, styles
        self.kind, self.right, self.prefix = kind, right, prefix

    def painted(self, now: float) -> str:
        """Return what to write for it at the time *now*, in seconds since the epoch."""
        span = max(0.0, now - self.since)
        age = table_age(int(span)) if self.kind == TABLE_AGE else frame_age(int(span))
        if len(self.prefix) + len(age) > self.width:
            age = largest_unit(age)
        age = self.prefix + age
        if len(age) > self.width:
            age = "?"
        style = self.styles[0 if span < FRESH else 2 if span > OLD else 1]
        text = age.rjust(self.width) if self.right else age.ljust(self.width)
        return f"\x1b[{self.y + 1};{self.x + 1}H\x1b[0;{style}m{text}"

    def packed(self) -> str:
        """Return it as one record of a text."""
        place = (self.y, self.x, self.width, f"{self.since:.0f}")
        side = "r" if self.right else "l"
        return UNIT.join((*map(str, place), *self.styles, self.kind, side, self.prefix))

    @classmethod
    def unpacked(cls, record: str) -> "AgeSlot":
        """Undo :meth:`packed`. Raises :exc:`ValueError` for anything else."""
        y, x, width, since, fresh, usual, old, kind, side, prefix = record.split(UNIT)
        is_known = kind in (TABLE_AGE, FRAME_AGE) and side in ("l", "r")
        if not is_known or not prefix.isprintable():
            raise ValueError(f"no slot: {kind!r}, {side!r}")
        styles = (_style(fresh), _style(usual), _style(old))
        place = int(y), int(x), int(width), float(int(since))
        return cls(*place, styles, kind=kind, right=side == "r", prefix=prefix)


class StoredFrame:
    """What is on a screen of *width* x *height* columns and lines.

    Each of *rows* is texts with their styles, as parameters of SGR: ``("1;31", "failed")``.
    """

    __slots__ = ("height", "rows", "slots", "width")

    def __init__(
        self,
        width: int,
        height: int,
        rows: "Sequence[Sequence[tuple[str, str]]]",
        slots: "Sequence[AgeSlot]",
    ) -> None:
        self.width, self.height = width, height
        self.rows, self.slots = rows, slots

    def painted(self, now: float) -> str:
        """Return what to write to a terminal at the time *now*, in seconds since the epoch."""
        parts = [ENTER]
        for y, row in enumerate(self.rows, 1):
            parts.append(f"\x1b[{y};1H")
            parts += [f"\x1b[0;{style}m{text}" for style, text in row]
        parts += [slot.painted(now) for slot in self.slots]
        parts.append("\x1b[0m")
        return "".join(parts)

    def packed(self) -> str:
        """Return it as a text. Raises :exc:`ValueError` where it could not be read back."""
        rows = RECORD.join(UNIT.join(_units(row)) for row in self.rows)
        slots = RECORD.join(slot.packed() for slot in self.slots)
        text = SECTION.join((f"{self.width}x{self.height}", rows, slots))
        StoredFrame.unpacked(text)
        return text

    @classmethod
    def unpacked(cls, text: str) -> "StoredFrame":
        """Undo :meth:`packed`. Raises :exc:`ValueError` for anything else."""
        size, lines, places = text.split(SECTION)
        width, height = map(int, size.split("x"))
        rows = [_row(line) for line in lines.split(RECORD)]
        slots = [AgeSlot.unpacked(place) for place in places.split(RECORD) if place]
        if len(rows) != height or not all(_fits(slot, width, height) for slot in slots):
            raise ValueError("not as large as it says")
        return cls(width, height, rows, slots)


def _units(row: "Iterable[tuple[str, str]]") -> "Iterable[str]":
    for style, text in row:
        yield style
        yield text


def _row(line: str) -> "list[tuple[str, str]]":
    units = line.split(UNIT) if line else []
    styles, texts = units[::2], units[1::2]
    if len(styles) != len(texts) or not "".join(texts).isprintable():
        raise ValueError("a line that is no text")  # such as one with an escape in it
    _style("".join(styles))
    return list(zip(styles, texts, strict=True))


def _style(parameters: str) -> str:
    if not _DIGITS.issuperset(parameters):
        raise ValueError("no style")
    return parameters


def _fits(slot: AgeSlot, width: int, height: int) -> bool:
    return 0 <= slot.y < height and slot.x >= 0 and 0 < slot.width <= width - slot.x
