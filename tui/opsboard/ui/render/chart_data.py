"""The data of a chart: the points of a series, in order along its axis.

Training runs log by *step*, monitors by *time*; points with neither are in the order in which they
were logged. NaN and infinite values are left out, and the title of the chart counts them.
"""

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from functools import partial
from typing import Any, Final, NamedTuple

from opsboard.adapter import Point, Series
from opsboard.text.numbers import format_metric
from opsboard.ui.render.chart_ticks import Tick, step_ticks, time_ticks, value_scale

_WIDEST: Final = 1e290
"""A span of values from which adding and subtracting them may go beyond what a float holds."""
_NARROWEST: Final = 1e-9
"""A span, as a share of the values themselves, below which they are one and the same line."""
CHART_LINES: Final = 7
"""Lines of a chart in which values are drawn, where nobody says otherwise."""
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


class ChartAxis(StrEnum):
    """What goes from left to right; the value is the label below the chart."""

    STEP = "by step"
    TIME = "by time"
    ORDER = "in order"


class ChartData(NamedTuple):
    """Points to draw: their *positions* along the *axis* and their *values*, as many of each.

    *first* and *last* are the labels at the ends of the axis, *ends* the points there. *labels* are
    those of the other axis, as pairs of a value and its label; the values may stand for others,
    which cannot be drawn. *threshold* is where a line goes across, *span* the lowest and the
    highest value that there is room for.
    """

    axis: ChartAxis
    positions: Sequence[float]
    values: Sequence[float]
    first: str
    last: str
    labels: Sequence[tuple[float, str]] = ()
    threshold: float | None = None
    ends: tuple[Point, Point] | None = None
    span: tuple[float, float] = (0.0, 1.0)

    def ticks(self, zone: tzinfo, most: int) -> Sequence[Tick]:
        """Return the ticks along the axis, at most *most*; times are those of *zone*."""
        if self.ends is None:
            return ()
        first, last = self.ends
        if self.axis is ChartAxis.STEP:
            return step_ticks(first.step, last.step, most)
        if self.axis is ChartAxis.TIME and first.at is not None and last.at is not None:
            return time_ticks(first.at, last.at, zone, most)
        return ()


def chart_data(series: Series, most: int, lines: int = CHART_LINES) -> ChartData:
    """Return the chart of *series* with at most *most* points, drawn in so many *lines*.

    It has no positions without values.
    """
    finite = [point for point in series.points if math.isfinite(point.value)]
    axis = axis_of(series)
    finite.sort(key=_KEYS[axis])
    points = downsampled(finite, most)
    threshold = series.threshold
    if threshold is not None and not math.isfinite(threshold):
        threshold = None
    if not points:
        return ChartData(axis, (), (), "", "")
    positions = _POSITIONS[axis](points)
    ends = _ends(points, finite, axis)
    values = [point.value for point in points]
    outer = (points[0], points[-1])
    chart = ChartData(axis, positions, values, *ends, threshold=threshold, ends=outer)
    return _drawable(chart, lines)


class OverlayData(NamedTuple):
    """Points of several series over each other: the *positions* and *values* of each.

    The others are as in :class:`ChartData`.
    """

    axis: ChartAxis
    positions: Sequence[Sequence[float]]
    values: Sequence[Sequence[float]]
    first: str
    last: str
    labels: Sequence[tuple[float, str]] = ()
    span: tuple[float, float] = (0.0, 1.0)


def overlay_data(several: Sequence[Series], most: int, lines: int = CHART_LINES) -> OverlayData:
    """Return the chart of *several* series in one, each with at most *most* points.

    They are put over each other by step, as training runs of different days are compared; in the
    order of their points where there are no steps.
    """
    by_step = any(axis_of(series) is ChartAxis.STEP for series in several)
    axis = ChartAxis.STEP if by_step else ChartAxis.ORDER
    shown = [downsampled(_sorted(series, axis), most) for series in several]
    every = [point for points in shown for point in points]
    if not every:
        return OverlayData(axis, [()] * len(several), [()] * len(several), "", "")
    longest = max(shown, key=len)
    first = min(point.step for point in every) if by_step else 0
    last = max(point.step for point in every)
    ends = (f"{first:,}", f"{last:,}") if by_step else ("1", f"{len(longest):,}")
    positions = [
        [float(point.step - first) if by_step else float(at) for at, point in enumerate(points)]
        for points in shown
    ]
    flat = ChartData(axis, (), [point.value for point in every], *ends)
    drawn = _drawable(flat, lines)
    values, at = [], 0
    for points in shown:
        values.append(drawn.values[at : at + len(points)])
        at += len(points)
    return OverlayData(axis, positions, values, *ends, drawn.labels, drawn.span)


def _sorted(series: Series, axis: ChartAxis) -> Sequence[Point]:
    finite = [point for point in series.points if math.isfinite(point.value)]
    return sorted(finite, key=_KEYS[axis])


