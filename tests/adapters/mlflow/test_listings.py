"""Experiments, runs and logged models as tables, on the demo's server and on real ones."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing

import msgspec
import pytest

from opsboard.adapter import ListingQuery, ListingUpdate, NotFound, Source, SourceError
from opsboard.demo.world.world import DemoWorld
from opsboard.records import Status, listed_ref
from opsboard_adapters.mlflow.listings import FASTEST, MLflowListings
from opsboard_adapters.mlflow.metric_judgement import MetricJudgement
from opsboard_adapters.mlflow.metric_order import MetricOrder
from opsboard_adapters.mlflow.run_rows import METRICS, PARAMETERS, RunRows
from opsboard_adapters.mlflow.source import MLflowSource
from opsboard_adapters.mlflow.structs import MLflowRun
from tests.adapters.mlflow.acts import acting
from tests.adapters.mlflow.rounds import watching
from tests.adapters.mlflow.seeding import Writer, measured

ORDER = MetricOrder((), MetricJudgement())


async def first(source: Source, name: str, text: str = "") -> ListingUpdate:
    """Return the first update of a listing."""
    updates: AsyncIterator[ListingUpdate] = source.listing(name, ListingQuery(text=text))
    async with aclosing(updates):  # type: ignore[type-var]  # it is a generator
        return await anext(updates)


async def test_runs_are_searched_for_by_the_server_and_compared(
    told: str, world: DemoWorld
) -> None:
    model = next(iter(world.models.values()))
    async with watching(told) as rounds:
        source = rounds.source
        every = await first(source, "training-runs")
        assert every.complete
        assert len(every.rows) > 1
        some = await first(source, "training-runs", f"metrics.`{model.main_metric}` > -1e9")
        assert some.rows
        assert {row.key for row in some.rows} < {row.key for row in every.rows}
        with pytest.raises(SourceError, match=r"[Ii]nvalid|filter|expected"):
            await first(source, "training-runs", "metrics.auc >>> 1")
        ref = listed_ref("ml", "training-runs", some.rows[0].key)
        side = await source.comparand(ref)
        assert model.main_metric in {one.name for one in side.metrics or ()}
        (plot,) = await source.metric_series(ref, [model.main_metric])
        assert plot.points
        page = await source.detail(ref)
        assert page.record.ref == ref
        titles = [section.title for section in page.sections]
        assert {"Training run", "Metrics", "Parameters", "Artifacts", "Tags"} <= set(titles)
        assert "info" in await source.raw(ref)


async def test_a_run_under_way_is_followed_and_asked_for_more_seldom_when_it_is_quiet(
    ground: Writer,
) -> None:
    run = ground.run(status="RUNNING", metrics=[measured("auc", 0.5)], tags={"mlflow.runName": "r"})
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            body = {"run_id": run, "status": "FINISHED", "end_time": 2}
            await asyncio.to_thread(ground.call, "runs/update", body)

    async with acting(ground.url) as (source, _):
        assert isinstance(source, MLflowSource)
        query = ListingQuery(text=f"attributes.run_id = '{run}'")
        updates = MLflowListings(source._api, ORDER, sleep).watch("training-runs", query)
        async with aclosing(updates):  # type: ignore[type-var]  # as above
            before, after = await anext(updates), await anext(updates)
    assert before.rows[0].status is Status.RUNNING
    assert [(row.key, row.status) for row in after.rows] == [(run, Status.OK)]
    assert pauses == [FASTEST, FASTEST]


async def test_experiments_are_listed_and_what_is_not_there_is_said(told: str) -> None:
    async with watching(told) as rounds:
        found = await first(rounds.source, "experiments")
        assert found.rows
        assert all(row.name for row in found.rows)
        with pytest.raises(NotFound):
            await first(rounds.source, "none")


async def test_prompts_and_traces_are_listed(ground: Writer) -> None:
    prompt = f"greeting-{time.time_ns()}"
    tags = {"mlflow.prompt.is_prompt": "true"}
    ground.model(prompt, tags, text="Greets a customer")
    ground.model(f"{prompt}-model")
    began = time.time_ns() // 1_000_000
    noted = [{"key": "mlflow.traceInputs", "value": '{"q": "hello"}'}]
    body = {"experiment_id": "0", "timestamp_ms": began, "tags": [], "request_metadata": noted}
    trace = ground.call("traces", body)["trace_info"]["request_id"]
    ended = {"timestamp_ms": began + 1500, "status": "ERROR", "request_metadata": [], "tags": []}
    ground.call(f"traces/{trace}", ended, "PATCH")
    async with acting(ground.url) as (source, _):
        prompts = {row.key: row for row in (await first(source, "prompts")).rows}
        assert prompts[prompt].cells[2] == "Greets a customer"
        assert f"{prompt}-model" not in prompts
        traces = {row.key: row for row in (await first(source, "traces")).rows}
        assert traces[trace].status is Status.FAILED
        assert traces[trace].cells[1:3] == ('{"q": "hello"}', "1.5s")
        some = await first(source, "traces", "status = 'OK'")
        assert trace not in {row.key for row in some.rows}
        with pytest.raises(SourceError):
            await first(source, "traces", "status >>> 1")


async def test_metrics_and_parameters_that_differ_are_columns(ground: Writer) -> None:
    name = f"tuning-{time.time_ns()}"
    experiment = str(ground.call("experiments/create", {"name": name})["experiment_id"])
    same = {"seed": "7", "data": "orders"}
    values: tuple[float | str, ...] = (0.5, "NaN", 1e-05)
    for number, auc in enumerate(values):
        ground.run(
            experiment=experiment,
            tags={"mlflow.runName": f"trial {number}"},
            params={**same, "depth": str(number)},
            metrics=[measured("auc", auc), *([measured("loss", 2)] if number else [])],
        )
    async with acting(ground.url) as (source, _):
        found = await first(source, "training-runs", f"experiment = '{name}'")
        assert found.columns is not None
        titles = [one.name for one in found.columns]
        assert titles[5:] == ["auc", "loss", "depth"], "what is the same in all tells nothing"
        cells = {row.name: row.cells[5:] for row in found.rows}
        assert cells == {
            "trial 0": ("0.5", "", "0"),
            "trial 1": ("nan", "2", "1"),
            "trial 2": ("1e-05", "2", "2"),
        }
        some = await first(source, "training-runs", f'experiment = "{name}" and metrics.auc > 0.1')
        assert [row.name for row in some.rows] == ["trial 0"]
        with pytest.raises(NotFound, match="no experiment"):
            await first(source, "training-runs", "experiment = 'none of it'")


def test_columns_only_grow_and_are_bounded() -> None:
    def run(number: int, metrics: int, params: int) -> MLflowRun:
        told = {
            "info": {"run_id": str(number), "experiment_id": "0"},
            "data": {
                "metrics": [measured(f"m{one}", one) for one in range(metrics)],
                "params": [{"key": f"p{one}", "value": f"{number}"} for one in range(params)],
            },
        }
        return msgspec.convert(told, MLflowRun)

    table = RunRows(ORDER)
    before = table.columns([run(1, 2, 1), run(2, 2, 1)])
    assert [one.name for one in before[5:]] == ["m0", "m1", "p0"]
    runs = [run(one, 1_000, 1_000) for one in range(20)]
    after = table.columns(runs)
    assert after[: len(before)] == before
    assert len(after) == 5 + METRICS + PARAMETERS
    assert all(len(row.cells) == len(after) for row in table.rows(runs, {}))


async def test_a_run_says_which_run_has_begun_it(ground: Writer) -> None:
    parent = ground.run(tags={"mlflow.runName": "sweep"})
    child = ground.run(tags={"mlflow.parentRunId": parent})
    async with acting(ground.url) as (source, _):
        rows = {row.key: row for row in (await first(source, "training-runs")).rows}
    assert rows[child].parent == parent
    assert rows[parent].parent == ""
