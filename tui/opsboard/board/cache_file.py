"""The file of the last known board: its name, its tables, and what they are looked up by.

Nothing of the board is imported here, since completion reads the file too.
"""

import hashlib
from pathlib import Path
from typing import Final

FILE_NAME: Final = "board-1.db"
"""The number is that of the schema: older and newer programs each have a file of their own."""

SCHEMA: Final = (
    """
    CREATE TABLE IF NOT EXISTS shelf (
        key TEXT NOT NULL, scope TEXT NOT NULL, kind TEXT NOT NULL,
        fresh_at REAL NOT NULL, records BLOB NOT NULL,
        PRIMARY KEY (key, scope, kind)
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS session (
        place TEXT PRIMARY KEY, members TEXT NOT NULL, seen_at REAL NOT NULL
    )
    """,
    "CREATE TABLE IF NOT EXISTS seal (place TEXT PRIMARY KEY, sealed TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS words (place TEXT PRIMARY KEY, words TEXT NOT NULL)",
)


def source_key(name: str, adapter: str, login: str) -> str:
    """Return the key under which a source is kept. *login* may hold secrets: it is only hashed."""
    return hashlib.sha256("\0".join((name, adapter, login)).encode()).hexdigest()


def workspace_of(config_file: Path | None, cwd: Path) -> str:
    """Return what the sources of a session are kept under: its config file, or its folder."""
    return f"config {config_file.absolute()}" if config_file else f"folder {cwd.absolute()}"
