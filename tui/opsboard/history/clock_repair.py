"""What to do about a clock that is far from what the history says.

A history that reaches far beyond the present is either right, and then this machine's clock is
behind; or it was written under a clock that was ahead. The servers decide: where one of them tells
of something that began after now, the clock is behind, and nothing is recorded until it is set.
Where none does, what lies beyond now was seen before now, at a time that nobody knows.
"""

from datetime import datetime, timedelta
from typing import Final

from opsboard.history.ledger import Ledger
from opsboard.history.meaning import LAG
from opsboard.history.retention import CLOCK
from opsboard.history.rows import BASELINE, micros, moment, take_numbers

FAR: Final = timedelta(days=1)
"""From here on, a clock that was set back is more than a stretch that says nothing."""


def agrees(ledger: Ledger, source: int, now: datetime, told: datetime | None) -> bool:
    """Make the history of *source* and the clock, which says *now*, agree: tell whether they do.

    *told* is the latest time of which the server has told that something began then; ``None``
    where it has told none. Raises :exc:`~opsboard.history.ledger.LedgerError`.
    """
    until = watched_until(ledger, source)
    if until is None or until <= now + FAR:
        return True
    if told is None or told > now + LAG:
        return False
    fold_back(ledger, source, now)
    return True


def watched_until(ledger: Ledger, source: int) -> datetime | None:
    """Return until when *source* was watched; ``None`` where it never was."""
    with ledger.reading() as database:
        (latest,) = database.execute(
            "SELECT max(confirmed) FROM scope WHERE source = ?", (source,)
        ).fetchone()
    return moment(latest) if latest else None


def fold_back(ledger: Ledger, source: int, now: datetime) -> None:
    """Let what is written of *source* for times after *now* be from before *now*.

    The order stays. When it was is not known but for the stretch without a look in which the clock
    was set, which ends now: since then at the earliest.
    """
    values = {"source": source, "now": micros(now), "baseline": BASELINE, "clock": CLOCK}
    with ledger.writing() as database:
        take_numbers(database)
        for statement in _FOLD:
            database.execute(statement, values)


_SCOPES: Final = "scope IN (SELECT id FROM scope WHERE source = :source)"
_ENTITIES: Final = "entity IN (SELECT id FROM entity WHERE source = :source)"
_SINCE: Final = (
    "SELECT max(g.since) FROM gap g JOIN entity e ON e.scope = g.scope"
    " WHERE e.id = transition.entity AND g.since < :now AND g.until > :now"
)
_LAST: Final = f"iif(flags & :baseline, 0, coalesce(:now - ({_SINCE}), 0))"
_FOLD: Final = (
    (
        f"UPDATE transition SET at = :now, seen = 0, earliest = {_LAST}"  # noqa: S608 - no value
        f" WHERE at > :now AND {_ENTITIES}"
    ),
    f"UPDATE OR REPLACE claim SET since = :now WHERE since > :now AND {_ENTITIES}",  # noqa: S608
    f"UPDATE claim SET until = :now WHERE until > :now AND {_ENTITIES}",  # noqa: S608
    f"DELETE FROM gap WHERE since >= :now AND {_SCOPES}",  # noqa: S608
    f"UPDATE gap SET until = :now WHERE until > :now AND {_SCOPES}",  # noqa: S608
    (
        "UPDATE scope SET since = min(since, :now), confirmed = min(confirmed, :now)"
        " WHERE source = :source"
    ),
    "UPDATE OR REPLACE alert_ack SET at = :now WHERE at > :now AND source = :source",
    "DELETE FROM counter WHERE name = :clock",  # by which rows are old
)
