"""Which metrics stand first: those wanted, of what serves, of the most runs, that judge a model."""

import msgspec

from opsboard.adapter import ListingColumnType
from opsboard_adapters.mlflow.lineage import VersionOrigin
from opsboard_adapters.mlflow.metric_judgement import MetricJudgement
from opsboard_adapters.mlflow.metric_order import MetricOrder
from opsboard_adapters.mlflow.registry import RegistryState
from opsboard_adapters.mlflow.run_rows import RunRows
from opsboard_adapters.mlflow.settings import MLflowSettings
from opsboard_adapters.mlflow.structs import MLflowRun
from opsboard_adapters.mlflow.translate import MLflowTranslator

KNOWN = MetricJudgement(lower=("cost",))


def run(number: int, *names: str) -> MLflowRun:
    metrics = [{"key": name, "value": 1.0, "timestamp": 0, "step": 0} for name in names]
    told = {
        "info": {"run_id": str(number), "experiment_id": "0"},
        "data": {"metrics": metrics, "params": []},
    }
    return msgspec.convert(told, MLflowRun)


def test_what_says_which_model_is_better_stands_before_what_says_it_not() -> None:
    order = MetricOrder((), KNOWN)
    assert order.sorted(["big", "m10", "m2", "rmse", "cost"]) == [
        "cost", "rmse", "big", "m2", "m10",
    ]  # fmt: skip


def test_what_the_most_runs_have_stands_before_that_and_what_is_wanted_before_all() -> None:
    held = {"big": 3, "rmse": 2, "auc": 2, "seen": 1}
    assert MetricOrder((), KNOWN).sorted(held, held) == ["big", "auc", "rmse", "seen"]
    assert MetricOrder(("s*", "rmse"), KNOWN).sorted(held, held) == ["seen", "rmse", "big", "auc"]


def test_the_metrics_of_what_serves_stand_before_those_of_other_versions() -> None:
    settings = MLflowSettings(tracking_uri="http://ml.test", metrics=("wanted",))
    translator = MLflowTranslator("ml", settings, RegistryState(()), lambda *_: "")
    serving = VersionOrigin(run(1, "z"))
    others = [VersionOrigin(run(number, "a", "auc", "wanted")) for number in (2, 3)]
    assert translator.names([*others, serving], serving) == ["wanted", "z", "auc", "a"]
    assert translator.names(others, VersionOrigin()) == ["wanted", "auc", "a"]


def test_the_columns_of_runs_are_in_that_order() -> None:
    runs = [run(1, "a", "rmse"), run(2, "a", "b", "rmse"), run(3, "b", "wanted")]
    columns = RunRows(MetricOrder(("wanted",), KNOWN)).columns(runs)
    numbers = [one.name for one in columns if one.type is ListingColumnType.NUMBER]
    assert numbers == ["wanted", "rmse", "a", "b"]
