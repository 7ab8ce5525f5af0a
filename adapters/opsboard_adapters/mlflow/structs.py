"""What the MLflow REST API answers, as far as it is used here.

The structs are called as in MLflow's ``service.proto``, with ``MLflow`` in front where the board
uses the word for something else. They are lenient on purpose: fields that a server does not send
have defaults, unknown ones are ignored, an absent list is an empty one. A value of the wrong type
counts as absent, unless it identifies the record or says its state. Text is cleaned when records
are made from it.
"""

import math
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, ClassVar

from msgspec import Raw, field

from opsboard_adapters.http.lenient import LenientStruct


class MLflowStruct(LenientStruct, frozen=True, gc=False):
    """The base of all structs of the API."""


class KeyValue(MLflowStruct, frozen=True, gc=False):
    """A tag or a parameter."""

    key: str = ""
    value: str = ""


class MLflowAlias(MLflowStruct, frozen=True, gc=False):
    """An alias, and the version that it points to."""

    alias: str
    version: str


class TaggedStruct(MLflowStruct, frozen=True, gc=True, dict=True):
    """Something with tags, by key; the value of a tag without one is ``""``."""

    tag_list: tuple[KeyValue, ...] = field(default=(), name="tags")

    @cached_property
    def tags(self) -> Mapping[str, str]:
        return {one.key: one.value for one in self.tag_list}


class MLflowVersion(TaggedStruct, frozen=True, kw_only=True):
    """A version of a registered model. Versions that were searched for come without aliases."""

    strict_fields: ClassVar[frozenset[str]] = frozenset({"status", "current_stage"})

    name: str
    version: str
    creation_timestamp: int = 0
    last_updated_timestamp: int = 0
    user_id: str = ""
    current_stage: str = ""
    description: str = ""
    source: str = ""
    run_id: str = ""
    status: str = "READY"
    status_message: str = ""
    model_id: str = ""
    run_link: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.name, self.version

    @property
    def stage(self) -> str:
        """The stage on servers that have stages, or ``""``."""
        return "" if self.current_stage == "None" else self.current_stage

    @cached_property
    def logged_model(self) -> str:
        """The id of the logged model (MLflow 3) that it is a version of, or ``""``.

        Registries in a database tell it by the source alone: ``models:/ID``, or where the
        artifacts of the model are.
        """
        match = _LOGGED.fullmatch(self.source)
        return self.model_id or (match[1] or match[2] if match else "")

    @property
    def number(self) -> int:
        """What versions are ordered by."""
        whole = self.version.isascii() and self.version.isdigit() and len(self.version) <= _DIGITS
        return int(self.version) if whole else 0


_DIGITS = 18
"""Digits of a version that is taken for a number."""
_LOGGED = re.compile(r"models:/+([^/@]+)/?|.*/models/(m-[0-9a-f]{32})(?:/artifacts)?/?", re.DOTALL)


class RegisteredModel(TaggedStruct, frozen=True, kw_only=True):
    """A registered model, with its aliases and the latest version in each stage."""

    strict_fields: ClassVar[frozenset[str]] = MLflowVersion.strict_fields | {"aliases"}

    name: str
    creation_timestamp: int = 0
    last_updated_timestamp: int = 0
    user_id: str = ""
    description: str = ""
    alias_list: tuple[MLflowAlias, ...] = field(default=(), name="aliases")
    latest_versions: tuple[MLflowVersion, ...] = ()

    @cached_property
    def aliases(self) -> Mapping[str, str]:
        """The versions that aliases point to, by alias."""
        return {one.alias: one.version for one in self.alias_list}


class MLflowMetric(MLflowStruct, frozen=True, gc=False):
    """One value of a metric. Protobuf writes as words what JSON cannot: equal ones are equal."""

    key: str
    raw_value: float | str = field(default="NaN", name="value")
    timestamp: int = 0
    step: int = 0
    model_id: str = ""
    dataset_name: str = ""

    @property
    def place(self) -> tuple[int, int]:
        """What the values of a run are ordered by: the last one is its present value."""
        return self.step, self.timestamp

    @property
    def value(self) -> float:
        """The value; ``math.nan`` itself where it is none, as records that hold it are compared.

        Infinity is what it is: databases hold the greatest float in its place.
        """
        try:
            value = float(self.raw_value)
        except ValueError:
            return math.nan
        if abs(value) >= sys.float_info.max:
            return math.copysign(math.inf, value)
        return math.nan if math.isnan(value) else value


class RunInfo(MLflowStruct, frozen=True, gc=False):
    """What identifies a run, and how it is doing."""

    run_id: str
    run_name: str = ""
    experiment_id: str = ""
    user_id: str = ""
    status: str = ""
    start_time: int = 0
    end_time: int = 0
    lifecycle_stage: str = "active"


class RunData(TaggedStruct, frozen=True, kw_only=True):
    """What was logged to a run; of each metric the latest value."""

    metrics: tuple[MLflowMetric, ...] = ()
    param_list: tuple[KeyValue, ...] = field(default=(), name="params")

    @cached_property
    def params(self) -> Mapping[str, str]:
        """The parameters, by key."""
        return {one.key: one.value for one in self.param_list}


class MLflowDataset(MLflowStruct, frozen=True, gc=False):
    """A dataset that a run used."""

    name: str = ""
    digest: str = ""
    source_type: str = ""
    source: str = ""


class DatasetInput(TaggedStruct, frozen=True, kw_only=True):
    """A dataset with what it was used for, which is one of its tags."""

    dataset: MLflowDataset = MLflowDataset()


