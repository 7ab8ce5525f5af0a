"""Pods."""

from typing import Final

import msgspec

from opsboard_adapters.kubernetes.shapes.base import Condition, Part, Thing, Time


class Container(Part, frozen=True):
    """A container of a spec."""

    name: str = ""
    image: str = ""
    restart_policy: str = ""

    @property
    def is_sidecar(self) -> bool:
        """Whether it is, as an init container, one that runs beside the others to their end."""
        return self.restart_policy == "Always"


class Phase(Part, frozen=True):
    """One of the three states of a container."""

    reason: str = ""
    message: str = ""
    exit_code: int = 0
    signal: int = 0
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


class ReadinessGate(Part, frozen=True):
    """A condition that somebody outside has to set, before a pod is ready."""

    condition_type: str = ""


class PodSpec(Part, frozen=True):
    """What a pod is to be."""

    containers: tuple[Container, ...] = ()
    init_containers: tuple[Container, ...] = ()
    node_name: str = ""
    service_account_name: str = ""
    readiness_gates: tuple[ReadinessGate, ...] = ()


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
