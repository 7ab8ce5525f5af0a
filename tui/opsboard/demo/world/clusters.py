"""Clusters, and what runs in them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from opsboard.demo.world.company import DemoCronSpec, DemoService, DemoWorkloadKind


class PodOutcome(StrEnum):
    """What becomes of pods that run a revision."""

    GOOD = "good"
    CRASH = "crash"
    PULL_FAILED = "pull"
    UNSCHEDULABLE = "unschedulable"


class DemoPodState(StrEnum):
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
class DemoCluster:
    """A cluster and all that is in it, by uid."""

    name: str
    environment: str
    version: str
    uid: str
    created_at: datetime
    nodes: tuple[str, ...]
    namespaces: dict[str, str] = field(default_factory=dict)
    """Namespace to uid."""
    workloads: dict[str, "DemoWorkload"] = field(default_factory=dict)
    cron_jobs: dict[str, "DemoCronJob"] = field(default_factory=dict)
    jobs: dict[str, "DemoJob"] = field(default_factory=dict)
    pods: dict[str, "DemoPod"] = field(default_factory=dict)
    events: dict[str, "DemoEvent"] = field(default_factory=dict)

    def workload(self, namespace: str, name: str) -> "DemoWorkload | None":
        """Return the workload of that name, if there is one."""
        for workload in self.workloads.values():
            if (workload.namespace, workload.name) == (namespace, name):
                return workload
        return None


@dataclass(eq=False, slots=True)
class DemoRevision:
    """A state of a workload's template. *number* is raised when it is rolled back to."""

    number: int
    uid: str
    hash: str
    image: str
    commit: str
    created_at: datetime
    cause: str = ""
    annotations: dict[str, str] = field(default_factory=dict)
    model: str = ""
    """``name/version`` of the registered model that is served."""
    outcome: PodOutcome = PodOutcome.GOOD
    template: dict[str, Any] | None = None
    """The pod template, where somebody has patched it; otherwise it follows from the above."""
    workload_annotations: dict[str, str] = field(default_factory=dict)
    """The annotations that the workload had while this was wanted."""


@dataclass(eq=False, slots=True)
class DemoWorkload:
    """What keeps the pods of a service going. The last revision is the one wanted."""

    cluster: DemoCluster
    namespace: str
    name: str
    uid: str
    kind: DemoWorkloadKind
    service: DemoService
    replicas: int
    created_at: datetime
    revisions: list[DemoRevision] = field(default_factory=list)
    pods: list["DemoPod"] = field(default_factory=list)
    annotations: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    generation: int = 1
    paused: bool = False
    progressed_at: datetime | None = None
    stuck: bool = False
    scale_manager: str = ""
    """Who has set the number of replicas through the API."""

    @property
    def wanted_revision(self) -> DemoRevision:
        """The revision that is wanted."""
        return self.revisions[-1]

    def live_pods(self, revision: DemoRevision | None = None) -> Iterator["DemoPod"]:
        """Yield the pods that are not on their way out, of *revision* only if given."""
        for pod in self.pods:
            if pod.state is not DemoPodState.TERMINATING and revision in (None, pod.revision):
                yield pod

    @property
    def complete(self) -> bool:
        """Whether exactly the wanted pods run, all of them ready."""
        pods = list(self.live_pods())
        return len(pods) == self.replicas and all(
            pod.revision is self.wanted_revision and pod.ready for pod in pods
        )


@dataclass(eq=False, slots=True)
class DemoCronJob:
    """A task that runs by the clock."""

    cluster: DemoCluster
    namespace: str
    spec: DemoCronSpec
    uid: str
    created_at: datetime
    image: str
    last_run_at: datetime | None = None
    last_success_at: datetime | None = None
    jobs: list["DemoJob"] = field(default_factory=list)
    suspended: bool = False
    annotations: dict[str, str] = field(default_factory=dict)
    generation: int = 1

    @property
    def name(self) -> str:
        return self.spec.name


@dataclass(frozen=True, slots=True)
class DemoJobRequest:
    """A task that somebody has asked for: what is to run, in the words of the API."""

    name: str
    image: str
    labels: dict[str, str]
    annotations: dict[str, str]
    spec: dict[str, Any]


@dataclass(eq=False, slots=True)
class DemoJob:
    """One run of a :class:`Cron`, or of an *order*. *succeeded* is ``None`` until it has ended."""

    cluster: DemoCluster
    namespace: str
    name: str
    uid: str
    cron_job: DemoCronJob | None
    started_at: datetime
    image: str
    request: DemoJobRequest | None = None
    pods: list["DemoPod"] = field(default_factory=list)
    finished_at: datetime | None = None
    succeeded: bool | None = None


@dataclass(eq=False, slots=True)
class DemoPod:
    """A pod. *since* is when it came into its state."""

    cluster: DemoCluster
    namespace: str
    name: str
    uid: str
    owner: DemoWorkload | DemoJob
    revision: DemoRevision | None
    image: str
    node: str
    ip: str
    created_at: datetime
    state: DemoPodState
    since: datetime
    restarts: int = 0
    ready_at: datetime | None = None

    @property
    def ready(self) -> bool:
        return self.state is DemoPodState.READY


@dataclass(eq=False, slots=True)
class DemoEvent:
    """An event of a cluster: something was observed, *count* times."""

    cluster: DemoCluster
    namespace: str
    name: str
    uid: str
    subject: DemoWorkload | DemoPod | DemoJob
    warning: bool
    reason: str
    message: str
    component: str
    first_at: datetime
    last_at: datetime
    count: int = 1
