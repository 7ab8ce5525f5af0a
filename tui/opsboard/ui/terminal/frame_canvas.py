"""A screen as texts and styles in cells, of which a frame is made that outlives the program."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Final

from rich.cells import cell_len
from rich.console import COLOR_SYSTEMS, Console
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from opsboard.startup.frame_format import AgeSlot, StoredFrame
from opsboard.ui.terminal.graphemes import graphemes, has_uncertain_width

UNKNOWN: Final = "?"
"""In place of a character that terminals draw at different widths, or not at all."""

_STYLE: Final = itemgetter(0)


class FrameCanvas:
    """Lines of *size*, on the background of *ground*.

    It is for one frame: where a widget is, and what is around it, is asked once.
    """

    def __init__(self, size: Size, ground: Widget, console: Console) -> None:
        self._size, self._console = size, console
        self._slots: list[AgeSlot] = []
        self._regions: dict[Widget, Region] = {}
        self._known: dict[tuple[Widget, Style], str] = {}
        blank = (self._sgr(ground, ground.rich_style), " ")
        self._lines = [[blank] * size.width for _ in range(size.height)]

    def fill(self, widget: Widget, region: Region | None = None) -> None:
        """Put the background of *widget* where it is, or into *region*."""
        region = (region or self._region(widget)).intersection(self._size.region)
        blank = (self._sgr(widget, widget.rich_style), " ")
        for y in range(region.y, region.bottom):
            self._lines[y][region.x : region.right] = [blank] * region.width

    def put(self, widget: Widget, y: int, segments: Iterable[Segment], x: int = 0) -> int:
        """Draw *segments* at *x*, *y* of *widget*, cut at its end; return the column after them."""
        region = self._region(widget)
        at, top = region.x + x, region.y + y
        end = min(region.x + widget.size.width, self._size.width)
        if not 0 <= top < self._size.height:
            return x
        line = self._lines[top]
        for text, style, _ in segments:
            sgr = self._sgr(widget, style or Style.null())
            for part, width in _parts(text):
                if width and at + width <= end:
                    line[at : at + width] = [(sgr, part), *[(sgr, "")] * (width - 1)]
                at += width
        return at - region.x

    def slot(
        self,
        widget: Widget,
        place: tuple[int, int, int],
        since: float,
        styles: Sequence[Style],
        *,
        kind: str,
        right: bool,
        prefix: str = "",
    ) -> None:
        """Leave a place for an age: *place* is line, column and width within *widget*."""
        y, x, width = place
        region = self._region(widget)
        x, y = region.x + x, region.y + y
        end = min(region.x + widget.size.width, self._size.width)
        fresh, usual, old = (self._sgr(widget, style) for style in styles)
        if 0 <= y < self._size.height and width <= end - x:
            sgr = (fresh, usual, old)
            how = {"kind": kind, "prefix": prefix}
            self._slots.append(AgeSlot(y, x, width, since, sgr, right=right, **how))

    def frame(self) -> StoredFrame:
        """Return what has been drawn."""
        rows = [
            [(sgr, "".join(text for _, text in cells)) for sgr, cells in groupby(line, _STYLE)]
            for line in self._lines
        ]
        return StoredFrame(self._size.width, self._size.height, rows, self._slots)

    def _region(self, widget: Widget) -> Region:
        if widget not in self._regions:
            self._regions[widget] = widget.region
        return self._regions[widget]

    def _sgr(self, widget: Widget, style: Style) -> str:
        """Return *style* as parameters of SGR, as the screen of *widget* would send it."""
        key = widget, style
        if key not in self._known:
            self._known[key] = self._filtered(widget, style)
        return self._known[key]

    def _filtered(self, widget: Widget, style: Style) -> str:
        strip = Strip([Segment(UNKNOWN, style)])
        background = widget.background_colors[1]
        for line_filter in widget.get_line_filters():
            strip = strip.apply_filter(line_filter, background)
        (segment,) = strip
        return _parameters(segment.style or Style.null(), self._console)


@lru_cache(maxsize=1_024)
def _parameters(style: Style, console: Console) -> str:
    system = COLOR_SYSTEMS[console.color_system] if console.color_system else None
    drawn = style.update_link(None).render(UNKNOWN, color_system=system)
    return drawn.partition("\x1b[")[2].partition("m")[0] if drawn != UNKNOWN else ""


def _parts(text: str) -> Iterable[tuple[str, int]]:
    """Yield what takes columns of its own, and how many: nothing that terminals disagree about."""
    if text.isascii() and text.isprintable():
        return [(letter, 1) for letter in text]
    return [
        (part if _is_safe(part) else UNKNOWN.ljust(width), width) for part, width in graphemes(text)
    ]


def _is_safe(part: str) -> bool:
    return part.isprintable() and not has_uncertain_width(part) and cell_len(part) > 0
