"""Plots of a series, by plotext: the only module that imports it, and late.

plotext has one figure for the whole process, so all plotting happens in one thread. It draws
without colour here; the theme's colours are laid over what it drew. What it cannot draw never
reaches it: at a NaN it ends the process. See :mod:`opsboard.ui.render.chart_data`.
"""

from collections.abc import Sequence
from functools import lru_cache

from rich.text import Text

from opsboard.adapter import Series
from opsboard.records import Status
from opsboard.text.numbers import format_metric
from opsboard.ui.render.chart_data import ChartData, chart_data
from opsboard.ui.theme.styles import Styles

PLOT_HEIGHT = 9
"""Lines of a plot, the last of which labels the axis from left to right."""
_MOST = 4
"""Points for each column; more cannot be seen, and cost time."""
_THRESHOLD = "-"


def plot_lines(series: Series, width: int, styles: Styles) -> Sequence[Text]:
    """Return *series* as :data:`HEIGHT` lines of *width* columns, or the reason why not."""
    if len(series.points) < 2:
        return [_single(series, styles)]
    drawn = _drawn(series, width, styles.glyphs.ascii)
    if not drawn:
        return [Text("no value that can be drawn", styles.muted)]
    return [*(_colored(line, styles) for line in drawn[:-1]), Text(drawn[-1], styles.muted)]


def _single(series: Series, styles: Styles) -> Text:
    if not series.points:
        return Text("no values yet", styles.muted)
    return Text(f"{format_metric(series.points[0].value)} (a single value)")


@lru_cache(maxsize=64)
def _drawn(series: Series, width: int, plain: bool) -> Sequence[str]:
    chart = chart_data(series, width * _MOST)
    if not chart.positions:
        return ()
    lines = _plotted(chart, width, plain)
    return [*lines, _axis_line(chart, lines[-1].find("└"), width)]


def _plotted(chart: ChartData, width: int, plain: bool) -> list[str]:
    from plotext import figure as canvas  # noqa: PLC0415 - only when something is plotted
    from plotext import terminal  # noqa: PLC0415

    terminal.limit(False, False)
    canvas.clear.all()
    canvas.theme("colorless")
    canvas.plot_size(width, PLOT_HEIGHT - 1)
    first, last = chart.positions[0], chart.positions[-1]
    if chart.threshold is not None:
        across = [first + (last - first) * at / width for at in range(width + 1)]
        canvas.draw(canvas.signal(across, [chart.threshold] * len(across), marker=_THRESHOLD))
    marker = "*" if plain else "braille"
    canvas.draw(canvas.signal(list(chart.positions), list(chart.values), marker=marker).lines())
    canvas.axes(False, side=1)
    if plain:
        canvas.axes(False)
    canvas.ruler("x").ticks([], [])
    if chart.labels:
        values, labels = zip(*chart.labels, strict=True)
        canvas.ruler("y").ticks(list(values), list(labels))
    text = Text.from_ansi(str(canvas.build())).plain
    return [line.rstrip() for line in text.split("\n")][: PLOT_HEIGHT - 1]


def _axis_line(chart: ChartData, margin: int, width: int) -> str:
    """Return the labels of both ends of the axis, with what it counts in the middle."""
    room = width - max(0, margin)
    middle = room - len(chart.first) - len(chart.last)
    return " " * max(0, margin) + f"{chart.first}{chart.axis.value:^{max(0, middle)}}{chart.last}"


def _colored(line: str, styles: Styles) -> Text:
    text = Text(line)
    text.highlight_regex(r"[^\u2801-\u28ff*]+", styles.muted)
    text.highlight_regex(r"[\u2801-\u28ff*]+", styles.accent)
    text.highlight_regex(rf"{_THRESHOLD}{{2,}}", styles.statuses[Status.WARNING])
    return text
