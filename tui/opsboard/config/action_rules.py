"""The settings of the rules for actions: what the policy says, change windows, retraining."""

from collections.abc import Sequence
from datetime import time
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, Field, field_validator

from opsboard.config.setting_types import FROZEN, NamePatterns, StringList, TimeOfDay
from opsboard.frozen import Frozen, frozen_unchecked

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class PolicyDecision(StrEnum):
    """What the policy says of an action: done at once, confirmed, typed with a reason, or never."""

    ALLOW = "allow"
    CONFIRM = "confirm"
    TYPED = "typed"
    DENY = "deny"


class ChangeWindow(BaseModel):
    """When actions are possible in *environments*; outside of all windows they are denied.

    An environment that no window names has no such limit.
    """

    model_config = FROZEN

    environments: NamePatterns = Field(
        ("production",), min_length=1, description="Environments that it is for; patterns too."
    )
    days: StringList = Field(
        ("mon", "tue", "wed", "thu", "fri"), min_length=1, description="Days: 'mon' to 'sun'."
    )
    start: TimeOfDay = Field(time(9), description="When it opens, 24-hour clock: 09:00.")
    end: TimeOfDay = Field(
        time(17),
        description="When it closes. Not after the start: on the next day, 24 hours at most.",
    )
    time_zone: str = Field("UTC", description="IANA name of the time zone: 'Europe/Berlin'.")
    actions: NamePatterns = Field(
        ("*",), min_length=1, description="Patterns of the actions that it is for."
    )

    @field_validator("days")
    @classmethod
    def _known_days(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        days = tuple(day.strip().casefold() for day in names)
        if unknown := [day for day in days if day not in DAYS]:
            raise ValueError(f"{unknown[0]!r} is not a day: write {', '.join(DAYS)}")
        return days

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(
                f"{name!r} is not a time zone: write 'Europe/Berlin' or 'UTC'"
            ) from None
        return name


class RetrainRule(BaseModel):
    """How models are retrained: which source does it, and with which options."""

    model_config = FROZEN

    models: StringList = Field(description="Patterns of the names of the models that it is for.")
    source: str = Field(description="The source that runs the training.")
    recipe: dict[str, str] = Field(
        default_factory=dict,
        description="What that source has to know: for GitHub a repository and a workflow, for "
        "Kubernetes a CronJob or a Job to copy, for a command its words.",
    )
    inputs: dict[str, str] = Field(
        default_factory=dict, description="Defaults of the form, by the names of its inputs."
    )
    timeout: float = Field(
        7_200.0, gt=0, description="Seconds to wait for the new version of the model."
    )


@frozen_unchecked
class RuleError(Frozen):
    """An error in the rules for actions. *message* says what, where, and how to fix it.

    Every action in *environments* (names or patterns) is refused until it is fixed.
    """

    message: str
    environments: Sequence[str] = ("*",)
