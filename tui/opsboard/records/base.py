"""What every record has: a status, a kind, a reference, and the fields of :class:`Record`."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple, TypeAlias

from opsboard.frozen import Frozen, UtcDatetime, frozen
from opsboard.records.claims import Claim
from opsboard.text.sanitize import Text

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

    def at_most(self, other: "Status") -> "Status":
        """Return this status, or *other* where that is less bad."""
        return min(self, other, key=_SEVERITY.__getitem__)

    def drawn_for(self, about: "Ref | None") -> "Status":
        """Return how a screen draws it for *about*: drift is a warning at most.

        What drifts works, and may be wrong; red is what failed.
        """
        drifts = about is not None and about.kind is Kind.DRIFT
        return self.at_most(Status.WARNING) if drifts else self


_SEVERITY = {
    Status.OK: 0,
    Status.RUNNING: 1,
    Status.UNKNOWN: 2,
    Status.WARNING: 3,
    Status.FAILED: 4,
}


class Kind(str):
    """The name of a kind of record: the word used on the screen, in config and in JSON.

    There is one object for each name, whoever asks for it. The names of the board's own kinds are
    here; an adapter makes its own: ``BACKUP = Kind("backup")``. What a kind is, is declared by a
    :class:`opsboard.kinds.RecordKind`.
    """

    __slots__ = ()

    _known: ClassVar[dict[str, "Kind"]] = {}

    BUILD: ClassVar["Kind"]
    BUILD_JOB: ClassVar["Kind"]
    DEPLOYMENT: ClassVar["Kind"]
    POD: ClassVar["Kind"]
    JOB: ClassVar["Kind"]
    CRON_JOB: ClassVar["Kind"]
    EVENT: ClassVar["Kind"]
    CONFIG: ClassVar["Kind"]
    MODEL: ClassVar["Kind"]
    MODEL_VERSION: ClassVar["Kind"]
    DRIFT: ClassVar["Kind"]
    IMAGE: ClassVar["Kind"]
    ALERT: ClassVar["Kind"]
    ACTIVITY: ClassVar["Kind"]
    REPOSITORY: ClassVar["Kind"]
    COMMIT: ClassVar["Kind"]
    PULL_REQUEST: ClassVar["Kind"]
    COMMIT_COMPARISON: ClassVar["Kind"]
    ARTIFACT: ClassVar["Kind"]
    SERVICE: ClassVar["Kind"]
    LISTED: ClassVar["Kind"]

    def __new__(cls, name: str) -> "Kind":
        known = cls._known.get(name)
        if known is None:
            known = cls._known[name] = super().__new__(cls, name)
        return known

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> Any:
        from pydantic_core.core_schema import (  # noqa: PLC0415 - the first frame does without
            no_info_after_validator_function,
            str_schema,
        )

        return no_info_after_validator_function(cls, str_schema())


for _name in (
    "BUILD", "BUILD_JOB", "DEPLOYMENT", "POD", "JOB", "CRON_JOB", "EVENT", "CONFIG", "MODEL",
    "MODEL_VERSION", "DRIFT", "IMAGE", "ALERT", "ACTIVITY", "COMMIT", "PULL_REQUEST",
    "COMMIT_COMPARISON", "ARTIFACT", "SERVICE", "REPOSITORY", "LISTED",
):  # fmt: skip
    setattr(Kind, _name, Kind(_name.lower().replace("_", "-")))


class Ref(NamedTuple):
    """The identity of a record: unique on the board, stable over restarts."""

    source: str
    kind: Kind
    id: str


def newest(*times: datetime | None) -> datetime | None:
    """Return the latest of *times* that is known, or ``None``."""
    return max((time for time in times if time is not None), default=None)


@frozen
class Record(Frozen):
    """What all records have in common.

    *id* is unique within the source and kind. *reason* is a word or two for a table cell
    (``ImagePullBackOff``); *message* is the sentence behind it. *environment* is
    ``production``, ``staging``, ... or empty where none applies. *url* opens in a browser.

    *inputs* are what it is made of, runs or is about, *outputs* what it is or makes
    (:mod:`opsboard.records.claims`): the board joins what is equal.
    """

    kind: Kind
    source: Text
    id: Text
    name: Text
    status: Status = Status.UNKNOWN
    reason: Text = ""
    message: Text = ""
    environment: Text = ""
    created_at: UtcDatetime | None = None
    updated_at: UtcDatetime | None = None
    url: Text | None = None
    inputs: tuple[Claim, ...] = ()
    outputs: tuple[Claim, ...] = ()

    @property
    def ref(self) -> Ref:
        return Ref(self.source, self.kind, self.id)

    @property
    def display_status(self) -> Status:
        """The status that a screen draws: red is what failed, and nothing else."""
        return self.status
