"""What the Kubernetes API answers: of each kind, the fields that are used here.

Names and meanings are those of the API reference (1.36). The server leaves out what is empty, or
writes null: everything but an object's name has a default.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, TypeAlias, TypeVar

import msgspec

from opsboard_adapters.http.decoding import Shape, convert

T = TypeVar("T")

Time: TypeAlias = str | None
"""RFC 3339; :meth:`Place.time` reads it."""

_LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"


class Part(Shape, frozen=True, rename="camel"):
    """The base of what follows: fields are spelled as in the API."""


# --- what all have in common -------------------------------------------------------------------


class Owner(Part, frozen=True):
    """An owner reference, or another pointer at an object."""

    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool = False


class Metadata(Part, frozen=True):
    """ObjectMeta."""

    name: Annotated[str, msgspec.Meta(min_length=1)]
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: Time = None
    deletion_timestamp: Time = None
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    owner_references: tuple[Owner, ...] = ()


class Condition(Part, frozen=True):
    """A condition of a status."""

    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""
    last_transition_time: Time = None
    last_update_time: Time = None

    @property
    def holds(self) -> bool:
        return self.status == "True"


NO_CONDITION: Final = Condition()


class Thing(Part, frozen=True):
    """Any object, by its metadata alone."""

    metadata: Metadata

    @property
    def full_name(self) -> str:
        """Namespace and name."""
        parts = (self.metadata.namespace, self.metadata.name)
        return "/".join(filter(None, parts))


# --- pods --------------------------------------------------------------------------------------


class Container(Part, frozen=True):
    """A container of a spec."""

    name: str = ""
    image: str = ""


class Phase(Part, frozen=True):
    """One of the three states of a container."""

    reason: str = ""
    message: str = ""
    exit_code: int = 0
    started_at: Time = None
    finished_at: Time = None


class State(Part, frozen=True):
    """The state of a container: one of these."""

    waiting: Phase | None = None
    running: Phase | None = None
    terminated: Phase | None = None

    @property
    def word(self) -> str:
        """Which of them it is."""
        words = ("waiting", "running", "terminated")
        return next((word for word in words if getattr(self, word) is not None), "unknown")

    @property
    def phase(self) -> Phase:
        """What is told of it."""
        return self.waiting or self.running or self.terminated or _NO_PHASE


_NO_PHASE: Final = Phase()
_NO_STATE: Final = State()


class ContainerStatus(Part, frozen=True):
    """How a container is doing."""

    name: str = ""
    ready: bool = False
    started: bool | None = None
    restart_count: int = 0
    state: State = _NO_STATE
    last_state: State = _NO_STATE


class PodSpec(Part, frozen=True):
    """What a pod is to be."""

    containers: tuple[Container, ...] = ()
    init_containers: tuple[Container, ...] = ()
    node_name: str = ""
    service_account_name: str = ""


class PodStatus(Part, frozen=True):
    """What a pod is."""

    phase: str = ""
    reason: str = ""
    message: str = ""
    pod_ip: str = msgspec.field(default="", name="podIP")
    qos_class: str = ""
    conditions: tuple[Condition, ...] = ()
    container_statuses: tuple[ContainerStatus, ...] = ()
    init_container_statuses: tuple[ContainerStatus, ...] = ()


class Pod(Thing, frozen=True):
    """A pod."""

    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()


# --- workloads ---------------------------------------------------------------------------------


class Marks(Part, frozen=True):
    """What a template says of the pods that are made of it."""

    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}


class Template(Part, frozen=True):
    """A pod template."""

    metadata: Marks = Marks()
    spec: PodSpec = PodSpec()


class WorkloadSpec(Part, frozen=True):
    """What a Deployment, StatefulSet or DaemonSet is to be."""

    replicas: int = 1
    paused: bool = False
    strategy: dict[str, Any] = {}
    update_strategy: dict[str, Any] = {}
    selector: dict[str, Any] = {}
    template: Template = Template()


class WorkloadStatus(Part, frozen=True):
    """How far it is."""

    observed_generation: int = 0
    replicas: int = 0
    ready_replicas: int = 0
    updated_replicas: int = 0
    available_replicas: int = 0
    desired_number_scheduled: int = 0
    updated_number_scheduled: int = 0
    number_ready: int = 0
    number_available: int = 0
    current_revision: str = ""
    update_revision: str = ""
    conditions: tuple[Condition, ...] = ()


class Workload(Thing, frozen=True):
    """A Deployment, StatefulSet or DaemonSet."""

    spec: WorkloadSpec = WorkloadSpec()
    status: WorkloadStatus = WorkloadStatus()

    @property
    def slim(self) -> "Workload":
        """The same without the copy of itself that ``kubectl apply`` leaves in it."""
        kept = {k: v for k, v in self.metadata.annotations.items() if k != _LAST_APPLIED}
        metadata = msgspec.structs.replace(self.metadata, annotations=kept)
        return msgspec.structs.replace(self, metadata=metadata)


# --- jobs and events ---------------------------------------------------------------------------


class JobSpec(Part, frozen=True):
    """What a Job is to do."""

    completions: int = 1
    backoff_limit: int = 6
    suspend: bool = False
    selector: dict[str, Any] = {}


class JobStatus(Part, frozen=True):
    """What it has done."""

    active: int = 0
    succeeded: int = 0
    failed: int = 0
    start_time: Time = None
    completion_time: Time = None
    conditions: tuple[Condition, ...] = ()


class Job(Thing, frozen=True):
    """A Job."""

    spec: JobSpec = JobSpec()
    status: JobStatus = JobStatus()


class CronJobSpec(Part, frozen=True):
    """When a CronJob makes Jobs."""

    schedule: str = ""
    time_zone: str = ""
    concurrency_policy: str = ""
    suspend: bool = False


class CronJobStatus(Part, frozen=True):
    """When it did."""

    active: tuple[Owner, ...] = ()
    last_schedule_time: Time = None
    last_successful_time: Time = None


class CronJob(Thing, frozen=True):
    """A CronJob."""

    spec: CronJobSpec = CronJobSpec()
    status: CronJobStatus = CronJobStatus()


class Series(Part, frozen=True):
    """How often an event has happened."""

    count: int = 0
    last_observed_time: Time = None


class Component(Part, frozen=True):
    """Who reports an event."""

    component: str = ""


class Event(Thing, frozen=True):
    """An event (core/v1)."""

    involved_object: Owner = Owner()
    type: str = ""
    reason: str = ""
    message: str = ""
    count: int = 0
    series: Series | None = None
    first_timestamp: Time = None
    last_timestamp: Time = None
    event_time: Time = None
    source: Component = Component()
    reporting_component: str = ""


Object: TypeAlias = Pod | Workload | Job | CronJob | Event

# --- lists and watches -------------------------------------------------------------------------


class ListMetadata(Part, frozen=True):
    """Where a list stands, and where it goes on."""

    resource_version: str = ""
    continue_: str = msgspec.field(default="", name="continue")


class List(Part, frozen=True):
    """A page of a list, its items not decoded yet."""

    metadata: ListMetadata = ListMetadata()
    items: list[msgspec.Raw] | None = None


class WatchEvent(Part, frozen=True):
    """An event of a watch, its object not decoded yet."""

    type: str
    object: msgspec.Raw


class Version(Part, frozen=True):
    """The version of an object, all that a bookmark tells."""

    resource_version: str = ""


class Versioned(Part, frozen=True):
    """What has a version."""

    metadata: Version = Version()


class Status(Part, frozen=True):
    """Why the server refuses, or ends a watch."""

    code: int = 0
    message: str = ""


def named(kind: str, values: Any) -> str:
    """Return what an object is called, of its plain values: ``Pod shop/checkout-1``."""
    metadata = values["metadata"]
    name = str(metadata["name"])
    return f"{kind} {'/'.join(filter(None, (str(metadata.get('namespace') or ''), name)))}"


def typed(values: Mapping[str, Any], shape: type[T]) -> T:
    """Return an object that was read as plain values as a *shape*. Raises :exc:`Malformed`."""
    return convert(values, shape, f"the {shape.__name__}")
