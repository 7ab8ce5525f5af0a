"""What waits for the recorder is bounded; what merging loses is told."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import Change, Complete, Past, Upsert
from opsboard.board.change_algebra import SourceContent
from opsboard.board.events import ActivityUpdate, BoardEvent, SourceList
from opsboard.board.state import Board
from opsboard.collect.history_queue import HistoryQueue
from opsboard.records import Kind, Status
from tests.board import NOW, build

STATUSES = (Status.OK, Status.FAILED)


def _queue(most: int) -> HistoryQueue:
    return HistoryQueue(lambda _: SourceContent(), most)


def _put(queue: HistoryQueue, *changes: Change) -> list[BoardEvent]:
    events = [BoardEvent("ci", one, NOW + timedelta(seconds=n)) for n, one in enumerate(changes)]
    for event in events:
        queue.put(event)
    return events


def test_as_long_as_there_is_room_each_event_waits_by_itself() -> None:
    queue = _queue(100)
    events = _put(queue, *(Upsert("web", [build(1, status)]) for status in STATUSES * 5))
    assert queue.take() == (events, [])
    assert queue.take() == ([], [])


def test_a_form_that_nobody_will_see_is_told_as_a_stretch() -> None:
    queue = _queue(4)
    _put(queue, *(Upsert("web", [build(1, status)]) for status in STATUSES * 5))
    events, merged = queue.take()
    assert len(events) <= 4
    assert merged[0].scope == "web"
    assert merged[0].since == NOW
    assert merged[-1].until > NOW


def test_what_loses_nothing_is_no_gap() -> None:
    queue = _queue(4)
    _put(queue, *(Upsert("web", [build(number)]) for number in range(20)))
    events, merged = queue.take()
    assert merged == []
    held = [record for e in events if isinstance(e.change, Upsert) for record in e.change.records]
    assert len(held) == 20


def test_what_is_of_no_source_is_not_lost() -> None:
    queue = _queue(1)
    queue.put(BoardEvent("", SourceList({}), NOW))
    act = BoardEvent("", ActivityUpdate(()), NOW)
    queue.put(act)
    _put(queue, Past("web", ()), Upsert("web", [build(1), build(2), build(3)]))
    events, _ = queue.take()
    assert act in events
    assert not any(isinstance(event.change, SourceList) for event in events)


@given(
    st.lists(
        st.builds(
            lambda number, status: Upsert("web", [build(number, status)]),
            st.integers(1, 3),
            st.sampled_from(STATUSES),
        )
        | st.builds(
            lambda numbers: Complete("web", frozenset(build(n).ref for n in numbers)),
            st.sets(st.integers(1, 3)),
        ),
        max_size=30,
    ),
    st.integers(1, 8),
)
def test_merged_or_not_it_comes_to_the_same(changes: list[Change], most: int) -> None:
    queue, merged, plain = _queue(most), Board(), Board()
    plain.apply(_put(queue, *changes))
    events, lost = queue.take()
    merged.apply(events)
    assert merged.records(Kind.BUILD) == plain.records(Kind.BUILD)
    assert all(one.since <= one.until for one in lost)
