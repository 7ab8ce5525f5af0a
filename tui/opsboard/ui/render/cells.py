"""Cells of tables as text and style, and Rich text as segments."""

from collections.abc import Iterable, Iterator
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.text import Span, Text

from opsboard.kinds.columns import Cell, CellRole
from opsboard.ui.theme.styles import Styles

PLAIN: Final = Style.null()
BOLD: Final = Style(bold=True)


def styled_cell(cell: Cell, styles: Styles) -> tuple[str, Style]:
    """Return the text and the style that *cell* is drawn with."""
    if cell.role is CellRole.GLYPH and cell.status is not None:
        return styles.glyphs.status[cell.status], styles.statuses[cell.status]
    if cell.role is CellRole.ENVIRONMENT:
        return cell.text, styles.environment_cell(cell.text)
    text = styles.glyphs.in_these_glyphs(cell.text)
    if cell.status is not None:
        return text, styles.statuses[cell.status]
    return text, _role_style(cell.role, styles)


def _role_style(role: CellRole, styles: Styles) -> Style:
    if role is CellRole.STRONG:
        return BOLD
    if role is CellRole.PRODUCTION:
        return styles.production
    if role is CellRole.FAINT:
        return styles.faint
    return styles.muted if role is CellRole.MUTED else PLAIN


def text_segments(
    text: Text, console: Console, base: Style, *, loud: bool = False
) -> Iterator[Segment]:
    """Yield *text* on *base*. If *base* is *loud*, it wins over the text's own colours.

    Nothing in the text is read as markup.
    """
    if not text.spans:  # Rich leaves out the text's own style then
        own = console.get_style(text.style) if text.style else Style.null()
        yield Segment(text.plain, combined(base, own, loud=loud))
        return
    if _is_in_order(text.spans):
        yield from _ordered_segments(text, console, base, loud=loud)
        return
    for piece, style, _ in text.render(console):
        if piece:
            yield Segment(piece, combined(base, style or Style.null(), loud=loud))


def _is_in_order(spans: Iterable[Span]) -> bool:
    """Tell whether none of *spans* begins before the one before it ends."""
    reached = 0
    for start, end, _ in spans:
        if start < reached:
            return False
        reached = end
    return True


def _ordered_segments(
    text: Text, console: Console, base: Style, *, loud: bool
) -> Iterator[Segment]:
    """Yield *text*, whose spans are in order, as nearly all are. Rich is ready for any, and takes
    four times as long."""
    own, plain, reached = console.get_style(text.style or PLAIN), text.plain, 0
    ground = combined(base, own, loud=loud)
    for start, end, style in text.spans:
        if reached < start:
            yield Segment(plain[reached:start], ground)
        if piece := plain[start:end]:
            told = style if isinstance(style, Style) else console.get_style(style, default=PLAIN)
            yield Segment(piece, combined(base, own + told, loud=loud))
        reached = end
    if rest := plain[reached:]:
        yield Segment(rest, ground)


def text_width(text: str) -> int:
    """Return how many columns *text* takes. Most of it is ASCII, for which Rich takes its time."""
    return len(text) if text.isascii() else cell_len(text)


def combined(base: Style, own: Style, *, loud: bool) -> Style:
    """Return *own* on *base*, or the other way round if *base* is *loud*."""
    return own + base if loud else base + own
