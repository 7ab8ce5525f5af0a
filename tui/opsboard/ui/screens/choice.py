"""A box to choose one of several options from."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Static

from opsboard.ui.actions.action_handler import UiActionHandler
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.ui_action import BindingScope
from opsboard.ui.context import AppContext
from opsboard.ui.messages import ChoiceOption
from opsboard.ui.render.layout import PageRow, wrap_text
from opsboard.ui.theme.styles import Styles
from opsboard.ui.widgets.page_view import PageView
from opsboard.ui.widgets.too_small import TooSmallNotice

_WIDTH = 72
"""Columns inside of the box, until it is laid out."""
_KEYED = 9
"""Options that can be chosen by a digit."""
_LEAST = 30
"""Columns of the notes at least, or they stand below the labels."""


class ChoiceScreen(UiActionHandler, ModalScreen[str | None], inherit_bindings=False):
    """Asks *title*; ends with the value that was chosen, or ``None``."""

    SCOPES: ClassVar = (BindingScope.CHOICE,)
    BINDINGS: ClassVar = ACTIONS.bindings(BindingScope.CHOICE)
    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text(encoding="utf-8")

    def __init__(self, context: AppContext, title: str, choices: Sequence[ChoiceOption]) -> None:
        super().__init__()
        self.context = context
        self._title = title
        self._choices = choices

    def compose(self) -> ComposeResult:
        """Lay out the box."""
        with Vertical():
            yield Static(self._title, markup=False, id="question")
            yield PageView(self.context)
        yield TooSmallNotice(self.context)

    def on_mount(self) -> None:
        """List the choices, numbered, with the cursor on the one that counts now."""
        self._list(_WIDTH)
        current = [at for at, one in enumerate(self._choices, 1) if one.is_current]
        if current:
            page = self.query_one(PageView)
            page.move_to(next(at for at, row in enumerate(page.rows) if row.key == current[0]))

    def on_resize(self) -> None:
        """Break the notes where the box ends."""
        self._list(self.query_one(PageView).size.width)

    def _list(self, width: int) -> None:
        page, styles = self.query_one(PageView), self.context.styles
        rows = list(choice_rows(self._choices, styles, width))
        # it scrolls, and not the box around it, which is as high as what it shows
        page.styles.height = min(len(rows), self.app.size.height * 6 // 10)
        page.show_rows(rows)

    def on_key(self, event: Key) -> None:
        """Take a choice by its number."""
        if event.key.isdecimal() and 1 <= int(event.key) <= len(self._choices):
            event.stop()
            self._take(self._choices[int(event.key) - 1])

    def do_take(self) -> None:
        """Take the choice under the cursor."""
        number = self.query_one(PageView).row.key
        if isinstance(number, int):
            self._take(self._choices[number - 1])

    def _take(self, choice: ChoiceOption) -> None:
        if choice.disabled_reason:
            words = f"{choice.label.strip()}: {choice.disabled_reason}"
            self.app.notify(words, severity="warning", markup=False)
            return
        self.dismiss(choice.value)

    def do_close(self) -> None:
        """Choose nothing."""
        self.dismiss(None)


def choice_rows(choices: Sequence[ChoiceOption], styles: Styles, width: int) -> Iterator[PageRow]:
    """Yield the lines of *choices*; the cursor stands on the first line of each.

    Notes stand beside the labels, or below them where those leave too little room.
    """
    label = max((cell_len(choice.label) for choice in choices), default=0)
    room = width - label - 8
    if room < _LEAST:
        label, room = 0, width - 8
    for number, choice in enumerate(choices, 1):
        yield from _choice_lines(number, choice, label, room, styles)


def _choice_lines(
    number: int, choice: ChoiceOption, label: int, room: int, styles: Styles
) -> Iterator[PageRow]:
    off = bool(choice.disabled_reason)
    note = f"not now: {choice.disabled_reason}" if off else choice.note
    if choice.is_current:
        note = f"{note}, now" if note else "now"
    more = list(wrap_text(note, room)) if note else []
    text = Text.assemble(
        (f" {number if number <= _KEYED else ' '} ", styles.faint if off else styles.accent),
        (f" {choice.label:<{label}} ", styles.faint if off else ""),
    )
    if label:
        text.append(f" {more.pop(0) if more else ''} ", styles.muted)
    yield PageRow(text, selectable=True, copy_text=choice.value, key=number)
    for line in more:
        yield PageRow(Text(f"{'':<{label + 6}}{line}", styles.muted))
