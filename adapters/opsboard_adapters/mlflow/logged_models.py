"""Logged models, which MLflow 3 keeps beside runs: what a run logged, with metrics of its own.

A run may log several. What it measured of each is told by the logged model alone: the run itself
keeps of each metric the value that came last, of whichever model.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from msgspec import field

from opsboard_adapters.mlflow.structs import KeyValue, MLflowMetric, MLflowStruct, TaggedStruct

_VERSIONS: Final = "mlflow.modelVersions"


class LoggedModelInfo(TaggedStruct, frozen=True, kw_only=True):
    """What identifies a logged model, and the run that logged it."""

    model_id: str
    experiment_id: str = ""
    name: str = ""
    model_type: str = ""
    source_run_id: str = ""
    status: str = ""
    status_message: str = ""
    creation_timestamp_ms: int = 0


class LoggedModelData(MLflowStruct, frozen=True, gc=True, dict=True):
    """What was logged of a model: of each metric all values, of any run and dataset."""

    metrics: tuple[MLflowMetric, ...] = ()
    param_list: tuple[KeyValue, ...] = field(default=(), name="params")

    @cached_property
    def params(self) -> Mapping[str, str]:
        """The parameters, by key."""
        return {one.key: one.value for one in self.param_list}


class LoggedModel(MLflowStruct, frozen=True, gc=True, dict=True):
    """A model as it was logged, registered or not."""

    info: LoggedModelInfo
    data: LoggedModelData = LoggedModelData()

    @property
    def id(self) -> str:
        return self.info.model_id

    @cached_property
    def latest(self) -> Mapping[str, MLflowMetric]:
        """The latest value of each metric, whichever run logged it."""
        return {one.key: one for one in _in_order(self.data.metrics)}

    @property
    def registered_as(self) -> Sequence[tuple[str, str]]:
        """Names and versions that it is registered as, by the tag that the server writes then.

        Clients write that tag too, some with the version as a number.
        """
        try:
            told = json.loads(self.info.tags.get(_VERSIONS, "[]"))
        except (ValueError, RecursionError):
            return ()
        pairs = [
            (str(one["name"]), str(one["version"]))
            for one in (told if isinstance(told, list) else ())
            if isinstance(one, dict) and {"name", "version"} <= one.keys()
        ]
        return tuple(dict.fromkeys(pairs))

    def history(self, metric: str) -> Sequence[MLflowMetric]:
        """Return all values of *metric*, the last one last."""
        return _in_order(one for one in self.data.metrics if one.key == metric)


def _in_order(metrics: Iterable[MLflowMetric]) -> list[MLflowMetric]:
    """Return *metrics* as MLflow orders those of logged models: by time, at once by step.

    Steps are counted by each run for itself, and a model may be measured by several.
    """
    return sorted(metrics, key=lambda one: (one.timestamp, one.step))


class GetLoggedModelResponse(MLflowStruct, frozen=True, gc=False):
    """The answer about one logged model."""

    model: LoggedModel


def name_of_logged_model(values: Any, _number: int) -> str:
    """Return what a logged model that cannot be read is called."""
    return f"logged model {values['info']['model_id']}"
