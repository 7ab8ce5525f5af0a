"""Versions or runs side by side: metrics, parameters, data sets, signature, tags, charts."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import ClassVar, NamedTuple, TypeVar

from rich.text import Text
from textual import on

from opsboard.adapter import Comparand, Series, SourceError
from opsboard.kinds.ages import age_text
from opsboard.records import Ref
from opsboard.system.background import run_in_thread
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.keymap import key_label
from opsboard.ui.actions.ui_action import UiAction
from opsboard.ui.context import AppContext
from opsboard.ui.messages import OpenText
from opsboard.ui.render.comparison_charts import chart_rows, draw_chart
from opsboard.ui.render.comparison_notes import incomplete_rows
from opsboard.ui.render.comparison_rows import ComparisonTables, comparison_tables, side_rows
from opsboard.ui.render.comparison_sides import ShownSides
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import AnyRow, PageRow, error_rows
from opsboard.ui.screens.record_page import RecordPageScreen
from opsboard.ui.theme.styles import Styles
from opsboard.ui.widgets.comparison_view import ComparisonView
from opsboard.ui.workers import start_worker
from opsboard.views.comparison import Comparison, compare

T = TypeVar("T")


class _Answers(NamedTuple):
    """What is compared, with the values over time of the metrics that have charts, by side."""

    comparison: Comparison
    charts: Mapping[str, Sequence[Series | None]]


class _Written(NamedTuple):
    """What is below the sides, and what it was written for."""

    answers: _Answers
    styles: Styles
    width: int
    start: int
    rows: Sequence[AnyRow]
    tables: ComparisonTables

    def is_for(self, answers: _Answers, page: PageFormat, start: int) -> bool:
        """Tell whether it would be the same now."""
        mine = self.answers is answers and self.styles is page.styles
        return mine and (self.width, self.start) == (page.width, start)


class ComparisonScreen(RecordPageScreen):
    """Compares what *refs* stand for. What one source refuses hides nothing of the others.

    A few versions may have thousands of parameters each. They are compared, and their tables made,
    in a thread; until then, the page stays as it was.
    """

    sort = "compare"
    page_type: ClassVar = ComparisonView

    def __init__(self, context: AppContext, refs: Sequence[Ref]) -> None:
        super().__init__(context, f"{len(refs)} side by side")
        self._refs = tuple(refs)
        self._answers: _Answers | None = None
        self._written: _Written | None = None
        self._start = 1
        """The side that stands beside the first one, where not all have room."""
        self._errors: list[SourceError] = []
        self._loaded_at: datetime | None = None
        self.is_writing = False
        """Whether the tables are being written. No key waits for that."""

    def on_mount(self) -> None:
        """Ask the sources."""
        super().on_mount()
        self.reload()

    # --- asking ----------------------------------------------------------------------------------

    def reload(self) -> None:
        """Ask the sources again."""
        start_worker(self, self._ask, group="comparison")

    async def _ask(self) -> None:
        feed = self.context.feed
        errors: list[SourceError] = []
        answers = await asyncio.gather(*map(feed.comparand, self._refs), return_exceptions=True)
        sides = list(_good(answers, errors))
        names: Sequence[str] = ()
        if sides:
            comparison, names = await _in_thread(partial(_compared, sides))
            self._answers = _Answers(comparison, {})
        self._errors, self._loaded_at = errors, self.context.clock.now()
        self.write()
        if self._answers is not None and names:
            await self._ask_for_charts(self._answers.comparison, names)

    async def _ask_for_charts(self, comparison: Comparison, names: Sequence[str]) -> None:
        """Read the values of a few metrics; the page is there before they are."""
        answers = await asyncio.gather(
            *(self.context.feed.metric_series(side.ref, names) for side in comparison.sides),
            return_exceptions=True,
        )
        found: list[dict[str, Series]] = []
        for answer in answers:
            if isinstance(answer, SourceError):
                self._errors.append(answer)
                found.append({})
            elif isinstance(answer, BaseException):
                raise answer
            else:
                found.append({one.title: one for one in answer if len(one.points) > 1})
        charts = {name: [one.get(name) for one in found] for name in names}
        charts = {name: several for name, several in charts.items() if any(several)}
        self._answers = _Answers(comparison, charts)
        self.write()

    def disabled_reason(self, action: UiAction) -> str:
        """Return why its own sides are not compared once more."""
        if action.id == "record.compare":
            return "they are side by side here already"
        if action.id == "record.open" and self.page.row.whole:
            return ""
        return super().disabled_reason(action)

    def do_open(self) -> None:
        """Open the side of the row, or the whole of a text that is cut."""
        if whole := self.page.row.whole:
            self.post_message(OpenText("text", self.page_title, whole))
        else:
            super().do_open()

    # --- writing ---------------------------------------------------------------------------------

    @on(ComparisonView.SidesWanted)
    def _show_other_sides(self, event: ComparisonView.SidesWanted) -> None:
        """Show the sides that are one further on."""
        if self._written is not None and not self._written.tables.shown.is_all:
            shown = self._written.tables.shown
            self._start = max(1, min(self._start + event.step, shown.total - shown.columns + 1))
            self.write()

    def _write_tables(self) -> None:
        """Write what is below the sides, if it is not as it would be now."""
        if not self.is_writing:
            self.is_writing = True
            start_worker(self, self._write_until_right, group="tables")

    async def _write_until_right(self) -> None:
        """Write the tables, and again for what has changed meanwhile; then show them."""
        try:
            while (answers := self._answers) is not None:
                page, start = self.page_format, self._start
                if self._written and self._written.is_for(answers, page, start):
                    return
                self._written = await self._write_for(answers, page, start)
                has_more = not self._written.tables.shown.is_all
                self.query_one(ComparisonView).has_more_sides = has_more
                self.write()
        finally:
            self.is_writing = False

    async def _write_for(self, answers: _Answers, page: PageFormat, start: int) -> _Written:
        comparison, charts = answers
        tables = await _in_thread(partial(comparison_tables, comparison, start, page))
        drawn = {}
        for name, several in charts.items():  # in this thread, with room for keys between them
            await asyncio.sleep(0)
            drawn[name] = draw_chart(name, several, len(charts), page)
        rows = [
            *tables.rows,
            *chart_rows(comparison.sides, drawn, page),
            *incomplete_rows(comparison.sides, page),
        ]
        return _Written(answers, page.styles, page.width, start, rows, tables)

    # --- showing ---------------------------------------------------------------------------------

    def rows(self, page: PageFormat) -> Sequence[AnyRow]:
        """Return the rows of the page: those below the sides as they were written last."""
        told = {(error.message, error.hint): error for error in self._errors}.values()  # once each
        rows: list[AnyRow] = [
            row for error in told for row in error_rows(error, page.styles, page.width)
        ]
        if self._answers is None:
            waits = PageRow(Text("  asking the source ...", page.styles.muted))
            return rows or [waits]
        if self._written is None or not self._written.is_for(self._answers, page, self._start):
            self._write_tables()
        rows.extend(side_rows(self._answers.comparison.sides, page))
        if self._written is not None:
            rows.extend(self._written.rows)
        return rows

    def title_text(self) -> str:
        """Return which sides are shown, where not all are."""
        if self._written is None or self._written.tables.shown.is_all:
            return self.page_title
        shown = self._written.tables.shown
        return f"{shown.text()}{self._more_text(shown)}"

    def _more_text(self, shown: ShownSides) -> str:
        """Return the keys that show other sides."""
        ways = (("move.left", shown.has_before), ("move.right", shown.has_after))
        keys = [self.context.keys_of(ACTIONS[way]) for way, is_open in ways if is_open]
        labels = " or ".join(key_label(several[0]) for several in keys if several)
        return f", {labels} for more" if labels else ""

    def show_page_environments(self) -> None:
        """Show the environments of all sides."""
        if self._answers is None:
            super().show_page_environments()
            return
        found = filter(None, map(self.context.board.get, self._refs))
        sides = self._answers.comparison.sides
        self.show_environments(*(side.environment for side in sides), of=found)

    def state_text(self) -> str:
        """Return how old the answers are."""
        if self._loaded_at is None:
            return "loading"
        if self._answers is None:
            return "not available"
        age = age_text(self._loaded_at, self.context.clock.now())
        return "as of now" if age == "now" else f"as of {age} ago"


def _compared(sides: Sequence[Comparand]) -> tuple[Comparison, Sequence[str]]:
    """Return the comparison, and the metrics to draw."""
    comparison = compare(sides)
    return comparison, comparison.charted


async def _in_thread(call: Callable[[], T]) -> T:
    return await asyncio.wrap_future(run_in_thread(call))


def _good(
    answers: Sequence[Comparand | BaseException], errors: list[SourceError]
) -> Iterator[Comparand]:
    """Yield the answers that came; what a source refused goes to *errors*."""
    for answer in answers:
        if isinstance(answer, SourceError):
            errors.append(answer)
        elif isinstance(answer, BaseException):
            raise answer
        else:
            yield answer
