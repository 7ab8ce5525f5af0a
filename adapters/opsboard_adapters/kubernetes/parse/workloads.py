"""Workloads as roll-outs: kubectl's judgement, and why it is stuck where it is."""

from typing import Any, Final

from opsboard.records import Deployment, Status
from opsboard_adapters.kubernetes.parse import rollout
from opsboard_adapters.kubernetes.parse.common import Object, Place, base, condition, number
from opsboard_adapters.kubernetes.parse.pods import Verdict

REVISION: Final = "deployment.kubernetes.io/revision"
COMMIT_ANNOTATIONS: Final = ("org.opencontainers.image.revision", "app.kubernetes.io/commit")


def parse_workload(
    place: Place, kind: str, item: Object, trouble: Verdict | None = None
) -> Deployment:
    """Return the record of a workload. *trouble* is the gravest of its pods', if any."""
    status, reason, message = _verdict(kind, item, trouble)
    namespace, name = _names(item)
    fields = base(place, item) | {"id": place.identity(namespace, f"{kind}/{name}")}
    return Deployment(
        **(fields | _counts(kind, item)),
        workload=kind,
        status=status,
        reason=reason,
        message=message,
        updated_at=place.time(condition(item, "Progressing").get("lastUpdateTime")),
        revision=revision(kind, item),
        images=tuple(
            str(container.get("image") or "") for container in _pod_spec(item).get("containers", ())
        ),
        commit=commit_of(item),
        paused=bool((item.get("spec") or {}).get("paused")),
    )


def revision(kind: str, item: Object) -> str:
    """Return what a rollback would name, as far as the object itself tells."""
    annotations = (item.get("metadata") or {}).get("annotations") or {}
    if kind == "Deployment":
        return str(annotations.get(REVISION) or "")
    if kind == "DaemonSet":
        return str(annotations.get("deprecated.daemonset.template.generation") or "")
    name = (item.get("metadata") or {}).get("name")
    return str((item.get("status") or {}).get("updateRevision") or "").removeprefix(f"{name}-")


def _verdict(kind: str, item: Object, trouble: Verdict | None) -> Verdict:
    judgement = rollout.judge(kind, item)
    blocked = _blocked(item)
    if judgement.done:
        return _done(trouble, judgement)
    cause = trouble or blocked
    if judgement.failed:
        reason = cause[1] if cause else rollout.DEADLINE
        return Status.FAILED, reason, _sentence(judgement.message, cause)
    if cause is not None:
        down = _counts(kind, item)["available"] == 0
        status = Status.FAILED if down else Status.WARNING
        return status, cause[1], _sentence(judgement.message, cause)
    if (item.get("spec") or {}).get("paused"):
        return Status.WARNING, "Paused", judgement.message
    return Status.RUNNING, "Progressing", judgement.message


def _done(trouble: Verdict | None, judgement: rollout.Judgement) -> Verdict:
    """A roll-out that is done may still hold a pod that restarts over and over."""
    if trouble is not None:
        return Status.WARNING, trouble[1], trouble[2]
    return Status.OK, "", judgement.message


def _blocked(item: Object) -> Verdict | None:
    """Return why no pod can be made at all: quota, admission, ..."""
    failure = condition(item, "ReplicaFailure")
    if failure.get("status") != "True":
        return None
    said = str(failure.get("message") or "")
    reason = (
        "QuotaExceeded" if "exceeded quota" in said else str(failure.get("reason") or "Blocked")
    )
    return Status.FAILED, reason, said


def _sentence(judged: str, cause: Verdict | None) -> str:
    return f"{judged}: {cause[2]}" if cause and cause[2] else judged


def _counts(kind: str, item: Object) -> dict[str, int]:
    spec, status = item.get("spec") or {}, item.get("status") or {}
    if kind == "DaemonSet":
        return {
            "desired": number(status, "desiredNumberScheduled"),
            "updated": number(status, "updatedNumberScheduled"),
            "ready": number(status, "numberReady"),
            "available": number(status, "numberAvailable"),
        }
    return {
        "desired": number(spec, "replicas", 1),
        "updated": number(status, "updatedReplicas"),
        "ready": number(status, "readyReplicas"),
        "available": number(status, "availableReplicas"),
    }


def commit_of(item: Object) -> str:
    """Return the commit that template or object of a workload name, or ``""``."""
    template = ((item.get("spec") or {}).get("template") or {}).get("metadata") or {}
    for metadata in (template, item.get("metadata") or {}):
        for values in (metadata.get("annotations") or {}, metadata.get("labels") or {}):
            for key in COMMIT_ANNOTATIONS:
                if key in values:
                    return str(values[key])
    return ""


def _names(item: Object) -> tuple[str, str]:
    meta = item.get("metadata") or {}
    return str(meta.get("namespace") or ""), str(meta.get("name") or "")


def _pod_spec(item: Object) -> dict[str, Any]:
    return dict(((item.get("spec") or {}).get("template") or {}).get("spec") or {})
