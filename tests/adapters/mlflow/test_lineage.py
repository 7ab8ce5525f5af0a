"""What a version was measured at, and made of: its run's, or those of the model that was logged."""

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import Facts, Grid
from opsboard.records import Kind
from opsboard_adapters.mlflow.lineage import VersionOrigin, VersionOrigins
from opsboard_adapters.mlflow.logged_models import LoggedModel, LoggedModelData, LoggedModelInfo
from opsboard_adapters.mlflow.structs import (
    MLflowMetric,
    MLflowRun,
    MLflowVersion,
    ModelOutput,
    RunData,
    RunInfo,
    RunOutputs,
)
from tests.adapters.mlflow import shaped
from tests.adapters.mlflow.acts import ask
from tests.adapters.mlflow.test_trouble import asking

VERSIONS: list[dict[str, Any]] = [
    {"name": "m", "version": "1", "run_id": "r", "model_id": "m-a", "last_updated_timestamp": 1},
    {"name": "m", "version": "2", "run_id": "r", "source": "models:/m-b"},
]
MODEL = {
    "name": "m",
    "last_updated_timestamp": 1,
    "aliases": [{"alias": "champion", "version": "1"}, {"alias": "challenger", "version": "2"}],
}


def _value(key: str, value: float, **more: Any) -> dict[str, Any]:
    return {"key": key, "value": value, "timestamp": 1, "step": 1, **more}


def _logged(model_id: str, *metrics: dict[str, Any], **info: Any) -> dict[str, Any]:
    return {
        "info": {"model_id": model_id, "source_run_id": "r", **info},
        "data": {"metrics": list(metrics), "params": [{"key": "kind", "value": model_id}]},
    }


class TwoOfOneRun:
    """A server on which one run logged two models. What is *said* of the run is its own metrics."""

    def __init__(self, *said: dict[str, Any], searches: bool = True) -> None:
        self.searches = searches
        self.said = said or (_value("accuracy", 0.5),)
        self.logged = {
            "m-a": _logged("m-a", _value("accuracy", 0.9)),
            "m-b": _logged("m-b", _value("accuracy", 0.5)),
        }
        self.versions = [dict(one) for one in VERSIONS]
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.partition("/mlflow/")[2]
        self.asked.append(path)
        body = self._answer(path, dict(request.url.params))
        return httpx.Response(200, json=body) if body is not None else httpx.Response(404, json={})

    def _answer(self, path: str, told: dict[str, str]) -> dict[str, Any] | None:
        run = {
            "info": {"run_id": "r", "status": "FINISHED", "experiment_id": "1"},
            "data": {"metrics": list(self.said), "params": [{"key": "depth", "value": "3"}]},
        }
        answers: dict[str, Any] = {
            "registered-models/search": {"registered_models": [MODEL]},
            "registered-models/get": {"registered_model": MODEL},
            "model-versions/search": {"model_versions": self.versions},
            "experiments/search": {"experiments": [{"experiment_id": "1"}]},
            "runs/search": {"runs": [run]},
            "runs/get": {"run": run},
            "logged-models/search": {"models": [*self.logged.values()]} if self.searches else None,
        }
        if path == "model-versions/get":
            number = int(told["version"]) - 1
            return {"model_version": self.versions[number]}
        if path.startswith("logged-models/m-"):
            one = self.logged.get(path.removeprefix("logged-models/"))
            return {"model": one} if one else None
        return answers.get(path)


def _metrics(found: Any) -> dict[str, dict[str, float]]:
    return {key: {m.name: m.value for m in one.metrics} for key, one in found.items()}


@pytest.mark.parametrize("searches", [True, False])
async def test_two_models_of_one_run_have_each_their_own_metrics(searches: bool) -> None:
    server = TwoOfOneRun(searches=searches)
    async with asking(server) as rounds:
        await rounds.next()
        assert _metrics(rounds.of(Kind.MODEL_VERSION)) == {
            "m/1": {"accuracy": 0.9},
            "m/2": {"accuracy": 0.5},
        }
        assert _metrics(rounds.of(Kind.MODEL)) == {"m": {"accuracy": 0.9}}
        for version, value in (("1", 0.9), ("2", 0.5)):
            ref = rounds.ref(Kind.MODEL_VERSION, f"m/{version}")
            detail = await rounds.source.detail(ref)
            assert detail.record == rounds.records[ref]
            grids = {one.title: one for one in detail.sections if isinstance(one, Grid)}
            assert [row.cells[:2] for row in grids["Metrics"].rows] == [("accuracy", f"{value:g}")]
            params = {row.cells[0]: row.cells[1] for row in grids["Parameters"].rows}
            assert params == {"depth": "3", "kind": "m-a" if version == "1" else "m-b"}
        plan = await rounds.source.plan(ask("m", alias="champion", to="2"))
        (told,) = [one for one in plan.changes if one.group == "metrics"]
        assert (told.name, told.before, told.after) == ("accuracy", "0.9", "0.5")
        server.asked.clear()
        await rounds.next()
        assert not [path for path in server.asked if "logged" in path], "known is not asked again"


async def test_without_its_logged_model_a_version_has_what_the_run_says_of_that_model() -> None:
    server = TwoOfOneRun(_value("accuracy", 0.5, model_id="m-b"), _value("loss", 0.1))
    server.logged.clear()
    async with asking(server) as rounds:
        await rounds.next()
        assert _metrics(rounds.of(Kind.MODEL_VERSION)) == {
            "m/1": {"loss": 0.1},
            "m/2": {"accuracy": 0.5, "loss": 0.1},
        }
        assert rounds.ails() == {}
        detail = await rounds.source.detail(rounds.ref(Kind.MODEL_VERSION, "m/1"))
        (facts,) = [one for one in detail.sections if one.title == "Logged model"]
        assert isinstance(facts, Facts)
        assert "not on this server any more" in str(facts)


