"""The same world, told by real servers and by the demo's, looks the same on the board."""

from collections.abc import AsyncIterator

import pytest

from opsboard.adapter import BudgetUpdate, Fresh, Grid, NotFound, Series, Upsert
from opsboard.demo.world.models import DemoModelVersion, DemoRegisteredModel
from opsboard.demo.world.world import DemoWorld
from opsboard.records import Drift, Kind, Model, Status, listed_ref
from opsboard.records import ModelVersion as VersionRecord
from opsboard.records.codec import from_json, to_json
from opsboard_adapters.mlflow import MLflowSettings
from tests.adapters.mlflow.acts import make_model
from tests.adapters.mlflow.rounds import Rounds, watching
from tests.adapters.mlflow.seeding import Writer
from tests.adapters.mlflow.test_listings import first as first_update


@pytest.fixture
async def rounds(told: str) -> AsyncIterator[Rounds]:
    async with watching(told, metrics=("auc", "f1")) as rounds:
        await rounds.next()
        yield rounds


def _champion(model: DemoRegisteredModel) -> DemoModelVersion:
    return model.versions[model.aliases["champion"] - 1]


async def test_every_model_with_its_aliases(rounds: Rounds, world: DemoWorld) -> None:
    models: dict[str, Model] = rounds.of(Kind.MODEL)
    assert models.keys() == world.models.keys()
    for name, expected in world.models.items():
        model = models[name]
        assert dict(model.aliases) == {key: str(to) for key, to in expected.aliases.items()}
        assert model.serving == str(expected.aliases["champion"])
        assert model.latest == str(len(expected.versions))
        assert model.versions == len(expected.versions)
        assert model.description == expected.description
        assert {one.name for one in model.metrics} == {"loss", expected.main_metric}
        assert dict(model.recipe)["input.model"] == name


async def test_every_version_with_its_run(rounds: Rounds, world: DemoWorld) -> None:
    versions: dict[str, VersionRecord] = rounds.of(Kind.MODEL_VERSION)
    expected = {
        (model.name, str(one.number)) for model in world.models.values() for one in model.versions
    }
    assert {(one.model, one.version) for one in versions.values()} == expected
    for model in world.models.values():
        champion = _champion(model)
        record = versions[f"{model.name}/{champion.number}"]
        assert record.status is Status.OK
        assert "champion" in record.aliases
        assert record.commit == champion.run.commit
        assert record.author == champion.author
        assert record.stage == ("" if champion.stage == "None" else champion.stage)
        assert record.dataset.startswith(champion.run.datasets[0].name)
        values = {one.name: one.value for one in record.metrics}
        assert values[model.main_metric] == pytest.approx(
            champion.run.metrics[model.main_metric][-1].value
        )


async def test_metrics_that_are_wanted_come_first(rounds: Rounds) -> None:
    firsts = {model.metrics[0].name for model in rounds.of(Kind.MODEL).values()}
    assert {"auc", "f1"} <= firsts


async def test_drift_with_thresholds_and_trend(rounds: Rounds, world: DemoWorld) -> None:
    drifts: dict[str, Drift] = rounds.of(Kind.DRIFT)
    monitors = [run for run in world.training_runs.values() if run.monitored_version]
    expected = {
        f"{run.model}/{run.monitored_version}/{name}": (run, name)
        for run in monitors
        for name in run.metrics
    }
    assert drifts.keys() == expected.keys()
    for identity, (run, name) in expected.items():
        drift, values = drifts[identity], run.metrics[name]
        assert drift.value == pytest.approx(values[-1].value)
        assert drift.threshold == run.thresholds[name]
        assert drift.crossed == (drift.status is Status.FAILED)
        assert drift.trend[-1] == drift.value
        assert 20 <= len(drift.trend) <= 60
        assert drift.measured_at is not None


async def test_one_model_has_drifted(rounds: Rounds) -> None:
    failed = {one.model for one in rounds.of(Kind.DRIFT).values() if one.status is Status.FAILED}
    warned = {one.name for one in rounds.of(Kind.MODEL).values() if one.reason == "drift"}
    assert failed
    assert warned == failed


