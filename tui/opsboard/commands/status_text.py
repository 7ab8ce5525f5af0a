"""The board as text: failures first, as wide as there is room."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from rich.cells import cell_len
from rich.style import Style

from opsboard.board.state import SourceState
from opsboard.commands.report_style import ReportStyle
from opsboard.commands.selection import SelectedRecords
from opsboard.kinds.ages import age
from opsboard.kinds.columns import Cell, Column, shows_own_status
from opsboard.records import Kind, Record
from opsboard.ui.render.cells import PLAIN, styled_cell
from opsboard.ui.render.layout import fit_text, wrap_text
from opsboard.ui.render.table_cells import cell_width
from opsboard.ui.theme.styles import Styles
from opsboard.views.layout import PlacedColumn, fit_columns

MOST_ROWS: Final = 50
"""Rows of a pane that are printed on a terminal."""

MOST_PARTS: Final = 8
"""Failing parts of a source that are listed one by one."""

_INDENT: Final = "  "


def text_report(
    sources: Sequence[SourceState],
    selected: Sequence[SelectedRecords],
    now: datetime,
    out: ReportStyle,
) -> str:
    """Return the board as text: the sources, then a table for each pane, alerts first.

    In each of them, failures come first. A status is the one that the board draws: drift is a
    warning at most.
    """
    worst_first = sorted(sources, key=lambda source: -source.status.severity)
    blocks = ["\n".join(_source_lines(worst_first, now, out))]
    alerts_first = sorted(selected, key=lambda one: one.pane.kind is not Kind.ALERT)
    blocks += ["\n".join(_table(one, now, out)) for one in alerts_first]
    return "\n\n".join(filter(None, blocks)) + "\n"


def table_report(one: SelectedRecords, now: datetime, out: ReportStyle) -> str:
    """Return the table of *one* alone."""
    return "\n".join(_table(one, now, out)) + "\n"


# --- the sources ---------------------------------------------------------------------------------


def _source_lines(sources: Sequence[SourceState], now: datetime, out: ReportStyle) -> Iterator[str]:
    for source in sources:
        indent = " " * (out.status_width + 1)
        word = out.status_word(source.status)
        gap = indent[cell_len(word) :]
        text = f"{source.name}: {source.health.condition}, {_age_text(source, now)}"
        first, *rest = _wrapped(text, len(indent), out)
        yield f"{out.paint(word, out.styles.statuses[source.status])}{gap}{first}"
        yield from (f"{indent}{line}" for line in rest)
        said = [source.health.message, source.health.hint, *_of_parts(source)]
        for line in dict.fromkeys(filter(None, said)):
            yield from (f"{indent}{part}" for part in _wrapped(line, len(indent), out))


def _wrapped(text: str, indent: int, out: ReportStyle) -> list[str]:
    """Return *text* in lines that fit behind *indent* columns; in a pipe, in one."""
    return [text] if out.width is None else list(wrap_text(text, out.width - indent)) or [""]


def _age_text(source: SourceState, now: datetime) -> str:
    """Return the age of the data of *source*, and how many of its parts have not reported."""
    if not source.has_reported or source.fresh_at is None:
        return "never answered"
    age_of_all = f"{age(source.fresh_at, now)} old"
    untold = len(source.pending_scopes)
    return f"{age_of_all}, no data yet from {untold:,} of its parts" if untold else age_of_all


def _of_parts(source: SourceState) -> Iterator[str]:
    """Yield the messages of failing parts, up to :data:`MOST_PARTS` of them.

    What is said of several parts is said once.
    """
    bad = {name: it for name, it in source.scopes.items() if it.health.message}
    groups: dict[tuple[object, ...], list[str]] = {}
    for name, it in bad.items():
        skipped = it.skipped and it.skipped.sentence
        groups.setdefault((it.health.condition, it.health.message, skipped), []).append(name)
    for names in list(groups.values())[:MOST_PARTS]:
        scope, name = bad[names[0]], _named(names)
        yield f"{name}: {scope.health.condition}: {scope.health.message}"
        if scope.skipped is not None and scope.skipped.sentence != scope.health.message:
            yield f"{name}: {scope.skipped.sentence}"
    if more := sum(map(len, list(groups.values())[MOST_PARTS:])):
        yield f"... and {more:,} more parts; --json has all of them"


def _named(names: Sequence[str]) -> str:
    """Return *names*, a few of them, and how many more there are."""
    few = 3
    more = f" and {len(names) - few:,} more parts" if len(names) > few else ""
    return f"{', '.join(names[:few])}{more}"


# --- the tables ----------------------------------------------------------------------------------


def _table(one: SelectedRecords, now: datetime, out: ReportStyle) -> Iterator[str]:
    yield from _title(one, out)
    records = sorted(one.records, key=lambda record: -record.display_status.severity)  # stable
    shown = records if out.width is None else records[:MOST_ROWS]
    if not shown:
        return
    columns = _columns(one, shown, now, out)
    titles = [(placed, placed.column.title, out.styles.roles["header"]) for placed in columns]
    yield _line("status", titles, out, out.styles.roles["header"])
    for record in shown:
        cells = [
            (placed, *_one_style(placed.column.show(record, now), out.styles)) for placed in columns
        ]
        status = record.display_status
        yield _line(out.status_word(status), cells, out, out.styles.statuses[status])
    if len(records) > len(shown):
        rest = _counts(records[len(shown) :])
        text = f"... and {len(records) - len(shown):,} more ({rest}): --filter narrows it"
        yield from (f"{_INDENT}{line}" for line in _wrapped(text, len(_INDENT), out))


def _title(one: SelectedRecords, out: ReportStyle) -> Iterator[str]:
    count = f"{len(one.records):,}"
    if len(one.records) < one.total:
        count = f"{count} of {one.total:,}"
    title = f"{one.pane.title} ({count})"
    text = one.fault.partition(";")[0] or (_counts(one.records) if out.drawn else "")
    painted = out.paint(title, out.styles.accent)
    if not text:
        yield painted
    elif out.width is None or len(title) + cell_len(f": {text}") <= out.width:
        yield f"{painted}: {text}"
    else:
        yield f"{painted}:"
        yield from (f"{_INDENT}{line}" for line in _wrapped(text, len(_INDENT), out))


def _counts(records: Iterable[Record]) -> str:
    """Return how many of each status there are, the worst first."""
    counted = Counter(record.display_status for record in records)
    ordered = sorted(counted, key=lambda status: -status.severity)
    return ", ".join(f"{counted[status]:,} {status}" for status in ordered)


def _columns(
    one: SelectedRecords, shown: Sequence[Record], now: datetime, out: ReportStyle
) -> Sequence[PlacedColumn]:
    """Return the columns that fit, as in a pane of the board; all that hold anything in a pipe."""
    columns = [column for column in one.pane.columns if not shows_own_status(column)]
    needed = [_needed(column, shown, now) for column in columns]
    if out.width is None:
        pairs = zip(columns, needed, strict=True)
        return [
            PlacedColumn(column, max(need, len(column.title))) for column, need in pairs if need
        ]
    return fit_columns(columns, needed, out.width - len(_INDENT) - out.status_width - 1)


def _needed(column: Column, shown: Sequence[Record], now: datetime) -> int:
    cells = (column.show(record, now) for record in shown)
    return max(cell_width(cell) if cell.parts else cell_len(cell.text) for cell in cells)


def _one_style(cell: Cell, styles: Styles) -> tuple[str, Style]:
    """Return the text and the style of *cell*; one of several parts has the style of none."""
    if not cell.parts:
        return styled_cell(cell, styles)
    return "".join(styled_cell(part, styles)[0] for part in cell.parts), PLAIN


def _line(
    status: str, cells: Sequence[tuple[PlacedColumn, str, Style]], out: ReportStyle, style: Style
) -> str:
    """Return a line of a table, painted, without blanks at its end."""
    parts = [(fit_text(status, out.status_width, out.styles), style)]
    parts += [
        (fit_text(text, placed.width, out.styles, right=placed.column.right), ink)
        for placed, text, ink in cells
    ]
    while parts and not parts[-1][0].strip():
        parts.pop()
    last, ink = parts[-1]
    parts[-1] = (last.rstrip(), ink)
    (first, first_ink), *rest = parts
    painted = [out.paint(first, first_ink), *(f" {out.paint(text, ink)}" for text, ink in rest)]
    return _INDENT + "".join(painted)
