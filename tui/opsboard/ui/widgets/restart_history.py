"""Asks the history how often the pods on the screen were restarted, never on the way of a frame."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Final

from textual.timer import Timer
from textual.widget import Widget

from opsboard.adapter import SourceError
from opsboard.kinds.cluster import RESTARTS
from opsboard.records import Ref
from opsboard.ui.context import AppContext
from opsboard.ui.widgets.record_table import RecordTable
from opsboard.ui.workers import start_worker
from opsboard.views.restart_lines import SPAN, RestartLines

ASK_AFTER: Final = 0.4
"""Seconds that rows are on the screen before anything is asked."""
_BEFORE: Final = timedelta(hours=1)
"""How far before the line a reading may lie that it begins with."""


class RestartHistory:
    """Keeps the restarts of the rows of *table*, in *pane*, that were seen."""

    def __init__(self, pane: Widget, table: RecordTable, context: AppContext) -> None:
        self._pane, self._table, self._context = pane, table, context
        self._lines = RestartLines()
        self._asking: Timer | None = None
        table.model.drawn[RESTARTS.id] = self._lines.cell

    def plan(self) -> None:
        """Ask in a moment for the rows that are on the screen, once."""
        context = self._context
        if context.history is None or context.as_of is not None or self._asking is not None:
            return
        if self._wanted():
            self._asking = self._pane.set_timer(ASK_AFTER, self._ask)

    def _wanted(self) -> dict[Ref, int]:
        return self._lines.wanted(self._table.seen_records())

    def _ask(self) -> None:
        self._asking = None
        if wanted := self._wanted():
            start_worker(self._pane, partial(self._listen, wanted), group="restarts")

    async def _listen(self, wanted: Mapping[Ref, int]) -> None:
        history, now = self._context.history, self._context.clock.now()
        if history is None:
            return
        try:
            found = await history.counts(wanted.keys(), RESTARTS.id, now - SPAN - _BEFORE)
        except SourceError:
            found = {}  # the page of the history says why; a number alone is no lie
        self._lines.take(wanted, found)
        self._table.tick()
