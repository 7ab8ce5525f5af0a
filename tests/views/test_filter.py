"""The language of ``/``."""

import itertools
import random
from collections.abc import Set
from contextlib import suppress
from dataclasses import replace

import pytest

from opsboard.records import Drift, Status
from opsboard.views.filter import FilterError, parse
from opsboard.views.log_filter import parse_log_filter
from opsboard.views.panes import pane_named
from tests.ui.app_harness import NOW
from tests.ui.sample_records import builds, deployments

BUILDS, DEPLOYMENTS = pane_named("builds"), pane_named("deployments")


def _builds(text: str) -> Set[str]:
    chosen = parse(text, BUILDS)
    return {build.id for build in builds() if chosen(build, NOW)}


ALL = {build.id for build in builds()}


def test_an_empty_filter_lets_everything_through() -> None:
    assert _builds("") == _builds("   ") == ALL


def test_a_field_is_compared_with_its_own_value_only() -> None:
    assert _builds("status:failed") == {b.id for b in builds() if b.status is Status.FAILED}
    assert _builds("env:production") == {b.id for b in builds() if b.environment == "production"}


def test_lower_case_finds_either_case_and_upper_case_only_itself() -> None:
    assert _builds("make") == ALL
    assert _builds("MAKE") == set()


def test_words_must_all_hold() -> None:
    assert _builds("status:failed nightly") == _builds("status:failed") & _builds("nightly")


def test_quotes_keep_words_together() -> None:
    assert _builds('"rocket 🚀 launch"') == _builds("rocket")
    assert not _builds('"launch rocket"')


def test_a_regex_is_searched_for() -> None:
    assert _builds("/^(ci|nightly)$/") == set()
    assert _builds("repository:/pay|sea/") == _builds("payments") | _builds("search")


def test_what_takes_too_long_hides_nothing_and_says_so() -> None:
    slow = replace(builds()[0], branch="a" * 4_000 + "!")
    chosen = parse("branch:/(a|aa)+$/", BUILDS)
    assert chosen(slow, NOW)
    assert "too long" in chosen.problem
    assert all(chosen(build, NOW) for build in builds())


def test_what_has_no_time_is_of_no_age() -> None:
    never = replace(builds()[0], created_at=None, updated_at=None, started_at=None)
    assert BUILDS.column("age") is not None
    assert not parse("age:>1h", BUILDS)(never, NOW)
    assert not parse("age:<1h", BUILDS)(never, NOW)


def test_ages_and_numbers_are_compared() -> None:
    assert _builds("age:<1h") | _builds("age:>=1h") == ALL
    assert not _builds("age:<1h") & _builds("age:>=1h")
    assert _builds("number:>=420") == {b.id for b in builds() if b.number >= 420}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/[a/", "regular expression"),
        ("/a{99999999999999999999}/", "too big"),
        ('"open', "quote"),
        ("colour:red", "no field 'colour'; there are: actor, age, branch"),
        ("stauts:failed", "no field 'stauts'; did you mean 'status'[?]"),
        ("!rpeo:web", "no field 'rpeo'; did you mean 'repo'[?]"),
        ("status:faild", "no status 'faild'; did you mean 'failed'[?]"),
        ("!is:FAILED", "no status 'FAILED'; did you mean 'failed'[?]"),
        ("status:cakes", "no status 'cakes'; there are: ok, running, warning, failed, unknown"),
        ("aeg:<1h", "no column 'aeg' to compare; did you mean 'age'[?]"),
        ("colour:>3", "colour"),
        ("number:>many", "many"),
    ],
)
def test_what_cannot_be_understood_is_told(text: str, said: str) -> None:
    with pytest.raises(FilterError, match=said):
        parse(text, BUILDS)


@pytest.mark.parametrize("text", ["status:", "!status:", "!", "/", "!!"])
def test_what_is_still_being_typed_hides_nothing(text: str) -> None:
    assert _builds(text) == ALL


def test_quoted_signs_are_plain_text() -> None:
    pane, record = DEPLOYMENTS, deployments()[0]
    odd = replace(record, message="image web:2.1 !important /x")
    for text in ('"web:2.1"', '"!important"', '"/x"', '!"web:2.2"'):
        assert parse(text, pane)(odd, NOW), text
        assert parse(text, pane)(record, NOW) is text.startswith("!"), text


WORDS = ("pay", "status:failed", "ci", "/ma?in/", "env:staging", "age:<30m", "rocket", "結帳")


@pytest.mark.parametrize("word", WORDS)
def test_whatever_is_typed_not_splits_the_rows_in_two(word: str) -> None:
    assert _builds(word) | _builds(f"!{word}") == ALL
    assert not _builds(word) & _builds(f"!{word}")
    assert _builds(f"!!{word}") == _builds(word)


@pytest.mark.parametrize(("one", "other"), itertools.combinations(WORDS, 2))
def test_more_words_never_show_more_and_their_order_is_of_no_account(one: str, other: str) -> None:
    assert _builds(f"{one} {other}") == _builds(f"{other} {one}") == _builds(one) & _builds(other)


def test_any_text_is_either_a_filter_or_a_filter_error() -> None:
    chance, understood = random.Random(5), 0
    for _ in range(500):
        text = "".join(chance.choices("ab:/!\"'\\[]()*<>= 結🚀#$", k=chance.randrange(12)))
        with suppress(FilterError):
            chosen = parse(text, DEPLOYMENTS)
            assert all(chosen(record, NOW) in (True, False) for record in deployments()), text
            understood += 1
    assert 50 < understood < 500


def test_drift_is_found_by_its_feature_and_its_method() -> None:
    pane = pane_named("drift")
    drift = Drift(
        source="ml", id="x", name="x", model="m", metric="PSI_age", value=1.0, method="PSI",
        feature="age",
    )  # fmt: skip
    assert parse("feature:age method:psi", pane)(drift, NOW)
    assert not parse("feature:income", pane)(drift, NOW)


def test_what_marks_the_hits_of_a_log_never_takes_long_either() -> None:
    """One that hides nothing is asked about lines that are no hits as well."""
    (find,) = parse_log_filter("/.*.*.*.*.*.*.*.*QQ/").marks
    assert not find("x" * 400)
    assert list(find("xxQQ")) == [(0, 4)]
    (slow,) = parse_log_filter("/(a|aa)+[bc]$/").marks
    assert not slow("a" * 4_000 + "!")
    assert not slow("aab"), "it is asked no more"


def test_hits_are_found_by_the_case_that_was_typed() -> None:
    (word,), (upper,), (quoted,) = (
        parse_log_filter(text).marks for text in ("get", "/G.T/", '"/G.T/"')
    )
    assert list(word("GET get")) == [(0, 3), (4, 7)]
    assert list(upper("GET get")) == [(0, 3)]
    assert list(quoted("a /G.T/")) == [(2, 7)]
    assert not parse_log_filter("!get level:error").marks
