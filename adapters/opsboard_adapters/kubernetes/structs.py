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
from opsboard_adapters.kubernetes.managed_fields import V1ManagedFieldsEntry

T = TypeVar("T")

Rfc3339: TypeAlias = str | None
"""A time in RFC 3339; :meth:`.ClusterContext.time` parses it."""

LAST_APPLIED_ANNOTATION: Final = "kubectl.kubernetes.io/last-applied-configuration"


class ApiStruct(JsonStruct, frozen=True, rename="camel"):
    """Base of all structs: ``resource_version`` here is ``resourceVersion`` in the API."""


# --- metadata and conditions ---------------------------------------------------------------------


class V1ObjectReference(ApiStruct, frozen=True):
    """A reference to another object; *controller* is set in owner references alone."""

    api_version: str = ""
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
    """A container, as far as it tells what runs in it."""

    name: str = ""
    image: str = ""
    restart_policy: str = ""

    @property
    def is_sidecar(self) -> bool:
        """Whether an init container is a native sidecar, which runs until the pod ends."""
        return self.restart_policy == "Always"


class V1EnvValue(ApiStruct, frozen=True):
    """A variable with its literal *value*; one from a Secret or ConfigMap has none here."""

    name: str = ""
    value: str = ""


Quantity: TypeAlias = str | int | float
"""An amount, such as ``100m``; ``""`` for none (:func:`.parse_quantity`)."""


class V1Quantities(ApiStruct, frozen=True):
    """Amounts of CPU and memory."""

    cpu: Quantity = ""
    memory: Quantity = ""


_NO_QUANTITIES: Final = V1Quantities()


class V1ResourceRequirements(ApiStruct, frozen=True):
    """What a container asks for, and what it may use."""

    requests: V1Quantities = _NO_QUANTITIES
    limits: V1Quantities = _NO_QUANTITIES


class V1PodContainer(V1Container, frozen=True):
    """A container of a pod, with what it is started with."""

    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    env: tuple[V1EnvValue, ...] = ()
    resources: V1ResourceRequirements = V1ResourceRequirements()


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
    image_id: str = msgspec.field(default="", name="imageID")
    ready: bool = False
    started: bool | None = None
    restart_count: int = 0
    state: V1ContainerState = _NO_STATE
    last_state: V1ContainerState = _NO_STATE


class V1PodReadinessGate(ApiStruct, frozen=True):
    """A condition that something outside the kubelet has to set before the pod is ready."""

    condition_type: str = ""


class V1PodSpec(ApiStruct, frozen=True):
    """The desired state of a pod. Ephemeral containers, somebody's debugging, are not decoded."""

    containers: tuple[V1PodContainer, ...] = ()
    init_containers: tuple[V1PodContainer, ...] = ()
    node_name: str = ""
    service_account_name: str = ""
    readiness_gates: tuple[V1PodReadinessGate, ...] = ()
    overhead: V1Quantities = _NO_QUANTITIES


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


class NamedSource(ApiStruct, frozen=True):
    """A reference to a ConfigMap by *name*, or to a Secret by *name* or, in a volume, by
    *secret_name*."""

    name: str = ""
    secret_name: str = ""


_NO_SOURCE: Final = NamedSource()


class V1EnvSource(ApiStruct, frozen=True):
    """Where a variable, all variables or the files of a volume come from.

    EnvVarSource, EnvFromSource, Volume and VolumeProjection alike, as far as they name ConfigMaps
    and Secrets.
    """

    config_map: NamedSource = _NO_SOURCE
    config_map_ref: NamedSource = _NO_SOURCE
    config_map_key_ref: NamedSource = _NO_SOURCE
    secret: NamedSource = _NO_SOURCE
    secret_ref: NamedSource = _NO_SOURCE
    secret_key_ref: NamedSource = _NO_SOURCE

    @property
    def config_map_name(self) -> str:
        return self.config_map.name or self.config_map_ref.name or self.config_map_key_ref.name

    @property
    def secret_name(self) -> str:
        named = self.secret_ref.name or self.secret_key_ref.name
        return named or self.secret.secret_name or self.secret.name


