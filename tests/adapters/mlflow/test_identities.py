"""What MLflow states: what a version was made of and what it is, what serves, what drift is of."""

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import Fresh
from opsboard.demo.app import build_app
from opsboard.demo.server import serve_in_thread
from opsboard.demo.world.controllers import WorldControllers
from opsboard.demo.world.world import DemoWorld
from opsboard.records import Claim, Drift, Kind, Model, ModelVersion, Strength
from opsboard.records.codec import from_json, to_json
from opsboard.records.identity import server
from opsboard_adapters.mlflow.identities import (
    MLflowIdentities,
    commit_of,
    dataset_claim,
    run_of_link,
)
from opsboard_adapters.mlflow.lineage import VersionOrigin
from opsboard_adapters.mlflow.logged_models import LoggedModel, LoggedModelInfo
from opsboard_adapters.mlflow.structs import (
    DatasetInput,
    KeyValue,
    MLflowDataset,
    MLflowRun,
    MLflowVersion,
    RunData,
    RunInfo,
)
from tests.adapters.mlflow.acts import acting, make_model
from tests.adapters.mlflow.rounds import AppHarness, Rounds, watching
from tests.adapters.mlflow.seeding import Writer, measured

SHA = "fa2dec5f" * 5
OTHER = "0badcafe" * 5
COMMIT = "mlflow.source.git.commit"
REPOSITORY = "mlflow.source.git.repoURL"
URL = "https://git.example/acme/models.git"


def _tags(**tags: str) -> tuple[KeyValue, ...]:
    return tuple(KeyValue(key, value) for key, value in tags.items())


def _version(**fields: Any) -> MLflowVersion:
    return MLflowVersion(**{"name": "m", "version": "3", **fields})


def _origin(tags: dict[str, str], run_id: str = "r") -> VersionOrigin:
    return VersionOrigin(MLflowRun(RunInfo(run_id), RunData(tag_list=_tags(**tags))))


def _told(claims: tuple[Claim, ...]) -> set[tuple[str, str, str]]:
    return {(claim.type, claim.scope, claim.value) for claim in claims}


# --- the commit -----------------------------------------------------------------------------------


def test_the_commit_is_that_of_the_runs_own_repository() -> None:
    claim = commit_of(_version(), _origin({COMMIT: SHA.upper(), REPOSITORY: URL}))
    assert claim == Claim(
        "commit", "git.example/acme/models", SHA, f"MLflow run tag {COMMIT}", Strength.SHA
    )


def test_without_a_repository_the_commit_is_unqualified() -> None:
    claim = commit_of(_version(), _origin({COMMIT: SHA}))
    assert claim is not None
    assert (claim.scope, claim.value) == ("", SHA)


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {COMMIT: ""},
        {COMMIT: SHA[:7]},
        {COMMIT: f"{SHA}-dirty"},
        {COMMIT: f"main/{SHA}"},
        {COMMIT: "HEAD"},
        {COMMIT: SHA, "mlflow.source.git.dirty": "true"},
        {COMMIT: SHA, "mlflow.source.git.dirty": " True "},
    ],
)
def test_a_short_or_dirty_commit_is_none(tags: dict[str, str]) -> None:
    assert commit_of(_version(), _origin(tags)) is None


def test_a_clean_working_tree_is_none_the_worse_for_saying_so() -> None:
    clean = {COMMIT: SHA, "mlflow.source.git.dirty": "false"}
    assert commit_of(_version(), _origin(clean)) is not None


@pytest.mark.parametrize("key", ["git_commit", "commit"])
def test_what_people_tag_is_a_declaration(key: str) -> None:
    claim = commit_of(_version(), _origin({key: SHA}))
    assert claim is not None
    assert claim.strength is Strength.LABEL
    assert claim.rule == f"MLflow run tag {key}"


def test_the_run_comes_before_the_logged_model_and_that_before_the_version() -> None:
    version = _version(tag_list=_tags(git_commit=OTHER))
    logged = LoggedModel(LoggedModelInfo(model_id="m-1", tag_list=_tags(**{COMMIT: SHA})))
    both = VersionOrigin(MLflowRun(RunInfo("r")), logged, "m-1")
    rules = [
        claim.rule
        for claim in (
            commit_of(version, _origin({COMMIT: SHA})),
            commit_of(version, both),
            commit_of(version, _origin({COMMIT: SHA[:7]})),
        )
        if claim is not None
    ]
    assert rules == [
        f"MLflow run tag {COMMIT}",
        f"MLflow logged model tag {COMMIT}",
        "MLflow version tag git_commit",
    ]


