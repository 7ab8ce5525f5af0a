"""Waiting, without a screen, until every source has answered."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from opsboard.adapter import Condition, Health, Report
from opsboard.board.events import BoardEvent
from opsboard.board.state import Board
from opsboard.collect.feed import Feed

SETTLE: Final = 0.25
"""Seconds that all sources must have answered for: some name their scopes one by one."""

STEP: Final = 0.05


def collect_once(feed: Feed, board: Board, seconds: float) -> None:
    """Start *feed* and take in what arrives, until all have answered or *seconds* are over.

    A source that has not told all by then is called unreachable.
    """
    news = threading.Event()
    feed.on_wake(news.set)
    feed.start()
    deadline = time.monotonic() + seconds
    _wait(news, feed, board, deadline)
    board.apply(list(_late(board, seconds)))
    board.tick(datetime.now(UTC))


def _wait(news: threading.Event, feed: Feed, board: Board, deadline: float) -> None:
    answered_at: float | None = None
    while (now := time.monotonic()) < deadline:
        if not all_answered(board):
            answered_at = None
        elif answered_at is None:
            answered_at = now
        elif now - answered_at >= SETTLE:
            return
        news.wait(min(STEP, deadline - now))
        news.clear()
        board.apply(feed.drain())


def _late(board: Board, seconds: float) -> Iterator[BoardEvent]:
    """Yield what is to be said of each source that has not told all in time."""
    for source in board.sources():
        if not source.has_answered:
            what = "all" if source.fresh_at else "anything"
            health = Health(
                condition=Condition.UNREACHABLE,
                message=f"{source.name} has not told {what} within {seconds:g} s",
                hint="wait longer with --wait-fresh, or see `opsboard doctor`",
            )
            yield BoardEvent(source.name, Report(health), datetime.now(UTC))


def all_answered(board: Board) -> bool:
    """Tell whether each source, and each of its scopes known so far, has said something."""
    sources = board.sources()
    return bool(sources) and all(source.has_answered for source in sources)
