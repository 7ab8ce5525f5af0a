"""Several series in one chart, each with a colour and a number at its end.

The number tells them apart where there are no colours. Each series is drawn by itself on the same
axes, and the drawings are laid over each other: where two lines meet, the later one is on top.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from itertools import groupby
from operator import itemgetter
from typing import Final

from rich.style import Style
from rich.text import Text

from opsboard.adapter import Series
from opsboard.records import Status
from opsboard.text.numbers import format_metric
from opsboard.ui.render.chart_data import OverlayData, overlay_data
from opsboard.ui.render.plots import POINTS_PER_COLUMN, axis_line, draw_lines, value_lines
from opsboard.ui.theme.styles import Styles

MAX_DRAWN: Final = 9
"""Series in one chart: more cannot be told apart, nor numbered with one digit."""
_BLANK: Final = " \u2800"


def series_style(number: int, styles: Styles) -> Style:
    """Return how the series *number*, from 0 on, is drawn; red is for what has failed."""
    hues = (
        styles.accent,
        styles.statuses[Status.WARNING],
        styles.statuses[Status.RUNNING],
        styles.statuses[Status.OK],
        styles.statuses[Status.UNKNOWN],
    )
    return hues[number % len(hues)]


def overlay_lines(several: Sequence[Series], width: int, styles: Styles) -> Sequence[Text]:
    """Return *several* series as the lines of one chart, or why there is none."""
    drawn = _drawn(tuple(several[:MAX_DRAWN]), width, styles.glyphs.ascii)
    if drawn is None:
        return [Text("no value that can be drawn", styles.muted)]
    lines, owners, axis = drawn
    return [*map(partial(_colored, styles), lines, owners), Text(axis, styles.muted)]


def _colored(styles: Styles, line: str, owners: Sequence[int]) -> Text:
    text = Text()
    for number, group in groupby(zip(line, owners, strict=True), key=itemgetter(1)):
        style = styles.muted if number < 0 else series_style(number, styles)
        text.append("".join(char for char, _ in group), style)
    return text


@lru_cache(maxsize=32)
def _drawn(
    several: tuple[Series, ...], width: int, plain: bool
) -> tuple[Sequence[str], Sequence[Sequence[int]], str] | None:
    """Return the lines of the chart, which series each character is of, and what is below it."""
    chart = overlay_data(several, width * POINTS_PER_COLUMN, value_lines(plain=plain))
    across = [position for positions in chart.positions for position in positions]
    if not across:
        return None
    up, labels = _upwards(chart)
    limits = ((min(across), max(across)), up)
    margin = max(len(label) for _, label in labels) + (0 if plain else 1)
    layers = [
        draw_lines(positions, values, limits, labels, width, plain=plain)
        for positions, values in zip(chart.positions, chart.values, strict=True)
    ]
    rule = [] if plain else [layers[0][-1]]
    drawn = [layer if plain else layer[:-1] for layer in layers]
    taken: set[tuple[int, int]] = set()
    numbered = [_numbered(layer, number, margin, taken) for number, layer in enumerate(drawn)]
    lines, owners = _laid_over(numbered, margin)
    owners = [*owners, *([-1] * len(line) for line in rule)]
    below = axis_line(chart.axis.value, (chart.first, chart.last), margin, width)
    return [*lines, *rule], owners, below


def _upwards(chart: OverlayData) -> tuple[tuple[float, float], Sequence[tuple[float, str]]]:
    """Return the ends of the axis that goes upwards, and its labels."""
    values = [value for values in chart.values for value in values]
    low, high = min(values), max(values)
    if low == high:  # drawn in the middle, of whatever size it is
        return (low - 0.5, low + 0.5), chart.labels
    if chart.labels:
        return chart.span, chart.labels
    return (low, high), [(one, format_metric(one)) for one in (low, (low + high) / 2, high)]


def _numbered(
    lines: Sequence[str], number: int, margin: int, taken: set[tuple[int, int]]
) -> Sequence[str]:
    """Return *lines* with the number of the series in place of its last point.

    Where that place is *taken*, by the number of another, it is the point before.
    """
    places = {(at, line) for line, text in enumerate(lines) for at in _places(text, margin)}
    if not places - taken:
        return lines
    at, on = max(places - taken)
    taken.add((at, on))
    line = lines[on]
    return [*lines[:on], f"{line[:at]}{number + 1}{line[at + 1 :]}", *lines[on + 1 :]]


def _places(line: str, margin: int) -> Iterator[int]:
    """Yield where something of the series is drawn in *line*."""
    return (at for at, char in enumerate(line) if at >= margin and char not in _BLANK)


def _laid_over(
    layers: Sequence[Sequence[str]], margin: int
) -> tuple[Sequence[str], Sequence[Sequence[int]]]:
    """Return the lines of all *layers* together, and of which layer each character is, or -1.

    A number is never covered by a line.
    """
    lines, owners = [], []
    for at in range(len(layers[0])):
        text = list(layers[0][at][:margin].ljust(margin))
        owner = [-1] * margin
        width = max(len(layer[at]) for layer in layers)
        for column in range(margin, width):
            drawn = [
                (layer[at][column].isdigit(), number, layer[at][column])
                for number, layer in enumerate(layers)
                if column < len(layer[at]) and layer[at][column] not in _BLANK
            ]
            _, number, char = max(drawn, default=(False, -1, " "))
            text.append(char)
            owner.append(number)
        lines.append("".join(text))
        owners.append(owner)
    return lines, owners
