"""The base of the screens that have a preview: it hears of all that they hear of."""

from typing import ClassVar

from textual import on

from opsboard.ui.context import AppContext
from opsboard.ui.messages import BoardChanged, ClockTicked, StylesChanged
from opsboard.ui.screens.base_screen import BaseScreen
from opsboard.ui.widgets.preview import Preview


class PreviewingScreen(BaseScreen):
    """A screen with a :attr:`preview`, which a subclass lays out in its body.

    A subclass that has its own handlers of the same messages need not call those here.
    """

    preview_type: ClassVar[type[Preview]] = Preview
    """What it shows of the record that the screen is about, or that is under its cursor."""

    def __init__(self, context: AppContext, *, names_remedy: bool = True) -> None:
        """*names_remedy*: whether the key that may help works on this screen."""
        super().__init__(context)
        self.preview = self.preview_type(context, names_remedy=names_remedy)

    @on(BoardChanged)
    def _preview_changes(self, event: BoardChanged) -> None:
        self.preview.board_changed(event.delta)

    @on(ClockTicked)
    def _preview_ticks(self) -> None:
        self.preview.tick()

    @on(StylesChanged)
    def _preview_changes_looks(self) -> None:
        self.preview.repaint()
