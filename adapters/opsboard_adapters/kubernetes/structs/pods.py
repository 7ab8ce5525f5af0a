"""Pods."""

from typing import Final

import msgspec

from opsboard_adapters.kubernetes.structs.base import ApiStruct, Rfc3339, V1Condition, V1Object


class V1Container(ApiStruct, frozen=True):
    """A container of a spec."""

    name: str = ""
    image: str = ""
    restart_policy: str = ""

    @property
    def is_sidecar(self) -> bool:
        """Whether it is, as an init container, one that runs beside the others to their end."""
        return self.restart_policy == "Always"


class V1ContainerStateDetails(ApiStruct, frozen=True):
    """One of the three states of a container."""

    reason: str = ""
    message: str = ""
    exit_code: int = 0
    signal: int = 0
    started_at: Rfc3339 = None
    finished_at: Rfc3339 = None


class V1ContainerState(ApiStruct, frozen=True):
    """The state of a container: one of these."""

    waiting: V1ContainerStateDetails | None = None
    running: V1ContainerStateDetails | None = None
    terminated: V1ContainerStateDetails | None = None

    @property
    def name(self) -> str:
        """Which of them it is."""
        words = ("waiting", "running", "terminated")
        return next((word for word in words if getattr(self, word) is not None), "unknown")

    @property
    def details(self) -> V1ContainerStateDetails:
        """What is told of it."""
        return self.waiting or self.running or self.terminated or _NO_PHASE


_NO_PHASE: Final = V1ContainerStateDetails()
_NO_STATE: Final = V1ContainerState()


class V1ContainerStatus(ApiStruct, frozen=True):
    """How a container is doing."""

    name: str = ""
    ready: bool = False
    started: bool | None = None
    restart_count: int = 0
    state: V1ContainerState = _NO_STATE
    last_state: V1ContainerState = _NO_STATE


class V1PodReadinessGate(ApiStruct, frozen=True):
    """A condition that somebody outside has to set, before a pod is ready."""

    condition_type: str = ""


class V1PodSpec(ApiStruct, frozen=True):
    """What a pod is to be."""

    containers: tuple[V1Container, ...] = ()
    init_containers: tuple[V1Container, ...] = ()
    node_name: str = ""
    service_account_name: str = ""
    readiness_gates: tuple[V1PodReadinessGate, ...] = ()


class V1PodStatus(ApiStruct, frozen=True):
    """What a pod is."""

    phase: str = ""
    reason: str = ""
    message: str = ""
    pod_ip: str = msgspec.field(default="", name="podIP")
    qos_class: str = ""
    conditions: tuple[V1Condition, ...] = ()
    container_statuses: tuple[V1ContainerStatus, ...] = ()
    init_container_statuses: tuple[V1ContainerStatus, ...] = ()


class V1Pod(V1Object, frozen=True):
    """A pod."""

    spec: V1PodSpec = V1PodSpec()
    status: V1PodStatus = V1PodStatus()
