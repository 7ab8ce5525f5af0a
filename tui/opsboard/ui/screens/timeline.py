"""The time line: what changed, what was done and by whom, and when nobody looked."""

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar, Final

from rich.text import Text

from opsboard.adapter import SourceError
from opsboard.history.port import TimelineData
from opsboard.history.timeline import TimelineRow, timeline, timeline_filter
from opsboard.records import Ref
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.ui_action import BindingScope, UiAction
from opsboard.ui.context import AppContext
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import BLANK, PageRow, error_rows
from opsboard.ui.render.timeline_lines import timeline_lines
from opsboard.ui.render.timeline_rows import SPAN_TEXTS, SPANS, span_after, timeline_rows
from opsboard.ui.screens.record_page import RecordPageScreen
from opsboard.ui.widgets.prompt import PromptQuestion
from opsboard.ui.workers import start_worker
from opsboard.views.filter import EVERYTHING, Filter, FilterError

MOST_ROWS: Final = 500
"""Events that are shown at once."""
_FIRST_SPAN: Final = timedelta(hours=8)
_REFRESH: Final = 15.0
"""Seconds after which an open time line is read again."""


class TimelineScreen(RecordPageScreen):
    """The time line of *ref* and of what it is joined to, or of everything.

    It is read in a worker, for one stretch of time up to now; a filter is applied to what was read.
    """

    SCOPES: ClassVar = (
        BindingScope.RECORD,
        BindingScope.TIMELINE,
        BindingScope.ACT,
        BindingScope.SCREEN,
    )
    BINDINGS: ClassVar = ACTIONS.bindings(
        BindingScope.RECORD, BindingScope.TIMELINE, BindingScope.ACT
    )
    sort = "time line"

    def __init__(self, context: AppContext, ref: Ref | None = None, filter_text: str = "") -> None:
        record = context.board.get(ref) if ref else None
        name = "everything" if ref is None else record.name if record else ref.id
        super().__init__(context, name, ref)
        self._name = name
        self._span = _FIRST_SPAN
        self._everything = False
        self._filter: Filter = EVERYTHING
        self._data: TimelineData | None = None
        self._error: SourceError | None = None
        self._begins_with = filter_text
        self._filters: list[str] = []

    def on_mount(self) -> None:
        """Read it, and read it again now and then."""
        if self._begins_with and (wrong := self._apply(self._begins_with)):
            self.show_notice(wrong, wrong=True)
        self.reload()
        self.set_interval(_REFRESH, self.reload)

    # --- reading ---------------------------------------------------------------------------------

    def reload(self) -> None:
        """Read the ledger again."""
        start_worker(self, self._read, group="timeline")

    async def _read(self) -> None:
        history = self.context.history
        if history is None:
            return
        now = self.context.clock.now()
        try:
            self._data = await history.timeline(self.ref, now - self._span, now)
            self._error = None
        except SourceError as error:
            self._error = error
        self.write()
        self.refresh_bindings()

    # --- showing ---------------------------------------------------------------------------------

    def rows(self, page: PageFormat) -> Sequence[PageRow]:
        """Return the lines, newest first."""
        rows = list(error_rows(self._error, page.styles, page.width)) if self._error else []
        if self._data is None:
            return rows or [PageRow(Text("  reading the history ...", page.styles.muted))]
        shown = self._shown(self._data)
        rows += timeline_lines(timeline_rows(shown, page.now, self.context.zone), page)
        return rows or [BLANK, PageRow(Text(f"  {self._nothing_text()}", page.styles.muted))]

    def _shown(self, data: TimelineData) -> Sequence[TimelineRow]:
        return timeline(
            data.events,
            data.gaps,
            chosen=self._filter,
            everything=self._everything,
            now=self.context.clock.now(),
            limit=MOST_ROWS,
        )

    def _nothing_text(self) -> str:
        span = SPAN_TEXTS[SPANS.index(self._span)]
        if self._filter:
            return f"nothing of the last {span} matches {self._filter.text!r}; Esc drops the filter"
        wider = "" if self._span == SPANS[-1] else "; - shows a longer time"
        return f"nothing has changed in the last {span}{wider}"

    def state_text(self) -> str:
        """Return the stretch that is shown, the filter, and what is left out."""
        if self._data is None:
            return "not available" if self._error else "loading"
        words = [f"/{self._filter.text}" if self._filter else ""]
        words.append("everything" if self._everything else "")
        if self._data.truncated:
            words.append("the oldest left out")
        words.append(f"last {SPAN_TEXTS[SPANS.index(self._span)]}")
        return "  ".join(filter(None, words))

    # --- actions ---------------------------------------------------------------------------------

    def disabled_reason(self, action: UiAction) -> str:
        """Return why the stretch cannot be narrower, or wider."""
        if action.id == "timeline.zoom_in" and self._span == SPANS[0]:
            return f"{SPAN_TEXTS[0]} is the shortest stretch"
        if action.id == "timeline.zoom_out" and self._span == SPANS[-1]:
            return f"{SPAN_TEXTS[-1]} is the longest stretch"
        return super().disabled_reason(action)

    def do_zoom_in(self) -> None:
        """Show a shorter stretch of time."""
        self._zoom(-1)

    def do_zoom_out(self) -> None:
        """Show a longer stretch of time."""
        self._zoom(+1)

    def _zoom(self, step: int) -> None:
        self._span, self._data = span_after(SPANS, self._span, step), None
        self.write()
        self.reload()

    def do_everything(self) -> None:
        """Show what is of less weight too, or no longer."""
        self._everything = not self._everything
        self.write()

    def do_filter(self, text: str = "") -> None:
        """Filter by *text*, or ask for it; then the lines follow each keystroke."""
        if text:
            if wrong := self._apply(text):
                self.show_notice(wrong, wrong=True)
            return
        before = self._filter.text
        self.ask(
            PromptQuestion(
                "/",
                on_submit=self._apply,
                text=before,
                on_change=self._apply,
                on_cancel=lambda: self._restore(before),
                history=self._filters,
            )
        )

    def _restore(self, text: str) -> None:
        self._apply(text)

    def _apply(self, text: str) -> str:
        """Filter by *text*. Return what is wrong with it; the lines then stay as they are."""
        before = self._filter
        try:
            self._filter = timeline_filter(text) if text.strip() else EVERYTHING
            if self._data is not None:
                self._shown(self._data)
        except FilterError as error:
            self._filter = before
            return str(error)
        self.write()
        return ""

    def do_back(self) -> None:
        """Drop the filter, or else leave."""
        if self._filter:
            self._apply("")
            return
        super().do_back()
