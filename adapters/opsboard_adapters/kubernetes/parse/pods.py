"""Pods: what kubectl prints under STATUS, and how bad that is."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from opsboard.records import Pod, Status
from opsboard_adapters.kubernetes import shapes
from opsboard_adapters.kubernetes.parse.common import Place, base, condition, controller

BAD_WAITS: Final = frozenset(
    {
        "CrashLoopBackOff",
        "CreateContainerConfigError",
        "CreateContainerError",
        "ErrImageNeverPull",
        "ErrImagePull",
        "ImageInspectError",
        "ImagePullBackOff",
        "InvalidImageName",
        "RegistryUnavailable",
        "RunContainerError",
    }
)
"""Reasons of a waiting container that do not go away by waiting (after the kubelet's sources)."""

Verdict = tuple[Status, str, str]
"""Status, reason, message."""


def parse_pod(place: Place, item: shapes.Pod) -> Pod:
    """Return the record of a pod."""
    status = item.status
    verdict, reason, message = judge(item)
    return Pod(
        **base(place, item),
        status=verdict,
        reason=reason,
        message=message,
        owner=owner(item),
        node=item.spec.node_name,
        phase=status.phase,
        ready=sum(1 for container in status.container_statuses if container.ready),
        containers=len(item.spec.containers),
        restarts=sum(container.restart_count for container in status.container_statuses),
    )


def owner(item: shapes.Pod) -> str:
    """Return ``Kind/name`` of the workload behind a pod.

    A ReplicaSet's name is its Deployment's with the pod-template-hash: that spares following
    the ReplicaSets.
    """
    kind, name = controller(item)
    suffix = f"-{item.metadata.labels.get('pod-template-hash')}"
    if kind == "ReplicaSet" and name.endswith(suffix):
        return f"Deployment/{name.removesuffix(suffix)}"
    return f"{kind}/{name}" if kind else ""


def judge(item: shapes.Pod) -> Verdict:
    """Return status, reason and message of a pod, after kubectl's printer (printPod)."""
    status = item.status
    phase, said = status.phase or "Unknown", status.message
    if status.reason:
        return _finished(phase) or Status.FAILED, status.reason, said
    if item.metadata.deletion_timestamp:
        return Status.RUNNING, "Terminating", said
    trouble = _container_trouble(status)
    if trouble is not None:
        return trouble
    if finished := _finished(phase):
        return finished, "Completed" if finished is Status.OK else phase, said
    if phase == "Pending":
        return _pending(status)
    return _running(status, phase)


def _finished(phase: str) -> Status | None:
    return {"Succeeded": Status.OK, "Failed": Status.FAILED}.get(phase)


def _pending(status: shapes.PodStatus) -> Verdict:
    scheduled = condition(status.conditions, "PodScheduled")
    if scheduled.status == "False":
        return Status.WARNING, scheduled.reason or "Unschedulable", scheduled.message
    return Status.RUNNING, "Pending", ""


def _running(status: shapes.PodStatus, phase: str) -> Verdict:
    if phase != "Running":
        return Status.UNKNOWN, phase, ""
    ready = condition(status.conditions, "Ready")
    if ready.holds:
        return Status.OK, "Running", ""
    return Status.RUNNING, "NotReady", ready.message


def _container_trouble(status: shapes.PodStatus) -> Verdict | None:
    """Return what the first container in trouble says, init containers first."""
    for prefix, containers in (
        ("Init:", status.init_container_statuses),
        ("", status.container_statuses),
    ):
        for container in containers:
            verdict = _trouble(container, prefix)
            if verdict is not None:
                return verdict
    return None


def _trouble(container: shapes.ContainerStatus, prefix: str) -> Verdict | None:
    state = container.state
    waiting, ended = state.waiting or shapes.Phase(), state.terminated
    reason = waiting.reason
    if reason in BAD_WAITS:
        return Status.FAILED, prefix + reason, _with_last_end(container, waiting)
    if ended is not None and ended.exit_code != 0:
        reason = ended.reason or f"ExitCode:{ended.exit_code}"
        return Status.FAILED, prefix + reason, _end(container, ended)
    if prefix and state.running is not None and container.started is False:
        return Status.RUNNING, f"{prefix}Running", ""
    if reason and reason not in {"ContainerCreating", "PodInitializing"}:
        return Status.WARNING, prefix + reason, waiting.message
    return None


def _with_last_end(container: shapes.ContainerStatus, waiting: shapes.Phase) -> str:
    ended = container.last_state.terminated
    return waiting.message if ended is None else f"{_end(container, ended)}; {waiting.message}"


def _end(container: shapes.ContainerStatus, ended: shapes.Phase) -> str:
    reason = ended.reason or "ended"
    return f"container {container.name}: {reason}, exit code {ended.exit_code}"


def worst(verdicts: Iterable[Verdict]) -> Verdict | None:
    """Return the gravest of *verdicts* that is trouble, or ``None``.

    Of those that are as grave it is always the same, in whatever order they came: two boards that
    look at one cluster say the same of it.
    """
    bad = [verdict for verdict in verdicts if verdict[0].severity >= Status.WARNING.severity]
    return max(bad, key=lambda told: (told[0].severity, *told[1:]), default=None)


class ContainerRow(NamedTuple):
    """A container, and how it is doing."""

    spec: shapes.Container
    status: shapes.ContainerStatus


def container_rows(item: shapes.Pod) -> Iterator[ContainerRow]:
    """Yield spec and status of each container side by side, init containers first."""
    for containers, statuses in (
        (item.spec.init_containers, item.status.init_container_statuses),
        (item.spec.containers, item.status.container_statuses),
    ):
        known = {found.name: found for found in statuses}
        for container in containers:
            yield ContainerRow(container, known.get(container.name, shapes.ContainerStatus()))
