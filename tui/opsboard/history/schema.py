"""The tables of the ledger, their version, and how earlier ones are migrated.

``PRAGMA user_version`` is the schema's. A file of a later one is left alone: its program knows more
than this one. One of an earlier one is migrated, in one transaction, by the steps in
:data:`MIGRATIONS`; each was the newest schema once.

Times are whole microseconds since 1970. A transition keeps *earliest* and *seen* as distances from
its time, since small numbers take less room.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final

APPLICATION_ID: Final = 0x6F707362
"""``opsb``: what file(1) and SQLite know the file by."""

SCHEMA: Final = 2

_ALERT_ACK: Final = """
    CREATE TABLE alert_ack (
        source INTEGER NOT NULL, kind TEXT NOT NULL, record TEXT NOT NULL, at INTEGER NOT NULL,
        state TEXT NOT NULL, until INTEGER, who TEXT NOT NULL, layout INTEGER NOT NULL, alert BLOB,
        PRIMARY KEY (source, kind, record, at)
    ) WITHOUT ROWID
    """
"""Which alerts were acknowledged and snoozed; ``who`` is JSON: actor, reason. Since schema 2."""

TABLES: Final = (
    # whose history it is; ``name`` and ``title`` are what it was called last
    """
    CREATE TABLE source (
        id INTEGER PRIMARY KEY, address TEXT NOT NULL, principal TEXT NOT NULL, login TEXT NOT NULL,
        name TEXT NOT NULL, title TEXT NOT NULL, since INTEGER NOT NULL,
        UNIQUE (address, principal, login)
    )
    """,
    # which logins (hashes) the server has named so: for reading while it cannot be asked
    """
    CREATE TABLE login (
        key TEXT PRIMARY KEY, source INTEGER NOT NULL, seen INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
    # a board or a recorder that runs; ``beat`` counts on as long as it lives
    """
    CREATE TABLE writer (
        id TEXT PRIMARY KEY, beat INTEGER NOT NULL, at INTEGER NOT NULL, label TEXT NOT NULL
    ) WITHOUT ROWID
    """,
    # ``holder`` is the writer that records the scope, ``confirmed`` when it was last known to be so
    """
    CREATE TABLE scope (
        id INTEGER PRIMARY KEY, source INTEGER NOT NULL, name TEXT NOT NULL,
        since INTEGER NOT NULL, confirmed INTEGER NOT NULL, streaming INTEGER NOT NULL,
        holder TEXT NOT NULL, reason TEXT NOT NULL, note TEXT NOT NULL,
        UNIQUE (source, name)
    )
    """,
    """
    CREATE TABLE gap (
        scope INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL,
        reason TEXT NOT NULL, note TEXT NOT NULL,
        PRIMARY KEY (scope, since)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE layout (
        id INTEGER PRIMARY KEY, kind TEXT NOT NULL, fields TEXT NOT NULL, words BLOB NOT NULL,
        UNIQUE (kind, fields, words)
    )
    """,
    """
    CREATE TABLE entity (
        id INTEGER PRIMARY KEY, source INTEGER NOT NULL, kind TEXT NOT NULL, record TEXT NOT NULL,
        scope INTEGER NOT NULL, UNIQUE (source, kind, record)
    )
    """,
    # a row without ``state`` is absence; ``who`` is JSON: actor, plan, rule
    """
    CREATE TABLE transition (
        entity INTEGER NOT NULL, at INTEGER NOT NULL, seq INTEGER NOT NULL,
        earliest INTEGER NOT NULL, seen INTEGER NOT NULL, flags INTEGER NOT NULL,
        who TEXT NOT NULL, layout INTEGER NOT NULL, state BLOB,
        PRIMARY KEY (entity, at, seq)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX transition_at ON transition (at)",
    # what records state of themselves, and for how long; the index has the other way round
    """
    CREATE TABLE identity (
        id INTEGER PRIMARY KEY, type TEXT NOT NULL, scope TEXT NOT NULL, value TEXT NOT NULL,
        UNIQUE (type, scope, value)
    )
    """,
    """
    CREATE TABLE claim (
        identity INTEGER NOT NULL, output INTEGER NOT NULL, entity INTEGER NOT NULL,
        since INTEGER NOT NULL, until INTEGER, rule TEXT NOT NULL, strength INTEGER NOT NULL,
        PRIMARY KEY (identity, output, entity, since)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX claim_of ON claim (entity, output, identity)",
    "CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
    _ALERT_ACK,
)

MIGRATIONS: Final[Mapping[int, Sequence[str]]] = {1: (_ALERT_ACK,)}
"""From the schema of the number to the next one."""


class NewerSchemaError(Exception):
    """The file was written by a later program. The text says so."""


def prepare(database: sqlite3.Connection) -> None:
    """Make the tables in an empty *database*, or bring those of an earlier program up to date.

    Raises :exc:`NewerSchemaError` for those of a later one, and :exc:`sqlite3.Error`.
    """
    if version_of(database) == SCHEMA:
        return
    database.execute("BEGIN IMMEDIATE")
    try:
        _migrate(database)
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def version_of(database: sqlite3.Connection) -> int:
    """Return the schema of *database*; 0 for an empty file. Raises :exc:`NewerSchemaError`."""
    version: int = database.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA:
        raise NewerSchemaError(
            f"it is of a later opsboard (schema {version}; this one knows {SCHEMA}) and is left as "
            "it is: use that one"
        )
    return version


def _migrate(database: sqlite3.Connection) -> None:
    version = version_of(database)  # another program may have been quicker
    if version == 0:
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        for statement in TABLES:
            database.execute(statement)
    else:
        for step in range(version, SCHEMA):
            for statement in MIGRATIONS[step]:
                database.execute(statement)
    database.execute(f"PRAGMA user_version = {SCHEMA}")
