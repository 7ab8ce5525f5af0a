"""Versions or runs side by side: metrics, parameters, data sets, signature, tags, charts."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.text import Text

from opsboard.adapter import Comparand, Series, SourceError
from opsboard.kinds.ages import age_text
from opsboard.records import Ref
from opsboard.ui.actions.ui_action import UiAction
from opsboard.ui.context import AppContext
from opsboard.ui.render.comparison_rows import comparison_rows
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import PageRow, error_rows
from opsboard.ui.screens.record_page import RecordPageScreen
from opsboard.ui.workers import start_worker
from opsboard.views.comparison import Comparison, compare


class ComparisonScreen(RecordPageScreen):
    """Compares what *refs* stand for. What one source refuses hides nothing of the others."""

    sort = "compare"

    def __init__(self, context: AppContext, refs: Sequence[Ref]) -> None:
        super().__init__(context, f"{len(refs)} side by side")
        self._refs = tuple(refs)
        self._comparison: Comparison | None = None
        self._charts: dict[str, list[Series | None]] = {}
        self._errors: list[SourceError] = []
        self._loaded_at: datetime | None = None

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
        self._errors, self._loaded_at = errors, self.context.clock.now()
        if sides:
            self._comparison = compare(sides)
        self.write()
        if self._comparison is not None:
            await self._ask_for_charts(self._comparison)

    async def _ask_for_charts(self, comparison: Comparison) -> None:
        """Read the values of a few metrics; the page is there before they are."""
        names, sides = comparison.charted, comparison.sides
        if not names:
            return
        answers = await asyncio.gather(
            *(self.context.feed.metric_series(side.ref, names) for side in sides),
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
        self._charts = {name: several for name, several in charts.items() if any(several)}
        self.write()

    def disabled_reason(self, action: UiAction) -> str:
        """Return why its own sides are not compared once more."""
        if action.id == "record.compare":
            return "they are side by side here already"
        return super().disabled_reason(action)

    # --- showing ---------------------------------------------------------------------------------

    def rows(self, page: PageFormat) -> Sequence[PageRow]:
        """Return the rows of the page."""
        told = {(error.message, error.hint): error for error in self._errors}.values()  # once each
        rows = [row for error in told for row in error_rows(error, page.styles, page.width)]
        if self._comparison is not None:
            rows.extend(comparison_rows(self._comparison, self._charts, page))
        elif not rows:
            rows.append(PageRow(Text("  asking the source ...", page.styles.muted)))
        return rows

    def show_page_environments(self) -> None:
        """Show the environments of all sides."""
        if self._comparison is None:
            super().show_page_environments()
            return
        found = filter(None, map(self.context.board.get, self._refs))
        sides = self._comparison.sides
        self.show_environments(*(side.environment for side in sides), of=found)

    def state_text(self) -> str:
        """Return how old the answers are."""
        if self._loaded_at is None:
            return "loading"
        if self._comparison is None:
            return "not available"
        age = age_text(self._loaded_at, self.context.clock.now())
        return "as of now" if age == "now" else f"as of {age} ago"


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
