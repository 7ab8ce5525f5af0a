"""The words that all records share: status, kind, and what names one."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, TypeAlias

JSON: TypeAlias = Mapping[str, Any]


class Status(StrEnum):
    """How a record is doing. The order of :attr:`severity` is the order of concern."""

    OK = "ok"
    RUNNING = "running"
    WARNING = "warning"
    FAILED = "failed"
    UNKNOWN = "unknown"

    @property
    def severity(self) -> int:
        """0 for what needs no attention, up to 4 for what failed."""
        return _SEVERITY[self]


_SEVERITY = {
    Status.OK: 0,
    Status.RUNNING: 1,
    Status.UNKNOWN: 2,
    Status.WARNING: 3,
    Status.FAILED: 4,
}


class Kind(StrEnum):
    """The kinds of record. The value is the word used on screen, in config and in JSON."""

    BUILD = "build"
    BUILD_JOB = "build-job"
    DEPLOYMENT = "deployment"
    POD = "pod"
    JOB = "job"
    CRON_JOB = "cron-job"
    EVENT = "event"
    MODEL = "model"
    MODEL_VERSION = "model-version"
    DRIFT = "drift"
    ALERT = "alert"
    ACTIVITY = "activity"


class Ref(NamedTuple):
    """The identity of a record: unique on the board, stable over restarts."""

    source: str
    kind: Kind
    id: str


def newest(*times: datetime | None) -> datetime | None:
    """Return the latest of *times* that is known, or ``None``."""
    return max((time for time in times if time is not None), default=None)