class V1ProjectedVolume(ApiStruct, frozen=True):
    """A volume that is made of several sources."""

    sources: tuple[V1EnvSource, ...] = ()


class V1Volume(V1EnvSource, frozen=True):
    """A volume, as far as it holds ConfigMaps and Secrets."""

    projected: V1ProjectedVolume = V1ProjectedVolume()


class V1EnvVar(V1EnvValue, frozen=True):
    """A variable of a pod template, and where its value comes from."""

    value_from: V1EnvSource = V1EnvSource()


class V1TemplateContainer(V1PodContainer, frozen=True):
    """A container of a pod template, and the ConfigMaps and Secrets that it reads."""

    env: tuple[V1EnvVar, ...] = ()
    env_from: tuple[V1EnvSource, ...] = ()


class V1TemplatePodSpec(ApiStruct, frozen=True):
    """The pod spec of a pod template."""

    containers: tuple[V1TemplateContainer, ...] = ()
    init_containers: tuple[V1TemplateContainer, ...] = ()
    volumes: tuple[V1Volume, ...] = ()


class V1PodTemplateSpec(ApiStruct, frozen=True):
    """A pod template."""

    metadata: V1TemplateMeta = V1TemplateMeta()
    spec: V1TemplatePodSpec = V1TemplatePodSpec()

    @property
    def without_commands(self) -> "V1PodTemplateSpec":
        """The same, with names and images of the containers alone."""

        def bare(containers: tuple[V1TemplateContainer, ...]) -> tuple[V1TemplateContainer, ...]:
            return tuple(
                V1TemplateContainer(one.name, one.image, one.restart_policy) for one in containers
            )

        spec = V1TemplatePodSpec(bare(self.spec.containers), bare(self.spec.init_containers))
        return V1PodTemplateSpec(self.metadata, spec)


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


class V1WorkloadMeta(V1ObjectMeta, frozen=True):
    """The metadata of a workload, with who has set which of its fields."""

    managed_fields: tuple[V1ManagedFieldsEntry, ...] = ()


class V1Workload(V1Object, frozen=True):
    """A Deployment, StatefulSet or DaemonSet."""

    metadata: V1WorkloadMeta
    spec: V1WorkloadSpec = V1WorkloadSpec()
    status: V1WorkloadStatus = V1WorkloadStatus()

    @property
    def slim(self) -> "V1Workload":
        """The same without what is large and read only once: the copy that ``kubectl apply`` keeps
        in an annotation, and what containers are started with, which may hold secrets."""
        kept = {k: v for k, v in self.metadata.annotations.items() if k != LAST_APPLIED_ANNOTATION}
        metadata = msgspec.structs.replace(self.metadata, annotations=kept)
        template = self.spec.template.without_commands
        spec = msgspec.structs.replace(self.spec, template=template)
        return msgspec.structs.replace(self, metadata=metadata, spec=spec)


class V1RevisionData(ApiStruct, frozen=True):
    """What a ControllerRevision keeps of its workload."""

    spec: V1WorkloadSpec = V1WorkloadSpec()


class V1RevisionMetadata(V1Object, frozen=True):
    """The metadata of a ControllerRevision, with who has set which of its fields."""

    metadata: V1WorkloadMeta


class V1ControllerRevision(V1Object, frozen=True):
    """A ControllerRevision: an earlier pod template of a StatefulSet or DaemonSet."""

    metadata: V1WorkloadMeta
    data: V1RevisionData = V1RevisionData()


def to_struct(values: Mapping[str, Any], struct: type[T]) -> T:
    """Return plain JSON *values* as a *struct*. Raises :exc:`Malformed` where they do not fit."""
    return convert(values, struct, f"the {struct.__name__.removeprefix('V1')}")
