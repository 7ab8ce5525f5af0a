"""Asking which of a few things is meant."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from textual.dom import DOMNode


class ChoiceOption(NamedTuple):
    """Something to choose: what it is called, what it stands for.

    What is not possible now is listed all the same, with *disabled_reason*.
    """

    label: str
    value: str
    note: str = ""
    disabled_reason: str = ""


def ask_choice(
    node: DOMNode, title: str, choices: Sequence[ChoiceOption], chosen: Callable[[str | None], None]
) -> None:
    """Ask *title* where *node* is; *chosen* hears of the value, or of ``None``."""
    from opsboard.ui.screens.choice import ChoiceScreen  # noqa: PLC0415 - when it is first asked

    node.app.push_screen(ChoiceScreen(title, choices), chosen)
