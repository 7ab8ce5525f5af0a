"""How the lines of a log are drawn: where each is from, what it says, wrapped or not."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from opsboard.adapter import LogLine
from opsboard.ui.context import AppContext
from opsboard.ui.render.cells import text_width
from opsboard.ui.render.layout import fit_text
from opsboard.ui.render.log_rows import (
    INDENT,
    head_text,
    mark_hits,
    message_text,
    pod_style,
)
from opsboard.ui.widgets.lines_view import LinesView
from opsboard.ui.widgets.log_buffer import LogBuffer
from opsboard.ui.widgets.log_selection import LogSelection
from opsboard.views.log_filter import EVERY_LINE, LogFilter

_PART, _PART_WIDE, _WIDE = 14, 26, 100
"""Columns for a name; more of them from a certain width of the screen on."""
_TIME: Final = len("03:00:49Z ")
"""Columns for the time, which is in UTC, as all times of log lines are."""
_DRAWN: Final = 4_096
"""Characters of a line that are drawn where it is not wrapped; moving to the right shows more."""
_SAMPLED: Final = 256
"""Characters of a line by which its width is guessed until it is in sight: all lines are, at once,
when a log is wrapped."""


class LogText(LinesView):
    """Draws the lines of a :class:`LogBuffer` that its selection shows."""

    def __init__(self, context: AppContext, buffer: LogBuffer) -> None:
        super().__init__(context)
        self.buffer = buffer
        self.selection = LogSelection(buffer)
        self.filter: LogFilter = EVERY_LINE
        self.wrap = self.times = False
        self.parts = self.parsed = self.following = True
        self._ends: list[int] = []
        self._width = 0
        self._anchor: int | None = None
        self._measured: tuple[int | bool, ...] = ()
        self._widths = (0, 0)
        self._names: dict[str, str] = {}
        self._hues: dict[str, int] = {}
        self._heights: dict[int, int] = {}
        self._pieces = lru_cache(maxsize=256)(self._cut)

    # --- where lines are -------------------------------------------------------------------------

    @property
    def shown(self) -> list[int]:
        """The numbers of the lines that are shown."""
        return self.selection.shown

    def line_count(self) -> int:
        """Return how many rows the lines that are shown take."""
        if not self.wrap:
            return len(self.shown)
        return self._ends[-1] if self._ends else 0

    def number_at(self, row: int) -> int | None:
        """Return the number of the line in *row*."""
        index, _ = self._place(row)
        return self.shown[index] if 0 <= index < len(self.shown) else None

    def _place(self, row: int) -> tuple[int, int]:
        """Return which of the lines shown stands in *row*, and which piece of it."""
        if not self.wrap:
            return row, 0
        index = bisect_right(self._ends, row)
        return index, row - (self._ends[index - 1] if index else 0)

    def _measure(self, lines: Sequence[int], start: int) -> list[int]:
        return list(accumulate(map(self._height, lines), initial=start))[1:]

    def _height(self, number: int) -> int:
        """Return how many rows a line takes, as far as is known: to read the fields of all lines
        first would take too long. One that is in sight is measured (:meth:`_settle`).
        """
        known = self._heights.get(number)
        if known is None:
            known = max(1, -(-about_width(self.buffer.line(number).text) // self._room()))
        return known

    def _settle(self) -> bool:
        """Measure the lines in sight; return whether one of them takes other rows than thought."""
        top = self.scroll_offset.y
        index, _ = self._place(top)
        last, _ = self._place(top + self.size.height)
        other = False
        for number in self.shown[index : last + 1]:
            if number not in self._heights:
                thought, found = self._height(number), len(self._pieces(number))
                self._heights[number] = found
                other = other or found != thought
        return other

    def _cut(self, number: int) -> list[Text]:
        text = self._message(number)
        room = max(8, self._room() - len(self._indent(number)))
        lines = text.divide(_cuts(text.plain, room))
        return list(lines) or [text]

    def _room(self) -> int:
        return max(8, self._width - self._prefix_width())

    def _prefix_width(self) -> int:
        names = [width + 1 for width in (self._group_width(), self._part_width()) if width]
        return 1 + _TIME * self.times + sum(names)

    def _group_width(self) -> int:
        """Return how many columns the pods' names take: none where there is but one."""
        return self._name_widths()[0]

    def _part_width(self) -> int:
        """Return the same for containers and steps. One step of a build is told, since lines that
        are of none may follow; the only container of a pod is not."""
        return self._name_widths()[1]

    def _name_widths(self) -> tuple[int, int]:
        """Return both, measured again only where there are other names, or another screen."""
        buffer, wide = self.buffer, self.size.width >= _WIDE
        outlined = self._is_outlined
        key = (
            len(self._names), len(buffer.groups), len(buffer.parts), self.parts, wide, outlined,
        )  # fmt: skip
        if key != self._measured:
            most = _PART_WIDE if wide else _PART
            groups, parts = buffer.groups.keys() - {""}, buffer.parts.keys() - {""}
            told = len(parts) > 1 or (bool(parts) and not groups)
            self._measured = key
            names = self.parts and not outlined
            self._widths = (
                _fitting(self._names.values(), most) if names and len(groups) > 1 else 0,
                _fitting(parts, most) if names and told else 0,
            )
        return self._widths

    @property
    def _is_outlined(self) -> bool:
        """Whether heads are shown, and tell what each line is of."""
        return bool(self.selection.folds) and not self.selection.is_narrowed

    def content_width(self) -> int:
        """Return how wide the lines are in sight; all of them would take too long."""
        if self.wrap:
            return self.size.width
        top = self.scroll_offset.y
        near = self.shown[max(0, top - 100) : top + 200]
        longest = max((len(self.buffer.line(number).text) for number in near), default=0)
        return longest + self._prefix_width() + 1 + INDENT * 4 * self._is_outlined

    # --- drawing ---------------------------------------------------------------------------------

    def text_at(self, line: int) -> Text:
        """Return the content of a row: time, where it is from, what it says."""
        index, piece = self._place(line)
        number = self.shown[index]
        text = self._prefix(self.buffer.line(number), first=piece == 0)
        text.append(self._indent(number))
        if not self.wrap:
            return text.append_text(self._message(number))
        pieces = self._pieces(number)
        return text.append_text(pieces[piece]) if piece < len(pieces) else text

    def _indent(self, number: int) -> str:
        """Return what stands before a line that is below heads."""
        return " " * INDENT * self.selection.folds.depth_of(number) if self._is_outlined else ""

    def _message(self, number: int) -> Text:
        line, styles, folds = self.buffer.line(number), self.context.styles, self.selection.folds
        if line.head:
            folded = folds.is_folded(number) and self._is_outlined
            return head_text(line, folds.size(number), styles, folded=folded)
        if not self.wrap and len(line.text) > _DRAWN:
            line = line._replace(text=line.text[: self.scroll_offset.x + _DRAWN])
        text = message_text(line, self.buffer.level(number), styles, parsed=self.parsed)
        if self.filter and not self.selection.problem:
            mark_hits(text, self.filter.marks, styles.roles["match"])
        return text

    def _prefix(self, line: LogLine, *, first: bool) -> Text:
        styles, text = self.context.styles, Text(" ")
        if self.times:
            stamp = f"{line.at:%H:%M:%S}Z" if line.at and first else ""
            text.append(f"{stamp:<{_TIME}}", styles.muted)
        hue = self._hues.get(line.group)
        color = styles.accent if hue is None or not line.group else pod_style(hue, styles)
        if width := self._group_width():
            name = self._names.get(line.group, line.group) if first else ""
            text.append(f"{fit_text(name, width, styles)} ", color)
        if width := self._part_width():
            text.append(f"{fit_text(line.part if first else '', width, styles)} ", color)
        return text


def about_width(text: str) -> int:
    """Return how many columns *text* takes, of a very long one by how its beginning is: a log of
    lines that are none of ASCII would stand still for seconds each time it is wrapped."""
    if text.isascii() or len(text) <= _SAMPLED:
        return text_width(text)
    return cell_len(text[:_SAMPLED]) * len(text) // _SAMPLED


def _fitting(names: Iterable[str], most: int) -> int:
    return min(max(map(cell_len, names), default=0), most)


def _cuts(text: str, room: int) -> list[int]:
    """Return where *text* is cut into pieces of *room* columns."""
    if text.isascii():
        return list(range(room, len(text), room))
    cuts, width = list[int](), 0
    for at, char in enumerate(text):
        taken = cell_len(char)
        if width + taken > room:
            cuts.append(at)
            width = 0
        width += taken
    return cuts