async def test_what_cannot_be_read_of_a_logged_model_is_told_and_nothing_is_made_up() -> None:
    server = TwoOfOneRun()
    well = server._answer

    def broken(path: str, told: dict[str, str]) -> dict[str, Any] | None:
        if path.startswith("logged-models"):
            raise httpx.ReadTimeout("hangs")
        return well(path, told)

    server._answer = broken  # type: ignore[method-assign]
    async with asking(server) as rounds:
        await rounds.next()
        assert _metrics(rounds.of(Kind.MODEL_VERSION)) == {"m/1": {}, "m/2": {}}
        assert set(rounds.ails()) == {"versions"}
        server._answer = well  # type: ignore[method-assign]
        await rounds.next()
        assert _metrics(rounds.of(Kind.MODEL))["m"] == {"accuracy": 0.9}
        assert rounds.ails() == {}


async def test_the_run_of_a_version_may_be_told_by_its_logged_model_alone() -> None:
    server = TwoOfOneRun()
    for one in server.versions:
        one.pop("run_id")
    async with asking(server) as rounds:
        await rounds.next()
        assert {one.run for one in rounds.of(Kind.MODEL_VERSION).values()} == {"r"}


# --- the rule -----------------------------------------------------------------------------------

_KEYS = st.sampled_from(["auc", "loss", "f1"])
_IDS = st.sampled_from(["", "m-a", "m-b"])
_MEASURED = st.lists(
    st.builds(
        MLflowMetric,
        key=_KEYS,
        raw_value=st.floats(0, 1),
        timestamp=st.integers(0, 3),
        step=st.integers(-2, 2),
        model_id=_IDS,
    ),
    unique_by=lambda one: one.key,
)


@given(
    said=_MEASURED,
    own=st.none() | _MEASURED,
    other=st.booleans(),
    gone=st.booleans(),
    outputs=st.booleans(),
)
def test_no_value_of_another_model_is_ever_shown(
    said: list[MLflowMetric],
    own: list[MLflowMetric] | None,
    other: bool,
    gone: bool,
    outputs: bool,
) -> None:
    made = RunOutputs((ModelOutput("m-a"), ModelOutput("m-b"))) if outputs and other else None
    run = MLflowRun(RunInfo("r"), RunData(metrics=tuple(said)), outputs=made or RunOutputs())
    logged = {}
    if own is not None:
        logged["m-a"] = LoggedModel(
            LoggedModelInfo(model_id="m-a", source_run_id="r"), LoggedModelData(tuple(own))
        )
    if other:
        logged["m-b"] = LoggedModel(LoggedModelInfo(model_id="m-b", source_run_id="r"))
    origins = VersionOrigins({"r": run}, logged, {"m-a"} if gone and own is None else set())
    version = MLflowVersion(name="m", version="1", run_id="r", source="models:/m-a")
    found = origins.of(version).measurements
    assert len({one.key for one in found}) == len(found)
    of_run = [one for one in found if one not in (own or [])]
    assert all(one.model_id in {"", "m-a"} for one in of_run)
    for one in own or []:
        assert one in found, "what was logged of the model is all there"
    if own is not None and other:
        assert all(one.model_id == "m-a" for one in of_run)
    if own is None and not gone:
        assert all(one.model_id == "m-a" for one in found)


def test_a_version_of_no_logged_model_has_all_of_its_run() -> None:
    run = MLflowRun(RunInfo("r"), RunData(metrics=(MLflowMetric("auc", 1.0, model_id="m-a"),)))
    version = MLflowVersion(name="m", version="1", run_id="r", source="mlflow-artifacts:/1/r/model")
    assert [one.key for one in VersionOrigins({"r": run}).of(version).measurements] == ["auc"]


@pytest.mark.parametrize(
    ("source", "model_id"),
    [
        ("models:/m-abc", "m-abc"), ("models:/name/3", ""), ("models:/name@champion", ""),
        ("models:/main.ml.fraud/3", ""), ("s3://bucket/models:/m-abc", ""), ("", ""), ("s", ""),
        ("runs:/r/model", ""),
        (f"mlflow-artifacts:/0/models/m-{'0a' * 16}/artifacts", f"m-{'0a' * 16}"),
        (f"s3://bucket/1/models/m-{'0a' * 16}/artifacts/", f"m-{'0a' * 16}"),
        ("mlflow-artifacts:/0/r/artifacts/models/m-small/artifacts", ""),
    ],
)  # fmt: skip
def test_which_logged_model_a_version_is_of(source: str, model_id: str) -> None:
    assert MLflowVersion(name="m", version="1", source=source).logged_model == model_id


def test_of_several_values_the_last_one_logged_counts() -> None:
    told = [("auc", 0.1, 5, 9), ("auc", 0.7, 9, 0), ("auc", 0.2, 9, -1), ("f1", 1.0, 1, 0)]
    metrics = tuple(MLflowMetric(key, value, at, step) for key, value, at, step in told)
    logged = LoggedModel(LoggedModelInfo(model_id="m-a"), LoggedModelData(metrics))
    assert {key: one.value for key, one in logged.latest.items()} == {"auc": 0.7, "f1": 1.0}


def test_the_commit_may_be_a_tag_of_the_logged_model() -> None:
    tags = shaped.pairs({"mlflow.source.git.commit": "c0ffee"})
    logged = LoggedModel(LoggedModelInfo(model_id="m-a", tag_list=tags))
    assert VersionOrigin(logged=logged).commit(MLflowVersion(name="m", version="1")) == "c0ffee"
