"""A session without a screen, for commands that read the sources once: nothing of it is kept."""

import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from opsboard.adapter import Condition, Health, Report
from opsboard.board.cache import workspace_of
from opsboard.board.events import BoardEvent
from opsboard.board.state import Board
from opsboard.collect.feed import Feed
from opsboard.collect.session import Session, open_session
from opsboard.commands.setup import LoadedConfig, warn_if_demo
from opsboard.config.declarations import declarations_of
from opsboard.config.paths import current_environ, user_paths
from opsboard.config.resolved_source import ResolvedSource
from opsboard.environments.rules import EnvironmentRules

SETTLE: Final = 0.25
"""Seconds to wait after all have answered: some sources report their scopes one by one."""

STEP: Final = 0.05
"""Seconds between two polls at what has arrived."""


def collect_once(feed: Feed, board: Board, seconds: float) -> None:
    """Start *feed* and apply what arrives to *board*, for at most *seconds*.

    Returns as soon as every source has answered completely; one that has not by then is shown as
    unreachable.
    """
    arrived = threading.Event()
    feed.on_wake(arrived.set)
    feed.start()
    deadline = time.monotonic() + seconds
    _wait(arrived, feed, board, deadline)
    board.apply(list(_late(board, seconds)))
    board.tick(datetime.now(UTC))


def _wait(arrived: threading.Event, feed: Feed, board: Board, deadline: float) -> None:
    answered_at: float | None = None
    while (now := time.monotonic()) < deadline:
        if not all_answered(board):
            answered_at = None
        elif answered_at is None:
            answered_at = now
        elif now - answered_at >= SETTLE:
            return
        arrived.wait(min(STEP, deadline - now))
        arrived.clear()
        board.apply(feed.drain())


def _late(board: Board, seconds: float) -> Iterator[BoardEvent]:
    """Yield an event for each source that has not answered completely in time."""
    for source in board.sources():
        if not source.has_answered:
            what = "completely" if source.fresh_at else "at all"
            health = Health(
                condition=Condition.UNREACHABLE,
                message=f"{source.name} has not answered {what} within {seconds:g} s",
                hint="wait longer with --wait-fresh, or see `opsboard doctor`",
            )
            yield BoardEvent(source.name, Report(health), datetime.now(UTC))


def all_answered(board: Board) -> bool:
    """Return whether each source, and each of its scopes known so far, has answered."""
    sources = board.sources()
    return bool(sources) and all(source.has_answered for source in sources)


def headless_session(setup: LoadedConfig, sources: Sequence[ResolvedSource]) -> Session:
    """Return a session of *sources*; its feed is not started yet. Warns if it is the demo."""
    warn_if_demo(sources)
    host_environ = current_environ()
    return open_session(
        sources,
        host_environ=host_environ,
        paths=user_paths(),
        workspace=workspace_of(setup.file, host_environ.cwd),
        environments=EnvironmentRules(setup.config.settings.environments),
        cached=False,
        declared=lambda: declarations_of(setup.config.settings),
    )


def collect_board(setup: LoadedConfig, sources: Sequence[ResolvedSource], seconds: float) -> Board:
    """Return the board once every source has answered, or so many *seconds* have passed."""
    session = headless_session(setup, sources)
    try:
        collect_once(session.feed, session.board, seconds)
    finally:
        session.close()
    return session.board
