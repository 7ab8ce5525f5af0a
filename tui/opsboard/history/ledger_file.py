"""The file of the ledger: opened, made where it is missing, and left whole whatever happens to it.

A full or read-only folder, a damaged file, one that somebody has moved away and one of a later
program are told by :exc:`LedgerError`; what is damaged is renamed, and begun again.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from opsboard.board.database import cause_of, is_damage, quarantine
from opsboard.history.connection import open_for_writing
from opsboard.history.schema import NewerSchemaError
from opsboard.system.private_files import ensure_private, open_private

FILE_NAME: Final = "history-1.db"


class LedgerError(Exception):
    """The ledger cannot be used. The text says which file, why, and what to do."""


class ReplacedError(OSError):
    """The file that was open is not the one of its name any more."""


class LedgerFile:
    """The file in *folder*. It is opened, and made where it is missing, by the first use.

    A damaged file is renamed and begun again; :attr:`notice` says so.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder / FILE_NAME
        self.notice = ""
        self._database: sqlite3.Connection | None = None
        self._opened: tuple[int, int] | None = None

    def close(self) -> None:
        """Close the file."""
        if self._database is not None:
            self._database.close()
            self._database = None
        self.forget_numbers()

    def forget_numbers(self) -> None:
        """Forget what is remembered of its rows: they may be others by now."""

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Open the file where it is not, and begin a transaction; within one, go on with it."""
        with self._explaining():
            database = self._open()
            if database.in_transaction:
                yield database
                return
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
            except BaseException:
                self.forget_numbers()
                with suppress(sqlite3.Error):
                    database.execute("ROLLBACK")
                raise
            database.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Open the file where it is not."""
        with self._explaining():
            yield self._open()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Let all that is written within be one transaction: all of it, or nothing."""
        with self.writing():
            yield

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except NewerSchemaError as error:
            self.close()
            raise LedgerError(f"{self.file}: {error}") from None
        except (sqlite3.Error, OSError, OverflowError) as error:
            self.close()
            moved = ""
            if is_damage(error) and _number_of(self.file) == self._opened:
                with suppress(OSError):
                    moved = quarantine(self.file).name
                    self.notice = f"{self.file} was damaged ({cause_of(error)}); moved to {moved}"
            begun = f"; it is moved to {moved}, and begun again" if moved else ""
            what = f"{cause_of(error)}{begun}"
            raise LedgerError(f"the history cannot be kept in {self.file}: {what}") from None

    def _open(self) -> sqlite3.Connection:
        in_use = self._database is not None and not self._database.in_transaction
        if in_use and _number_of(self.file) != self._opened:  # SQLite would go on without its name
            self.close()
            raise ReplacedError("somebody has moved it away, or put another one in its place")
        if self._database is None:
            ensure_private(self.file.parent)
            os.close(open_private(self.file, os.O_RDWR | os.O_CREAT))
            self._opened = _number_of(self.file)
            self._database = open_for_writing(self.file)
        return self._database


def _number_of(file: Path) -> tuple[int, int] | None:
    """Return by which number the system knows *file*, whatever it is called."""
    try:
        found = file.lstat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
