"""The settings of the board itself. Those of a source are defined by its adapter."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from pydantic import BaseModel, Field, PrivateAttr, field_validator

from opsboard.config.action_rules import (
    ChangeWindow,
    PolicyDecision,
    RetrainRule,
    RuleError,
    StartCheckRule,
)
from opsboard.config.board_rules import LineageSettings, ServiceRule, ViewRule
from opsboard.config.quantities import Duration, Size
from opsboard.config.setting_types import (
    FROZEN,
    EnvironmentName,
    NamePattern,
    NamePatterns,
    StringList,
)
from opsboard.environments.names import normal_form

_PLACEHOLDER: Final = re.compile(r"\{[^{}]*\}")


class AuditSettings(BaseModel):
    """Where else the head of the audit trail is noted."""

    model_config = FROZEN

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

    model_config = FROZEN

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

    model_config = FROZEN

    theme: str = Field("dark", description="Name of a theme: built-in, or a file in themes/.")
    ascii: bool | None = Field(
        None, description="Draw with ASCII only; by default as the locale says."
    )
    mouse: bool = Field(True, description="Whether the mouse is used.")
    first_frame: bool = Field(
        True, description="Keep the overview as it was last seen, to paint it at once next time."
    )
    keys: dict[str, StringList] = Field(
        default_factory=dict, description="Action id -> the key or keys that trigger it."
    )


class Settings(BaseModel):
    """The config file without its sources.

    Errors in the rules for actions are in :attr:`rule_errors`: the board opens all the same, and
    the guard refuses what they may concern.
    """

    model_config = FROZEN

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
    start_checks: tuple[StartCheckRule, ...] = Field(
        (), description="Commands that tell whether what is rolled back to would start."
    )
    services: tuple[ServiceRule, ...] = Field(
        (), description="Services that are declared; all others are found."
    )
    views: tuple[ViewRule, ...] = Field((), description="Saved views: tables of one's own.")
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

    @field_validator("services")
    @classmethod
    def _have_names_of_their_own(cls, services: tuple[ServiceRule, ...]) -> tuple[ServiceRule, ...]:
        names = [one.name.strip().casefold() for one in services]
        for at, name in enumerate(names):
            if name in names[:at]:
                raise ValueError(
                    f"two are called {services[at].name!a}: give each a name of its own"
                )
        return services

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
