"""The health of the sources: conditions, budgets and scopes."""

from collections.abc import Iterator
from datetime import datetime

from rich.cells import cell_len
from rich.text import Text
from textual import on
from textual.app import ComposeResult

from opsboard.adapter import Budget, Condition, Health
from opsboard.board.state import ScopeState, SourceState
from opsboard.kinds.ages import age_text
from opsboard.records import Status
from opsboard.ui.context import AppContext
from opsboard.ui.messages import BoardChanged, ClockTicked, StylesChanged
from opsboard.ui.render.layout import (
    BLANK,
    INDENT,
    PageRow,
    demo_rows,
    fit_text,
    heading_row,
    wrap_text,
)
from opsboard.ui.render.source_summary import budget_style, freshness
from opsboard.ui.screens.base_screen import BaseScreen
from opsboard.ui.theme.styles import Styles
from opsboard.ui.widgets.page_view import PageView

_NONE = "No source is configured. `opsboard init` writes a config of what is found here."
_LABEL = 10
_BESIDE = 34
"""Columns of a scope's line beside its name and what stands behind the number of its records."""
_NAME = 12, 60
"""Columns of the names of scopes, at least and at most."""


class SourcesScreen(BaseScreen):
    """Health, scopes, budgets, and how to fix what is wrong, for every source.

    With *source*, the cursor begins on that one.
    """

    def __init__(self, context: AppContext, source: str = "") -> None:
        super().__init__(context)
        self._source = source

    def compose_body(self) -> ComposeResult:
        """Yield the page."""
        yield PageView(self.context)

    def on_mount(self) -> None:
        """Write the page for the first time."""
        self._write()
        self.call_after_refresh(self._stand_on_source)

    def _stand_on_source(self) -> None:
        """Put the cursor on the source that was asked for, with its name above it."""
        page = self.query_one(PageView)
        line = next((at for at, row in enumerate(page.rows) if row.key == self._source), None)
        if line is not None:
            page.move_to(line)
            page.scroll_to(y=line - 1, animate=False, force=True)

    @on(BoardChanged)
    @on(ClockTicked)
    @on(StylesChanged)
    def _write(self) -> None:
        context, styles = self.context, self.context.styles
        page, now = self.query_one(PageView), context.clock.now()
        width = (page.size.width or self.size.width) - 2
        sources = sorted(context.board.sources(), key=_urgency)
        rows = [row for source in sources for row in source_rows(source, now, styles, width)]
        rows = rows or [PageRow(Text(f"{INDENT}{_NONE}", styles.muted))]
        page.show_rows([*demo_rows(context.demo, styles, width), *rows])


def _urgency(source: SourceState) -> int:
    """Order sources by what is the matter with them; those that are fine stay as configured."""
    severity = source.status.severity
    return -severity if severity >= Status.UNKNOWN.severity else 0


def source_rows(
    source: SourceState, now: datetime, styles: Styles, width: int
) -> Iterator[PageRow]:
    """Yield the rows of *source*."""
    title = source.title if source.title != source.name else ""
    yield heading_row(source.name, styles, title)
    yield from _health(source, now, styles, width)
    for budget in source.budgets.values():
        yield _budget(source.name, budget, now, styles)
    label = "scopes"
    named = _name_width(source, now, width)
    for name, scope in sorted(source.scopes.items(), key=lambda item: _concern(item[1])):
        yield from _scope(label, source.name, name, scope, now, styles, width, named)
        label = ""
    yield BLANK


def _name_width(source: SourceState, now: datetime, width: int) -> int:
    """Return how wide the column of names is: no wider than they are, and so that ages fit."""
    aged = max((cell_len(_scope_age(one, now)) for one in source.scopes.values()), default=0)
    least, most = _NAME
    widest = min(most, max(map(cell_len, source.scopes), default=0))
    return max(least, min(widest, width - _BESIDE - aged))


def _concern(scope: ScopeState) -> int:
    return -scope.health.condition.status.severity


def _health(source: SourceState, now: datetime, styles: Styles, width: int) -> Iterator[PageRow]:
    words = [source.health.condition.value, freshness(source, now)]
    if source.from_cache:
        words.append("as last known, from disk")
    if source.has_answered and not source.has_reported:
        words.append("no data yet")
    status = source.status
    text = _label("health", styles).append(
        f"{styles.glyphs.status[status]} {', '.join(dict.fromkeys(words))}", styles.statuses[status]
    )
    yield PageRow(
        text, selectable=True, copy_text=source.health.message or source.name, key=source.name
    )
    yield from _words(source.health, source.name, now, styles, width)


def _words(
    health: Health, key: str, now: datetime, styles: Styles, width: int
) -> Iterator[PageRow]:
    until = f"again {_when(health.until, now)}" if health.until else ""
    for label, value in (("cause", health.message), ("hint", health.hint), ("until", until)):
        for number, line in enumerate(wrap_text(value, width - _LABEL - 4) if value else ()):
            text = _label("" if number else label, styles).append(line)
            yield PageRow(text, selectable=True, copy_text=value, key=(key, label, number))


def _when(coming: datetime, now: datetime) -> str:
    """Return in how long *coming* is: ``in 25s``, or ``now``, also where that has passed."""
    left = age_text(now, coming)
    return left if left == "now" else f"in {left}"


def _budget(source: str, budget: Budget, now: datetime, styles: Styles) -> PageRow:
    text = _label("budget", styles)
    text.append(f"{budget.remaining:,} of {budget.limit:,} ", budget_style(budget, styles))
    text.append(f"{budget.name} requests left", styles.muted)
    if budget.resets_at is not None:
        text.append(f", renewed {_when(budget.resets_at, now)}", styles.muted)
    copy = f"{budget.remaining}/{budget.limit}"
    return PageRow(text, selectable=True, copy_text=copy, key=(source, "budget", budget.name))


def _scope(  # noqa: PLR0917 - all of them are what a row is made of
    label: str,
    source: str,
    name: str,
    scope: ScopeState,
    now: datetime,
    styles: Styles,
    width: int,
    named: int,
) -> Iterator[PageRow]:
    status = scope.health.condition.status
    text = _label(label, styles)
    text.append(f"{styles.glyphs.status[status]} ", styles.statuses[status])
    text.append(fit_text(name, named, styles))
    records = "record " if scope.records == 1 else "records"
    text.append(f"  {scope.records:>6,} {records}  ", styles.muted)
    text.append(
        _scope_age(scope, now), styles.statuses[status] if _is_bad(status) else styles.muted
    )
    yield PageRow(text, selectable=True, copy_text=name, key=(source, "scope", name))
    if _is_bad(status) or scope.health.hint:  # what is done without, too
        yield from _words(scope.health, f"{source}/{name}", now, styles, width)
    if scope.skipped is not None and scope.skipped.sentence != scope.health.message:
        yield from _words(
            Health(condition=Condition.PARTIAL, message=scope.skipped.sentence),
            f"{source}/{name}/skipped",
            now,
            styles,
            width,
        )


def _is_bad(status: Status) -> bool:
    return status in (Status.FAILED, Status.WARNING)


def _scope_age(scope: ScopeState, now: datetime) -> str:
    condition = scope.health.condition
    if condition is Condition.LIVE and scope.streaming:
        return "live"
    if condition is Condition.PARTIAL and scope.streaming:
        return "live, partial"
    age = age_text(scope.fresh_at, now) if scope.fresh_at else ""
    return age if condition is Condition.LIVE and age else f"{condition.value} {age}".strip()


def _label(label: str, styles: Styles) -> Text:
    return Text().append(f"{INDENT} {label:<{_LABEL}}", styles.muted)
