"""The lines of a log on the screen: wrapped or not, with times and pods or without."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Final

from textual.color import Color
from textual.events import Resize
from textual.filter import LineFilter
from textual.geometry import Region
from textual.strip import Strip

from opsboard.adapter import LogLine
from opsboard.ui.context import AppContext
from opsboard.ui.render.log_rows import choose_hue, short_names
from opsboard.ui.widgets.log_buffer import LogBuffer
from opsboard.ui.widgets.log_text import LogText
from opsboard.views.log_filter import LogFilter

_STRIPS: Final = 1_000
"""Lines that are kept as they were drawn."""
_ABOVE: Final = 0.6
"""Share of the page that shows what led to a line that was gone to."""
LOOK_SECONDS: Final = 0.008
"""Seconds for which lines are looked at before the screen is painted, and between two keys."""
LOOK_PAUSE: Final = 0.02
"""Seconds between two looks: what was found is painted, and keys come first."""


class LogView(LogText):
    """Shows a :class:`LogBuffer`. The cursor stays with its line as others come and go."""

    def __init__(self, context: AppContext, buffer: LogBuffer) -> None:
        super().__init__(context, buffer)
        self._strips: dict[tuple[int, int], Strip] = {}
        self._look: tuple[object, ...] = ()
        """Lines as they were drawn, by number and piece, and all that this has depended on."""
        self._finish: tuple[Color, tuple[LineFilter, ...]] = (Color(0, 0, 0), ())
        """The background of the view, and what the app does to all that is drawn on it."""

    # --- taking in -------------------------------------------------------------------------------

    def append_lines(self, lines: Sequence[LogLine]) -> None:
        """Append *lines*, and stay at the end while following."""
        kept, prefix, start = len(self.shown), self._prefix_width(), self.buffer.end
        groups = len(self.buffer.groups)
        number = self.number_at(self.cursor)
        dropped = self.buffer.append(lines)
        opened = self.selection.take_new(max(start, self.buffer.first))
        if len(self.buffer.groups) != groups:
            self._note_groups()
        if dropped or opened or self._prefix_width() != prefix:
            self.selection.trim()
            self._lay_out(number)
            return
        if self.wrap:
            end = self._ends[-1] if self._ends else 0
            self._ends.extend(self._measure(self.shown[kept:], end))
        self._changed(only_added=True)

    def _note_groups(self) -> None:
        groups = self.buffer.groups
        self._names = {one: one for one in groups} if self.selection.folds else short_names(groups)
        for name in sorted(self.buffer.groups.keys() - self._hues.keys()):
            self._hues[name] = choose_hue(name, self._hues.values())

    def toggle_wrap(self) -> None:
        """Break long lines, or no longer; the cursor stays with its line."""
        number, self.wrap = self.number_at(self.cursor), not self.wrap
        self._lay_out(number)

    def set_filter(self, wanted: LogFilter) -> None:
        """Show only the lines that match; the cursor goes to the next of them."""
        self.filter = wanted
        self._again(lambda: self.selection.select(wanted))

    def set_context(self, lines: int) -> None:
        """Show so many *lines* around each hit."""
        self._again(lambda: self.selection.set_context(lines))

    def set_hiding(self, *, hides: bool) -> None:
        """Hide the lines that do not match, or show them among the others."""
        self._again(lambda: self.selection.set_hiding(hides=hides))

    def _again(self, change: Callable[[], None]) -> None:
        number = self.number_at(self.cursor)
        if number is None:  # nothing was shown by the letters so far
            number = self._anchor
        self._anchor = number
        change()
        self.selection.look(LOOK_SECONDS, enough=2 * self._page)
        self._lay_out(number)

    def look_further(self) -> bool:
        """Look at older lines for a moment; return whether there are more."""
        number, count = self.number_at(self.cursor), len(self.shown)
        more = self.selection.look(LOOK_SECONDS)
        if len(self.shown) != count:
            self._lay_out(number)
        return more

    # --- folding ---------------------------------------------------------------------------------

    def do_right(self) -> None:
        """Open the fold whose head is under the cursor, or scroll to the right."""
        number = self.number_at(self.cursor)
        if number is None or not self._is_outlined or not self.selection.folds.unfold(number):
            super().do_right()
            return
        self._refold(number)

    def do_left(self) -> None:
        """Scroll to the left, or fold what the line under the cursor is of."""
        if self.scroll_offset.x or not self.fold():
            super().do_left()

    def fold(self) -> bool:
        """Fold what the line under the cursor is of; return whether it is of anything."""
        number = self.number_at(self.cursor)
        if number is None or not self._is_outlined:
            return False
        head = self.selection.folds.fold(number)
        if head is not None:
            self._refold(head)
        return head is not None

    def toggle_fold(self) -> bool:
        """Open the fold whose head is under the cursor, or else fold what its line is of."""
        number = self.number_at(self.cursor)
        if number is not None and self.selection.folds.is_folded(number):
            self.selection.folds.unfold(number)
            self._refold(number)
            return True
        return self.fold()

    def toggle_all_folds(self) -> None:
        """Open all folds, or fold again what is well."""
        number, folds = self.number_at(self.cursor), self.selection.folds
        folds.open_all() if folds.is_any_folded else folds.fold_well()
        if number is not None:
            heads = list(folds.heads_of(number))
            folded = [head for head in heads if folds.is_folded(head)]
            self._refold(folded[-1] if folded else number)

    def _refold(self, number: int) -> None:
        self.following = False
        self.selection.refold()
        self._lay_out(number)

    def relayout(self) -> None:
        """Take in that the width of lines is another."""
        self._lay_out(self.number_at(self.cursor))

    def reset(self) -> None:
        """Take in that another log is read."""
        self.selection.begin_again()
        self.following, self.cursor = True, 0
        self._names, self._hues = {}, {}
        self._lay_out(None)

    def _lay_out(self, number: int | None) -> None:
        """Lay all lines out, with the cursor on line *number*, where it was on the screen."""
        self._width = self.scrollable_content_region.width
        self._pieces.cache_clear()
        self._heights.clear()
        self._lay_out_around(number)

    def _lay_out_around(self, number: int | None) -> None:
        offset = self.cursor - self.scroll_offset.y
        self._ends = self._measure(self.shown, 0) if self.wrap else []
        if number is not None:
            self.cursor = self._row_of(number)
        self._changed()
        if not self.following:
            top = self.cursor - max(0, min(offset, self._page - 1))
            self.scroll_to(y=top, animate=False, force=True)

    def _row_of(self, number: int) -> int:
        """Return the row of line *number*, or of the next one that is shown; the last, if none."""
        index = max(0, min(bisect_left(self.shown, number), len(self.shown) - 1))
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

    def begin_lines(self) -> None:
        """Draw all lines anew where they look otherwise than they did, or are many."""
        look = (
            *self.size, self.scroll_offset.x, self.wrap, self.times, self.parsed,
            *self._name_widths(), len(self._names), self.filter, self.selection.problem,
            self._base, self.context.styles, self._finish,
        )  # fmt: skip
        if look != self._look or len(self._strips) > _STRIPS:
            self._look = look
            self._strips.clear()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the lines in *crop*; lay them out again where they are other than was thought."""
        if (
            self.wrap and self.scrollable_content_region.width != self._width
        ):  # the scrollbar has come or gone
            self.call_later(self.relayout)
        elif self.wrap and self._settle():
            self.call_later(self._lay_out_around, self.number_at(self.cursor))
        self._base = self.rich_style
        self._finish = (self.background_colors[1], tuple(self.get_line_filters()))
        self.begin_lines()
        left, right = crop.column_span
        strips = map(self._finished_line, crop.line_range)
        return [strip.crop(left, right) for strip in strips]

    def _finished_line(self, y: int) -> Strip:
        """Draw a line as it is sent, or take it as it was before: lines do not change, but move.

        Textual would look for borders and the like of each line of each frame, and make three more
        strips of it: six times the work, where all lines move. A log has nothing around its lines.
        """
        line = self.scroll_offset.y + y
        if line == self.cursor or line >= self.line_count() or self.selection.folds:
            return self._finished(self.render_line(y))
        index, piece = self._place(line)
        key = (self.shown[index], piece)
        if (strip := self._strips.get(key)) is None:
            strip = self._strips[key] = self._finished(self.render_line(y))
        return strip

    def _finished(self, strip: Strip) -> Strip:
        background, filters = self._finish
        for one in filters:
            strip = strip.apply_filter(one, background)
        return strip

    def go_to_line(self, number: int) -> None:
        """Put the cursor on line *number*, or the next one that is shown, with what led to it; what
        it is folded away in is opened."""
        if self.selection.folds.reveal(number):
            self.selection.refold()
            self._lay_out(number)
        row = self._row_of(number)
        self.move_to(row)
        self.following = False  # it is the last line only until the next one comes
        self.scroll_to(y=row - int(self._page * _ABOVE), animate=False, force=True)

    def cursor_moved(self) -> None:
        """Follow only while the cursor is at the end."""
        at_end = self.cursor >= self.line_count() - 1
        if self.following is not at_end:
            self.following = at_end
            super().cursor_moved()  # what is possible depends on no other line
