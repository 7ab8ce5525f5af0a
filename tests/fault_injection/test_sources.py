"""One source is faulty: it says what, where and how to fix; the two others are whole."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.fault_injection.behaviours import (
    FAULTS,
    Fault,
    breaking_watches,
    dated_without_a_zone,
    hanging,
    with_nothing,
)
from tests.fault_injection.conftest import Outcome, Run, by_name
from tests.fault_injection.stage import SOURCES, AppHarness, FaultProxy, Settings, nobody
from tests.patience import PATIENCE

WAIT = str(PATIENCE)
SCHEMA = Path(__file__).parents[2] / "docs" / "status.schema.json"
PANES = ("builds", "deployments", "models")


def _status(run: Run, settings: Settings) -> tuple[Outcome, dict[str, Any]]:
    outcome = run(settings, "status", "--json", "--wait-fresh", WAIT)
    document: dict[str, Any] = json.loads(outcome.out)
    jsonschema.validate(document, json.loads(SCHEMA.read_text("utf-8")))
    assert outcome.code == document["exit_code"]
    assert outcome.err == ""
    return outcome, document


def _names(document: dict[str, Any], source: str) -> set[tuple[str, str]]:
    records = [record for pane in PANES for record in document["panes"][pane]]
    return {(one["kind"], one["id"]) for one in records if one["source"] == source}


@pytest.fixture(scope="module")
def whole() -> dict[str, set[tuple[str, str]]]:
    """What each source shows while all is well; filled by the first test that looks."""
    return {}


@pytest.fixture
def expected(
    stage: AppHarness, run: Run, whole: dict[str, set[tuple[str, str]]]
) -> dict[str, set[tuple[str, str]]]:
    if not whole:
        _, document = _status(run, Settings.at(stage))
        assert {source["condition"] for source in document["sources"]} == {"live"}
        whole.update({name: _names(document, name) for name in SOURCES})
        assert all(whole.values())
    return whole


def _check_others(
    document: dict[str, Any], faulty: str, expected: dict[str, set[tuple[str, str]]]
) -> None:
    for name in SOURCES.keys() - {faulty}:
        assert by_name(document)[name]["condition"] == "live"
        assert _names(document, name) == expected[name]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
@pytest.mark.parametrize("source", SOURCES)
def test_a_faulty_server(
    source: str,
    fault: Fault,
    stage: AppHarness,
    run: Run,
    expected: dict[str, set[tuple[str, str]]],
) -> None:
    settings = Settings.at(stage)
    if fault.name == "hanging":
        settings.keys[source] = {"timeout": 0.5}
    stage.fault_proxy.inject_source(source, fault.behaviour)
    outcome, document = _status(run, settings)
    told = by_name(document)[source]
    assert told["condition"] == fault.condition
    assert fault.says in told["message"]
    assert told["hint"]
    assert (
        SOURCES[source] in told["message"]
        or settings.urls[source] in told["message"]
        or fault.name == "429"
    )
    assert outcome.code == 2, "who is throttled from the first request has told nothing"
    assert _names(document, source) == set()
    _check_others(document, source, expected)


@pytest.mark.parametrize("source", SOURCES)
def test_nobody_listens(
    source: str, stage: AppHarness, run: Run, expected: dict[str, set[tuple[str, str]]]
) -> None:
    settings = Settings.at(stage)
    settings.urls[source] = nobody()
    outcome, document = _status(run, settings)
    told = by_name(document)[source]
    assert told["condition"] == "unreachable"
    assert settings.urls[source] in told["message"]
    assert told["hint"]
    assert outcome.code == 2
    _check_others(document, source, expected)


@pytest.mark.parametrize("source", SOURCES)
def test_a_ca_that_is_not_trusted(
    source: str, stage: AppHarness, run: Run, expected: dict[str, set[tuple[str, str]]]
) -> None:
    settings = Settings.at(stage)
    settings.urls[source] = stage.tls_url
    if source == "clusters":
        settings.cluster.clear()
    outcome, document = _status(run, settings)
    told = by_name(document)[source]
    assert told["condition"] == "unreachable"
    assert "certificate" in told["message"]
    assert stage.tls_url in told["message"]
    assert "CA" in told["hint"]
    assert outcome.code == 2
    _check_others(document, source, expected)


def test_the_right_ca(
    stage: AppHarness, run: Run, expected: dict[str, set[tuple[str, str]]]
) -> None:
    settings = Settings.all_at(stage.tls_url)
    ca_file = str(stage.ca_file)
    settings.keys = {"github": {"ca_file": ca_file}, "mlflow": {"ca_file": ca_file}}
    settings.cluster = {"certificate-authority": ca_file}
    _, document = _status(run, settings)
    for name in SOURCES:
        assert by_name(document)[name]["condition"] == "live", by_name(document)[name]["message"]
        assert _names(document, name) == expected[name]


def test_watches_that_die_half_way(
    stage: AppHarness, run: Run, expected: dict[str, set[tuple[str, str]]]
) -> None:
    stage.fault_proxy.inject(SOURCES["clusters"], breaking_watches)
    _, document = _status(run, Settings.at(stage))
    assert _names(document, "clusters") == expected["clusters"]
    _check_others(document, "clusters", expected)


def test_a_date_without_a_zone_is_no_date(
    stage: AppHarness, run: Run, expected: dict[str, set[tuple[str, str]]]
) -> None:
    stage.fault_proxy.inject("/", dated_without_a_zone)
    _, document = _status(run, Settings.at(stage))
    for name in SOURCES:
        assert by_name(document)[name]["condition"] == "live"
        assert _names(document, name) == expected[name]


@pytest.mark.parametrize("source", SOURCES)
def test_a_server_that_has_nothing(
    source: str,
    stage: AppHarness,
    fault_proxy: FaultProxy,
    run: Run,
    expected: dict[str, set[tuple[str, str]]],
) -> None:
    fault_proxy.inject_source(source, with_nothing)
    outcome, document = _status(run, Settings.at(stage))
    assert by_name(document)[source]["condition"] == "live"
    assert _names(document, source) == set()
    assert outcome.code == 1, "the others have their troubles"
    _check_others(document, source, expected)


@pytest.mark.parametrize("source", SOURCES)
def test_who_does_not_answer_in_time_is_not_taken_for_well(
    source: str, stage: AppHarness, run: Run
) -> None:
    stage.fault_proxy.inject_source(source, hanging)
    outcome = run(Settings.at(stage), "status", "--json", "--wait-fresh", "2")
    told = by_name(json.loads(outcome.out))[source]
    assert outcome.code == 2
    assert told["condition"] == "unreachable"
    assert told["message"] == f"{source} has not answered at all within 2 s"
    assert "--wait-fresh" in told["hint"]
