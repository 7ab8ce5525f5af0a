"""Charts of whatever is logged: odd values, odd steps, odd times, very many of them."""

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from typing import Literal

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from opsboard.adapter import Detail, Point, Series
from opsboard.records import Drift
from opsboard.ui.render.chart_data import (
    ChartAxis,
    axis_of,
    chart_data,
    downsampled,
    omitted_values,
)
from opsboard.ui.render.chart_ticks import ChartMark, even_values, value_scale
from opsboard.ui.render.detail_rows import PageFormat, detail_rows
from opsboard.ui.render.overlays import overlay_lines
from opsboard.ui.render.plots import PLOT_HEIGHT, plot_lines
from opsboard.ui.theme.glyphs import ASCII, UNICODE, Glyphs
from opsboard.ui.theme.styles import Styles
from opsboard.ui.theme.theme_files import load_themes

THEME = load_themes(None).themes["monochrome"]
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
INF, NAN = math.inf, math.nan


def _series(
    values: Sequence[float],
    steps: Sequence[int] = (),
    minutes: Sequence[float | None] = (),
    axis: Literal["", "step", "time"] = "",
    threshold: float | None = None,
) -> Series:
    points = [
        Point(
            value=value,
            step=steps[at] if steps else 0,
            at=_time(minute) if minutes and (minute := minutes[at]) is not None else None,
        )
        for at, value in enumerate(values)
    ]
    return Series(title="psi", points=tuple(points), threshold=threshold, axis=axis)


def _time(minute: float) -> datetime:
    return NOON + timedelta(minutes=minute)


def _plotted(series: Series, width: int = 60, glyphs: Glyphs = UNICODE) -> list[str]:
    return [line.plain for line in plot_lines(series, width, Styles(THEME, glyphs))]


@pytest.mark.parametrize(
    ("series", "axis"),
    [
        (_series([1, 2], steps=[0, 1], minutes=[0, 1]), ChartAxis.STEP),
        (_series([1, 2], steps=[-5, -1]), ChartAxis.STEP),
        (_series([1, 2], steps=[3, 3], minutes=[0, 1]), ChartAxis.TIME),
        (_series([1, 2], steps=[0, 7], minutes=[0, 1], axis="time"), ChartAxis.TIME),
        (_series([1, 2], steps=[0, 7], minutes=[0, None], axis="time"), ChartAxis.STEP),
        (_series([1, 2], minutes=[0, None]), ChartAxis.ORDER),
        (_series([1, 2]), ChartAxis.ORDER),
        (_series([1, 2], minutes=[5, 5], axis="time"), ChartAxis.ORDER),
    ],
)
def test_the_axis_is_the_one_that_is_told_or_that_tells_points_apart(
    series: Series, axis: ChartAxis
) -> None:
    assert axis_of(series) is axis
    assert axis.value in _plotted(series)[-1]


def test_points_are_in_the_order_of_the_axis_whatever_the_order_they_came_in() -> None:
    series = _series([5, 1, 3], steps=[50, -10, 30], minutes=[0, 9, 5])
    chart = chart_data(series, 100)
    assert (chart.positions, chart.values) == ([0, 40, 60], [1, 3, 5])
    assert (chart.first, chart.last) == ("-10", "50")
    chart = chart_data(series.model_copy(update={"axis": "time"}), 100)
    assert chart.values == [5, 3, 1]
    assert (chart.first, chart.last) == ("11-24 12:00", "11-24 12:09")


def test_ticks_are_even_and_stand_where_they_belong() -> None:
    lines = _plotted(_series([1, 2.9, 3.4], steps=[-9, 0, 11_991]), 61)
    assert lines[-1].replace("by step", "").split() == ["0", "5,000", "10,000"]
    margin = lines[-2].index("└")
    assert abs(lines[-1].index("10,000") + 3 - (margin + (60 - margin) * 10_009 / 12_000)) <= 1
    upwards = [float(line[:margin]) for line in lines[:-2] if line[:margin].strip()]
    assert upwards == [4, 3, 2, 1]


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9), st.integers(1, 9))
def test_even_values_are_1_2_or_5_apart_and_within(low: float, span: float, most: int) -> None:
    high = low + span
    found = even_values(low, high, most)
    assert len(found) <= most
    assert all(low <= one <= high for one in found)
    steps = {f"{after - before:.3g}" for before, after in pairwise(found)}
    assert len(steps) <= 1
    assert all(f"{float(step):e}"[0] in "125" for step in steps)


