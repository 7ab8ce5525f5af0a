"""Whose history a login may read while no server is asked: what was recorded under its key."""

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from opsboard.board.database import cause_of
from opsboard.history.connection import open_for_reading
from opsboard.history.ledger_file import LedgerError
from opsboard.history.model import SourceId
from opsboard.history.schema import NewerSchemaError, version_of


def recorded_sources(file: Path, keys: Mapping[str, str]) -> dict[str, SourceId]:
    """Return the sources in the ledger *file* that belong to the logins in *keys*.

    *keys* are names of sources with the keys of their present logins
    (:func:`opsboard.startup.login_keys.login_keys`), empty where that is not known. A login
    under which nothing was recorded has no history, whatever there is of others.

    Raises :exc:`LedgerError` where the file cannot be read: that says nothing of what is in it.
    """
    if not os.path.lexists(file):
        return {}
    try:
        with closing(open_for_reading(file)) as database:
            return _found(database, keys) if version_of(database) else {}
    except (sqlite3.Error, OSError, NewerSchemaError) as error:
        raise LedgerError(f"the history cannot be read in {file}: {cause_of(error)}") from None


def _found(database: sqlite3.Connection, keys: Mapping[str, str]) -> dict[str, SourceId]:
    found: dict[str, SourceId] = {}
    for name, key in keys.items():
        row = database.execute(
            "SELECT s.address, s.principal, s.login FROM login l JOIN source s"
            " ON s.id = l.source WHERE l.key = ?",
            (key,),
        ).fetchone()
        if key and row is not None:
            found[name] = SourceId(*row)
    return found
