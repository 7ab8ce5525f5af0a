"""The settings of the rules for actions: what the policy says, change windows, retraining."""

from collections.abc import Sequence
from datetime import time
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, Field, field_validator

from opsboard.config.setting_types import FROZEN, NamePatterns, StringList, TimeOfDay
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.text.command_words import placeholders_of

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

START_CHECK_NAMES: Final = frozenset(
    {"name", "kind", "source", "environment", "before", "after", "destination"}
)
"""What a :class:`StartCheckRule` may have filled in of a plan."""


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


class StartCheckRule(BaseModel):
    """A command of one's own that tells whether what a plan brings back would start.

    It only reads, and answers by its exit code as the plugins of monitoring systems do: 0 fine,
    1 warning, 2 critical, all others unknown.
    Source: https://www.monitoring-plugins.org/doc/guidelines.html (Plugin Return Codes).
    """

    model_config = FROZEN

    name: str = Field(min_length=1, description="What it checks: 'database schema'.")
    command: StringList = Field(
        min_length=1,
        description="The program and its words; no shell is involved. {name}, {kind}, {source}, "
        "{environment}, {before}, {after} and {destination} of the plan are filled in.",
    )
    targets: NamePatterns = Field(
        ("*",), min_length=1, description="Deployments and models that it is for; patterns."
    )
    environments: NamePatterns = Field(
        ("*",), min_length=1, description="Environments that it is for; patterns."
    )
    timeout: float = Field(
        4.0, gt=0, le=8, description="Seconds that it may take. After that, it is not known."
    )

    @field_validator("command")
    @classmethod
    def _known_placeholders(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        unknown = {name for word in words for name in placeholders_of(word)} - START_CHECK_NAMES
        if unknown:
            known = ", ".join(f"{{{name}}}" for name in sorted(START_CHECK_NAMES))
            raise ValueError(f"knows no {{{min(unknown)}}}: write one of {known}")
        return words


@frozen_unchecked
class RuleError(Frozen):
    """An error in the rules for actions. *message* says what, where, and how to fix it.

    Every action in *environments* (names or patterns) is refused until it is fixed.
    """

    message: str
    environments: Sequence[str] = ("*",)