@given(st.floats(-1e9, 1e9), st.floats(1e-3, 1e9), st.integers(7, 8))
@example(0.133, 0.38, 7)
def test_ticks_upwards_are_so_many_lines_apart_and_the_values_within(
    low: float, span: float, lines: int
) -> None:
    assume(span > 1e-5 * abs(low))
    high = low + span
    scale = value_scale(low, high, lines)
    assert scale is not None
    assert scale.low <= low < high <= scale.high
    assert scale.high - scale.low <= 2 * span * (1 + 1e-5)
    line = (scale.high - scale.low) / (lines - 1)
    places = [(tick.at - scale.low) / line for tick in scale.ticks]
    assert len(places) > 1
    assert all(abs(place - round(place)) < 1e-3 for place in places)
    apart = {round(after) - round(before) for before, after in pairwise(places)}
    assert apart in ({2}, {3})


@pytest.mark.parametrize("glyphs", [ASCII, UNICODE])
def test_ticks_upwards_are_at_even_distances_on_the_screen(glyphs: Glyphs) -> None:
    """The lines nearest to 0.13, 0.14, 0.15 and 0.16 were one line apart, then two, then one."""
    series = Series(
        title="mape",
        points=tuple(Point(value=v, step=n) for n, v in enumerate((0.166, 0.135, 0.123))),
        threshold=0.16,
    )
    lines = [one.plain for one in plot_lines(series, 60, Styles(THEME, glyphs))][:-1]
    rows = [at for at, line in enumerate(lines) if re.match(r" *\d", line)]
    assert len(rows) > 2
    assert len({after - before for before, after in pairwise(rows)}) == 1
    assert any("threshold" in line and "0.16" in line[:5] for line in lines)


def test_times_are_local_and_at_whole_hours() -> None:
    zone = timezone(timedelta(hours=5, minutes=30))
    series = _series([1, 2, 3], minutes=[7, 60, 247], axis="time")  # from 12:07 UTC, 17:37 there
    marks = [ChartMark(_time(127), "v56"), ChartMark(_time(-10), "before it began")]
    lines = [one.plain for one in plot_lines(series, 72, Styles(THEME, UNICODE), zone, marks)]
    assert lines[-1].replace("by time", "").split() == ["18:00", "19:00", "20:00", "21:00"]
    assert len(lines) == PLOT_HEIGHT + 1
    margin = lines[-3].index("└")
    assert lines[-2].strip() == "↑ v56"
    assert abs(lines[-2].index("↑") - (margin + (71 - margin) / 2)) <= 1
    assert lines[-1].index("20:00") > lines[-2].index("↑")
    plain = [one.plain for one in plot_lines(series, 72, Styles(THEME, ASCII), zone, marks)]
    assert plain[-2].strip() == "^ v56"


def test_the_line_of_a_threshold_says_what_it_is() -> None:
    for glyphs in (UNICODE, ASCII):
        lines = _plotted(_series([0.1, 0.9], steps=[0, 9], threshold=0.5), 60, glyphs)
        assert sum("-- threshold --" in line for line in lines) == 1


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([1, NAN, 2], "1 nan"), ([INF, 1, 2, -INF, INF], "2 inf, 1 -inf"), ([NAN, NAN], "2 nan"),
        ([1, 2], ""),
    ],
)  # fmt: skip
def test_what_no_chart_has_is_left_out_and_told(values: Sequence[float], said: str) -> None:
    series = _series(values, steps=range(len(values)))
    assert omitted_values(series) == said
    record = Drift(source="ml", id="x", name="x", model="m", metric="psi", value=1)
    page = PageFormat(Styles(THEME, UNICODE), NOON, 100)
    rows = [row.text.plain for row in detail_rows(Detail(record=record, sections=(series,)), page)]
    assert any(f"without {said}" in row for row in rows) == bool(said)


