"""The top line: the program, the health of each source, and the environments on show."""

from rich.text import Text

from opsboard.text.escaping import escaped
from opsboard.ui.render.source_summary import source_summary
from opsboard.ui.widgets.one_line_widget import OneLineWidget

_NAME = " opsboard "
_DEMO = " DEMO "
_NARROW = 48
_BADGES = 0.4
"""How much of the line may be taken by environments, before some are only counted."""
_LOUD = "production"
_WAYS_FROM_THEN = (
    "   [ change before  ] change after  Esc now",
    "   [ before  ] after  Esc now",
    "   Esc now",
)
"""The keys that lead away from an earlier time, in as many words as there is room for."""


class TopLine(OneLineWidget):
    """One line, never two. The environment is always there in full; the rest makes room.

    Of several environments as many are named as there is room for, production first, and the
    others are counted.
    """

    environments: tuple[str, ...] = ()

    def show_environments(self, *environments: str) -> None:
        """Show *environments*: that of the record on show, or those that a plan touches."""
        shown = sorted(set(environments) - {""}, key=lambda name: (name != _LOUD, name))
        if tuple(shown) != self.environments:
            self.environments = tuple(shown)
            self.redraw()

    def on_mount(self) -> None:
        """Be drawn in inverse where what is shown is not of now."""
        self.set_class(self.context.as_of is not None, "-as-of")

    def line(self, width: int) -> Text:
        """Return name, sources and environment, as *width* allows."""
        context, styles = self.context, self.context.styles
        if context.as_of is not None:
            return self._as_of_line(width)
        name = Text(_NAME if width >= _NARROW else " ", styles.accent)
        if context.demo:
            name.append(_DEMO, styles.demo)
        word = Text.assemble(self._read_only(width), self._badges(width))
        room = width - name.cell_len - word.cell_len - 2
        sources = source_summary(context.board.sources(), context.clock.now(), styles, room)
        gap = max(1, width - name.cell_len - 1 - sources.cell_len - word.cell_len)
        return Text.assemble(name, " " if name.cell_len > 1 else "", sources, " " * gap, word)

    def _as_of_line(self, width: int) -> Text:
        """Return the time that the board is of, the keys that lead away from it, the environment.

        All of it is plain: the line is drawn in inverse, and means one thing.
        """
        left = Text(_DEMO if self.context.demo else "")
        left.append(f" AS OF {self.context.as_of_text}, READ-ONLY")
        right = Text(" ".join(map(_badge, self.environments)))
        room = width - left.cell_len - right.cell_len
        left.append(next((keys for keys in _WAYS_FROM_THEN if len(keys) < room), ""))
        left.truncate(max(1, width - right.cell_len), overflow="ellipsis", pad=True)
        return left.append_text(right)

    def _read_only(self, width: int) -> Text:
        if not self.context.read_only:
            return Text()
        return Text("read-only " if width >= _NARROW else "RO ", self.context.styles.accent)

    def _badges(self, width: int) -> Text:
        styles, text = self.context.styles, Text()
        for at, environment in enumerate(self.environments):
            left = len(self.environments) - at
            badge = _badge(environment)
            if at and text.cell_len + len(badge) > width * _BADGES:
                return text.append(f" +{left} ", styles.muted)
            text.append(" " if at else "").append(badge, styles.environment(environment))
        return text


def _badge(environment: str) -> str:
    return f" {environment.upper() if environment == _LOUD else escaped(environment)} "
