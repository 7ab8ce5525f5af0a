"""Sends only those cells to the terminal that differ from what it shows already.

Textual repaints whole widgets, at best from a widget's first column to the last one that changed,
and the whole screen after anything was laid out anew. A slow link feels that. So what the terminal
shows is remembered, cell by cell, and every update is compared with it before it is sent.

What terminals draw at different widths (:mod:`.graphemes`) shifts nothing: the cursor is put where
Rich takes it to be, and what is drawn too wide is drawn over.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, repeat
from operator import itemgetter
from typing import Final, NamedTuple

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.control import Control
from rich.segment import Segment
from rich.style import Style
from textual import on
from textual.app import App
from textual.events import Mount, Resize
from textual.geometry import Size
from textual.screen import Screen
from textual.strip import Strip

from opsboard.ui.terminal.graphemes import (
    graphemes,
    has_uncertain_width,
    is_single_cell,
    max_columns,
)
from opsboard.ui.terminal.textual_internals import (
    ChopsUpdate,
    CompositorUpdate,
    LayoutUpdate,
    driver_of,
    is_batching,
    is_running,
)

MAX_GAP: Final = 8
"""Unchanged cells between two changes that are sent too: moving the cursor costs as much."""

ScreenCell = tuple[str, Style]
"""What is in a column of a line; of a wide character, its right half is the empty text."""

_TEXT, _STYLE = itemgetter(0), itemgetter(1)
_NULL: Final = Style.null()
_NOTHING: Final[ScreenCell] = ("\0", _NULL)
"""The content of a cell that is not known; nothing that is drawn equals it."""


class CellRun(NamedTuple):
    """Adjacent cells to send to a terminal of *width* columns."""

    x: int
    y: int
    cells: Sequence[ScreenCell]
    width: int

    def sequence(self, console: Console) -> str:
        """Return what to write for it."""
        return _move(self.x, self.y) + "".join(self._written(console))

    def _written(self, console: Console) -> Iterator[str]:
        if not _uncertain(self.cells):
            yield _rendered(self.cells, console)
            return
        begun = 0
        for at, (text, style) in enumerate(self.cells):
            if not has_uncertain_width(text):
                continue
            yield _rendered(self.cells[begun:at], console)
            begun = _end_of(self.cells, at)
            x, width = self.x + at, begun - at
            if width > 1:  # some draw it narrower
                yield _rendered([(" " * width, style)], console) + _move(x, self.y)
            shown = text if x + max_columns(text) <= self.width else text[0]
            yield _rendered([(shown, style)], console) + _move(x + width, self.y)
        yield _rendered(self.cells[begun:], console)


class DiffUpdate(CompositorUpdate):
    """The part of an update that has to be sent."""

    def __init__(self, runs: Sequence[CellRun]) -> None:
        self.runs = runs

    def render_segments(self, console: Console) -> str:
        """Return what to write for it."""
        return "".join(run.sequence(console) for run in self.runs)


class DiffRenderer:
    """Remembers what the terminal shows, cell by cell."""

    def __init__(self) -> None:
        self._size = Size(0, 0)
        self._lines: list[list[ScreenCell]] = []

    @property
    def size(self) -> Size:
        """The size of the terminal that was last sent to; zero where nothing is known of it."""
        return self._size

    def reset(self) -> None:
        """Forget what the terminal shows: the next update is sent as a whole."""
        self._size = Size(0, 0)

    def diff(self, update: CompositorUpdate, size: Size) -> CompositorUpdate | None:
        """Return what of *update* has to be sent to a terminal of *size*; ``None`` if nothing.

        From then on, the terminal is taken to show it.
        """
        if size != self._size:
            self._size = size
            self._lines = [[_NOTHING] * size.width for _ in range(size.height)]
        runs: list[CellRun] = []
        for x, y, segments in _pieces(update):
            if x < size.width and y < size.height:  # else it was made for a larger terminal
                runs += self._take_in(x, y, cells_of(segments)[: size.width - x])
        return DiffUpdate(runs) if runs else None

    def _take_in(self, x: int, y: int, cells: list[ScreenCell]) -> Iterator[CellRun]:
        line, end = self._lines[y], x + len(cells)
        shown = line[x:end]
        if shown == cells:
            return
        line[x:end] = cells
        for start, stop in _differences(shown, cells):
            last = _drawn_over(line, x + start, x + stop)
            yield CellRun(x + start, y, line[x + start : last], self._size.width)


class DiffRenderingApp(App[int], inherit_bindings=False):
    """An app that sends only cells that differ from what its terminal shows."""

    def __init__(self) -> None:
        super().__init__()
        self._wire = DiffRenderer()
        self._is_started = False

    @on(Mount)
    def _watch_for_resumption(self) -> None:
        """Repaint when the program comes back to the foreground of its terminal."""
        self.app_resume_signal.subscribe(self, lambda _: self.repaint_all())
        self.call_after_refresh(self._started)

    def _started(self) -> None:
        self._is_started = True

    @on(Resize)
    def _watch_for_other_sizes(self, event: Resize) -> None:
        """Repaint after a resize: terminals differ in what they keep of their lines then.

        At the start, events only tell the size that the first frame has been sent at.
        """
        if not self._is_started and self._wire.size in {event.size, Size(0, 0)}:
            return
        self._wire.reset()
        if self.screen_stack:
            self.screen.refresh()

    def repaint_all(self) -> None:
        """Send the whole screen again: another program may have written to the terminal."""
        self._wire.reset()
        self.screen.refresh()

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        if self._sends and isinstance(renderable, CompositorUpdate):
            renderable = self._wire.diff(renderable, self.size)
        super()._display(screen, renderable)

    @property
    def _sends(self) -> bool:
        """Whether what is displayed now goes to a terminal as a whole screen."""
        driver = driver_of(self)
        ready = is_running(self) and not is_batching(self)
        return ready and driver is not None and not (driver.is_headless or driver.is_inline)


def _pieces(update: CompositorUpdate) -> Iterator[tuple[int, int, Iterable[Segment]]]:
    """Yield column, line and content of each part of a line that *update* is made of."""
    if isinstance(update, LayoutUpdate):
        for y, strips in enumerate(update.strips, update.region.y):
            yield update.region.x, y, [segment for strip in strips for segment in strip]
    elif isinstance(update, ChopsUpdate):
        for y, left, right in update.spans:
            for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                if strip is not None and x < right and end > left:
                    yield x, y, strip
    else:
        raise TypeError(f"no screen is updated by {type(update).__name__}")


def cells_of(segments: Iterable[Segment]) -> list[ScreenCell]:
    """Return what *segments* put into each column."""
    cells: list[ScreenCell] = []
    for text, style, control in segments:
        if not control:
            cells += _cells(text, style or _NULL)
    return cells


def _cells(text: str, style: Style) -> Iterable[ScreenCell]:
    if text.isascii():
        return zip(text, repeat(style), strict=False)
    width = cell_len(text)
    if len(text) == width and all(map(is_single_cell, set(text))):
        return zip(text, repeat(style), strict=False)
    return _wide_cells(text, style)


def _wide_cells(text: str, style: Style) -> Iterator[ScreenCell]:
    """Yield cells of wide and joined characters: none of them is ever sent by halves."""
    for part, width in graphemes(text):
        if width:
            yield part, style
            yield from repeat(("", style), width - 1)


def _rendered(cells: Sequence[ScreenCell], console: Console) -> str:
    segments = [
        Segment("".join(map(_TEXT, group)), style) for style, group in groupby(cells, _STYLE)
    ]
    return Strip(segments).render(console) if segments else ""


def _move(x: int, y: int) -> str:
    return Control.move_to(x, y).segment.text


def _end_of(cells: Sequence[ScreenCell], at: int) -> int:
    """Return where the character ends that begins at *at*."""
    end = at + 1
    while end < len(cells) and not cells[end][0]:
        end += 1
    return end


def _uncertain(cells: Iterable[ScreenCell]) -> bool:
    """Tell whether anything in *cells* may be drawn wider; each text is looked at once."""
    return any(map(has_uncertain_width, set(map(_TEXT, cells))))


def _drawn_over(line: Sequence[ScreenCell], start: int, stop: int) -> int:
    """Return *stop*, or up to where something between may be drawn that is wider than counted."""
    if not _uncertain(line[start:stop]):
        return stop
    at = reach = start
    while at < max(stop, reach) and at < len(line) and line[at] is not _NOTHING:
        if has_uncertain_width(line[at][0]):
            reach = max(reach, at + max_columns(line[at][0]))
        at = _end_of(line, at)
    return max(at, stop)


def _differences(old: Sequence[ScreenCell], new: Sequence[ScreenCell]) -> Iterator[tuple[int, int]]:
    """Yield from where to where cells differ, near ones together, no character cut in two."""
    others = [at for at, (was, cell) in enumerate(zip(old, new, strict=True)) if was != cell]
    start = end = others[0]
    for at in others:
        if at > end + MAX_GAP:
            yield _whole(new, start, end)
            start = at
        end = at + 1
    yield _whole(new, start, end)


def _whole(cells: Sequence[ScreenCell], start: int, end: int) -> tuple[int, int]:
    while start > 0 and not cells[start][0]:
        start -= 1
    while end < len(cells) and not cells[end][0]:
        end += 1
    return start, end
