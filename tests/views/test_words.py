"""What the filters of tables and logs have in common."""

import pytest

from opsboard.views.words import FilterError, TooSlowError, Word, matcher, text_match, words


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("", []),
        ("one  two ", [Word("one"), Word("two")]),
        ("!one", [Word("one", negated=True)]),
        ('"two words" !"a b"', [Word("two words", quoted=True), Word("a b", True, True)]),
        ('env:"two words"', [Word("env:two words")]),
        ("/a b/ c", [Word("/a b/"), Word("c")]),
        ("repo:/a b/ c", [Word("repo:/a b/"), Word("c")]),
        ("/open c", [Word("/open"), Word("c")]),
        ("/usr/bin", [Word("/usr/bin")]),
        ('x "" y', [Word("x"), Word("y")]),
        ("it's", [Word("it's")]),
    ],
)
def test_words(text: str, meant: list[Word]) -> None:
    assert words(text) == meant


@pytest.mark.parametrize(
    ("text", "line", "holds"),
    [
        ("/a +b/", "xa  b", True),
        ("/a +b/", "xA  b", True),
        ("/A +b/", "xa  b", False),
        ("!/a/", "b", True),
        ('"/a/"', "a", False),
        ('"/a/"', "/a/b", True),
        ("/usr/bin", "in usr/bin/env", True),
    ],
)
def test_matching(text: str, line: str, holds: bool) -> None:
    (word,) = words(text)
    assert matcher(word)(line) is holds


def test_a_regular_expression_that_would_take_for_ever_is_given_up() -> None:
    match = text_match("/(a|aa)+$/")
    assert match("aaa")
    with pytest.raises(TooSlowError, match="too long"):
        match("a" * 200 + "!")
    with pytest.raises(TooSlowError):
        match("aaa")


@pytest.mark.parametrize("pattern", ["/(/", "/[/", "/*/", "/(?P<x/", "/a{99999999999999999999}/"])
def test_what_is_no_regular_expression_is_told(pattern: str) -> None:
    with pytest.raises(FilterError, match="regular expression"):
        text_match(pattern)
