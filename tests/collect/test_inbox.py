"""What waits is merged, and has the same effect as if it had not been."""

import random

import pytest

from opsboard.adapter import (
    Budget,
    BudgetUpdate,
    Change,
    Complete,
    Condition,
    Due,
    Fresh,
    Health,
    Remove,
    Report,
    ScopeRemoved,
    Skipped,
    Upsert,
    listing,
)
from opsboard.board.events import BoardEvent, SourceInfo, SourceList
from opsboard.board.state import Board
from opsboard.collect.inbox import Inbox
from opsboard.records import Kind, Status
from tests.board import NOW, build, builds, events
from tests.board.test_state import random_changes


def _put(inbox: Inbox, *changes: Change, source: str = "ci") -> None:
    for arrival in events(source, *changes):
        inbox.put(arrival)


def _size(drained: list[BoardEvent]) -> int:
    return sum(len(a.change.records) for a in drained if isinstance(a.change, Upsert))


@pytest.mark.parametrize("seed", range(150))
def test_a_board_ends_up_the_same_whenever_it_looks(seed: int) -> None:
    random_ = random.Random(seed)
    inbox, merged, plain = Inbox(), Board(), Board()
    for _ in range(12):
        changes = list(random_changes(random_, random_.randint(1, 12)))
        _put(inbox, *changes)
        plain.apply(events("ci", *changes))
        merged.apply(inbox.drain())
        assert merged.records(Kind.BUILD) == plain.records(Kind.BUILD)
    for scope in "abc":
        _put(inbox, Complete(scope, frozenset({build(1).ref})))
        plain.apply(events("ci", Complete(scope, frozenset({build(1).ref}))))
    merged.apply(inbox.drain())
    assert merged.records(Kind.BUILD) == plain.records(Kind.BUILD), "homes differ"


def test_only_the_newest_form_of_a_record_waits() -> None:
    inbox = Inbox()
    for number in range(1_000):
        _put(inbox, Upsert("web", [build(1, title=str(number))]))
    drained = inbox.drain()
    assert _size(drained) == 1
    assert inbox.drain() == []


def test_what_comes_and_goes_while_nobody_looks_leaves_nothing() -> None:
    inbox = Inbox()
    _put(inbox, *listing("web", builds(1)))
    inbox.drain()
    for number in range(2, 500):
        _put(inbox, Upsert("web", [build(number)]), Remove("web", [build(number).ref]))
    drained = inbox.drain()
    assert [event.change for event in drained] == [Upsert("web", ())], "it is fresh, and no more"


def test_health_ends_as_it_was_last_said() -> None:
    bad = Report(Health(condition=Condition.FORBIDDEN), "web")
    for changes, expected in (
        ((bad, Fresh("web")), Condition.LIVE),
        ((Fresh("web"), bad), Condition.FORBIDDEN),
    ):
        inbox, board = Inbox(), Board()
        _put(inbox, Report(Health(condition=Condition.LIVE)), *changes)
        board.apply(inbox.drain())
        state = board.source("ci")
        assert state is not None
        assert state.health.condition is expected


def test_trouble_after_a_stream_began_ends_the_stream() -> None:
    inbox, board = Inbox(), Board()
    _put(inbox, Fresh("web", streaming=True), Report(Health(condition=Condition.UNREACHABLE)))
    board.apply(inbox.drain())
    state = board.source("ci")
    assert state is not None
    assert not state.streaming


def test_records_that_could_not_be_read_are_told_until_they_can_be() -> None:
    inbox, board = Inbox(), Board()
    odd = Skipped(scope="web", count=3, total=120, examples=("run 7: id: null",))
    _put(inbox, Report(Health(condition=Condition.LIVE)), odd, *listing("web", builds(2)))
    board.apply(inbox.drain())
    state = board.source("ci")
    assert state is not None
    assert state.health.condition is Condition.PARTIAL
    assert state.health.message == "3 of 120 records could not be read: run 7: id: null"
    assert len(board.records(Kind.BUILD)) == 2, "the others are shown"
    _put(inbox, Fresh("web"), Skipped(scope="web", count=0, total=120))
    board.apply(inbox.drain())
    state = board.source("ci")
    assert state is not None
    assert state.health.condition is Condition.LIVE


@pytest.mark.parametrize("pending", [True, False])
def test_a_scope_that_is_gone_has_no_last_words(pending: bool) -> None:
    bad = Report(Health(condition=Condition.BROKEN), "web")
    inbox, board = Inbox(), Board()
    _put(inbox, *listing("web", builds(2)), *listing("api", [build(9)]), bad)
    if not pending:
        board.apply(inbox.drain())
    _put(inbox, ScopeRemoved("web"))
    board.apply(inbox.drain())
    state = board.source("ci")
    assert state is not None
    assert list(state.scopes) == ["api"]
    assert list(board.records(Kind.BUILD)) == [build(9).ref]


def test_a_scope_that_comes_back_is_as_if_it_had_not_been_gone() -> None:
    inbox, board = Inbox(), Board()
    _put(inbox, *listing("web", builds(2)))
    board.apply(inbox.drain())
    _put(inbox, ScopeRemoved("web"), *listing("web", [build(2), build(3)]))
    board.apply(inbox.drain())
    state = board.source("ci")
    assert state is not None
    assert state.scopes["web"].health.condition is Condition.LIVE
    assert set(board.records(Kind.BUILD)) == {build(2).ref, build(3).ref}


def test_the_list_of_sources_comes_first() -> None:
    inbox = Inbox()
    _put(inbox, *listing("web", builds(1)))
    sources = BoardEvent("", SourceList({"ci": SourceInfo("CI")}), NOW)
    inbox.put(sources)
    assert inbox.drain()[0] == sources


def test_it_wakes_once_until_it_was_emptied() -> None:
    inbox, woken = Inbox(), []
    _put(inbox, Fresh("web"))
    inbox.on_wake(lambda: woken.append(1))
    assert len(woken) == 1, "something waits already"
    _put(inbox, Upsert("web", [build(1)]), Upsert("web", [build(2)]))
    assert len(woken) == 1
    inbox.drain()
    _put(inbox, Upsert("web", [build(1)]), Upsert("web", [build(2)]))
    assert len(woken) == 2


def test_nobody_is_woken_to_hear_that_all_is_as_it_was() -> None:
    inbox, woken = Inbox(), []
    inbox.on_wake(lambda: woken.append(1))
    budget = Budget(name="requests", limit=5_000, remaining=4_000, resets_at=NOW)
    said = (Fresh("web"), Due("web", 30.0), BudgetUpdate(budget))
    _put(inbox, *said)
    assert woken == []
    _put(inbox, Upsert("web", [build(1)]))  # what comes with it is heard of then
    assert woken == [1]
    assert {type(one.change) for one in inbox.drain()} == {*map(type, said), Upsert}
    _put(inbox, *said)
    assert woken == [1]
    assert {type(one.change) for one in inbox.drain()} == set(map(type, said))


def test_a_reader_that_is_gone_harms_nobody() -> None:
    def wake() -> None:
        raise RuntimeError("Event loop is closed")

    inbox = Inbox()
    inbox.on_wake(wake)
    _put(inbox, Upsert("web", [build(1, Status.FAILED)]))
    assert _size(inbox.drain()) == 1
