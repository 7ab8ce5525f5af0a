"""Hostile text cannot reach a terminal."""

import random
import unicodedata

import pytest
from pydantic import BaseModel

from opsboard.text.sanitize import LINE_LIMIT, PROSE_LIMIT, Prose, Text, sanitize, sanitize_prose


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
    assert sanitize(hostile) == shown


KEPT = {
    "an emoji of two": "\U0001f9d1\u200d\U0001f4bb improve developer experience",
    "Persian": "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "Persian, behind a letter that does not join": "\u0631\u0648\u0632\u200c\u0647\u0627",
    "a family": "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",
    "a kiss": "\U0001f469\U0001f3fd\u200d\u2764\ufe0f\u200d\U0001f48b\u200d\U0001f468\U0001f3fb",
    "a fireman": "\U0001f9d1\U0001f3ff\u200d\U0001f692",
    "a running man": "\U0001f3c3\u200d\u2642\ufe0f",
    "a rainbow": "\U0001f3f3\ufe0f\u200d\U0001f308",
    "an eye": "\U0001f441\ufe0f\u200d\U0001f5e8\ufe0f",
    "an emoji of 2022": "\U0001fae8 \U0001f9d1\u200d\U0001fae8",
    "an emoji of 2025": "\U0001faea",
    "England": "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "Germany": "\U0001f1e9\U0001f1ea",
    "a key": "1\ufe0f\u20e3 #\ufe0f\u20e3",
    "a heart": "\u2764\ufe0f \u2764",
    "a variant of a character": "\u845b\U000e0101",
    "Hindi": "\u0928\u092e\u0938\u094d\u200c\u0924\u0947 \u0939\u093f\u0928\u094d\u0926\u0940",
    "Thai": "\u0e1c\u0e39\u0e49\u0e43\u0e2b\u0e0d\u0e48",
    "Hebrew with all its points": "\u05d1\u05b0\u05bc\u05e8\u05b5\u05d0\u05e9\u05b4\u05c1\u0596",
    "Vietnamese, decomposed": "Vie\u0323\u0302t Nam",
}


@pytest.mark.parametrize("kind", KEPT)
def test_what_a_text_is_written_with_is_kept(kind: str) -> None:
    assert sanitize(KEPT[kind]) == KEPT[kind]
    assert (
        sanitize(f"\x1b[1mx {KEPT[kind]}\u202e y") == f"x {KEPT[kind]}\N{REPLACEMENT CHARACTER} y"
    )
    assert sanitize_prose(f"{KEPT[kind]}\n") == f"{KEPT[kind]}\n"


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("pay\u200dpal", "pay\ufffdpal"),
        ("pay\u200cpal", "pay\ufffdpal"),
        ("\u200d\U0001f4bb", "\ufffd\U0001f4bb"),
        ("\U0001f9d1\u200d", "\U0001f9d1\ufffd"),
        ("\U0001f9d1\u200d\u200d\U0001f4bb", "\U0001f9d1\ufffd\ufffd\U0001f4bb"),
        ("\U0001f9d1\u200dx", "\U0001f9d1\ufffdx"),
        ("\u0645\u06cc\u200c x", "\u0645\u06cc\ufffd x"),
        ("\u0645\u200c\u200c\u06cc", "\u0645\ufffd\ufffd\u06cc"),
        ("\u0915\u094d\u200d\u0937", "\u0915\u094d\u0937"),
        ("\u09b0\u200d\u09cd\u09af", "\u09b0\u09cd\u09af"),
        ("\u0647\u200d.", "\u0647."),
        ("\U000e0068\U000e0069", "\ufffd\ufffd"),
        ("\U0001f3f4\U000e0067\U000e0062", "\U0001f3f4\ufffd\ufffd"),
        ("\U0001f680\U000e0067\U000e0062\U000e0065\U000e007f", "\U0001f680" + "\ufffd" * 4),
        ("a\U000e0101\U000e0102", "a\ufffd\ufffd"),
        ("\u2764\ufe0f\ufe0f", "\u2764\ufe0f\ufffd"),
        (" \ufe0f", "\ufffd"),
        ("e" + "\u0301" * 1_000, "e" + "\u0301" * 8 + "\ufffd"),
        ("\u0639" + "\u064e\u200c" * 50 + "\u0639", "\u0639" + "\u064e\ufffd" * 4 + "\ufffd\u0639"),
        ("\U0001fb94\U0001fbfe", "\U0001fb94\ufffd"),
        ("\u0378\U000e0fff\U0010fffe", "\ufffd" * 3),
        ("a\u2060b\ufeffc\u00add\u2063e", "a\ufffdb\ufffdc\ufffdd\ufffde"),
        (
            "".join("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u2066\u2067\u2068\u2069"),
            "\ufffd" * 11,
        ),
        (
            "\u200d".join(["\U0001f600"] * 9),
            "\ufffd".join("\u200d".join(["\U0001f600"] * number) for number in (4, 4, 1)),
        ),
    ],
    ids=ascii,
)
def test_joiners_without_a_use_are_not(hostile: str, shown: str) -> None:
    assert sanitize(hostile) == shown
    assert sanitize(shown) == shown


def test_a_long_line_is_cut() -> None:
    cut = sanitize("x" * 10_000_000)
    assert len(cut) == LINE_LIMIT
    assert cut.endswith("…")


def test_prose_keeps_its_lines() -> None:
    assert sanitize_prose("one\r\n\ttwo \x1b[1mbold\x1b[m\nthree\x00") == (
        "one\n        two bold\nthree\N{REPLACEMENT CHARACTER}"
    )


def test_prose_is_bounded() -> None:
    assert len(sanitize_prose("x\n" * PROSE_LIMIT)) == PROSE_LIMIT


def test_nothing_random_gets_through() -> None:
    rng = random.Random(7)
    alphabet = "\x1b\x9b\x9d\x07\x00[]();?0123mPX^_\\ \n\tabc\u202e\u200b\ud800é"
    for _ in range(5_000):
        text = "".join(rng.choices(alphabet, k=rng.randrange(40)))
        assert sanitize(text).isprintable(), "there is no use for a joiner in it"
        assert all(
            unicodedata.category(char)[0] != "C" for char in sanitize_prose(text) if char != "\n"
        )


def test_cleaning_twice_changes_nothing() -> None:
    rng = random.Random(8)
    for _ in range(2_000):
        text = "".join(chr(rng.randrange(0x250)) for _ in range(30))
        assert sanitize(sanitize(text)) == sanitize(text)


def test_fields_clean_what_enters() -> None:
    class Row(BaseModel):
        title: Text
        body: Prose

    row = Row(title="\x1b[2Ja\nb", body="\x1b[2Ja\nb")
    assert (row.title, row.body) == ("a b", "a\nb")
