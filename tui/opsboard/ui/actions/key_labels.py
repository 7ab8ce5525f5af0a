"""The names of keys, as they are printed on a keyboard."""

from typing import Final

from textual.keys import format_key

_NAMES: Final = {
    "enter": "Enter",
    "escape": "Esc",
    "space": "Space",
    "tab": "Tab",
    "shift+tab": "S-Tab",
    "up": "Up",
    "down": "Down",
    "left": "Left",
    "right": "Right",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "backspace": "Backspace",
    "delete": "Del",
    "f1": "F1",
}


def key_label(key: str) -> str:
    """Return Textual's *key* as a person would write it: ``?``, ``Enter``, ``^R``."""
    if key in _NAMES:
        return _NAMES[key]
    if key.startswith("ctrl+"):
        return f"^{key.removeprefix('ctrl+').upper()}"
    return format_key(key)
