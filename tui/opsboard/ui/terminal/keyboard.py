"""Parsing the keys that a terminal sends, where Textual loses an Escape."""

from collections.abc import Iterable
from typing import Final

from textual.events import Key

from opsboard.ui.terminal.textual_internals import XTermParser, use_parser

ESCAPE: Final = "\x1b"

_OPENS: Final = frozenset("[]_^\\")
"""Signs that follow an escape where it begins or ends a control sequence, after ECMA-48."""


class KeyboardParser(XTermParser):
    """Reads an Escape as a key if what follows in the same packet is no control sequence.

    A slow link puts keys into one packet that were pressed one after the other. Textual waits for
    the rest of a sequence then, finds none, and hands over the other keys without the Escape.
    Escape with a letter or a digit stays Alt with that key.
    """

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[Key]:
        known = list(super()._sequence_to_key_events(sequence, alt))
        if known or not _escape_and_another(sequence):
            return known
        return [Key("escape", ESCAPE), *super()._sequence_to_key_events(sequence[1])]


def _escape_and_another(sequence: str) -> bool:
    if len(sequence) != 2 or sequence[0] != ESCAPE:
        return False
    return not (sequence[1].isalnum() or sequence[1] in _OPENS)


def install_keyboard_parser() -> None:
    """Let Textual's driver parse by :class:`KeyboardParser`; it takes no parser as an argument."""
    use_parser(KeyboardParser)