def test_a_login_in_the_address_of_the_repository_is_not_told() -> None:
    url = "https://bot:ghp_very_secret@git.example/acme/models"
    claim = commit_of(_version(), _origin({COMMIT: SHA, REPOSITORY: url}))
    assert claim is not None
    assert "secret" not in repr(claim)
    assert claim.scope == "git.example/acme/models"


# --- runs, logged models, copies ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "scope", "run"),
    [
        ("http://h:5000/#/experiments/1/runs/abc", "http://h:5000", "abc"),
        ("http://H:5000/#/experiments/1/runs/abc/artifacts", "http://h:5000", "abc"),
        ("https://h/ml/flow/#/experiments/1/runs/abc", "https://h/ml/flow", "abc"),
        ("https://adb.example/?o=12#mlflow/experiments/5/runs/ff", "https://adb.example", "ff"),
        ("https://adb.example/ml/experiments/5/runs/ff?o=12", "https://adb.example", "ff"),
    ],
)
def test_a_run_link_names_the_server_of_the_run(link: str, scope: str, run: str) -> None:
    claim = run_of_link(link)
    assert claim is not None
    assert tuple(claim.identity) == ("run", scope, run)


@pytest.mark.parametrize("link", ["", "REDACTED-RUN-LINK", "https://h/#/models/m", "r/abc"])
def test_another_link_names_none(link: str) -> None:
    assert run_of_link(link) is None


def test_a_run_elsewhere_is_not_taken_for_one_of_this_server() -> None:
    """With a link, the id is that of a run on the other server, unless it was found here too."""
    link = "https://other.example/#/experiments/1/runs/r"
    stated = MLflowIdentities("http://own:5000")
    there = stated.made_of(_version(run_id="r", run_link=link), VersionOrigin())
    assert _told(there) == {("run", "https://other.example", "r")}
    here = stated.made_of(_version(run_id="r", run_link=link), _origin({}))
    assert _told(here) == {("run", "https://other.example", "r"), ("run", "http://own:5000", "r")}


def test_a_link_that_is_not_understood_leaves_nothing_to_guess() -> None:
    version = _version(run_id="r", run_link="https://wiki.example/how-it-was-trained")
    assert MLflowIdentities("http://own:5000").made_of(version, VersionOrigin()) == ()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"model_id": "m-1"}, {("logged-model", "http://own:5000", "m-1")}),
        ({"source": "models:/m-1"}, {("logged-model", "http://own:5000", "m-1")}),
        ({"source": "models:/other/7"}, {("model-version", "http://own:5000", "other/7")}),
        ({"source": "models:/m/3"}, set()),
        ({"source": "models:/other@champion"}, set()),
        ({"source": "mlflow-artifacts:/1/r/artifacts/model"}, set()),
    ],
)
def test_the_source_names_a_logged_model_or_the_version_that_was_copied(
    fields: dict[str, str], expected: set[tuple[str, str, str]]
) -> None:
    made = MLflowIdentities("http://own:5000/").made_of(_version(**fields), VersionOrigin())
    assert _told(made) == expected


def test_a_registry_of_its_own_has_the_versions_and_the_tracking_server_the_runs() -> None:
    stated = MLflowIdentities("https://tracking.example", "https://registry.example/")
    version = _version(run_id="r", model_id="m-1")
    assert {claim.scope for claim in stated.is_(version, ("champion",))} == {
        "https://registry.example"
    }
    assert {claim.scope for claim in stated.made_of(version, VersionOrigin())} == {
        "https://tracking.example"
    }


@given(
    st.sampled_from(["http://host:5000/", "http://HOST:5000", "http://me:pw@Host:5000//"]),
    st.text(string.ascii_letters + "-_.", min_size=1, max_size=20),
    st.integers(1, 10**6),
)
def test_however_the_server_is_written_its_versions_are_the_same(
    url: str, model: str, number: int
) -> None:
    version = _version(name=model, version=str(number))
    assert MLflowIdentities(url).is_(version, ("a",)) == MLflowIdentities("http://host:5000").is_(
        version, ("a",)
    )


