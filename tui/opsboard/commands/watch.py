"""``opsboard watch``: the sources without a screen; with ``--record``, their history is kept."""

import signal
import sys
import threading
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType
from typing import Final

from opsboard.board.cache_file import workspace_of
from opsboard.board.source_state import SourceState
from opsboard.board.state import Board
from opsboard.collect.session import Session, open_session
from opsboard.commands.setup import (
    LoadedConfig,
    read_config,
    sources_to_ask,
    warn,
    warn_if_demo,
)
from opsboard.config.paths import current_environ, user_paths
from opsboard.config.resolved_source import ResolvedSource
from opsboard.environments.rules import EnvironmentRules
from opsboard.history.retention import retention_of
from opsboard.system.exit_codes import ExitCode
from opsboard.text.escaping import escaped

TICK: Final = 1.0
"""Seconds between two looks at what is overdue."""

_ENDING: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


def run(options: Namespace) -> int:
    """Watch until a signal ends it; return the exit code."""
    setup = read_config(options)
    sources = sources_to_ask(setup)
    if not sources:
        return ExitCode.USAGE
    if options.record and not setup.config.settings.history.enabled:
        warn("--record: [history] in the config has enabled = false")
        return ExitCode.USAGE
    for problem in setup.config.problems:
        warn(str(problem))
    warn_if_demo(sources)
    session = _session(setup, sources, record=options.record)
    with ended_by_signal() as ending:
        try:
            _watch(session, ending)
        finally:
            session.close()
    return ExitCode.OK


def _session(setup: LoadedConfig, sources: tuple[ResolvedSource, ...], *, record: bool) -> Session:
    host_environ = current_environ()
    return open_session(
        sources,
        host_environ=host_environ,
        paths=user_paths(),
        workspace=workspace_of(setup.file, host_environ.cwd),
        environments=EnvironmentRules(setup.config.settings.environments),
        cached=False,
        retention=(lambda: retention_of(setup.config.settings)) if record else None,
    )


def _watch(session: Session, ending: threading.Event) -> None:
    """Print how each source is doing, a line whenever that changes."""
    said = Changes()
    arrived = threading.Event()
    session.feed.on_wake(arrived.set)
    session.feed.start()
    while not ending.is_set():
        arrived.wait(TICK)
        arrived.clear()
        now = datetime.now(UTC)
        session.board.apply(session.feed.drain())
        session.board.tick(now)
        for line in said.lines(session.board, session.problems(), now):
            sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


class Changes:
    """What was printed of each source, so that only news is printed."""

    def __init__(self) -> None:
        self._sources: dict[str, tuple[str, str]] = {}
        self._problems: set[str] = set()

    def lines(self, board: Board, problems: tuple[str, ...], now: datetime) -> Iterator[str]:
        """Yield a line for each source, and each problem, that is not as it was."""
        for source in board.sources():
            state = (str(source.health.condition), source.health.message)
            if self._sources.get(source.name) != state:
                self._sources[source.name] = state
                yield _line(now, source)
        for problem in problems:
            if problem not in self._problems:
                yield f"{iso_time(now)} {escaped(problem)}"
        self._problems = set(problems)


def _line(now: datetime, source: SourceState) -> str:
    records = sum(scope.records for scope in source.scopes.values())
    text = f"{iso_time(now)} {source.name}: {source.health.condition}, {records:,} records"
    return escaped(f"{text}: {source.health.message}" if source.health.message else text)


def iso_time(now: datetime) -> str:
    """Return *now*, which is in UTC, in ISO 8601 to the second."""
    return f"{now:%Y-%m-%dT%H:%M:%SZ}"


@contextmanager
def ended_by_signal() -> Iterator[threading.Event]:
    """Set the event that is yielded when the program is asked to end.

    The main thread must not wait for it: the handler runs there, and would wait for its lock.
    """
    ending = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ending.set()

    before: dict[signal.Signals, Callable[..., object] | int | None] = {
        number: signal.signal(number, end) for number in _ENDING
    }
    try:
        yield ending
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
