"""What things are: the records that every adapter yields and every pane shows.

A record is frozen. A change in the world is a new record with the same :class:`Ref`. Times are
aware datetimes in UTC. Strings that come from outside are cleaned while the record is built
(see :mod:`opsboard.clean`).

The words follow the field: a *run* of CI is a :class:`Build`; the roll-out of a workload is a
:class:`Deployment`; Kubernetes counts *revisions*, a model registry counts *versions*.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from opsboard.clean import Text

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


class Ref(NamedTuple):
    """The identity of a record: unique on the board, stable over restarts."""

    source: str
    kind: Kind
    id: str


class Record(BaseModel):
    """What all records have in common.

    *id* is unique within the source and kind. *reason* is a word or two for a table cell
    (``ImagePullBackOff``); *message* is the sentence behind it. *environment* is
    ``production``, ``staging``, ... or empty where none applies. *url* opens in a browser.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    source: Text
    id: Text
    name: Text
    status: Status = Status.UNKNOWN
    reason: Text = ""
    message: Text = ""
    environment: Text = ""
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    url: Text | None = None

    @property
    def ref(self) -> Ref:
        return Ref(self.source, self.kind, self.id)


class Build(Record):
    """A run of a CI workflow, at its latest attempt.

    *state* is the server's own word, for instance ``queued``, ``waiting``, ``in_progress``,
    ``success``, ``failure``, ``cancelled``: a free string, since servers add new ones.
    """

    kind: Literal[Kind.BUILD] = Kind.BUILD
    repository: Text
    workflow: Text
    number: int
    attempt: int = 1
    state: Text
    branch: Text = ""
    commit: Text = ""
    title: Text = ""
    event: Text = ""
    actor: Text = ""
    started_at: AwareDatetime | None = None
    finished_at: AwareDatetime | None = None


class BuildJob(Record):
    """A job of a :class:`Build`: what has a log. *build* is the id of its build."""

    kind: Literal[Kind.BUILD_JOB] = Kind.BUILD_JOB
    build: Text
    repository: Text
    state: Text
    runner: Text = ""
    started_at: AwareDatetime | None = None
    finished_at: AwareDatetime | None = None


class Deployment(Record):
    """The state of a roll-out: of a Kubernetes workload, or of a CI server's deployment.

    *workload* is ``Deployment``, ``StatefulSet``, ``DaemonSet``, or the CI server's own word.
    *cluster* is the cluster or, for a CI server, the repository. Replica counts are zero where
    the notion does not apply. *revision* is what a rollback would name.
    """

    kind: Literal[Kind.DEPLOYMENT] = Kind.DEPLOYMENT
    workload: Text
    cluster: Text = ""
    namespace: Text = ""
    revision: Text = ""
    images: tuple[Text, ...] = ()
    commit: Text = ""
    desired: int = 0
    updated: int = 0
    ready: int = 0
    available: int = 0
    paused: bool = False


class Pod(Record):
    """A Kubernetes pod. *owner* is ``Kind/name`` of the controller that made it."""

    kind: Literal[Kind.POD] = Kind.POD
    cluster: Text
    namespace: Text
    owner: Text = ""
    node: Text = ""
    phase: Text = ""
    ready: int = 0
    containers: int = 0
    restarts: int = 0


class Job(Record):
    """A Kubernetes Job. *owner* is ``CronJob/name`` where one made it."""

    kind: Literal[Kind.JOB] = Kind.JOB
    cluster: Text
    namespace: Text
    owner: Text = ""
    completions: int = 1
    active: int = 0
    succeeded: int = 0
    failed: int = 0
    started_at: AwareDatetime | None = None
    finished_at: AwareDatetime | None = None


class CronJob(Record):
    """A Kubernetes CronJob. *schedule* is in cron syntax, *time_zone* empty for the server's."""

    kind: Literal[Kind.CRON_JOB] = Kind.CRON_JOB
    cluster: Text
    namespace: Text
    schedule: Text
    time_zone: Text = ""
    suspended: bool = False
    active: int = 0
    last_run_at: AwareDatetime | None = None
    last_success_at: AwareDatetime | None = None


class Event(Record):
    """A Kubernetes event. *about* is ``Kind/name`` of the object it speaks of."""

    kind: Literal[Kind.EVENT] = Kind.EVENT
    cluster: Text
    namespace: Text
    about: Text
    count: int = 1


class Metric(BaseModel):
    """A value of a model metric. *step* counts training steps, *at* is when it was logged.

    The value may be NaN or infinite: training runs log that.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Text
    value: float
    step: int = 0
    at: AwareDatetime | None = None


class Alias(NamedTuple):
    """A name that points to a version of a model, or, on old servers, a stage."""

    name: Text
    version: Text


class Model(Record):
    """A registered model. *serving* is the version that its leading alias points to, if any."""

    kind: Literal[Kind.MODEL] = Kind.MODEL
    latest: Text = ""
    serving: Text = ""
    versions: int = 0
    aliases: tuple[Alias, ...] = ()
    metrics: tuple[Metric, ...] = ()
    owner: Text = ""
    description: Text = ""


class ModelVersion(Record):
    """A version of a registered model, with the run that trained it."""

    kind: Literal[Kind.MODEL_VERSION] = Kind.MODEL_VERSION
    model: Text
    version: Text
    aliases: tuple[Text, ...] = ()
    stage: Text = ""
    run: Text = ""
    commit: Text = ""
    author: Text = ""
    metrics: tuple[Metric, ...] = ()
    dataset: Text = ""


class Drift(Record):
    """A drift measure of a model version.

    It has crossed when *value* is beyond *threshold* in *direction*: a distance drifts
    ``above`` its threshold, a p-value ``below``. Without a threshold it is only shown.
    *trend* holds earlier values, oldest first, the present one last.
    """

    kind: Literal[Kind.DRIFT] = Kind.DRIFT
    model: Text
    version: Text = ""
    metric: Text
    value: float
    threshold: float | None = None
    direction: Literal["above", "below"] = "above"
    trend: tuple[float, ...] = ()
    run: Text = ""
    measured_at: AwareDatetime | None = None

    @property
    def crossed(self) -> bool:
        if self.threshold is None:
            return False
        if self.direction == "above":
            return self.value > self.threshold
        return self.value < self.threshold


class AlertState(StrEnum):
    """Whether somebody has taken notice of an alert."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"


class Alert(Record):
    """Something that is wrong. *about* is the record it concerns, or none for a source.

    *since* is when it was first seen. *state* lasts over restarts; a snooze ends at *until*.
    """

    kind: Literal[Kind.ALERT] = Kind.ALERT
    about: Ref | None = None
    since: AwareDatetime
    state: AlertState = AlertState.OPEN
    until: AwareDatetime | None = None


AnyRecord: TypeAlias = Annotated[
    Build
    | BuildJob
    | Deployment
    | Pod
    | Job
    | CronJob
    | Event
    | Model
    | ModelVersion
    | Drift
    | Alert,
    Field(discriminator="kind"),
]

RECORD: TypeAdapter[AnyRecord] = TypeAdapter(AnyRecord)
"""Reads a record of any kind from JSON, as the cache and ``status --json`` write it."""


def newest(*times: datetime | None) -> datetime | None:
    """Return the latest of *times* that is known, or ``None``."""
    return max((time for time in times if time is not None), default=None)
