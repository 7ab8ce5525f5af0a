"""How a cell of a table looks: its glyph, its colour."""

from typing import Final

from rich.style import Style

from opsboard.kinds.columns import Cell, CellRole
from opsboard.ui.looks import Looks

PLAIN: Final = Style.null()
BOLD: Final = Style(bold=True)


def draw(cell: Cell, looks: Looks) -> tuple[str, Style]:
    """Return the text and the style that *cell* is drawn with."""
    if cell.role is CellRole.GLYPH and cell.status is not None:
        return looks.glyphs.status[cell.status], looks.statuses[cell.status]
    if cell.role is CellRole.ENVIRONMENT:
        return cell.text, BOLD if cell.text == "production" else looks.muted
    text = looks.glyphs.spelled(cell.text)
    if cell.status is not None:
        return text, looks.statuses[cell.status]
    return text, looks.muted if cell.role is CellRole.MUTED else PLAIN
