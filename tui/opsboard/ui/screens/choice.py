"""A small box to choose one of a few things from."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Static

from opsboard.ui.actions.acting import Acting
from opsboard.ui.actions.action import Place
from opsboard.ui.actions.choices import Choice
from opsboard.ui.actions.declared import ACTIONS
from opsboard.ui.looks import looks_of
from opsboard.ui.widgets.page import PageView, Row


class ChoiceScreen(Acting, ModalScreen[str | None], inherit_bindings=False):
    """Asks *title*; ends with the value that was chosen, or ``None``."""

    PLACES: ClassVar = (Place.CHOICE,)
    BINDINGS: ClassVar = ACTIONS.bindings(Place.CHOICE)
    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text(encoding="utf-8")

    def __init__(self, title: str, choices: Sequence[Choice]) -> None:
        super().__init__()
        self._title = title
        self._choices = choices

    def compose(self) -> ComposeResult:
        """Lay out the box."""
        with Vertical():
            yield Static(self._title, markup=False, id="question")
            yield PageView()

    def on_mount(self) -> None:
        """List the choices, numbered."""
        looks = looks_of(self)
        rows = []
        for number, choice in enumerate(self._choices, 1):
            text = Text.assemble((f" {number} ", looks.accent), f" {choice.label} ")
            text.append(f" {choice.note} ", looks.muted)
            rows.append(Row(text, stands=True, copy=choice.value, key=number))
        page = self.query_one(PageView)
        page.styles.height = len(rows)
        page.show_rows(rows)

    def on_key(self, event: Key) -> None:
        """Take a choice by its number."""
        if event.key.isdecimal() and 1 <= int(event.key) <= len(self._choices):
            event.stop()
            self.dismiss(self._choices[int(event.key) - 1].value)

    def do_take(self) -> None:
        """Take the choice under the cursor."""
        self.dismiss(self.query_one(PageView).row.copy)

    def do_close(self) -> None:
        """Choose nothing."""
        self.dismiss(None)
