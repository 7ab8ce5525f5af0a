"""How long the history is kept, and how much of it: what is too old is deleted in small steps."""

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.history.ledger import Ledger
from opsboard.history.pruning import clip_scopes, forget_identities, prune_entity
from opsboard.history.rows import micros, moment, take_numbers
from opsboard.history.thinning import thin_entity

if TYPE_CHECKING:
    from opsboard.config.settings import Settings

ROUND_EVERY: Final = timedelta(hours=1)
"""Time between two rounds over all that is kept."""

PRESSED: Final = timedelta(minutes=1)
"""The same while the file is too large."""

STEP: Final = 200
"""Records that are looked at in one step; as many pages are given back to the system."""

LEAP: Final = timedelta(days=1)
"""By how much a round believes the clock, from what the round before it believed.

A clock that is wrong by years makes nothing old. After weeks in which nothing ran, it takes some
hours until the rows of those weeks are gone.
"""

_SLICE: Final = 10
"""Where the file is too large, one part in so many is deleted: the oldest."""

CLOCK: Final = "clock"
"""The counter of the ledger that is the time which is believed."""

_ROUND: Final = "round"
"""The one of when that went on, by the clock."""

_EPOCH: Final = datetime.fromtimestamp(0, UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_NEVER: Final = -(10**18)


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
        self._time = _EPOCH
        """What is old is so by this time: see :data:`LEAP`."""

    def step(self, retention: Retention, now: datetime) -> None:
        """Do a little, if a round is due or under way. Raises LedgerError."""
        if not self._is_due(retention, now):
            return
        with self._ledger.writing() as database:
            take_numbers(database)
            if not self._cursor:
                self._time = _believed(database, now)
                self._before = _oldest(database, retention, self._time, now)
            entities = database.execute(
                "SELECT id, kind FROM entity WHERE id > ? ORDER BY id LIMIT ?", (self._cursor, STEP)
            ).fetchall()
            for entity, kind in entities:
                prune_entity(database, entity, self._before)
                thin_entity(database, entity, kind, micros(self._time - retention.thin_after))
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


def _believed(database: sqlite3.Connection, now: datetime) -> datetime:
    """Return the time that the ledger has lived through, which follows the clock, *now*.

    It begins with the newest row that there is.
    """
    known = dict(database.execute("SELECT name, value FROM counter").fetchall())
    before, last = known.get(CLOCK), known.get(_ROUND)
    if before is None or last is None:
        newest = database.execute("SELECT max(at) FROM transition").fetchone()[0]
        before, last = micros(now) if newest is None else min(newest, micros(now)), _NEVER
    if abs(micros(now) - last) < ROUND_EVERY // _MICROSECOND:
        return min(moment(before), now)
    leap = LEAP // _MICROSECOND
    time = max(before, min(micros(now), before + leap))
    database.executemany(
        "INSERT OR REPLACE INTO counter VALUES (?, ?)", ((CLOCK, time), (_ROUND, micros(now)))
    )
    return min(moment(time), now)


def _oldest(
    database: sqlite3.Connection, retention: Retention, time: datetime, now: datetime
) -> int:
    """Return what everything goes before: by age at *time*, or by the size of the file.

    What is too large loses its oldest tenth, or as much as it is too large by. What was so at the
    first time that is kept stays, and so does not count.
    """
    before = micros(time - retention.keep)
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
