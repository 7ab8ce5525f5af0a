"""All records at a time, as the ledger has them: read when they are first asked for.

A state remembers which rows it was made of. So that of another time is made of what differs: see
:mod:`opsboard.history.read_state`.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.history.model import Gap
from opsboard.history.rows import BACKFILLED, BASELINE, micros, moment, who_parts
from opsboard.records import Kind, Record, Ref

_FIRST: Final = micros(datetime.min.replace(tzinfo=UTC))
_LAST: Final = micros(datetime.max.replace(tzinfo=UTC))

ReadRow = Callable[[int, bytes, Ref], Record | None]
"""Returns the record that a layout and a row of the ledger make of a ref."""


class EntityState:
    """One record at a time. It is read when it is first asked for.

    Where the time that was asked for lies in the interval of the next transition, it is
    *uncertain*: the record was :attr:`record` or :attr:`next_record`, and :attr:`change` is that
    interval. *gap* is the stretch without a look that the time lies in: the record is the last one
    known.

    *row* has the last transition until the time, and the next one after it.
    """

    __slots__ = ("_next", "_read", "_record", "_row", "gap", "ref", "scope", "uncertain")

    def __init__(
        self, ref: Ref, row: sqlite3.Row, read: ReadRow, gap: Gap | None, *, uncertain: bool
    ) -> None:
        self.ref = ref
        self.scope: str = row["scope"]
        self.gap = gap
        self.uncertain = uncertain
        self._row, self._read = row, read
        self._record: Record | type[EntityState] | None = EntityState
        self._next: Record | type[EntityState] | None = EntityState

    def seen_at_time(self, time: int, gap: Gap | None) -> "EntityState":
        """Return the state at *time*, in microseconds: by the same transitions, and in *gap*."""
        uncertain = is_uncertain(self._row, time)
        if uncertain is self.uncertain and gap == self.gap:
            return self
        other = EntityState(self.ref, self._row, self._read, gap, uncertain=uncertain)
        other._record, other._next = self._record, self._next
        return other

    @property
    def is_listed(self) -> bool:
        """Whether it was there, or may have been."""
        row = self._row
        return row["state"] is not None or (self.uncertain and row["next_state"] is not None)

    @property
    def record(self) -> Record | None:
        """The record; ``None`` where it was not there."""
        if self._record is EntityState:
            self._record = self._decoded("")
        return self._record  # type: ignore[return-value]

    @property
    def next_record(self) -> Record | None:
        """What it may have been instead, where it is uncertain; ``None`` for: not there."""
        if self._next is EntityState:
            self._next = self._decoded("next_")
        return self._next  # type: ignore[return-value]

    def _decoded(self, prefix: str) -> Record | None:
        layout, state = self._row[f"{prefix}layout"], self._row[f"{prefix}state"]
        return None if state is None or layout is None else self._read(layout, state, self.ref)

    @property
    def since(self) -> datetime | None:
        """When it became so, at the latest."""
        at = self._row["at"]
        return None if at is None else moment(at)

    @property
    def earliest(self) -> datetime | None:
        """When it became so at the earliest, where :attr:`since` is the end of an interval."""
        row = self._row
        return moment(row["at"] - row["earliest"]) if row["earliest"] else None

    @property
    def until(self) -> datetime | None:
        """When it became something else, at the latest; ``None`` where it has not."""
        at = self._row["next_at"]
        return None if at is None else moment(at)

    @property
    def change(self) -> tuple[datetime, datetime] | None:
        """The interval of the next transition, where the time lies in it."""
        row = self._row
        if not self.uncertain:
            return None
        return moment(row["next_at"] - row["next_earliest"]), moment(row["next_at"])

    @property
    def seen_at(self) -> datetime | None:
        """When a program heard of it."""
        at = self._row["at"]
        return None if at is None else moment(at + self._row["seen"])

    @property
    def baseline(self) -> bool:
        """Whether it was so at the first look: what was before is not known."""
        return bool((self._row["flags"] or 0) & BASELINE)

    @property
    def backfilled(self) -> bool:
        """Whether nobody watched: the source has told it later."""
        return bool((self._row["flags"] or 0) & BACKFILLED)

    @property
    def rule(self) -> str:
        """How the time is known, where that is not plain."""
        return who_parts(self._row["who"] or "")[2]

    @property
    def watched(self) -> bool:
        """Whether somebody looked at the time: only then is it *known* to have been so."""
        return self.gap is None and not self.backfilled


def is_uncertain(row: sqlite3.Row, time: int) -> bool:
    """Tell whether *time* lies in the interval in which the next transition of *row* was."""
    earliest = row["next_earliest"]
    if not earliest:
        return False
    changes: bool = row["next_at"] - earliest < time and not row["next_flags"] & BASELINE
    return changes


def check_row(row: sqlite3.Row) -> None:
    """Raise an exception where *row* is damaged: the properties of a state are sound after it.

    SQLite keeps any value in any column.
    """
    at, next_at = row["at"], row["next_at"]
    if at is not None:
        _check_times(at, at - row["earliest"], at + row["seen"])
        _check_flags(row["flags"])
        if row["who"]:
            who_parts(row["who"])
    if next_at is not None:
        _check_times(next_at, next_at - row["next_earliest"])
        _check_flags(row["next_flags"])


def _check_times(*numbers: int) -> None:
    if not all(_FIRST <= number <= _LAST for number in numbers):
        raise ValueError(f"{numbers[0]!r} is no time")


def _check_flags(flags: int) -> None:
    if not isinstance(flags, int):
        raise TypeError(f"{flags!r} are no flags")


class KnownRows(NamedTuple):
    """What a state was read from: all entities by their numbers, listed or not, of the sources
    with *names*, while *last* was the last number that a transition had.
    """

    entities: Mapping[int, EntityState]
    last: int
    names: Mapping[int, str]


@frozen_unchecked
class HistoricalState(Frozen):
    """All records at *time*; *as_seen*: what the board knew then, rather than what was.

    *gaps* are the scopes at which nobody looked at *time*: nothing is known of them but what was
    before. An entity that was not there, and certainly so, is not listed.

    *known* is what it was read from. *altered* are the entities that differ from those of the state
    that it was made of; ``None`` where it was made of none.
    """

    time: datetime
    as_seen: bool
    entities: tuple[EntityState, ...]
    gaps: tuple[Gap, ...]
    known: KnownRows | None = None
    altered: int | None = None

    def of_kind(self, kind: Kind) -> Iterator[EntityState]:
        """Yield what is known of the records of *kind*."""
        return (entity for entity in self.entities if entity.ref.kind == kind)

    def records(self, kind: Kind) -> list[Record]:
        """Return the records of *kind* as they were, or were last known to be."""
        found = (entity.record for entity in self.of_kind(kind))
        return [record for record in found if record is not None]
