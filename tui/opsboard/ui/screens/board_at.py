"""The board as it was at a time: read-only, while the live one goes on behind it."""

from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from opsboard.adapter import (
    Comparand,
    Description,
    Detail,
    ListingCatalog,
    ListingQuery,
    ListingUpdate,
    LogLine,
    LogPart,
    LogQuery,
    ObjectTree,
    Series,
    Unsupported,
)
from opsboard.board.events import BoardEvent
from opsboard.history.change_summary import summarize
from opsboard.history.time_expression import interval_texts
from opsboard.history.timeline import gap_text, merged_gaps
from opsboard.kinds.registry import KINDS
from opsboard.records import JSON, Record, Ref, Status
from opsboard.ui.context import AppContext, EarlierTime
from opsboard.ui.messages import BoardChanged, ClockTicked, LeaveTime, StylesChanged
from opsboard.ui.screens.board import BoardPlace, BoardScreen
from opsboard.ui.widgets.top_line import TopLine

if TYPE_CHECKING:
    from opsboard.board.delta import BoardDelta
    from opsboard.history.historical_board import HistoricalBoard, UncertainRecord

MOST_DOUBTS: Final = 3
"""Things that are not known for sure of which each has a line above the panes."""


class EarlierFeed:
    """Sources tell of now only: an earlier board has its records, and nothing else."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def on_wake(self, wake: Callable[[], None]) -> None: ...

    def drain(self) -> Sequence[BoardEvent]:
        """Return nothing."""
        return ()

    def refresh(self, source: str | None = None) -> None: ...

    def has_log(self, ref: Ref) -> bool:
        """Return that nothing has a log."""
        return False

    async def detail(self, ref: Ref) -> Detail:
        """Raise Unsupported: the fields of the record are what was recorded."""
        raise Unsupported("only what the record says was recorded")

    async def describe(self, ref: Ref) -> Description:
        """Raise Unsupported: the fields of the record are what was recorded."""
        raise Unsupported("only what the record says was recorded")

    async def tree(self, ref: Ref) -> ObjectTree:
        """Raise Unsupported."""
        raise Unsupported("owners were not recorded")

    async def raw(self, ref: Ref) -> JSON:
        """Raise Unsupported."""
        raise Unsupported("the raw form was not recorded")

    async def comparand(self, ref: Ref) -> Comparand:
        """Raise Unsupported."""
        raise Unsupported("what could be compared was not recorded")

    async def metric_series(self, ref: Ref, metrics: Sequence[str]) -> Sequence[Series]:
        """Raise Unsupported."""
        raise Unsupported("the values of metrics were not recorded")

    async def log_parts(self, ref: Ref) -> Sequence[LogPart]:
        """Raise Unsupported."""
        raise Unsupported("logs are not recorded")

    async def logs(self, ref: Ref, query: LogQuery) -> AsyncGenerator[LogLine, None]:
        """Raise Unsupported."""
        raise Unsupported("logs are not recorded")
        yield  # an async generator, as the other feeds have

    async def listing_types(self) -> Mapping[str, ListingCatalog]:
        """Return nothing: what servers list is of now."""
        return {}

    async def listing(
        self, source: str, name: str, query: ListingQuery
    ) -> AsyncGenerator[ListingUpdate, None]:
        """Raise Unsupported."""
        raise Unsupported("what a server lists beyond the board is not recorded")
        yield  # as above


def earlier_context(live: AppContext, found: "HistoricalBoard", text: str) -> AppContext:
    """Return the context of a board as it was; *text* is its time as people read it."""
    earlier = EarlierTime(found.time, text)
    history = live.history.of(found.board, earlier) if live.history is not None else None
    return replace(
        live,
        board=found.board,
        feed=EarlierFeed(),
        clock=earlier,
        earlier=earlier,
        history=history,
    )


class EarlierBoardScreen(BoardScreen):
    """Shows the panes as they were. Escape goes back to now, at once: nothing has to be read."""

    def __init__(
        self, context: AppContext, found: "HistoricalBoard", place: BoardPlace | None = None
    ) -> None:
        super().__init__(context)
        self.found, self._place = found, place

    def compose_body(self) -> ComposeResult:
        """Yield what is not known for sure, and the panes."""
        yield Static(markup=False, id="doubts")
        yield from super().compose_body()

    def on_mount(self) -> None:
        """Begin where one was on the board of the other time."""
        self._show_doubts()
        if self._place is not None:
            self.show_place(self._place)

    def take(self, found: "HistoricalBoard", text: str) -> "BoardDelta":
        """Show *found*, more of the board on show or that of another time; return what differs.

        *text* is its time as people read it. What is open goes on to show the same board.
        """
        board = self.context.board
        follows = self.found.joined and not found.joined
        delta = board.follow(found.board) if follows else board.adopt(found.board)
        self.found = replace(found, board=board, joined=follows or found.joined)
        if (earlier := self.context.earlier) is not None and earlier.time != found.time:
            earlier.time, earlier.text = found.time, text
            self.query_one(TopLine).redraw()
            self.post_message(ClockTicked(found.time))
        self._show_doubts()
        return delta

    @on(BoardChanged)
    def _return_to_place(self) -> None:
        """Go to where one was, now that it is there."""
        place, pane = self._place, self.pane
        if place is not None and pane.spec.id == place.pane and pane.table.current_ref is None:
            self.call_later(self.show_place, place)

    @on(StylesChanged)
    def _show_doubts(self) -> None:
        shown = bool(self.found.uncertain or self.found.gaps)
        doubts = self.query_one("#doubts", Static)
        doubts.display = shown
        if shown:
            doubts.update(self._doubts())

    def _doubts(self) -> Text:
        """Return what was between two looks, and what nobody looked at then."""
        zone = self.context.zone
        lines = [gap_text(gap, zone) for gap in merged_gaps(self.found.gaps)]
        lines += uncertain_lines(
            sorted(self.found.uncertain, key=_has_no_row), self.found.time, self.context
        )
        glyphs = self.context.styles.glyphs
        if len(lines) > MOST_DOUBTS:
            first = lines[: MOST_DOUBTS - 1]
            lines = [*first, f"and {len(lines) - len(first):,} more; `opsboard at` lists all"]
        shown = "\n".join(f" {glyphs.gap} {line}" for line in lines)
        return Text(shown, self.context.styles.statuses[Status.UNKNOWN])

    def do_back(self) -> None:
        """Drop the filter, the marks, the zoom; then go back to now."""
        if not self.pane.clear_filter_or_marks():
            if self.zoomed:
                self.do_overview()
            else:
                self.post_message(LeaveTime())

    def do_quit(self) -> None:
        """Go back to now: leaving the program is for the live board."""
        self.post_message(LeaveTime())


def uncertain_lines(
    uncertain: "Sequence[UncertainRecord]", time: datetime, context: AppContext
) -> Iterator[str]:
    """Yield both states that are possible, and the interval, of each record in *uncertain*."""
    arrow = context.styles.glyphs.arrow
    for one in uncertain:
        since, until = interval_texts(one.earliest, one.latest, time, context.zone)
        record = one.before or one.after
        summary = summarize(one.before, one.after)
        before = summary.before or _state(one.before)
        after = summary.after or _state(one.after)
        name = record.name if record else one.ref.id
        yield f"{name}: {before} {arrow} {after} between {since} and {until}, shown as before"


def _has_no_row(one: "UncertainRecord") -> bool:
    """Tell whether no pane shows it: a commit, an artifact."""
    record = one.before or one.after
    kind = KINDS.of(record) if record is not None else None
    return kind is None or kind.pane is None


def _state(record: Record | None) -> str:
    return "not there" if record is None else record.reason or record.status.value
