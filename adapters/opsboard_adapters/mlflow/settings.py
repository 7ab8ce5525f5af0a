"""What can be configured of an MLflow source."""

from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlunsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    field_validator,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from opsboard.adapter import SourceSettings
from opsboard.system.secrets import Secret
from opsboard_adapters.net.urls import check_http_url, split_url


class DriftRule(BaseModel):
    """Which metrics measure drift, and when they say that something has drifted.

    In TOML, a bare string is a rule that has only a pattern.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    pattern: str = Field(
        min_length=1,
        description="Metric names, with * and ? as wildcards, in any case; ! in front excludes.",
    )
    threshold: float | None = Field(
        None,
        description="Value beyond which the metric has drifted; a run's own comes first. By its "
        "name, where a common one is [known](#metrics-that-are-known-by-their-names).",
    )
    direction: Literal["above", "below"] | None = Field(
        None,
        description="The side of the threshold on which drift is. By its name: below for a "
        "p-value, above for all else.",
    )
    warn_at: float = Field(
        0.8, gt=0, le=1, description="Share of the way to the threshold from which to warn."
    )

    @model_validator(mode="before")
    @classmethod
    def _from_pattern(cls, value: object) -> object:
        return {"pattern": value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string"}, handler.resolve_ref_schema(handler(schema))]}

    @property
    def excludes(self) -> bool:
        """Whether what it matches is no measure of drift."""
        return self.pattern.startswith("!")

    @property
    def names(self) -> str:
        """The pattern for names in lower case."""
        return self.pattern.removeprefix("!").lower()


class MLflowSettings(SourceSettings):
    """An MLflow tracking server with its model registry."""

    model_config = ConfigDict(hide_input_in_errors=True)

    tracking_uri: str = Field(description="URL of the tracking server, http or https.")
    registry_uri: str | None = Field(
        None, description="URL of the model registry, where it is another server."
    )
    username: str | None = Field(None, description="User name for basic authentication.")
    password: Secret | None = Field(None, description="Password for basic authentication.")
    token: Secret | None = Field(None, description="Bearer token, instead of a password.")
    login_from_environment: bool = Field(
        False,
        description="Log in as MLflow's own client would: MLFLOW_TRACKING_USERNAME, _PASSWORD, "
        "_TOKEN, ~/.mlflow/credentials. Done automatically for the server in MLFLOW_TRACKING_URI.",
    )
    ca_file: Path | None = Field(None, description="PEM file with the server's CA certificates.")
    insecure: bool = Field(False, description="Do not verify the server's certificate.")
    poll_interval: float = Field(
        15.0, ge=1.0, description="Seconds between two polls; up to four times that when quiet."
    )
    max_parallel: int = Field(
        4,
        ge=1,
        le=32,
        description="Requests at the same time; details and logs that you open have their own.",
    )
    leading_aliases: tuple[str, ...] = Field(
        ("champion", "production", "prod", "live", "serving", "stable"),
        description="Aliases that mark the version that serves; the first that is set counts.",
    )
    metrics: tuple[str, ...] = Field(
        (),
        description="Metrics to show first, as patterns; then come those that the most runs "
        "have, and those of which it is known when they are better.",
    )
    higher_is_better: tuple[str, ...] = Field(
        (),
        description="Metrics that are better the higher they are, as patterns with * and ?, in any "
        "case. Without a pattern, the name of a metric decides, where it is a known one.",
    )
    lower_is_better: tuple[str, ...] = Field(
        (), description="Metrics that are better the lower they are, likewise."
    )
    versions_with_metrics: int = Field(
        5, ge=0, description="Newest versions of a model whose runs are read, beside those in use."
    )
    drift: tuple[DriftRule, ...] = Field(
        (), description="Metrics that measure drift; the first rule that fits counts."
    )
    drift_by_name: bool = Field(
        True,
        description="Whether metrics that no rule fits measure drift too, where their "
        "[names](#metrics-that-are-known-by-their-names) say so.",
    )
    model_tags: tuple[str, ...] = Field(
        ("model_name", "mlflow.modelName", "monitored_model"),
        description="Tags by which a monitoring run names the model that it measures.",
    )
    version_tags: tuple[str, ...] = Field(
        ("model_version", "mlflow.modelVersion", "monitored_version"),
        description="Tags by which it names the version, or an alias; without one: what serves.",
    )
    monitoring_days: int = Field(
        30, ge=1, description="How many days back monitoring runs are looked for."
    )

    @model_validator(mode="before")
    @classmethod
    def _take_out_login(cls, values: Any) -> Any:
        """Move ``user:password@`` out of the URL, so that it is never shown with it."""
        if not isinstance(values, dict) or not isinstance(values.get("tracking_uri"), str):
            return values
        bare, username, password = split_login(values["tracking_uri"])
        found = {"username": username, "password": password}
        given = {key: value for key, value in values.items() if value is not None}
        return {**{key: value for key, value in found.items() if value}, **given} | {
            "tracking_uri": bare
        }

    @field_validator("tracking_uri", "registry_uri")
    @classmethod
    def _is_http(cls, value: str | None) -> str | None:
        if value is None:
            return None
        bare, _, _ = split_login(value)
        check_http_url(bare)
        return bare.rstrip("/")

    @model_validator(mode="after")
    def _one_login(self) -> "MLflowSettings":
        if self.token is not None and self.password is not None:
            raise ValueError("give either a token or a username and password, not both")
        if self.password is not None and not self.username:
            raise ValueError("a password needs a username")
        return self


def split_login(uri: str) -> tuple[str, str, str]:
    """Return *uri* without its user information, and the user name and password from it."""
    parts = split_url(uri.strip())
    userinfo, at, host = parts.netloc.rpartition("@")
    if not at:
        return uri.strip(), "", ""
    username, _, password = userinfo.partition(":")
    bare = urlunsplit((parts.scheme, host, parts.path, parts.query, parts.fragment))
    return bare, unquote(username), unquote(password)