def test_a_series_of_nothing_that_can_be_drawn_says_so() -> None:
    assert _plotted(_series([NAN, INF])) == ["no value that can be drawn"]
    assert _plotted(_series([])) == ["no values yet"]
    assert _plotted(_series([NAN])) == ["nan (a single value)"]


_VALUES = st.floats() | st.sampled_from([0.0, 1.7e308, -1.7e308, 5e-324, INF, -INF, NAN, 0.5])
_LISTS = st.lists(_VALUES, min_size=2, max_size=30)


@settings(max_examples=60, deadline=None)
@given(_LISTS, st.data(), st.sampled_from([UNICODE, ASCII]), st.integers(20, 100))
def test_any_values_can_be_plotted(
    values: list[float], data: st.DataObject, glyphs: Glyphs, width: int
) -> None:
    size = len(values)
    whole = st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3)
    series = _series(
        values,
        data.draw(st.lists(whole, min_size=size, max_size=size)),
        data.draw(st.lists(st.floats(-1e6, 1e6) | st.none(), min_size=size, max_size=size)),
        data.draw(st.sampled_from(["", "step", "time"])),
        data.draw(st.none() | _VALUES),
    )
    lines = _plotted(series, width, glyphs)
    assert len(lines) in (1, PLOT_HEIGHT)
    assert all(math.isfinite(value) for value in chart_data(series, 100).values)


@pytest.mark.parametrize(
    "values", [[0.5] * 4, [1.7e308] * 3, [1e15, 1e15 + 0.125], [-1.7e308, 1.7e308]]
)
def test_the_labels_are_those_of_the_values(values: Sequence[float]) -> None:
    text = "\n".join(_plotted(_series(values, steps=range(len(values)))))
    assert f"{values[-1]:.5g}" in text


@pytest.mark.parametrize("glyphs", [ASCII, UNICODE])
def test_a_curve_is_drawn_whole_wherever_its_ticks_are(glyphs: Glyphs) -> None:
    """A loss falls from 1 to nearly 0 at once: the only even ticks are 0.5 and 1."""
    points = tuple(Point(value=1 / (1 + step), step=step) for step in range(200))
    styles = Styles(THEME, glyphs)
    lines = [one.plain for one in plot_lines(Series(title="loss", points=points), 80, styles)]
    drawn = [
        line for line in lines if "*" in line or any("\u2801" <= one <= "\u28ff" for one in line)
    ]
    assert len(drawn) > 4, "from the top to the bottom"
    assert drawn[0].find("1") < 6
    assert len(drawn[-1]) > 70, "along the bottom to the end"


@pytest.mark.parametrize("size", [1e-6, 0.5, 3, 7_000])
def test_overlaid_series_span_the_chart_whatever_their_size(size: float) -> None:
    several = [
        Series(title="loss", points=tuple(Point(value=size * share, step=at) for at in range(3)))
        for share in (1, 1.2, 2)
    ]
    lines = [one.plain for one in overlay_lines(several, 60, Styles(THEME, UNICODE))]
    rows = [at for at, line in enumerate(lines) if any("\u2801" <= one <= "\u28ff" for one in line)]
    assert rows[-1] - rows[0] >= PLOT_HEIGHT - 4, "from the bottom to the top, or nearly so"
    assert len(rows) == 3, "each at a height of its own"


def test_a_million_points_are_thinned_and_keep_their_extremes() -> None:
    low, high, peak = Point(value=0.1), Point(value=0.2), Point(value=9.0)
    points = [low, high] * 500_000
    points[777_777] = peak
    kept = downsampled(points, 240)
    assert len(kept) <= 240
    assert (kept[0], kept[-1]) == (low, high)
    assert peak in kept


@given(st.lists(st.floats(-9, 9), min_size=1, max_size=200), st.integers(4, 50))
def test_thinning_keeps_the_ends_and_the_extremes(values: list[float], most: int) -> None:
    points = [Point(value=value, step=step) for step, value in enumerate(values)]
    kept = downsampled(points, most)
    assert len(kept) <= max(most, 4)
    assert [one.step for one in kept] == sorted({one.step for one in kept})
    assert {min(values), max(values)} <= {one.value for one in kept}
    assert (kept[0].step, kept[-1].step) == (0, len(values) - 1)