def axis_of(series: Series) -> ChartAxis:
    """Return the axis that *series* asks for, else the one that distinguishes its points."""
    steps = {point.step for point in series.points}
    times = {point.at for point in series.points}
    timed = None not in times and len(times) > 1
    if series.axis == "time" and timed:
        return ChartAxis.TIME
    if len(steps) > 1:
        return ChartAxis.STEP
    return ChartAxis.TIME if timed else ChartAxis.ORDER


def omitted_values(series: Series) -> str:
    """Return which values of *series* no chart has, in words: ``""`` for none."""
    odd = [format_metric(point.value) for point in series.points if not math.isfinite(point.value)]
    counts = [f"{odd.count(word)} {word}" for word in ("nan", "inf", "-inf") if word in odd]
    return ", ".join(counts)


# --- along the axis ------------------------------------------------------------------------------


def _by_step(point: Point) -> tuple[int, datetime]:
    return point.step, point.at or _LONG_AGO


def _by_time(point: Point) -> tuple[datetime, int]:
    return point.at or _LONG_AGO, point.step


_KEYS: Final[dict[ChartAxis, Callable[[Point], Any]]] = {
    ChartAxis.STEP: _by_step,
    ChartAxis.TIME: _by_time,
    ChartAxis.ORDER: lambda _: 0,
}


def _steps(points: Sequence[Point]) -> list[float]:
    return [float(point.step - points[0].step) for point in points]


def _times(points: Sequence[Point]) -> list[float]:
    began = points[0].at or _LONG_AGO
    return [((point.at or _LONG_AGO) - began).total_seconds() for point in points]


_POSITIONS: Final[dict[ChartAxis, Callable[[Sequence[Point]], list[float]]]] = {
    ChartAxis.STEP: _steps,
    ChartAxis.TIME: _times,
    ChartAxis.ORDER: lambda points: [float(at) for at in range(len(points))],
}


def _ends(points: Sequence[Point], finite: Sequence[Point], axis: ChartAxis) -> tuple[str, str]:
    first, last = points[0], points[-1]
    if axis is ChartAxis.STEP:
        return f"{first.step:,}", f"{last.step:,}"
    if axis is ChartAxis.ORDER or first.at is None or last.at is None:
        return "1", f"{len(finite):,}"
    pattern = _clock(last.at - first.at)
    return first.at.astimezone(UTC).strftime(pattern), last.at.astimezone(UTC).strftime(pattern)


def _clock(span: timedelta) -> str:
    """Return how times are written that are so far from each other at most."""
    if span > timedelta(days=300):
        return "%Y-%m-%d"
    if span > timedelta(days=2):
        return "%m-%d"
    return "%m-%d %H:%M" if span > timedelta(minutes=2) else "%H:%M:%S"


# --- values --------------------------------------------------------------------------------------


def _drawable(chart: ChartData, lines: int) -> ChartData:
    """Return *chart* with values that can be drawn: huge or all but equal ones become shares."""
    values = [*chart.values, *([] if chart.threshold is None else [chart.threshold])]
    low, high = min(values), max(values)
    # halves, since the difference of two floats may be none
    half, size = high / 2 - low / 2, max(abs(low), abs(high))
    if half == 0:
        flat, across = [0.5] * len(chart.values), 0.5 if chart.threshold is not None else None
        return chart._replace(values=flat, threshold=across, labels=[(0.5, format_metric(high))])
    if _NARROWEST * size < half < _WIDEST:
        scale = value_scale(low, high, lines)
        if scale is None:
            return chart._replace(span=(low, high))
        drawn = _redrawn(chart, partial(_seen, size * _NARROWEST), scale.ticks)
        return drawn._replace(span=(scale.low, scale.high))

    def share(value: float) -> float:
        return (value / 2 - low / 2) / half

    labels = [(at, format_metric(low + 2 * at * half)) for at in (0.0, 0.5)]
    return _redrawn(chart, share, [*labels, (1.0, format_metric(high))])


def _redrawn(
    chart: ChartData, drawn: Callable[[float], float], labels: Sequence[tuple[float, str]]
) -> ChartData:
    """Return *chart* with its values and its threshold as they are *drawn*."""
    across = None if chart.threshold is None else drawn(chart.threshold)
    return chart._replace(values=[*map(drawn, chart.values)], threshold=across, labels=labels)


def _seen(least: float, value: float) -> float:
    """Return *value*, or none where it cannot be told from it: plotext fails at such values."""
    return value if abs(value) > least else 0.0


def downsampled(points: Sequence[Point], most: int) -> Sequence[Point]:
    """Return *most* points or fewer, with the extremes of each stretch that was left out."""
    if len(points) <= most:
        return points
    kept = [points[0]]
    inner = points[1:-1]
    stretches = max(1, (most - 2) // 2)
    length = -(-len(inner) // stretches)
    for start in range(0, len(inner), length):
        part = inner[start : start + length]
        lowest = min(range(len(part)), key=lambda at: part[at].value)
        highest = max(range(len(part)), key=lambda at: part[at].value)
        kept.extend(part[at] for at in sorted({lowest, highest}))
    return [*kept, points[-1]]
