"""A source never looks better than it is: untold, overdue, partial, unread."""

from datetime import datetime, timedelta

import pytest

from opsboard.adapter import (
    Change,
    Complete,
    Condition,
    Due,
    Fresh,
    Health,
    Report,
    Skipped,
    Upsert,
    listing,
)
from opsboard.board.events import BoardEvent, RestoredScope, SourceInfo
from opsboard.board.rollup import StatusExitCode, exit_code
from opsboard.board.source_tracking import DEFAULT_DEADLINE, MAX_GRACE, MIN_GRACE, grace_period
from opsboard.board.state import Board, SourceState
from opsboard.records import Status
from tests.board import NOW, builds, events

LIVE = Report(Health(condition=Condition.LIVE))


def _report(condition: Condition, scope: str | None = None, message: str = "") -> Report:
    return Report(Health(condition=condition, message=message, hint="fix it"), scope)


def _after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def _board(*changes: Change) -> Board:
    board = Board({"ci": "GitHub"})
    board.apply(events("ci", *changes))
    return board


def _source(board: Board) -> SourceState:
    state = board.source("ci")
    assert state is not None
    return state


# --- told nothing --------------------------------------------------------------------------------


@pytest.mark.parametrize("condition", Condition)
@pytest.mark.parametrize("scope", [None, "web"])
def test_a_source_that_has_told_nothing_is_never_ok(
    condition: Condition, scope: str | None
) -> None:
    board = _board(_report(condition, scope))
    state = _source(board)
    assert not state.has_reported
    assert not state.is_complete
    assert state.status is not Status.OK
    assert exit_code(board) is StatusExitCode.UNREACHABLE


def test_what_is_throttled_from_its_first_request_is_unknown() -> None:
    board = _board(_report(Condition.THROTTLED))
    assert _source(board).status is Status.UNKNOWN
    assert exit_code(board) is StatusExitCode.UNREACHABLE


def test_what_is_throttled_and_fresh_is_a_warning_with_its_age() -> None:
    board = _board(LIVE, *listing("web", builds(2)), _report(Condition.THROTTLED))
    state = _source(board)
    assert (state.status, state.fresh_at, state.is_complete) == (Status.WARNING, NOW, True)
    assert exit_code(board) is StatusExitCode.OK


def test_a_part_that_was_never_told_is_not_passed_over() -> None:
    starting = Report(Health(condition=Condition.STARTING), "api")
    board = _board(LIVE, starting, *listing("web", []), _report(Condition.THROTTLED))
    assert _source(board).pending_scopes == ("api",)
    assert exit_code(board) is StatusExitCode.UNREACHABLE


def test_what_a_part_has_to_tell_is_told_though_all_is_well() -> None:
    note = _report(Condition.LIVE, "cluster", "asked without a login")
    state = _source(_board(LIVE, note, _report(Condition.LIVE, "cluster/pods")))
    assert state.health.condition is Condition.LIVE
    assert (state.health.message, state.health.hint) == ("asked without a login", "fix it")
    worse = _source(_board(LIVE, note, _report(Condition.THROTTLED, "cluster/pods", "slow")))
    assert worse.health.message == "slow"


def test_the_name_of_a_cluster_is_no_part_that_could_tell_anything() -> None:
    board = _board(LIVE, Report(LIVE.health, "eu"), *listing("eu/pods", []))
    assert _source(board).pending_scopes == ()
    assert exit_code(board) is StatusExitCode.OK


def test_what_is_known_from_disk_only_was_not_told() -> None:
    board = Board()
    restored = RestoredScope("web", builds(3), SourceInfo("GitHub", "k"))
    board.apply([BoardEvent("ci", restored, NOW)])
    board.apply(events("ci", _report(Condition.THROTTLED)))
    assert _source(board).status is Status.UNKNOWN
    assert exit_code(board) is StatusExitCode.UNREACHABLE


def test_while_the_first_page_is_read_it_is_not_yet_unknown() -> None:
    board = _board(LIVE, Upsert("web", builds(1)))
    assert _source(board).status is Status.RUNNING


# --- some of it ----------------------------------------------------------------------------------


def test_some_parts_that_fail_leave_the_others_their_state() -> None:
    bad = [_report(Condition.UNREACHABLE, name, "no route") for name in ("us", "asia")]
    board = _board(LIVE, *listing("eu", builds(2)), *bad)
    state = _source(board)
    assert state.health.condition is Condition.PARTIAL
    assert state.health.message == "2 of 3 parts unreachable (us and 1 more): no route"
    assert state.health.hint == "fix it"
    assert state.scopes["eu"].health.condition is Condition.LIVE
    assert state.failing_scopes == ("us", "asia")
    assert exit_code(board) is StatusExitCode.UNREACHABLE, "nobody knows what else failed"


