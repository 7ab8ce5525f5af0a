"""What every source can be told."""

from pydantic import BaseModel, ConfigDict, Field, field_validator

from opsboard.environment_names import is_pattern, name_fault


class SourceSettings(BaseModel):
    """What every source can be told in the config file. Adapters add fields of their own.

    Secrets are declared as :class:`opsboard.secret.Secret`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = Field(True, description="Whether the source is used at all.")
    environment: str | None = Field(
        None,
        description="Environment of all records of this source; by default it is told from names.",
    )
    read_only: bool = Field(False, description="Forbid every action on this source.")
    timeout: float = Field(
        20.0, gt=0, le=600, description="Seconds that the server may take to answer a request."
    )

    @field_validator("environment")
    @classmethod
    def _is_a_name(cls, name: str | None) -> str | None:
        if name is not None and (fault := name_fault(name)):
            raise ValueError(fault)
        if name is not None and is_pattern(name):
            raise ValueError("a name is wanted here, no pattern")
        return name
