"""The settings that every source has."""

from pydantic import BaseModel, ConfigDict, Field, field_validator

from opsboard.environments.names import is_pattern, name_error


class SourceSettings(BaseModel):
    """What can be set for every source in the config file. Adapters add fields of their own.

    Secrets are declared as :class:`opsboard.system.secrets.Secret`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = Field(True, description="Whether the source is used at all.")
    environment: str | None = Field(
        None,
        description="Environment of all records of this source; by default it is found by names.",
    )
    read_only: bool = Field(False, description="Forbid every action on this source.")
    timeout: float = Field(
        20.0, gt=0, le=600, description="Seconds that the server may take to answer a request."
    )
    answer_timeout: float = Field(
        60.0, gt=0, le=3_600, description="Seconds that an answer may take from start to end."
    )
    max_page_mib: float = Field(
        24.0,
        gt=0,
        le=1_024,
        description="MiB that a page of a listing may have, after decompression.",
    )
    max_object_mib: float = Field(
        8.0,
        gt=0,
        le=1_024,
        description="MiB that one object, a state file or a manifest may have, likewise.",
    )
    max_log_mib: float = Field(
        64.0, gt=0, le=65_536, description="MiB of a log that are read, likewise."
    )
    max_pages: int = Field(
        200, ge=1, le=100_000, description="Pages of a listing that are read at most."
    )

    @field_validator("environment")
    @classmethod
    def _is_a_name(cls, name: str | None) -> str | None:
        if name is not None and (fault := name_error(name)):
            raise ValueError(fault)
        if name is not None and is_pattern(name):
            raise ValueError("a name is wanted here, no pattern")
        return name
