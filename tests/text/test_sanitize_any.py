"""Any text is safe to show once it is cleaned."""

import regex
from hypothesis import given
from hypothesis import strategies as st

from opsboard.text.joiners import INVISIBLE, is_newer_emoji
from opsboard.text.sanitize import LINE_LIMIT, PROSE_LIMIT, sanitize, sanitize_prose

PIECES = (
    "\x1b", "\x1b[", "\x1b]0;", "\x1b\\", "\x9b", "\x9d", "\x9c", "\x07", "\x00", "\r", "\n", "\t",
    "\u202e", "\u2066", "\u200b", "\ufeff", "\ud800", "\udfff", "\x85", "\u2028", "m", "31", ";",
    " ", "a", "é", "日", "🚀", "[bold]", "x" * LINE_LIMIT,
    "\u200c", "\u200d", "\ufe0f", "\U000e0100", "\u0301", "\u064e", "\u094d", "\u0915", "\u06cc",
    "\u0631", "\u202d", "\u2069", "\u200f", "\u061c", "\u2060", "\u00ad", "\u2063", "\U0001f9d1",
    "\U0001f4bb", "\u2764", "\U0001f3fd", "\U0001f3f4", "\U000e0067", "\U000e0062", "\U000e007f",
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "\u0301" * 9,
    "\U0001fae8", "\U0001faef", "\U0001fa6e",
)  # fmt: skip
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
TEXTS = st.text(st.characters(exclude_categories=()), max_size=200) | st.lists(
    st.sampled_from(PIECES), max_size=30
).map("".join)


@given(TEXTS)
def test_a_line_is_printable_bounded_and_clean_for_ever(text: str) -> None:
    line = sanitize(text)
    assert all(map(_may_be_shown, line))
    assert len(line) <= LINE_LIMIT
    assert sanitize(line) == line


def _may_be_shown(char: str) -> bool:
    return char.isprintable() or is_newer_emoji(char) or INVISIBLE.match(char) is not None


@given(TEXTS)
def test_nothing_is_piled_up_or_hidden(text: str) -> None:
    line = sanitize(text)
    assert not set(line) & set(BIDI)
    assert not regex.search(r"[\p{Mn}\p{Me}]{9}", line)
    assert not regex.search(r"[\ufe00-\ufe0f\U000e0100-\U000e01ef]{2}", line)
    assert not regex.search(r"[\u200c\u200d][\u200c\u200d]", line)
    assert line == "" or INVISIBLE.match(line[0]) is None
    tags = regex.sub(r"\U0001f3f4[\U000e0030-\U000e007a]{3,6}\U000e007f", "", line)
    assert not regex.search(r"[\U000e0000-\U000e007f]", tags)


@given(TEXTS)
def test_prose_holds_nothing_but_what_is_printable_and_line_breaks(text: str) -> None:
    prose = sanitize_prose(text)
    assert all(char == "\n" or _may_be_shown(char) for char in prose)
    assert len(prose) <= PROSE_LIMIT * 8, "a tab is eight spaces at most"
    assert sanitize_prose(prose) == prose
