"""Pieces that pages are written with: headings, labelled values, small tables."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from opsboard.adapter import SourceError
from opsboard.records import Ref
from opsboard.ui.render.cells import text_width
from opsboard.ui.theme.styles import Styles

if TYPE_CHECKING:
    from opsboard.adapter import GridRow

GAP = 2
INDENT = "  "
_NAME = 12
"""Columns from which on a name is cut in its middle."""


@dataclass(frozen=True, slots=True)
class PageRow:
    """A line of a page.

    The cursor may be on it if it is *selectable*; then *copy_text* is what can be copied from it,
    and *ref* the record that Enter opens. Its *key* identifies it when the page is rebuilt.
    *grid_row* says what actions on it are about. It is *gone* when the page no longer has it and
    only the cursor keeps it.
    """

    text: Text = field(default_factory=Text)
    selectable: bool = False
    copy_text: str = ""
    ref: Ref | None = None
    key: Hashable = None
    is_heading: bool = False
    grid_row: "GridRow | None" = None
    gone: bool = False

    @property
    def has_own_target(self) -> bool:
        """Whether a key on it is about something else than a key on the rows around it."""
        return self.ref is not None or (self.grid_row is not None and bool(self.grid_row.actions))


BLANK = PageRow()


def heading_row(title: str, styles: Styles, note: str = "") -> PageRow:
    """Return the heading of a section."""
    text = Text(f" {title}", styles.accent)
    if note:
        text.append(f"  {note}", styles.muted)
    return PageRow(text, is_heading=True)


def demo_rows(notice: str, styles: Styles, width: int) -> Iterator[PageRow]:
    """Yield the *notice* that what is shown is the demo's world, and how to leave it."""
    if not notice:
        return
    text = f"{notice[0].upper()}{notice[1:]}."
    for number, line in enumerate(wrap_text(text, width - 10)):
        badge = Text(" ").append(" DEMO " if not number else " " * 6, "" if number else styles.demo)
        yield PageRow(
            badge.append(f" {line}"), selectable=True, copy_text=notice, key=("demo", number)
        )
    yield BLANK


def fit_text(text: str, width: int, styles: Styles, *, right: bool = False) -> str:
    """Return *text* as exactly *width* columns, cut with an ellipsis if it must be."""
    if (room := width - text_width(text)) < 0:
        return _cut(text, width, styles.glyphs.ellipsis) if width > 0 else ""
    blank = " " * room
    return blank + text if right else text + blank


def _cut(text: str, width: int, mark: str) -> str:
    """Cut a sentence at its end, but a name in its middle: image tags and pods differ there."""
    room = width - cell_len(mark)
    if " " in text or width < _NAME or not text.isascii():
        return set_cell_size(text, room) + mark
    tail = room * 3 // 5
    return f"{text[: room - tail]}{mark}{text[-tail:]}"


def wrap_text(text: str, width: int) -> Iterator[str]:
    """Yield the lines of *text*, broken at *width* columns, between words where there are."""
    for line in text.split("\n"):
        yield from _broken(line, max(8, width))


def _broken(line: str, width: int) -> Iterator[str]:
    while cell_len(line) > width:
        head = set_cell_size(line, width).rstrip()
        at = head.rfind(" ", width // 2)
        at = at if at > 0 else len(head)
        yield line[:at].rstrip()
        line = line[at:].lstrip()
    yield line


def column_widths(
    columns: Sequence[str], rows: Sequence[Sequence[str]], room: int
) -> Sequence[int]:
    """Return how wide each column is drawn; the widest ones give way until all fit."""
    widths = [
        max([cell_len(title), *(cell_len(row[at]) for row in rows)])
        for at, title in enumerate(columns)
    ]
    room -= GAP * (len(widths) - 1)
    while sum(widths) > room and max(widths) > 6:
        widest = max(range(len(widths)), key=widths.__getitem__)
        others = sorted(widths)[-2] if len(widths) > 1 else 6
        excess = sum(widths) - room
        widths[widest] -= max(1, min(excess, widths[widest] - max(others, 6)))
    return widths


def error_rows(error: SourceError, styles: Styles, width: int) -> Iterator[PageRow]:
    """Yield the rows of *error*."""
    status = error.condition.status
    mark = f" {styles.glyphs.status[status]} "
    for number, line in enumerate(wrap_text(error.message, width - 4)):
        text = Text(f"{'   ' if number else mark}{line}", styles.statuses[status])
        yield PageRow(text, selectable=True, copy_text=error.message, key=("trouble", number))
    for line in wrap_text(error.hint, width - 4) if error.hint else ():
        yield PageRow(Text(f"   {line}"), selectable=True, copy_text=error.hint, key=("mend", line))
    yield BLANK
