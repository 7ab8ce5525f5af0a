"""One input of a form: its name and what is wrong with it, what it is for, and its editor."""

from abc import abstractmethod
from pathlib import Path

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input as TextualInput
from textual.widgets import Static

from opsboard.adapter import Input
from opsboard.records import Status
from opsboard.text.sanitize import sanitize
from opsboard.ui.context import AppContext
from opsboard.ui.render.layout import truncate_text
from opsboard.ui.widgets.one_line_widget import OneLineWidget
from opsboard.ui.widgets.sanitized_input import EscapedInput, SanitizedInput


class FormFieldHeader(OneLineWidget):
    """The name of an input and its kind to the left, what is wrong to the right."""

    DEFAULT_CSS = "FormFieldHeader { height: 1; }"

    def __init__(self, context: AppContext, one: Input) -> None:
        super().__init__(context)
        self._input = one
        self.error = ""

    def line(self, width: int) -> Text:
        """Return the line; the name gives way to the fault."""
        styles, glyph = self.context.styles, self.context.styles.glyphs.status[Status.WARNING]
        fault = f" {glyph} {self.error} " if self.error else ""
        right = Text(fault, styles.statuses[Status.WARNING])
        text = Text.assemble((f" {self._input.label or self._input.name}", styles.accent))
        text.append(f"  {input_description(self._input)}", styles.muted)
        truncate_text(text, max(1, width - right.cell_len), styles, pad=True)
        return text.append_text(right)


def input_description(one: Input) -> str:
    """Return in words which values are valid: ``whole number, 0 to 50, required``."""
    words = {"integer": "whole number", "number": "number", "boolean": "yes or no", "text": "text"}
    parts = [words.get(one.type, f"one of {len(one.options)}")]
    if one.least is not None and one.most is not None:
        parts.append(f"{one.least:g} to {one.most:g}")
    elif one.least is not None:
        parts.append(f"at least {one.least:g}")
    elif one.most is not None:
        parts.append(f"at most {one.most:g}")
    if one.default and not one.escapes and one.type not in {"choice", "boolean"}:
        parts.append(f"by default {sanitize(one.default)}")
    if one.required:
        parts.append("required")
    return ", ".join(parts)


class FormField(Vertical):
    """An input with its editor. *begun* is the value that it begins with."""

    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text(encoding="utf-8")

    class ValueChanged(Message):
        """Something was typed or chosen in :attr:`field`."""

        def __init__(self, field: "FormField") -> None:
            super().__init__()
            self.field = field

    def __init__(self, context: AppContext, one: Input, initial: str) -> None:
        super().__init__()
        self.context = context
        self.input = one
        self.initial = initial

    def compose(self) -> ComposeResult:
        """Lay out name, help and editor."""
        yield FormFieldHeader(self.context, self.input)
        if self.input.help:
            yield Static(self.input.help, markup=False, classes="help")
        yield self.make_editor()

    @abstractmethod
    def make_editor(self) -> Widget:
        """Return the widget that takes the focus."""

    @property
    @abstractmethod
    def value(self) -> str:
        """The value, as text."""

    def move_by(self, by: int) -> bool:
        """Move within the editor; return whether there was anywhere to go."""
        return False

    def toggle(self) -> bool:
        """Switch; return whether there was anything to switch."""
        return False

    def show_error(self, fault: str) -> None:
        """Say what is wrong, beside the name."""
        head = self.query_one(FormFieldHeader)
        head.error = fault
        head.redraw()


class TextField(FormField):
    """A text or a number."""

    def make_editor(self) -> Widget:
        """Return the line that is typed into."""
        made = EscapedInput if self.input.escapes else SanitizedInput
        line = made(self._shown, select_on_focus=False)
        line.cursor_blink = False
        return line

    @property
    def value(self) -> str:
        """What is typed; untouched, it is what it was, with its line breaks."""
        typed = self.query_one(SanitizedInput).value
        return self.initial if typed == self._shown else typed

    @property
    def _shown(self) -> str:
        """What it begins with: a line of escapes is clean, and is not cut."""
        is_clean = self.input.escapes and self.initial.isprintable()
        return self.initial if is_clean else sanitize(self.initial)

    def on_input_changed(self, event: TextualInput.Changed) -> None:
        """Pass it on."""
        event.stop()
        self.post_message(self.ValueChanged(self))
