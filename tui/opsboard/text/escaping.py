r"""Writing values as one line in which nothing is hidden: different values look different.

:mod:`opsboard.text.sanitize` removes what cannot be shown, which is right for titles and log lines.
A person agrees to a plan by its values, so nothing may be removed there: line breaks, invisible
characters and spaces at the ends are written as escapes (``\n``, ``\u200b``, ``\x20``), and so is
the backslash. No two values are written alike; where a long one is cut, its SHA-256 is added.
"""

import re
from hashlib import sha256
from typing import Final
from unicodedata import normalize

MAX_ESCAPED: Final = 4_096
"""Characters of a value that are written; a longer one is cut."""

EMPTY: Final = "(empty)"
"""Written for an empty value."""

_NAMED: Final = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_PLAIN: Final = {escape: char for char, escape in _NAMED.items()}
_ESCAPE: Final = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U(00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4})|.|$)"
)
_UNSEEN: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0000-\U000e0fff]"
)
"""Characters that are printable for Python and yet invisible: the rest of
Default_Ignorable_Code_Point (Unicode Standard Annex #44), and the empty braille pattern."""

_MAY_BE_UNSEEN: Final = re.compile(r"[^\n -~]")
"""A character that has to be looked at: a document is long, and has few of these."""


def escaped(text: str, most: int = MAX_ESCAPED) -> str:
    """Return *text* as one line of visible characters, written for *most* of its own."""
    result = text[:most]
    if not result.isprintable() or "\\" in result or not result.isascii():
        result = "".join(map(_escape, result))
    result = _escape_outer_spaces(result) if text != EMPTY else result.replace("(", "\\x28")
    if len(text) <= most:
        return result or EMPTY
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{result}\N{HORIZONTAL ELLIPSIS} ({len(text)} characters, SHA-256 {digest})"


def unescaped(line: str) -> str:
    """Return the value that *line* was written for by :func:`escaped`, or by a person.

    A line that was cut is not known to be so. Raises :exc:`ValueError` for what is no escape.
    """

    def value(match: re.Match[str]) -> str:
        if (plain := _PLAIN.get(match[0])) is not None:
            return plain
        digits = match[1] or match[2] or match[3]
        if not digits:
            raise ValueError(f"{match[0]} is no escape; a backslash is written \\\\")
        return chr(int(digits, 16))

    return _ESCAPE.sub(value, line)


def escaped_pair(before: str, after: str) -> tuple[str, str]:
    """Return two values for comparison; if they only look alike, in ASCII."""
    if before != after and _normalized(before) == _normalized(after):
        return _in_ascii(escaped(before)), _in_ascii(escaped(after))
    return escaped(before), escaped(after)


def escape_invisible(text: str) -> str:
    """Return *text*, a JSON document, with invisible characters but line feeds as JSON escapes."""
    return _MAY_BE_UNSEEN.sub(lambda match: _escape_json(match[0]), text)


def _escape(char: str) -> str:
    if named := _NAMED.get(char):
        return named
    return char if char.isprintable() and not _UNSEEN.match(char) else _numbered(char)


def _numbered(char: str) -> str:
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _escape_json(char: str) -> str:
    if char.isprintable() and not _UNSEEN.match(char):
        return char
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _escape_outer_spaces(text: str) -> str:
    """Return *text* with the spaces at its ends written out."""
    kept = text.strip(" ")
    first = len(text) - len(text.lstrip(" "))
    return "\\x20" * first + kept + "\\x20" * (len(text) - len(kept) - first)


def _normalized(text: str) -> str:
    return normalize("NFKC", text)


def _in_ascii(text: str) -> str:
    return "".join(char if char.isascii() else _numbered(char) for char in text)
