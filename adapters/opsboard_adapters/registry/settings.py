"""What can be configured of a container registry."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, ConfigDict, Field, field_validator, model_validator

from opsboard.adapter import SourceSettings
from opsboard.system.secrets import Secret
from opsboard_adapters.net.urls import check_http_url
from opsboard_adapters.registry.names import (
    DOCKER_HUB,
    DOCKER_HUB_API,
    is_docker_hub,
    is_loopback,
    is_pattern,
    is_repository,
    is_repository_pattern,
)


def _repository(name: str) -> str:
    if not (is_repository_pattern(name) if is_pattern(name) else is_repository(name)):
        raise ValueError("give the repository alone, such as shop/cart: no registry, tag or digest")
    return name


RepositoryPattern = Annotated[str, AfterValidator(_repository)]


class RegistrySettings(SourceSettings):
    """A container registry, and the repositories in it that are shown."""

    model_config = ConfigDict(hide_input_in_errors=True)

    url: str = Field(
        description="The registry: its name as in image references (`ghcr.io`), or its URL."
    )
    registry_name: str | None = Field(
        None, description="Its name in image references, where that is not the host of `url`."
    )
    repositories: tuple[RepositoryPattern, ...] = Field(
        (),
        description="Repositories, such as `shop/cart`. With `*` or `?`, and by default, they are "
        "found in the registry's catalog, where that may be read; `!` in front excludes.",
    )
    max_repositories: int = Field(
        100, ge=1, le=2_000, description="Repositories of the catalog that are shown at most."
    )
    tags: tuple[str, ...] = Field(
        ("*",), description="Which tags are looked at, as patterns; `!` in front excludes."
    )
    tags_per_repository: int = Field(
        30, ge=1, le=1_000, description="Images of a repository that are shown, the newest first."
    )
    username: str | None = Field(
        None, description="User name; by default the login of `docker login` is used."
    )
    password: Secret | None = Field(None, description="Password, or access token, of that user.")
    identity_token: Secret | None = Field(
        None, description="Refresh token of an OAuth2 login, instead of user name and password."
    )
    docker_login: bool = Field(
        True,
        description="Log in as `docker` would: with its config file, and the credential helpers "
        "that it names.",
    )
    ca_file: Path | None = Field(None, description="PEM file with the server's CA certificates.")
    insecure: bool = Field(
        False,
        description="Allow plain http to another machine, and do not verify the certificate.",
    )
    provenance: bool = Field(
        True, description="Whether attestations and referrers are read for SLSA provenance."
    )
    poll_interval: float = Field(
        60.0, ge=1.0, description="Seconds between two polls; up to four times that when quiet."
    )
    max_parallel: int = Field(
        4,
        ge=1,
        le=32,
        description="Requests at the same time; details that you open have their own.",
    )
    cache_mib: int = Field(
        64,
        ge=0,
        le=4_096,
        description="MiB of manifests and configs that are kept on disk, for all registries.",
    )

    @model_validator(mode="before")
    @classmethod
    def _not_bare(cls, values: Any) -> Any:
        """Take a bare name such as ``ghcr.io`` for its https URL."""
        url = values.get("url") if isinstance(values, dict) else None
        if not isinstance(url, str):
            return values
        url = url.strip().rstrip("/")
        return {**values, "url": url if "://" in url else f"https://{url}"}

    @field_validator("url")
    @classmethod
    def _is_http(cls, value: str) -> str:
        return check_http_url(value)

    @field_validator("registry_name")
    @classmethod
    def _is_a_name(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if "://" in value or "/" in value or not value:
            raise ValueError("give the name alone, such as registry.example.com:5000")
        check_http_url(f"https://{value}")
        return value.lower()

    @model_validator(mode="after")
    def _is_sound(self) -> "RegistrySettings":
        parts = urlsplit(self.url)
        if parts.scheme == "http" and not (self.insecure or is_loopback(parts.hostname or "")):
            raise ValueError(
                "plain http to another machine shows the login to whoever listens: give an https "
                "URL, or set insecure = true"
            )
        if self.identity_token is not None and self.password is not None:
            raise ValueError("give either an identity_token, or username and password")
        if (self.password is None) != (self.username is None):
            raise ValueError("username and password belong together: give both, or neither")
        return self

    @property
    def host(self) -> str:
        """The host of the URL, with its port, by which its login is known.

        The login of one registry is never sent to another that only goes by its name.
        """
        host = urlsplit(self.url).netloc.lower()
        return DOCKER_HUB if is_docker_hub(host) else host

    @property
    def api_url(self) -> str:
        """The URL that ``/v2/`` is below."""
        if self.host == DOCKER_HUB:
            return f"https://{DOCKER_HUB_API}"
        return self.url

    @property
    def name(self) -> str:
        """The registry as image references name it."""
        if self.registry_name is not None:
            return DOCKER_HUB if is_docker_hub(self.registry_name) else self.registry_name
        return self.host

    @property
    def is_unverified(self) -> bool:
        """Whether somebody on the way may read and change what is sent."""
        parts = urlsplit(self.url)
        return self.insecure or (parts.scheme == "http" and not is_loopback(parts.hostname or ""))

    @property
    def named_repositories(self) -> tuple[str, ...]:
        """The repositories that are named in full, as the API knows them."""
        named = (one for one in self.repositories if not is_pattern(one))
        return tuple(dict.fromkeys(map(self._in_full, named)))

    @property
    def repository_patterns(self) -> tuple[str, ...]:
        """The patterns for the catalog; none where it is not asked for."""
        if not self.repositories:
            return ("*",)
        return tuple(one for one in self.repositories if is_pattern(one))

    def _in_full(self, repository: str) -> str:
        official = self.name == DOCKER_HUB and "/" not in repository
        return f"library/{repository}" if official else repository
