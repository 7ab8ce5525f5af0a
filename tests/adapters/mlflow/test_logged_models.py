"""Logged models on real servers of MLflow 3 and on the demo's; before 3 there are but runs."""

from opsboard.adapter import Facts, Grid, Series
from opsboard.records import Drift, Kind, ModelVersion
from opsboard_adapters.mlflow.logged_models import LoggedModel, LoggedModelInfo
from opsboard_adapters.mlflow.structs import KeyValue
from tests.adapters.mlflow.acts import acting, ask
from tests.adapters.mlflow.rounds import watching
from tests.adapters.mlflow.seeding import Writer, measured
from tests.adapters.mlflow.test_listings import first

NAME = "two of one run"


def _two_of_one_run(writer: Writer, name: str) -> bool:
    """Register two models that one run logged; return whether the server tells them apart."""
    writer.model(name)
    run_id = writer.run(params={"depth": "3"})
    models = [
        writer.logged_model(run_id, measured("accuracy", value, at=at, step=1))
        for at, value in enumerate((0.9, 0.5), 1)
    ]
    for model_id in models:
        writer.version_of(name, run_id, model_id)
    writer.alias(name, "champion", "1")
    return all(models)


async def test_two_models_of_one_run(ground: Writer) -> None:
    told_apart = _two_of_one_run(ground, NAME)
    values = {"1": 0.9 if told_apart else 0.5, "2": 0.5}
    async with watching(ground.url) as rounds:
        await rounds.next()
        for number, value in values.items():
            ref = rounds.ref(Kind.MODEL_VERSION, f"{NAME}/{number}")
            record = rounds.records[ref]
            assert isinstance(record, ModelVersion)
            assert [(one.name, one.value) for one in record.metrics] == [("accuracy", value)]
            detail = await rounds.source.detail(ref)
            assert detail.record == record
            grids = {one.title: one for one in detail.sections if isinstance(one, Grid)}
            assert grids["Metrics"].rows[0].cells[1] == f"{value:g}"
            facts = [one for one in detail.sections if one.title == "Logged model"]
            assert bool(facts) == told_apart
            assert all(isinstance(one, Facts) and "m-" in str(one) for one in facts)
        assert rounds.of(Kind.MODEL)[NAME].metrics[0].value == values["1"]
        assert rounds.ails() == {}


async def test_a_listed_one_tells_what_it_is_registered_as(ground: Writer) -> None:
    name = f"{NAME}, listed"
    if not _two_of_one_run(ground, name):
        return  # MLflow 2 has none
    async with acting(ground.url) as (source, _):
        listed = await first(source, "logged-models")
    assert listed.columns is not None
    assert [one.name for one in listed.columns[:2]] == ["registered", "experiment"]
    assert "Default" in {row.cells[1] for row in listed.rows}


def test_what_clients_write_of_versions_is_told_once_and_nonsense_not_at_all() -> None:
    twice = '[{"name": "a", "version": 1}, {"name": "a", "version": "1"}, {"name": "b"}, 7]'
    for text, told in ((twice, [("a", "1")]), ("{}", []), ("no JSON", []), ("[" * 9999, [])):
        tags = (KeyValue("mlflow.modelVersions", text),)
        one = LoggedModel(info=LoggedModelInfo(model_id="m-1", tag_list=tags))
        assert list(one.registered_as) == told


async def test_a_plan_compares_the_models_and_not_their_run(ground: Writer) -> None:
    name = f"{NAME}, planned"
    told_apart = _two_of_one_run(ground, name)
    async with acting(ground.url) as (source, _):
        plan = await source.plan(ask(name, to="2"))
    (change,) = [one for one in plan.changes if one.group == "metrics"]
    before = "0.9" if told_apart else "0.5"
    assert (change.name, change.before, change.after) == ("accuracy", before, "0.5")


async def test_the_chart_of_a_logged_model_is_of_its_own_values(ground: Writer) -> None:
    name = f"{NAME}, plotted"
    ground.model(name)
    run_id = ground.run()
    both = [ground.logged_model(run_id) for _ in range(2)]
    if not all(both):
        return  # a server before 3: charts of runs are tested elsewhere
    for number, model_id in enumerate(both):
        steps = [measured("loss", number + step / 10, at=step, step=step) for step in range(1, 4)]
        ground.log(run_id, [{**one, "model_id": model_id} for one in steps])
        ground.version_of(name, run_id, model_id)
    async with watching(ground.url) as rounds:
        await rounds.next()
        detail = await rounds.source.detail(rounds.ref(Kind.MODEL_VERSION, f"{name}/1"))
        (plot,) = [one for one in detail.sections if isinstance(one, Series)]
        assert [point.value for point in plot.points] == [0.1, 0.2, 0.3]


async def test_the_drift_of_a_logged_model_is_its_own(ground: Writer) -> None:
    """Its row, its page and the plot on it: the run has the other one's value, which came last."""
    name = f"{NAME}, drifting"
    ground.model(name)
    run_id = ground.run()
    both = [ground.logged_model(run_id) for _ in range(2)]
    if not all(both):
        return  # a server before 3 has one value for both
    for number, model_id in enumerate(both):
        steps = [measured("psi", number / 2 + at / 100, at=at, step=at) for at in range(1, 4)]
        ground.log(run_id, [{**one, "model_id": model_id} for one in steps])
        ground.version_of(name, run_id, model_id)
    for version, alias in (("1", "champion"), ("2", "challenger")):
        ground.alias(name, alias, version)
    async with watching(ground.url) as rounds:
        await rounds.next()
        for version, values in (("1", [0.01, 0.02, 0.03]), ("2", [0.51, 0.52, 0.53])):
            ref = rounds.ref(Kind.DRIFT, f"{name}/{version}/psi")
            record = rounds.records[ref]
            assert isinstance(record, Drift)
            assert (record.value, list(record.trend)) == (values[-1], values)
            detail = await rounds.source.detail(ref)
            assert detail.record == record
            (plot,) = [one for one in detail.sections if isinstance(one, Series)]
            assert [point.value for point in plot.points] == values
