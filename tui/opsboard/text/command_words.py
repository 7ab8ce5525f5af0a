"""The words of a command that a config declares, with values from outside filled into them.

No shell reads them, so a value never becomes more than one word. What is left is that it becomes
an option of the command, and that is refused.
"""

import re
from collections.abc import Mapping
from typing import Final

_PLACEHOLDER: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_-]*)\}")


class OptionFromOutsideError(ValueError):
    """The value of the placeholder *name* would make the whole *word* an option."""

    def __init__(self, name: str, word: str) -> None:
        super().__init__(f"{name} would make {word!r} an option of the command")
        self.name, self.word = name, word


def placeholders_of(word: str) -> list[str]:
    """Return the names of the placeholders in *word*, in their order: ``{name}`` has ``name``."""
    return _PLACEHOLDER.findall(word)


def filled_word(word: str, values: Mapping[str, str]) -> str:
    """Return *word* with *values* in it; a placeholder of which there is none stays as it is.

    Options are told from other words by the dash that they begin with (POSIX.1-2024, *Utility
    Syntax Guidelines*), so a value may not bring that dash: neither as the whole word, nor by
    being empty before one, nor behind nothing but dashes. Raises :exc:`OptionFromOutsideError`.
    """
    filled = _PLACEHOLDER.sub(lambda one: values.get(one[1], one[0]), word)
    if not filled.startswith("-") or (first := _PLACEHOLDER.search(word)) is None:
        return filled
    name, before = first[1], word[: first.start()]
    dashed = values.get(name, "").startswith("-")
    if before.strip("-") or (before and not dashed):
        return filled
    raise OptionFromOutsideError(name, filled)
