"""Making text from outside safe to show.

Commit titles, branch names, log lines, labels and error bodies are written by anyone. They may
hold terminal escapes (which could retitle the window, move the cursor or write to the
clipboard), bidirectional overrides (which make text read as something else) and megabytes of
blanks. Every such string passes :func:`sanitize` where it enters: the field types :data:`Text` and
:data:`Prose` apply it while a record (:mod:`opsboard.frozen`) or a pydantic model is built, so that
no code further in needs to think of it.

Invisible characters that a script or an emoji needs are kept (:mod:`opsboard.text.joiners`).

Markup is not escaped here. Nothing in this program parses markup in outside text.

Why it is so: docs/adr/0010-cleaning-outside-text.md.
"""

import re
from collections.abc import Callable
from typing import Annotated, Any, Final

from opsboard.text.joiners import INVISIBLE, has_no_joiners, is_newer_emoji, without_stray_joiners

LINE_LIMIT: Final = 4_096
"""Longest line, in characters; a longer one is cut and ends in an ellipsis."""

PROSE_LIMIT: Final = 262_144
"""Longest text of several lines, in characters."""

_ESCAPE_SEQUENCE = re.compile(
    r"""
      \x1b\[ [0-?]* [ -/]* [@-~]              # CSI: colours, cursor movement
    | \x9b   [0-?]* [ -/]* [@-~]              # CSI in its 8-bit form
    | (?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f]) # OSC, DCS, SOS, PM, APC ...
      [^\x07\x1b\x9c]* (?:\x07|\x1b\\|\x9c|$) # ... up to their terminator
    | \x1b [ -/]* [0-~]                       # two-character escapes, charset selection
    """,
    re.VERBOSE,
)
_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"


def sanitize(text: str) -> str:
    """Return *text* as a single line without control and escape characters.

    Line breaks and tabs become single spaces. What is left of a broken escape becomes U+FFFD.
    """
    if is_sanitized(text):
        return text
    flat = " ".join(_ESCAPE_SEQUENCE.sub("", text[: LINE_LIMIT * 4]).split())
    return _printable(_cut(flat, LINE_LIMIT))


def is_sanitized(text: str) -> bool:
    """Tell whether *text* is surely as :func:`sanitize` leaves it, at a glance."""
    return len(text) <= LINE_LIMIT and text.isprintable() and has_no_joiners(text)


def sanitize_prose(text: str) -> str:
    """Return *text* with its line breaks and tabs (as spaces) kept, and cleaned otherwise."""
    if len(text) > PROSE_LIMIT:
        text = _cut(text, PROSE_LIMIT)
    lines = _ESCAPE_SEQUENCE.sub("", text).replace("\r\n", "\n").split("\n")
    return "\n".join(_printable(line.expandtabs(8).rstrip("\r")) for line in lines)


def _printable(line: str) -> str:
    if not line.isprintable():
        line = "".join(char if char.isprintable() else _substitute(char) for char in line)
    return without_stray_joiners(line)


def _substitute(char: str) -> str:
    if INVISIBLE.match(char) or is_newer_emoji(char):
        return char  # joiners are judged later, by the text around them
    return " " if char.isspace() else _REPLACEMENT


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


class Sanitized:
    """Annotation of a field whose text is changed by a function when it is set."""

    def __init__(self, how: Callable[[str], str]) -> None:
        self._how = how

    def __call__(self, value: object) -> str:
        if not isinstance(value, str):
            raise TypeError(f"must be text, not {type(value).__name__}")
        return self._how(value)

    def _if_text(self, value: object) -> object:
        return self._how(value) if isinstance(value, str) else value

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], Any]) -> Any:
        from pydantic_core.core_schema import (  # noqa: PLC0415 - the first frame does without
            no_info_before_validator_function,
        )

        return no_info_before_validator_function(self._if_text, handler(source))


Text = Annotated[str, Sanitized(sanitize)]
"""A field that holds one line of outside text."""

Prose = Annotated[str, Sanitized(sanitize_prose)]
"""A field that holds outside text of several lines."""
