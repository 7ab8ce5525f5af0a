"""A small box that asks before something is done. Enter, pressed by habit, does nothing."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from opsboard.ui.actions.action_handler import UiActionHandler
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.keymap import key_label
from opsboard.ui.actions.ui_action import BindingScope
from opsboard.ui.context import AppContext
from opsboard.ui.widgets.too_small import TooSmallNotice


class ConfirmScreen(UiActionHandler, ModalScreen[bool], inherit_bindings=False):
    """Asks *question*, with *lines* below it; dismissed with ``True`` for a yes."""

    SCOPES: ClassVar = (BindingScope.CONFIRM,)
    BINDINGS: ClassVar = ACTIONS.bindings(BindingScope.CONFIRM)
    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text(encoding="utf-8")

    def __init__(
        self, context: AppContext, question: str, lines: Sequence[Text], yes: str, no: str
    ) -> None:
        super().__init__()
        self.context = context
        self._question, self._lines = question, lines
        self._answers = {"confirm.yes": yes, "confirm.no": no}

    def compose(self) -> ComposeResult:
        """Lay out the box."""
        with Vertical():
            yield Static(self._question, markup=False, id="question")
            yield Static(Text("\n").join(self._lines), markup=False)
            yield Static(self._keys(), markup=False, id="keys")
        yield TooSmallNotice(self.context)

    def _keys(self) -> Text:
        context, styles, text = self.context, self.context.styles, Text()
        for action, words in self._answers.items():
            key = key_label(context.keys_of(ACTIONS[action])[0])
            text.append(key, styles.accent).append(f" {words}   ", styles.muted)
        return text

    def do_yes(self) -> None:
        """Say yes."""
        self.dismiss(True)

    def do_no(self) -> None:
        """Say no."""
        self.dismiss(False)