async def test_a_quiet_round_says_fresh_and_nothing_else(rounds: Rounds) -> None:
    changes = await rounds.next()
    assert {type(change) for change in changes} <= {Fresh, BudgetUpdate}
    assert {one.scope for one in changes if isinstance(one, Fresh)} == {
        "models",
        "versions",
        "drift",
    }


async def test_pages_are_followed_to_the_end(told: str, world: DemoWorld) -> None:
    async with watching(told, page_limit=2) as rounds:
        await rounds.next()
        assert rounds.of(Kind.MODEL).keys() == world.models.keys()
        count = sum(len(model.versions) for model in world.models.values())
        assert len(rounds.of(Kind.MODEL_VERSION)) == count
        assert all(one.commit for one in rounds.of(Kind.MODEL_VERSION).values() if one.metrics)
        assert rounds.of(Kind.DRIFT)


async def test_records_survive_json(rounds: Rounds) -> None:
    for record in rounds.records.values():
        assert from_json(to_json(record)) == record


async def test_detail_of_a_model(rounds: Rounds, world: DemoWorld) -> None:
    model = next(iter(world.models.values()))
    detail = await rounds.source.detail(rounds.ref(Kind.MODEL, model.name))
    assert detail.record == rounds.records[detail.record.ref]
    versions = next(one for one in detail.sections if one.title == "Versions")
    assert isinstance(versions, Grid)
    assert [row.cells[0] for row in versions.rows] == [
        str(number) for number in range(len(model.versions), 0, -1)
    ]
    assert all(row.ref in rounds.records for row in versions.rows)
    # Of older ones the board has not read the runs: the detail knows more.
    newest = versions.rows[: MLflowSettings.model_fields["versions_with_metrics"].default]
    assert [row.record for row in newest] == [rounds.records[row.ref] for row in newest if row.ref]
    assert model.main_metric in versions.columns
    plots = {one.title: one for one in detail.sections if isinstance(one, Series)}
    champion = _champion(model)
    measured = champion.run.metrics[model.main_metric]
    plot = plots[f"{model.main_metric} of v{champion.number}"]
    assert [point.value for point in plot.points] == pytest.approx([one.value for one in measured])
    drifts = [one for one in rounds.of(Kind.DRIFT).values() if one.model == model.name]
    worst = max(drifts, key=lambda one: abs(one.value / one.threshold))
    assert plots[worst.metric].threshold == worst.threshold
    table = next(one for one in detail.sections if one.title == "Drift")
    assert isinstance(table, Grid)
    assert table.rows[0].ref == worst.ref
    assert {row.ref for row in table.rows} == {one.ref for one in drifts}


async def test_it_is_told_what_the_version_that_serves_was_trained_with(
    rounds: Rounds, world: DemoWorld
) -> None:
    for model in world.models.values():
        champion = _champion(model)
        told = await rounds.source.training_inputs(rounds.ref(Kind.MODEL, model.name))
        assert told.version == f"v{champion.number}"
        assert dict(told.params).items() >= champion.run.params.items()
        assert told.dataset == champion.run.datasets[0].name
        assert told.unread == ""


async def test_what_is_under_way_where_a_model_is_trained_is_on_its_page(ground: Writer) -> None:
    name = make_model(ground, 1)
    under_way = ground.run(status="RUNNING", tags={"mlflow.runName": "nightly"})
    monitor = ground.run(status="RUNNING", tags={"model_name": name})
    async with watching(ground.url) as rounds:
        await rounds.next()
        detail = await rounds.source.detail(rounds.ref(Kind.MODEL, name))
        titles = [one.title for one in detail.sections]
        table = detail.sections[titles.index("Under way in the experiments of its versions")]
        assert isinstance(table, Grid)
        found = {row.ref: row for row in table.rows}
        row = found[listed_ref("ml", "training-runs", under_way)]
        assert (row.cells[0], row.status) == ("nightly", Status.RUNNING)
        listed = await first_update(rounds.source, "experiments")
        assert row.cells[-1] == {one.key: one.name for one in listed.rows}["0"] != "0"
        assert listed_ref("ml", "training-runs", monitor) not in found


