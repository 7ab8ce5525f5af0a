"""The sources in the top line, in as much detail as the width of the terminal allows."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.style import Style
from rich.text import Text

from opsboard.adapter import Budget, Condition
from opsboard.board.state import SourceState
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.kinds.ages import age_text
from opsboard.records import Status
from opsboard.ui.theme.styles import Styles

_GAP = "  "


@frozen_unchecked
class SummaryLevel(Frozen):
    """How much detail is shown of each source. *name* is the width of its name in columns.

    Without *ages*, it is still said what is the matter with one that is not *calm*, if *reasons*.
    """

    ages: bool
    budgets: bool
    name: int
    calm: bool = True
    reasons: bool = True


LEVELS = (
    SummaryLevel(ages=True, budgets=True, name=24),
    SummaryLevel(ages=True, budgets=True, name=12),
    SummaryLevel(ages=True, budgets=False, name=16),
    SummaryLevel(ages=True, budgets=False, name=9),
    SummaryLevel(ages=False, budgets=False, name=9),
    SummaryLevel(ages=True, budgets=False, name=16, calm=False),
    SummaryLevel(ages=True, budgets=False, name=9, calm=False),
    SummaryLevel(ages=False, budgets=False, name=16, calm=False, reasons=False),
    SummaryLevel(ages=False, budgets=False, name=9, calm=False, reasons=False),
    SummaryLevel(ages=False, budgets=False, name=5, calm=False, reasons=False),
)
"""From most to least detail. At the last ones, sources without problems are only counted."""


def source_summary(
    sources: Sequence[SourceState], now: datetime, styles: Styles, width: int
) -> Text:
    """Return the most that fits into *width* columns; at the very least, something."""
    text = Text()
    for level in LEVELS:
        text = _at(level, sources, now, styles)
        if text.cell_len <= width:
            return text
    text.truncate(max(0, width), overflow="crop")
    return text


def _at(level: SummaryLevel, sources: Sequence[SourceState], now: datetime, styles: Styles) -> Text:
    shown = [source for source in sources if level.calm or not _is_calm(source)]
    parts = [_source(source, level, now, styles) for source in shown]
    if len(shown) < len(sources):
        parts.append(_calm_ones(len(sources) - len(shown), styles))
    return Text(_GAP).join(parts)


def _is_calm(source: SourceState) -> bool:
    return source.status in (Status.OK, Status.RUNNING)


def _calm_ones(count: int, styles: Styles) -> Text:
    glyph = Text(styles.glyphs.status[Status.OK], styles.statuses[Status.OK])
    return glyph.append(f" {count} fine", styles.muted)


def _source(source: SourceState, level: SummaryLevel, now: datetime, styles: Styles) -> Text:
    status = source.status
    text = Text(styles.glyphs.status[status], styles.statuses[status])
    text.append(
        f" {shorten(source.name, level.name, styles.glyphs.ellipsis)}", _plain(status, styles)
    )
    if level.ages or (level.reasons and not _is_calm(source)):
        text.append(f" {freshness(source, now)}", styles.muted)
    if level.budgets and (budget := scarcest_budget(source.budgets.values())):
        text.append(f" {budget.remaining:,}/{budget.limit:,}", budget_style(budget, styles))
    return text


def _plain(status: Status, styles: Styles) -> str | Style:
    return styles.statuses[status] if status.severity >= Status.UNKNOWN.severity else ""


def freshness(source: SourceState, now: datetime) -> str:
    """Return ``live``, or how old what is shown of *source* is, or why there is nothing."""
    condition = source.health.condition
    if condition in {Condition.LIVE, Condition.PARTIAL} and source.streaming:
        return "live"
    if source.fresh_at is None:
        if not source.has_answered:
            return "starting"
        return "silent" if condition is Condition.LIVE else condition.value
    return age_text(source.fresh_at, now)


def scarcest_budget(budgets: Iterable[Budget]) -> Budget | None:
    """Return the budget of which the least is left, in proportion."""
    return min(budgets, key=lambda budget: budget.remaining / max(1, budget.limit), default=None)


def budget_style(budget: Budget, styles: Styles) -> Style:
    """Return how a budget is drawn: as a warning when it runs out. Nothing has failed by that."""
    share = budget.remaining / max(1, budget.limit)
    return styles.statuses[Status.WARNING] if share < 0.2 else styles.muted


def shorten(text: str, width: int, ellipsis: str) -> str:
    """Return *text*, cut to *width* columns."""
    return text if len(text) <= width else text[: width - 1] + ellipsis
