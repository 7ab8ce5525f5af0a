"""Which metrics measure drift, of what, and when they have gone too far."""

from typing import Literal

import pytest

from opsboard.records import Status
from opsboard_adapters.mlflow.drift import subject
from opsboard_adapters.mlflow.drift_thresholds import DriftThreshold
from opsboard_adapters.mlflow.registry import RegistryState
from opsboard_adapters.mlflow.settings import MLflowSettings
from opsboard_adapters.mlflow.structs import (
    MLflowRun,
    MLflowVersion,
    RegisteredModel,
    RunData,
    RunInfo,
)
from tests.adapters.mlflow.shaped import aliases, pairs

SETTINGS = MLflowSettings(tracking_uri="http://x")


def _run(tags: dict[str, str] | None = None, params: dict[str, str] | None = None) -> MLflowRun:
    data = RunData(tag_list=pairs(tags or {}), param_list=pairs(params or {}))
    return MLflowRun(info=RunInfo(run_id="r"), data=data)


@pytest.fixture
def registry() -> RegistryState:
    registry = RegistryState(SETTINGS.leading_aliases)
    registry.replace_models(
        [
            RegisteredModel(name="m", alias_list=aliases({"champion": "2", "shadow": "1"})),
            RegisteredModel(name="plain"),
        ]
    )
    registry.replace_versions(MLflowVersion(name="m", version=str(n)) for n in (1, 2, 10))
    registry.merge(
        [MLflowVersion(name="plain", version="9"), MLflowVersion(name="plain", version="10")]
    )
    registry.merge(
        [
            MLflowVersion(name="logged", version="1", source="models:/m-aaa"),
            MLflowVersion(name="logged", version="2", model_id="m-bbb"),
        ]
    )
    return registry


@pytest.mark.parametrize(
    ("direction", "threshold", "value", "status"),
    [
        ("above", 0.25, 0.1, Status.OK),
        ("above", 0.25, 0.21, Status.WARNING),
        ("above", 0.25, 0.25, Status.WARNING),
        ("above", 0.25, 0.26, Status.FAILED),
        ("below", 0.05, 0.5, Status.OK),
        ("below", 0.05, 0.06, Status.WARNING),
        ("below", 0.05, 0.04, Status.FAILED),
        ("above", -1.0, -1.5, Status.OK),
        ("above", -1.0, -1.1, Status.WARNING),
        ("above", 0.0, 0.0, Status.OK),
        ("above", None, 9.0, Status.OK),
        ("above", 0.1, float("nan"), Status.UNKNOWN),
    ],
)
def test_judgement(
    direction: Literal["above", "below"], threshold: float | None, value: float, status: Status
) -> None:
    assert DriftThreshold(threshold, direction, 0.8).judge(value)[0] is status


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"model_name": "m", "model_version": "1"}, ("m", "1")),
        ({"model_name": "m", "model_version": "v1"}, ("m", "1")),
        ({"model_name": "m", "model_version": "@shadow"}, ("m", "1")),
        ({"model_name": "m"}, ("m", "2")),
        ({"model_name": "models:/m/1"}, ("m", "1")),
        ({"model_name": "models:/m@shadow"}, ("m", "1")),
        ({"model_name": "plain"}, ("plain", "10")),
        ({"model_name": "unknown"}, None),
        ({"model_name": "m", "model_version": "@nobody"}, None),
        ({"model_name": "m", "model_version": "champion-to-be"}, None),
        ({"model_name": "models:/m-aaa"}, ("logged", "1")),
        ({"model_name": "m-bbb"}, ("logged", "2")),
        ({"model_name": "models:/m-gone"}, None),
        ({}, None),
    ],
)
def test_subject_of_a_monitoring_run(
    tags: dict[str, str], expected: tuple[str, str] | None, registry: RegistryState
) -> None:
    assert subject(_run(tags), SETTINGS, registry) == expected


def test_versions_in_use(registry: RegistryState) -> None:
    assert set(registry.in_use("m")) == {"1", "2", "10"}
    assert set(registry.in_use("plain")) == {"10"}
    assert registry.latest("m") == "10"
    assert registry.serving("m") == "2"
    assert registry.serving("plain") == ""
