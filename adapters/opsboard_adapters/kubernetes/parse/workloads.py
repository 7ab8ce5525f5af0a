"""Deployments, StatefulSets and DaemonSets as records: how far the roll-out is, and what blocks it.

Source of the roll-out's status: ``kubectl rollout status``, that is
``pkg/polymorphichelpers/rollout_status.go`` of kubectl (1.36).
"""

from dataclasses import dataclass
from typing import Final

from opsboard.records import Deployment, Status
from opsboard_adapters.kubernetes.cluster_context import ClusterContext, Diagnosis, common_fields
from opsboard_adapters.kubernetes.structs import V1Workload, find_condition

REVISION_ANNOTATION: Final = "deployment.kubernetes.io/revision"
TEMPLATE_GENERATION_ANNOTATION: Final = "deprecated.daemonset.template.generation"
COMMIT_ANNOTATIONS: Final = ("org.opencontainers.image.revision", "app.kubernetes.io/commit")
DEADLINE_EXCEEDED: Final = "ProgressDeadlineExceeded"


@dataclass(frozen=True, slots=True)
class RolloutStatus:
    """Whether a roll-out is *done*, or has *failed* for good, and kubectl's sentence for it."""

    done: bool
    message: str
    failed: bool = False


def rollout_status(kind: str, item: V1Workload) -> RolloutStatus:
    """Return the roll-out status of a workload of that API *kind*."""
    return _STATUS_OF[kind](item)


def _deployment(item: V1Workload) -> RolloutStatus:
    status = item.status
    if not _observed(item):
        return RolloutStatus(False, "waiting for the spec update to be observed")
    progressing = find_condition(status.conditions, "Progressing")
    if progressing.reason == DEADLINE_EXCEEDED:
        return RolloutStatus(False, progressing.message or DEADLINE_EXCEEDED, failed=True)
    wanted, updated, replicas = item.spec.replicas, status.updated_replicas, status.replicas
    available = status.available_replicas or 0
    if updated < wanted:
        return RolloutStatus(False, f"{updated} of {wanted} new replicas have been updated")
    if replicas > updated:
        return RolloutStatus(False, f"{replicas - updated} old replicas are pending termination")
    if available < updated:
        return RolloutStatus(False, f"{available} of {updated} updated replicas are available")
    return RolloutStatus(True, "rolled out")


def _daemon_set(item: V1Workload) -> RolloutStatus:
    status = item.status
    wanted, updated = status.desired_number_scheduled, status.updated_number_scheduled
    available = status.number_available
    if not replaces_pods(item):
        return _by_hand(item, status.number_ready, wanted, updated)
    if not _observed(item):
        return RolloutStatus(False, "waiting for the spec update to be observed")
    if updated < wanted:
        return RolloutStatus(False, f"{updated} of {wanted} new pods have been updated")
    if available < wanted:
        return RolloutStatus(False, f"{available} of {wanted} updated pods are available")
    return RolloutStatus(True, "rolled out")


def _stateful_set(item: V1Workload) -> RolloutStatus:
    status = item.status
    wanted, ready, updated = item.spec.replicas, status.ready_replicas, status.updated_replicas
    if not replaces_pods(item):
        return _by_hand(item, ready, wanted, updated)
    if not status.observed_generation or not _observed(item):
        return RolloutStatus(False, "waiting for the spec update to be observed")
    if ready < wanted:
        return RolloutStatus(False, f"waiting for {wanted - ready} pods to be ready")
    if "rollingUpdate" in item.spec.update_strategy:
        return _partitioned(wanted - partition_of(item), updated)
    if status.update_revision != status.current_revision:
        return RolloutStatus(False, f"{updated} pods are at revision {status.update_revision}")
    return RolloutStatus(True, "rolled out")


def _partitioned(new: int, updated: int) -> RolloutStatus:
    """Return the status by numbers alone, as kubectl does where ``rollingUpdate`` is set."""
    message = f"partitioned: {updated} of {new} new pods have been updated"
    return RolloutStatus(updated >= new, message)


def _by_hand(item: V1Workload, ready: int, wanted: int, updated: int) -> RolloutStatus:
    """Return the status of a workload whose pods are deleted by hand, which kubectl refuses."""
    if ready < wanted:
        return RolloutStatus(False, f"{ready} of {wanted} pods are ready")
    strategy = item.spec.update_strategy.get("type") or "no strategy"
    return RolloutStatus(True, f"{strategy}: {updated} of {wanted} pods are at the new revision")


def _observed(item: V1Workload) -> bool:
    return item.metadata.generation <= item.status.observed_generation


