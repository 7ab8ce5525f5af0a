"""Objects of the Kubernetes API as msgspec structs: of each kind, the fields that are used here.

Names are those of the official Python client (``V1Pod``, ``V1JobStatus``); field names and meanings
are those of the API reference (1.36). :class:`V1Workload` stands for Deployment, StatefulSet and
DaemonSet, and :class:`V1ContainerStateDetails` for the three states of a container. A server leaves
out what is empty, or writes null: every field except an object's name has a default.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final, TypeAlias, TypeVar

import msgspec

from opsboard_adapters.http.decoding import JsonStruct, convert

T = TypeVar("T")

Rfc3339: TypeAlias = str | None
"""A time in RFC 3339; :meth:`.ClusterContext.time` parses it."""

LAST_APPLIED_ANNOTATION: Final = "kubectl.kubernetes.io/last-applied-configuration"


class ApiStruct(JsonStruct, frozen=True, rename="camel"):
    """Base of all structs: ``resource_version`` here is ``resourceVersion`` in the API."""


# --- metadata and conditions ---------------------------------------------------------------------


class V1ObjectReference(ApiStruct, frozen=True):
    """A reference to another object; *controller* is set in owner references alone."""

    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool = False


class V1ObjectMeta(ApiStruct, frozen=True):
    """ObjectMeta, the ``metadata`` of every object."""

    name: Annotated[str, msgspec.Meta(min_length=1)]
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: Rfc3339 = None
    deletion_timestamp: Rfc3339 = None
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    owner_references: tuple[V1ObjectReference, ...] = ()


class V1Condition(ApiStruct, frozen=True):
    """A condition of an object's status; *status* is ``"True"``, ``"False"`` or ``"Unknown"``."""

    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""
    last_transition_time: Rfc3339 = None
    last_update_time: Rfc3339 = None

    @property
    def holds(self) -> bool:
        return self.status == "True"


NO_CONDITION: Final = V1Condition()


def find_condition(conditions: Iterable[V1Condition], kind: str) -> V1Condition:
    """Return the condition of type *kind*, or :data:`NO_CONDITION`."""
    return next((found for found in conditions if found.type == kind), NO_CONDITION)


class V1Object(ApiStruct, frozen=True):
    """Any object of the API, by its metadata alone."""

    metadata: V1ObjectMeta

    @property
    def full_name(self) -> str:
        """``NAMESPACE/NAME``, or the name alone for an object without a namespace."""
        parts = (self.metadata.namespace, self.metadata.name)
        return "/".join(filter(None, parts))


def controller_of(item: V1Object) -> tuple[str, str]:
    """Return kind and name of the controller that owns *item*, or two empty strings."""
    for owner in item.metadata.owner_references:
        if owner.controller:
            return owner.kind, owner.name
    return "", ""


# --- pods (core/v1) ------------------------------------------------------------------------------


class V1Container(ApiStruct, frozen=True):
    """A container, as a pod's spec declares it."""

    name: str = ""
    image: str = ""
    restart_policy: str = ""

    @property
    def is_sidecar(self) -> bool:
        """Whether an init container is a native sidecar, which runs until the pod ends."""
        return self.restart_policy == "Always"


class V1ContainerStateDetails(ApiStruct, frozen=True):
    """ContainerStateWaiting, ContainerStateRunning or ContainerStateTerminated."""

    reason: str = ""
    message: str = ""
    exit_code: int = 0
    signal: int = 0
    started_at: Rfc3339 = None
    finished_at: Rfc3339 = None


class V1ContainerState(ApiStruct, frozen=True):
    """The state of a container: at most one of these is set."""

    waiting: V1ContainerStateDetails | None = None
    running: V1ContainerStateDetails | None = None
    terminated: V1ContainerStateDetails | None = None

    @property
    def name(self) -> str:
        """Which of the three is set, or ``"unknown"``."""
        names = ("waiting", "running", "terminated")
        return next((name for name in names if getattr(self, name) is not None), "unknown")

    @property
    def details(self) -> V1ContainerStateDetails:
        """The details of the state that is set."""
        return self.waiting or self.running or self.terminated or _NO_DETAILS


_NO_DETAILS: Final = V1ContainerStateDetails()
_NO_STATE: Final = V1ContainerState()


class V1ContainerStatus(ApiStruct, frozen=True):
    """The status of a container, as the kubelet reports it."""

    name: str = ""
    ready: bool = False
    started: bool | None = None
    restart_count: int = 0
    state: V1ContainerState = _NO_STATE
    last_state: V1ContainerState = _NO_STATE


class V1PodReadinessGate(ApiStruct, frozen=True):
    """A condition that something outside the kubelet has to set before the pod is ready."""

    condition_type: str = ""


class V1PodSpec(ApiStruct, frozen=True):
    """The desired state of a pod."""

    containers: tuple[V1Container, ...] = ()
    init_containers: tuple[V1Container, ...] = ()
    node_name: str = ""
    service_account_name: str = ""
    readiness_gates: tuple[V1PodReadinessGate, ...] = ()


class V1PodStatus(ApiStruct, frozen=True):
    """The observed state of a pod."""

    phase: str = ""
    reason: str = ""
    message: str = ""
    pod_ip: str = msgspec.field(default="", name="podIP")
    qos_class: str = ""
    conditions: tuple[V1Condition, ...] = ()
    container_statuses: tuple[V1ContainerStatus, ...] = ()
    init_container_statuses: tuple[V1ContainerStatus, ...] = ()


