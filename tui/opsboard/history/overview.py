"""What is in the ledger, told without any of its content: whose it is, how much, since when."""

import sqlite3
from datetime import datetime

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.history.ledger import Ledger
from opsboard.history.pruning import forget_before, forget_source
from opsboard.history.rows import micros, moment


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


def forget(ledger: Ledger, numbers: list[int] | None, before: datetime | None = None) -> None:
    """Delete what is known of the sources with *numbers*, or of all; only from *before*, if given.

    What is deleted is overwritten, and the file shrinks. Programs that record go on with what they
    see from then on. Raises :exc:`~opsboard.history.ledger.LedgerError`.
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
    if numbers is None and before is None:
        ledger.file.with_name(f"{ledger.file.name}.damaged").unlink(missing_ok=True)
    ledger.compact()
