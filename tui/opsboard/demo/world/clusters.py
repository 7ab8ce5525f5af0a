"""Clusters, and what runs in them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from opsboard.demo.world.company import Periodic, Service, WorkloadKind


class Fate(StrEnum):
    """What becomes of pods that run a revision."""

    GOOD = "good"
    CRASH = "crash"
    PULL = "pull"
    UNSCHEDULABLE = "unschedulable"


class PodState(StrEnum):
    """Where a pod is in its life."""

    PENDING = "pending"
    UNSCHEDULABLE = "unschedulable"
    CREATING = "creating"
    STARTING = "starting"
    READY = "ready"
    PULL_FAILED = "pull-failed"
    CRASHED = "crashed"
    TERMINATING = "terminating"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(eq=False, slots=True)
class Cluster:
    """A cluster and all that is in it, by uid."""

    name: str
    environment: str
    version: str
    uid: str
    created_at: datetime
    nodes: tuple[str, ...]
    namespaces: dict[str, str] = field(default_factory=dict)
    """Namespace to uid."""
    workloads: dict[str, "Workload"] = field(default_factory=dict)
    crons: dict[str, "Cron"] = field(default_factory=dict)
    tasks: dict[str, "Task"] = field(default_factory=dict)
    pods: dict[str, "Pod"] = field(default_factory=dict)
    notices: dict[str, "Notice"] = field(default_factory=dict)

    def workload(self, namespace: str, name: str) -> "Workload | None":
        """Return the workload of that name, if there is one."""
        for workload in self.workloads.values():
            if (workload.namespace, workload.name) == (namespace, name):
                return workload
        return None


@dataclass(eq=False, slots=True)
class Revision:
    """A state of a workload's template. *number* is raised when it is rolled back to."""

    number: int
    uid: str
    digest: str
    image: str
    commit: str
    created_at: datetime
    cause: str = ""
    annotations: dict[str, str] = field(default_factory=dict)
    model: str = ""
    """``name/version`` of the registered model that is served."""
    fate: Fate = Fate.GOOD
    template: dict[str, Any] | None = None
    """The pod template, where somebody has patched it; otherwise it follows from the above."""
    kept: dict[str, str] = field(default_factory=dict)
    """The annotations that the workload had while this was wanted."""


@dataclass(eq=False, slots=True)
class Workload:
    """What keeps the pods of a service going. The last revision is the one wanted."""

    cluster: Cluster
    namespace: str
    name: str
    uid: str
    kind: WorkloadKind
    service: Service
    replicas: int
    created_at: datetime
    revisions: list[Revision] = field(default_factory=list)
    pods: list["Pod"] = field(default_factory=list)
    annotations: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    generation: int = 1
    paused: bool = False
    progressed_at: datetime | None = None
    stuck: bool = False
    scaled_by: str = ""
    """Who has set the number of replicas through the API."""

    @property
    def revision(self) -> Revision:
        """The revision that is wanted."""
        return self.revisions[-1]

    def alive(self, revision: Revision | None = None) -> Iterator["Pod"]:
        """Yield the pods that are not on their way out, of *revision* only if given."""
        for pod in self.pods:
            if pod.state is not PodState.TERMINATING and revision in (None, pod.revision):
                yield pod

    @property
    def complete(self) -> bool:
        """Whether exactly the wanted pods run, all of them ready."""
        pods = list(self.alive())
        return len(pods) == self.replicas and all(
            pod.revision is self.revision and pod.ready for pod in pods
        )


@dataclass(eq=False, slots=True)
class Cron:
    """A task that runs by the clock."""

    cluster: Cluster
    namespace: str
    periodic: Periodic
    uid: str
    created_at: datetime
    image: str
    last_run_at: datetime | None = None
    last_success_at: datetime | None = None
    tasks: list["Task"] = field(default_factory=list)
    suspended: bool = False
    annotations: dict[str, str] = field(default_factory=dict)
    generation: int = 1

    @property
    def name(self) -> str:
        return self.periodic.name


@dataclass(frozen=True, slots=True)
class Order:
    """A task that somebody has asked for: what is to run, in the words of the API."""

    name: str
    image: str
    labels: dict[str, str]
    annotations: dict[str, str]
    spec: dict[str, Any]


@dataclass(eq=False, slots=True)
class Task:
    """One run of a :class:`Cron`, or of an *order*. *succeeded* is ``None`` until it has ended."""

    cluster: Cluster
    namespace: str
    name: str
    uid: str
    cron: Cron | None
    started_at: datetime
    image: str
    order: Order | None = None
    pods: list["Pod"] = field(default_factory=list)
    finished_at: datetime | None = None
    succeeded: bool | None = None


@dataclass(eq=False, slots=True)
class Pod:
    """A pod. *since* is when it came into its state."""

    cluster: Cluster
    namespace: str
    name: str
    uid: str
    owner: Workload | Task
    revision: Revision | None
    image: str
    node: str
    ip: str
    created_at: datetime
    state: PodState
    since: datetime
    restarts: int = 0
    ready_at: datetime | None = None

    @property
    def ready(self) -> bool:
        return self.state is PodState.READY


@dataclass(eq=False, slots=True)
class Notice:
    """An event of a cluster: something was observed, *count* times."""

    cluster: Cluster
    namespace: str
    name: str
    uid: str
    about: Workload | Pod | Task
    warning: bool
    reason: str
    message: str
    component: str
    first_at: datetime
    last_at: datetime
    count: int = 1
