"""Which program records which scope: a lease in the ledger itself.

A program that records is a row that counts on. Another one that sees the count stand still for
:data:`DEAD_AFTER` seconds, *by its own clock since it saw the last change*, takes the row away and
the scopes over. Nobody compares the clocks of two machines. A program that was taken for dead finds
its row gone before it writes the next time, since each batch begins with its count
(:meth:`Leases.beat`), and both are one transaction: two never record one scope at a time.
"""

import os
import secrets
import socket
import sqlite3
from collections.abc import Callable
from datetime import datetime
from typing import Final, NamedTuple

from opsboard.history.ledger import Ledger
from opsboard.history.model import GapReason
from opsboard.history.rows import micros, moment

BEAT_EVERY: Final = 5.0
"""Seconds between two counts."""

DEAD_AFTER: Final = 15.0
"""Seconds without one, as this program sees it."""

RESTART: Final = 30.0
"""Seconds within which a scope is taken over from a writer that was lost, and not begun again."""


class Lease(NamedTuple):
    """What the ledger has of a scope that was acquired.

    Its last whole list was known to be true at *confirmed*; ``None`` where there never was one.
    *reason* says why nobody has looked since.
    """

    confirmed: datetime | None
    reason: GapReason
    note: str


class Leases:
    """The scopes that this program records."""

    def __init__(self, ledger: Ledger, monotonic: Callable[[], float]) -> None:
        self.id = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._ledger = ledger
        self._monotonic = monotonic
        self._seen: dict[str, tuple[int, float]] = {}
        self._registered = False

    def beat(self, at: datetime) -> bool:
        """Count on; return ``False`` where this program was taken for dead and has lost all.

        To be called within the batch that it stands for.
        """
        with self._ledger.writing() as database:
            if self._registered:
                found = database.execute(
                    "UPDATE writer SET beat = beat + 1, at = ? WHERE id = ?", (micros(at), self.id)
                )
                if not found.rowcount:
                    self._registered = False
                    return False
            else:
                database.execute(
                    "INSERT OR REPLACE INTO writer VALUES (?, 1, ?, ?)",
                    (self.id, micros(at), f"pid {os.getpid()} on {socket.gethostname()}"),
                )
                self._registered = True
        return True

    def acquire(self, source: int, scope: str, at: datetime) -> Lease | None:
        """Return what the ledger has of *scope*, which this program now records.

        ``None`` where another one does, that lives.
        """
        with self._ledger.writing() as database:
            number = self._ledger.scope(database, source, scope)
            row = database.execute(
                "SELECT s.holder, s.since, s.confirmed, s.reason, s.note, w.id FROM scope s"
                " LEFT JOIN writer w ON w.id = s.holder WHERE s.id = ?",
                (number,),
            ).fetchone()
            if row is None:  # somebody has had it deleted
                self._ledger.forget_numbers()
                return None
            holder, since, confirmed, reason, note, alive = row
            if alive is not None and holder != self.id:
                return None
            database.execute("UPDATE scope SET holder = ? WHERE id = ?", (self.id, number))
        if not since:
            return Lease(None, GapReason.NO_BOARD, "")
        last = moment(confirmed)
        if reason:
            return Lease(last, GapReason(reason), note)
        lost = holder and (at - last).total_seconds() <= RESTART + DEAD_AFTER
        return Lease(last, GapReason.WRITER_LOST if lost else GapReason.NO_BOARD, "")

    def bury(self) -> None:
        """Take their scopes from the programs whose count has stood still for too long."""
        with self._ledger.reading() as database:
            beats = dict(database.execute("SELECT id, beat FROM writer").fetchall())
        now = self._monotonic()
        self._seen = {
            id_: self._seen[id_] if self._seen.get(id_, (None,))[0] == beat else (beat, now)
            for id_, beat in beats.items()
            if id_ != self.id
        }
        dead = [(i, beat) for i, (beat, since) in self._seen.items() if now - since >= DEAD_AFTER]
        if dead:
            with self._ledger.writing() as database:
                for id_, beat in dead:
                    self._bury(database, id_, beat)

    def release(self) -> None:
        """Let go of all scopes, since this program ends."""
        if self._registered:
            with self._ledger.writing() as database:
                _let_go(database, self.id)
                database.execute("UPDATE scope SET holder = '' WHERE holder = ?", (self.id,))
                database.execute("DELETE FROM writer WHERE id = ?", (self.id,))
            self._registered = False

    def _bury(self, database: sqlite3.Connection, id_: str, beat: int) -> None:
        still = database.execute(
            "SELECT 1 FROM writer WHERE id = ? AND beat = ?", (id_, beat)
        ).fetchone()
        if still:
            _let_go(database, id_)
            database.execute("DELETE FROM writer WHERE id = ?", (id_,))
        self._seen.pop(id_, None)


def _let_go(database: sqlite3.Connection, id_: str) -> None:
    """Keep until when the streams of the writer *id_* were watched: as long as it counted."""
    database.execute(
        "UPDATE scope SET confirmed = max(confirmed, (SELECT at FROM writer WHERE id = ?)),"
        " streaming = 0 WHERE holder = ? AND streaming",
        (id_, id_),
    )
