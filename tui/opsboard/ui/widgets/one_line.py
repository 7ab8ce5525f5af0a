"""The base of widgets that are one line of text and are redrawn often."""

from abc import abstractmethod

from rich.text import Text
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from opsboard.ui.drawing import segments


class OneLine(Widget):
    """Draws :meth:`line`. After :meth:`redraw`, only the columns that differ travel."""

    _drawn = Strip.blank(0)

    @abstractmethod
    def line(self, width: int) -> Text:
        """Return what the line says in *width* columns."""

    def redraw(self) -> None:
        """Take in what has changed, and repaint that and nothing else."""
        if self.size.width and (changed := _difference(self._drawn, self._strip())):
            self.refresh(changed)

    def render_line(self, y: int) -> Strip:
        """Return the line, at the only *y* there is."""
        self._drawn = self._strip()
        return self._drawn

    def _strip(self) -> Strip:
        width, base = self.size.width, self.rich_style
        drawn = segments(self.line(width), self.app.console, base)
        return Strip(drawn).crop_extend(0, width, base).simplify()


def _difference(old: Strip, new: Strip) -> Region | None:
    """Return the columns in which two lines differ, as a region, or ``None``."""
    if old == new:
        return None
    if old.cell_length != new.cell_length:
        return Region(0, 0, new.cell_length, 1)
    width = new.cell_length
    start, end = 0, width
    while start < end and old.crop(start, start + 1) == new.crop(start, start + 1):
        start += 1
    while end > start and old.crop(end - 1, end) == new.crop(end - 1, end):
        end -= 1
    return Region(start, 0, max(1, end - start), 1)
