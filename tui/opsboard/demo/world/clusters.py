"""Clusters and what runs in them: workloads, pods, jobs, events."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from opsboard.demo.world.company import DemoCronSpec, DemoService, DemoWorkloadKind


class PodOutcome(StrEnum):
    """How pods of a revision end up."""

    GOOD = "good"
    CRASH = "crash"
    PULL_FAILED = "pull"
    UNSCHEDULABLE = "unschedulable"


class DemoPodState(StrEnum):
    """The states of a pod that the world tells apart."""

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
    """A cluster with all of its objects, by uid."""

    name: str
    environment: str
    version: str
    uid: str
    created_at: datetime
    nodes: tuple[str, ...]
    namespaces: dict[str, str] = field(default_factory=dict)
    """Name of a namespace → its uid."""
    workloads: dict[str, "DemoWorkload"] = field(default_factory=dict)
    cron_jobs: dict[str, "DemoCronJob"] = field(default_factory=dict)
    jobs: dict[str, "DemoJob"] = field(default_factory=dict)
    pods: dict[str, "DemoPod"] = field(default_factory=dict)
    events: dict[str, "DemoEvent"] = field(default_factory=dict)
    configs: dict[str, "DemoConfig"] = field(default_factory=dict)

    def workload(self, namespace: str, name: str) -> "DemoWorkload | None":
        """Return the workload of that name, if there is one."""
        for workload in self.workloads.values():
            if (workload.namespace, workload.name) == (namespace, name):
                return workload
        return None


@dataclass(eq=False, slots=True)
class DemoRevision:
    """A revision of a workload's pod template. A rollback gives it a new, higher *number*."""

    number: int
    uid: str
    hash: str
    image: str
    commit: str
    created_at: datetime
    numbered_at: datetime | None = None
    """When it got its number, where that is not its first."""
    first_number: int | None = None
    """The number it had until then."""
    cause: str = ""
    annotations: dict[str, str] = field(default_factory=dict)
    model: str = ""
    """``name/version`` of the registered model that is served."""
    outcome: PodOutcome = PodOutcome.GOOD
    template: dict[str, Any] | None = None
    """The pod template if a client has patched it; else it follows from the other fields."""
    workload_annotations: dict[str, str] = field(default_factory=dict)
    """The workload's annotations while this was the wanted revision."""


SIDECARS: Final[Mapping[str, tuple[str, ...]]] = {"log-agent": ("reload",)}
"""Containers that run beside the first one, of its image too, by the names of workloads."""


@dataclass(eq=False, slots=True)
class DemoWorkload:
    """A Deployment, StatefulSet or DaemonSet. The last of its *revisions* is the wanted one."""

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
    """The field manager that has set the replicas through the scale subresource, or ``""``."""
    template_manager: str = "kubectl-client-side-apply"
    """The field manager that has set the pod template last."""

    @property
    def wanted_revision(self) -> DemoRevision:
        """The revision that is wanted."""
        return self.revisions[-1]

    def live_pods(self, revision: DemoRevision | None = None) -> Iterator["DemoPod"]:
        """Yield the pods that are not terminating, only those of *revision* if that is given."""
        for pod in self.pods:
            if pod.state is not DemoPodState.TERMINATING and revision in (None, pod.revision):
                yield pod

    @property
    def complete(self) -> bool:
        """Whether exactly the wanted pods run and all of them are ready."""
        pods = list(self.live_pods())
        return len(pods) == self.replicas and all(
            pod.revision is self.wanted_revision and pod.ready for pod in pods
        )


@dataclass(eq=False, slots=True)
class DemoCronJob:
    """A CronJob."""

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
    """A Job that a client has created: its metadata and its *spec* as it was sent."""

    name: str
    image: str
    labels: dict[str, str]
    annotations: dict[str, str]
    spec: dict[str, Any]


@dataclass(eq=False, slots=True)
class DemoJob:
    """A Job, of a CronJob or from a client's *request*. *succeeded* is ``None`` until it ends."""

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
    """A pod. *since* is when it entered its state, *digest* that by which its image is pulled."""

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
    digest: str = ""
    restarts: int = 0
    ready_at: datetime | None = None

    @property
    def ready(self) -> bool:
        return self.state is DemoPodState.READY


@dataclass(eq=False, slots=True)
class DemoConfig:
    """A ConfigMap or Secret, which is its *kind*; *manager* has changed an entry last."""

    cluster: DemoCluster
    namespace: str
    name: str
    kind: str
    uid: str
    created_at: datetime
    changed_at: datetime
    manager: str
    values: dict[str, str]
    type: str = ""
    leader_since: datetime | None = None
    """When the leader that is elected by it has last said that it lives."""


@dataclass(eq=False, slots=True)
class DemoEvent:
    """A Kubernetes Event about *subject*, observed *count* times."""

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
