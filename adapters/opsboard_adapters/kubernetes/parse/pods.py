"""Pods: what kubectl prints of them, how bad that is, and why."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from opsboard.records import Pod, Status
from opsboard_adapters.kubernetes import structs
from opsboard_adapters.kubernetes.cluster_context import (
    ClusterContext,
    common_fields,
    controller_of,
    find_condition,
)
from opsboard_adapters.kubernetes.parse.pod_columns import UNREACHABLE, end_word, pod_columns

FATAL_WAITING_REASONS: Final = frozenset(
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

_GOOD_WAITS: Final = frozenset({"", "ContainerCreating", "PodInitializing"})

PodDiagnosis = tuple[Status, str, str]
"""Status, reason, message."""


def parse_pod(cluster: ClusterContext, item: structs.V1Pod) -> Pod:
    """Return the record of a pod. Its reason is the STATUS that kubectl prints."""
    printed = pod_columns(item)
    verdict, reason, message = _judged(item, printed.status)
    return Pod(
        **common_fields(cluster, item),
        status=verdict,
        reason=printed.status,
        message=message or (reason if reason != printed.status else ""),
        owner=owning_workload(item),
        node=item.spec.node_name,
        phase=item.status.phase,
        ready=printed.ready,
        containers=printed.containers,
        restarts=printed.restarts,
        restarted_at=cluster.time(printed.restarted),
    )


def owning_workload(item: structs.V1Pod) -> str:
    """Return ``Kind/name`` of the workload behind a pod.

    A ReplicaSet's name is its Deployment's with the pod-template-hash: that spares following
    the ReplicaSets.
    """
    kind, name = controller_of(item)
    suffix = f"-{item.metadata.labels.get('pod-template-hash')}"
    if kind == "ReplicaSet" and name.endswith(suffix):
        return f"Deployment/{name.removesuffix(suffix)}"
    return f"{kind}/{name}" if kind else ""


def diagnose(item: structs.V1Pod) -> PodDiagnosis:
    """Return status, reason and message of a pod.

    The reason names what is wrong, as precisely as it is told: it may be that of a container, or
    of the scheduler, where kubectl prints only ``Pending`` or ``Running``.
    """
    return _judged(item, pod_columns(item).status)


def _judged(item: structs.V1Pod, printed: str) -> PodDiagnosis:
    status = item.status
    if status.phase == "Succeeded":
        return Status.OK, printed, status.message
    if status.phase == "Failed":
        return Status.FAILED, printed, status.message or _first_end(status)
    if item.metadata.deletion_timestamp:
        lost = status.reason == UNREACHABLE
        return Status.UNKNOWN if lost else Status.RUNNING, printed, status.message
    return _alive(item, printed)


def _alive(item: structs.V1Pod, printed: str) -> PodDiagnosis:
    """Judge a pod that has not ended, and is to go on."""
    status = item.status
    if status.reason:
        return Status.FAILED, status.reason, status.message
    trouble = _container_trouble(item)
    if trouble is not None:
        return trouble
    if status.phase == "Pending":
        return _pending(status, printed)
    if status.phase != "Running":
        return Status.UNKNOWN, printed, ""
    ready = find_condition(status.conditions, "Ready")
    return (Status.OK, printed, "") if ready.holds else (Status.RUNNING, printed, ready.message)


def _pending(status: structs.V1PodStatus, printed: str) -> PodDiagnosis:
    scheduled = find_condition(status.conditions, "PodScheduled")
    if scheduled.status != "False":
        return Status.RUNNING, printed, ""
    reason = scheduled.reason or "Unschedulable"
    return Status.WARNING, reason, scheduled.message


def _container_trouble(item: structs.V1Pod) -> PodDiagnosis | None:
    """Return the gravest of what the containers say, the init containers' first.

    An init container that is no sidecar is of no account once the pod has been initialized, nor
    is a sidecar once all that it was for has ended: then it is killed.
    """
    init = _initializing(item) if item.status.init_container_statuses else ()
    told = [
        _trouble(container, prefix)
        for prefix, containers in (("Init:", init), ("", item.status.container_statuses))
        for container in containers
    ]
    return max(filter(None, told), key=lambda verdict: verdict[0].severity, default=None)


def _initializing(item: structs.V1Pod) -> list[structs.V1ContainerStatus]:
    started = find_condition(item.status.conditions, "Initialized").holds
    sidecars = {one.name for one in item.spec.init_containers if one.is_sidecar}
    found, told = item.status.init_container_statuses, item.status.container_statuses
    if told and all(one.state.terminated is not None for one in told):
        return []
    return [one for one in found if one.name in sidecars or not started]


def _trouble(container: structs.V1ContainerStatus, prefix: str) -> PodDiagnosis | None:
    waiting, ended = container.state.waiting, container.state.terminated
    if waiting is not None and waiting.reason in FATAL_WAITING_REASONS:
        return Status.FAILED, prefix + waiting.reason, _with_last_end(container, waiting)
    if ended is not None and ended.exit_code != 0:
        return Status.FAILED, prefix + end_word(ended), _end(container, ended)
    if waiting is not None and waiting.reason not in _GOOD_WAITS:
        return Status.WARNING, prefix + waiting.reason, waiting.message
    return None


def _with_last_end(
    container: structs.V1ContainerStatus, waiting: structs.V1ContainerStateDetails
) -> str:
    ended = container.last_state.terminated
    told = ("" if ended is None else _end(container, ended), waiting.message)
    return "; ".join(filter(None, told))


def _end(container: structs.V1ContainerStatus, ended: structs.V1ContainerStateDetails) -> str:
    reason = ended.reason or "ended"
    return f"container {container.name}: {reason}, exit code {ended.exit_code}"


def _first_end(status: structs.V1PodStatus) -> str:
    """Return how the first container that has failed came to its end, init containers first."""
    for container in (*status.init_container_statuses, *status.container_statuses):
        ended = container.state.terminated
        if ended is not None and ended.exit_code != 0:
            return _end(container, ended)
    return ""


def worst(verdicts: Iterable[PodDiagnosis]) -> PodDiagnosis | None:
    """Return the gravest of *verdicts* that is trouble, or ``None``.

    Of those that are as grave it is always the same, in whatever order they came: two boards that
    look at one cluster say the same of it.
    """
    bad = [verdict for verdict in verdicts if verdict[0].severity >= Status.WARNING.severity]
    return max(bad, key=lambda told: (told[0].severity, *told[1:]), default=None)


class ContainerRow(NamedTuple):
    """A container, and how it is doing."""

    spec: structs.V1Container
    status: structs.V1ContainerStatus


def container_rows(item: structs.V1Pod) -> Iterator[ContainerRow]:
    """Yield spec and status of each container side by side, init containers first."""
    for containers, statuses in (
        (item.spec.init_containers, item.status.init_container_statuses),
        (item.spec.containers, item.status.container_statuses),
    ):
        known = {found.name: found for found in statuses}
        for container in containers:
            yield ContainerRow(container, known.get(container.name, structs.V1ContainerStatus()))
