"""Rows of a table in columns of an exact width, also where a cell has several parts."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from rich.style import Style

from opsboard.kinds.columns import Cell, CellRole
from opsboard.records import Ref
from opsboard.text.ages import largest_unit
from opsboard.ui.render.cells import PLAIN, styled_cell, text_width
from opsboard.ui.render.layout import fit_text
from opsboard.ui.theme.styles import Styles
from opsboard.views.layout import GAP, PlacedColumn

_STUMP: Final = 3
"""Columns of which a part that is cut, and stands behind others, says nothing."""


def cell_width(cell: Cell) -> int:
    """Return how many columns *cell* takes as it is drawn."""
    if cell.parts:
        return sum(cell_width(part) for part in cell.parts)
    return 1 if cell.role is CellRole.GLYPH else text_width(cell.text)


def fitted_cell(
    cell: Cell, width: int, styles: Styles, *, right: bool = False
) -> Iterator[tuple[str, Style]]:
    """Yield the texts and styles of *cell* in exactly *width* columns, cut if it must be."""
    if not cell.parts:
        text, style = styled_cell(cell, styles)
        if cell.since is not None and text_width(text) > width:
            text = largest_unit(text)
        yield fit_text(text, width, styles, right=right), style
        return
    room = width - cell_width(cell)
    if right and room > 0:
        yield " " * room, PLAIN
    for number, part in enumerate(cell.parts):
        text, style = styled_cell(part, styles)
        taken = min(width, text_width(text))
        if number and taken < min(_STUMP, text_width(text)):
            text, style = "", PLAIN
        if taken:
            yield fit_text(text, taken, styles), style
        width -= taken
    if room > 0 and not right:
        yield " " * room, PLAIN


class RowReading(NamedTuple):
    """Everything that the drawing of a row depends on, except for styles and focus."""

    ref: Ref
    columns: Sequence[PlacedColumn]
    marked: bool
    on_cursor: bool
    lost: bool
    recedes: bool
    cells: tuple[Cell, ...]


def row_parts(reading: RowReading, styles: Styles) -> Iterator[tuple[str, Style]]:
    """Yield the texts of a row with their styles; what is lost or recedes is faint."""
    yield (styles.glyphs.mark, styles.roles["mark"]) if reading.marked else (" ", PLAIN)
    for (column, width), cell in zip(reading.columns, reading.cells, strict=True):
        for shown, style in fitted_cell(cell, width, styles, right=column.right):
            yield shown, styles.faint if reading.lost or reading.recedes else style
        yield " " * GAP, PLAIN
