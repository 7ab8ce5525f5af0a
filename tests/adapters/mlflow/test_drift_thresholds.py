"""When a measure has gone too far: whose threshold counts, and on which side."""

from collections.abc import Mapping

import pytest

from opsboard.records import Status
from opsboard_adapters.mlflow.drift import measures_drift, readings
from opsboard_adapters.mlflow.drift_metrics import drift_metric_of
from opsboard_adapters.mlflow.drift_thresholds import DriftThreshold, threshold_of
from opsboard_adapters.mlflow.registry import RegistryState
from opsboard_adapters.mlflow.settings import DriftRule, MLflowSettings
from opsboard_adapters.mlflow.structs import MLflowMetric, MLflowRun, RunData, RunInfo
from tests.adapters.mlflow.shaped import pairs

NOBODY = RegistryState(())


def _run(
    metrics: Mapping[str, float] | None = None,
    tags: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
) -> MLflowRun:
    data = RunData(
        metrics=tuple(
            MLflowMetric(key=key, raw_value=value) for key, value in (metrics or {}).items()
        ),
        tag_list=pairs(tags or {}),
        param_list=pairs(params or {}),
    )
    return MLflowRun(info=RunInfo(run_id="r"), data=data)


def _settings(**told: object) -> MLflowSettings:
    return MLflowSettings.model_validate({"tracking_uri": "http://x", **told})


def _judged(metrics: Mapping[str, float], **told: object) -> dict[str, Status]:
    """Return what is said of each drift measure of a run that logged *metrics*."""
    params = {key: str(value) for key, value in told.pop("params", {}).items()}  # type: ignore[attr-defined]
    found = readings("m", "1", [_run(metrics, params=params)], _settings(**told), NOBODY)
    return {one.metric: one.limit.judge(one.latest.value)[0] for one in found}


def _limit(
    metric: str, run: MLflowRun, *tags: Mapping[str, str], rule: DriftRule | None = None
) -> DriftThreshold:
    places = [(f"place {number}", tag) for number, tag in enumerate(tags)]
    return threshold_of(metric, run, places, rule, drift_metric_of(metric))


def test_the_nearest_threshold_counts() -> None:
    version, model = {"psi_threshold": "0.2"}, {"psi_threshold": "0.3"}
    run = _run(None, {"psi_threshold": "0.1"}, {"psi_threshold": "0.05", "psi_direction": "below"})
    limit = _limit("psi", run, version, model)
    assert (limit.threshold, limit.direction, limit.origin) == (
        0.05, "below", "parameter of the run",
    )  # fmt: skip
    assert _limit("psi", _run(), version, model).threshold == 0.2
    assert _limit("psi", _run(), model).threshold == 0.3
    assert _limit("psi", _run()).threshold == 0.25
    assert _limit("drift", _run()).threshold is None
    assert _limit("psi", _run(None, {"psi_threshold": "high"})).threshold == 0.25


@pytest.mark.parametrize(
    ("metric", "key"),
    [
        ("psi", "psi_threshold"), ("age.psi", "age.psi.threshold"),
        ("psi/age", "psi/age/threshold"),
        ("psi-age", "psi-age-threshold"), ("psi age", "psi age threshold"), ("psi", "psiThreshold"),
        ("drift.age.score", "drift.age.threshold"), ("data.p_val", "data.threshold"),
        ("data.distance", "data.distance_threshold"),
        ("age.jensen_shannon.value", "age.jensen_shannon.upper_threshold"),
        ("share_of_drifted_columns", "drift_share"),
    ],
)  # fmt: skip
def test_a_threshold_is_found_where_monitors_write_it(metric: str, key: str) -> None:
    assert _limit(metric, _run({key: 0.123})).threshold == 0.123


def test_what_is_configured_wins_over_what_the_name_says() -> None:
    rules = [
        {"pattern": "odd_p_value", "direction": "above", "threshold": 0.9},
        {"pattern": "psi*", "threshold": 0.4},
        {"pattern": "churn_shift", "threshold": 10},
        "!max_psi",
    ]
    metrics = {"odd_p_value": 0.95, "psi_age": 0.3, "churn_shift": 11.0, "max_psi": 9.0, "js": 0.2}
    assert _judged(metrics, drift=rules) == {
        "odd_p_value": Status.FAILED,
        "psi_age": Status.OK,
        "churn_shift": Status.FAILED,
        "js": Status.FAILED,
    }


