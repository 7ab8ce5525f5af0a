"""A session without a screen, for commands that read the sources once: nothing of it is kept."""

import threading
import time
from collections.abc import Iterator, Sequence, Set
from datetime import UTC, datetime
from typing import Final

from opsboard.adapter import Condition, Health, Report
from opsboard.board.cache_file import workspace_of
from opsboard.board.events import BoardEvent
from opsboard.board.state import Board
from opsboard.collect.engine import Engine
from opsboard.collect.session import Session, open_session
from opsboard.commands.setup import LoadedConfig, warn_if_demo
from opsboard.config.declarations import declarations_of
from opsboard.config.paths import current_environ, user_paths
from opsboard.config.resolved_source import ResolvedSource
from opsboard.environments.rules import EnvironmentRules
from opsboard.records import Status

SETTLE: Final = 0.25
"""Seconds to wait after all have answered: some sources report their scopes one by one."""

TOLD_AFTER: Final = 0.05
"""Seconds after which a source is told of what others have stated: nobody waits for more of it."""

ENRICHED: Final = "what others run"
"""The scope that says that a source has not told in time what it knows of that."""

_WELL: Final = frozenset({Condition.STARTING, Condition.LIVE, Condition.PARTIAL})

STEP: Final = 0.05
"""Seconds between two polls at what has arrived."""


def collect_once(feed: Engine, board: Board, seconds: float) -> None:
    """Start *feed* and apply what arrives to *board*, for at most *seconds*.

    Returns as soon as every source has answered completely, and has told what it knows of what
    others have stated: a host of repositories compares commits that only a cluster runs. A source
    that has not answered by then is shown as unreachable, one that has not told all as partial.
    Nobody looks meanwhile: all is joined once, at the end.
    """
    arrived = threading.Event()
    feed.on_wake(arrived.set)
    feed.start()
    deadline = time.monotonic() + seconds
    with board.joining_once():
        _wait(arrived, feed, board, deadline)
        board.apply(list(_late(board, _enriching(feed, board), seconds)))
        board.tick(datetime.now(UTC))


def _wait(arrived: threading.Event, feed: Engine, board: Board, deadline: float) -> None:
    answered_at: float | None = None
    while (now := time.monotonic()) < deadline:
        if not all_answered(board) or _enriching(feed, board):
            answered_at = None
        elif answered_at is None:
            answered_at = now
        elif now - answered_at >= SETTLE:
            return
        arrived.wait(min(STEP, deadline - now))
        arrived.clear()
        board.apply(feed.drain())


def _enriching(feed: Engine, board: Board) -> frozenset[str]:
    """Return the sources that are well, and have yet to tell what they know of what others state.

    What they told before is on *board* by then.
    """
    enriching = feed.enriching()
    board.apply(feed.drain())
    well = {
        one.name
        for one in board.sources()
        if one.own_health.condition in _WELL
        # where each scope fails, there is nothing that it could add to
        and one.status is not Status.FAILED
    }
    return enriching & well


def _late(board: Board, enriching: Set[str], seconds: float) -> Iterator[BoardEvent]:
    """Yield an event for each source that has not answered completely in time."""
    for source in board.sources():
        if source.has_answered and source.name in enriching:
            health = Health(
                condition=Condition.PARTIAL,
                message=f"{source.name} has not told within {seconds:g} s all that it knows of "
                "what other sources run",
                hint="wait longer with --wait-fresh",
            )
            yield BoardEvent(source.name, Report(health, ENRICHED), datetime.now(UTC))
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
        enrich_delay=TOLD_AFTER,
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
