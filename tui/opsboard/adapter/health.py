"""How a source, or a part of it, is doing."""

from datetime import datetime
from enum import StrEnum

from opsboard.frozen import Frozen, frozen
from opsboard.records import Status
from opsboard.text.sanitize import Text


class Condition(StrEnum):
    """How a source, or one scope of it, is doing."""

    STARTING = "starting"
    LIVE = "live"
    PARTIAL = "partial"
    """It answers, and some of what it answers cannot be read."""
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
    Condition.PARTIAL: Status.WARNING,
    Condition.STALE: Status.WARNING,
    Condition.THROTTLED: Status.WARNING,
    Condition.UNAUTHENTICATED: Status.FAILED,
    Condition.FORBIDDEN: Status.FAILED,
    Condition.UNREACHABLE: Status.FAILED,
    Condition.BROKEN: Status.FAILED,
}


@frozen
class Health(Frozen):
    """A condition, its cause (*message*), the way out (*hint*), when it may end (*until*)."""

    condition: Condition
    message: Text = ""
    hint: Text = ""
    until: datetime | None = None


@frozen
class Budget(Frozen):
    """How much of a request allowance is left. *name* tells allowances apart (``core``)."""

    name: Text
    remaining: int
    limit: int
    resets_at: datetime | None = None
