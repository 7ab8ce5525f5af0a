"""The charts of a comparison: the values of a metric over time, all sides in one."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Final

from rich.text import Text

from opsboard.adapter import Comparand, Series
from opsboard.ui.render.comparison_sides import side_title
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import BLANK, INDENT, PageRow, heading_row
from opsboard.ui.render.overlays import MAX_DRAWN, overlay_lines, series_style

_CHART: Final = 56
"""Columns that a chart of several series needs: as many as fit stand side by side."""
_WIDEST: Final = 100


def draw_chart(
    name: str, several: Sequence[Series | None], charts: int, page: PageFormat
) -> Sequence[Text]:
    """Return the title and the lines of one of so many *charts*.

    It takes a while, and no two can be drawn at the same time (:mod:`.plots`). A side without
    values keeps its number.
    """
    drawn = [one or Series(title=name, points=()) for one in several]
    _, width = _columns(charts, page)
    return [Text(name, page.styles.accent), *overlay_lines(drawn, width, page.styles)]


def chart_rows(
    sides: Sequence[Comparand], charts: Mapping[str, Sequence[Text]], page: PageFormat
) -> Iterator[PageRow]:
    """Yield the lines of *charts*, of which as many stand side by side as there is room for."""
    if not charts:
        return
    yield BLANK
    across, width = _columns(len(charts), page)
    left_out = f"of {len(sides)} the first {MAX_DRAWN}" if len(sides) > MAX_DRAWN else ""
    yield heading_row("Charts", page.styles, left_out)
    legend = Text(INDENT)
    for number, side in enumerate(sides[:MAX_DRAWN]):
        text = side_title(number, side)
        legend.append(f" {text} ", series_style(number, page.styles))
    yield PageRow(legend)
    names = list(charts)
    for start in range(0, len(names), across):
        blocks = [charts[name] for name in names[start:][:across]]
        for at, pieces in enumerate(zip_longest(*blocks, fillvalue=Text())):
            line = Text()
            for piece in pieces:
                block = Text(INDENT).append_text(piece)
                block.truncate(width + 3, overflow="crop", pad=True)
                line.append_text(block)
            title = names[start] if not at else None
            yield PageRow(line, selectable=not at, copy_text=title or "", key=title)


def _columns(charts: int, page: PageFormat) -> tuple[int, int]:
    """Return how many stand side by side, and how wide each is."""
    across = max(1, min(charts, page.width // _CHART))
    return across, min(_WIDEST, page.width // across - 3)
