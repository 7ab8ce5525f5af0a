"""Waiting, without a screen, until every source has answered."""

import threading
import time
from typing import Final

from opsboard.board.state import Board
from opsboard.collect.feed import Feed

SETTLE: Final = 0.5
"""Seconds that all sources must have answered for: some answer scope by scope."""

STEP: Final = 0.05


def collect(feed: Feed, board: Board, seconds: float) -> None:
    """Start *feed* and take in what arrives, until all have answered or *seconds* are over."""
    news = threading.Event()
    feed.listen(news.set)
    feed.start()
    deadline = time.monotonic() + seconds
    answered_at: float | None = None
    while (now := time.monotonic()) < deadline:
        if not answered(board):
            answered_at = None
        elif answered_at is None:
            answered_at = now
        elif now - answered_at >= SETTLE:
            return
        news.wait(min(STEP, deadline - now))
        news.clear()
        board.apply(feed.drain())


def answered(board: Board) -> bool:
    """Tell whether each source, and each of its scopes known so far, has said something."""
    sources = board.sources()
    return bool(sources) and all(source.answered for source in sources)
