"""The history for commands: of the present sources and their present logins, and of no others."""

from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from opsboard.acting.actor import current_actor
from opsboard.acting.audit.action_history import action_runs, activity_of
from opsboard.acting.audit.log import AuditError, AuditLog
from opsboard.acting.run_locks import RunLocks
from opsboard.collect.context import SystemClock
from opsboard.commands.setup import warn
from opsboard.config.paths import current_environ, user_paths
from opsboard.config.resolved_source import ResolvedSource
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.history.ledger_file import FILE_NAME, LedgerError
from opsboard.history.logins import recorded_sources
from opsboard.history.model import SourceId
from opsboard.history.reader import LedgerReader
from opsboard.history.time_expression import TimeExpressionError, parse_since, parse_time
from opsboard.records import Activity
from opsboard.startup.login_keys import login_keys
from opsboard.system.local_zone import LOCAL_ZONE


@frozen_unchecked
class History(Frozen):
    """*reader* reads what was recorded of *sources*, which are names with their titles.

    *problem* says why there is nothing to read, and what to do about it; otherwise it is empty.
    """

    reader: LedgerReader
    sources: Mapping[str, str]
    problem: str


@contextmanager
def open_history(sources: Sequence[ResolvedSource]) -> Iterator[History]:
    """Open the history of *sources* for as long as the block runs."""
    file = user_paths().state / FILE_NAME
    ids: Mapping[str, SourceId] = {}
    try:
        ids = recorded_sources(file, login_keys(sources, current_environ()))
        problem = "" if ids else _nothing(file.exists())
    except LedgerError as error:
        problem = str(error)
    reader = LedgerReader(file, ids)
    try:
        yield History(reader, {source.name: source.adapter.title for source in sources}, problem)
    finally:
        reader.close()
    if reader.problem and reader.problem != problem:
        warn(reader.problem)


def _nothing(is_there: bool) -> str:
    whose = " for these logins" if is_there else ""
    return f"no history is recorded{whose} yet; `opsboard watch --record` records without a screen"


def known_acts() -> Sequence[Activity]:
    """Return what was done from here, from the audit trail; warns where it cannot be read."""
    log = AuditLog(user_paths().state, current_actor(current_environ().env), SystemClock())
    try:
        return [activity_of(run) for run in action_runs(log.entries(), RunLocks(log.file.parent))]
    except AuditError as error:
        warn(str(error))
        return ()


def time_of(words: str | Sequence[str], now: datetime) -> datetime | None:
    """Return the time that *words* name; warns and returns ``None`` where they name none."""
    try:
        return parse_time(words if isinstance(words, str) else " ".join(words), now, LOCAL_ZONE)
    except TimeExpressionError as error:
        warn(str(error))
        return None


def since_of(options: Namespace, now: datetime) -> datetime | None:
    """Return when ``--since`` of *options* begins; warns and returns ``None`` for a bad one."""
    try:
        return parse_since(options.since, now, LOCAL_ZONE)
    except TimeExpressionError as error:
        warn(f"--since: {error}")
        return None
