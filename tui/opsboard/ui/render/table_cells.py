"""Cells of a table in columns of an exact width, also where a cell has several parts."""

from collections.abc import Iterator

from rich.style import Style

from opsboard.kinds.columns import Cell, CellRole
from opsboard.ui.render.cells import PLAIN, styled_cell, text_width
from opsboard.ui.render.layout import fit_text
from opsboard.ui.theme.styles import Styles


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
        yield fit_text(text, width, styles, right=right), style
        return
    room = width - cell_width(cell)
    if right and room > 0:
        yield " " * room, PLAIN
    for part in cell.parts:
        text, style = styled_cell(part, styles)
        taken = min(width, text_width(text))
        if taken:
            yield fit_text(text, taken, styles), style
        width -= taken
    if room > 0 and not right:
        yield " " * room, PLAIN