class V1Pod(V1Object, frozen=True):
    """A Pod."""

    spec: V1PodSpec = V1PodSpec()
    status: V1PodStatus = V1PodStatus()


# --- Deployments, StatefulSets, DaemonSets (apps/v1) ---------------------------------------------


class V1TemplateMeta(ApiStruct, frozen=True):
    """The metadata of a pod template: labels and annotations of its pods."""

    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}


class V1PodTemplateSpec(ApiStruct, frozen=True):
    """A pod template."""

    metadata: V1TemplateMeta = V1TemplateMeta()
    spec: V1PodSpec = V1PodSpec()


class V1WorkloadSpec(ApiStruct, frozen=True):
    """DeploymentSpec, StatefulSetSpec or DaemonSetSpec."""

    replicas: int = 1
    paused: bool = False
    strategy: dict[str, Any] = {}
    update_strategy: dict[str, Any] = {}
    ordinals: dict[str, Any] = {}
    selector: dict[str, Any] = {}
    template: V1PodTemplateSpec = V1PodTemplateSpec()


class V1WorkloadStatus(ApiStruct, frozen=True):
    """DeploymentStatus, StatefulSetStatus or DaemonSetStatus.

    A StatefulSet has *available_replicas* since Kubernetes 1.22, even where it is 0; ``None`` means
    an older server. A Deployment leaves it out where it is 0.
    """

    observed_generation: int = 0
    replicas: int = 0
    ready_replicas: int = 0
    updated_replicas: int = 0
    available_replicas: int | None = None
    desired_number_scheduled: int = 0
    updated_number_scheduled: int = 0
    number_ready: int = 0
    number_available: int = 0
    current_revision: str = ""
    update_revision: str = ""
    conditions: tuple[V1Condition, ...] = ()


class V1Workload(V1Object, frozen=True):
    """A Deployment, StatefulSet or DaemonSet."""

    spec: V1WorkloadSpec = V1WorkloadSpec()
    status: V1WorkloadStatus = V1WorkloadStatus()

    @property
    def without_last_applied(self) -> "V1Workload":
        """The same, without the copy that ``kubectl apply`` keeps in an annotation."""
        kept = {k: v for k, v in self.metadata.annotations.items() if k != LAST_APPLIED_ANNOTATION}
        metadata = msgspec.structs.replace(self.metadata, annotations=kept)
        return msgspec.structs.replace(self, metadata=metadata)


# --- Jobs and CronJobs (batch/v1) ----------------------------------------------------------------


class V1JobSpec(ApiStruct, frozen=True):
    """The desired state of a Job."""

    completions: int | None = None
    parallelism: int = 1
    backoff_limit: int = 6
    backoff_limit_per_index: int | None = None
    suspend: bool = False
    selector: dict[str, Any] = {}


class V1JobStatus(ApiStruct, frozen=True):
    """The observed state of a Job."""

    active: int = 0
    succeeded: int = 0
    failed: int = 0
    failed_indexes: str = ""
    start_time: Rfc3339 = None
    completion_time: Rfc3339 = None
    conditions: tuple[V1Condition, ...] = ()


class V1Job(V1Object, frozen=True):
    """A Job."""

    spec: V1JobSpec = V1JobSpec()
    status: V1JobStatus = V1JobStatus()


class V1CronJobSpec(ApiStruct, frozen=True):
    """The desired state of a CronJob."""

    schedule: str = ""
    time_zone: str = ""
    concurrency_policy: str = ""
    suspend: bool = False


class V1CronJobStatus(ApiStruct, frozen=True):
    """The observed state of a CronJob; *active* are the Jobs that run now."""

    active: tuple[V1ObjectReference, ...] = ()
    last_schedule_time: Rfc3339 = None
    last_successful_time: Rfc3339 = None


class V1CronJob(V1Object, frozen=True):
    """A CronJob."""

    spec: V1CronJobSpec = V1CronJobSpec()
    status: V1CronJobStatus = V1CronJobStatus()


# --- events (core/v1) ----------------------------------------------------------------------------


class V1EventSeries(ApiStruct, frozen=True):
    """How often an event has been repeated."""

    count: int = 0
    last_observed_time: Rfc3339 = None


class V1EventSource(ApiStruct, frozen=True):
    """The component that reports an event."""

    component: str = ""


class V1Event(V1Object, frozen=True):
    """An Event of core/v1."""

    involved_object: V1ObjectReference = V1ObjectReference()
    type: str = ""
    reason: str = ""
    message: str = ""
    count: int = 0
    series: V1EventSeries | None = None
    first_timestamp: Rfc3339 = None
    last_timestamp: Rfc3339 = None
    event_time: Rfc3339 = None
    source: V1EventSource = V1EventSource()
    reporting_component: str = ""


WatchedObject: TypeAlias = V1Pod | V1Workload | V1Job | V1CronJob | V1Event


def to_struct(values: Mapping[str, Any], struct: type[T]) -> T:
    """Return plain JSON *values* as a *struct*. Raises :exc:`Malformed` where they do not fit."""
    return convert(values, struct, f"the {struct.__name__.removeprefix('V1')}")
