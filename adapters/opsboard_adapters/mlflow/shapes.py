"""What the MLflow REST API answers, as far as it is used here.

Lenient on purpose: fields that a server does not send have defaults, those that it adds are
ignored, and an absent list is an empty one. Text is cleaned when records are made of it.
"""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from opsboard.adapter import Malformed


def _pairs(value: object) -> object:
    """Turn ``[{"key": k, "value": v}, ...]`` into a mapping; a key without a value has ``""``."""
    if not isinstance(value, list):
        return value
    return {
        str(item.get("key", item.get("alias", ""))): str(item.get("value", item.get("version", "")))
        for item in value
        if isinstance(item, dict)
    }


def _number(value: object) -> object:
    # Protobuf writes what JSON cannot as words. One NaN object, so that equal answers are equal.
    if value is None or value == "NaN":
        return math.nan
    return math.nan if isinstance(value, float) and math.isnan(value) else value


Pairs = Annotated[dict[str, str], BeforeValidator(_pairs)]
Number = Annotated[float, BeforeValidator(_number)]


class Shape(BaseModel):
    """The base of all answers."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)


class Version(Shape):
    """A version of a registered model. Versions that were searched for come without aliases."""

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
    tags: Pairs = Field(default_factory=dict)
    model_id: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.name, self.version

    @property
    def stage(self) -> str:
        """The stage on servers that have stages, or ``""``."""
        return "" if self.current_stage == "None" else self.current_stage

    @property
    def number(self) -> int:
        """What versions are ordered by."""
        return int(self.version) if self.version.isdigit() else 0


class RegisteredModel(Shape):
    """A registered model, with its aliases and the latest version in each stage."""

    name: str
    creation_timestamp: int = 0
    last_updated_timestamp: int = 0
    user_id: str = ""
    description: str = ""
    tags: Pairs = Field(default_factory=dict)
    aliases: Pairs = Field(default_factory=dict)
    latest_versions: tuple[Version, ...] = ()


class Measurement(Shape):
    """One value of a metric."""

    key: str
    value: Number = math.nan
    timestamp: int = 0
    step: int = 0


class RunInfo(Shape):
    """What identifies a run, and how it is doing."""

    run_id: str
    run_name: str = ""
    experiment_id: str = ""
    user_id: str = ""
    status: str = ""
    start_time: int = 0
    end_time: int = 0
    lifecycle_stage: str = "active"


class RunData(Shape):
    """What was logged to a run; of each metric the latest value."""

    metrics: tuple[Measurement, ...] = ()
    params: Pairs = Field(default_factory=dict)
    tags: Pairs = Field(default_factory=dict)


class Dataset(Shape):
    """A dataset that a run used."""

    name: str = ""
    digest: str = ""
    source_type: str = ""
    source: str = ""


class DatasetInput(Shape):
    """A dataset with what it was used for, which is one of its tags."""

    dataset: Dataset
    tags: Pairs = Field(default_factory=dict)


class ModelInput(Shape):
    """A logged model (3.x) that a run used."""

    model_id: str = ""


class RunInputs(Shape):
    """What a run used."""

    dataset_inputs: tuple[DatasetInput, ...] = ()
    model_inputs: tuple[ModelInput, ...] = ()


class Run(Shape):
    """A run of training, evaluation or monitoring."""

    info: RunInfo
    data: RunData = RunData()
    inputs: RunInputs = RunInputs()

    @property
    def id(self) -> str:
        return self.info.run_id

    @property
    def active(self) -> bool:
        return self.info.status in {"RUNNING", "SCHEDULED"}


ShapeT = TypeVar("ShapeT", bound=Shape)


def parse(shape: type[ShapeT], value: object, where: str) -> ShapeT:
    """Return *value* as a *shape*. Raises :exc:`Malformed`, naming *where* it came from."""
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or shape.__name__
        raise Malformed(
            f"{where}: not what MLflow promises: {field}: {first['msg']}",
            "is the URL that of an MLflow server?",
        ) from None


def parse_all(shape: type[ShapeT], body: Mapping[str, Any], key: str, where: str) -> list[ShapeT]:
    """Return the list under *key* in *body*, empty where the server left it out."""
    items = body.get(key) or []
    if not isinstance(items, list):
        raise Malformed(f"{where}: {key} is no list", "is the URL that of an MLflow server?")
    return [parse(shape, item, where) for item in items]


def moment(milliseconds: int) -> datetime | None:
    """Return a time stamp of MLflow's as a time, ``None`` for none or an impossible one."""
    if milliseconds <= 0:
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return None
