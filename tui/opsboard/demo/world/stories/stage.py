"""What happens in one story: things that run, and the records that sources make of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from opsboard.demo.world.event_queue import EventQueue
from opsboard.demo.world.rng import SeededRandom
from opsboard.demo.world.stories.estate import (
    GITHUB,
    MLFLOW,
    REGISTRY,
    StoryCluster,
    StoryCompany,
    StoryService,
)
from opsboard.demo.world.stories.model import StoryEvent, StoryGap, StoryJoin
from opsboard.records import Record, Ref, Status

_POLLED: Final = {GITHUB: 45.0, MLFLOW: 30.0, REGISTRY: 90.0}
"""Seconds until a source that is polled has been asked again; others report within two."""


@dataclass(eq=False, slots=True)
class StoryPod:
    """A pod of a workload, at its *revision*."""

    name: str
    node: str
    revision: int
    sha: str
    created_at: datetime
    status: Status = Status.OK
    reason: str = "Running"
    message: str = ""
    restarts: int = 0


@dataclass(eq=False, slots=True)
class StoryWorkload:
    """A service as it runs in one cluster, at the commit *sha*.

    *since* is when its present revision was rolled out.
    """

    service: StoryService
    cluster: StoryCluster
    revision: int
    sha: str
    since: datetime
    replicas: int
    pods: list[StoryPod] = field(default_factory=list)
    status: Status = Status.OK
    reason: str = ""
    message: str = ""


@dataclass(eq=False, slots=True)
class StoryConfig:
    """A ``ConfigMap`` or ``Secret``, and what changed it last."""

    cluster: StoryCluster
    namespace: str
    kind: str
    name: str
    keys: tuple[str, ...]
    changed_at: datetime
    manager: str

    def is_read_by(self, running: StoryWorkload) -> bool:
        """Return whether the pods of *running* are given it."""
        service = running.service
        return (
            running.cluster is self.cluster
            and service.team == self.namespace
            and (self.kind, self.name) in service.reads
        )


@dataclass(eq=False, slots=True)
class StoryCronJob:
    """A CronJob of a team in a cluster."""

    cluster: StoryCluster
    team: str
    name: str
    schedule: str
    suspended: bool = False
    last_run_at: datetime | None = None


@dataclass(eq=False, slots=True)
class StoryTable:
    """A table of data; *digest* is that of what it holds, *made_of* the table it is made from."""

    name: str
    digest: str
    at: datetime
    made_of: "StoryTable | None" = None


@dataclass(eq=False, slots=True)
class StoryVersion:
    """A version of a model: the run that trained it, on which data and from which commit."""

    number: str
    run: str
    sha: str
    dataset: str
    digest: str
    at: datetime


@dataclass(eq=False, slots=True)
class StoryModel:
    """A registered model with its versions, the newest last."""

    name: str
    repository: str
    versions: list[StoryVersion] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)


class StoryStage:
    """The clock of a story, the records as they are, and what has been told so far."""

    def __init__(self, rng: SeededRandom, company: StoryCompany, began_at: datetime) -> None:
        self.rng = rng
        self.company = company
        self.began_at = began_at
        self.queue = EventQueue(began_at)
        self.workloads: list[StoryWorkload] = []
        self.models: dict[str, StoryModel] = {}
        self.built: dict[str, Ref] = {}
        """Commit → the run that has built it."""
        self.tables: dict[str, tuple[StoryTable, StoryTable]] = {}
        """Model → its raw table, and the feature table that is made of it."""
        self.configs: list[StoryConfig] = []
        self.cron_jobs: list[StoryCronJob] = []
        self.records: dict[Ref, Record] = {}
        self.initial: tuple[Record, ...] = ()
        self.events: list[StoryEvent] = []
        self.gaps: list[StoryGap] = []
        self.joins: set[StoryJoin] = set()
        self._running = False

    @property
    def now(self) -> datetime:
        return self.queue.now

    def open(self) -> None:
        """Take what there is as what the board begins with; all that follows is an event."""
        self.initial = tuple(self.records.values())
        self._running = True

    def put(self, record: Record, actor: str = "") -> Ref:
        """Let the source of *record* say so from now on; return its ref."""
        before = self.records.get(record.ref)
        if before != record:
            self.records[record.ref] = record
            self._tell(record.source, before, record, actor)
        return record.ref

    def remove(self, ref: Ref, actor: str = "") -> None:
        """Let the record be gone from now on."""
        before = self.records.pop(ref, None)
        if before is not None:
            self._tell(ref.source, before, None, actor)

    def join(self, upstream: Ref, downstream: Ref, via: str) -> None:
        """Note that *downstream* is truly made of, runs or is about *upstream*."""
        if upstream != downstream:
            self.joins.add(StoryJoin(upstream, downstream, via))

    def _tell(self, source: str, before: Record | None, after: Record | None, actor: str) -> None:
        if self._running:
            wait = timedelta(seconds=self.rng.uniform(0.5, _POLLED.get(source, 2.0)))
            self.events.append(StoryEvent(self.now, self.now + wait, before, after, actor))

    def seen(self) -> tuple[StoryEvent, ...]:
        """Return all events; those in a gap of their source are seen when it ends."""
        found = sorted(self.events, key=lambda event: event.at)
        return tuple(_after_gaps(event, self.gaps) for event in found)

    def running(self, service: StoryService) -> list[StoryWorkload]:
        """Return where *service* runs."""
        return [one for one in self.workloads if one.service is service]


def _after_gaps(event: StoryEvent, gaps: Iterable[StoryGap]) -> StoryEvent:
    for gap in gaps:
        if gap.source == event.ref.source and gap.since <= event.seen_at < gap.until:
            return StoryEvent(event.at, gap.until, event.before, event.after, event.actor)
    return event
