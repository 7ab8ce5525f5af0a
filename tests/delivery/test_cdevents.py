"""The export is held to the schemas of the specification, version 0.5.1.

``cdevents/`` has five of them as they are in https://github.com/cdevents/spec (Apache-2.0).
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from opsboard.delivery.cdevents import cdevents_lines
from opsboard.delivery.figures import DeliveryWindow
from tests.delivery.recorded_world import BAD, RecordedWorld, at, digest

SCHEMAS: Final = Path(__file__).parent / "cdevents"


@pytest.fixture
def events() -> list[dict[str, Any]]:
    world = RecordedWorld()
    world.runs(0, "v1")
    world.runs(10, "v2", digest=digest("second"))
    world.runs(11, "v2", BAD, digest=digest("second"))
    world.runs(12, "v1")
    world.runs(20, "v3", images=("registry.example:5000/shop/Cart:v3",), inputs=())
    world.runs(21, "v3", BAD, images=("registry.example:5000/shop/Cart:v3",), inputs=())
    world.alias(0, "5")
    world.alias(30, "6")
    lanes = world.history(100).figures(DeliveryWindow(at(-1), at(100)))
    return [json.loads(line) for line in cdevents_lines(lanes)]


def _type(event: dict[str, Any]) -> str:
    return ".".join(event["context"]["type"].split(".")[2:4])


def test_each_event_keeps_to_its_schema(events: list[dict[str, Any]]) -> None:
    types = [_type(event) for event in events]
    assert sorted(types) == [
        "incident.detected", "incident.detected", "incident.resolved", "service.deployed",
        "service.deployed", "service.rolledback", "service.upgraded", "service.upgraded",
        "service.upgraded",
    ]  # fmt: skip
    for event in events:
        file = SCHEMAS / f"{_type(event).replace('.', '')}.json"
        schema = json.loads(file.read_text(encoding="utf-8"))
        Draft202012Validator(schema, format_checker=FormatChecker()).validate(event)


def test_times_do_not_go_back(events: list[dict[str, Any]]) -> None:
    times = [datetime.fromisoformat(event["context"]["timestamp"]) for event in events]
    assert times == sorted(times)


def test_within_one_second_times_do_not_go_back_either() -> None:
    world = RecordedWorld()
    for name, hours in (("a", 10 + 0.5 / 3600), ("b", 10), ("c", 10 + 0.25 / 3600)):
        world.runs(0, "v1", name=name)
        world.runs(hours, "v2", name=name)
        world.runs(hours, "v2", BAD, name=name)
        world.runs(hours, "v1", name=name)
    lanes = world.history(100).figures(DeliveryWindow(at(1), at(100)))
    told = [json.loads(line) for line in cdevents_lines(lanes)]
    times = [datetime.fromisoformat(event["context"]["timestamp"]) for event in told]
    assert times == sorted(times)
    assert len(told) == 12
    for name in ("a", "b", "c"):
        own = [one for one in told if name in (one["subject"]["id"],
               one["subject"]["content"].get("service", {}).get("id"))]  # fmt: skip
        assert [_type(one) for one in own] == [
            "service.upgraded", "incident.detected", "incident.resolved", "service.rolledback",
        ]  # fmt: skip


def test_ids_are_of_one_event_each_and_an_incident_has_one(events: list[dict[str, Any]]) -> None:
    ids = [event["context"]["id"] for event in events]
    assert len(set(ids)) == len(ids)
    incidents = [one["subject"]["id"] for one in events if _type(one).startswith("incident")]
    assert len(set(incidents)) == 2
    assert incidents[0] == incidents[1]


def test_artifacts_are_package_urls(events: list[dict[str, Any]]) -> None:
    purls = {event["subject"]["content"]["artifactId"] for event in events}
    second = digest("second").replace(":", "%3A")
    assert f"pkg:oci/shop@{second}?repository_url=registry.example/shop/shop" in purls
    assert "pkg:oci/cart?repository_url=registry.example%3A5000/shop/Cart&tag=v3" in purls
    assert "pkg:mlflow/ranker@6" in purls