def test_where_no_part_stands_the_source_fails() -> None:
    board = _board(LIVE, *[_report(Condition.FORBIDDEN, name, "no") for name in ("us", "eu")])
    assert _source(board).health.condition is Condition.FORBIDDEN


def test_what_the_source_says_of_itself_outranks_its_parts() -> None:
    board = _board(*listing("eu", []), _report(Condition.FORBIDDEN, "us"))
    board.apply(events("ci", _report(Condition.UNAUTHENTICATED)))
    assert _source(board).health.condition is Condition.UNAUTHENTICATED


def test_what_could_not_be_read_is_a_warning_that_says_so() -> None:
    skipped = Skipped(scope="web", count=3, total=120, examples=("#7: no name",))
    board = _board(LIVE, *listing("web", builds(2)), skipped)
    state = _source(board)
    assert state.status is Status.WARNING
    assert state.health.message == "3 of 120 records could not be read: #7: no name"
    assert exit_code(board) is StatusExitCode.OK


# --- overdue -------------------------------------------------------------------------------------


def _condition_at(board: Board, seconds: float, scope: str = "web") -> Condition:
    board.tick(_after(seconds))
    return _source(board).scopes[scope].health.condition


@pytest.mark.parametrize("period", [1.0, 15.0, 90.0, 600.0])
def test_a_look_that_does_not_come_is_overdue(period: float) -> None:
    board = _board(LIVE, *listing("web", builds(1)), Due("web", period))
    last = period + grace_period(period).total_seconds()
    assert _condition_at(board, last) is Condition.LIVE
    delta = board.tick(_after(last + 1))
    assert delta.sources == {"ci"}
    state = _source(board)
    assert state.scopes["web"].health.condition is Condition.STALE
    assert "overdue: last confirmed at 09:00:00 UTC" in state.health.message
    assert state.health.hint
    assert state.status is Status.WARNING
    assert not board.tick(_after(last + 2)), "it is said once"


def test_a_look_may_be_late_by_a_good_factor_within_bounds() -> None:
    assert grace_period(1).total_seconds() == MIN_GRACE
    assert grace_period(60).total_seconds() == 120
    assert grace_period(3_600).total_seconds() == MAX_GRACE


def test_news_end_it_and_the_same_time_counts_again() -> None:
    board = _board(LIVE, *listing("web", []), Due("web", 15.0))
    assert _condition_at(board, 100) is Condition.STALE
    board.apply(events("ci", Fresh("web"), at=_after(100)))
    assert _condition_at(board, 170) is Condition.LIVE
    assert _condition_at(board, 176) is Condition.STALE


def test_the_next_promise_counts() -> None:
    board = _board(LIVE, *listing("web", []), Due("web", 15.0))
    board.apply(events("ci", Due("web", 600.0), at=_after(10)))
    assert _condition_at(board, 800) is Condition.LIVE


def test_who_promised_nothing_is_given_a_while() -> None:
    board = _board(LIVE, *listing("web", []))
    assert _condition_at(board, DEFAULT_DEADLINE) is Condition.LIVE
    assert _condition_at(board, DEFAULT_DEADLINE + 1) is Condition.STALE


def test_a_stream_without_signs_of_life_is_never_overdue() -> None:
    board = _board(LIVE, Fresh("web", streaming=True))
    assert _condition_at(board, 86_400) is Condition.LIVE


def test_a_stream_that_misses_its_signs_of_life_is_no_longer_live() -> None:
    board = _board(LIVE, Fresh("web", streaming=True), Due("web", 100.0))
    assert _condition_at(board, 299) is Condition.LIVE
    assert _condition_at(board, 301) is Condition.STALE
    assert not _source(board).streaming
    board.apply(events("ci", Fresh("web", streaming=True), at=_after(310)))
    assert _source(board).streaming


def test_one_part_is_late_and_the_others_are_not() -> None:
    listed = [Complete(name, frozenset()) for name in ("web", "api")]
    board = _board(LIVE, *listed, Due("web", 15.0))
    board.apply(events("ci", Due("api", 90.0)))
    assert _condition_at(board, 120) is Condition.STALE
    assert _condition_at(board, 120, "api") is Condition.LIVE


def test_what_fails_anyway_keeps_its_cause() -> None:
    board = _board(*listing("web", []), Due("web", 15.0), _report(Condition.FORBIDDEN, "web", "no"))
    assert _condition_at(board, 3_600) is Condition.FORBIDDEN


def test_what_is_partial_may_be_overdue_as_well() -> None:
    some = _report(Condition.PARTIAL, "web", "1 page of 3 is missing")
    board = _board(LIVE, *listing("web", []), some, Due("web", 15.0))
    assert _condition_at(board, 10) is Condition.PARTIAL
    assert _condition_at(board, 100) is Condition.STALE
