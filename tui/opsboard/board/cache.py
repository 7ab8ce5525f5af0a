"""The last known board, in SQLite: painted at once on the next start, marked with its age.

What a source showed is kept under a hash of its name, settings and login (`source_key`), so
that one login never sees what another one saw. The sources of the last session are kept by
*workspace*: the config file, or the folder where there is none.

Only what the numbered panes show is kept. Pods and events are many and short-lived: to restore them
would take time, and most of them would be gone.
"""

import json
import logging
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from heapq import nlargest
from pathlib import Path
from typing import Final, NamedTuple

from opsboard.board.cache_file import FILE_NAME, SCHEMA
from opsboard.board.database import cause_of, is_damage, open_database, quarantine
from opsboard.board.events import BoardEvent, RestoredScope, SourceInfo
from opsboard.kinds.registry import KINDS
from opsboard.records import Kind, Record, newest
from opsboard.records.codec import from_plain, to_plain
from opsboard.system.background import run_in_thread

_log = logging.getLogger(__name__)

MAX_RECORDS: Final = 500
"""Records of one scope and kind that are kept: by severity, then the newest."""

RETENTION: Final = timedelta(days=14)
"""What nobody has confirmed for so long is deleted."""

LOAD_TIMEOUT: Final = 0.5
"""Seconds that an adapter may take to be imported for the sake of its cached records."""


class CachedScope(NamedTuple):
    """What is kept of one kind in one scope of the source with *key*."""

    key: str
    scope: str
    kind: Kind
    fresh_at: datetime
    records: Sequence[Record]


