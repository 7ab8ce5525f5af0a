"""What is in the ledger, told without any of its content: whose it is, how much, since when."""

import sqlite3
from datetime import datetime

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.history.ledger import Ledger
from opsboard.history.rows import moment


@frozen_unchecked
class RecordedSource(Frozen):
    """The history of one source and principal; *principal* is empty where nobody was named.

    *name* and *title* are what it was called last. *writers* are the programs that record it now.
    """

    number: int
    name: str
    title: str
    address: str
    principal: str
    transitions: int
    gaps: int
    since: datetime
    watched_until: datetime | None
    writers: tuple[str, ...]


def recorded(ledger: Ledger) -> list[RecordedSource]:
    """Return what *ledger* has, by name. Raises :exc:`~opsboard.history.ledger.LedgerError`."""
    with ledger.reading() as database:
        rows = database.execute(
            "SELECT id, name, title, address, principal, since FROM source ORDER BY name, id"
        ).fetchall()
        return [_recorded(database, *row) for row in rows]


def _recorded(
    database: sqlite3.Connection,
    *row: str | int,
) -> RecordedSource:
    number, name, title, address, principal, since = row
    of_source = "SELECT id FROM entity WHERE source = ?"
    count, first = database.execute(
        f"SELECT count(*), min(at) FROM transition WHERE entity IN ({of_source})",  # noqa: S608
        (number,),
    ).fetchone()
    gaps, until = database.execute(
        "SELECT (SELECT count(*) FROM gap g JOIN scope s ON s.id = g.scope WHERE s.source = :id),"
        " max(max(s.confirmed, iif(s.streaming, coalesce(w.at, 0), 0))) FROM scope s"
        " LEFT JOIN writer w ON w.id = s.holder WHERE s.source = :id",
        {"id": number},
    ).fetchone()
    writers = database.execute(
        "SELECT DISTINCT w.label FROM scope s JOIN writer w ON w.id = s.holder WHERE s.source = ?",
        (number,),
    ).fetchall()
    return RecordedSource(
        int(number), str(name), str(title), str(address), str(principal), count, gaps,
        moment(int(since) if first is None else min(int(since), first)),
        moment(until) if until else None, tuple(label for (label,) in writers),
    )  # fmt: skip
