"""The rows of a chain as lines of a page: an edge a line, its rule at the right."""

from collections.abc import Iterable, Iterator
from functools import singledispatch
from typing import Final

from rich.style import Style
from rich.text import Text

from opsboard.kinds.ages import age_text
from opsboard.records import Status
from opsboard.ui.render.cells import BOLD, PLAIN
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import PageRow, fit_text, wrap_text
from opsboard.views.lineage_rows import EdgeRow, LineageRow, MissingRow, MoreRow, NodeRow

_LABEL: Final = 8
_LABEL_SHARE: Final = 4
"""Columns of a label at least, and the part of a line that it may be: names begin below each
other, but what is joined is told by them."""
_AGE: Final = 6
_STEP: Final = 3
"""Columns by which a branch is indented."""
_NOTE_FROM: Final = 24
"""Columns that are left beside a name from which on its note is shown."""
_MOST_INDENT: Final = 6
"""Branches within branches that are indented; deeper ones are not moved any further."""


def lineage_lines(rows: Iterable[LineageRow], page: PageFormat) -> Iterator[PageRow]:
    """Yield the lines of *rows*."""
    rows = [*rows]
    most = page.width // _LABEL_SHARE
    longest = (len(row.label) for row in rows if isinstance(row, NodeRow))
    label = max((size for size in longest if _LABEL < size <= most), default=_LABEL)
    for number, row in enumerate(rows):
        yield from _lines(row, page, number, label)


def _indent(row: LineageRow) -> str:
    return "   " + " " * _STEP * min(row.indent, _MOST_INDENT)


@singledispatch
def _lines(row: LineageRow, page: PageFormat, number: int, label: int) -> Iterator[PageRow]:
    raise TypeError(f"no lines for {type(row).__name__}")


@_lines.register
def _(row: NodeRow, page: PageFormat, number: int, label: int) -> Iterator[PageRow]:
    styles, indent = page.styles, _indent(row)
    mark = styles.glyphs.focus if row.is_root else " "
    text = Text.assemble((f" {mark}{indent[2:]}", styles.accent))
    label_style = styles.accent if row.is_root else styles.muted
    text.append(f"{row.label:<{label}} ", label_style)
    status = row.status
    text.append(f"{styles.glyphs.status[status] if status else ' '} ", _style(status, page))
    room = page.width - text.cell_len - _AGE - 1
    name = Text(fit_text(row.name, min(room, Text(row.name).cell_len), styles), BOLD)
    text.append_text(name)
    left = room - name.cell_len
    note = f"  {row.note}" if row.note and left >= min(_NOTE_FROM, len(row.note) + 2) else ""
    text.append(fit_text(note, left, styles), styles.muted)
    age = age_text(row.at, page.now) if row.at else ""
    text.append(f" {age:>{_AGE}}", styles.muted)
    yield PageRow(text, selectable=True, copy_text=row.copy_text, ref=row.ref, key=row.node)


def _style(status: Status | None, page: PageFormat) -> Style:
    return page.styles.statuses[status] if status else PLAIN


@_lines.register
def _(row: EdgeRow, page: PageFormat, number: int, label: int) -> Iterator[PageRow]:
    styles = page.styles
    bar = styles.glyphs.broken_bar if row.candidate else styles.glyphs.bar
    start = f"{_indent(row)} {bar} "
    text = f"candidate: {row.rule}" if row.candidate else row.rule
    style = styles.statuses[Status.WARNING] if row.candidate else styles.muted
    room = max(8, page.width - len(start))
    first, *more = wrap_text(text, room)
    yield PageRow(Text.assemble((start, styles.border), (f"{first:>{room}}", style)))
    notes = wrap_text(row.note, room - 4) if row.note else ()
    for line in (*more, *notes):
        yield PageRow(Text.assemble((start, styles.border), ("    ", style), (line, styles.muted)))


@_lines.register
def _(row: MissingRow, page: PageFormat, number: int, label: int) -> Iterator[PageRow]:
    styles = page.styles
    mark = styles.glyphs.status[Status.UNKNOWN]
    for at, line in enumerate(wrap_text(row.text, page.width - len(_indent(row)) - 6)):
        start = f"{_indent(row)} {' ' if at else mark}  "
        text = Text.assemble((start, styles.statuses[Status.UNKNOWN]), (line, styles.muted))
        yield PageRow(text, selectable=not at, copy_text=row.text, key=("missing", number, at))


@_lines.register
def _(row: MoreRow, page: PageFormat, number: int, label: int) -> Iterator[PageRow]:
    start = " " * (len(_indent(row)) + label + 3)  # where names begin
    yield PageRow(Text(f"{start}and {row.count:,} more", page.styles.muted))
