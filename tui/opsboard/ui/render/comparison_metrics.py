"""The table of metrics in a comparison: each side's value, and its difference from the first."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from rich.style import Style
from rich.text import Text

from opsboard.adapter import BetterSide, Comparand, Effect
from opsboard.records import Status
from opsboard.ui.render.cells import PLAIN, text_width
from opsboard.ui.render.comparison_sides import ShownSides, side_title
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import GAP, INDENT, AnyRow, DeferredRow, PageRow, fit_text
from opsboard.ui.theme.styles import Styles
from opsboard.views.comparison import MetricRow

ABSENT: Final = "-"
"""What stands where a side has no value."""
NAME: Final = (12, 34)
"""The least and the most columns of a name."""
_VALUE: Final = (9, 22)
"""The least and the most columns of a value."""
_DELTA: Final = 7
_NAME_SHARE: Final = 0.3
"""How much of the width names may take where not all sides have room."""
_EFFECT: Final = 9
"""Columns of the word that says which of two is better."""
_EFFECTS: Final = {Effect.BETTER: Status.OK, Effect.WORSE: Status.WARNING}


class MetricLayout(NamedTuple):
    """The columns of the table: of a *name*, a difference, and the *values* of each side.

    The values are in full in so many columns.
    """

    name: int
    delta: int
    values: Sequence[int]

    @classmethod
    def of(cls, rows: Sequence[MetricRow], width: int) -> "MetricLayout":
        """Return what *rows* need on a page of *width* columns."""
        longest = [max(len(row.texts[at]) for row in rows) for at in range(len(rows[0].texts))]
        values = [between(_VALUE, one + 2) for one in longest]
        delta = max(_DELTA, *(len(text) for row in rows for text in row.deltas))
        name = between(NAME, max(text_width(row.name) for row in rows))
        found = cls(name, delta, values)
        if found.room(width) < len(values):
            found = found._replace(name=min(name, max(NAME[0], int(width * _NAME_SHARE))))
        return found

    def room(self, width: int) -> int:
        """Return for how many sides there is room in *width* columns, whichever they are."""
        total = len(self.values)
        if self._beside(total) + sum(self.values) + GAP * total <= width:
            return total
        left = width - self._beside(1) - self.values[0] - GAP
        return 1 + max(0, left) // (max(self.values[1:], default=0) + self.delta + 2 * GAP)

    def _beside(self, sides: int) -> int:
        """Return the columns of all but the values, where so many *sides* stand."""
        effect = _EFFECT + GAP if len(self.values) == 2 else 0
        return len(INDENT) + self.name + 4 + (sides - 1) * (self.delta + GAP) + effect

    def with_titles(self, titles: Sequence[str], width: int) -> "MetricLayout":
        """Return the same for sides of *titles*, which get what is left of *width* columns."""
        beside = self._beside(len(titles)) + GAP * len(titles)
        left, values = width - beside - sum(self.values), []
        if left < 0:  # two, of which there is no room for either in full
            most = max(_VALUE[0], (width - beside) // len(titles))
            return self._replace(values=[min(most, value) for value in self.values])
        for title, least in zip(titles, self.values, strict=True):
            more = max(0, min(left, between(_VALUE, text_width(title)) - least))
            values.append(least + more)
            left -= more
        return self._replace(values=values)


class _Table(NamedTuple):
    """The table of the sides that are *shown*: their own columns are in *columns*."""

    columns: MetricLayout
    shown: ShownSides
    page: PageFormat


@dataclass(slots=True, eq=False)
class _MetricLine(DeferredRow):
    row: MetricRow
    table: _Table

    @property
    def key(self) -> Hashable:
        return "metric", self.row.name

    def write(self) -> PageRow:
        row = self.row
        copied = f"{row.name}  {'  '.join(one or ABSENT for one in row.texts)}"
        text = _metric_text(row, self.table)
        return PageRow(text, selectable=True, copy_text=copied, key=self.key)


def metric_table(
    rows: Sequence[MetricRow],
    layout: MetricLayout,
    sides: Sequence[Comparand],
    shown: ShownSides,
    page: PageFormat,
) -> Iterator[AnyRow]:
    """Yield the head and the *rows*, each of which is written when it is seen."""
    titles = [side_title(at, sides[at]) for at in shown.numbers]
    own = layout._replace(values=[layout.values[at] for at in shown.numbers])
    own = own.with_titles(titles, page.width)
    yield _head_row(titles, own, page.styles)
    table = _Table(own, shown, page)
    for row in rows:
        yield _MetricLine(row, table)


def _head_row(titles: Sequence[str], columns: MetricLayout, styles: Styles) -> PageRow:
    head = [fit_text("", columns.name + 3, styles)]
    for at, title in enumerate(titles):
        head.append(fit_text(title, columns.values[at], styles, right=True))
        if at:
            head.append(fit_text("DIFF", columns.delta, styles, right=True))
    return PageRow(Text(f"{INDENT} {(' ' * GAP).join(head)}", styles.roles["header"]))


def _metric_text(row: MetricRow, table: _Table) -> Text:
    columns, shown, styles, gap = table.columns, table.shown, table.page.styles, " " * GAP
    text = Text(f"{INDENT} {fit_text(row.name, columns.name, styles)} ")
    text.append(f"{_direction(row.better, styles)} ", styles.muted)
    for at, width in zip(shown.numbers, columns.values, strict=True):
        value, is_best = row.texts[at], at in row.best
        mark = styles.glyphs.status[Status.OK] if is_best else " "
        style = styles.statuses[Status.OK] if is_best else PLAIN
        written = fit_text(f"{value or ABSENT} {mark}", width, styles, right=True)
        text.append(gap).append(written, style if value else styles.muted)
        if at:
            delta = fit_text(row.deltas[at - 1], columns.delta, styles, right=True)
            text.append(gap).append(delta, _effect_style(row.effects[at - 1], styles))
    if shown.total == 2 and (effect := row.effects[0]) is not None:
        word = "not known" if effect is Effect.NEUTRAL else str(effect)
        text.append(f"{gap}{word}", _effect_style(effect, styles))
    return text


def _direction(better: BetterSide, styles: Styles) -> str:
    glyphs = styles.glyphs
    signs = {BetterSide.HIGHER: glyphs.ascending, BetterSide.LOWER: glyphs.descending}
    return signs.get(better, " ")


def _effect_style(effect: Effect | None, styles: Styles) -> Style:
    status = _EFFECTS.get(effect) if effect is not None else None
    return styles.statuses[status] if status is not None else styles.muted


def between(limits: tuple[int, int], wanted: int) -> int:
    """Return *wanted*, or the nearest of the *limits*."""
    least, most = limits
    return max(least, min(most, wanted))
