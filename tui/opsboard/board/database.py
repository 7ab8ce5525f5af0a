"""Opens the program's own SQLite files: private, in WAL mode; a damaged file is replaced."""

import errno
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Final

from opsboard.text.sanitize import sanitize

BUSY_TIMEOUT: Final = 0.25
"""Seconds to wait for another process that writes; then the write fails."""
_MOST_SAID: Final = 200
_UNWRITABLE: Final = frozenset({errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC})


def open_database(file: Path, *schema: str) -> tuple[sqlite3.Connection, str]:
    """Return a connection to *file* in autocommit mode, and a notice if it had to be replaced.

    The file has mode 0600 and its folder 0700. A damaged file is renamed, not deleted.
    Raises :exc:`sqlite3.Error` or :exc:`OSError` where the file cannot be opened or made.
    """
    _make_private(file)
    try:
        return _connect(file, schema), ""
    except sqlite3.OperationalError:
        raise  # locked, read-only, disk full: not the file's fault
    except sqlite3.DatabaseError as error:
        renamed = quarantine(file)
        return _connect(
            file, schema
        ), f"{file} was damaged ({shortened(error)}); moved to {renamed.name}"


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
    """Tell whether *error* is about the content of the file: not about locks, rights or space."""
    return type(error) is sqlite3.DatabaseError


def cause_of(error: Exception) -> str:
    """Return why a file cannot be used, without numbers of errors, and what can be done about it.

    Of what SQLite says itself, the words are kept, without the bytes of the file that it quotes.
    """
    if not isinstance(error, OSError) or error.strerror is None:
        return shortened(error)
    where = f": {error.filename}" if error.filename else ""
    hint = (
        "; XDG_STATE_HOME and XDG_CACHE_HOME name other folders"
        if error.errno in _UNWRITABLE
        else ""
    )
    return f"{error.strerror}{where}{hint}"


def shortened(error: Exception) -> str:
    """Return what *error* says, on a short line that is clean, without a text that it quotes.

    Python's sqlite3 quotes the whole of a text that is not UTF-8.
    """
    said = sanitize(str(error).partition(" with text ")[0]) or type(error).__name__
    return said if len(said) <= _MOST_SAID else f"{said[:_MOST_SAID]}..."


def quarantine(file: Path) -> Path:
    """Rename the damaged *file* and put an empty one in its place; return the new name."""
    for leftover in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            file.with_name(file.name + leftover).unlink()
    renamed = file.with_name(file.name + ".damaged")
    file.replace(renamed)
    file.touch(mode=0o600)
    return renamed