@pytest.mark.parametrize("told", [{"drift": ["churn_shift", "!*"]},
                                  {"drift": ["churn_shift"], "drift_by_name": False}])  # fmt: skip
def test_names_can_be_left_to_the_rules_alone(told: dict[str, object]) -> None:
    assert set(_judged({"psi": 1.0, "churn_shift": 1.0, "p_value": 0.0}, **told)) == {"churn_shift"}


def test_a_rule_without_direction_and_threshold_takes_those_of_the_name() -> None:
    metrics = {"drift_p_value_age": 0.01, "drift_psi_age": 0.5, "drift_score": 9.0}
    assert _judged(metrics, drift=["drift*"]) == {
        "drift_p_value_age": Status.FAILED,
        "drift_psi_age": Status.FAILED,
        "drift_score": Status.OK,
    }


@pytest.mark.parametrize(
    ("metric", "well", "odd", "drifted"),
    [
        ("psi", 0.05, 0.24, 0.26), ("ks_p_value", 0.5, 0.055, 0.049), ("js", 0.01, 0.09, 0.11),
        ("share_of_drifted_columns", 0.1, 0.45, 0.5), ("drift_percentage", 10.0, 45.0, 50.0),
        ("psi", 0.05, 0.25, float("inf")), ("p_value", 1.0, 0.05, 0.0),
    ],
)  # fmt: skip
def test_values_are_judged(metric: str, well: float, odd: float, drifted: float) -> None:
    assert [_judged({metric: value})[metric] for value in (well, odd, drifted, float("nan"))] == [
        Status.OK,
        Status.WARNING,
        Status.FAILED,
        Status.UNKNOWN,
    ]


@pytest.mark.parametrize("flag", ["dataset_drift", "drift_detected", "is_drift", "age_psi_alert"])
def test_a_flag_is_drift_itself(flag: str) -> None:
    assert _judged({flag: 0.0}) == {flag: Status.OK}
    assert _judged({flag: 1.0}) == {flag: Status.FAILED}


def test_drifted_columns_are_judged_by_how_many_there_are() -> None:
    drifted = "number_of_drifted_columns"
    assert _judged({drifted: 5, "number_of_columns": 10})[drifted] is Status.FAILED
    assert _judged({drifted: 1, "number_of_columns": 10})[drifted] is Status.OK
    assert _judged({drifted: 5}, params={"n_features": 40})[drifted] is Status.OK
    # nobody knows of how many: a warning, never an alarm
    assert _judged({drifted: 5}) == {drifted: Status.WARNING}
    assert _judged({drifted: 0}) == {drifted: Status.OK}


def test_the_share_that_is_too_much_is_no_measure_beside_the_share() -> None:
    told = {"share_of_drifted_columns": 0.4, "drift_share": 0.3}
    assert _judged(told) == {"share_of_drifted_columns": Status.FAILED}
    assert _judged({"drift_share": 0.6}) == {"drift_share": Status.FAILED}


def test_a_threshold_of_something_else_is_a_metric() -> None:
    assert not measures_drift("decision_threshold", _settings())
    assert not measures_drift("psi_threshold", _settings())


@pytest.mark.parametrize("before", ["evidently/", "evidently.", "DatasetDriftMetric.", "prod/"])
def test_what_is_told_beside_a_share_has_the_same_words_before_it(before: str) -> None:
    """The share that is too much is no drift, wherever both of them come from."""
    told = {f"{before}share_of_drifted_columns": 0.4, f"{before}drift_share": 0.3}
    assert _judged(told) == {f"{before}share_of_drifted_columns": Status.FAILED}
    told = {f"{before}number_of_drifted_columns": 2.0, f"{before}number_of_columns": 10.0}
    assert _judged(told) == {f"{before}number_of_drifted_columns": Status.OK}
