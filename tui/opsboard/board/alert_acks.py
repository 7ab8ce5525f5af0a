"""Which alerts users have acknowledged or snoozed, kept in SQLite over restarts.

The file is small and written a row at a time, when a key is pressed. Where it cannot be used, an
acknowledgement holds for this session, and :attr:`AlertAcks.problem` says why it will be lost.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from opsboard.board.database import cause_of, is_damage, open_database, quarantine
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.records import Alert, AlertState, Kind, Ref

RETENTION: Final = timedelta(days=90)
"""An acknowledgement that is older is deleted."""

FILE_NAME: Final = "notices-1.db"
_TABLE = """
CREATE TABLE IF NOT EXISTS notice (
    source TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
    until REAL, given_at REAL NOT NULL,
    PRIMARY KEY (source, kind, id)
) WITHOUT ROWID
"""


class AlertAck(NamedTuple):
    """Acknowledged for good, or snoozed *until* a time."""

    until: datetime | None


@frozen_unchecked
class AckChange(Frozen):
    """What became of the alert *ref* at *at*: *state*, in which it stays *until* a time.

    *actor* did that, and gave the *reason*; without an actor, the alert has ended, and with it
    what was said about it. *alert* is what it was about, where it was on the board.
    """

    ref: Ref
    at: datetime
    state: AlertState
    until: datetime | None = None
    actor: str = ""
    reason: str = ""
    alert: Alert | None = None


class AlertAcks:
    """The acknowledgements of all alerts. Without *folder*, they are kept in memory only.

    *on_change* is called with each change from now on, by whoever makes it.
    """

    def __init__(self, folder: Path | None = None, *, now: datetime | None = None) -> None:
        self.problem = ""
        self.on_change: Callable[[AckChange], object] = _nothing
        self._known: dict[Ref, AlertAck] = {}
        self._file: Path | None = None
        self._database: sqlite3.Connection | None = None
        if folder is not None:
            self._open(folder, (now or datetime.now(UTC)) - RETENTION)

    def state_of(self, ref: Ref, now: datetime) -> tuple[AlertState, datetime | None]:
        """Return the state that the alert *ref* is in, and when a snooze ends."""
        notice = self._known.get(ref)
        if notice is None or (notice.until is not None and notice.until <= now):
            return AlertState.OPEN, None
        if notice.until is None:
            return AlertState.ACKNOWLEDGED, None
        return AlertState.SNOOZED, notice.until

    def acknowledge(self, ref: Ref, at: datetime) -> None:
        """Keep that the alert *ref* was acknowledged at *at*."""
        self._save(ref, AlertAck(None), at)

    def snooze(self, ref: Ref, until: datetime) -> None:
        """Keep that the alert *ref* is snoozed until *until*."""
        self._save(ref, AlertAck(until), until)

    def clear(self, ref: Ref) -> bool:
        """Delete the acknowledgement or snooze of the alert *ref*; tell whether there was one."""
        if self._known.pop(ref, None) is None:
            return False
        self._write("DELETE FROM notice WHERE source = ? AND kind = ? AND id = ?", ref)
        return True

    def close(self) -> None:
        """Close the file; later acknowledgements are kept in memory only."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _save(self, ref: Ref, notice: AlertAck, at: datetime) -> None:
        self._known[ref] = notice
        until = notice.until.timestamp() if notice.until else None
        self._write(
            "INSERT OR REPLACE INTO notice VALUES (?, ?, ?, ?, ?)", (*ref, until, at.timestamp())
        )

    def _open(self, folder: Path, oldest: datetime) -> None:
        with self._reporting_problems():
            self._file = folder / FILE_NAME
            self._database, self.problem = open_database(self._file, _TABLE)
            self._known = dict(self._read(self._database, oldest))

    def _read(
        self, database: sqlite3.Connection, oldest: datetime
    ) -> Iterator[tuple[Ref, AlertAck]]:
        database.execute("DELETE FROM notice WHERE given_at < ?", (oldest.timestamp(),))
        for source, kind, id_, until in database.execute(
            "SELECT source, kind, id, until FROM notice"
        ):
            end = None if until is None else datetime.fromtimestamp(until, UTC)
            yield Ref(source, Kind(kind), id_), AlertAck(end)

    def _write(self, statement: str, values: tuple[object, ...]) -> None:
        if self._database is None:
            return
        with self._reporting_problems():
            self._database.execute(statement, values)

    @contextmanager
    def _reporting_problems(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError, ValueError, OverflowError) as error:
            self.problem = (
                f"acknowledgements will be lost at the end of this session: {cause_of(error)}"
            )
            if is_damage(error) and self._file is not None:
                self.close()
                with suppress(OSError):
                    self.problem += f"; {self._file} was damaged, moved to {quarantine(self._file)}"


def _nothing(_: AckChange) -> None:
    pass
