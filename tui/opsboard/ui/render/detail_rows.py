"""The rows of a record's detail: facts, tables, plots and text."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from functools import singledispatch
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.style import Style
from rich.text import Text

from opsboard.adapter import Detail, Fact, Facts, Grid, GridRow, Section, Series, TextSection
from opsboard.kinds.ages import age_text
from opsboard.records import Activity, Kind, Record, Status
from opsboard.text.numbers import format_metric
from opsboard.ui.render.cells import PLAIN, text_width
from opsboard.ui.render.chart_data import omitted_values
from opsboard.ui.render.chart_ticks import ChartMark
from opsboard.ui.render.layout import (
    BLANK,
    GAP,
    INDENT,
    PageRow,
    column_widths,
    fit_text,
    heading_row,
    wrap_text,
)
from opsboard.ui.render.plots import plot_lines
from opsboard.ui.theme.styles import Styles

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)")
_LABEL_SHARE = 0.4
"""How much of the width labels may take, before they are cut."""
_WHERE = ("source", "workload", "repository", "cluster", "namespace")
"""Fields that tell records of one name apart."""
_PLOT = 44
"""Columns that a plot needs: as many plots stand side by side as fit."""


class PageFormat(NamedTuple):
    """What rows are formatted for: styles, the current time, and the width in columns.

    Charts by time are in the times of *zone*, and have the *marks* of what happened.
    """

    styles: Styles
    now: datetime
    width: int
    zone: tzinfo = UTC
    marks: Sequence[ChartMark] = ()


def detail_rows(
    detail: Detail,
    page: PageFormat,
    verdict: Iterable[PageRow] = (),
    words: Iterable[PageRow] = (),
) -> Iterator[PageRow]:
    """Yield the rows of a whole detail: what is wrong first, with the *verdict* on the record.

    Tables with rows that are wrong come before other sections: the failed step, the pod that waits;
    and then its last *words*.
    """
    yield from _record_rows(detail.record, page)
    yield from verdict
    wrong = [section for section in detail.sections if not _is_well(section)]
    yield from _sections(wrong, detail.record, page)
    yield from words
    well = [section for section in detail.sections if _is_well(section)]
    yield from _sections(well, detail.record, page)


def _sections(sections: Sequence[Section], record: Record, page: PageFormat) -> Iterator[PageRow]:
    for together in _side_by_side(sections):
        yield BLANK
        if isinstance(together[0], Series):
            yield from _plots([s for s in together if isinstance(s, Series)], page)
        else:
            yield from section_rows(_without_message(together[0], record.message), page)


def _is_well(section: Section) -> bool:
    """Tell whether nothing is wrong in a section, as far as that is told."""
    if not isinstance(section, Grid):
        return True
    return all(row.status is not Status.FAILED for row in section.rows)


def _without_message(section: Section, message: str) -> Section:
    """Return *section* without the facts that repeat what was *message* above."""
    if not message or not isinstance(section, Facts):
        return section
    facts = tuple(fact for fact in section.facts if fact.value != message)
    return section.model_copy(update={"facts": facts})


def _side_by_side(sections: Sequence[Section]) -> Iterator[Sequence[Section]]:
    """Yield each section alone, but series that follow each other together."""
    together: list[Section] = []
    for section in sections:
        if isinstance(section, Series):
            together.append(section)
            continue
        if together:
            yield together
            together = []
        yield [section]
    if together:
        yield together


def _record_rows(record: Record, page: PageFormat) -> Iterator[PageRow]:
    """Yield what any record has: status and reason, where it is, and its message."""
    status = record.display_status
    if record.kind is not Kind.LISTED or status is not Status.UNKNOWN:  # else it has no state
        yield _status_row(record, status, page)
    where = _where(record, page.styles)
    yield PageRow(
        Text(f"   {where}", page.styles.muted), selectable=True, copy_text=where, key="where"
    )
    for number, line in enumerate(wrap_text(record.message, page.width - 4)):
        if line:
            row = Text(f"   {line}")
            yield PageRow(row, selectable=True, copy_text=record.message, key=("message", number))


def _status_row(record: Record, status: Status, page: PageFormat) -> PageRow:
    style = page.styles.statuses[status]
    glyph = page.styles.glyphs.status[status]
    text = Text(f" {glyph} {status}", style)
    if record.reason.casefold() not in ("", status):
        text.append(f"  {record.reason}", style)
    return PageRow(text, selectable=True, copy_text=record.reason or status, key="status")


def _where(record: Record, styles: Styles) -> str:
    """Return where *record* is: its source, and its repository or its place in a cluster."""
    words = [str(getattr(record, name, "")) for name in _WHERE]
    places = {word.casefold(): word for word in reversed(words) if word}
    return f" {styles.glyphs.dot} ".join(reversed(places.values()))


@singledispatch
def section_rows(section: Section, page: PageFormat) -> Iterator[PageRow]:
    """Yield the rows of one section."""
    raise TypeError(type(section).__name__)


# --- facts ---------------------------------------------------------------------------------------


@section_rows.register
def _(section: Facts, page: PageFormat) -> Iterator[PageRow]:
    yield heading_row(section.title, page.styles)
    if not section.facts:
        yield PageRow(Text(f"{INDENT} none", page.styles.muted))
    most = int(page.width * _LABEL_SHARE)
    label = min(most, max((len(fact.label) for fact in section.facts), default=0))
    for fact in section.facts:
        yield from _fact_rows(section.title, fact, label, page)


def _fact_rows(section: str, fact: Fact, label: int, page: PageFormat) -> Iterator[PageRow]:
    style = page.styles.statuses[fact.status] if fact.status else Style.null()
    glyph = f"{page.styles.glyphs.status[fact.status]} " if fact.status else ""
    aged = aged_text(fact.value, page.now)
    value = glyph + (
        aged if aged == fact.value or aged.startswith(("in ", "now")) else f"{aged} ago"
    )
    for number, line in enumerate(wrap_text(value, page.width - label - 6)):
        shown = fit_text("" if number else fact.label, label, page.styles)
        text = Text.assemble((f"{INDENT} {shown}  ", page.styles.muted), (line, style))
        yield PageRow(
            text, selectable=True, copy_text=fact.value, key=(section, fact.label, number)
        )


def aged_text(value: str, now: datetime) -> str:
    """Return *value*, or, for a time, how long ago it is."""
    if not _TIME.fullmatch(value):
        return value
    try:
        then = datetime.fromisoformat(value)
    except ValueError:  # text from a server may look like a date that does not exist
        return value
    return f"in {age_text(now, then)}" if then > now else age_text(then, now)


# --- grids ---------------------------------------------------------------------------------------


@section_rows.register
def _(section: Grid, page: PageFormat) -> Iterator[PageRow]:
    if not section.rows:
        yield heading_row(section.title, page.styles)
        yield PageRow(Text(f"{INDENT} {section.empty}", page.styles.muted))
        return
    cells = [[aged_text(cell, page.now) for cell in row.cells] for row in section.rows]
    layout = column_widths(section.columns, cells, page.width - 8)
    drawn, widths = [*layout], [*layout.values()]
    wholes = [
        _whole_row(section, row, words, layout)
        for row, words in zip(section.rows, cells, strict=True)
    ]
    note = f"{len(section.rows)}{'  Enter shows a row whole' if any(wholes) else ''}"
    yield heading_row(section.title, page.styles, note)
    cells = [[row[at] for at in drawn] for row in cells]
    rights = [_is_number_column(cells, at) for at in range(len(drawn))]
    yield _grid_head([section.columns[at] for at in drawn], widths, rights, page.styles)
    known: Counter[object] = Counter()
    for row, words, whole in zip(section.rows, cells, wholes, strict=True):
        text = _grid_text(row, words, widths, rights, page.styles)
        called = row.ref or row.part or row.cells[:1]
        key = (section.title, called, known[called])
        known[called] += 1
        yield PageRow(
            text,
            selectable=True,
            copy_text="  ".join(row.cells),
            ref=row.ref,
            key=key,
            grid_row=row,
            whole=whole,
        )


def _whole_row(section: Grid, row: GridRow, words: Sequence[str], widths: Mapping[int, int]) -> str:
    """Return all of *row* where *words*, its cells, do not fit *widths*, and it opens no record."""
    if row.ref is not None:
        return ""
    told = [at for at, word in enumerate(words) if word.strip()]
    if all(text_width(words[at]) <= widths.get(at, 0) for at in told):
        return ""
    return "\n\n".join(f"# {section.columns[at]}\n{row.cells[at]}" for at in told)


def _grid_head(
    columns: Sequence[str], widths: Sequence[int], rights: Sequence[bool], styles: Styles
) -> PageRow:
    titles = [
        fit_text(title.upper(), width, styles, right=right)
        for title, width, right in zip(columns, widths, rights, strict=True)
    ]
    return PageRow(Text(f"{INDENT}   {(' ' * GAP).join(titles)}", styles.roles["header"]))


def _grid_text(
    row: GridRow,
    words: Sequence[str],
    widths: Sequence[int],
    rights: Sequence[bool],
    styles: Styles,
) -> Text:
    status = _drawn(row)
    style = styles.statuses[status] if status else styles.muted
    text = Text(INDENT)
    text.append(f" {styles.glyphs.status[status] if status else ' '} ", style)
    loud = style if status in (Status.FAILED, Status.WARNING) else Style.null()
    cells = [
        fit_text(word, width, styles, right=right)
        for word, width, right in zip(words, widths, rights, strict=True)
    ]
    text.append((" " * GAP).join(cells), loud)
    return text.append(f" {styles.glyphs.arrow}" if row.ref else "", styles.muted)


def _drawn(row: GridRow) -> Status | None:
    """Return the status that *row* is drawn with: that of its record as the board draws it."""
    record = row.record
    is_own = record is not None and record.status is row.status
    return record.display_status if record is not None and is_own else row.status


def _is_number_column(cells: Sequence[Sequence[str]], at: int) -> bool:
    return all(re.fullmatch(r"[-+]?[\d.,]+(e[-+]?\d+)?%?|", row[at]) for row in cells)


# --- series and passages -------------------------------------------------------------------------


def _plots(series: Sequence[Series], page: PageFormat) -> Iterator[PageRow]:
    across = max(1, min(len(series), page.width // _PLOT))
    width = min(100, page.width // across - 3)
    for start in range(0, len(series), across):
        if start:
            yield BLANK
        yield from _plot_row(series[start : start + across], width, page)


def _plot_row(series: Sequence[Series], width: int, page: PageFormat) -> Iterator[PageRow]:
    styles = page.styles
    titles = Text()
    for one in series:
        last = f"  {format_metric(one.points[-1].value)}" if one.points else ""
        limit = f"  threshold {format_metric(one.threshold)}" if one.threshold is not None else ""
        odd = omitted_values(one)
        title = Text.assemble(
            (f" {one.title}", styles.accent),
            last,
            (limit, styles.muted),
            (f"  without {odd}" if odd and len(one.points) > 1 else "", styles.muted),
        )
        titles.append_text(_padded(title, width + 3))
    yield PageRow(
        titles, is_heading=True, selectable=True, copy_text=series[0].title, key=series[0].title
    )
    blocks = [plot_lines(one, width, styles, page.zone, page.marks) for one in series]
    for at in range(max(map(len, blocks))):
        line = Text()
        for block in blocks:
            piece = Text(INDENT).append_text(block[at] if at < len(block) else Text())
            line.append_text(_padded(piece, width + 3))
        yield PageRow(line)


def _padded(text: Text, width: int) -> Text:
    text.truncate(width, overflow="crop", pad=True)
    return text


@section_rows.register
def _(section: TextSection, page: PageFormat) -> Iterator[PageRow]:
    yield heading_row(section.title, page.styles)
    for number, line in enumerate(wrap_text(section.text, page.width - 4)):
        text = Text(f"{INDENT} {line}")
        yield PageRow(text, selectable=True, copy_text=section.text, key=(section.title, number))


if TYPE_CHECKING:
    from opsboard.board.state import Board

_LABEL: Final = 10


def linked_record_rows(record: Record, board: "Board", page: PageFormat) -> Iterator[PageRow]:
    """Yield a row to enter for each record that the act *record* speaks of; none for others."""
    if not isinstance(record, Activity):
        return
    produced = record.produced if record.produced != record.about else None
    for label, ref in (("produced", produced), ("done to", record.about)):
        if ref is None:
            continue
        known = board.get(ref)
        name = known.name if known else ref.id
        text = Text.assemble(
            (f"{INDENT} {label:<{_LABEL}}", page.styles.muted),
            (name, PLAIN),
            (f"  {ref.kind.replace('-', ' ')} of {ref.source}", page.styles.muted),
            (f" {page.styles.glyphs.arrow}", page.styles.accent),
        )
        yield PageRow(text, selectable=True, copy_text=name, ref=ref, key=ref)
    yield BLANK
