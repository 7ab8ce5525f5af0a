"""Forgetting: rows are deleted, overwritten, and taken out of the journal too.

What is deleted stands in the write-ahead log until that is brought into the file and cut off, which
SQLite cannot do while another program reads a state from before.
"""

import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from opsboard.history.connection import BUSY_TIMEOUT
from opsboard.history.ledger import Ledger
from opsboard.history.pruning import forget_before, forget_source
from opsboard.history.rows import micros

TRIES: Final = 20
PAUSE: Final = 0.25
"""How often, and every how many seconds, it is tried to cut the journal off."""


def forget(
    ledger: Ledger,
    numbers: list[int] | None,
    before: datetime | None = None,
    wait: Callable[[float], object] = time.sleep,
) -> tuple[Path, ...]:
    """Delete what is known of the sources with *numbers*, or of all; only from *before*, if given.

    What is deleted is overwritten, and the file shrinks. Programs that record go on with what they
    see from then on. Returns the files in which some of it may still stand: see :func:`compact`; a
    copy of a damaged file, of which nobody knows whose rows it has, goes with everything only.
    Raises :exc:`~opsboard.history.ledger.LedgerError`.
    """
    with ledger.writing() as database:
        chosen = numbers
        if chosen is None:
            chosen = [row[0] for row in database.execute("SELECT id FROM source").fetchall()]
        for number in chosen:
            if before is None:
                forget_source(database, number)
            else:
                forget_before(database, number, micros(before))
        if before is None:
            database.execute("DELETE FROM writer")  # whoever records begins anew
    damaged = ledger.file.with_name(f"{ledger.file.name}.damaged")
    if numbers is None and before is None:
        damaged.unlink(missing_ok=True)
    left = () if compact(ledger, wait) else (journal_of(ledger),)
    return (*left, damaged) if damaged.exists() else left


def journal_of(ledger: Ledger) -> Path:
    """Return the file of the write-ahead log of *ledger*."""
    return ledger.file.with_name(f"{ledger.file.name}-wal")


def compact(ledger: Ledger, wait: Callable[[float], object] = time.sleep) -> bool:
    """Give back the room of what was deleted, and leave nothing of it in the journal.

    Returns ``False`` where that is not possible for some seconds: another program reads a state
    from before. *wait* is called with the seconds between two tries. Raises
    :exc:`~opsboard.history.ledger.LedgerError`.
    """
    with ledger.reading() as database:
        with suppress(
            sqlite3.OperationalError
        ):  # another one writes: the room is free all the same
            database.execute("PRAGMA incremental_vacuum").fetchall()
        database.execute("PRAGMA busy_timeout = 0")
        try:
            return _cut_off(database, wait)
        finally:
            database.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT * 1000:.0f}")


def _cut_off(database: sqlite3.Connection, wait: Callable[[float], object]) -> bool:
    for left in reversed(range(TRIES)):
        busy = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if not busy:
            return True
        if left:
            wait(PAUSE)
    return False
