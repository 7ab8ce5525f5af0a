"""The near word: slips of the finger are told from other words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.text.suggestions import did_you_mean, did_you_mean_or_list, distance, nearest_words

COMMANDS = ("status", "act", "audit", "doctor", "init", "config", "demo")
PANES = ("builds", "deployments", "models", "alerts", "pods", "jobs", "cron-jobs", "drift")
WORDS = st.text("abcdefg-/_é", min_size=4, max_size=20)


@pytest.mark.parametrize(
    ("word", "known", "near"),
    [
        ("stauts", COMMANDS, ["status"]),
        ("satus", COMMANDS, ["status"]),
        ("sttatus", COMMANDS, ["status"]),
        ("stat", COMMANDS, ["status"]),
        ("STATUS", COMMANDS, ["status"]),
        ("docter", COMMANDS, ["doctor"]),
        ("inti", COMMANDS, ["init"]),
        ("pdos", PANES, ["pods"]),
        ("deploymnts", PANES, ["deployments"]),
        ("cron_jobs", PANES, ["cron-jobs"]),
        ("prodution", ("production", "staging"), ["production"]),
        ("shop/chekout", ("shop/checkout", "shop/cart", "checkout"), ["shop/checkout"]),
        ("nonsense", COMMANDS, []),
        ("x", COMMANDS, []),
        ("", COMMANDS, []),
        ("44", ("4", "45", "444"), []),
        ("ab", ("ba", "abc", "b"), ["ba", "abc", "b"]),
        ("s" * 10_000, ("s" * 9_999,), []),
    ],
)
def test_what_is_near(word: str, known: tuple[str, ...], near: list[str]) -> None:
    assert nearest_words(word, known) == near or list(nearest_words(word, known)) == near


def test_in_words() -> None:
    assert did_you_mean("stauts", COMMANDS) == "did you mean 'status'?"
    assert did_you_mean("ab", ("ba", "abc", "b")) == "did you mean 'ba', 'abc' or 'b'?"
    assert did_you_mean("cakes", COMMANDS) == ""
    assert did_you_mean_or_list("cakes", ("a", "b", "a")) == "there are: a, b"
    assert did_you_mean_or_list("alrets", PANES) == "did you mean 'alerts'?"
    assert did_you_mean_or_list("cakes", ()) == ""


@given(WORDS, st.data())
def test_one_slip_is_always_near(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 2))
    slips = [
        word[:at] + word[at + 1 :],
        word[:at] + "x" + word[at:],
        word[:at] + "x" + word[at + 1 :],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    ]
    for slip in slips:
        assert distance(slip, word, 3) <= 1
        assert list(nearest_words(slip, [word, "zzzz"])) == [word]


@given(WORDS, WORDS)
def test_it_is_a_distance(one: str, other: str) -> None:
    most = max(len(one), len(other))
    there, back = distance(one, other, most), distance(other, one, most)
    assert there == back
    assert (there == 0) == (one == other)
    assert abs(len(one) - len(other)) <= there <= most
    assert (distance(one, other, 1) <= 1) == (there <= 1)


@given(st.text(max_size=200), st.lists(st.text(max_size=50), max_size=20))
def test_nothing_is_made_up(word: str, known: list[str]) -> None:
    assert set(nearest_words(word, known)) <= set(known)
