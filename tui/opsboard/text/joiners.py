"""Invisible characters that belong to a text: joiners, combining marks, variation selectors.

Persian is written with a zero-width non-joiner, an emoji of several with zero-width joiners, the
flag of Scotland with tags. They are kept where a script or an emoji needs them, in such small
numbers that nothing can be hidden or piled up with them, and replaced elsewhere.
"""

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from unicodedata import category

if TYPE_CHECKING:
    import regex

MAX_MARKS: Final = 8
"""Most combining marks on one character; real text has four or five."""
MAX_JOINED_EMOJI: Final = 4
"""Most emoji joined into one; a family has four."""

_NON_JOINER: Final = "\u200c"
_JOINER: Final = "\u200d"
_TAGS: Final = "\U000e0020-\U000e007f"
_SELECTORS: Final = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_EMOJI: Final = range(0x1F000, 0x1FB00)
_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"

INVISIBLE: Final = re.compile(f"[{_NON_JOINER}{_JOINER}{_TAGS}]")
"""Characters that are not printable for Python, and may be kept all the same."""

_TO_BE_LOOKED_AT: Final = re.compile(
    f"[{_NON_JOINER}{_JOINER}{_TAGS}{_SELECTORS}]|[^\\w\\s\\0-\\x7f]{{{MAX_MARKS + 1}}}"
)
"""Text that needs a closer look. Marks are no word characters for :mod:`re`."""


def is_newer_emoji(char: str) -> bool:
    """Return whether *char*, unknown to this Python, is an emoji of a later Unicode."""
    return ord(char) in _EMOJI and category(char) == "Cn" and bool(_patterns()["new"].match(char))


def has_no_joiners(text: str) -> bool:
    """Return whether the printable *text* has none of these characters."""
    return text.isascii() or _TO_BE_LOOKED_AT.search(text) is None


def without_stray_joiners(text: str) -> str:
    """Return *text* with only those joiners, marks, selectors and tags that are needed there.

    All other invisible characters must have been removed before. A non-joiner is kept after a
    virama and between letters that would join (RFC 5892, A.1, where the latter need not have
    joined); a joiner in an emoji (UAX #29, GB11). One that shapes letters (RFC 5892, A.2) is left
    out: terminals and Rich draw what follows it into the same cell.
    """
    if has_no_joiners(text):
        return text
    patterns = _patterns()
    text = patterns["piled"].sub(rf"\1{_REPLACEMENT}", text)
    text = patterns["selector"].sub(_REPLACEMENT, text)
    return str(patterns["joiner"].sub(_judged, text))


def _judged(found: "regex.Match[str]") -> str:
    kind, text = found.lastgroup, found[0]
    if kind == "emoji":
        parts = text.split(_JOINER)
        groups = (
            parts[at : at + MAX_JOINED_EMOJI] for at in range(0, len(parts), MAX_JOINED_EMOJI)
        )
        return _REPLACEMENT.join(map(_JOINER.join, groups))
    if kind == "shaping":
        return ""
    return _REPLACEMENT if kind == "other" else text


@cache
def _patterns() -> "dict[str, regex.Pattern[Any]]":
    import regex  # noqa: PLC0415 - long to import, and seldom needed

    mark = r"[\p{Mn}\p{Me}]"
    cursive = r"[\p{jt=L}\p{jt=D}\p{jt=R}]"
    emoji = r"\p{ExtPict}[\ufe0f\U0001f3fb-\U0001f3ff]{0,2}"
    flag = r"\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f"
    written = {
        "new": r"\p{ExtPict}",
        "piled": rf"([\p{{Mn}}\p{{Me}}\u200c\u200d]{{{MAX_MARKS}}})[\p{{Mn}}\p{{Me}}\u200c\u200d]+",
        "selector": r"""
            (?<! [^\p{M}\p{Z}\p{C}] ) [\ufe00-\ufe0f]
          | (?<! \p{Ideographic} ) [\U000e0100-\U000e01ef]
        """,
        "joiner": rf"""
            (?P<emoji> {emoji} (?: \u200d {emoji} )+ )
          | (?P<flag> {flag} )
          | (?P<apart> (?<= \p{{ccc=9}} ) \u200c
                     | (?<= {cursive} {mark}* ) \u200c (?= {mark}* {cursive} ) )
          | (?P<shaping> (?<= \p{{ccc=9}} ) \u200d
                       | (?<= \p{{L}} {mark}* ) \u200d (?= \p{{ccc=9}} )
                       | (?<= {cursive} {mark}* ) \u200d
                       | \u200d (?= {mark}* {cursive} ) )
          | (?P<other> [\u200c\u200d{_TAGS}] )
        """,
    }
    return {name: regex.compile(text, regex.VERBOSE) for name, text in written.items()}
