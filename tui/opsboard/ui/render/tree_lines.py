"""The lines of a tree of objects."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from opsboard.adapter import TreeRow
from opsboard.kinds.ages import age
from opsboard.ui.render.cells import PLAIN
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import PageRow, fit_text, truncate_text

_AGE = 7
_WIDEST = 118
"""Columns of a line at most: an age at its right is read with its name."""
_MOST_NAMED = 0.5
"""How much of a line the kind and the name may take."""


def tree_lines(rows: Sequence[TreeRow], page: PageFormat) -> Iterator[PageRow]:
    """Yield a line for each of *rows*: guides, status, kind and name, how it is doing, its age."""
    page = page._replace(width=min(page.width, _WIDEST))
    named = [f"{guides}{row.kind} {row.name}" for guides, row in _guided(rows, page)]
    widest = max(map(cell_len, named), default=0) + 2
    width = min(widest, int(page.width * _MOST_NAMED))
    for (guides, row), name in zip(_guided(rows, page), named, strict=True):
        yield _line(guides, row, width, page, name)


def _guided(rows: Sequence[TreeRow], page: PageFormat) -> Iterator[tuple[str, TreeRow]]:
    """Yield each row with what leads to it from the line above."""
    is_ascii = page.styles.glyphs.ascii
    branch, last, through = ("|- ", "`- ", "|  ") if is_ascii else ("├─ ", "└─ ", "│  ")
    for at, row in enumerate(rows):
        guides = [through if _goes_on(rows, at, depth) else "   " for depth in range(1, row.depth)]
        if row.depth:
            guides.append(branch if _goes_on(rows, at, row.depth) else last)
        yield "".join(guides), row


def _goes_on(rows: Sequence[TreeRow], at: int, depth: int) -> bool:
    """Tell whether another row at *depth* follows below the same one."""
    for row in rows[at + 1 :]:
        if row.depth <= depth:
            return row.depth == depth
    return False


def _line(guides: str, row: TreeRow, width: int, page: PageFormat, name: str) -> PageRow:
    styles = page.styles
    status = row.status
    text = Text(" ", no_wrap=True)
    text.append(
        styles.glyphs.status[status] if status else " ",
        styles.statuses[status] if status else PLAIN,
    )
    text.append(" ")
    label = Text(guides, styles.muted)
    label.append(f"{row.kind} ", styles.muted)
    label.append(row.name, styles.accent if row.is_subject else "")
    truncate_text(label, width, styles, pad=True)
    text.append_text(label).append(" ")
    room = max(0, page.width - text.cell_len - _AGE - 1)
    words_style = styles.statuses[status] if status and status.severity > 1 else PLAIN
    text.append(fit_text(row.words, room, styles), words_style)
    text.append(" ").append(fit_text(age(row.at, page.now), _AGE, styles, right=True), styles.muted)
    return PageRow(
        text,
        selectable=True,
        copy_text=f"{row.kind}/{row.name}",
        ref=row.ref,
        key=(row.kind, row.name, row.depth, row.words if row.kind == "Event" else ""),
    )
