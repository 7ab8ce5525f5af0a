"""What was done while the values of a chart were measured: roll-outs, aliases moved, acts."""

from datetime import datetime
from typing import Final

from opsboard.adapter import Detail, Series
from opsboard.history.port import TimelineData
from opsboard.ui.render.chart_data import ChartAxis, axis_of
from opsboard.ui.render.chart_ticks import ChartMark

_MOST: Final = 12
"""Marks in a chart, the latest: more are no help."""


def since_of(detail: Detail) -> datetime | None:
    """Return when the first value of the charts by time was measured; ``None`` without such."""
    times = (
        point.at
        for section in detail.sections
        if isinstance(section, Series) and axis_of(section) is ChartAxis.TIME
        for point in section.points
    )
    return min(filter(None, times), default=None)


def marks_of(found: TimelineData) -> tuple[ChartMark, ...]:
    """Return what altered something, at its time; what is only known to lie before that is not."""
    events = [one for one in found.events if one.alters and not one.minor and one.earliest is None]
    latest = sorted(events, key=lambda one: one.at)[-_MOST:]
    return tuple(ChartMark(one.at, one.change or one.what) for one in latest)
