"""The columns of ``kubectl get pods``: READY, STATUS and RESTARTS.

Source of the rules: the API server's printer (``printPod`` in Kubernetes'
``pkg/printers/internalversion/printers.go``, 1.36), which prints for every client. Native
sidecars are init containers with ``restartPolicy: Always``: they count as containers of the pod.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from opsboard_adapters.kubernetes import shapes
from opsboard_adapters.kubernetes.parse.common import condition

GATED: Final = "SchedulingGated"
UNREACHABLE: Final = "NodeLost"
"""Why the status of a pod is not known: its node does not answer."""

_COMPLETED: Final = "Completed"
_FINAL: Final = frozenset({"Succeeded", "Failed"})


@dataclass(frozen=True, slots=True)
class PodColumns:
    """What is printed: *ready* of *containers*, the STATUS, and *restarts*.

    *restarted* is when a container that counts last came to an end (RFC 3339), or ``""``.
    """

    ready: int
    containers: int
    status: str
    restarts: int
    restarted: str


@dataclass(slots=True)
class _Restarts:
    """How often containers were restarted, and when the last of them ended."""

    count: int = 0
    last: str = ""

    def add(self, container: shapes.ContainerStatus) -> None:
        self.count += container.restart_count
        ended = container.last_state.terminated
        if ended is not None and ended.finished_at:
            # RFC 3339 in UTC, to the second: the order of the texts is that of the times
            self.last = max(self.last, ended.finished_at)


@dataclass(slots=True)
class _Start:
    """How far the init containers are. *halted* is the STATUS where they are not done."""

    halted: str = ""
    ready: int = 0


def pod_columns(item: shapes.Pod) -> PodColumns:
    """Return what is printed of a pod."""
    spec, status = item.spec, item.status
    sidecars = {one.name: one.is_sidecar for one in spec.init_containers}
    all_restarts, sidecar_restarts = _Restarts(), _Restarts()
    start = _initialized(item, sidecars, all_restarts, sidecar_restarts)
    said, ready, restarts = start.halted, start.ready, all_restarts
    if not start.halted or condition(status.conditions, "Initialized").holds:
        restarts = sidecar_restarts
        for container in status.container_statuses:
            restarts.add(container)
        said = _running(status, start.halted or _phase(status))
        ready += sum(_is_ready(container) for container in status.container_statuses)
    containers = len(spec.containers) + sum(one.is_sidecar for one in spec.init_containers)
    said = _ending(item, said)
    return PodColumns(ready, containers, said, restarts.count, restarts.last)


def readiness_gates(item: shapes.Pod) -> str:
    """Return how many of its readiness gates are open, as ``kubectl get pods -o wide`` does."""
    gates = item.spec.readiness_gates
    is_open = [condition(item.status.conditions, one.condition_type).holds for one in gates]
    return f"{sum(is_open)}/{len(gates)}" if gates else ""


def is_final(status: shapes.PodStatus) -> bool:
    """Tell whether all containers of a pod have ended for good."""
    return status.phase in _FINAL


def _phase(status: shapes.PodStatus) -> str:
    gated = any(one.type == "PodScheduled" and one.reason == GATED for one in status.conditions)
    return GATED if gated else status.reason or status.phase


def _initialized(
    item: shapes.Pod, sidecars: Mapping[str, bool], every: _Restarts, beside: _Restarts
) -> _Start:
    """Go through the init containers up to the first that is not done."""
    start = _Start()
    for index, container in enumerate(item.status.init_container_statuses):
        sidecar = sidecars.get(container.name, False)
        every.add(container)
        if sidecar:
            beside.add(container)
        ended = container.state.terminated
        if ended is not None and ended.exit_code == 0:
            continue
        if sidecar and container.started:
            start.ready += container.ready
            continue
        start.halted = _halted(container, index, len(item.spec.init_containers))
        break
    return start


def _halted(container: shapes.ContainerStatus, index: int, total: int) -> str:
    waiting, ended = container.state.waiting, container.state.terminated
    if ended is not None:
        return f"Init:{end_word(ended)}"
    if waiting is not None and waiting.reason not in {"", "PodInitializing"}:
        return f"Init:{waiting.reason}"
    return f"Init:{index}/{total}"


def end_word(ended: shapes.Phase) -> str:
    """Return the word for how a container came to its end."""
    if ended.reason:
        return ended.reason
    return f"Signal:{ended.signal}" if ended.signal else f"ExitCode:{ended.exit_code}"


def _is_ready(container: shapes.ContainerStatus) -> bool:
    """Tell whether a container counts as ready; one that waits or has ended does not."""
    state = container.state
    waits = state.waiting is not None and state.waiting.reason != ""
    return container.ready and state.running is not None and not waits and state.terminated is None


def _running(status: shapes.PodStatus, said: str) -> str:
    """Return the STATUS by the containers of a pod; *said* is what is known without them."""
    running = any(_is_ready(container) for container in status.container_statuses)
    words = [word for one in status.container_statuses if (word := _word(one))]
    said = words[0] if words else said
    if said != _COMPLETED:
        return said
    if running and any(one.type == "Ready" and one.holds for one in status.conditions):
        return "Running"
    return _first_error(status.container_statuses) or ("NotReady" if running else said)


def _word(container: shapes.ContainerStatus) -> str:
    """Return what a container that waits or has ended says, or ``""``."""
    state = container.state
    if state.waiting is not None and state.waiting.reason:
        return state.waiting.reason
    return "" if state.terminated is None else end_word(state.terminated)


def _first_error(containers: Iterable[shapes.ContainerStatus]) -> str:
    for container in containers:
        waiting, ended = container.state.waiting, container.state.terminated
        waits = waiting is not None and waiting.reason != ""
        if not waits and ended is not None and ended.exit_code != 0:
            return end_word(ended)
    return ""


def _ending(item: shapes.Pod, said: str) -> str:
    """Return the STATUS of a pod that is being deleted; what has ended for good stays so."""
    if not item.metadata.deletion_timestamp:
        return said
    if item.status.reason == UNREACHABLE:
        return "Unknown"
    return said if is_final(item.status) else "Terminating"
