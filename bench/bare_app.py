"""The baseline of the start: Textual with as many widgets as the board has, and text in them.

It reads nothing and does nothing else, so its time to paint is Textual's own.
"""

from typing import Final

from textual.app import App, ComposeResult
from textual.containers import Container, Vertical
from textual.widgets import Static

LINE: Final = "checkout  production  progressing  checkout:1.4  3/3"
LAST: Final = "the last line of the last pane"


class Bare(App[None]):
    """A line, four panes of title, column titles and rows, and a line."""

    ENABLE_COMMAND_PALETTE = False
    CSS = """
    #panes { layout: grid; grid-size: 2 2; }
    #panes Static { height: 1; }
    #panes .rows { height: 1fr; }
    .line { height: 1; }
    """

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield Static("bare", classes="line")
        with Container(id="panes"):
            for number in range(4):
                with Vertical():
                    yield Static(f" {number + 1} Pane 12", markup=False)
                    yield Static(" Name  Environment  State  Image  Ready  Age", markup=False)
                    yield Static("\n".join([LINE] * 9 + [LAST]), classes="rows", markup=False)
        yield Static("? Help  q Quit", classes="line")

    def on_mount(self) -> None:
        """Switch animations off, as the board does."""
        self.animation_level = "none"


if __name__ == "__main__":
    Bare().run()
