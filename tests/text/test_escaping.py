"""Values that are agreed to: in one line, nothing hidden, and what differs looks different."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.text.escaping import (
    EMPTY,
    MAX_ESCAPED,
    escape_invisible,
    escaped,
    escaped_pair,
    unescaped,
)

ANY = st.text(st.characters(), max_size=12) | st.text(
    " \\nx()\n\t\u200b\u202e\u00a0\ufe0f\u3164\U000e0041\ud800", max_size=8
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("registry/web:1.2", "registry/web:1.2"),
        ("größe", "größe"),
        ("", EMPTY),
        (EMPTY, "\\x28empty)"),
        ("a\nb", "a\\nb"),
        ("a\\nb", "a\\\\nb"),
        ("a\r\tb", "a\\r\\tb"),
        ("a\u200bb", "a\\u200bb"),
        ("a\u202eb", "a\\u202eb"),
        ("a\x1b[2Jb", "a\\x1b[2Jb"),
        ("a\x9bb", "a\\x9bb"),
        ("a\u00a0b", "a\\xa0b"),
        ("a\ufe0fb", "a\\ufe0fb"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\\ud800"),
        (" a b ", "\\x20a b\\x20"),
        ("   ", "\\x20\\x20\\x20"),
    ],
)
def test_what_cannot_be_seen_is_written_out(text: str, told: str) -> None:
    assert escaped(text) == told


@given(text=ANY)
def test_it_is_one_line_of_what_can_be_seen(text: str) -> None:
    told = escaped(text)
    assert told
    assert told.isprintable()
    assert told == told.strip()
    assert not any(unicodedata.category(char) in {"Cf", "Cc", "Zl", "Zp"} for char in told)


@given(one=ANY, other=ANY)
def test_no_two_values_are_written_alike(one: str, other: str) -> None:
    assert (escaped(one) == escaped(other)) is (one == other)
    told = escaped_pair(one, other)
    assert (told[0] == told[1]) is (one == other)


@given(text=ANY)
def test_what_was_written_is_read_again(text: str) -> None:
    assert unescaped(escaped(text)) == (text or EMPTY)


@pytest.mark.parametrize("line", ["\\q", "\\", "\\x1", "\\u12", "\\U00110000"])
def test_what_is_no_escape_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="no escape"):
        unescaped(line)


@pytest.mark.parametrize(
    ("one", "other"), [("é", "e\u0301"), ("ﬁle", "file"), ("Å", "\u212b"), ("\uff11", "1")]
)
def test_what_only_looks_alike_is_told_apart(one: str, other: str) -> None:
    told = escaped_pair(one, other)
    assert told[0] != told[1]
    assert all(text.isascii() for text in told)


def test_what_differs_far_behind_is_told_by_its_hash() -> None:
    one, other = "x" * MAX_ESCAPED + "a", "x" * MAX_ESCAPED + "b"
    assert escaped(one)[:MAX_ESCAPED] == escaped(other)[:MAX_ESCAPED]
    assert escaped(one) != escaped(other)
    assert "4097 characters, SHA-256" in escaped(one)


@given(text=ANY)
def test_json_hides_nothing_and_says_the_same(text: str) -> None:
    written = escape_invisible(json.dumps({"it": text}, ensure_ascii=False, indent=2))
    assert json.loads(written) == {"it": text}
    assert written.replace("\n", "").isprintable()
