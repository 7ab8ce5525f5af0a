"""Opening the program's own SQLite files: private, in WAL mode, and forgiving of damage."""

import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Final

BUSY_TIMEOUT: Final = 0.25
"""Seconds to wait for another board that writes; then this one goes without."""


def open_database(file: Path, *schema: str) -> tuple[sqlite3.Connection, str]:
    """Return a connection to *file* in autocommit mode, and a notice if it had to be replaced.

    The file has mode 0600 and its folder 0700. A damaged file is set aside, not deleted.
    Raises :exc:`sqlite3.Error` or :exc:`OSError` where no database can be had.
    """
    _make_private(file)
    try:
        return _connect(file, schema), ""
    except sqlite3.OperationalError:
        raise  # locked, read-only, disk full: not the file's fault
    except sqlite3.DatabaseError as error:
        aside = quarantine(file)
        return _connect(file, schema), f"{file} was damaged ({error}); moved to {aside.name}"


def _make_private(file: Path) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.touch(mode=0o600)


def _connect(file: Path, schema: tuple[str, ...]) -> sqlite3.Connection:
    database = sqlite3.connect(
        file, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False
    )
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        for statement in schema:
            database.execute(statement)
    except BaseException:
        database.close()
        raise
    return database


def is_damage(error: Exception) -> bool:
    """Tell whether *error* says that the file itself is at fault: not locks, rights or space."""
    return type(error) is sqlite3.DatabaseError


def quarantine(file: Path) -> Path:
    """Rename the damaged *file*, so that the next one to open it begins anew; return its name."""
    for leftover in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            file.with_name(file.name + leftover).unlink()
    aside = file.with_name(file.name + ".damaged")
    file.replace(aside)
    file.touch(mode=0o600)
    return aside
