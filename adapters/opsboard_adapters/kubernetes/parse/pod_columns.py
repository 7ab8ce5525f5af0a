"""The columns of ``kubectl get pods``: READY, STATUS and RESTARTS.

Source of the rules: the API server's printer (``printPod`` in Kubernetes'
``pkg/printers/internalversion/printers.go``, 1.36), which prints for every client. Native
sidecars are init containers with ``restartPolicy: Always``: they count as containers of the pod.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from opsboard_adapters.kubernetes import structs
from opsboard_adapters.kubernetes.structs import find_condition

GATED: Final = "SchedulingGated"
UNREACHABLE: Final = "NodeLost"
"""The reason of a pod whose node does not answer."""

_COMPLETED: Final = "Completed"
_FINAL: Final = frozenset({"Succeeded", "Failed"})


class PodColumns(NamedTuple):
    """READY (*ready* of *containers*), STATUS and RESTARTS.

    *restarted* is when a container last ended and was restarted (RFC 3339), or ``""``.
    """

    ready: int
    containers: int
    status: str
    restarts: int
    restarted: str


class _Initialization(NamedTuple):
    """How far the init containers are.

    *halted* is the STATUS while they are not done, *ready* counts the sidecars that are ready;
    *begun* and *sidecars* are the statuses up to the first container that is not done.
    """

    halted: str = ""
    ready: int = 0
    begun: Sequence[structs.V1ContainerStatus] = ()
    sidecars: Sequence[structs.V1ContainerStatus] = ()


_INITIALIZED: Final = _Initialization()


def pod_columns(item: structs.V1Pod) -> PodColumns:
    """Return what kubectl prints of a pod."""
    spec, status = item.spec, item.status
    start = _start(item) if status.init_container_statuses else _INITIALIZED
    said, ready, counted = start.halted, start.ready, start.begun
    if not start.halted or find_condition(status.conditions, "Initialized").holds:
        counted = (*start.sidecars, *status.container_statuses)
        running = sum(_is_ready(container) for container in status.container_statuses)
        said = _running(status, start.halted or _phase(status), running > 0)
        ready += running
    return PodColumns(
        ready,
        len(spec.containers) + sum(one.is_sidecar for one in spec.init_containers),
        _ending(item, said),
        sum(container.restart_count for container in counted),
        max(map(_last_end, counted), default=""),
    )


def _last_end(container: structs.V1ContainerStatus) -> str:
    """Return when a container ended before it was restarted, or ``""``.

    The kubelet writes UTC to the second: these texts sort as the times do.
    """
    ended = container.last_state.terminated
    return "" if ended is None else ended.finished_at or ""


def readiness_gates(item: structs.V1Pod) -> str:
    """Return READINESS GATES of ``kubectl get pods -o wide``: ``1/2``, ``""`` for none."""
    gates = item.spec.readiness_gates
    is_open = [find_condition(item.status.conditions, one.condition_type).holds for one in gates]
    return f"{sum(is_open)}/{len(gates)}" if gates else ""


def is_final(status: structs.V1PodStatus) -> bool:
    """Return whether all containers of a pod have ended for good."""
    return status.phase in _FINAL


def _phase(status: structs.V1PodStatus) -> str:
    gated = any(one.type == "PodScheduled" and one.reason == GATED for one in status.conditions)
    return GATED if gated else status.reason or status.phase


def _start(item: structs.V1Pod) -> _Initialization:
    """Look at the init containers up to the first that is not done."""
    names = {one.name for one in item.spec.init_containers if one.is_sidecar}
    ready, begun, sidecars = 0, [], []
    for index, container in enumerate(item.status.init_container_statuses):
        begun.append(container)
        if container.name in names:
            sidecars.append(container)
        ended = container.state.terminated
        if ended is not None and ended.exit_code == 0:
            continue
        if container.name not in names or not container.started:
            halted = _halted(container, index, len(item.spec.init_containers))
            return _Initialization(halted, ready, begun, sidecars)
        ready += container.ready
    return _Initialization("", ready, begun, sidecars)


def _halted(container: structs.V1ContainerStatus, index: int, total: int) -> str:
    waiting, ended = container.state.waiting, container.state.terminated
    if ended is not None:
        return f"Init:{end_reason(ended)}"
    if waiting is not None and waiting.reason not in {"", "PodInitializing"}:
        return f"Init:{waiting.reason}"
    return f"Init:{index}/{total}"


def end_reason(ended: structs.V1ContainerStateDetails) -> str:
    """Return why a container ended: its reason, ``Signal:9`` or ``ExitCode:1``."""
    if ended.reason:
        return ended.reason
    return f"Signal:{ended.signal}" if ended.signal else f"ExitCode:{ended.exit_code}"


def _is_ready(container: structs.V1ContainerStatus) -> bool:
    """Return whether a container counts as ready; one that waits or has ended does not."""
    state = container.state
    waits = state.waiting is not None and state.waiting.reason != ""
    return container.ready and state.running is not None and not waits and state.terminated is None


def _running(status: structs.V1PodStatus, said: str, running: bool) -> str:
    """Return the STATUS by the containers of a pod; *said* is the STATUS without them."""
    said = next(
        (word for one in status.container_statuses if (word := _waiting_or_ended(one))), said
    )
    if said != _COMPLETED:
        return said
    if running and any(one.type == "Ready" and one.holds for one in status.conditions):
        return "Running"
    return _first_error(status.container_statuses) or ("NotReady" if running else said)


def _waiting_or_ended(container: structs.V1ContainerStatus) -> str:
    """Return the reason of a container that waits or has ended, or ``""``."""
    state = container.state
    if state.waiting is not None and state.waiting.reason:
        return state.waiting.reason
    return "" if state.terminated is None else end_reason(state.terminated)


def _first_error(containers: Iterable[structs.V1ContainerStatus]) -> str:
    for container in containers:
        waiting, ended = container.state.waiting, container.state.terminated
        waits = waiting is not None and waiting.reason != ""
        if not waits and ended is not None and ended.exit_code != 0:
            return end_reason(ended)
    return ""


def _ending(item: structs.V1Pod, said: str) -> str:
    """Return the STATUS of a pod that is being deleted, unless it has ended for good."""
    if not item.metadata.deletion_timestamp:
        return said
    if item.status.reason == UNREACHABLE:
        return "Unknown"
    return said if is_final(item.status) else "Terminating"
