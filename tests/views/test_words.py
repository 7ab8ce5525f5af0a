"""What the filters of tables and logs have in common."""

import pytest

from opsboard.views.filter_terms import (
    FilterError,
    FilterTerm,
    TooSlowError,
    filter_terms,
    matcher,
    text_match,
)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("", []),
        ("one  two ", [FilterTerm("one"), FilterTerm("two")]),
        ("!one", [FilterTerm("one", negated=True)]),
        (
            '"two words" !"a b"',
            [FilterTerm("two words", quoted=True), FilterTerm("a b", True, True)],
        ),
        ('env:"two words"', [FilterTerm("env:two words")]),
        ("/a b/ c", [FilterTerm("/a b/"), FilterTerm("c")]),
        ("repo:/a b/ c", [FilterTerm("repo:/a b/"), FilterTerm("c")]),
        ("/open c", [FilterTerm("/open"), FilterTerm("c")]),
        ("/usr/bin", [FilterTerm("/usr/bin")]),
        ('x "" y', [FilterTerm("x"), FilterTerm("y")]),
        ("it's", [FilterTerm("it's")]),
    ],
)
def test_words(text: str, meant: list[FilterTerm]) -> None:
    assert filter_terms(text) == meant


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
    (word,) = filter_terms(text)
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
