"""Cells of tables as text and style, and Rich text as segments."""

import re
from collections.abc import Container, Iterable, Iterator
from typing import Final

from rich.cells import cell_len
from rich.color import Color
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.text import Span, Text

from opsboard.kinds.columns import Cell, CellRole
from opsboard.ui.theme.styles import Styles

PLAIN: Final = Style.null()
BOLD: Final = Style(bold=True)
_NOT_DIM: Final = Style(dim=False)

_GAPS: Final = re.compile(r"(\A +| {2,}| +\Z)")
"""What keeps texts apart, or fills a column."""
_NO_LINE: Final = Style(underline=False)


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
    text: Text,
    console: Console,
    base: Style,
    *,
    loud: bool = False,
    hues: Container[Color | None] = (),
) -> Iterator[Segment]:
    """Yield *text* on *base*. If *base* is *loud*, it wins over the text's own colours, but *hues*.

    Nothing in the text is read as markup.
    """
    if not text.spans:  # Rich leaves out the text's own style then
        parts: Iterable[tuple[str, Style]] = (
            (text.plain, console.get_style(text.style) if text.style else PLAIN),
        )
    elif _is_in_order(text.spans):
        parts = _ordered_parts(text, console)
    else:
        parts = ((piece, style or PLAIN) for piece, style, _ in text.render(console) if piece)
    for piece, own in parts:
        yield from segments_of(piece, base, own, loud=loud, hues=hues)


def segments_of(
    text: str, base: Style, own: Style, *, loud: bool, hues: Container[Color | None] = ()
) -> Iterator[Segment]:
    """Yield *text* of one style of its *own* on *base*, as :func:`text_segments` does.

    A line below words does not go on below what keeps them apart, unless it is that of *base*.
    """
    style = combined(base, own, loud=loud, hues=hues)
    if not style.underline or base.underline or not text or "  " not in f" {text} ":
        yield Segment(text, style)
        return
    for part in filter(None, _GAPS.split(text)):
        yield Segment(part, style + _NO_LINE if part.isspace() else style)


def _is_in_order(spans: Iterable[Span]) -> bool:
    """Tell whether none of *spans* begins before the one before it ends."""
    reached = 0
    for start, end, _ in spans:
        if start < reached:
            return False
        reached = end
    return True


def _ordered_parts(text: Text, console: Console) -> Iterator[tuple[str, Style]]:
    """Yield *text*, whose spans are in order, as nearly all are. Rich is ready for any, and takes
    four times as long."""
    own, plain, reached = console.get_style(text.style or PLAIN), text.plain, 0
    for start, end, style in text.spans:
        if reached < start:
            yield plain[reached:start], own
        if piece := plain[start:end]:
            told = style if isinstance(style, Style) else console.get_style(style, default=PLAIN)
            yield piece, own + told
        reached = end
    if rest := plain[reached:]:
        yield rest, own


def text_width(text: str) -> int:
    """Return how many columns *text* takes. Most of it is ASCII, for which Rich takes its time."""
    return len(text) if text.isascii() else cell_len(text)


def combined(base: Style, own: Style, *, loud: bool, hues: Container[Color | None] = ()) -> Style:
    """Return *own* on *base*, or the other way round if *base* is *loud*.

    A colour of *own* that is one of *hues* stays even then, and on a ground that is, its text.
    Nothing is dim on a *loud* inverse: dim text on a hue cannot be read.
    """
    if not loud:
        return base + own
    if base.reverse and own.dim:
        own += _NOT_DIM
    if own.bgcolor in hues:
        return own + base + Style.from_color(own.color, own.bgcolor)
    return own + base + Style.from_color(own.color) if own.color in hues else own + base
