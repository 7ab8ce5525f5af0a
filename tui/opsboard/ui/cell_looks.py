"""How a cell of a table looks: its glyph, its colour."""

from typing import Final

from rich.style import Style

from opsboard.ui.looks import Looks
from opsboard.views.cells import Cell, Role

PLAIN: Final = Style.null()
BOLD: Final = Style(bold=True)


def draw(cell: Cell, looks: Looks) -> tuple[str, Style]:
    """Return the text and the style that *cell* is drawn with."""
    if cell.role is Role.GLYPH and cell.status is not None:
        return looks.glyphs.status[cell.status], looks.statuses[cell.status]
    if cell.role is Role.ENVIRONMENT:
        return cell.text, BOLD if cell.text == "production" else looks.muted
    text = looks.glyphs.spelled(cell.text)
    if cell.status is not None:
        return text, looks.statuses[cell.status]
    return text, looks.muted if cell.role is Role.MUTED else PLAIN
