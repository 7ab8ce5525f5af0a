"""Scrollbars without half blocks, for terminals that show ASCII only."""

from typing import ClassVar

from textual.scrollbar import ScrollBar, ScrollBarRender


class PlainScrollBarRender(ScrollBarRender):
    """Draws a thumb of whole cells."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "]
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "]


def draw_scrollbars(*, plain: bool) -> None:
    """Draw all scrollbars in plain cells from now on, or in eighths of them."""
    ScrollBar.renderer = PlainScrollBarRender if plain else ScrollBarRender
