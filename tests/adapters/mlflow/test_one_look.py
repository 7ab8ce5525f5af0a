"""A page is of one look: what moves on meanwhile is never told beside what was."""

import math

import pytest

from opsboard.adapter import Detail, Facts, Grid, Series
from opsboard.records import Drift, Kind, ModelVersion, Status
from opsboard.testing.agreement import contradictions
from opsboard.ui.render.chart_data import ChartAxis, chart_data
from tests.adapters.mlflow.acts import add_version, make_model
from tests.adapters.mlflow.rounds import AppHarness, watching
from tests.adapters.mlflow.seeding import Writer, measured

VALUE = "psi/age"


def _millis(stage: AppHarness) -> int:
    return int(stage.time.timestamp() * 1000)


def _plot(detail: Detail, title: str = VALUE) -> Series:
    return next(one for one in detail.sections if isinstance(one, Series) and one.title == title)


def _told(detail: Detail, label: str) -> str:
    facts = next(one for one in detail.sections if isinstance(one, Facts))
    return next(one.value for one in facts.facts if one.label == label)


@pytest.mark.parametrize(
    "later",
    [
        [(0.345678, 7, 2)],
        [(0.345678, 7, -5000)],  # a clock that was put back
        [(0.1, 3, 9), (0.345678, 7, 2), (0.2, -4, 3)],
        [(0.2, 7, 1), (0.345678, 7, 2)],
    ],
)
async def test_the_value_is_the_end_of_the_plot_when_more_has_been_logged(
    ground: Writer, later: list[tuple[float, int, int]]
) -> None:
    stage = AppHarness()
    at = _millis(stage)
    model = make_model(ground, 1, champion=1)
    run = ground.run(at=at, tags={"model_name": model}, status="RUNNING")
    ground.log(run, [measured(VALUE, 0.37, at, 5), measured(VALUE, 0.3719, at + 1, 6)])
    async with watching(ground.url, stage) as rounds:
        await rounds.next()
        ref = next(one for one in rounds.records if one.kind is Kind.DRIFT and model in one.id)
        assert rounds.of(Kind.DRIFT)[ref.id].value == 0.3719
        ground.log(run, [measured(VALUE, value, at + ms, step) for value, step, ms in later])
        detail = await rounds.source.detail(ref)
    assert list(contradictions(detail, None, {})) == []
    assert isinstance(detail.record, Drift)
    assert detail.record.value == 0.345678
    assert _told(detail, "Value") == "0.34568"
    assert "is 0.34568;" in detail.record.message
    assert _plot(detail).points[-1].value == 0.345678


async def test_a_threshold_that_is_told_later_counts_on_all_of_the_page(ground: Writer) -> None:
    stage = AppHarness()
    at = _millis(stage)
    model = make_model(ground, 1, champion=1)
    run = ground.run(at=at, tags={"model_name": model}, metrics=[measured(VALUE, 0.1, at, 0)])
    async with watching(ground.url, stage) as rounds:
        await rounds.next()
        ref = next(one for one in rounds.records if one.kind is Kind.DRIFT and model in one.id)
        ground.log(run, [measured(f"{VALUE}/threshold", 0.05, at)])
        detail = await rounds.source.detail(ref)
    assert list(contradictions(detail, None, {})) == []
    assert isinstance(detail.record, Drift)
    assert (detail.record.threshold, detail.record.status) == (0.05, Status.FAILED)
    assert "above 0.05 (metric of the run)" in _told(detail, "Drifts")
    assert (_told(detail, "Method"), _told(detail, "Feature")) == ("PSI", "age")


async def test_odd_values_are_told_and_break_nothing(ground: Writer) -> None:
    stage = AppHarness()
    at = _millis(stage)
    values: list[tuple[float | str, int]] = [
        (0.1, -3), ("NaN", -1), ("Infinity", 0), (0.2, 1), ("-Infinity", 2), (0.3, 3),
    ]  # fmt: skip
    logged = [measured("loss", value, at + 9 - step, step) for value, step in values]
    model = make_model(ground, 0)
    version = add_version(ground, model, metrics=[*logged, measured("ppl", "Infinity", at)])
    async with watching(ground.url, stage) as rounds:
        await rounds.next()
        detail = await rounds.source.detail(rounds.ref(Kind.MODEL_VERSION, f"{model}/{version}"))
    plot = _plot(detail, "loss")
    told = [(str(point.value), point.step) for point in plot.points]
    assert told == [("0.1", -3), ("nan", -1), ("inf", 0), ("0.2", 1), ("-inf", 2), ("0.3", 3)]
    chart = chart_data(plot, 100)
    assert (chart.values, chart.first, chart.last) == ([0.1, 0.2, 0.3], "-3", "3")
    grid = next(one for one in detail.sections if isinstance(one, Grid) and one.title == "Metrics")
    assert [row.cells[:3] for row in grid.rows] == [("loss", "0.3", "3"), ("ppl", "inf", "0")]
    assert isinstance(detail.record, ModelVersion)
    assert math.isinf(detail.record.metrics[1].value)


async def test_values_without_a_step_are_plotted_by_time(ground: Writer) -> None:
    stage = AppHarness()
    at = _millis(stage)
    model = make_model(ground, 0)
    timed = [measured("auc", 0.7 + value / 10, at + value * 60_000) for value in (2, 0, 1)]
    negative = [measured("gain", step / 10, at, step) for step in (-1, -2, -3)]
    version = add_version(ground, model, metrics=[*timed, *negative])
    async with watching(ground.url, stage) as rounds:
        await rounds.next()
        detail = await rounds.source.detail(rounds.ref(Kind.MODEL_VERSION, f"{model}/{version}"))
    auc, gain = (chart_data(_plot(detail, name), 100) for name in ("auc", "gain"))
    assert auc.axis is ChartAxis.TIME
    assert list(auc.values) == pytest.approx([0.7, 0.8, 0.9])
    assert (gain.axis.value, gain.first, gain.last) == ("by step", "-3", "-1")


async def test_what_is_left_out_of_a_page_is_named(ground: Writer) -> None:
    stage = AppHarness()
    model = make_model(ground, 0)
    names = [f"f1_class_{number}" for number in range(1, 31)]
    many = [measured(name, step / 10, step, step) for name in names for step in (1, 2)]
    version = add_version(ground, model, metrics=many)
    async with watching(ground.url, stage) as rounds:
        await rounds.next()
        record = rounds.of(Kind.MODEL_VERSION)[f"{model}/{version}"]
        near = await rounds.source.detail(record.ref)
        whole = await rounds.source.detail(rounds.ref(Kind.MODEL, model))
    assert [one.name for one in record.metrics] == names[:20]
    assert record.more_metrics == 10
    grids = {one.title: one for one in near.sections if isinstance(one, Grid)}
    assert [row.cells[0] for row in grids["Metrics"].rows] == names
    assert [one.title for one in near.sections if isinstance(one, Series)] == names[:6]
    told = {fact.label: fact.value for one in near.sections if isinstance(one, Facts)
            for fact in one.facts}  # fmt: skip
    assert told["Not plotted"].startswith(f"24 metrics: {', '.join(names[6:26])} and 4 more")
    told = {fact.label: fact.value for one in whole.sections if isinstance(one, Facts)
            for fact in one.facts}  # fmt: skip
    assert told["Not compared here"].startswith(f"26 metrics: {', '.join(names[4:24])} and 6 more")
