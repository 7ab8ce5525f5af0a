"""What is read in a terminal that is too small: it lies over the screen, and changes nothing of it.

Nothing is hidden for it, since what is hidden loses the focus: what was typed, where the cursor
was and which screens are open is all there when there is room again.
"""

from typing import ClassVar, Final

from rich.text import Text
from textual.app import RenderResult
from textual.widget import Widget

from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.keymap import key_label
from opsboard.ui.context import AppContext

MIN_SIZE: Final = (40, 10)
"""Columns and lines below which nothing of use can be shown."""


class TooSmallNotice(Widget):
    """Covers its screen while the app has the class ``-too-small``."""

    DEFAULT_CSS: ClassVar = """
    TooSmallNotice {
        display: none; layer: cover; position: absolute; offset: 0 0;
        width: 100vw; height: 100vh; background: $background; color: $foreground;
    }
    """

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self.context = context

    def render(self) -> RenderResult:
        """Return what is wrong, and what still can be done."""
        width, height = self.app.size
        needs = "x".join(map(str, MIN_SIZE))
        leave = key_label(self.context.keys_of(ACTIONS["app.quit"])[0])
        text = f"terminal too small: {width}x{height}, needs {needs}; {leave} quits"
        demo = (" DEMO ", self.context.styles.demo) if self.context.demo else ""
        return Text.assemble(demo, " " if demo else "", text)
