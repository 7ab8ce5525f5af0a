"""The settings of a GitHub source, its hosts, and the recipe for training by a workflow."""

import re
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from opsboard.adapter import SourceSettings
from opsboard.system.secrets import Secret
from opsboard_adapters.net.urls import check_http_url

PUBLIC_HOST: Final = "github.com"
_TENANCY: Final = ".ghe.com"


def is_cloud(host: str) -> bool:
    """Tell whether *host* is run by GitHub itself: github.com, or a ``ghe.com`` tenant."""
    return host == PUBLIC_HOST or host.endswith(_TENANCY)


def rest_api_url(host: str) -> str:
    """Return the URL of the REST API of *host*."""
    return f"https://api.{host}" if is_cloud(host) else f"https://{host}/api/v3"


def browser_host(netloc: str) -> str:
    """Return the host of the pages for people, given the *netloc* of an API."""
    bare = netloc.lower().removeprefix("api.")
    return bare if is_cloud(bare) else netloc.lower()


def token_variables(host: str) -> tuple[str, ...]:
    """Return the environment variables in which gh looks for a token for *host*, in order."""
    if is_cloud(host):
        return ("GH_TOKEN", "GITHUB_TOKEN")
    return ("GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN")


_PART = r"[A-Za-z0-9_.-]+"


# The value is not repeated in an error: a URL may contain a password.
def _repository(value: str) -> str:
    if not re.fullmatch(f"{_PART}/{_PART}", value):
        raise ValueError("give it as owner/name, such as octo-org/octo-repo")
    return value


def _organisation(value: str) -> str:
    if not re.fullmatch(_PART, value):
        raise ValueError("give the name alone, such as octo-org")
    return value


RepositoryName = Annotated[
    str, AfterValidator(_repository), Field(json_schema_extra={"pattern": f"^{_PART}/{_PART}$"})
]
OrganisationName = Annotated[
    str, AfterValidator(_organisation), Field(json_schema_extra={"pattern": f"^{_PART}$"})
]


class GitHubSettings(SourceSettings):
    """Repositories on github.com or on a GitHub Enterprise host."""

    model_config = ConfigDict(hide_input_in_errors=True)

    repositories: tuple[RepositoryName, ...] = Field((), description="As owner/name.")
    organisations: tuple[OrganisationName, ...] = Field(
        (), description="Organisations or users; their repositories are found automatically."
    )
    host: str = Field("github.com", description="The host as in a browser; for Enterprise, yours.")
    api_url: str | None = Field(
        None, description="URL of the API, where it does not follow from the host."
    )
    token: Secret | None = Field(
        None, description="Access token; by default GH_TOKEN, GITHUB_TOKEN or the login of gh."
    )
    ca_file: Path | None = Field(None, description="PEM file with the server's CA certificates.")
    runs_per_repository: int = Field(
        30, ge=1, le=5_000, description="Newest runs that are shown of each repository."
    )
    repositories_per_organisation: int = Field(
        100, ge=1, le=1_000, description="Repositories of an organisation, last pushed first."
    )
    deployments: bool = Field(True, description="Whether deployments are shown beside runs.")
    commits: bool = Field(
        True,
        description="Whether to find out which commits wait to be deployed, by GraphQL.",
    )
    poll_active: float = Field(
        10.0, ge=1.0, description="Seconds between two polls at a repository whose runs move."
    )
    poll_idle: float = Field(
        90.0, ge=5.0, description="Seconds between two polls at a repository where nothing moves."
    )
    budget_share: float = Field(
        0.5, gt=0.0, le=1.0, description="Share of the request allowance that may be used."
    )
    max_parallel: int = Field(
        8,
        ge=1,
        le=50,
        description="Requests at the same time; details and logs that you open have their own.",
    )

    @field_validator("host")
    @classmethod
    def _bare_host(cls, value: str) -> str:
        if "://" in value or "/" in value or not value:
            raise ValueError("give the host alone, such as github.example.com")
        check_http_url(f"https://{value}")
        return value.lower()

    @field_validator("api_url")
    @classmethod
    def _is_http(cls, value: str | None) -> str | None:
        if value is None:
            return None
        return check_http_url(value).rstrip("/")

    @model_validator(mode="after")
    def _something_to_show(self) -> "GitHubSettings":
        if not self.repositories and not self.organisations:
            raise ValueError('name something to show: repositories = ["owner/name"]')
        return self

    @property
    def base_url(self) -> str:
        """The URL of the REST API."""
        return self.api_url or rest_api_url(self.host)

    @property
    def web_host(self) -> str:
        """The host whose login is used: never github.com's for an API elsewhere."""
        if self.api_url is None or "host" in self.model_fields_set:
            return self.host
        return browser_host(urlsplit(self.api_url).netloc)


_FILE: Final = r"^[A-Za-z0-9_.-]+\.ya?ml$"


class WorkflowRecipe(BaseModel):
    """The workflow that trains a model. Its inputs are the fields of the form."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    repository: RepositoryName = Field(description="As owner/name.")
    workflow: Annotated[str, StringConstraints(pattern=_FILE)] = Field(
        description="Name of the workflow's file in .github/workflows."
    )
    ref: str = Field(
        "", description="Branch or tag to run it at; by default the repository's default branch."
    )
