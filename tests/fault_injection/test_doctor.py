"""What ``opsboard doctor`` says of servers that are well, and of faulty ones."""

import re

import pytest

from tests.fault_injection.behaviours import FAULTS, Fault
from tests.fault_injection.conftest import Run
from tests.fault_injection.stage import ALL_SOURCES, AppHarness, Settings, nobody

LINE = re.compile(r"^  (ok|warning|failed|unknown) +(.+)$")


def _sections(text: str) -> dict[str, list[str]]:
    """Return the lines that are said of each source."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line.startswith(" "):
            found[next(reversed(found))].append(line)
        else:
            found[line.partition(" ")[0]] = []
    return found


def _settings(stage: AppHarness) -> Settings:
    settings = Settings.at(stage)
    settings.registry = True
    return settings


def _check_told(lines: list[str]) -> None:
    """Fail unless one of *lines* is a failure, and each failure comes with a hint."""
    failures = [number for number, line in enumerate(lines) if line.startswith("  failed ")]
    assert failures
    for number in failures:
        assert re.match(r"^ {13}hint: \S", lines[number + 1]), lines[number]


def test_all_is_well(stage: AppHarness, run: Run) -> None:
    outcome = run(_settings(stage), "doctor")
    assert outcome.code == 0
    said = {name: "\n".join(lines) for name, lines in _sections(outcome.out).items()}
    assert said.keys() == {"start"} | ALL_SOURCES.keys()
    for name in ALL_SOURCES:
        assert all(LINE.match(line) for line in said[name].splitlines())
        assert "reachable: " in said[name]
        assert "logged in: " in said[name]
    assert re.search(r"budget: \d+ of 5000 requests left", said["github"])
    assert "runs: can be read" in said["github"]
    assert "version: GitHub Enterprise Server" in said["github"]
    assert "Kubernetes v1." in said["clusters"]
    assert "may watch pods: in all namespaces" in said["clusters"]
    assert "version: MLflow 3." in said["mlflow"]
    assert "runs: 6 experiments can be read" in said["mlflow"]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_is_told_with_its_mend(fault: Fault, stage: AppHarness, run: Run) -> None:
    settings = _settings(stage)
    if fault.name == "hanging":
        settings.keys = {source: {"timeout": 0.3} for source in ALL_SOURCES}
    for source in ALL_SOURCES:
        stage.fault_proxy.inject_source(source, fault.behaviour)
    outcome = run(settings, "doctor")
    assert outcome.code == 2
    sections = _sections(outcome.out)
    for name in ALL_SOURCES:
        _check_told(sections[name])


@pytest.mark.parametrize("source", ALL_SOURCES)
def test_only_the_source_asked_for(source: str, stage: AppHarness, run: Run) -> None:
    settings = Settings.all_at(nobody())
    settings.registry = True
    settings.urls[source] = stage.url
    outcome = run(settings, "doctor", source)
    assert outcome.code == 0
    assert _sections(outcome.out).keys() == {source}
    outcome = run(settings, "doctor")
    assert outcome.code == 2
    for name, lines in _sections(outcome.out).items():
        if name not in {"start", source}:
            _check_told(lines)
            assert "Connection refused" in "\n".join(lines)
