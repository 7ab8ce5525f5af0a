"""Pieces that pages are written with: headings, labelled values, small tables."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from opsboard.ui.drawing import columns_of
from opsboard.ui.looks import Looks

if TYPE_CHECKING:
    from opsboard.ui.widgets.page import Row

GAP = 2
INDENT = "  "
_NAME = 12
"""Columns from which on a name is cut in its middle."""


def heading(title: str, looks: Looks, note: str = "") -> "Row":
    """Return the heading of a section."""
    from opsboard.ui.widgets.page import Row  # noqa: PLC0415 - tables do without

    text = Text(f" {title}", looks.accent)
    if note:
        text.append(f"  {note}", looks.muted)
    return Row(text, heads=True)


def demo_rows(notice: str, looks: Looks, width: int) -> "Iterator[Row]":
    """Yield the *notice* that what is shown is the demo's world, and how to leave it."""
    if not notice:
        return
    from opsboard.ui.widgets.page import BLANK, Row  # noqa: PLC0415 - tables do without

    text = f"{notice[0].upper()}{notice[1:]}."
    for number, line in enumerate(wrapped(text, width - 10)):
        badge = Text(" ").append(" DEMO " if not number else " " * 6, "" if number else looks.demo)
        yield Row(badge.append(f" {line}"), stands=True, copy=notice, key=("demo", number))
    yield BLANK


def fitted(text: str, width: int, looks: Looks, *, right: bool = False) -> str:
    """Return *text* as exactly *width* columns, cut with an ellipsis if it must be."""
    if (room := width - columns_of(text)) < 0:
        return _cut(text, width, looks.glyphs.ellipsis) if width > 0 else ""
    blank = " " * room
    return blank + text if right else text + blank


def _cut(text: str, width: int, mark: str) -> str:
    """Cut a sentence at its end, but a name in its middle: image tags and pods differ there."""
    room = width - cell_len(mark)
    if " " in text or width < _NAME or not text.isascii():
        return set_cell_size(text, room) + mark
    tail = room * 3 // 5
    return f"{text[: room - tail]}{mark}{text[-tail:]}"


def wrapped(text: str, width: int) -> Iterator[str]:
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
