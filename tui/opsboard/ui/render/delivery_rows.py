"""Rows of the delivery pages: a line for each lane, and a lane step by step."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Final

from rich.style import Style
from rich.text import Text

from opsboard.delivery.figure_text import (
    ascii_text,
    figure_lines,
    share_text,
    spread_text,
    unwatched_text,
)
from opsboard.delivery.figures import DeployedItem, LaneFigures
from opsboard.delivery.lane import LaneKind, StepKind
from opsboard.delivery.step_text import changes_text, clock_text, versions_text, why_text
from opsboard.delivery.verdicts import DeliveryVerdict
from opsboard.history.timeline import gap_text, merged_gaps
from opsboard.kinds.sparkline import sparkline
from opsboard.records import Status
from opsboard.records.commits import short_sha
from opsboard.ui.render.cells import BOLD
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import (
    BLANK,
    GAP,
    PageRow,
    column_widths,
    fit_text,
    heading_row,
    wrap_text,
)
from opsboard.ui.render.timeline_lines import gap_lines

_TITLES: Final = (
    "service", "where", "new", "lead p50/p90", "failed", "recovery", "unseen", "rework", "/week",
    "weeks",
)  # fmt: skip
_NAME: Final = 13
_MOST_WEEKS: Final = 13
_MOST_CHANGES: Final = 5
_MOST_GAPS: Final = 5
_INDENT: Final = 16
_STATUSES: Final = {
    DeliveryVerdict.ROLLED_BACK: Status.FAILED,
    DeliveryVerdict.OPEN: Status.FAILED,
    DeliveryVerdict.REPLACED: Status.WARNING,
}


def lane_rows(lanes: Sequence[LaneFigures], page: PageFormat) -> Iterator[PageRow]:
    """Yield a line for each of *lanes*, with a line of titles; its key is that of the lane."""
    styles = page.styles
    cells = [[_drawn(page, cell) for cell in _cells(one)] for one in lanes]
    widths = column_widths(_TITLES, cells, page.width - 4)
    yield PageRow(Text(f"   {_line(_TITLES, widths, page)}", styles.muted))
    for figures, row in zip(lanes, cells, strict=True):
        text = Text(f" {_glyph(figures, page)} ", _style(figures, page))
        name, where, *others = _parts(row, widths, page)
        text.append(name, BOLD).append(" " * GAP).append(where, _where_style(figures, page))
        text.append("".join(" " * GAP + other for other in others).rstrip())
        yield PageRow(text, selectable=True, copy_text=figures.key.name, key=figures.key)


def _drawn(page: PageFormat, text: str) -> str:
    """Return *text* as the glyphs of the screen allow."""
    glyphs = page.styles.glyphs
    return glyphs.in_these_glyphs(ascii_text(text) if glyphs.ascii else text)


def _line(row: Sequence[str], widths: Mapping[int, int], page: PageFormat) -> str:
    return (" " * GAP).join(_parts(row, widths, page)).rstrip()


def _parts(row: Sequence[str], widths: Mapping[int, int], page: PageFormat) -> list[str]:
    return [fit_text(row[at], width, page.styles) for at, width in widths.items()]


def _cells(figures: LaneFigures) -> tuple[str, ...]:
    key = figures.key
    where = f"@{key.environment}" if key.kind is LaneKind.MODEL else key.environment
    if not figures.is_watched:
        return (key.name, where, "", "not watched", "", "", unwatched_text(figures), "", "", "")
    weekly = figures.per_week
    return (
        key.name,
        where,
        f"{figures.deployments:,}",
        spread_text(figures.lead_time, brief=True),
        share_text(figures.failed, brief=True),
        spread_text(figures.recovery, brief=True),
        unwatched_text(figures).partition(" ")[0],
        share_text(figures.rework, brief=True),
        "" if weekly is None else f"{weekly:.1f}",
        sparkline(figures.weeks, _MOST_WEEKS),
    )


def _glyph(figures: LaneFigures, page: PageFormat) -> str:
    """Return a mark where a failure goes on: the figures themselves are neither good nor bad."""
    return page.styles.glyphs.status[Status.FAILED] if figures.failed.open else " "


def _where_style(figures: LaneFigures, page: PageFormat) -> Style:
    """Return how the environment is drawn: production is seen as such, also where it fails."""
    key = figures.key
    return page.styles.environment_cell("" if key.kind is LaneKind.MODEL else key.environment)


def _style(figures: LaneFigures, page: PageFormat) -> Style:
    return page.styles.statuses[Status.FAILED] if figures.failed.open else page.styles.muted


# --- one lane ------------------------------------------------------------------------------------


def lane_page(figures: LaneFigures, page: PageFormat, zone: tzinfo) -> Iterator[PageRow]:
    """Yield the measures of a lane, its weeks, its steps with their verdicts, and its gaps."""
    yield heading_row("Figures", page.styles)
    if not figures.is_watched:
        yield PageRow(Text("   nobody looked in that time", page.styles.muted))
    for name, text in figure_lines(figures) if figures.is_watched else ():
        yield from _measure(name, text, page)
    yield from _weeks(figures, page)
    yield BLANK
    count = len(figures.items)
    yield heading_row("Steps" if count else "Nothing was deployed", page.styles)
    for item in reversed(figures.items):
        yield from _step(item, page, zone)
    yield from _gaps(figures, page, zone)


def _measure(name: str, text: str, page: PageFormat) -> Iterator[PageRow]:
    shown = _drawn(page, text)
    for number, line in enumerate(wrap_text(shown, page.width - _NAME - 6)):
        head = "" if number else name
        row = Text(f"   {head:<{_NAME}} ", page.styles.muted).append(line, BOLD if name else "")
        yield PageRow(row, selectable=not number, copy_text=f"{name} {text}", key=(name, number))


def _weeks(figures: LaneFigures, page: PageFormat) -> Iterator[PageRow]:
    """Yield what each week had, the last one at the right, where there are several."""
    if len(figures.weeks) < 2:
        return
    most = max(2, page.width - _NAME - 30)
    for name, weeks in (("by week", figures.weeks), ("failed", figures.failed_weeks)):
        if any(weeks):
            bars = _drawn(page, sparkline((0, *weeks[-most:]), most + 1)[1:])
            text = Text(f"   {name:<{_NAME}} ", page.styles.muted).append(bars)
            told = f"  most {max(weeks)}, last {weeks[-1]}"
            yield PageRow(text.append(told, page.styles.muted))


def _step(item: DeployedItem, page: PageFormat, zone: tzinfo) -> Iterator[PageRow]:
    one, step, styles = item.judged, item.judged.step, page.styles
    status = _STATUSES.get(one.verdict, Status.OK)
    plain = one.verdict is DeliveryVerdict.STANDS
    mark = " " if plain else styles.glyphs.status[status]
    clock = _drawn(page, clock_text(step, zone))
    text = Text(f" {clock:>13} ", styles.muted)
    text.append(f"{mark} ", styles.muted if plain else styles.statuses[status])
    word = f"{step.kind.value} " if step.kind is not StepKind.DEPLOYMENT else ""
    text.append(word, styles.muted)
    versions = _drawn(page, versions_text(step))
    text.append(fit_text(versions, min(len(versions), page.width - text.cell_len), styles), BOLD)
    notes = [why_text(one), changes_text(item), step.actor]
    said = ", ".join(filter(None, notes))
    key = (step.at, step.kind, step.number)
    ref = step.refs[0] if step.refs else None
    fits = text.cell_len + len(said) + 2 <= page.width
    if fits:
        text.append(f"  {said}", styles.muted)
    yield PageRow(text, selectable=True, copy_text=versions, ref=ref, key=key)
    for line in () if fits else wrap_text(said, page.width - _INDENT - 2):
        yield PageRow(Text(f"{' ' * _INDENT}{line}", styles.muted))
    for change in item.changes[:_MOST_CHANGES]:
        shown = f"{short_sha(change.sha)} {change.title}".rstrip()
        yield PageRow(Text(f"{' ' * _INDENT}{fit_text(shown, page.width - 20, styles).rstrip()}"))
    if len(item.changes) > _MOST_CHANGES:
        more = f"and {len(item.changes) - _MOST_CHANGES:,} more changes"
        yield PageRow(Text(f"{' ' * _INDENT}{more}", styles.muted))


def _gaps(figures: LaneFigures, page: PageFormat, zone: tzinfo) -> Iterator[PageRow]:
    rows = merged_gaps(figures.gaps)
    if not rows:
        return
    yield BLANK
    yield heading_row("Not watched in that time", page.styles)
    end: datetime = figures.window.until
    newest = sorted(rows, key=lambda gap: gap.until or end, reverse=True)
    for gap in newest[:_MOST_GAPS]:
        yield from gap_lines(gap_text(gap, zone), (gap.since, gap.until, gap.scopes), page)
    if len(rows) > _MOST_GAPS:
        text = f"   and {len(rows) - _MOST_GAPS:,} more"
        yield PageRow(Text(text, page.styles.muted))
