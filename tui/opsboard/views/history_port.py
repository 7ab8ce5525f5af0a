"""What a screen asks of the history: whoever answers reads the ledger, in another thread."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.records import Kind, Record, Ref

if TYPE_CHECKING:
    from opsboard.history.before_red import BeforeRed
    from opsboard.history.timeline import TimelineEvent, TimelineGap


@frozen_unchecked
class TimelineData(Frozen):
    """What is known of a stretch of time. *problem* is why the ledger cannot be read, or empty.

    *truncated*: there were more events than are read at once; the oldest are left out.
    """

    events: "tuple[TimelineEvent, ...]"
    gaps: "tuple[TimelineGap, ...]"
    truncated: bool = False
    problem: str = ""


@frozen_unchecked
class UncertainRecord(Frozen):
    """A record that changed between two looks: it was *record* or *other*; ``None`` is absence."""

    ref: Ref
    record: Record | None
    other: Record | None
    since: datetime
    until: datetime


@frozen_unchecked
class BoardAt(Frozen):
    """The board as it was at *time*: the records that were there, or were last known to be.

    *uncertain* are those of which two states are possible. *gaps* are the scopes at which nobody
    looked then. *unrecorded* names the kinds of which nothing is kept. *sources* are the titles
    of the sources of now, by name.
    """

    time: datetime
    records: tuple[Record, ...]
    uncertain: tuple[UncertainRecord, ...] = ()
    gaps: "tuple[TimelineGap, ...]" = ()
    unrecorded: tuple[Kind, ...] = ()
    problem: str = ""


class HistoryPort(Protocol):
    """The history of the sources on the board, for as long as the program runs."""

    async def timeline(self, ref: Ref | None, since: datetime, until: datetime) -> TimelineData:
        """Return what happened to *ref* and what it is joined to, or to everything."""

    async def before_red(self, ref: Ref) -> "BeforeRed | None":
        """Return what changed before *ref*, an alert or a record, went red; ``None`` if it is not."""

    async def at(self, time: datetime) -> BoardAt:
        """Return the board as it was at *time*."""

    async def neighbours(self, time: datetime) -> tuple[datetime | None, datetime | None]:
        """Return when the last change before *time* was, and the first after it."""

    async def handover(self, since: datetime) -> str:
        """Return the page for who comes next, as text."""

