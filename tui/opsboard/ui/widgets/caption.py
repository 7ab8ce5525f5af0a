"""The caption under the top line: what the screen shows, and how old it is."""

from rich.text import Text

from opsboard.ui.context import AppContext
from opsboard.ui.widgets.one_line_widget import OneLineWidget


class Caption(OneLineWidget):
    """Kind and name to the left, age or a word about loading to the right."""

    DEFAULT_CSS = "Caption { height: 1; background: $background; color: $foreground; }"

    def __init__(self, context: AppContext, kind: str, title: str) -> None:
        super().__init__(context)
        self._kind, self._title, self._state, self._wrong = kind, title, "", False

    def set_state(self, state: str, *, wrong: bool = False, title: str = "") -> None:
        """Say *state* at the right."""
        self._state, self._wrong = state, wrong
        self._title = title or self._title
        self.redraw()

    def line(self, width: int) -> Text:
        """Return the caption; the title makes room for the state."""
        styles = self.context.styles
        state = Text(f" {self._state} ", styles.roles["match"] if self._wrong else styles.muted)
        state.truncate(max(10, width - 12), overflow="ellipsis")
        text = Text.assemble((f" {self._kind} ", styles.muted), (self._title, "bold"))
        text.truncate(max(1, width - state.cell_len), overflow="ellipsis", pad=True)
        return text.append_text(state)
