"""What every source can be told."""

from pydantic import BaseModel, ConfigDict, Field


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
