"""Workloads as roll-outs: kubectl's judgement, and why it is stuck where it is."""

from typing import Final

from opsboard.records import Deployment, Status
from opsboard_adapters.kubernetes.cluster_context import (
    ClusterContext,
    common_fields,
    find_condition,
)
from opsboard_adapters.kubernetes.parse import rollout_status
from opsboard_adapters.kubernetes.parse.pods import PodDiagnosis
from opsboard_adapters.kubernetes.parse.rollout_pods import TEMPLATE_GENERATION_ANNOTATION
from opsboard_adapters.kubernetes.structs import V1Workload

REVISION_ANNOTATION: Final = "deployment.kubernetes.io/revision"
COMMIT_ANNOTATIONS: Final = ("org.opencontainers.image.revision", "app.kubernetes.io/commit")


def parse_workload(
    cluster: ClusterContext, kind: str, item: V1Workload, trouble: PodDiagnosis | None = None
) -> Deployment:
    """Return the record of a workload. *trouble* is the gravest of its pods', if any."""
    status, reason, message = _verdict(kind, item, trouble)
    meta = item.metadata
    fields = common_fields(cluster, item) | {
        "id": cluster.record_id(meta.namespace, f"{kind}/{meta.name}")
    }
    progressing = find_condition(item.status.conditions, "Progressing")
    return Deployment(
        **(fields | _counts(kind, item)),
        workload=kind,
        status=status,
        reason=reason,
        message=message,
        updated_at=cluster.time(progressing.last_update_time),
        revision=revision(kind, item),
        images=tuple(container.image for container in item.spec.template.spec.containers),
        commit=commit_of(item),
        paused=item.spec.paused,
    )


def revision(kind: str, item: V1Workload) -> str:
    """Return what a rollback would name, as far as the object itself tells."""
    meta = item.metadata
    if kind == "Deployment":
        return meta.annotations.get(REVISION_ANNOTATION, "")
    if kind == "DaemonSet":
        return meta.annotations.get(TEMPLATE_GENERATION_ANNOTATION, "")
    return item.status.update_revision.removeprefix(f"{meta.name}-")


def _verdict(kind: str, item: V1Workload, trouble: PodDiagnosis | None) -> PodDiagnosis:
    judgement = rollout_status.rollout_status(kind, item)
    blocked = _blocked(item)
    if judgement.done:
        return _done(trouble, judgement)
    cause = trouble or blocked
    if judgement.failed:
        reason = cause[1] if cause else rollout_status.DEADLINE_EXCEEDED
        return Status.FAILED, reason, _sentence(judgement.message, cause)
    if cause is not None:
        down = _counts(kind, item)["available"] == 0
        status = Status.FAILED if down else Status.WARNING
        return status, cause[1], _sentence(judgement.message, cause)
    if item.spec.paused:
        return Status.WARNING, "Paused", judgement.message
    return Status.RUNNING, "Progressing", judgement.message


def _done(trouble: PodDiagnosis | None, judgement: rollout_status.RolloutStatus) -> PodDiagnosis:
    """A roll-out that is done may still hold a pod that restarts over and over."""
    if trouble is not None:
        return Status.WARNING, trouble[1], trouble[2]
    return Status.OK, "", judgement.message


def _blocked(item: V1Workload) -> PodDiagnosis | None:
    """Return why no pod can be made at all: quota, admission, ..."""
    failure = find_condition(item.status.conditions, "ReplicaFailure")
    if not failure.holds:
        return None
    exceeded = "exceeded quota" in failure.message
    return (
        Status.FAILED,
        "QuotaExceeded" if exceeded else failure.reason or "Blocked",
        failure.message,
    )


def _sentence(judged: str, cause: PodDiagnosis | None) -> str:
    return f"{judged}: {cause[2]}" if cause and cause[2] else judged


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
    """Return the commit that template or object of a workload name, or ``""``."""
    for marks in (item.spec.template.metadata, item.metadata):
        for values in (marks.annotations, marks.labels):
            for key in COMMIT_ANNOTATIONS:
                if key in values:
                    return values[key]
    return ""
