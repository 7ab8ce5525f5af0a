"""The values of the ledger: transitions, gaps, and the state at a time.

All times are aware, in UTC, to the microsecond.

A transition has two times. *at* is the source's: when the record became so. Where nobody knows it
better, it lies in an interval, and then *at* is the end of that: the record was so at *at*, and was
not yet so at *earliest*. *seen_at* is when this program heard of it, by this machine's clock.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.records import Record, Ref

SECOND: Final = timedelta(seconds=1)
"""How exact the times of most sources are: what lies within is not told as uncertain."""


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


OWN_SCOPE: Final = "opsboard"
"""The scope of what the board itself finds of a source: that it is down, and what is done here."""


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
        """Whether it is known to the second when it was; :attr:`shown_at` is that then."""
        return self.earliest is None or self.at - self.earliest <= SECOND

    @property
    def shown_at(self) -> datetime:
        """Its time as the source has it: of an interval of a second, where that begins."""
        return self.earliest if self.earliest is not None and self.is_exact else self.at


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
