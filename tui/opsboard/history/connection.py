"""Connections to the file of the ledger.

On a local file system it is in WAL mode: a reader never waits for the writer. WAL needs memory that
all programs share, which a network mount has not (https://sqlite.org/wal.html): there a rollback
journal is used, with short waits.
"""

import sqlite3
from pathlib import Path
from typing import Final

from opsboard.history.schema import prepare, version_of
from opsboard.system.mounts import is_local
from opsboard.system.private_files import refuse_other

BUSY_TIMEOUT: Final = 0.5
"""Seconds to wait for another program; then it is tried again later."""

CACHE_KIB: Final = 2_048
"""Memory for pages of the file, of each connection."""


def open_for_writing(file: Path, mounts: Path | None = None) -> sqlite3.Connection:
    """Return a connection to *file*, which exists; its tables are made or migrated.

    Raises :exc:`sqlite3.Error`, and :exc:`~opsboard.history.schema.NewerSchemaError`.
    """
    database = _connect(f"{file.absolute().as_uri()}?mode=rw")
    try:
        version_of(database)  # before anything of a later program's file is touched
        local = is_local(file.parent) if mounts is None else is_local(file.parent, mounts)
        database.execute(f"PRAGMA journal_mode = {'WAL' if local else 'DELETE'}")
        database.execute(f"PRAGMA synchronous = {'NORMAL' if local else 'FULL'}")
        database.execute("PRAGMA secure_delete = ON")
        database.execute("PRAGMA auto_vacuum = INCREMENTAL")  # of a file that is still empty
        prepare(database)
    except BaseException:
        database.close()
        raise
    return database


def open_for_reading(file: Path) -> sqlite3.Connection:
    """Return a connection to *file* that changes nothing.

    Raises :exc:`sqlite3.Error`, :exc:`OSError` for what is no plain file of this user, and
    :exc:`~opsboard.history.schema.NewerSchemaError`; the tables may be those of an earlier program,
    or missing: see :func:`~opsboard.history.schema.version_of`.
    """
    refuse_other(file)  # by a look alone: closing a second descriptor would drop SQLite's locks
    database = _connect(f"{file.absolute().as_uri()}?mode=ro")
    try:
        database.execute("PRAGMA query_only = ON")
        version_of(database)
    except BaseException:
        database.close()
        raise
    return database


def _connect(uri: str) -> sqlite3.Connection:
    database = sqlite3.connect(
        uri, uri=True, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False
    )
    database.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    return database
