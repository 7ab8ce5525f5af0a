"""The settings of what the board shows: declared services, joins, and saved views."""

import re
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    field_validator,
    model_validator,
)

from opsboard.config.setting_types import FROZEN, OneWordSchema, StringList, one_line, one_or_more
from opsboard.kinds.soundness import LONGEST_WORD
from opsboard.records.identity import image_repository, repository, server


class ServiceRule(BaseModel):
    """A service that is declared, because nothing joins its parts, or joins them otherwise."""

    model_config = FROZEN

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

    model_config = FROZEN

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


def _column_of_its_name(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


class ViewColumn(BaseModel):
    """A column of a saved view; its name alone stands for all of it."""

    model_config = FROZEN

    name: str = Field("", description="A column of the pane, or else a field of its records.")
    field: str = Field(
        "",
        description="In place of name: a field of the records as it is: 'commit', 'labels.team', "
        "'inputs.pull-request'.",
    )
    title: str = Field("", max_length=40, description="What stands above it.")
    width: int = Field(0, ge=0, le=200, description="Its width; by default as it needs.")

    @model_validator(mode="after")
    def _shows_one_thing(self) -> "ViewColumn":
        if bool(self.name) is bool(self.field):
            raise ValueError("a column has a name or a field: write one of them")
        return self

    @field_validator("title")
    @classmethod
    def _is_one_line(cls, title: str) -> str:
        return one_line(title)


_VIEW_WORD: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def _view_word(word: str) -> str:
    if not _VIEW_WORD.fullmatch(word) or len(word) > LONGEST_WORD:
        raise ValueError(
            f"{word!a} is no word to be typed: a-z and 0-9, joined by hyphens, "
            f"{LONGEST_WORD} characters at most; `title` may be any text"
        )
    return word


ViewWord = Annotated[str, AfterValidator(_view_word)]
ViewColumns = tuple[Annotated[ViewColumn, BeforeValidator(_column_of_its_name)], ...]


class ViewRule(BaseModel):
    """A saved view: a table of its own, opened by its name."""

    model_config = FROZEN

    name: ViewWord = Field(description="The word that opens it: ':NAME' or ':view NAME'.")
    title: str = Field("", max_length=40, description="What stands above it; by default its name.")
    pane: str = Field("", description="The pane that it is made of, such as 'builds'.")
    listing: str = Field(
        "",
        description="In place of pane: what a server lists by this word, such as 'nodes', "
        "'training-runs' or 'rollouts.argoproj.io'.",
    )
    search: str = Field(
        "",
        description="Of a listing: a filter that the server applies itself, in its own language, "
        "such as 'metrics.rmse < 0.5'.",
    )
    filter: str = Field("", description="What it is narrowed to, as after '/'.")
    columns: ViewColumns = Field(
        (),
        description="Its columns, in their order: names, or tables with a title and a width. By "
        "default those of the pane.",
    )
    sort: str = Field(
        "",
        description="The column or field that it is sorted by at first, '-' before it for the "
        "greatest, or newest, first. By default as the pane.",
    )
    alias: Annotated[tuple[ViewWord, ...], BeforeValidator(one_or_more), OneWordSchema] = Field(
        (), description="Further words that open it."
    )
    number: int = Field(0, ge=0, le=9, description="The key that opens it, from 6 to 9; 0: none.")

    @model_validator(mode="after")
    def _is_of_one_table(self) -> "ViewRule":
        if bool(self.pane) is bool(self.listing):
            raise ValueError("a view is of a pane or of a listing: write one of them")
        if self.search and self.pane:
            raise ValueError("`search` is for a `listing`; of a pane, write `filter`")
        return self

    @field_validator("title")
    @classmethod
    def _is_one_line(cls, title: str) -> str:
        return one_line(title)
