"""What the top line says of a source, from much to little, as the terminal is wide."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.style import Style
from rich.text import Text

from opsboard.adapter import Budget, Condition
from opsboard.board.state import SourceState
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.kinds.ages import age_text
from opsboard.records import Status
from opsboard.ui.looks import Looks

_GAP = "  "


@frozen_unchecked
class Level(Frozen):
    """How much is said."""

    ages: bool
    budgets: bool
    name: int
    calm: bool = True


LEVELS = (
    Level(ages=True, budgets=True, name=24),
    Level(ages=True, budgets=True, name=12),
    Level(ages=True, budgets=False, name=16),
    Level(ages=True, budgets=False, name=9),
    Level(ages=False, budgets=False, name=9),
    Level(ages=True, budgets=False, name=9, calm=False),
    Level(ages=False, budgets=False, name=5, calm=False),
)
"""From much to little. At the last ones, sources without trouble are only counted."""


def sources_text(sources: Sequence[SourceState], now: datetime, looks: Looks, width: int) -> Text:
    """Return the most that fits into *width* columns; at the very least, something."""
    text = Text()
    for level in LEVELS:
        text = _at(level, sources, now, looks)
        if text.cell_len <= width:
            return text
    text.truncate(max(0, width), overflow="crop")
    return text


def _at(level: Level, sources: Sequence[SourceState], now: datetime, looks: Looks) -> Text:
    told = [source for source in sources if level.calm or not _is_calm(source)]
    parts = [_source(source, level, now, looks) for source in told]
    if len(told) < len(sources):
        parts.append(_calm_ones(len(sources) - len(told), looks))
    return Text(_GAP).join(parts)


def _is_calm(source: SourceState) -> bool:
    return source.status in (Status.OK, Status.RUNNING)


def _calm_ones(count: int, looks: Looks) -> Text:
    glyph = Text(looks.glyphs.status[Status.OK], looks.statuses[Status.OK])
    return glyph.append(f" {count} fine", looks.muted)


def _source(source: SourceState, level: Level, now: datetime, looks: Looks) -> Text:
    status = source.status
    text = Text(looks.glyphs.status[status], looks.statuses[status])
    text.append(
        f" {shortened(source.name, level.name, looks.glyphs.ellipsis)}", _plain(status, looks)
    )
    if level.ages:
        text.append(f" {freshness(source, now)}", looks.muted)
    if level.budgets and (budget := scarcest(source.budgets.values())):
        text.append(f" {budget.remaining:,}/{budget.limit:,}", budget_style(budget, looks))
    return text


def _plain(status: Status, looks: Looks) -> str | Style:
    return looks.statuses[status] if status.severity >= Status.UNKNOWN.severity else ""


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


def scarcest(budgets: Iterable[Budget]) -> Budget | None:
    """Return the budget of which the least is left, in proportion."""
    return min(budgets, key=lambda budget: budget.remaining / max(1, budget.limit), default=None)


def budget_style(budget: Budget, looks: Looks) -> Style:
    """Return how a budget is drawn: more loudly as it runs out."""
    share = budget.remaining / max(1, budget.limit)
    if share < 0.05:
        return looks.statuses[Status.FAILED]
    return looks.statuses[Status.WARNING] if share < 0.2 else looks.muted


def shortened(text: str, width: int, ellipsis: str) -> str:
    """Return *text*, cut to *width* columns."""
    return text if len(text) <= width else text[: width - 1] + ellipsis
