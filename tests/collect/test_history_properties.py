"""Whatever sources yield, and however often programs die: what the ledger says was so, was so.

The truth is a board that is fed with the same changes. Where somebody looked, the ledger says what
was on it; where nobody did, it never says that it knows.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from opsboard.adapter import (
    Change,
    Complete,
    Condition,
    Fresh,
    Health,
    Remove,
    Report,
    ScopeRemoved,
    Upsert,
)
from opsboard.board.events import BoardEvent
from opsboard.board.state import Board
from opsboard.history.meaning import differs
from opsboard.history.state import HistoricalState
from opsboard.records import Deployment, Kind, Pod, Record, Ref, Status
from tests.history.recording import Recording, SetClocks, recording
from tests.history.samples import deployment

SCOPES = ("a", "b")
SHOWN = (Kind.DEPLOYMENT, Kind.POD)


def _pod(number: int, phase: str) -> Pod:
    return Pod(source="prod", id=str(number), name="web", cluster="c", namespace="n", phase=phase)


def _deployment(number: int, revision: str, ready: int, status: Status) -> Deployment:
    one = deployment(revision, status, name=f"app{number}")
    return Deployment(**{**vars(one), "ready": ready})


_record = st.builds(
    _deployment, st.integers(1, 3), st.sampled_from("12"), st.integers(0, 2),
    st.sampled_from([Status.OK, Status.FAILED]),
) | st.builds(_pod, st.integers(1, 2), st.sampled_from(["Pending", "Running"]))  # fmt: skip
_records = st.lists(_record, max_size=4, unique_by=lambda record: record.ref)
_refs = _records.map(lambda records: tuple(record.ref for record in records))
_scope = st.sampled_from(SCOPES)
_bad = st.sampled_from([Condition.UNREACHABLE, Condition.FORBIDDEN]).map(
    lambda condition: Health(condition=condition)
)
_changes: st.SearchStrategy[Change] = st.one_of(
    st.builds(Upsert, _scope, _records),
    st.builds(Remove, _scope, _refs),
    st.builds(Complete, _scope, _refs.map(frozenset)),
    st.builds(Fresh, _scope, st.booleans()),
    st.builds(Report, _bad, _scope | st.none()),
    st.builds(ScopeRemoved, _scope),
)


class Ends(str):
    """A program ends: ``well``, or ``killed``."""

    __slots__ = ()


_steps = st.lists(_changes | st.builds(Ends, st.sampled_from(["well", "killed"])), max_size=25)


class Truth:
    """What was on a board at each time, by scope."""

    def __init__(self) -> None:
        self.board = Board()
        self.at: dict[datetime, Mapping[str, Mapping[Ref, Record]]] = {}

    def take(self, change: Change, time: datetime) -> None:
        self.board.apply([BoardEvent("prod", change, time)])
        held: dict[str, dict[Ref, Record]] = {scope: {} for scope in SCOPES}
        for kind in SHOWN:
            for ref, record in self.board.records(kind).items():
                held[self.board.scope_of(ref) or ""][ref] = record
        self.at[time] = held


def _known(state: HistoricalState) -> Iterator[tuple[str, Ref, Record]]:
    """Yield what *state* says for certain, of the kinds that are compared."""
    for one in state.entities:
        if one.ref.kind in SHOWN and one.watched and not one.uncertain and one.record is not None:
            yield one.scope, one.ref, one.record


def _assert_as_it_was(made: Recording, truth: Truth) -> None:
    reader = made.reader
    for time, held in truth.at.items():
        state = reader.at(time, as_seen=True)
        unknown = {gap.scope for gap in state.gaps}
        known = {ref: record for _, ref, record in _known(state)}
        everything = {ref: one for records in held.values() for ref, one in records.items()}
        for ref, record in known.items():
            assert ref in everything, "never a false 'was live'"
            assert not differs(record, everything[ref])
        for scope in set(SCOPES) - unknown:
            for ref in held[scope]:
                moved = any(one.ref == ref and one.gap is not None for one in state.entities)
                assert ref in known or moved, "what was watched is known"
    assert not reader.problem


@settings(deadline=None, max_examples=150)
@given(st.lists(_changes, max_size=25), st.integers(1, 4))
def test_what_was_on_the_board_is_what_the_ledger_says(
    changes: Sequence[Change], each: int
) -> None:
    clocks, truth = SetClocks(), Truth()
    with TemporaryDirectory() as folder, recording(Path(folder), clocks) as made:
        for number, change in enumerate(changes):
            clocks.go_on(1)
            truth.take(change, clocks.now())
            made.recorder.record(BoardEvent("prod", change, clocks.now()))
            if number % each == 0:
                made.recorder.step()
        made.recorder.step()
        _assert_as_it_was(made, truth)


@settings(deadline=None, max_examples=100)
@given(_steps)
def test_programs_that_die_leave_gaps_and_no_lies(steps: Sequence[Change | Ends]) -> None:
    clocks, world = SetClocks(), Truth()
    with TemporaryDirectory() as folder:
        made = Recording(Path(folder), clocks)
        dead: list[tuple[datetime, datetime]] = []
        for step in steps:
            clocks.go_on(1)
            if isinstance(step, Ends):
                left = clocks.now()
                made.ends() if step == "well" else made.is_killed()
                clocks.go_on(100)
                made = Recording(Path(folder), clocks)
                made.waits(20)  # a dead program is noticed by its silence
                dead.append((left, clocks.now()))
                continue
            world.take(step, clocks.now())
            made.recorder.record(BoardEvent("prod", step, clocks.now()))
            made.recorder.step()
        made.recorder.step()
        reader = made.reader
        for left, back in dead:
            middle = left + (back - left) / 2
            assert list(_known(reader.at(middle))) == [], "nobody looked"
        for time, held in world.at.items():
            everything = {ref: one for records in held.values() for ref, one in records.items()}
            for _, ref, record in _known(reader.at(time, as_seen=True)):
                if ref in everything:
                    assert not differs(record, everything[ref])
        assert not reader.problem
        made.close()


def test_the_clocks_of_the_test_agree() -> None:
    clocks = SetClocks()
    clocks.go_on(5)
    assert clocks.running() == clocks.elapsed() == 1_005.0
    assert clocks.now() - SetClocks().now() == timedelta(seconds=5)