async def test_detail_of_a_version(rounds: Rounds, world: DemoWorld) -> None:
    model = next(iter(world.models.values()))
    champion = _champion(model)
    ref = rounds.ref(Kind.MODEL_VERSION, f"{model.name}/{champion.number}")
    detail = await rounds.source.detail(ref)
    assert detail.record == rounds.records[ref]
    grids = {one.title: one for one in detail.sections if isinstance(one, Grid)}
    assert {row.cells[0]: row.cells[1] for row in grids["Parameters"].rows} == champion.run.params
    assert grids["Datasets"].rows[0].cells[0] == champion.run.datasets[0].name
    plots = {one.title: one for one in detail.sections if isinstance(one, Series)}
    assert [point.value for point in plots[model.main_metric].points] == pytest.approx(
        [one.value for one in champion.run.metrics[model.main_metric]]
    )


async def test_detail_of_drift(rounds: Rounds) -> None:
    drift = next(iter(rounds.of(Kind.DRIFT).values()))
    detail = await rounds.source.detail(drift.ref)
    plot = detail.sections[0]
    assert isinstance(plot, Series)
    assert plot.threshold == drift.threshold
    assert plot.points[-1].value == drift.value
    assert len(plot.points) > 60


async def test_raw(rounds: Rounds) -> None:
    for kind, key in ((Kind.MODEL, "name"), (Kind.MODEL_VERSION, "run_id"), (Kind.DRIFT, "info")):
        record = next(iter(rounds.of(kind).values()))
        assert key in await rounds.source.raw(record.ref)


async def test_what_does_not_exist_is_not_found(rounds: Rounds) -> None:
    for kind, identity in (
        (Kind.MODEL, "none"),
        (Kind.MODEL_VERSION, "none/1"),
        (Kind.DRIFT, "none/1/psi"),
    ):
        with pytest.raises(NotFound):
            await rounds.source.detail(rounds.ref(kind, identity))


async def test_checks(rounds: Rounds) -> None:
    checks = {check.subject: check async for check in rounds.source.checks()}
    assert {check.status for check in checks.values()} == {Status.OK}
    assert checks["version"].message.startswith(("MLflow 3.", "MLflow 2."))
    assert checks["models"].message == "6 registered"


async def test_all_comes_again_to_a_new_listener(rounds: Rounds) -> None:
    changes = [await anext(aiter(rounds.source.changes()))]
    assert isinstance(changes[0], Upsert)
    assert len(changes[0].records) == 6


async def test_sides_of_a_comparison(rounds: Rounds, world: DemoWorld) -> None:
    """What the server says of a version: metrics with their direction, params, data, tags."""
    model = next(iter(world.models.values()))
    champion = _champion(model)
    ref = rounds.ref(Kind.MODEL_VERSION, f"{model.name}/{champion.number}")
    side = await rounds.source.comparand(ref)
    assert (side.ref, side.title, side.subject) == (ref, f"v{champion.number}", model.name)
    assert side.leads
    assert "champion" in side.note
    assert not side.notes
    groups = {group.title: group for group in side.groups}
    assert dict(groups["Parameters"].pairs) == champion.run.params
    assert champion.run.datasets[0].name in dict(groups["Data sets"].pairs)["training"]
    assert groups["Signature"].pairs or groups["Signature"].unknown
    assert dict(groups["Code"].pairs)["commit"] == champion.run.commit
    values = {one.name: one.value for one in side.metrics or ()}
    assert values[model.main_metric] == pytest.approx(
        champion.run.metrics[model.main_metric][-1].value
    )
    (plot,) = await rounds.source.metric_series(ref, [model.main_metric, "none"])
    assert plot.title == model.main_metric
    assert len(plot.points) == len(champion.run.metrics[model.main_metric])
    with pytest.raises(NotFound):
        await rounds.source.comparand(rounds.ref(Kind.MODEL_VERSION, "none/1"))