class RunInputs(MLflowStruct, frozen=True, gc=False):
    """What a run used."""

    dataset_inputs: tuple[DatasetInput, ...] = ()


class ModelOutput(MLflowStruct, frozen=True, gc=False):
    """A model that a run logged."""

    model_id: str = ""


class RunOutputs(MLflowStruct, frozen=True, gc=False):
    """What a run made, on MLflow 3."""

    model_outputs: tuple[ModelOutput, ...] = ()


class MLflowRun(MLflowStruct, frozen=True, gc=False):
    """A run of training, evaluation or monitoring."""

    strict_fields: ClassVar[frozenset[str]] = frozenset({"status", "lifecycle_stage"})

    info: RunInfo
    data: RunData = RunData()
    inputs: RunInputs = RunInputs()
    outputs: RunOutputs = RunOutputs()

    @property
    def id(self) -> str:
        return self.info.run_id

    @property
    def deleted(self) -> bool:
        """Whether it, or its experiment, is in the bin: it is shown, and counts for nothing."""
        return self.info.lifecycle_stage == "deleted"

    @property
    def active(self) -> bool:
        return self.info.status in {"RUNNING", "SCHEDULED"}


class MLflowExperiment(MLflowStruct, frozen=True, gc=False):
    """An experiment, with when it was made and changed in milliseconds, if the server says so."""

    experiment_id: str
    name: str = ""
    creation_time: int = 0
    last_update_time: int = 0


class MLflowTrace(TaggedStruct, frozen=True, kw_only=True):
    """What one call of an application did: when, how long it took, and how it ended."""

    request_id: str
    experiment_id: str = ""
    timestamp_ms: int = 0
    execution_time_ms: int = 0
    status: str = ""
    metadata_list: tuple[KeyValue, ...] = field(default=(), name="request_metadata")

    @cached_property
    def metadata(self) -> Mapping[str, str]:
        """What was noted of it, by key."""
        return {one.key: one.value for one in self.metadata_list}


class MLflowPage(MLflowStruct, frozen=True, gc=False):
    """A page of any listing. The items stay raw, so that each is read by itself.

    Some proxies answer an error with status 200.
    """

    registered_models: list[Raw] | None = None
    model_versions: list[Raw] | None = None
    experiments: list[Raw] | None = None
    runs: list[Raw] | None = None
    metrics: list[Raw] | None = None
    models: list[Raw] | None = None
    traces: list[Raw] | None = None
    next_page_token: str | None = None
    error_code: Any = None
    error: Any = None
    detail: Any = None
    message: Any = None


class GetTraceResponse(MLflowStruct, frozen=True, gc=False):
    """The answer about one trace."""

    trace_info: MLflowTrace


class GetModelResponse(MLflowStruct, frozen=True, gc=False):
    """The answer about one registered model."""

    registered_model: RegisteredModel


class GetVersionResponse(MLflowStruct, frozen=True, gc=False):
    """The answer about one version."""

    model_version: MLflowVersion


class GetRunResponse(MLflowStruct, frozen=True, gc=False):
    """The answer about one run."""

    run: MLflowRun


class GetExperimentResponse(MLflowStruct, frozen=True, gc=False):
    """The answer about one experiment."""

    experiment: MLflowExperiment


class MLflowUser(MLflowStruct, frozen=True, gc=False):
    """A user of a server with logins."""

    username: str


class GetUserResponse(MLflowStruct, frozen=True, gc=False):
    """The answer about a user."""

    user: MLflowUser


def name_of_model(values: Any, _number: int) -> str:
    """Return what a model that cannot be read is called; *values* are of any type."""
    return f"model {values['name']}"


def name_of_version(values: Any, _number: int) -> str:
    """Likewise of a version."""
    return f"{values['name']} v{values['version']}"


def name_of_run(values: Any, _number: int) -> str:
    """Likewise of a run."""
    return f"run {values['info']['run_id']}"


def name_of_experiment(values: Any, _number: int) -> str:
    """Likewise of an experiment."""
    return f"experiment {values['name']}"


def name_of_trace(values: Any, _number: int) -> str:
    """Likewise of a trace."""
    return f"trace {values['request_id']}"


def name_of_value(values: Any, number: int) -> str:
    """Likewise of a value of a metric."""
    return f"value {number} of {values['key']}"


def moment(milliseconds: int) -> datetime | None:
    """Return a time stamp of MLflow's as a time, ``None`` for none or an impossible one."""
    if milliseconds <= 0:
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class MetricHistory:
    """Values of a metric, oldest first.

    It is *doubtful* where points may be missing that could not be read, or were read the second
    best way: another time it may be better.
    """

    points: list[MLflowMetric]
    doubtful: bool = False


def in_order(points: Sequence[MLflowMetric]) -> list[MLflowMetric]:
    """Return *points*, each once (a page may repeat another's), the present one last.

    That is the one of the highest step, and of those the newest, as MLflow has it: so what a run
    says of a metric is the end of its history, whatever the order in which it was logged.
    """
    return sorted(dict.fromkeys(points), key=lambda point: point.place)


def thinned(points: Sequence[MLflowMetric], count: int) -> list[MLflowMetric]:
    """Return at most *count* of *points*, evenly spread, the first and the last among them."""
    if len(points) <= count or count < 2:
        return list(points)[-count:]
    last = len(points) - 1
    return [points[index * last // (count - 1)] for index in range(count)]
