"""Plots of a series, by plotext: the only module that imports it, and late.

plotext has one figure for the whole process, so all plotting happens in one thread. It draws
without colour here; the theme's colours are laid over what it drew. What it cannot draw never
reaches it: at a NaN it ends the process. See :mod:`opsboard.ui.render.chart_data`.
"""

import re
from collections.abc import Sequence
from datetime import UTC, tzinfo
from functools import lru_cache

from rich.text import Text

from opsboard.adapter import Series
from opsboard.records import Status
from opsboard.text.numbers import format_metric
from opsboard.ui.render.chart_data import ChartAxis, ChartData, chart_data
from opsboard.ui.render.chart_ticks import ChartMark, marks_line, ticks_line
from opsboard.ui.theme.styles import Styles

PLOT_HEIGHT = 9
"""Lines of a plot, the last of which labels the axis from left to right."""
POINTS_PER_COLUMN = 4
"""Points for each column; more cannot be seen, and cost time."""
_THRESHOLD = "-"
_WORD = "-- threshold "
_LONG_THRESHOLD = re.compile(rf"{_THRESHOLD}{{{len(_WORD)}}}(?={_THRESHOLD}{{4}})")
_PER_TICK = 12
"""Columns of an axis for each of its ticks."""


def plot_lines(
    series: Series,
    width: int,
    styles: Styles,
    zone: tzinfo = UTC,
    marks: Sequence[ChartMark] = (),
) -> Sequence[Text]:
    """Return *series* as :data:`HEIGHT` lines of *width* columns, or the reason why not.

    Times are those of *zone*. Where it is drawn by time, a further line has the *marks*.
    """
    if len(series.points) < 2:
        return [_single(series, styles)]
    drawn = _drawn(series, width, styles.glyphs.ascii, zone, tuple(marks))
    if not drawn:
        return [Text("no value that can be drawn", styles.muted)]
    lines, below = drawn
    return [
        *(_colored(line, styles) for line in lines),
        *(Text(line, styles.muted) for line in below),
    ]


def value_lines(*, plain: bool) -> int:
    """Return in how many lines of a chart its values are; a *plain* one has no line below them."""
    return PLOT_HEIGHT - (1 if plain else 2)


def _single(series: Series, styles: Styles) -> Text:
    if not series.points:
        return Text("no values yet", styles.muted)
    return Text(f"{format_metric(series.points[0].value)} (a single value)")


@lru_cache(maxsize=64)
def _drawn(
    series: Series, width: int, plain: bool, zone: tzinfo, marks: tuple[ChartMark, ...]
) -> tuple[Sequence[str], Sequence[str]] | None:
    """Return the lines of the chart, and those below it: what happened, and the axis."""
    chart = chart_data(series, width * POINTS_PER_COLUMN, value_lines(plain=plain))
    if not chart.positions:
        return None
    lines = [_with_word(line) for line in _plotted(chart, width, plain)]
    margin = max(0, lines[-1].find("└"))
    if plain:
        margin = max((len(label) for _, label in chart.labels), default=0)
    length = chart.positions[-1]
    ticks = chart.ticks(zone, max(2, (width - margin) // _PER_TICK))
    if len(ticks) > 1:
        axis = ticks_line(ticks, length, chart.axis.value, margin, width)
    else:
        axis = axis_line(chart.axis.value, (chart.first, chart.last), margin, width)
    return lines, [*_marked(chart, marks, margin, width, plain=plain), axis]


def _marked(
    chart: ChartData, marks: Sequence[ChartMark], margin: int, width: int, *, plain: bool
) -> Sequence[str]:
    """Return the line of what happened while the values of *chart* were measured."""
    first = chart.ends[0].at if chart.ends is not None else None
    if chart.axis is not ChartAxis.TIME or first is None:
        return ()
    length = chart.positions[-1]
    places = [((mark.at - first).total_seconds(), mark.text) for mark in marks]
    within = [place for place in places if 0 <= place[0] <= length]
    sign = "^" if plain else "↑"
    return [marks_line(within, length, margin, width, sign)] if within else ()


def _with_word(line: str) -> str:
    """Return *line* with a word in the line of a threshold, where that is long enough."""
    return _LONG_THRESHOLD.sub(_WORD, line, count=1)


def _plotted(chart: ChartData, width: int, plain: bool) -> list[str]:
    from plotext import figure as canvas  # noqa: PLC0415 - only when something is plotted

    _clear(width)
    first, last = chart.positions[0], chart.positions[-1]
    if chart.threshold is not None:
        across = [first + (last - first) * at / width for at in range(width + 1)]
        canvas.draw(canvas.signal(across, [chart.threshold] * len(across), marker=_THRESHOLD))
    marker = "*" if plain else "braille"
    canvas.draw(canvas.signal(list(chart.positions), list(chart.values), marker=marker).lines())
    canvas.ruler("y").lim(*chart.span)  # else it would take the ticks', and cut what is beyond
    if first < last:
        canvas.ruler("x").lim(first, last)
    return _built(chart.labels, plain)


def draw_lines(
    positions: Sequence[float],
    values: Sequence[float],
    limits: tuple[tuple[float, float], tuple[float, float]],
    labels: Sequence[tuple[float, str]],
    width: int,
    *,
    plain: bool,
) -> Sequence[str]:
    """Return one line of a chart, drawn within the *limits* of both axes: across, and upwards."""
    from plotext import figure as canvas  # noqa: PLC0415 - as above

    _clear(width)
    marker = "*" if plain else "braille"
    canvas.draw(canvas.signal(list(positions), list(values), marker=marker).lines())
    for ruler, (low, high) in zip("xy", limits, strict=True):
        canvas.ruler(ruler).lim(low, high)
    return _built(labels, plain)


def _clear(width: int) -> None:
    from plotext import figure as canvas  # noqa: PLC0415 - as above
    from plotext import terminal  # noqa: PLC0415

    terminal.limit(False, False)
    canvas.clear.all()
    canvas.theme("colorless")
    canvas.plot_size(width, PLOT_HEIGHT - 1)


def _built(marks: Sequence[tuple[float, str]], plain: bool) -> list[str]:
    """Return the lines of what has been drawn, with *marks* at the axis that goes upwards."""
    from plotext import figure as canvas  # noqa: PLC0415 - as above

    canvas.axes(False, side=1)
    if plain:
        canvas.axes(False)
    canvas.ruler("x").ticks([], [])
    if marks:
        values, labels = zip(*marks, strict=True)
        canvas.ruler("y").ticks(list(values), list(labels))
    text = Text.from_ansi(str(canvas.build())).plain
    return [line.rstrip() for line in text.split("\n")][: PLOT_HEIGHT - 1]


def axis_line(axis: str, ends: tuple[str, str], margin: int, width: int) -> str:
    """Return the labels of both *ends* of the *axis*, with what it counts in the middle."""
    first, last = ends
    middle = max(0, width - margin - len(first) - len(last))
    return f"{' ' * margin}{first}{axis:^{middle}}{last}"


def _colored(line: str, styles: Styles) -> Text:
    text = Text(line)
    text.highlight_regex(r"[^\u2801-\u28ff*]+", styles.muted)
    text.highlight_regex(r"[\u2801-\u28ff*]+", styles.accent)
    text.highlight_regex(rf"{_THRESHOLD}{{2,}}|threshold", styles.statuses[Status.WARNING])
    return text
