"""Pods as records: the status that kubectl prints, how bad it is, and why."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from opsboard.records import Claim, Pod, Status, stated
from opsboard_adapters.kubernetes import structs
from opsboard_adapters.kubernetes.cluster_context import ClusterContext, Diagnosis, common_fields
from opsboard_adapters.kubernetes.parse.images import image_claims, pod_images
from opsboard_adapters.kubernetes.parse.pod_columns import UNREACHABLE, end_reason, pod_columns
from opsboard_adapters.kubernetes.parse.pod_resources import pod_resources
from opsboard_adapters.kubernetes.parse.served_models import (
    MODELS,
    NAME_VARIABLE,
    URI_VARIABLES,
    models_of_pod,
    names_a_model,
)
from opsboard_adapters.kubernetes.structs import controller_of, find_condition

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
"""Reasons of a waiting container that do not go away by waiting (from the kubelet's sources)."""

_NORMAL_WAITING_REASONS: Final = frozenset({"", "ContainerCreating", "PodInitializing"})


OWNER_RULE: Final = "owner reference"


def parse_pod(cluster: ClusterContext, item: structs.V1Pod) -> Pod:
    """Return the record of a pod. Its reason is the STATUS that kubectl prints."""
    owner = owning_workload(item)
    printed = pod_columns(item)
    found = _diagnose(item, printed.status)
    cpu, memory = pod_resources(item.spec)
    return Pod(
        **common_fields(cluster, item),
        status=found.status,
        reason=printed.status,
        message=found.message or (found.reason if found.reason != printed.status else ""),
        owner=owner,
        inputs=_inputs(cluster, item, owner),
        node=item.spec.node_name,
        phase=item.status.phase,
        ready=printed.ready,
        containers=printed.containers,
        restarts=printed.restarts,
        restarted_at=cluster.time(printed.restarted),
        cpu_request=cpu.request,
        cpu_limit=cpu.limit,
        memory_request=memory.request,
        memory_limit=memory.limit,
    )


def _inputs(cluster: ClusterContext, item: structs.V1Pod, owner: str) -> tuple[Claim, ...]:
    """Return what a pod is made of: its images, the workload that made it, the model it serves.

    Equal pods of one workload share what is returned.
    """
    owned = cluster.workload(item.metadata.namespace, owner, OWNER_RULE)
    models = tuple[Claim, ...]()
    if names_a_model(item.spec, item.metadata, _model_variables(cluster.model_env)):
        models = models_of_pod(item.spec, item.metadata, cluster.model_env)
    return _joined(image_claims(pod_images(item)), owned, models)


@lru_cache(16)
def _model_variables(further: tuple[str, ...]) -> frozenset[str]:
    return frozenset({*URI_VARIABLES, NAME_VARIABLE, *further})


@lru_cache(16_384)
def _joined(
    images: tuple[Claim, ...], owned: tuple[Claim, ...], models: tuple[Claim, ...]
) -> tuple[Claim, ...]:
    return stated(*images, *owned, *models)


@lru_cache(16_384)
def models_among(claims: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """Return those of *claims* that name a model."""
    return tuple(one for one in claims if one.type in MODELS)


def owning_workload(item: structs.V1Pod) -> str:
    """Return ``Kind/name`` of the workload that a pod belongs to, ``""`` for none.

    A ReplicaSet is named after its Deployment and the pod-template-hash, so ReplicaSets need not be
    watched to find the Deployment.
    """
    kind, name = controller_of(item)
    suffix = f"-{item.metadata.labels.get('pod-template-hash')}"
    if kind == "ReplicaSet" and name.endswith(suffix):
        return f"Deployment/{name.removesuffix(suffix)}"
    return f"{kind}/{name}" if kind else ""


def diagnose(item: structs.V1Pod) -> Diagnosis:
    """Return how a pod is doing.

    The reason is as specific as the API has it: that of a container or of the scheduler, where
    kubectl prints only ``Pending`` or ``Running``.
    """
    return _diagnose(item, pod_columns(item).status)


def _diagnose(item: structs.V1Pod, printed: str) -> Diagnosis:
    status = item.status
    if status.phase == "Succeeded":
        return Diagnosis(Status.OK, printed, status.message)
    if status.phase == "Failed":
        return Diagnosis(Status.FAILED, printed, status.message or _first_end(status))
    if item.metadata.deletion_timestamp:
        lost = status.reason == UNREACHABLE
        return Diagnosis(Status.UNKNOWN if lost else Status.RUNNING, printed, status.message)
    return _alive(item, printed)


def _alive(item: structs.V1Pod, printed: str) -> Diagnosis:
    """Diagnose a pod that has not ended and is not being deleted."""
    status = item.status
    if status.reason:
        return Diagnosis(Status.FAILED, status.reason, status.message)
    problem = _container_problem(item)
    if problem is not None:
        return problem
    if status.phase == "Pending":
        return _pending(status, printed)
    if status.phase != "Running":
        return Diagnosis(Status.UNKNOWN, printed, "")
    ready = find_condition(status.conditions, "Ready")
    if ready.holds:
        return Diagnosis(Status.OK, printed, "")
    return Diagnosis(Status.RUNNING, printed, ready.message)


def _pending(status: structs.V1PodStatus, printed: str) -> Diagnosis:
    scheduled = find_condition(status.conditions, "PodScheduled")
    if scheduled.status != "False":
        return Diagnosis(Status.RUNNING, printed, "")
    reason = scheduled.reason or "Unschedulable"
    return Diagnosis(Status.WARNING, reason, scheduled.message)


def _container_problem(item: structs.V1Pod) -> Diagnosis | None:
    """Return the worst problem of the containers; of equal ones, that of an init container.

    An init container that is no sidecar does not count once the pod is initialized, nor does a
    sidecar once all app containers have ended: the kubelet kills it then.
    """
    init = _initializing(item) if item.status.init_container_statuses else ()
    found = [
        _problem(container, prefix)
        for prefix, containers in (("Init:", init), ("", item.status.container_statuses))
        for container in containers
    ]
    return max(filter(None, found), key=lambda one: one.status.severity, default=None)


def _initializing(item: structs.V1Pod) -> list[structs.V1ContainerStatus]:
    started = find_condition(item.status.conditions, "Initialized").holds
    sidecars = {one.name for one in item.spec.init_containers if one.is_sidecar}
    init, apps = item.status.init_container_statuses, item.status.container_statuses
    if apps and all(one.state.terminated is not None for one in apps):
        return []
    return [one for one in init if one.name in sidecars or not started]


def _problem(container: structs.V1ContainerStatus, prefix: str) -> Diagnosis | None:
    waiting, ended = container.state.waiting, container.state.terminated
    if waiting is not None and waiting.reason in FATAL_WAITING_REASONS:
        return Diagnosis(Status.FAILED, prefix + waiting.reason, _with_last_end(container, waiting))
    if ended is not None and ended.exit_code != 0:
        return Diagnosis(Status.FAILED, prefix + end_reason(ended), _end(container, ended))
    if waiting is not None and waiting.reason not in _NORMAL_WAITING_REASONS:
        return Diagnosis(Status.WARNING, prefix + waiting.reason, waiting.message)
    return None


def _with_last_end(
    container: structs.V1ContainerStatus, waiting: structs.V1ContainerStateDetails
) -> str:
    ended = container.last_state.terminated
    parts = ("" if ended is None else _end(container, ended), waiting.message)
    return "; ".join(filter(None, parts))


def _end(container: structs.V1ContainerStatus, ended: structs.V1ContainerStateDetails) -> str:
    reason = ended.reason or "ended"
    return f"container {container.name}: {reason}, exit code {ended.exit_code}"


def _first_end(status: structs.V1PodStatus) -> str:
    """Return how the first container that has failed ended, init containers first."""
    for container in (*status.init_container_statuses, *status.container_statuses):
        ended = container.state.terminated
        if ended is not None and ended.exit_code != 0:
            return _end(container, ended)
    return ""


def worst(diagnoses: Iterable[Diagnosis]) -> Diagnosis | None:
    """Return the worst of *diagnoses* that is a problem, or ``None``.

    Of equally bad ones it does not depend on their order, so that two boards show the same.
    """
    problems = [one for one in diagnoses if one.is_problem]
    return max(
        problems, key=lambda one: (one.status.severity, one.reason, one.message), default=None
    )


class ContainerRow(NamedTuple):
    """A container with its status."""

    spec: structs.V1Container
    status: structs.V1ContainerStatus


def container_rows(item: structs.V1Pod) -> Iterator[ContainerRow]:
    """Yield each container with its status, init containers first."""
    for containers, statuses in (
        (item.spec.init_containers, item.status.init_container_statuses),
        (item.spec.containers, item.status.container_statuses),
    ):
        known = {found.name: found for found in statuses}
        for container in containers:
            yield ContainerRow(container, known.get(container.name, structs.V1ContainerStatus()))
