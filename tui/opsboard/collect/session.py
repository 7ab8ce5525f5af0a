"""A session: engine, board, cache and log, put together as every command needs them."""

from collections.abc import Callable, Sequence, Set
from functools import partial
from logging import Handler
from pathlib import Path
from typing import TYPE_CHECKING, Final

from opsboard.adapter import HostEnviron
from opsboard.board.alert_acks import AlertAcks
from opsboard.board.cache import BoardCache
from opsboard.board.events import BoardEvent
from opsboard.board.state import Board
from opsboard.collect.cache_writer import CacheWriter
from opsboard.collect.engine import Engine
from opsboard.collect.log_file import close_log_file, open_log_file
from opsboard.collect.redact import Redactor
from opsboard.config.paths import Paths
from opsboard.config.resolved_source import ResolvedSource
from opsboard.environments.rules import EnvironmentRules
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.lineage.declared_services import NOTHING_DECLARED, Declarations
from opsboard.system import background

if TYPE_CHECKING:
    from opsboard.collect.history_recorder import HistoryRecorder
    from opsboard.collect.supervisor import SourceResolver
    from opsboard.history.retention import Retention
    from opsboard.startup.snapshot import StartupSettings


KEY_TIMEOUT: Final = 1.0
"""Seconds to find out who one is to the sources, before nothing is restored."""


@frozen_unchecked
class Session(Frozen):
    """*board* already holds what the last session at the same place knew.

    *warnings* are what the user should read once: a damaged cache, for instance.
    """

    board: Board
    feed: Engine
    warnings: tuple[str, ...]
    log_handler: Handler
    alert_acks: AlertAcks
    redactor: Redactor
    cache_writer: CacheWriter | None = None

    @property
    def history(self) -> "HistoryRecorder | None":
        """What records the history; ``None`` where none is kept, and until the feed is started."""
        return self.feed.history_recorder

    def problems(self) -> tuple[str, ...]:
        """Return what cannot be kept, as it was at the start or has become since."""
        kept = self.cache_writer.problem if self.cache_writer else ""
        past = self.history.problem if self.history else ""
        said = (*self.warnings, self.alert_acks.problem, kept, past)
        return tuple(dict.fromkeys(filter(None, said)))

    def close(self) -> None:
        """Stop the feed, and close every file. Takes about two seconds at most."""
        self.feed.stop()
        self.alert_acks.close()
        close_log_file(self.log_handler)


def open_session(
    sources: "Sequence[ResolvedSource] | SourceResolver",
    *,
    host_environ: HostEnviron,
    paths: Paths,
    workspace: str,
    environments: EnvironmentRules | None = None,
    cached: bool = True,
    startup_settings: "StartupSettings | None" = None,
    keys: Set[str] | None = None,
    retention: "Callable[[], Retention | None] | None" = None,
    declared: Callable[[], Declarations] = lambda: NOTHING_DECLARED,
    enrich_delay: float | None = None,
) -> Session:
    """Return a session whose feed is yet to be started.

    Only what the present logins have seen before is restored. *workspace* is what
    :func:`opsboard.board.cache.workspace_of` returns. Without *cached*, nothing is restored or
    kept: for ``status``, which shows what is true now; then the sources that are known are on the
    board from the start. *startup_settings* is what the config says, where the next start may
    paint its first frame by it. *keys* are those of the sources where they are known already;
    then *sources* may be a function that finds them, behind the first frame. With *retention*, the
    history is recorded, as soon as that returns how. *declared* returns what is declared of
    services; it is asked again once the sources are known. *enrich_delay* is for how many seconds
    what sources state is gathered before others are told of it; by default, as on the screen.
    """
    redactor = Redactor()
    log_handler = open_log_file(paths.state, redactor)
    acks = AlertAcks(paths.state)
    known = {} if cached or callable(sources) else {s.name: s.adapter.title for s in sources}
    board = Board(known, acks=acks, declared=declared)
    opener = partial(BoardCache, paths.cache)
    writer = CacheWriter(opener, workspace) if cached else None
    if keys is None and not callable(sources):
        keys = _keys(sources, host_environ) if cached else frozenset()
    restored, problem = _restore(opener, workspace, keys or frozenset()) if cached else ([], "")
    board.apply(restored)
    engine = Engine(
        sources,
        host_environ=host_environ,
        environments=environments,
        redactor=redactor,
        cache_writer=writer,
        make_history_recorder=partial(_recorder, paths.state, redactor, retention)
        if retention
        else None,
        startup_settings=startup_settings,
        restored=restored,
        enrich_delay=enrich_delay,
    )
    acks.on_change = engine.note_ack
    warnings = tuple(filter(None, (acks.problem, problem)))
    return Session(board, engine, warnings, log_handler, acks, redactor, writer)


def _recorder(
    folder: Path, redactor: Redactor, retention: "Callable[[], Retention | None]"
) -> "HistoryRecorder":
    """Return a recorder. It is imported behind the first frame."""
    from opsboard.collect.history_recorder import HistoryRecorder  # noqa: PLC0415 - see above

    return HistoryRecorder(folder, redactor, retention)


def _keys(sources: Sequence[ResolvedSource], host_environ: HostEnviron) -> Set[str]:
    """Return the keys of *sources*; none where that takes long, for the board is not kept away."""
    from opsboard.startup.login_keys import login_keys  # noqa: PLC0415 - not for a believed board

    try:
        reading = background.run_in_thread(lambda: login_keys(sources, host_environ))
        keys = reading.result(KEY_TIMEOUT)
    except TimeoutError:
        return frozenset()
    return frozenset(keys.values())


def _restore(
    opener: Callable[[], BoardCache], workspace: str, keys: Set[str]
) -> tuple[list[BoardEvent], str]:
    """Return what the cache has of the sources with *keys*, and what is wrong with the cache."""
    cache = opener()
    events = cache.restore(workspace, keys)
    problem = cache.problem
    cache.close()
    return events, problem
