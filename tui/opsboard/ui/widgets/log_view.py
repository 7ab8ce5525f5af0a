"""The lines of a log on the screen: wrapped or not, with times and parts or without."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

from rich.cells import cell_len, chop_cells
from rich.style import Style
from rich.text import Text
from textual.events import Resize

from opsboard.adapter import LogLine
from opsboard.records import Status
from opsboard.ui.context import AppContext
from opsboard.ui.render.layout import fit_text
from opsboard.ui.widgets.lines_view import LinesView
from opsboard.ui.widgets.log_buffer import LogBuffer
from opsboard.views.filter_terms import Match

_PART, _PART_WIDE, _WIDE = 14, 26, 100
"""Columns for the part; more of them from a certain width of the screen on."""
_TIME = len("03:00:49Z ")
"""Columns for the time, which is in UTC, as all times of log lines are."""
_ABOVE = 0.6
"""Share of the page that shows what led to a line that was gone to."""


class LogView(LinesView):
    """Shows a :class:`LogBuffer`. The cursor stays with its line as others come and go."""

    def __init__(self, context: AppContext, buffer: LogBuffer) -> None:
        super().__init__(context)
        self.buffer = buffer
        self.wrap = self.times = False
        self.parts = True
        self.following = True
        self._ends: list[int] = []
        self._width = 0

    # --- where lines are -------------------------------------------------------------------------

    def line_count(self) -> int:
        """Return how many rows the lines that are shown take."""
        if not self.wrap:
            return len(self.buffer.shown)
        return self._ends[-1] if self._ends else 0

    def _place(self, row: int) -> tuple[int, int]:
        """Return which of the lines shown stands in *row*, and which piece of it."""
        if not self.wrap:
            return row, 0
        index = bisect_right(self._ends, row)
        return index, row - (self._ends[index - 1] if index else 0)

    def _measure(self, lines: Sequence[int], start: int) -> list[int]:
        heights = (self._height(self.buffer.line(number)) for number in lines)
        return list(accumulate(heights, initial=start))[1:]

    def _height(self, line: LogLine) -> int:
        room = self._room()
        width = len(line.text) if line.text.isascii() else cell_len(line.text)
        return max(1, -(-width // room))

    def _room(self) -> int:
        return max(8, self._width - self._prefix_width())

    def _prefix_width(self) -> int:
        return 1 + _TIME * self.times + (self._part_width() + 1) * self._tells_parts()

    def _tells_parts(self) -> bool:
        return self.parts and self.buffer.has_parts

    def _part_width(self) -> int:
        return _PART_WIDE if self.size.width >= _WIDE else _PART

    def content_width(self) -> int:
        """Return how wide the lines are in sight; all of them would take too long."""
        if self.wrap:
            return self.size.width
        top = self.scroll_offset.y
        near = self.buffer.shown[max(0, top - 100) : top + 200]
        longest = max((cell_len(self.buffer.line(number).text) for number in near), default=0)
        return longest + self._prefix_width() + 1

    # --- taking in -------------------------------------------------------------------------------

    def append_lines(self, lines: Sequence[LogLine]) -> None:
        """Append *lines*, and stay at the end while following."""
        kept, parted = len(self.buffer.shown), self.buffer.has_parts
        number = self.number_at(self.cursor)
        if self.buffer.append(lines) or self.buffer.has_parts is not parted:
            self._lay_out(number)
            return
        if self.wrap:
            start = self._ends[-1] if self._ends else 0
            self._ends.extend(self._measure(self.buffer.shown[kept:], start))
        self._changed(only_added=True)

    def toggle_wrap(self) -> None:
        """Break long lines, or no longer; the cursor stays with its line."""
        number, self.wrap = self.number_at(self.cursor), not self.wrap
        self._lay_out(number)

    def set_filter(self, matches: Match | None) -> None:
        """Show only the lines that match; the cursor goes to the next of them."""
        number = self.number_at(self.cursor)
        self.buffer.set_filter(matches)
        self._lay_out(number)

    def relayout(self) -> None:
        """Take in that the width of lines is another."""
        self._lay_out(self.number_at(self.cursor))

    def _lay_out(self, number: int | None) -> None:
        """Lay all lines out, with the cursor on line *number*."""
        self._width = self.size.width
        self._ends = self._measure(self.buffer.shown, 0) if self.wrap else []
        if number is not None:
            self.cursor = self._row_of(number)
        self._changed()
        if not self.following:
            self._show(self.cursor)

    def _row_of(self, number: int) -> int:
        """Return the row of line *number*, or of the next one that is shown; the last, if none."""
        index = max(0, min(bisect_left(self.buffer.shown, number), len(self.buffer.shown) - 1))
        return (self._ends[index - 1] if index else 0) if self.wrap else index

    def _changed(self, *, only_added: bool = False) -> None:
        before = self.virtual_size.height
        self.lines_changed() if not only_added else self._grow(before)
        if self.following:
            self.cursor = max(0, self.line_count() - 1)
            self.scroll_to(y=self.max_scroll_y, animate=False, force=True)

    def _grow(self, before: int) -> None:
        """Take in lines at the end; repaint nothing that they do not touch."""
        self.virtual_size = self.virtual_size.with_height(self.line_count())
        if before <= self.scroll_offset.y + self.size.height:
            self.virtual_size = self.virtual_size.with_width(self.content_width())
            self.refresh()

    def on_resize(self, _: Resize) -> None:
        """Break the lines at the new width."""
        self.relayout()

    # --- showing ---------------------------------------------------------------------------------

    def number_at(self, row: int) -> int | None:
        """Return the number of the line in *row*."""
        index, _ = self._place(row)
        return self.buffer.shown[index] if 0 <= index < len(self.buffer.shown) else None

    def go_to_line(self, number: int) -> None:
        """Put the cursor on line *number*, or the next one that is shown, with what led to it."""
        row = self._row_of(number)
        self.move_to(row)
        self.following = False  # it is the last line only until the next one comes
        self.scroll_to(y=row - int(self._page * _ABOVE), animate=False, force=True)

    def text_at(self, line: int) -> Text:
        """Return the content of a row: time, part, text."""
        index, piece = self._place(line)
        entry = self.buffer.line(self.buffer.shown[index])
        text = self._prefix(entry, first=piece == 0)
        pieces = chop_cells(entry.text, self._room()) if self.wrap else [entry.text]
        style = self.context.styles.statuses[Status.FAILED] if entry.error else Style.null()
        return text.append(pieces[piece] if piece < len(pieces) else "", style)

    def _prefix(self, entry: LogLine, *, first: bool) -> Text:
        styles, text = self.context.styles, Text(" ")
        if self.times:
            stamp = f"{entry.at:%H:%M:%S}Z" if entry.at and first else ""
            text.append(f"{stamp:<{_TIME}}", styles.muted)
        if self._tells_parts():
            part = entry.part if first else ""
            text.append(f"{fit_text(part, self._part_width(), styles)} ", styles.accent)
        return text

    def cursor_moved(self) -> None:
        """Follow only while the cursor is at the end."""
        at_end = self.cursor >= self.line_count() - 1
        if self.following is not at_end:
            self.following = at_end
        super().cursor_moved()
