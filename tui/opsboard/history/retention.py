"""How long the history is kept, and how much of it: what is too old is deleted in small steps."""

import sqlite3
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.history.ledger import Ledger
from opsboard.history.pruning import clip_scopes, forget_identities, prune_entity
from opsboard.history.rows import micros
from opsboard.history.thinning import thin_entity

if TYPE_CHECKING:
    from opsboard.config.settings import Settings

ROUND_EVERY: Final = timedelta(hours=1)
"""Time between two rounds over all that is kept."""

PRESSED: Final = timedelta(minutes=1)
"""The same while the file is too large."""

STEP: Final = 200
"""Records that are looked at in one step; as many pages are given back to the system."""

_SLICE: Final = 10
"""Where the file is too large, one part in so many is deleted: the oldest."""


@frozen_unchecked
class Retention(Frozen):
    """Whether a history is kept at all, for how long, and how large its file may become.

    Of series of numbers, what is older than *thin_after* is thinned out: one value an hour.
    """

    enabled: bool = True
    keep: timedelta = timedelta(days=90)
    max_bytes: int = 500_000_000
    thin_after: timedelta = timedelta(days=14)


def retention_of(settings: "Settings | None") -> Retention | None:
    """Return how *settings* say that the history is kept; ``None`` until they have been read."""
    if settings is None:
        return None
    said = settings.history
    return Retention(said.enabled, said.keep, said.max_size, said.thin_after)


class Housekeeping:
    """Goes over the ledger in rounds, a step at a time: never long, never all at once."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._next_round: datetime | None = None
        self._cursor = 0
        self._before = 0

    def step(self, retention: Retention, now: datetime) -> None:
        """Do a little, if a round is due or under way. Raises LedgerError."""
        if not self._is_due(retention, now):
            return
        with self._ledger.writing() as database:
            if not self._cursor:
                self._before = _oldest(database, retention, now)
            entities = database.execute(
                "SELECT id, kind FROM entity WHERE id > ? ORDER BY id LIMIT ?", (self._cursor, STEP)
            ).fetchall()
            for entity, kind in entities:
                prune_entity(database, entity, self._before)
                thin_entity(database, entity, kind, micros(now - retention.thin_after))
            self._cursor = entities[-1][0] if entities else 0
            if not entities:
                clip_scopes(database, self._before)
                forget_identities(database)
                self._next_round = now + ROUND_EVERY
        with self._ledger.reading() as database:
            database.execute(f"PRAGMA incremental_vacuum({STEP})").fetchall()

    def _is_due(self, retention: Retention, now: datetime) -> bool:
        """Tell whether a round is due, is under way, or is needed for the size of the file."""
        if self._cursor or self._next_round is None or now >= self._next_round:
            return True
        rested = ROUND_EVERY - (self._next_round - now)
        if rested < timedelta(0):  # the clock was set back
            return True
        if rested < PRESSED:
            return False
        with self._ledger.reading() as database:
            return size_of(database) > retention.max_bytes


def size_of(database: sqlite3.Connection) -> int:
    """Return the bytes that are in use in the file, without those that are free."""
    count, free, size = (
        database.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((count - free) * size)


def _oldest(database: sqlite3.Connection, retention: Retention, now: datetime) -> int:
    """Return the time before which everything goes: by age, or by the size of the file.

    What is too large loses its oldest tenth, or as much as it is too large by. What was so at the
    first time that is kept stays, and so does not count.
    """
    before = micros(now - retention.keep)
    size = size_of(database)
    if size <= retention.max_bytes:
        return before
    share = max(1 / _SLICE, 1 - (1 - 1 / _SLICE) * retention.max_bytes / size)
    cuts = [before]
    for table, column in (("transition", "at"), ("gap", "until")):
        later = f"FROM {table} WHERE {column} > (SELECT min({column}) FROM {table})"  # noqa: S608
        rows = database.execute(f"SELECT count(*) {later}").fetchone()[0]
        cut = database.execute(
            f"SELECT {column} {later} ORDER BY {column} LIMIT 1 OFFSET ?",
            (int(rows * share),),
        ).fetchone()
        if cut:
            cuts.append(cut[0])
            break
    return min(max(cuts), micros(now))
