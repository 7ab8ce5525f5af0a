"""Whose history a login may read while no server is asked: what was recorded under its key."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path

from opsboard.history.connection import open_for_reading
from opsboard.history.model import SourceId
from opsboard.history.schema import NewerSchemaError


def recorded_sources(file: Path, keys: Mapping[str, str]) -> dict[str, SourceId]:
    """Return the sources in the ledger *file* that belong to the logins in *keys*.

    *keys* are names of sources with the keys of their present logins
    (:func:`opsboard.startup.login_fingerprint.login_keys`), empty where that is not known. A login
    under which nothing was recorded has no history, whatever there is of others.
    """
    found: dict[str, SourceId] = {}
    if not file.exists():
        return found
    with (
        suppress(sqlite3.Error, OSError, NewerSchemaError),
        closing(open_for_reading(file)) as database,
    ):
        for name, key in keys.items():
            row = database.execute(
                "SELECT s.address, s.principal, s.login FROM login l JOIN source s"
                " ON s.id = l.source WHERE l.key = ?",
                (key,),
            ).fetchone()
            if key and row is not None:
                found[name] = SourceId(*row)
    return found
