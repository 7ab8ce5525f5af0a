"""One odd record, or change, never hides what a source has that is good."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import (
    BudgetUpdate,
    Change,
    Complete,
    Due,
    Fresh,
    Health,
    Past,
    PastRecord,
    Remove,
    Report,
    ScopeRemoved,
    Skipped,
    Upsert,
    listing,
)
from opsboard.board.events import BoardEvent
from opsboard.board.state import Board
from opsboard.collect.change_validation import MAX_COUNT, MAX_DUE, MAX_EXAMPLES, ChangeValidator
from opsboard.records import Activity, Build, Kind, Ref
from tests.board import NOW, build, builds


class Raising:
    """No record, and not even that."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("hunter2-hunter2")


class Strange(Build):
    """A class of a stranger's own, of which no kind is known."""


def _odd_kind() -> Build:
    strange = build(7)
    strange.__dict__["kind"] = "no-kind"
    return strange


ODD: list[Any] = [
    None,
    "text",
    {"id": "1"},
    Raising(),
    build(5, source="somebody else"),
    _odd_kind(),
    Activity.__new__(Activity),
]


def _admit(*changes: object) -> list[Change]:
    door = ChangeValidator("ci")
    return [good for change in changes for good in door.validate(change)]


def _board(*changes: object) -> Board:
    board = Board()
    board.apply(BoardEvent("ci", change, NOW) for change in _admit(*changes))
    return board


def test_what_a_source_remembers_is_checked_like_what_it_has() -> None:
    one, two = builds(2)
    good = PastRecord(one.ref, NOW, one, "run list", "carol")
    odd: list[Any] = [
        None,
        PastRecord(one.ref, NOW.replace(tzinfo=None), one),
        PastRecord(one.ref, NOW, two),
        PastRecord(Ref("other", Kind.BUILD, "1"), NOW, None),
        PastRecord(one.ref, NOW, build(5, source="somebody else")),
    ]
    admitted = _admit(Past("web", [good, *odd]))
    assert admitted[0] == Past("web", [good])
    assert isinstance(admitted[1], Skipped)
    assert "5 of 6 earlier records" in admitted[1].sentence


def test_what_a_source_remembers_is_not_on_the_board() -> None:
    one, two = builds(2)
    board = _board(Upsert("web", [one]), Past("web", [PastRecord(two.ref, NOW, two)]))
    assert set(board.records(Kind.BUILD)) == {one.ref}


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: type(odd).__name__)
def test_an_odd_record_is_left_out_counted_and_named(odd: Any) -> None:
    good = builds(2)
    admitted = _admit(Upsert("web", [good[0], odd, good[1]]), Complete("web", frozenset()))
    assert admitted[0] == Upsert("web", good)
    skipped = admitted[1]
    assert isinstance(skipped, Skipped)
    assert (skipped.scope, skipped.count, skipped.total) == ("web", 1, 3)
    assert skipped.sentence.startswith("1 of 3 records could not be read: ")
    assert "hunter2" not in skipped.sentence
    assert admitted[2:] == [Complete("web", frozenset())], "and it is told once"


def test_a_listing_without_any_takes_it_back() -> None:
    odd = build(9, source="else")
    refs = frozenset(record.ref for record in builds(2))
    changes = [Upsert("web", [*builds(2), odd]), Complete("web", refs), *listing("web", builds(2))]
    told = [change for change in _admit(*changes) if isinstance(change, Skipped)]
    assert [(it.count, it.total) for it in told] == [(1, 3), (0, 2)]


def test_what_is_odd_after_a_listing_joins_what_was_odd_in_it() -> None:
    odd = [build(number, source="else") for number in (7, 8)]
    changes = [Upsert("web", [*builds(2), odd[0]]), Complete("web", frozenset())]
    told = [it for it in _admit(*changes, Upsert("web", [odd[1]])) if isinstance(it, Skipped)]
    assert [it.count for it in told] == [1, 2]
    assert len(told[-1].examples) == 2


def test_what_the_source_left_out_itself_is_added_up() -> None:
    own = Skipped(scope="web", count=2, total=120, examples=("a: no name", "b: no name"))
    admitted = _admit(own, Upsert("web", [build(1), None]))  # type: ignore[list-item]
    (last,) = [change for change in admitted[1:] if isinstance(change, Skipped)]
    assert (last.count, last.total) == (3, 120)
    assert len(last.examples) == MAX_EXAMPLES


class Changed(Upsert):
    """A subclass of a change."""


