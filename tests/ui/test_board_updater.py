"""How arrivals reach the board: coalesced, from any thread, never after the end."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from threading import Thread

from opsboard.adapter import Condition, Fresh, Health, Report, Upsert, listing
from opsboard.board.events import BoardEvent
from opsboard.board.state import Board, BoardDelta
from opsboard.records import Kind
from opsboard.ui.arrivals import Arrivals
from opsboard.ui.board_updater import BoardUpdater
from tests.board import builds
from tests.patience import PATIENCE
from tests.ui.app_harness import NOW, FakeFeed, stage_board


def _arrival() -> BoardEvent:
    return BoardEvent("github", Fresh("shop/api"), NOW + timedelta(seconds=1))


class _CountingFeed(FakeFeed):
    drained = 0

    def drain(self) -> Sequence[BoardEvent]:
        self.drained += 1
        return super().drain()


async def _rounds(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110 - what it waits for knows no event
            await asyncio.sleep(0.005)


async def test_a_burst_from_another_thread_is_one_flush() -> None:
    feed, deltas = _CountingFeed(), list[BoardDelta]()
    BoardUpdater(feed, stage_board(), deltas.append, asyncio.get_running_loop())
    feed.pending = [_arrival() for _ in range(50)]
    thread = Thread(target=lambda: [feed.wake() for _ in range(50)])
    thread.start()
    thread.join()
    await _rounds(lambda: bool(deltas))
    assert feed.drained == 1
    assert [set(delta.sources) for delta in deltas] == [{"github"}]


async def test_what_comes_later_is_flushed_later() -> None:
    feed, deltas = _CountingFeed(), list[BoardDelta]()
    BoardUpdater(feed, stage_board(), deltas.append, asyncio.get_running_loop())
    throttled = BoardEvent("github", Report(Health(condition=Condition.THROTTLED)), NOW)
    for count, arrival in enumerate([_arrival(), throttled], start=1):
        feed.pending = [arrival]
        feed.wake()
        await _rounds(lambda count=count: len(deltas) == count)  # type: ignore[misc]
    assert feed.drained == 2


async def test_that_a_source_was_heard_of_again_waits_for_the_clock() -> None:
    feed, deltas, board = _CountingFeed(), list[BoardDelta](), stage_board()
    BoardUpdater(feed, board, deltas.append, asyncio.get_running_loop())
    for count in (1, 2):
        feed.pending = [_arrival()]
        feed.wake()
        await _rounds(lambda count=count: feed.drained == count)  # type: ignore[misc]
    assert len(deltas) == 1
    source = board.source("github")
    assert source is not None
    assert source.fresh_at == NOW + timedelta(seconds=1)


async def test_what_has_woken_nobody_is_taken_in_by_the_clock() -> None:
    feed, deltas, board = _CountingFeed(), list[BoardDelta](), stage_board()
    updater = BoardUpdater(feed, board, deltas.append, asyncio.get_running_loop())
    feed.pending = [_arrival()]
    updater.take_quiet()
    source = board.source("github")
    assert source is not None
    assert source.fresh_at == NOW + timedelta(seconds=1)
    feed.wake()
    await _rounds(lambda: feed.drained == 2)
    updater.stop()
    feed.pending = [_arrival()]
    updater.take_quiet()
    assert feed.drained == 2


async def test_nothing_is_told_where_nothing_arrived() -> None:
    feed, deltas = _CountingFeed(), list[BoardDelta]()
    BoardUpdater(feed, stage_board(), deltas.append, asyncio.get_running_loop())
    feed.wake()
    await _rounds(lambda: feed.drained == 1)
    assert deltas == []


async def test_after_the_end_nothing_is_taken_in() -> None:
    feed, deltas = _CountingFeed(), list[BoardDelta]()
    flush = BoardUpdater(feed, stage_board(), deltas.append, asyncio.get_running_loop())
    flush.stop()
    feed.pending = [_arrival()]
    feed.wake()
    flush.flush()
    assert feed.drained == 0


def test_waking_a_closed_loop_is_harmless() -> None:
    feed, loop = FakeFeed(), asyncio.new_event_loop()
    flush = BoardUpdater(feed, stage_board(), lambda _: None, loop)
    loop.close()
    flush.schedule()


async def test_a_long_list_is_taken_in_by_parts_and_complete_at_its_end_only() -> None:
    feed, board, loop = _CountingFeed(), Board({"ci": "CI"}), asyncio.get_running_loop()
    turns, heard = list[int](), list[tuple[int, bool]]()

    def changed(_: BoardDelta) -> None:
        source = board.source("ci")
        assert source is not None
        heard.append((len(board.records(Kind.BUILD)), source.scopes["web"].has_reported))
        loop.call_soon(turns.append, len(heard))

    BoardUpdater(feed, board, changed, loop)
    rows = builds(1_000)
    feed.pending = [BoardEvent("ci", change, NOW) for change in listing("web", rows)]
    feed.wake()
    await _rounds(lambda: bool(heard) and heard[-1][1])
    assert len(heard) > 1, "or else it was applied at once"
    assert [count for count, _ in heard] == sorted(count for count, _ in heard)
    assert all(count == len(rows) for count, whole in heard if whole), "no half says it is whole"
    assert set(board.records(Kind.BUILD)) == {row.ref for row in rows}
    assert turns[0] == 1, "others have their turn between two parts"


class _CountingBoard(Board):
    applied = 0

    def apply(self, events: Iterable[BoardEvent]) -> BoardDelta:
        self.applied += 1
        return super().apply(events)


async def test_the_screen_is_told_of_several_parts_together() -> None:
    feed, board, loop = _CountingFeed(), _CountingBoard({"ci": "CI"}), asyncio.get_running_loop()
    deltas = list[BoardDelta]()
    BoardUpdater(feed, board, deltas.append, loop)
    rows = builds(2_000)
    feed.pending = [BoardEvent("ci", change, NOW) for change in listing("web", rows)]
    feed.wake()
    await _rounds(lambda: len(board.records(Kind.BUILD)) == 2_000 and bool(deltas))
    await _rounds(lambda: sum(len(one.changed.get(Kind.BUILD, ())) for one in deltas) == 2_000)
    assert board.applied > 3
    assert len(deltas) <= board.applied // 3 + 1
    assert {ref for one in deltas for ref in one.changed[Kind.BUILD]} == {row.ref for row in rows}


def test_parts_keep_the_order_and_lose_nothing() -> None:
    arrivals, rows = Arrivals(), builds(500)
    events = [
        BoardEvent("ci", change, NOW) for change in (*listing("web", rows), *listing("x", []))
    ]
    arrivals.add(events)
    parts = []
    while arrivals:
        parts.append(arrivals.take(0.01))
        arrivals.took(0.01)
    flat = [event.change for part in parts for event in part]
    lists = [change for change in flat if isinstance(change, Upsert) and change.scope == "web"]
    assert len(lists) > 1
    assert [row for change in lists for row in change.records] == rows
    others = [change for change in flat if change not in lists]
    assert flat == [*lists, *others], "nothing overtakes a list that was cut"
    assert others == [event.change for event in events[1:]]


def test_what_was_quick_is_taken_in_larger_parts_and_what_was_slow_in_smaller_ones() -> None:
    arrivals = Arrivals()

    def taken(seconds: float) -> int:
        arrivals.add([BoardEvent("ci", Upsert("web", builds(1_000)), NOW)])
        part = arrivals.take(0.05)
        arrivals.took(seconds)
        while arrivals:
            arrivals.take(float("inf"))
        return sum(len(event.change.records) for event in part if isinstance(event.change, Upsert))

    first, second, third = taken(0.000_1), taken(0.1), taken(0.01)
    assert second > first > 0
    assert third < second


def test_what_waits_is_taken_in_a_few_parts_however_slow_it_is() -> None:
    arrivals = Arrivals()
    arrivals.add([BoardEvent("ci", Upsert("web", builds(200)), NOW) for _ in range(20)])
    parts = 0
    while arrivals:
        arrivals.take(0.000_1)
        arrivals.took(10.0)
        parts += 1
    assert 10 < parts <= 30
