"""Hundreds of varied models: the table and the details say what MLflow's own client says.

The client of the same release is asked, in its own environment. All rows are compared; of the
details those of some models, or with ``OPSBOARD_TEST_ALL_MODELS=1`` those of all 500::

    OPSBOARD_TEST_ALL_MODELS=1 pytest tests/adapters/mlflow/test_estate.py
"""

import json
import math
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest

from opsboard.adapter import Detail, Facts, Grid
from opsboard.environments.rules import EnvironmentRules
from opsboard.records import Kind, Metric, Model, ModelVersion, Status
from opsboard.text.numbers import format_metric
from opsboard.text.sanitize import sanitize
from opsboard_adapters.mlflow import MLflowSettings
from opsboard_adapters.mlflow.links import record_id
from tests.adapters.mlflow.environments import RELEASES, Release, python_of
from tests.adapters.mlflow.estate import CROWDED, MODELS, ODD_NAMES, estate, name_of
from tests.adapters.mlflow.rounds import AppHarness, Rounds, watching
from tests.adapters.mlflow.servers import running

pytestmark = pytest.mark.mlflow

ORACLE: Final = Path(__file__).with_name("client_oracle.py")
ALL: Final = bool(os.environ.get("OPSBOARD_TEST_ALL_MODELS"))
SAMPLE: Final = range(MODELS) if ALL else range(len(ODD_NAMES) + 16)
NAMES: Final = [name for number in SAMPLE if not {*"/:"} & {*(name := name_of(number))}]
"""Of names with a slash or a colon, which old databases have, servers tell in lists alone."""
ROUNDS: Final = 3
"""Rounds until all is well: on CPython 3.11, a server whose threads parse at the same time fails
with "recursion depth mismatch" now and then (github.com/python/cpython/issues/106905).
"""
LEADING: Final = MLflowSettings.model_fields["leading_aliases"].default
NEWEST: Final = MLflowSettings.model_fields["versions_with_metrics"].default
STATES: Final = {
    "READY": Status.OK, "PENDING_REGISTRATION": Status.RUNNING,
    "FAILED_REGISTRATION": Status.FAILED,
}  # fmt: skip
Told = Mapping[str, Any]


class Places(AppHarness):
    """A stage that knows the usual words for environments."""

    def environment_of(self, *names: str) -> str:
        return EnvironmentRules({}).environment_of(*names)


@pytest.fixture(scope="module", params=RELEASES)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Release]]:
    release = RELEASES[request.param]
    folder = tmp_path_factory.mktemp(f"{request.param}-estate")
    with running(release, folder, fill=estate().write) as url:
        yield url, release


