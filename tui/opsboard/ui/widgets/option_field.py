"""An input with a fixed set of values: a choice, or yes and no."""

from collections.abc import Iterator
from typing import ClassVar, Final

from rich.cells import cell_len
from rich.text import Text
from textual import on
from textual.binding import BindingType
from textual.message import Message
from textual.widget import Widget

from opsboard.adapter import Input, Option
from opsboard.ui.context import AppContext
from opsboard.ui.render.cells import BOLD, PLAIN
from opsboard.ui.render.layout import PageRow, fit_text, wrap_text
from opsboard.ui.widgets.form_field import FormField
from opsboard.ui.widgets.page_view import PageView

_SHOWN = 9
"""Lines of choices that are seen at once."""
_NOTE = 20
"""Columns that the note of a choice is given at least."""
_YES: Final = Option(value="true", label="yes")
_NO: Final = Option(value="false", label="no")


class OptionRows(PageView, inherit_bindings=False):
    """Lines to choose from; the keys are the form's."""

    SCOPES = ()
    BINDINGS: ClassVar[list[BindingType]] = []

    class OptionHighlighted(Message):
        """The cursor is on another line: by the mouse, too."""

    def cursor_moved(self) -> None:
        """Choosing is being on it."""
        self.post_message(self.OptionHighlighted())


class OptionField(FormField):
    """Lines of which one is chosen: the options of a choice, or yes and no."""

    def __init__(self, context: AppContext, one: Input, initial: str) -> None:
        super().__init__(context, one, initial)
        self._options = (_YES, _NO) if one.type == "boolean" else one.options
        values = [option.value for option in self._options]
        self._at = values.index(initial) if initial in values else -1

    def make_editor(self) -> Widget:
        """Return the lines."""
        return OptionRows(self.context)

    def on_mount(self) -> None:
        """Show what is chosen."""
        self.redraw()
        self.call_after_refresh(self._show)

    def on_resize(self) -> None:
        """Break the note of what is chosen where the line ends."""
        self.redraw()

    @property
    def value(self) -> str:
        """What is chosen, if anything is."""
        return self._options[self._at].value if self._at >= 0 else self.initial

    def move_by(self, by: int) -> bool:
        """Choose the next one."""
        at = self._at + by
        if not 0 <= at < len(self._options):
            return False
        self._choose(at)
        return True

    def toggle(self) -> bool:
        """Choose the other one, of yes and no."""
        if self.input.type != "boolean":
            return False
        self._choose(1 if self._at == 0 else 0)
        return True

    @on(OptionRows.OptionHighlighted)
    def _moved(self, event: OptionRows.OptionHighlighted) -> None:
        event.stop()
        at = self.query_one(OptionRows).row.key
        if isinstance(at, int) and at != self._at:
            self._choose(at)

    def _choose(self, at: int) -> None:
        self._at = at
        self.redraw()
        self._show()
        self.post_message(self.ValueChanged(self))

    def _show(self) -> None:
        """Put the cursor on what is chosen."""
        rows = self.query_one(OptionRows)
        lines = [line for line, row in enumerate(rows.rows) if row.key == self._at]
        if lines and rows.cursor != lines[0]:
            rows.move_to(lines[0])

    def redraw(self) -> None:
        """Draw the lines."""
        rows = self.query_one(OptionRows)
        lines = [row for at in range(len(self._options)) for row in self._lines(at)]
        rows.styles.height = max(1, min(_SHOWN, len(lines)))
        rows.show_rows(lines)

    def _lines(self, at: int) -> Iterator[PageRow]:
        """Yield an option in one line; the one that is chosen with all there is to say of it."""
        styles, option, chosen = self.context.styles, self._options[at], at == self._at
        label = f"  ({'*' if chosen else ' '}) {option.label or option.value}  "
        default = "(default) " if option.value == self.input.default else ""
        room = max(_NOTE, self.size.width - cell_len(label) - 1)
        first, *more = wrap_text(f"{default}{option.note}", room)
        if more and not chosen:
            first, more = fit_text(f"{default}{option.note}", room, styles), []
        text = Text.assemble((label, BOLD if chosen else PLAIN), (first, styles.muted))
        yield PageRow(text, selectable=True, key=at)
        for line in more:
            yield PageRow(Text(f"{'':<{cell_len(label)}}{line}", styles.muted))
