"""Plots of a series, by plotext: the only module that imports it, and late.

plotext has one figure for the whole process, so all plotting happens in one thread. It draws
without colour here; the theme's colours are laid over what it drew.
"""

from collections.abc import Sequence
from functools import lru_cache

from rich.text import Text

from opsboard.adapter import Point, Series
from opsboard.figures import figure
from opsboard.records import Status
from opsboard.ui.looks import Looks

HEIGHT = 9
_MOST = 4
"""Points for each column; more cannot be seen, and cost time."""
_THRESHOLD = "-"


def plot(series: Series, width: int, looks: Looks) -> Sequence[Text]:
    """Return *series* as :data:`HEIGHT` lines of *width* columns."""
    if len(series.points) < 2:
        return [_single(series, looks)]
    drawn = _drawn(series, width, looks.glyphs.ascii)
    return [_colored(line, looks) for line in drawn]


def _single(series: Series, looks: Looks) -> Text:
    if not series.points:
        return Text("no values yet", looks.muted)
    return Text(f"{figure(series.points[0].value)} (a single value)")


@lru_cache(maxsize=64)
def _drawn(series: Series, width: int, plain: bool) -> Sequence[str]:
    from plotext import figure, terminal  # noqa: PLC0415 - only when something is plotted

    terminal.limit(False, False)
    figure.clear.all()
    figure.theme("colorless")
    figure.plot_size(width, HEIGHT)
    points = thinned(series.points, width * _MOST)
    steps = _steps(points)
    if series.threshold is not None:
        across = [steps[0] + (steps[-1] - steps[0]) * at / width for at in range(width + 1)]
        figure.draw(figure.signal(across, [series.threshold] * len(across), marker=_THRESHOLD))
    line = figure.signal(
        steps, [point.value for point in points], marker="*" if plain else "braille"
    )
    figure.draw(line.lines())
    figure.axes(False, side=1)
    if plain:
        figure.axes(False)
    text = Text.from_ansi(str(figure.build())).plain
    return [line.rstrip() for line in text.split("\n")][:HEIGHT]


def _steps(points: Sequence[Point]) -> list[float]:
    """Return the training steps, or the order of the points where the steps tell nothing."""
    steps = [float(point.step) for point in points]
    return steps if steps[0] < steps[-1] else [float(at) for at in range(len(points))]


def thinned(points: Sequence[Point], most: int) -> Sequence[Point]:
    """Return *most* points or fewer, with the extremes of each stretch that was left out."""
    if len(points) <= most:
        return points
    kept: list[Point] = []
    stretch = max(1, 2 * len(points) // most)
    for start in range(0, len(points), stretch):
        part = points[start : start + stretch]
        ends = {min(part, key=_value), max(part, key=_value)} if len(part) > 1 else set(part)
        kept.extend(point for point in part if point in ends)
    return kept


def _value(point: Point) -> float:
    return point.value


def _colored(line: str, looks: Looks) -> Text:
    text = Text(line)
    text.highlight_regex(r"[^\u2801-\u28ff*]+", looks.muted)
    text.highlight_regex(r"[\u2801-\u28ff*]+", looks.accent)
    text.highlight_regex(rf"{_THRESHOLD}{{2,}}", looks.statuses[Status.WARNING])
    return text