class BoardCache:
    """The cache file in *folder*. Never raises; :attr:`problem` says what went wrong, if any."""

    def __init__(self, folder: Path) -> None:
        self.problem = ""
        self._file = folder / FILE_NAME
        self._database: sqlite3.Connection | None = None
        try:
            self._database, self.problem = open_database(self._file, *SCHEMA)
        except (sqlite3.Error, OSError) as error:
            self._fail(error)

    def close(self) -> None:
        """Close the file; nothing is restored or kept from now on."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def restore(self, workspace: str, keys: Set[str]) -> list[BoardEvent]:
        """Return what the last session in *workspace* knew of the sources with *keys*."""
        if self._database is None:
            return []
        try:
            return list(self._restore(self._database, workspace, keys))
        except (sqlite3.Error, ValueError, TypeError, OverflowError, OSError) as error:
            self._fail(error)
            return []

    def snapshot(self, workspace: str) -> tuple[str, Set[str]]:
        """Return the start-up snapshot of the last session in *workspace*, and its login keys."""
        if self._database is None:
            return "", frozenset()
        try:
            row = self._database.execute(
                "SELECT sealed, members FROM seal JOIN session USING (place) WHERE place = ?",
                (workspace,),
            ).fetchone()
            return (
                (row[0], frozenset(key for *_, key in json.loads(row[1])))
                if row
                else ("", frozenset())
            )
        except (sqlite3.Error, ValueError, TypeError) as error:
            self._fail(error)
        return "", frozenset()

    def save_sources(
        self,
        workspace: str,
        sources: Mapping[str, SourceInfo],
        now: datetime,
        snapshot: str = "",
        words: str = "",
    ) -> None:
        """Keep the list of sources in *workspace*, and delete what is too old.

        *snapshot* is a :class:`opsboard.startup.snapshot.StartupSnapshot` as JSON; where it is
        empty, the next start reads the config before it paints. *words* are those of
        :mod:`opsboard.collect.command_words`; completion reads them while the snapshot holds.
        """
        listed = [[name, info.title, info.key] for name, info in sources.items()]
        oldest = (now - RETENTION).timestamp()
        self._write(
            ("INSERT OR REPLACE INTO session VALUES (?, ?, ?)",
             [(workspace, json.dumps(listed), now.timestamp())]),
            ("INSERT OR REPLACE INTO seal VALUES (?, ?)", [(workspace, snapshot)]),
            ("INSERT OR REPLACE INTO words VALUES (?, ?)", [(workspace, words)]),
            ("DELETE FROM shelf WHERE fresh_at < ?", [(oldest,)]),
            ("DELETE FROM session WHERE seen_at < ?", [(oldest,)]),
            ("DELETE FROM seal WHERE place NOT IN (SELECT place FROM session)", [()]),
            ("DELETE FROM words WHERE place NOT IN (SELECT place FROM session)", [()]),
        )  # fmt: skip

    def save(self, scopes: Iterable[CachedScope]) -> bool:
        """Keep *scopes*, each in place of what was there; return whether that was possible.

        One without records is deleted, so that a scope that is gone leaves nothing.
        """
        names: list[tuple[object, ...]] = []
        rows: list[tuple[object, ...]] = []
        for scope in scopes:
            name = (scope.key, scope.scope, _column_value(scope.kind))
            names.append(name)
            if scope.records:
                rows.append((*name, scope.fresh_at.timestamp(), _pack(scope)))
        return self._write(
            ("DELETE FROM shelf WHERE key = ? AND scope = ? AND kind = ?", names),
            ("INSERT INTO shelf VALUES (?, ?, ?, ?, ?)", rows),
        )

    def confirm(self, fresh: Iterable[tuple[str, str, datetime]]) -> None:
        """Keep when each scope was last confirmed; *fresh* are triples of key, scope and time."""
        rows = [(at.timestamp(), key, scope) for key, scope, at in fresh]
        self._write(("UPDATE shelf SET fresh_at = ? WHERE key = ? AND scope = ?", rows))

    def _restore(
        self, database: sqlite3.Connection, workspace: str, keys: Set[str]
    ) -> Iterator[BoardEvent]:
        row = database.execute(
            "SELECT members FROM session WHERE place = ?", (workspace,)
        ).fetchone()
        for name, title, key in json.loads(row[0]) if row else ():
            if key in keys:
                yield from self._unpack_source(database, name, SourceInfo(title, key))

    def _unpack_source(
        self, database: sqlite3.Connection, name: str, info: SourceInfo
    ) -> Iterator[BoardEvent]:
        rows = database.execute(
            "SELECT scope, kind, fresh_at, records FROM shelf WHERE key = ?", (info.key,)
        )
        for scope, kind, fresh_at, packed in rows:
            try:
                records = _unpack(_kind_called(kind), packed)
            except Exception as error:  # of a program with other records, or a third party's class
                _log.info("cached records of the kind %s are dropped: %s", kind, error)
                continue
            at = datetime.fromtimestamp(fresh_at, UTC)
            yield BoardEvent(name, RestoredScope(scope, records, info), at)

    def _write(self, *statements: tuple[str, Sequence[tuple[object, ...]]]) -> bool:
        if self._database is None:
            return False
        try:
            self._database.execute("BEGIN IMMEDIATE")
            with self._database:
                for statement, rows in statements:
                    self._database.executemany(statement, rows)
        except sqlite3.Error as error:
            self._fail(error)
            return False
        return True

    def _fail(self, error: Exception) -> None:
        self.problem = f"the last known board cannot be kept in {self._file}: {cause_of(error)}"
        if is_damage(error):
            self.close()
            with suppress(OSError):
                self.problem += f"; moved to {quarantine(self._file).name}, the next start is clean"


def cached_kinds() -> frozenset[Kind]:
    """Return the kinds of record that are kept."""
    return frozenset(kind.name for kind in KINDS if kind.cached)


def _column_value(name: Kind) -> str:
    """Return how the kind called *name* is written in the file: ``backup@nightly``.

    What follows the ``@`` is the adapter that declares it.
    """
    kind = KINDS.get(name)
    return f"{name}@{kind.origin}" if kind is not None and kind.origin else str(name)


def _kind_called(value: str) -> Kind:
    """Return the kind that the file calls *value*; loads the adapter that declares it.

    That costs an import before the first frame, for those who have such an adapter, and is given up
    after half a second. One that is not installed any more cannot be loaded: its records are
    dropped.
    """
    name, _, origin = value.partition("@")
    kind = Kind(name)
    if origin and KINDS.get(kind) is None:
        from opsboard.config.registry import (  # noqa: PLC0415 - only for such a kind
            RegistryError,
            load_adapter,
        )

        with suppress(RegistryError, TimeoutError):
            run_in_thread(lambda: load_adapter(origin)).result(LOAD_TIMEOUT)
    return kind


def _pack(scope: CachedScope) -> bytes:
    records: Sequence[Record] = scope.records
    if len(records) > MAX_RECORDS:
        records = nlargest(MAX_RECORDS, records, key=_priority)
    return json.dumps(list(map(to_plain, records)), ensure_ascii=False).encode()


def _unpack(kind: Kind, packed: bytes) -> list[Record]:
    if KINDS.get(kind) is None:
        raise ValueError("no adapter that is installed declares it")
    return [from_plain(kind, plain) for plain in json.loads(packed)]


def _priority(record: Record) -> tuple[int, float]:
    time = newest(record.updated_at, record.created_at)
    return record.status.severity, time.timestamp() if time else 0.0
