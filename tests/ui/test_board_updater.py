"""How arrivals reach the board: coalesced, from any thread, never after the end."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from threading import Thread

from opsboard.adapter import Condition, Fresh, Health, Report
from opsboard.board.events import BoardEvent
from opsboard.board.state import BoardDelta
from opsboard.ui.board_updater import BoardUpdater
from tests.ui.app_harness import NOW, FakeFeed, stage_board


def _arrival() -> BoardEvent:
    return BoardEvent("github", Fresh("shop/api"), NOW + timedelta(seconds=1))


class _CountingFeed(FakeFeed):
    drained = 0

    def drain(self) -> Sequence[BoardEvent]:
        self.drained += 1
        return super().drain()


async def _rounds(true: Callable[[], bool]) -> None:
    for _ in range(1_000):
        if true():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it never became true")


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
