"""What a screen asks of the history: whoever answers reads the ledger, in another thread."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.records import Kind, Ref

if TYPE_CHECKING:
    from opsboard.history.before_red import BeforeRed
    from opsboard.history.historical_board import HistoricalBoard
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


class HistoryPort(Protocol):
    """The history of the sources on the board. Every method reads, and never blocks the caller.

    Where the ledger cannot be read, :exc:`~opsboard.adapter.SourceError` says why.
    """

    async def timeline(self, ref: Ref | None, since: datetime, until: datetime) -> TimelineData:
        """Return what happened to *ref* and what it is joined to, or to everything."""

    async def before_red(self, ref: Ref) -> "BeforeRed":
        """Return what changed before *ref*, an alert or a record, went red."""

    async def at(
        self, time: datetime, *, kinds: Collection[Kind] | None = None
    ) -> "HistoricalBoard":
        """Return the board as it was at *time*; sooner, with records of *kinds* and no joins."""

    async def change_before(self, time: datetime) -> datetime | None:
        """Return when what is shown changed last before *time*; ``None`` where it never did."""

    async def change_after(self, time: datetime) -> datetime | None:
        """Return when it changed first after *time*; ``None`` where it has not by now."""

    async def handover(self, since: datetime) -> str:
        """Return the page for who comes next, as text."""
