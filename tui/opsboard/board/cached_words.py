"""What completion reads of the last known board: quickly, and without changing the file.

Only the owner's own file is read, and only where nobody else may: with ``sudo`` or a shared folder,
the words of one login would be shown to another.
"""

import json
import os
import re
import sqlite3
import stat
from collections.abc import Iterator, Sequence, Set
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from opsboard.board.cache_file import FILE_NAME
from opsboard.board.database import BUSY_TIMEOUT

MAX_BYTES: Final = 4 * 2**20
"""Bytes of records that are searched for one word; a longer prefix reaches the rest."""

_BETWEEN_PARTS: Final = re.compile(r"[/:\"\\]")


class CachedSession(NamedTuple):
    """What the last session left: its words and its start-up snapshot as JSON, its login keys."""

    words: str
    snapshot: str
    keys: Set[str]


class CachedTarget(NamedTuple):
    """What names a record of *kind*."""

    kind: str
    source: str
    id: str
    name: str
    namespace: str
    environment: str


@contextmanager
def cached_words(folder: Path) -> Iterator["CachedWords | None"]:
    """Open the file in *folder* to read; yield ``None`` where it is missing or not private."""
    file = folder / FILE_NAME
    if not _is_private(file):
        yield None
        return
    uri = f"{file.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT)) as database:
        yield CachedWords(database)


class CachedWords:
    """The open file. Each method raises :exc:`sqlite3.Error` or :exc:`ValueError` for damage."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def session(self, place: str) -> CachedSession | None:
        """Return what the last session in *place* left, if it left all of it."""
        row = self._database.execute(
            "SELECT words, sealed, members FROM session JOIN seal USING (place) "
            "JOIN words USING (place) WHERE place = ?",
            (place,),
        ).fetchone()
        if not row or not row[0] or not row[1]:
            return None
        return CachedSession(row[0], row[1], frozenset(key for *_, key in json.loads(row[2])))

    def targets(
        self, keys: Set[str], kinds: Set[str] | None, prefix: str
    ) -> Iterator[CachedTarget]:
        """Yield the records of *kinds* (``None``: all) that the sources with *keys* had.

        Scopes where nothing holds the last part of *prefix* are passed over.
        """
        part = _BETWEEN_PARTS.split(prefix)[-1]
        marks = ", ".join("?" * len(keys))
        rows = self._database.execute(
            f"SELECT kind, records FROM shelf WHERE key IN ({marks}) "  # noqa: S608 - only marks
            "AND instr(records, CAST(? AS BLOB)) ORDER BY fresh_at DESC",
            (*keys, part),
        )
        left = MAX_BYTES
        for column, packed in rows:
            kind = column.partition("@")[0]
            if kinds is not None and kind not in kinds:
                continue
            if (left := left - len(packed)) < 0:
                return
            yield from (_target(kind, plain) for plain in json.loads(packed))


def _target(kind: str, plain: dict[str, Any]) -> CachedTarget:
    texts = (str(plain.get(name) or "") for name in CachedTarget._fields[1:])
    return CachedTarget(kind, *texts)


def _is_private(file: Path) -> bool:
    """Tell whether *file* is this user's, and nobody else may read or replace it."""
    try:
        states: Sequence[os.stat_result] = (file.stat(), file.parent.stat())
    except OSError:
        return False
    return all(
        state.st_uid == os.geteuid() and not stat.S_IMODE(state.st_mode) & 0o077 for state in states
    )
