"""Hostile text cannot reach a terminal."""

import random
import unicodedata

import pytest
from pydantic import BaseModel

from opsboard.clean import LINE_LIMIT, PROSE_LIMIT, Prose, Text, clean, clean_prose


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("fix: quote \N{EM DASH} 日本語 🚀", "fix: quote \N{EM DASH} 日本語 🚀"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;owned\x07title", "title"),
        ("\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]52;c;cm0gLXJm\x07copy", "copy"),
        ("\x1bP+q544e\x1b\\dcs", "dcs"),
        ("\x9b2Jclear", "clear"),
        ("\x1b(0charset", "charset"),
        ("two\nlines\tand a tab\r\n", "two lines and a tab"),
        ("bell\x07", "bell\N{REPLACEMENT CHARACTER}"),
        ("user\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe", "user\N{REPLACEMENT CHARACTER}gpj.exe"),
        ("zero\N{ZERO WIDTH SPACE}width", "zero\N{REPLACEMENT CHARACTER}width"),
        ("[bold red]markup[/]", "[bold red]markup[/]"),
        ("broken escape \x1b", "broken escape \N{REPLACEMENT CHARACTER}"),
        ("lone \ud800 surrogate", "lone \N{REPLACEMENT CHARACTER} surrogate"),
        ("", ""),
    ],
)
def test_lines(hostile: str, shown: str) -> None:
    assert clean(hostile) == shown


def test_a_long_line_is_cut() -> None:
    cut = clean("x" * 10_000_000)
    assert len(cut) == LINE_LIMIT
    assert cut.endswith("…")


def test_prose_keeps_its_lines() -> None:
    assert clean_prose("one\r\n\ttwo \x1b[1mbold\x1b[m\nthree\x00") == (
        "one\n        two bold\nthree\N{REPLACEMENT CHARACTER}"
    )


def test_prose_is_bounded() -> None:
    assert len(clean_prose("x\n" * PROSE_LIMIT)) == PROSE_LIMIT


def test_nothing_random_gets_through() -> None:
    rng = random.Random(7)
    alphabet = "\x1b\x9b\x9d\x07\x00[]();?0123mPX^_\\ \n\tabc\u202e\u200b\ud800é"
    for _ in range(5_000):
        text = "".join(rng.choices(alphabet, k=rng.randrange(40)))
        assert clean(text).isprintable()
        assert all(
            unicodedata.category(char)[0] != "C" for char in clean_prose(text) if char != "\n"
        )


def test_cleaning_twice_changes_nothing() -> None:
    rng = random.Random(8)
    for _ in range(2_000):
        text = "".join(chr(rng.randrange(0x250)) for _ in range(30))
        assert clean(clean(text)) == clean(text)


def test_fields_clean_what_enters() -> None:
    class Row(BaseModel):
        title: Text
        body: Prose

    row = Row(title="\x1b[2Ja\nb", body="\x1b[2Ja\nb")
    assert (row.title, row.body) == ("a b", "a\nb")
