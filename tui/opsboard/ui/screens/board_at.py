"""The board as it was at a time: read-only, while the live one goes on behind it."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from opsboard.adapter import Detail, LogLine, Unsupported
from opsboard.board.events import BoardEvent
from opsboard.records import JSON, Kind, Record, Ref
from opsboard.ui.actions.ui_action import UiAction
from opsboard.ui.context import AppContext
from opsboard.ui.messages import LeaveTime
from opsboard.ui.screens.board import BoardScreen
from opsboard.views.panes import numbered_panes

if TYPE_CHECKING:
    from opsboard.history.historical_board import HistoricalBoard, UncertainRecord

_ACTIVITY = Kind.ACTIVITY


class StoppedClock:
    """Shows one time: ages on an earlier board are those of then."""

    def __init__(self, time: datetime) -> None:
        self._time = time

    def now(self) -> datetime:
        """Return that time."""
        return self._time

    async def sleep(self, seconds: float) -> None:
        """Return at once."""


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

    async def raw(self, ref: Ref) -> JSON:
        """Raise Unsupported."""
        raise Unsupported("the raw form was not recorded")

    async def logs(self, ref: Ref, *, follow: bool, tail: int) -> AsyncIterator[LogLine]:
        """Raise Unsupported."""
        raise Unsupported("logs are not recorded")
        yield  # an async generator, as the other feeds have


def earlier_context(live: AppContext, found: "HistoricalBoard", text: str) -> AppContext:
    """Return the context of a board as it was; *text* is its time as people read it."""
    return replace(
        live,
        board=found.board,
        feed=EarlierFeed(),
        clock=StoppedClock(found.time),
        as_of=found.time,
        as_of_text=text,
    )


class EarlierBoardScreen(BoardScreen):
    """Shows the panes as they were. Escape goes back to now, at once: nothing has to be read."""

    def __init__(self, context: AppContext, found: "HistoricalBoard") -> None:
        super().__init__(context)
        self._found = found

    def on_mount(self) -> None:
        """Say what is not known for sure."""
        if text := uncertain_text(self._found.uncertain, self.context):
            self.show_notice(text)

    def disabled_reason(self, action: UiAction) -> str:
        """Return why nothing can be refreshed here."""
        return super().disabled_reason(action)

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


def uncertain_text(uncertain: "Sequence[UncertainRecord]", context: AppContext) -> str:
    """Return which records changed between the looks before and after; ``""`` for none."""
    if not uncertain:
        return ""
    names = [_name(one.before or one.after) for one in uncertain[:3]]
    more = len(uncertain) - len(names)
    listed = ", ".join(names) + (f" and {more:,} more" if more else "")
    first = uncertain[0]
    since, until = (
        f"{at.astimezone(context.zone):%H:%M:%S}" for at in (first.earliest, first.latest)
    )
    return f"changed between two looks ({since} and {until}), shown as before: {listed}"


def _name(record: Record | None) -> str:
    return record.name if record else "?"


def unrecorded_panes() -> Sequence[str]:
    """Return the titles of the panes whose records are not in the ledger."""
    return [pane.title for pane in numbered_panes() if pane.kind is _ACTIVITY]
