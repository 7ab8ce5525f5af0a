"""What a screen asks of the history: whoever answers reads the ledger, in another thread."""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.records import Kind, Ref

if TYPE_CHECKING:
    from opsboard.adapter import Clock
    from opsboard.board.state import Board
    from opsboard.history.before_red import BeforeRed
    from opsboard.history.historical_board import HistoricalBoard
    from opsboard.history.served import ServedStretch
    from opsboard.history.timeline import TimelineEvent, TimelineGap
    from opsboard.views.restart_lines import CountReading


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

    def of(self, board: "Board", clock: "Clock") -> "HistoryPort":
        """Return the same history, asked from *board*, which is of the time that *clock* shows."""

    async def timeline(self, ref: Ref | None, since: datetime, until: datetime) -> TimelineData:
        """Return what happened to *ref* and what it is joined to, or to everything."""

    async def before_red(self, ref: Ref) -> "BeforeRed":
        """Return what changed before *ref*, an alert or a record, went red."""

    async def counts(
        self, refs: Collection[Ref], field: str, since: datetime
    ) -> "Mapping[Ref, Sequence[CountReading]]":
        """Return what *field*, a whole number, of each of *refs* was seen to be since a time."""

    def at(
        self, time: datetime, kinds: Collection[Kind], like: "HistoricalBoard | None" = None
    ) -> "AsyncGenerator[HistoricalBoard, None]":
        """Yield the board as it was at *time*, first with records of *kinds*, at last with all.

        Where it is *like* that of another time, with all at once; and where that one is joined and
        little differs, joined to nothing: that one is to follow it.
        """

    async def change_before(self, time: datetime) -> datetime | None:
        """Return when what is shown changed last before *time*; ``None`` where it never did."""

    async def change_after(self, time: datetime) -> datetime | None:
        """Return when it changed first after *time*; ``None`` where it has not by now."""

    async def served(self, ref: Ref) -> "tuple[ServedStretch, ...]":
        """Return which versions the aliases of the model *ref* pointed to, the newest first."""

    async def handover(self, since: datetime) -> str:
        """Return the page for who comes next, as text."""
