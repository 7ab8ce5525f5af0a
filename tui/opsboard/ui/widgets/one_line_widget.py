"""The base of widgets that are one line of text and are redrawn often."""

from abc import abstractmethod

from rich.style import Style
from rich.text import Text
from textual.strip import Strip
from textual.widget import Widget

from opsboard.ui.context import AppContext
from opsboard.ui.render.cells import text_segments


class OneLineWidget(Widget):
    """Draws :meth:`line`, and draws it again only where :meth:`redraw` finds that it differs."""

    _drawn: Text | None = None

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self.context = context

    @abstractmethod
    def line(self, width: int) -> Text:
        """Return what the line says in *width* columns."""

    def ground(self, base: Style) -> tuple[Style, bool]:
        """Return the style that the line is drawn on, and whether that wins over its colours."""
        return base, False

    def redraw(self) -> None:
        """Take in what has changed, if anything has; what was never drawn will be anyway."""
        width = self.size.width
        if self._drawn is not None and width and self.line(width) != self._drawn:
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return the line, at the only *y* there is."""
        width = self.size.width
        base, loud = self.ground(self.rich_style)
        self._drawn = line = self.line(width)
        drawn = text_segments(line, self.app.console, base, loud=loud)
        return Strip(drawn).crop_extend(0, width, base).simplify()
