"""Any text is safe to show once it is cleaned."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from opsboard.clean import LINE_LIMIT, PROSE_LIMIT, clean, clean_prose

PIECES = (
    "\x1b", "\x1b[", "\x1b]0;", "\x1b\\", "\x9b", "\x9d", "\x9c", "\x07", "\x00", "\r", "\n", "\t",
    "\u202e", "\u2066", "\u200b", "\ufeff", "\ud800", "\udfff", "\x85", "\u2028", "m", "31", ";",
    " ", "a", "é", "日", "🚀", "[bold]", "x" * LINE_LIMIT,
)  # fmt: skip
TEXTS = st.text(st.characters(exclude_categories=()), max_size=200) | st.lists(
    st.sampled_from(PIECES), max_size=30
).map("".join)


@given(TEXTS)
def test_a_line_is_printable_bounded_and_clean_for_ever(text: str) -> None:
    line = clean(text)
    assert line.isprintable()
    assert len(line) <= LINE_LIMIT
    assert clean(line) == line


@given(TEXTS)
def test_prose_holds_nothing_but_what_is_printable_and_line_breaks(text: str) -> None:
    prose = clean_prose(text)
    assert all(char == "\n" or char.isprintable() for char in prose)
    assert not any(unicodedata.category(char)[0] == "C" for char in prose if char != "\n")
    assert len(prose) <= PROSE_LIMIT * 8, "a tab is eight spaces at most"
    assert clean_prose(prose) == prose
