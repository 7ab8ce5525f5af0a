"""The settings of the board itself. Those of a source are defined by its adapter."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    PrivateAttr,
    field_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from opsboard.config.quantities import Duration, Size
from opsboard.environments.names import is_pattern, name_error, normal_form, pattern_error
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.records.identity import image_repository, repository, server

_FROZEN = ConfigDict(frozen=True, extra="forbid")


DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _one_or_more(value: object) -> object:
    return [value] if isinstance(value, str) else value


class _OneWordSchema:
    """Lets the JSON Schema of a list allow one item without a list."""

    @staticmethod
    def __get_pydantic_json_schema__(
        schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        listed = handler(schema)
        return {"anyOf": [listed["items"], listed]}


StringList = Annotated[tuple[str, ...], BeforeValidator(_one_or_more), _OneWordSchema]
"""A list of words; a single word may stand for a list of one."""


def _without(fault_of: Callable[[str], str]) -> AfterValidator:
    """Return a validator that rejects a word for which *fault_of* returns an error."""

    def check(word: str) -> str:
        if fault := fault_of(word):
            raise ValueError(f"{word!a}: {fault}")
        return word

    return AfterValidator(check)


def _plain_name_fault(name: str) -> str:
    return name_error(name) or ("a name is wanted here, no pattern" if is_pattern(name) else "")


EnvironmentName = Annotated[str, _without(_plain_name_fault)]
"""The name of one environment."""

NamePattern = Annotated[str, _without(pattern_error)]
"""The name of an environment or an action, or a pattern of such names."""

NamePatterns = Annotated[tuple[NamePattern, ...], BeforeValidator(_one_or_more), _OneWordSchema]
"""A list of names and patterns; a single one may stand for a list of one."""

_TIME: Final = re.compile(r"\d\d:\d\d(:\d\d(\.\d+)?)?")


def _time_of_day(value: object) -> object:
    """Refuse what is no time of day alone: a number means seconds, an offset another zone."""
    if isinstance(value, time) and value.tzinfo is None:
        return value
    if isinstance(value, time) or (isinstance(value, str) and _TIME.match(value.strip())):
        if isinstance(value, str) and _TIME.fullmatch(value.strip()):
            return value.strip()
        raise ValueError("is more than a time of day: write 09:00, and the zone as time_zone")
    raise ValueError('is not a time of day: write it as text, such as "09:00"')


TimeOfDay = Annotated[time, BeforeValidator(_time_of_day)]
"""A time by the clock on the wall, of no zone of its own."""


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

    model_config = _FROZEN

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

    model_config = _FROZEN

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


class ServiceRule(BaseModel):
    """A service that is declared, because nothing joins its parts, or joins them otherwise."""

    model_config = _FROZEN

    name: str = Field(min_length=1, description="What it is called on the board.")
    repository: str = Field(
        "", description="Address of its source code, such as 'github.com/acme/checkout'."
    )
    branch: str = Field("", description="Its main branch; by default what the host says.")
    workloads: StringList = Field(
        (),
        description="Patterns of its workloads: NAME, NAMESPACE/NAME or CLUSTER/NAMESPACE/NAME.",
    )
    image: str = Field("", description="Registry and repository of its image.")
    model: str = Field("", description="Name of the registered model that it serves.")

    @field_validator("repository")
    @classmethod
    def _is_repository(cls, address: str) -> str:
        if address and not repository(address):
            raise ValueError(f"{address!a} has no host: write github.com/OWNER/NAME")
        return address

    @field_validator("image")
    @classmethod
    def _is_image(cls, reference: str) -> str:
        if reference and not image_repository(reference):
            raise ValueError(f"{reference!a} is no image: write registry.example/team/name")
        return reference


class LineageSettings(BaseModel):
    """What joins cannot know."""

    model_config = _FROZEN

    same_server: dict[str, str] = Field(
        default_factory=dict,
        description="Address -> the address under which the board knows the same server, such as "
        "a tracking server as workloads in a cluster see it.",
    )

    @field_validator("same_server")
    @classmethod
    def _are_servers(cls, addresses: dict[str, str]) -> dict[str, str]:
        for address in (*addresses, *addresses.values()):
            if not server(address):
                raise ValueError(f"{address!a} is no address: write https://host[:port]")
        return addresses


_PLACEHOLDER: Final = re.compile(r"\{[^{}]*\}")


class AuditSettings(BaseModel):
    """Where else the head of the audit trail is noted."""

    model_config = _FROZEN

    head_file: Path | None = Field(
        None,
        description="File that gets a copy of the last entry's number and hash; best where the "
        "users of this machine cannot change it. {user} and {host} are filled in.",
    )
    required: bool = Field(
        False, description="Whether actions are refused while it cannot be written."
    )

    @field_validator("head_file")
    @classmethod
    def _is_one_place(cls, file: Path | None) -> Path | None:
        if file is None:
            return None
        if not file.expanduser().is_absolute():
            raise ValueError("must be a whole path, as it is the same wherever one starts")
        unknown = {*_PLACEHOLDER.findall(str(file))} - {"{user}", "{host}"}
        if unknown:
            raise ValueError(f"knows no {min(unknown)}: write {{user}} or {{host}}")
        return file


class HistorySettings(BaseModel):
    """What is remembered of what the sources have shown."""

    model_config = _FROZEN

    enabled: bool = Field(True, description="Whether a history is recorded.")
    keep: Duration = Field(
        timedelta(days=90),
        description="For how long it is kept: '90d', '12h'. Older is deleted.",
        json_schema_extra={"default": "90d"},
    )
    max_size: Size = Field(
        500_000_000,
        description="How large its file may become: '500MB'. Beyond that, the oldest is deleted.",
        json_schema_extra={"default": "500MB"},
    )
    thin_after: Duration = Field(
        timedelta(days=14),
        description="After how long series of numbers (drift) are thinned out to one value an "
        "hour; a value that crosses its threshold stays.",
        json_schema_extra={"default": "14d"},
    )


class UiSettings(BaseModel):
    """How the board looks and which keys it knows."""

    model_config = _FROZEN

    theme: str = Field("dark", description="Name of a theme: built-in, or a file in themes/.")
    ascii: bool | None = Field(
        None, description="Draw with ASCII only; by default as the locale says."
    )
    mouse: bool = Field(True, description="Whether the mouse is used.")
    keys: dict[str, StringList] = Field(
        default_factory=dict, description="Action id -> the key or keys that trigger it."
    )


@frozen_unchecked
class RuleError(Frozen):
    """An error in the rules for actions. *message* says what, where, and how to fix it.

    Every action in *environments* (names or patterns) is refused until it is fixed.
    """

    message: str
    environments: Sequence[str] = ("*",)


class Settings(BaseModel):
    """The config file without its sources.

    Errors in the rules for actions are in :attr:`rule_errors`: the board opens all the same, and
    the guard refuses what they may concern.
    """

    model_config = _FROZEN

    environments: dict[EnvironmentName, NamePatterns] = Field(
        default_factory=dict,
        description="Environment -> patterns of names that belong to it, such as 'prod-*'.",
    )
    protected: NamePatterns = Field(
        ("production",),
        description="Environments, names or patterns, in which actions need a typed confirmation.",
    )
    read_only: bool = Field(False, description="Forbid every action on every source.")
    policy: dict[NamePattern, dict[NamePattern, PolicyDecision]] = Field(
        default_factory=dict,
        description="Environment -> action -> 'allow', 'confirm', 'typed' or 'deny'; patterns "
        "for both, '*' is any.",
    )
    change_windows: tuple[ChangeWindow, ...] = Field(
        (), description="When actions are possible at all."
    )
    retrain: tuple[RetrainRule, ...] = Field((), description="How models are retrained.")
    services: tuple[ServiceRule, ...] = Field(
        (), description="Services that are declared; all others are found."
    )
    lineage: LineageSettings = Field(
        default_factory=LineageSettings, description="What joins cannot know."
    )
    audit: AuditSettings = Field(
        default_factory=AuditSettings, description="Where a copy of the audit trail's head is kept."
    )
    history: HistorySettings = Field(
        default_factory=HistorySettings, description="What is remembered, and for how long."
    )
    ui: UiSettings = Field(default_factory=UiSettings, description="Theme and keys.")

    _faults: tuple[RuleError, ...] = PrivateAttr(())
    _hints: tuple[str, ...] = PrivateAttr(())
    _places: Mapping[tuple[str, str], str] = PrivateAttr(default_factory=dict)

    @property
    def rule_errors(self) -> tuple[RuleError, ...]:
        """What is wrong with ``environments``, ``protected``, ``policy``, ``change_windows``."""
        return self._faults

    def location_of(self, environment: str, action: str) -> str:
        """Return file and line of an entry of ``policy``, or ``""``."""
        return self._places.get((normal_form(environment), normal_form(action)), "")

    def with_locations(self, places: Mapping[tuple[str, str], str]) -> "Settings":
        """Return these settings with *places*: file and line of the entries of ``policy``."""
        copy = self.model_copy()
        copy._places = dict(places)  # noqa: SLF001 - of a copy of its own
        return copy

    @property
    def hints(self) -> tuple[str, ...]:
        """Sentences on keys of the file that are under an earlier name."""
        return self._hints

    def with_hints(self, hints: Iterable[str]) -> "Settings":
        """Return these settings with *hints* on keys of their file."""
        copy = self.model_copy()
        copy._hints = tuple(hints)  # noqa: SLF001 - of a copy of its own
        return copy

    def with_rule_errors(self, faults: Sequence[RuleError]) -> "Settings":
        """Return these settings with the errors in the rules of their file."""
        copy = self.model_copy()
        copy._faults = tuple(faults)  # noqa: SLF001 - of a copy of its own
        return copy
