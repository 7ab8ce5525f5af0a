"""The caption under the top line: what the screen shows, and how old it is."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from rich.cells import cell_len
from rich.text import Text

from opsboard.records import Kind, Ref, listed_key
from opsboard.ui.context import AppContext
from opsboard.ui.render.layout import truncate_text
from opsboard.ui.widgets.one_line_widget import OneLineWidget

_KEPT: Final = 3
"""A title keeps one part in so many of the line."""


class StatePart(NamedTuple):
    """A part of what a caption says; that of the highest *rank* is left out first."""

    text: str
    rank: int = 0


class Caption(OneLineWidget):
    """Kind and name to the left, age or a word about loading to the right."""

    DEFAULT_CSS = "Caption { height: 1; background: $raised; color: $foreground; }"

    def __init__(self, context: AppContext, kind: str, title: str) -> None:
        super().__init__(context)
        self._kind, self._title, self._wrong = kind, title, False
        self._parts: Sequence[StatePart] = ()

    def set_state(self, state: str, *, wrong: bool = False, title: str = "") -> None:
        """Say *state* at the right."""
        self.set_parts([StatePart(state)], wrong=wrong, title=title)

    def set_parts(
        self, parts: Sequence[StatePart], *, wrong: bool = False, title: str = ""
    ) -> None:
        """Say *parts* at the right, without the least important ones where there is no room."""
        self._parts, self._wrong = tuple(parts), wrong
        self._title = title or self._title
        self.redraw()

    def line(self, width: int) -> Text:
        """Return the caption; the title makes room for the state, down to its share of the line."""
        styles = self.context.styles
        text = Text.assemble((f" {self._kind} ", styles.muted), (self._title, "bold"))
        kept = max(12, min(text.cell_len, width // _KEPT))
        room = max(10, width - kept)
        said = f" {_fitted(self._parts, room - 2)} "
        state = Text(said, styles.roles["match"] if self._wrong else styles.muted)
        truncate_text(state, room, styles)
        truncate_text(text, max(1, width - state.cell_len), styles, pad=True)
        return text.append_text(state)


def _fitted(parts: Sequence[StatePart], room: int) -> str:
    """Return as many of *parts* as there is *room* for, in their order."""
    kept = list(parts)
    while len(kept) > 1 and cell_len(_joined(kept)) > room:
        least = max(part.rank for part in kept)
        kept.remove(next(part for part in reversed(kept) if part.rank == least))
    return _joined(kept)


def _joined(parts: Sequence[StatePart]) -> str:
    return ", ".join(part.text for part in parts)


def kind_text(ref: Ref) -> str:
    """Return what *ref* is, in words; of an object that a server lists, by the name of its table.

    That is a plural, with the group in it: ``ingresses.networking.k8s.io``.
    """
    if ref.kind is Kind.LISTED:
        from opsboard.text.plurals import singular  # noqa: PLC0415 - not for the first frame

        return singular(listed_key(ref)[0].partition(".")[0]).replace("-", " ")
    return ref.kind.replace("-", " ")