# --- data -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("digest", "strength"),
    [
        ("9f86d081", Strength.LABEL),
        ("a" * 32, Strength.DIGEST),
        ("SHA256:" + "b" * 64, Strength.DIGEST),
    ],
)
def test_a_digest_is_as_good_as_it_is_long(digest: str, strength: Strength) -> None:
    claim = dataset_claim(DatasetInput(dataset=MLflowDataset("wine", digest)))
    assert claim is not None
    assert claim.strength is strength


def test_what_the_data_was_used_for_is_told() -> None:
    data = MLflowDataset("wine", "9f86d081")
    used = [
        dataset_claim(
            DatasetInput(tag_list=_tags(**{"mlflow.data.context": context}), dataset=data)
        )
        for context in ("train", "eval", "")
    ]
    assert [claim.rule for claim in used if claim] == [
        "MLflow dataset input (train)",
        "MLflow dataset input (eval)",
        "MLflow dataset input",
    ]


@pytest.mark.parametrize("data", [MLflowDataset("wine"), MLflowDataset("", "9f86d081")])
def test_data_without_name_or_digest_is_none(data: MLflowDataset) -> None:
    assert dataset_claim(DatasetInput(dataset=data)) is None


# --- on servers: the demo's and real ones ---------------------------------------------------------


def _versions(rounds: Rounds, model: str) -> dict[str, ModelVersion]:
    found: dict[str, ModelVersion] = rounds.of(Kind.MODEL_VERSION)
    return {one.version: one for one in found.values() if one.model == model}


async def test_a_version_is_made_of_its_run_its_commit_and_its_data(ground: Writer) -> None:
    model = make_model(ground, 0)
    run = ground.run(tags={COMMIT: SHA, REPOSITORY: URL})
    inputs = [
        {
            "tags": [{"key": "mlflow.data.context", "value": context}],
            "dataset": {"name": name, "digest": "9f86d081", "source_type": "s3", "source": "{}"},
        }
        for context, name in (("training", "wine"), ("eval", "wine-test"))
    ]
    ground.call("runs/log-inputs", {"run_id": run, "datasets": inputs})
    number = ground.version(model, run)
    ground.alias(model, "champion", number)
    async with watching(ground.url) as rounds:
        await rounds.next()
        record = _versions(rounds, model)[number]
        parent: Model = rounds.of(Kind.MODEL)[model]
    own = server(ground.url)
    assert _told(record.inputs) == {
        ("run", own, run),
        ("commit", "git.example/acme/models", SHA),
        ("dataset", "", "wine@9f86d081"),
        ("dataset", "", "wine-test@9f86d081"),
    }
    assert {claim.rule for claim in record.inputs if claim.type == "dataset"} == {
        "MLflow dataset input (training)",
        "MLflow dataset input (eval)",
    }
    assert _told(record.outputs) == {
        ("model-version", own, f"{model}/1"),
        ("model-alias", own, f"{model}@champion"),
    }
    assert parent.inputs == (
        Claim("model-version", own, f"{model}/1", "MLflow alias champion", Strength.TAG),
    )
    assert from_json(to_json(record)) == record


async def test_an_alias_is_stated_of_the_version_that_it_points_to_now(ground: Writer) -> None:
    model = make_model(ground, 2, champion=1)
    async with watching(ground.url) as rounds:
        await rounds.next()
        before = {key: one.outputs for key, one in _versions(rounds, model).items()}
        ground.alias(model, "champion", "2")
        await rounds.next()
        after = {key: one.outputs for key, one in _versions(rounds, model).items()}
    assert [len(before["1"]), len(before["2"])] == [2, 1]
    assert [len(after["1"]), len(after["2"])] == [1, 2]


async def test_a_logged_model_is_stated_where_the_server_has_such(ground: Writer) -> None:
    model = make_model(ground, 0)
    run = ground.run()
    logged = ground.logged_model(run, measured("auc", 0.9))
    number = ground.version_of(model, run, logged)
    async with watching(ground.url) as rounds:
        await rounds.next()
        record = _versions(rounds, model)[number]
    own = server(ground.url)
    expected = {("logged-model", own, logged)} if logged else set()
    assert _told(record.inputs) == {("run", own, run), *expected}


async def test_a_copied_version_is_made_of_the_one_that_was_copied(ground: Writer) -> None:
    first, second = make_model(ground, 0), make_model(ground, 0)
    run = ground.run()
    assert ground.version(first, run) == "1"
    body = {"name": second, "source": f"models:/{first}/1", "run_id": run}
    ground.call("model-versions/create", body)
    async with watching(ground.url) as rounds:
        await rounds.next()
        record = _versions(rounds, second)["1"]
    assert ("model-version", server(ground.url), f"{first}/1") in _told(record.inputs)


