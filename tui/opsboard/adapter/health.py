"""How a source, or a part of it, is doing."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from opsboard.clean import Text
from opsboard.records import Status


class Condition(StrEnum):
    """How a source, or one scope of it, is doing."""

    STARTING = "starting"
    LIVE = "live"
    STALE = "stale"
    THROTTLED = "throttled"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    UNREACHABLE = "unreachable"
    BROKEN = "broken"

    @property
    def status(self) -> Status:
        """The status that stands for this condition on the board."""
        return _CONDITION_STATUS[self]


_CONDITION_STATUS = {
    Condition.STARTING: Status.RUNNING,
    Condition.LIVE: Status.OK,
    Condition.STALE: Status.WARNING,
    Condition.THROTTLED: Status.WARNING,
    Condition.UNAUTHENTICATED: Status.FAILED,
    Condition.FORBIDDEN: Status.FAILED,
    Condition.UNREACHABLE: Status.FAILED,
    Condition.BROKEN: Status.FAILED,
}


class Health(BaseModel):
    """A condition, its cause (*message*), the way out (*mend*), when it may end (*until*)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    condition: Condition
    message: Text = ""
    mend: Text = ""
    until: datetime | None = None


class Budget(BaseModel):
    """How much of a request allowance is left. *name* tells allowances apart (``core``)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Text
    remaining: int
    limit: int
    resets_at: datetime | None = None