def replaces_pods(item: V1Workload) -> bool:
    """Return whether the controller of a StatefulSet or DaemonSet replaces pods by itself."""
    return item.spec.update_strategy.get("type") == "RollingUpdate"


def partition_of(item: V1Workload) -> int:
    """Return below which ordinal the pods of a StatefulSet keep the old revision."""
    rolling = item.spec.update_strategy.get("rollingUpdate")
    partition = rolling.get("partition") if isinstance(rolling, dict) else None
    return partition if isinstance(partition, int) else 0


_STATUS_OF: Final = {
    "Deployment": _deployment,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
}


# --- records ------------------------------------------------------------------------------------


def parse_workload(
    cluster: ClusterContext, kind: str, item: V1Workload, problem: Diagnosis | None = None
) -> Deployment:
    """Return the record of a workload. *problem* is the worst of its pods', if any."""
    found = _diagnose(kind, item, problem)
    meta = item.metadata
    fields = common_fields(cluster, item) | {
        "id": cluster.record_id(meta.namespace, f"{kind}/{meta.name}")
    }
    progressing = find_condition(item.status.conditions, "Progressing")
    return Deployment(
        **(fields | _counts(kind, item)),
        workload=kind,
        status=found.status,
        reason=found.reason,
        message=found.message,
        updated_at=cluster.time(progressing.last_update_time),
        revision=revision(kind, item),
        images=tuple(container.image for container in item.spec.template.spec.containers),
        commit=commit_of(item),
        paused=item.spec.paused,
    )


def revision(kind: str, item: V1Workload) -> str:
    """Return the revision that a rollback would name, as far as the object itself has it."""
    meta = item.metadata
    if kind == "Deployment":
        return meta.annotations.get(REVISION_ANNOTATION, "")
    if kind == "DaemonSet":
        return meta.annotations.get(TEMPLATE_GENERATION_ANNOTATION, "")
    return item.status.update_revision.removeprefix(f"{meta.name}-")


def _diagnose(kind: str, item: V1Workload, problem: Diagnosis | None) -> Diagnosis:
    rollout = rollout_status(kind, item)
    blocked = _blocked(item)
    if rollout.done:
        return _done(problem, rollout)
    cause = problem or blocked
    if rollout.failed:
        reason = cause.reason if cause else DEADLINE_EXCEEDED
        return Diagnosis(Status.FAILED, reason, _sentence(rollout.message, cause))
    if cause is not None:
        down = _counts(kind, item)["available"] == 0
        status = Status.FAILED if down else Status.WARNING
        return Diagnosis(status, cause.reason, _sentence(rollout.message, cause))
    if item.spec.paused:
        return Diagnosis(Status.WARNING, "Paused", rollout.message)
    return Diagnosis(Status.RUNNING, "Progressing", rollout.message)


def _done(problem: Diagnosis | None, rollout: RolloutStatus) -> Diagnosis:
    """A roll-out that is done may still have a pod that restarts over and over."""
    if problem is not None:
        return Diagnosis(Status.WARNING, problem.reason, problem.message)
    return Diagnosis(Status.OK, "", rollout.message)


def _blocked(item: V1Workload) -> Diagnosis | None:
    """Return why no pod can be created at all (quota, admission), or ``None``."""
    failure = find_condition(item.status.conditions, "ReplicaFailure")
    if not failure.holds:
        return None
    exceeded = "exceeded quota" in failure.message
    return Diagnosis(
        Status.FAILED,
        "QuotaExceeded" if exceeded else failure.reason or "Blocked",
        failure.message,
    )


def _sentence(status: str, cause: Diagnosis | None) -> str:
    return f"{status}: {cause.message}" if cause and cause.message else status


def _counts(kind: str, item: V1Workload) -> dict[str, int]:
    status = item.status
    if kind == "DaemonSet":
        return {
            "desired": status.desired_number_scheduled,
            "updated": status.updated_number_scheduled,
            "ready": status.number_ready,
            "available": status.number_available,
        }
    available = status.available_replicas
    if available is None:
        available = status.ready_replicas if kind == "StatefulSet" else 0
    return {
        "desired": item.spec.replicas,
        "updated": status.updated_replicas,
        "ready": status.ready_replicas,
        "available": available,
    }


def commit_of(item: V1Workload) -> str:
    """Return the commit that an annotation or label of template or workload names, or ``""``."""
    for meta in (item.spec.template.metadata, item.metadata):
        for values in (meta.annotations, meta.labels):
            for key in COMMIT_ANNOTATIONS:
                if key in values:
                    return values[key]
    return ""
