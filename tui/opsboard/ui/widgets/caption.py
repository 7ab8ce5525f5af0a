"""The caption under the top line: what the screen shows, and how old it is."""

from typing import Final

from rich.text import Text

from opsboard.records import Kind, Ref, listed_key
from opsboard.ui.context import AppContext
from opsboard.ui.widgets.one_line_widget import OneLineWidget

_KEPT: Final = 3
"""A title keeps one part in so many of the line."""


class Caption(OneLineWidget):
    """Kind and name to the left, age or a word about loading to the right."""

    DEFAULT_CSS = "Caption { height: 1; background: $raised; color: $foreground; }"

    def __init__(self, context: AppContext, kind: str, title: str) -> None:
        super().__init__(context)
        self._kind, self._title, self._state, self._wrong = kind, title, "", False

    def set_state(self, state: str, *, wrong: bool = False, title: str = "") -> None:
        """Say *state* at the right."""
        self._state, self._wrong = state, wrong
        self._title = title or self._title
        self.redraw()

    def line(self, width: int) -> Text:
        """Return the caption; the title makes room for the state, down to its share of the line."""
        styles = self.context.styles
        state = Text(f" {self._state} ", styles.roles["match"] if self._wrong else styles.muted)
        text = Text.assemble((f" {self._kind} ", styles.muted), (self._title, "bold"))
        kept = max(12, min(text.cell_len, width // _KEPT))
        state.truncate(max(10, width - kept), overflow="ellipsis")
        text.truncate(max(1, width - state.cell_len), overflow="ellipsis", pad=True)
        return text.append_text(state)


def kind_text(ref: Ref) -> str:
    """Return what *ref* is, in words; of an object that a server lists, by the name of its table.

    That is a plural, with the group in it: ``ingresses.networking.k8s.io``.
    """
    if ref.kind is Kind.LISTED:
        from opsboard.text.plurals import singular  # noqa: PLC0415 - not for the first frame

        return singular(listed_key(ref)[0].partition(".")[0]).replace("-", " ")
    return ref.kind.replace("-", " ")
