"""The names of keys: those that a terminal can send, as Textual calls them."""

import string
import unicodedata
from typing import Final

from textual.keys import Keys

from opsboard.ui.actions.registry import textual_key

_MODIFIERS: Final = frozenset({"ctrl", "shift", "alt", "super", "hyper", "meta"})
_SPECIAL: Final = frozenset(
    key.value for key in Keys if key.value.replace("+", "").replace("_", "").isalnum()
)
_SIGNS: Final = {sign: textual_key(sign) for sign in string.punctuation}
KEY_NAMES: Final = (
    *sorted(_SPECIAL),
    *_SIGNS.values(),
    *(f"ctrl+{letter}" for letter in string.ascii_lowercase),
)
"""Those that have a name; beside them, letters and signs are written as they are."""
_KNOWN: Final = frozenset(KEY_NAMES)


def is_key(key: str) -> bool:
    """Return whether *key*, as the config has it, is one that can be pressed."""
    if key in _KNOWN or (len(key) == 1 and key.isprintable() and not key.isspace()):
        return True
    modifiers, plus, base = key.rpartition("+")
    is_base = base in _KNOWN or (len(base) == 1 and base.isalnum())
    if not plus:
        return _is_sign(key)
    return is_base and _MODIFIERS.issuperset(modifiers.split("+"))


def _is_sign(name: str) -> bool:
    """Return whether *name* is Textual's of a sign of Unicode, such as ``section_sign``."""
    try:
        sign = unicodedata.lookup(name.replace("_", " "))
    except KeyError:
        return False
    return textual_key(sign) == name
