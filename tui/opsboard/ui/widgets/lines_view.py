"""A view of many lines with a cursor, on Textual's Line API: only what is seen is drawn."""

from abc import abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.events import Click, Focus, Resize
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from opsboard.ui.actions.action_handler import UiActionHandler
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.ui_action import BindingScope
from opsboard.ui.context import AppContext
from opsboard.ui.render.cells import combined, text_segments

_STEP = 8


class Squeezed(NamedTuple):
    """A view that had to scroll for its cursor to be seen."""

    top: int
    """The first line that was seen before."""
    shown: int
    """The first line since."""


class LinesView(UiActionHandler, ScrollView, can_focus=True, inherit_bindings=False):
    """Shows :meth:`text_at` of each of :meth:`line_count` lines.

    The cursor goes only to lines that :meth:`is_selectable` allows. After the lines have changed, a
    subclass calls :meth:`lines_changed`.
    """

    SCOPES: ClassVar[tuple[BindingScope, ...]] = (BindingScope.MOVE,)
    BINDINGS: ClassVar = ACTIONS.bindings(BindingScope.MOVE)
    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text(encoding="utf-8")

    cursor = 0
    has_cursor = True
    is_active = False
    """Whether keys are about this view, though a prompt may have the focus."""

    recedes = False
    """Whether it has no cursor while keys are about another view beside it."""

    _squeezed: Squeezed | None = None
    _base = Style.null()
    """The style that all lines are drawn on. Computing it takes as long as drawing a line."""

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self.context = context

    @abstractmethod
    def line_count(self) -> int:
        """Return how many lines there are."""

    @abstractmethod
    def text_at(self, line: int) -> Text:
        """Return the content of *line*."""

    def segments_at(self, line: int, base: Style, *, loud: bool) -> Iterable[Segment]:
        """Return the content of *line* on *base*, which wins over its own colours if *loud*.

        What a status or production is known by stays where it can be read there.
        """
        hues = self.context.styles.cursor_hues
        return text_segments(self.text_at(line), self.app.console, base, loud=loud, hues=hues)

    def is_selectable(self, line: int) -> bool:
        """Return whether the cursor may be on *line*."""
        return 0 <= line < self.line_count()

    def content_width(self) -> int:
        """Return how many columns the lines need."""
        return self.size.width

    # --- drawing ---------------------------------------------------------------------------------

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the lines in *crop*."""
        self._base = self.rich_style
        self.begin_lines()
        return super().render_lines(crop)

    def begin_lines(self) -> None:
        """Called before lines are drawn, once for all of them."""

    def render_line(self, y: int) -> Strip:
        """Draw the line at *y* of what is seen."""
        left, top = self.scroll_offset
        line, width = top + y, self.size.width
        if line >= self.line_count():
            return Strip.blank(width, self._base)
        base, styles = self._base, self.context.styles
        on_cursor = self.has_cursor and line == self.cursor and self.is_selectable(line)
        on_cursor = on_cursor and not (self.recedes and not self.has_focus and not self.is_active)
        if on_cursor:
            base += styles.roles["cursor" if self.has_focus else "cursor_away"]
        loud = on_cursor and self.has_focus
        strip = Strip(self.segments_at(line, base, loud=loud))
        strip = strip.crop_extend(left, left + width, base)
        if on_cursor and (self.has_focus or self.is_active):
            sign = combined(base, styles.accent, loud=loud)
            strip = Strip.join([Strip([Segment(self.cursor_glyph(line), sign)]), strip.crop(1)])
        return strip.simplify()

    def cursor_glyph(self, line: int) -> str:
        """Return the sign of the cursor, which every theme shows, in the first column of *line*."""
        return self.context.styles.glyphs.cursor

    def set_active(self, *, current: bool) -> None:
        """Set whether keys are about this view."""
        if current is not self.is_active:
            self.is_active = current
            self.repaint(self.cursor)

    def lines_changed(self) -> None:
        """Update after lines were added, removed or replaced."""
        self._take_in()
        self.scroll_to_cursor()

    def _take_in(self) -> None:
        self.virtual_size = Size(self.content_width(), self.line_count())
        if not self.is_selectable(self.cursor):
            self.cursor = self._nearest(min(self.cursor, self.line_count() - 1))
        self.refresh()

    def repaint(self, line: int) -> None:
        """Repaint *line*, if it is seen."""
        self.refresh(Region(0, line - self.scroll_offset.y, self.size.width, 1))

    # --- moving ----------------------------------------------------------------------------------

    def move_to(self, line: int) -> None:
        """Put the cursor on *line* and scroll it into view."""
        if not self.has_cursor:
            self.scroll_to(y=line, animate=False, force=True)
            return
        before, self.cursor = self.cursor, line
        self._show(line)
        self.repaint(before)
        self.repaint(line)
        self.cursor_moved()

    def cursor_moved(self) -> None:
        """Called after the cursor has moved."""
        self.screen.refresh_bindings()

    def scroll_to_cursor(self) -> None:
        """Scroll the cursor into view, where there is one and any room to view.

        What is covered stays as it is, and what had to move for lack of room moves back, to be as
        it was when there is room again.
        """
        covered = self.app.has_class("-too-small")
        if not self.has_cursor or not self.line_count() or not self.size.height or covered:
            return
        seen = self.scroll_offset.y
        top = self._squeezed.top if self._squeezed and seen == self._squeezed.shown else seen
        shown = self._top_with(self.cursor, top)
        if shown != seen or self._squeezed:  # a scroll that is yet to come may be out of date
            self.scroll_to(y=shown, animate=False, force=True)
        self._squeezed = Squeezed(top, shown) if shown != top else None

    def _show(self, line: int) -> None:
        top = self.scroll_offset.y
        shown = self._top_with(line, top)
        if shown != top:
            self.scroll_to(y=shown, animate=False, force=True)

    def _top_with(self, line: int, top: int) -> int:
        """Return the first line to show, nearest to *top*, for *line* to be seen."""
        if line <= self._first():
            return 0
        if line < top:
            return line
        return max(top, line - self._page + 1)

    def _first(self) -> int:
        return next((line for line in range(self.line_count()) if self.is_selectable(line)), 0)

    def _nearest(self, line: int) -> int:
        for step in range(self.line_count()):
            for near in (line - step, line + step):
                if self.is_selectable(near):
                    return near
        return 0

    def _next(self, line: int, step: int) -> int:
        """Return the next line from *line* that can be stood on; *line* itself if none."""
        near = line + step
        while 0 <= near < self.line_count():
            if self.is_selectable(near):
                return near
            near += step
        return line

    @property
    def _page(self) -> int:
        return max(1, self.scrollable_content_region.height)

    def _go(self, step: int) -> None:
        if not self.has_cursor:
            self.scroll_to(y=self.scroll_offset.y + step, animate=False, force=True)
        elif abs(step) == 1:
            self.move_to(self._next(self.cursor, step))
        else:
            line = max(0, min(self.line_count() - 1, self.cursor + step))
            self.move_to(self._nearest(line))

    def do_up(self) -> None:
        """Go one line up."""
        self._go(-1)

    def do_down(self) -> None:
        """Go one line down."""
        self._go(+1)

    def do_left(self) -> None:
        """Scroll to the left."""
        self.scroll_to(x=self.scroll_offset.x - _STEP, animate=False, force=True)

    def do_right(self) -> None:
        """Scroll to the right."""
        self.scroll_to(x=self.scroll_offset.x + _STEP, animate=False, force=True)

    def do_page_up(self) -> None:
        """Go one page up."""
        self._go(-max(2, self._page - 1))

    def do_page_down(self) -> None:
        """Go one page down."""
        self._go(max(2, self._page - 1))

    def do_top(self) -> None:
        """Go to the first line."""
        self.move_to(self._first())

    def do_bottom(self) -> None:
        """Go to the last line."""
        self.move_to(self._nearest(self.line_count() - 1))

    # --- events ----------------------------------------------------------------------------------

    def on_focus(self, _: Focus) -> None:
        """Draw the cursor as that of the list in focus."""
        self.repaint(self.cursor)

    def on_blur(self) -> None:
        """Draw the cursor as that of a list without the focus."""
        self.repaint(self.cursor)

    def on_resize(self, _: Resize) -> None:
        """Lay the lines out again; scroll to the cursor once the screen has done so, too."""
        self._take_in()
        self.call_after_refresh(self.scroll_to_cursor)

    def on_mouse_scroll_down(self) -> None:
        """Keep the cursor in what is visible."""
        self.call_later(self._follow)

    def on_mouse_scroll_up(self) -> None:
        """Keep the cursor in what is visible."""
        self.call_later(self._follow)

    def _follow(self) -> None:
        """Put the cursor on the nearest visible line, since keys are about what is seen."""
        top = self.scroll_offset.y
        line = max(top, min(self.cursor, top + self._page - 1))
        if self.has_cursor and line != self.cursor and self.is_selectable(line):
            before, self.cursor = self.cursor, line
            self.repaint(before)
            self.repaint(line)
            self.cursor_moved()

    def on_click(self, event: Click) -> None:
        """Put the cursor where the mouse is."""
        line = self.scroll_offset.y + event.y
        if self.has_cursor and self.is_selectable(line):
            self.move_to(line)
