"""A session: engine, board, cache, notices and log, put together as every command needs them."""

from collections.abc import Callable, Sequence, Set
from functools import partial
from logging import Handler
from typing import TYPE_CHECKING, Final

from opsboard.adapter import HostEnviron
from opsboard.board.cache import Cache
from opsboard.board.notices import Notices
from opsboard.board.state import Board
from opsboard.collect.engine import Engine
from opsboard.collect.journal import close_journal, open_journal
from opsboard.collect.keeper import Keeper
from opsboard.collect.keys import identify
from opsboard.collect.redact import Redactor
from opsboard.config.paths import Paths
from opsboard.config.resolved_source import ResolvedSource
from opsboard.environments.rules import EnvironmentRules
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.system import background

if TYPE_CHECKING:
    from opsboard.collect.crew import Resolve
    from opsboard.collect.recall import Told


PATIENCE: Final = 1.0
"""Seconds to find out who one is to the sources, before nothing is restored."""


@frozen_unchecked
class Session(Frozen):
    """*board* already holds what the last session at the same place knew.

    *warnings* are what the user should read once: a damaged cache, for instance.
    """

    board: Board
    feed: Engine
    warnings: tuple[str, ...]
    journal: Handler
    notices: Notices
    redactor: Redactor
    keeper: Keeper | None = None

    def problems(self) -> tuple[str, ...]:
        """Return what cannot be kept, as it was at the start or has become since."""
        kept = self.keeper.problem if self.keeper else ""
        return tuple(dict.fromkeys(filter(None, (*self.warnings, self.notices.problem, kept))))

    def close(self) -> None:
        """Stop the feed, and close every file. Takes about two seconds at most."""
        self.feed.stop()
        self.notices.close()
        close_journal(self.journal)


def open_session(
    sources: "Sequence[ResolvedSource] | Resolve",
    *,
    host_environ: HostEnviron,
    paths: Paths,
    place: str,
    environments: EnvironmentRules | None = None,
    cached: bool = True,
    told: "Told | None" = None,
    keys: Set[str] | None = None,
) -> Session:
    """Return a session whose feed is yet to be started.

    Only what the present logins have seen before is restored. *place* is what
    :func:`opsboard.board.cache.place_of` returns. Without *cached*, nothing is restored or
    kept: for ``status``, which shows what is true now. *told* is what the config says, where
    the next start may believe it. *keys* are those of the sources where they are known already;
    then *sources* may be a function that finds them, behind the first frame. Sources that are known
    are on the board from the start where nothing is cached: however soon it is looked at, none of
    them is missing.
    """
    redactor = Redactor()
    journal = open_journal(paths.state, redactor)
    notices = Notices(paths.state)
    known = {} if cached or callable(sources) else {s.name: s.adapter.title for s in sources}
    board = Board(known, notices=notices)
    opener = partial(Cache, paths.cache)
    keeper = Keeper(opener, place) if cached else None
    if keys is None and not callable(sources):
        keys = _keys(sources, host_environ) if cached else frozenset()
    problem = _restore(opener, place, keys or frozenset(), board) if cached else ""
    engine = Engine(
        sources,
        host_environ=host_environ,
        environments=environments,
        redactor=redactor,
        keeper=keeper,
        told=told,
    )
    warnings = tuple(filter(None, (notices.problem, problem)))
    return Session(board, engine, warnings, journal, notices, redactor, keeper)


def _keys(sources: Sequence[ResolvedSource], host_environ: HostEnviron) -> Set[str]:
    """Return the keys of *sources*; none where that takes long, for the board is not kept away."""
    try:
        keys, _ = background.run_in_thread(lambda: identify(sources, host_environ)).result(PATIENCE)
    except TimeoutError:
        return frozenset()
    return frozenset(keys.values())


def _restore(opener: Callable[[], Cache], place: str, keys: Set[str], board: Board) -> str:
    cache = opener()
    board.apply(cache.restore(place, keys))
    problem = cache.problem
    cache.close()
    return problem
