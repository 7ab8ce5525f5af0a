"""The rows of a comparison: its sides, metrics with the better one marked, what else differs."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.text import Text

from opsboard.adapter import Comparand
from opsboard.kinds.ages import age_text
from opsboard.records import Status
from opsboard.ui.render.cells import BOLD, PLAIN
from opsboard.ui.render.comparison_metrics import MetricLayout, metric_table
from opsboard.ui.render.comparison_notes import counted_text, listed_names, note_rows
from opsboard.ui.render.comparison_sides import ShownSides
from opsboard.ui.render.comparison_texts import group_rows, text_room
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import BLANK, AnyRow, PageRow, heading_row
from opsboard.ui.render.overlays import series_style
from opsboard.views.comparison import Comparison, MetricRow


class ComparisonTables(NamedTuple):
    """The *rows* of all tables, in which those sides that are *shown* have a column."""

    rows: Sequence[AnyRow]
    shown: ShownSides


def side_rows(sides: Sequence[Comparand], page: PageFormat) -> Iterator[PageRow]:
    """Yield a row for each side, with its age."""
    for number, side in enumerate(sides):
        yield _side_row(number, side, page)


def comparison_tables(comparison: Comparison, start: int, page: PageFormat) -> ComparisonTables:
    """Return the tables; where not all sides have room, those from *start* on are shown.

    It takes a second for thousands of rows, and touches nothing that changes: it may be called in
    a thread.
    """
    differing = comparison.differing
    layout = MetricLayout.of(differing, page.width) if differing else None
    rooms = [layout.room(page.width)] if layout else []
    rooms += [text_room(group, page.width) for group in comparison.groups if group.rows]
    total = len(comparison.sides)
    shown = ShownSides.of(start, min(rooms, default=total), total)
    return ComparisonTables(list(_tables(comparison, differing, layout, shown, page)), shown)


def _tables(
    comparison: Comparison,
    differing: Sequence[MetricRow],
    layout: MetricLayout | None,
    shown: ShownSides,
    page: PageFormat,
) -> Iterator[AnyRow]:
    if comparison.is_measured:
        yield BLANK
        same = [row.name for row in comparison.metrics if not row.differs]
        yield heading_row("Metrics", page.styles, counted_text(len(differing), len(same)))
        if layout is not None:
            yield from metric_table(differing, layout, comparison.sides, shown, page)
        yield from _metric_notes(same, comparison.unjudged, page)
    for group in comparison.groups:
        yield BLANK
        yield from group_rows(group, comparison.sides, shown, page)


def _metric_notes(
    same: Sequence[str], unjudged: Sequence[str], page: PageFormat
) -> Iterator[PageRow]:
    if same:
        yield from note_rows(f"the same: {listed_names(same)}", page)
    if unjudged:
        hint = "`higher_is_better` and `lower_is_better` in the config say it"
        named = listed_names(unjudged)
        yield from note_rows(f"not known which side is better: {named}; {hint}", page)


def _side_row(number: int, side: Comparand, page: PageFormat) -> PageRow:
    styles = page.styles
    words = [side.subject, side.ref.source]
    if side.created_at is not None:
        age = age_text(side.created_at, page.now)
        words.append("new" if age == "now" else f"{age} old")
    text = Text.assemble(
        (f" {number + 1} ", series_style(number, styles)),
        (side.title, BOLD),
        (f"  {side.note}" if side.note else "", PLAIN),
        (f"  {f' {styles.glyphs.dot} '.join(filter(None, words))}", styles.muted),
    )
    if side.environment:
        text.append(f"  {side.environment}", styles.environment_cell(side.environment))
    if side.leads:
        text.append("  serves", styles.statuses[Status.OK])
    text.append(f" {styles.glyphs.arrow}", styles.muted)
    return PageRow(text, selectable=True, copy_text=side.title, ref=side.ref, key=side.ref)
