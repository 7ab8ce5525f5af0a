"""What the board itself can be told. What a source can be told is its adapter's affair."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

_FROZEN = ConfigDict(frozen=True, extra="forbid")


def _one_or_more(value: object) -> object:
    return [value] if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_one_or_more)]
"""A list of words; a single word may stand for a list of one."""


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
    ui: UiSettings = Field(default_factory=UiSettings, description="Looks and keys.")
