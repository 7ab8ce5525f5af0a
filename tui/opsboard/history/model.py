"""The values of the ledger: transitions, gaps, and the state at a time.

All times are aware, in UTC, to the microsecond.

A transition has two times. *at* is the source's: when the record became so. Where nobody knows it
better, it lies in an interval, and then *at* is the end of that: the record was so at *at*, and was
not yet so at *earliest*. *seen_at* is when this program heard of it, by this machine's clock.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.records import Kind, Record, Ref


class SourceId(NamedTuple):
    """Whose history it is: the server's *address*, and the *principal* that the server names.

    Neither the name of the source nor its token is part of it. Where the server names nobody,
    *principal* is empty, and *login* is a hash of the login: what an unnamed principal has seen is
    shown to the same login only. For a named one, *login* is empty.
    """

    address: str
    principal: str = ""
    login: str = ""


class GapReason(StrEnum):
    """Why nobody looked."""

    NO_BOARD = "no board"
    SOURCE_DOWN = "source down"
    RIGHT_LOST = "right lost"
    UNLISTED = "not listed any more"
    """The source has dropped the scope: it is gone, or a right is. Nobody said which."""
    CLOCK_JUMP = "clock jump"
    SUSPENDED = "suspended"
    WRITER_LOST = "writer lost"
    NOT_AGAIN = "not looked at again"
    """A program recorded it, and had not looked again by then. In no row: it is worked out."""
    NOT_WRITTEN = "not written"
    """It was seen, and could not be kept: a full disk, or more came than could be written."""


@frozen_unchecked
class Gap(Frozen):
    """Nobody looked at *scope* of the source called *source* between *since* and *until*.

    *since* is ``None`` where nobody had looked before, and *until* where nobody has since. *note*
    says more than the reason: the error of the source.
    """

    source: str
    scope: str
    since: datetime | None
    until: datetime | None
    reason: GapReason
    note: str = ""

    def covers(self, time: datetime) -> bool:
        """Tell whether *time* is within, without its ends."""
        return (self.since is None or self.since < time) and (
            self.until is None or time < self.until
        )


@frozen_unchecked
class Transition(Frozen):
    """A change in meaning of the record *ref*, from *before* to *after*; ``None`` is absence.

    *seq* is the order in which they were written. *actor* is a person or a controller, as far as
    anybody said, and *act* the id of the plan, where it was done from here. *rule* says how the
    time is known, where that is not plain.

    *baseline*: the record was so at the first look; what was before is not known, and *before* is
    ``None``. *backfilled*: nobody watched; the source has told it later.
    """

    seq: int
    ref: Ref
    scope: str
    at: datetime
    seen_at: datetime
    before: Record | None
    after: Record | None
    earliest: datetime | None = None
    actor: str = ""
    act: str = ""
    rule: str = ""
    baseline: bool = False
    backfilled: bool = False

    @property
    def is_exact(self) -> bool:
        """Whether *at* is a point in time, and no interval."""
        return self.earliest is None


@frozen_unchecked
class NewTransition(Frozen):
    """A transition to be written. *source* is the number that the ledger gives to a source."""

    source: int
    scope: str
    ref: Ref
    at: datetime
    seen_at: datetime
    after: Record | None
    earliest: datetime | None = None
    actor: str = ""
    act: str = ""
    rule: str = ""
    baseline: bool = False
    backfilled: bool = False


class EntityState:
    """One record at a time. It is read when it is first asked for.

    *since* is when it became so, at the latest (*earliest* where that is an interval); *until* is
    when it became something else, at the latest; ``None`` where it has not. Where the time that was
    asked for lies in the interval of the next transition, it is *uncertain*: the record was
    :attr:`record` or :attr:`next_record`, and *change* is that interval.
    """

    def __init__(
        self,
        ref: Ref,
        scope: str,
        since: datetime | None,
        until: datetime | None,
        read: Callable[[], Record | None],
        *,
        earliest: datetime | None = None,
        seen_at: datetime | None = None,
        change: tuple[datetime, datetime] | None = None,
        read_next: Callable[[], Record | None] = lambda: None,
        baseline: bool = False,
        backfilled: bool = False,
        rule: str = "",
        gap: "Gap | None" = None,
    ) -> None:
        self.ref = ref
        self.scope = scope
        self.since = since
        self.until = until
        self.earliest = earliest
        self.seen_at = seen_at
        self.change = change
        self.baseline = baseline
        self.backfilled = backfilled
        self.rule = rule
        self.gap = gap
        """The stretch without a look that the time lies in: the record is the last one known."""
        self._read: Callable[[], Record | None] | None = read
        self._read_next: Callable[[], Record | None] | None = read_next
        self._record: Record | None = None
        self._next: Record | None = None

    @property
    def record(self) -> Record | None:
        """The record; ``None`` where it was not there."""
        if self._read is not None:
            self._record, self._read = self._read(), None
        return self._record

    @property
    def next_record(self) -> Record | None:
        """What it may have been instead, where it is uncertain; ``None`` for: not there."""
        if self._read_next is not None:
            self._next, self._read_next = self._read_next(), None
        return self._next

    @property
    def uncertain(self) -> bool:
        """Whether it changed between two looks, one before the time and one after."""
        return self.change is not None

    @property
    def watched(self) -> bool:
        """Whether somebody looked at the time: only then is it *known* to have been so."""
        return self.gap is None and not self.backfilled


@frozen_unchecked
class HistoricalState(Frozen):
    """All records at *time*; *as_seen*: what the board knew then, rather than what was.

    *gaps* are the scopes at which nobody looked at *time*: nothing is known of them but what was
    before. An entity that was not there, and certainly so, is not listed.
    """

    time: datetime
    as_seen: bool
    entities: tuple[EntityState, ...]
    gaps: tuple[Gap, ...]

    def of_kind(self, kind: Kind) -> Iterator[EntityState]:
        """Yield what is known of the records of *kind*."""
        return (entity for entity in self.entities if entity.ref.kind == kind)

    def records(self, kind: Kind) -> list[Record]:
        """Return the records of *kind* as they were, or were last known to be."""
        found = (entity.record for entity in self.of_kind(kind))
        return [record for record in found if record is not None]
