"""How a cell of a table looks: its glyph, its colour."""

from typing import Final

from rich.style import Style

from opsboard.kinds.columns import Cell, CellRole
from opsboard.ui.theme.styles import Styles

PLAIN: Final = Style.null()
BOLD: Final = Style(bold=True)


def styled_cell(cell: Cell, styles: Styles) -> tuple[str, Style]:
    """Return the text and the style that *cell* is drawn with."""
    if cell.role is CellRole.GLYPH and cell.status is not None:
        return styles.glyphs.status[cell.status], styles.statuses[cell.status]
    if cell.role is CellRole.ENVIRONMENT:
        return cell.text, BOLD if cell.text == "production" else styles.muted
    text = styles.glyphs.in_these_glyphs(cell.text)
    if cell.status is not None:
        return text, styles.statuses[cell.status]
    return text, styles.muted if cell.role is CellRole.MUTED else PLAIN
