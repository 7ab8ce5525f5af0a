"""Delivery figures: a line for each service in each environment, and for each alias of a model."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Final

from rich.text import Text

from opsboard.adapter import SourceError
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.ui_action import BindingScope, UiAction
from opsboard.ui.context import AppContext
from opsboard.ui.messages import OpenDeliveryLane
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import BLANK, PageRow, error_rows, wrap_text
from opsboard.ui.screens.record_page import RecordPageScreen
from opsboard.ui.workers import start_worker

if TYPE_CHECKING:
    from opsboard.delivery.figures import LaneFigures
    from opsboard.delivery.lane import LaneKey
    from opsboard.delivery.read_delivery import DeliveryHistory

DAYS: Final = (7, 30, 90)
"""Windows that can be chosen, up to now."""


class DeliveryScreen(RecordPageScreen):
    """The figures of all lanes, or with *lane* those of one, for the days that are chosen.

    With a *name*, only lanes that have it in theirs.

    The ledger is read in a worker; another window is worked out of what was read.
    """

    SCOPES: ClassVar = (
        BindingScope.RECORD,
        BindingScope.DELIVERY,
        BindingScope.DETAIL,
        BindingScope.ACT,
        BindingScope.SCREEN,
    )
    BINDINGS: ClassVar = ACTIONS.bindings(
        BindingScope.RECORD, BindingScope.DELIVERY, BindingScope.DETAIL, BindingScope.ACT
    )
    sort = "delivery"

    def __init__(
        self,
        context: AppContext,
        lane: "LaneKey | None" = None,
        history: "DeliveryHistory | None" = None,
        days: int = DAYS[1],
        name: str = "",
    ) -> None:
        title = name or "everything"
        if lane is not None:
            title = f"{lane.name} {lane.environment}".rstrip()
        super().__init__(context, title)
        self._lane, self._history, self._days = lane, history, days
        self._wanted = name.casefold()
        self._error: SourceError | None = None
        self._figures: Sequence[LaneFigures] = ()

    def on_mount(self) -> None:
        """Read the ledger, unless that has been done."""
        self._work_out()
        self.write()
        if self._history is None:
            self.reload()

    # --- reading ---------------------------------------------------------------------------------

    def reload(self) -> None:
        """Read the ledger again."""
        start_worker(self, self._read, group="delivery")

    async def _read(self) -> None:
        history = self.context.history
        if history is None:
            return
        try:
            self._history, self._error = await history.delivery(), None
        except SourceError as error:
            self._error = error
        self._work_out()
        self.write()
        self.refresh_bindings()

    def _work_out(self) -> None:
        from opsboard.delivery.figures import DeliveryWindow  # noqa: PLC0415 - opened late

        if self._history is None:
            return
        until = self._history.until
        found = self._history.figures(DeliveryWindow(until - timedelta(days=self._days), until))
        self._figures = [
            one
            for one in found
            if self._lane in {None, one.key} and self._wanted in one.key.name.casefold()
        ]

    # --- showing ---------------------------------------------------------------------------------

    def rows(self, page: PageFormat) -> Sequence[PageRow]:
        """Return the lines of all lanes, or the page of one."""
        from opsboard.ui.render.delivery_rows import lane_page, lane_rows  # noqa: PLC0415 - late

        rows = list(error_rows(self._error, page.styles, page.width)) if self._error else []
        if self._history is None:
            return rows or [PageRow(Text("  reading the history ...", page.styles.muted))]
        if self._lane is not None:
            for figures in self._figures:
                rows += lane_page(figures, page, self.context.zone)
            return rows
        if self._figures:
            rows += lane_rows(self._figures, page)
        rows.append(BLANK)
        for line in wrap_text(self._note(), page.width - 4):
            rows.append(PageRow(Text(f"  {line}", page.styles.muted)))
        return rows

    def _note(self) -> str:
        """Return since when anything is known, and what is missing where nothing is."""
        since = self._history.recorded_since if self._history is not None else None
        told = (
            f"recorded since {since.astimezone(self.context.zone):%Y-%m-%d %H:%M}"
            if since is not None
            else "nothing is recorded yet"
        )
        if self._figures:
            return f"{told}; what was there at the first look is no deployment, and not measured"
        if self._wanted:
            return f"{told}: nothing that is deployed is called {self._wanted!r}"
        return (
            f"{told}: no workload, deployment of a CI server or alias of a model was seen. A board "
            "that is open, or `opsboard watch --record`, records them"
        )

    def state_text(self) -> str:
        """Return the window, and whether it has been read."""
        if self._history is None:
            return "not available" if self._error else "loading"
        return f"last {self._days} days"

    def show_page_environments(self) -> None:
        """Show the environment of the lane that the row or the page is of."""
        from opsboard.delivery.lane import LaneKind  # noqa: PLC0415 - late

        lane = self._row_lane() or self._lane
        if lane is not None and lane.kind is not LaneKind.MODEL:
            self.show_environments(lane.environment, of=())
        else:
            super().show_page_environments()

    # --- actions ---------------------------------------------------------------------------------

    def disabled_reason(self, action: UiAction) -> str:
        """Return why the window cannot be shorter, or longer."""
        if action.id == "delivery.shorter" and self._days == DAYS[0]:
            return f"{DAYS[0]} days is the shortest window"
        if action.id == "delivery.longer" and self._days == DAYS[-1]:
            return f"{DAYS[-1]} days is the longest window"
        if action.id == "record.open" and self._row_lane() is not None:
            return ""
        if action.scope is not BindingScope.SCREEN and self._is_reading:
            return "the history is being read"
        return super().disabled_reason(action)

    @property
    def _is_reading(self) -> bool:
        """Whether there are no rows yet that anything could be done with."""
        return self._history is None and self._error is None

    def _row_lane(self) -> "LaneKey | None":
        key = self.page.row.key
        return next((one.key for one in self._figures if one.key == key), None)

    def do_open(self) -> None:
        """Open the lane of the row, or the record of a step."""
        lane = self._row_lane()
        if lane is None or self._history is None:
            super().do_open()
            return
        self.post_message(OpenDeliveryLane(lane, self._history, self._days))

    def do_shorter(self) -> None:
        """Show fewer days."""
        self._choose(-1)

    def do_longer(self) -> None:
        """Show more days."""
        self._choose(+1)

    def _choose(self, step: int) -> None:
        at = DAYS.index(self._days) + step
        self._days = DAYS[max(0, min(len(DAYS) - 1, at))]
        self._work_out()
        self.write()
        self.refresh_bindings()