async def test_a_run_on_another_server_is_stated_there(ground: Writer) -> None:
    model = make_model(ground, 0)
    run = ground.run()
    assert ground.version(model, run) == "1"
    link = "https://training.example/#/experiments/7/runs/0123456789abcdef"
    body = {"name": model, "source": f"models:/{model}/1", "run_id": run, "run_link": link}
    ground.call("model-versions/create", body)
    async with watching(ground.url) as rounds:
        await rounds.next()
        record = _versions(rounds, model)["2"]
    assert ("run", "https://training.example", "0123456789abcdef") in _told(record.inputs)


@pytest.mark.parametrize(
    ("tags", "strength", "says"),
    [
        ({"model_version": "1"}, Strength.LABEL, "MLflow run tag model_version"),
        ({"model_version": "champion"}, Strength.TAG, "as it is now"),
        ({}, Strength.TAG, "what serves now"),
    ],
)
async def test_drift_is_of_a_version_as_far_as_the_run_says(
    ground: Writer, tags: dict[str, str], strength: Strength, says: str
) -> None:
    stage = AppHarness()
    model = make_model(ground, 1, champion=1)
    at = int(stage.time.timestamp() * 1000) + 60_000
    ground.run(at=at, tags={"model_name": model, **tags}, metrics=[measured("psi", 0.1, at)])
    async with watching(ground.url, stage) as rounds:
        await rounds.next()
        record: Drift = rounds.of(Kind.DRIFT)[f"{model}/1/psi"]
    (claim,) = record.inputs
    assert tuple(claim.identity) == ("model-version", server(ground.url), f"{model}/1")
    assert claim.strength is strength
    assert says in claim.rule


async def test_what_was_measured_before_there_was_the_version_is_a_guess(ground: Writer) -> None:
    stage = AppHarness()
    model = make_model(ground, 1, champion=1)
    at = int(stage.time.timestamp() * 1000) - 86_400_000
    ground.run(at=at, tags={"model_name": model}, metrics=[measured("psi", 0.1, at)])
    async with watching(ground.url, stage) as rounds:
        await rounds.next()
        record: Drift = rounds.of(Kind.DRIFT)[f"{model}/1/psi"]
    assert [claim.strength for claim in record.inputs] == [Strength.CANDIDATE]


async def test_what_a_training_run_measured_is_of_its_version(ground: Writer) -> None:
    stage = AppHarness()
    model = make_model(ground, 0)
    at = int(stage.time.timestamp() * 1000)
    ground.version(model, ground.run(at=at, metrics=[measured("psi", 0.1, at)]))
    async with watching(ground.url, stage) as rounds:
        await rounds.next()
        record: Drift = rounds.of(Kind.DRIFT)[f"{model}/1/psi"]
    assert [claim.strength for claim in record.inputs] == [Strength.SHA]


async def test_the_same_model_name_on_two_servers_is_two_models(
    told: str, founded: tuple[DemoWorld, WorldControllers]
) -> None:
    """The trap: equal names and versions of two servers are never one thing."""
    world, controllers = founded
    with serve_in_thread(build_app(world, controllers, lambda: world.now)) as url:
        async with watching(told) as here, watching(f"{url}/mlflow") as there:
            await here.next()
            await there.next()
            stated = [
                {
                    claim.identity
                    for record in rounds.records.values()
                    for claim in (*record.inputs, *record.outputs)
                    if claim.type in {"model-version", "model-alias"}
                }
                for rounds in (here, there)
            ]
    names = [{identity.value for identity in found} for found in stated]
    assert names[0] == names[1] != set()
    assert not stated[0] & stated[1]


async def test_a_round_in_which_nothing_changes_asks_nothing_for_identities(told: str) -> None:
    """The registry, what changed last, the experiments, and monitoring runs: by tag, and active."""
    async with acting(told) as (source, wire):
        rounds = 0
        async for change in source.changes():
            if isinstance(change, Fresh) and change.scope == "drift":
                rounds += 1
                if rounds == 2:
                    wire.sent.clear()
                elif rounds == 3:
                    break
    assert sorted(wire.sent) == [
        ("GET", "experiments/search"),
        ("GET", "model-versions/search"),
        ("GET", "registered-models/search"),
        *[("POST", "runs/search")] * 4,
    ]