NO_CHANGES: list[Any] = [
    None,
    3,
    {"scope": "web"},
    Raising(),
    Upsert(None, builds(1)),  # type: ignore[arg-type]
    Upsert("web", None),  # type: ignore[arg-type]
    Upsert("web", 3),  # type: ignore[arg-type]
    Remove("web", None),  # type: ignore[arg-type]
    Complete("web", None),  # type: ignore[arg-type]
    Complete(3, frozenset()),  # type: ignore[arg-type]
    ScopeRemoved(None),  # type: ignore[arg-type]
    Fresh(None),  # type: ignore[arg-type]
    Report(None),  # type: ignore[arg-type]
    Report("live", "web"),  # type: ignore[arg-type]
    Report(Health(condition="live"), 3),  # type: ignore[arg-type]
    BudgetUpdate(None),  # type: ignore[arg-type]
    Due("web", math.nan),
    Due("web", -1.0),
    Due("web", "soon"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("at", range(len(NO_CHANGES)))
def test_a_change_that_is_none_is_told_and_harms_no_other(at: int) -> None:
    odd = NO_CHANGES[at]
    board = _board(*listing("web", builds(2)), odd, *listing("api", [build(3)]))
    assert {ref.id for ref in board.records(Kind.BUILD)} == {"1", "2", "3"}
    state = board.source("ci")
    assert state is not None
    assert sum(scope.skipped.count for scope in state.scopes.values() if scope.skipped) == 1
    assert not state.pending_scopes


def test_a_subclass_of_a_change_is_that_change() -> None:
    assert _admit(Changed("web", builds(1))) == [Upsert("web", builds(1))]


def test_refs_that_are_none_are_left_out() -> None:
    refs: Any = [builds(1)[0].ref, None, 3, ["ci", "build", "2"], ("ci", "build")]
    assert _admit(Remove("web", refs)) == [Remove("web", (builds(1)[0].ref,))]
    assert _admit(Complete("web", refs)) == [Complete("web", frozenset({builds(1)[0].ref}))]


def test_a_scope_is_text_that_may_be_shown() -> None:
    (fresh,) = _admit(Fresh("w\x1b[31m\ud800eb\n"))
    assert isinstance(fresh, Fresh)
    assert fresh.scope.isprintable()


def test_no_promise_is_for_ever() -> None:
    assert _admit(Due("web", 1e12)) == [Due("web", MAX_DUE)]


_parts = st.one_of(st.none(), st.integers(), st.floats(), st.text(max_size=5), st.just(Raising()))
_refs = st.lists(st.one_of(_parts, st.just(Ref("ci", Kind.BUILD, "1")), st.lists(_parts)))
_records = st.integers(0, len(ODD) + 2).map(lambda at: [*ODD, *builds(3)][at])
_anything: st.SearchStrategy[Any] = st.one_of(
    _parts,
    st.builds(Upsert, _parts, st.one_of(_parts, st.lists(_records))),
    st.builds(Remove, _parts, st.one_of(_parts, _refs)),
    st.builds(Complete, _parts, st.one_of(_parts, _refs)),
    st.builds(Fresh, _parts, _parts),
    st.builds(Due, _parts, _parts),
    st.builds(ScopeRemoved, _parts),
    st.builds(Report, _parts, _parts),
    st.builds(BudgetUpdate, _parts),
)


@given(st.lists(_anything, max_size=12))
def test_whatever_a_source_yields_the_board_takes_it_and_the_good_stay(odd: list[Any]) -> None:
    good = [build(number) for number in (11, 12)]
    board = _board(*listing("kept apart", good), *odd)
    for state in board.sources():
        assert state.status is not None
        assert all(scope.isprintable() for scope in state.scopes)
    assert {record.ref for record in good} <= board.records(Kind.BUILD).keys()


def test_numbers_that_a_source_makes_up_are_bounded() -> None:
    admission = ChangeValidator("s")
    (told,) = admission.validate(Skipped(scope="a", count=10**5_000, total=10**6_000))
    assert isinstance(told, Skipped)
    assert (told.count, told.total) == (MAX_COUNT, MAX_COUNT)
    assert told.sentence


def test_no_more_is_left_out_than_there_was() -> None:
    admission = ChangeValidator("s")
    list(admission.validate(Skipped(scope="a", count=3, total=5)))
    odd: list[Any] = [None] * 4
    (told,) = admission.validate(Upsert("a", odd))
    assert isinstance(told, Skipped)
    assert told.count == 7
    assert told.total >= 7