@pytest.fixture(scope="module")
def client(server: tuple[str, Release]) -> Told:
    """What MLflow's own client says."""
    url, release = server
    command = [str(python_of(release)), str(ORACLE), url]
    asked = "\n".join(json.dumps(name) for name in NAMES)
    env = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
    done = subprocess.run(
        command,
        input=asked,
        capture_output=True,
        text=True,
        check=False,
        env=env,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told: Told = json.loads(done.stdout)
    return told


@pytest.fixture
async def rounds(server: tuple[str, Release]) -> AsyncIterator[Rounds]:
    async with watching(server[0], Places(), timeout=60) as rounds:
        for _ in range(ROUNDS):
            await rounds.next()
            if not rounds.ails():
                break
        assert rounds.ails() == {}, rounds.health
        yield rounds


async def test_the_table_is_what_the_client_says(rounds: Rounds, client: Told) -> None:
    models: dict[str, Model] = rounds.of(Kind.MODEL)
    assert len(models) == MODELS
    assert models.keys() == {record_id(name) for name in client["models"]}
    for name, told in client["models"].items():
        _compare_model(models[record_id(name)], name, told, client["versions"].get(name, {}))


def _compare_model(model: Model, name: str, told: Told, versions: Told) -> None:
    serving, latest = _serving(told["aliases"], versions), str(max(map(int, versions), default=""))
    shown = versions.get(serving or latest)
    assert model.name == sanitize(name)
    assert {one.name: one.version for one in model.aliases} == told["aliases"]
    assert (model.serving, model.latest, model.versions) == (serving, latest, len(versions))
    assert model.owner == told["tags"].get("owner", "")
    assert model.description == told["description"]
    assert [_ms(model.created_at), _ms(model.updated_at)] == [told["created"], told["updated"]]
    if shown is None:
        assert (model.status, model.reason) == (Status.UNKNOWN, "no version")
        return
    assert model.status is STATES[shown["status"]]
    assert model.environment == _environment(name, serving or latest, told["aliases"], shown)


def _serving(aliases: Mapping[str, str], versions: Told) -> str:
    by_lower = {alias.lower(): to for alias, to in aliases.items()}
    led = [by_lower[one] for one in LEADING if one in by_lower]
    staged = [number for number, one in versions.items() if one["stage"] == "Production"]
    return led[0] if led else max(staged, key=int, default="")


def _environment(name: str, version: str, aliases: Mapping[str, str], shown: Told) -> str:
    own = sorted(alias for alias, to in aliases.items() if to == version)
    own.sort(key=lambda one: LEADING.index(one.lower()) if one.lower() in LEADING else 99)
    stage = [shown["stage"]] if shown["stage"] != "None" else []
    return EnvironmentRules({}).environment_of(*own, *stage, name)


def _ms(at: datetime | None) -> int:
    assert at is not None
    return round(at.timestamp() * 1_000)


async def test_every_version_is_what_the_client_says(rounds: Rounds, client: Told) -> None:
    records: dict[str, ModelVersion] = rounds.of(Kind.MODEL_VERSION)
    expected = {
        record_id(name, number): (name, number, told)
        for name, versions in client["versions"].items()
        for number, told in versions.items()
    }
    assert records.keys() == expected.keys()
    for identity, (name, number, told) in expected.items():
        record = records[identity]
        aliases = client["models"][name]["aliases"]
        assert record.status is STATES[told["status"]]
        assert record.message == told["message"]
        assert record.stage == told["stage"].replace("None", "")
        assert set(record.aliases) == {alias for alias, to in aliases.items() if to == number}
        assert record.run == told["run_id"]
        assert [_ms(record.created_at), _ms(record.updated_at)] == [told["created"]] * 2


def _measured(told: Told, versions: Told) -> dict[str, float]:
    """The metrics of a version by the client: those of its logged model, and of a run of its own.

    Where other versions are of the same run, what the run says may be of any of them.
    """
    of_run = (told["run"] or {}).get("metrics", {})
    logged = told["logged"]
    alone = sum(one["run_id"] == told["run_id"] for one in versions.values()) == 1
    found = of_run if logged is None else {**(of_run if alone else {}), **logged["metrics"]}
    return {key: _value(value) for key, value in found.items()}


def _value(told: str) -> float:
    """Databases keep no infinity: MLflow writes the largest number that there is."""
    value = float(told)
    return math.copysign(math.inf, value) if abs(value) == sys.float_info.max else value


def _same(found: Sequence[Metric], expected: Mapping[str, float]) -> bool:
    """Tell whether *found* are the metrics *expected*, or the 20 of them that a record holds."""
    known = {one.name: one.value for one in found}
    return len(known) == min(len(expected), 20) and all(
        value == expected[key] or (math.isnan(value) and math.isnan(expected[key]))
        for key, value in known.items()
    )


async def test_metrics_and_origins_are_what_the_client_says(rounds: Rounds, client: Told) -> None:
    records: dict[str, ModelVersion] = rounds.of(Kind.MODEL_VERSION)
    compared = 0
    for name in NAMES:
        versions = client["versions"].get(name, {})
        newest = sorted(map(int, versions), reverse=True)[:NEWEST]
        used = {*client["models"][name]["aliases"].values(), *map(str, newest)}
        for number in used:
            record, told = records[record_id(name, number)], versions[number]
            if (told["logged"] or {}).get("deleted"):
                continue  # the client says nothing of it
            run = told["run"] or {"tags": {}, "datasets": [], "user": ""}
            assert _same(record.metrics, _measured(told, versions)), (name, number)
            assert record.commit == run["tags"].get("mlflow.source.git.commit", "")
            assert record.dataset == next(iter(run["datasets"]), "")
            assert record.author == (told["user"] or run["tags"].get("mlflow.user", ""))
            compared += 1
    assert compared > len(NAMES)


async def test_details_are_what_the_client_says(rounds: Rounds, client: Told) -> None:
    for name in NAMES:
        detail = await rounds.source.detail(rounds.ref(Kind.MODEL, record_id(name)))
        assert detail.record == rounds.records[detail.record.ref]
        rows = _grid(detail, "Versions").rows
        numbers = sorted(map(int, client["versions"].get(name, {})), reverse=True)
        used = {int(to) for to in client["models"][name]["aliases"].values()}
        kept = [one for place, one in enumerate(numbers) if place < 100 or one in used]
        assert [int(row.cells[0]) for row in rows] == kept
    crowded = client["versions"][name_of(CROWDED)]
    for name, number, told in _some_versions(client):
        ref = rounds.ref(Kind.MODEL_VERSION, record_id(name, number))
        _compare_detail(await rounds.source.detail(ref), told, client["versions"][name])
    assert len(crowded) > 100


def _some_versions(client: Told) -> Iterator[tuple[str, str, Told]]:
    for name in NAMES:
        versions = client["versions"].get(name, {})
        for number in sorted(versions, key=int)[: None if ALL else 2]:
            yield name, number, versions[number]


def _compare_detail(detail: Detail, told: Told, versions: Told) -> None:
    run, logged = told["run"], told["logged"]
    if logged and logged["deleted"]:
        return
    measured = {key: format_metric(value) for key, value in _measured(told, versions).items()}
    assert _column(detail, "Metrics") == measured
    of_run = run["params"] if run else {}
    params = {**of_run, **((logged or {}).get("params", {}))}
    assert _column(detail, "Parameters") == params
    (facts,) = [one for one in detail.sections if one.title == "Training run"]
    assert isinstance(facts, Facts)
    words = {one.label: one.value for one in facts.facts}
    if run is None:
        why = "deleted for good, or not visible" if told["run_id"] else "registered without a run"
        assert words["Note"] == why
    else:
        assert words["Status"] == run["status"] + (" (deleted)" if run["deleted"] else "")


def _column(detail: Detail, title: str) -> dict[str, str]:
    """Return the second column of a grid, where there is one, by the first."""
    if not any(one.title == title for one in detail.sections):
        return {}
    return {row.cells[0]: row.cells[1] for row in _grid(detail, title).rows}


def _grid(detail: Detail, title: str) -> Grid:
    (found,) = [one for one in detail.sections if one.title == title]
    assert isinstance(found, Grid)
    return found


async def test_a_quiet_round_asks_a_handful(server: tuple[str, Release]) -> None:
    async with watching(server[0], Places(), timeout=60) as rounds:
        await rounds.next()
        changes = await rounds.next()
        assert not [one for one in changes if hasattr(one, "records")]
