"""What the board itself can be told. What a source can be told is its adapter's affair."""

from datetime import time
from enum import StrEnum
from typing import Annotated, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

_FROZEN = ConfigDict(frozen=True, extra="forbid")


DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _one_or_more(value: object) -> object:
    return [value] if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_one_or_more)]
"""A list of words; a single word may stand for a list of one."""


class Ruling(StrEnum):
    """What the policy says of an action: done at once, confirmed, typed with a reason, or never."""

    ALLOW = "allow"
    CONFIRM = "confirm"
    TYPED = "typed"
    DENY = "deny"


class ChangeWindow(BaseModel):
    """When actions are possible in *environments*; outside of all windows they are denied.

    An environment that no window names has no such limit.
    """

    model_config = _FROZEN

    environments: Words = Field(("production",), description="Environments that it is for.")
    days: Words = Field(("mon", "tue", "wed", "thu", "fri"), description="Days: 'mon' to 'sun'.")
    start: time = Field(time(9), description="When it opens, 24-hour clock: 09:00.")
    end: time = Field(time(17), description="When it closes. Before the start: on the next day.")
    time_zone: str = Field("UTC", description="IANA name of the time zone: 'Europe/Berlin'.")
    actions: Words = Field(("*",), description="Patterns of the actions that it is for.")

    @field_validator("days")
    @classmethod
    def _known_days(cls, days: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [day for day in days if day not in DAYS]:
            raise ValueError(f"{unknown[0]!r} is no day: write {', '.join(DAYS)}")
        return days

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{name!r} is no time zone: write 'Europe/Berlin' or 'UTC'") from None
        return name


class Retrain(BaseModel):
    """How models are trained anew: which source does it, and what that source is told."""

    model_config = _FROZEN

    models: Words = Field(description="Patterns of the names of the models that it is for.")
    source: str = Field(description="The source that runs the training.")
    recipe: dict[str, str] = Field(
        default_factory=dict,
        description="What that source is told: for GitHub a repository and a workflow, for "
        "Kubernetes a CronJob or a Job to copy, for a command its words.",
    )
    inputs: dict[str, str] = Field(
        default_factory=dict, description="Defaults of the form, by the names of its inputs."
    )
    patience: float = Field(
        7_200.0, gt=0, description="Seconds to wait for the new version of the model."
    )


class UiSettings(BaseModel):
    """How the board looks and which keys it knows."""

    model_config = _FROZEN

    theme: str = Field("dark", description="Name of a theme: built-in, or a file in themes/.")
    ascii: bool | None = Field(
        None, description="Draw with ASCII only; by default told from the locale."
    )
    mouse: bool = Field(True, description="Whether the mouse is used.")
    keys: dict[str, Words] = Field(
        default_factory=dict, description="Action id -> the key or keys that trigger it."
    )


class Settings(BaseModel):
    """The config file without its sources."""

    model_config = _FROZEN

    environments: dict[str, Words] = Field(
        default_factory=dict,
        description="Environment -> patterns of names that belong to it, such as 'prod-*'.",
    )
    protected: Words = Field(
        ("production",), description="Environments in which actions need a typed confirmation."
    )
    read_only: bool = Field(False, description="Forbid every action on every source.")
    policy: dict[str, dict[str, Ruling]] = Field(
        default_factory=dict,
        description="Environment -> action -> 'allow', 'confirm', 'typed' or 'deny'; '*' is any.",
    )
    change_windows: tuple[ChangeWindow, ...] = Field(
        (), description="When actions are possible at all."
    )
    retrain: tuple[Retrain, ...] = Field((), description="How models are trained anew.")
    ui: UiSettings = Field(default_factory=UiSettings, description="Looks and keys.")
