"""The data of a chart: the points of a series, in order along its axis.

Training runs log by *step*, monitors by *time*; points with neither are in the order in which they
were logged. NaN and infinite values are left out, and the title of the chart counts them.
"""

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple

from opsboard.adapter import Point, Series
from opsboard.text.numbers import format_metric

_WIDEST: Final = 1e290
"""A span of values from which adding and subtracting them may go beyond what a float holds."""
_NARROWEST: Final = 1e-9
"""A span, as a share of the values themselves, below which they are one and the same line."""
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


class ChartAxis(StrEnum):
    """What goes from left to right; the value is the label below the chart."""

    STEP = "by step"
    TIME = "by time (UTC)"
    ORDER = "in order"


class ChartData(NamedTuple):
    """Points to draw: their *positions* along the *axis* and their *values*, as many of each.

    *first* and *last* are the labels at the ends of the axis. *labels* are those of the other
    axis, as pairs of a value and its label, where the values themselves cannot be drawn and
    stand for others; else it is empty. *threshold* is where a line goes across.
    """

    axis: ChartAxis
    positions: Sequence[float]
    values: Sequence[float]
    first: str
    last: str
    labels: Sequence[tuple[float, str]] = ()
    threshold: float | None = None


def chart_data(series: Series, most: int) -> ChartData:
    """Return the chart of *series* with at most *most* points; it has none without values."""
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
    return _drawable(ChartData(axis, positions, values, *ends, threshold=threshold))


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


def _drawable(chart: ChartData) -> ChartData:
    """Return *chart* with values that can be drawn: huge or all but equal ones become shares."""
    values = [*chart.values, *([] if chart.threshold is None else [chart.threshold])]
    low, high = min(values), max(values)
    # halves, since the difference of two floats may be none
    half, size = high / 2 - low / 2, max(abs(low), abs(high))
    if half == 0:
        flat, across = [0.5] * len(chart.values), 0.5 if chart.threshold is not None else None
        return chart._replace(values=flat, threshold=across, labels=[(0.5, format_metric(high))])
    if _NARROWEST * size < half < _WIDEST:
        return chart

    def share(value: float) -> float:
        return (value / 2 - low / 2) / half

    labels = [(at, format_metric(low + 2 * at * half)) for at in (0.0, 0.5)]
    return chart._replace(
        values=[share(value) for value in chart.values],
        threshold=None if chart.threshold is None else share(chart.threshold),
        labels=[*labels, (1.0, format_metric(high))],
    )


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
