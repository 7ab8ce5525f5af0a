"""Roll-out status, as ``kubectl rollout status`` judges it.

Source of the rules: kubectl's ``pkg/polymorphichelpers/rollout_status.go`` (1.36).
"""

from dataclasses import dataclass
from typing import Final

from opsboard_adapters.kubernetes.parse.common import Object, condition, number

DEADLINE: Final = "ProgressDeadlineExceeded"


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a roll-out is *done*, or has *failed* for good, and the sentence for it."""

    done: bool
    message: str
    failed: bool = False


def judge(kind: str, item: Object) -> Judgement:
    """Return the judgement of a Deployment, StatefulSet or DaemonSet."""
    return _JUDGES[kind](item)


def _deployment(item: Object) -> Judgement:
    spec, status = item.get("spec") or {}, item.get("status") or {}
    if not _observed(item):
        return Judgement(False, "waiting for the spec update to be observed")
    progressing = condition(item, "Progressing")
    if progressing.get("reason") == DEADLINE:
        return Judgement(False, str(progressing.get("message") or DEADLINE), failed=True)
    wanted = number(spec, "replicas", 1)
    updated = number(status, "updatedReplicas")
    replicas = number(status, "replicas")
    available = number(status, "availableReplicas")
    if updated < wanted:
        return Judgement(False, f"{updated} of {wanted} new replicas have been updated")
    if replicas > updated:
        return Judgement(False, f"{replicas - updated} old replicas are pending termination")
    if available < updated:
        return Judgement(False, f"{available} of {updated} updated replicas are available")
    return Judgement(True, "rolled out")


def _daemon_set(item: Object) -> Judgement:
    status = item.get("status") or {}
    if not _observed(item):
        return Judgement(False, "waiting for the spec update to be observed")
    wanted = number(status, "desiredNumberScheduled")
    updated = number(status, "updatedNumberScheduled")
    available = number(status, "numberAvailable")
    if _strategy(item) != "RollingUpdate":
        return _on_delete(number(status, "numberReady"), wanted, updated)
    if updated < wanted:
        return Judgement(False, f"{updated} of {wanted} new pods have been updated")
    if available < wanted:
        return Judgement(False, f"{available} of {wanted} updated pods are available")
    return Judgement(True, "rolled out")


def _stateful_set(item: Object) -> Judgement:
    spec, status = item.get("spec") or {}, item.get("status") or {}
    if not number(status, "observedGeneration") or not _observed(item):
        return Judgement(False, "waiting for the spec update to be observed")
    wanted = number(spec, "replicas", 1)
    ready = number(status, "readyReplicas")
    updated = number(status, "updatedReplicas")
    if _strategy(item) != "RollingUpdate":
        return _on_delete(ready, wanted, updated)
    if ready < wanted:
        return Judgement(False, f"waiting for {wanted - ready} pods to be ready")
    rolling = (spec.get("updateStrategy") or {}).get("rollingUpdate") or {}
    if "partition" in rolling:  # the API server fills in 0
        new = wanted - number(rolling, "partition")
        message = f"partitioned: {updated} of {new} new pods have been updated"
        return Judgement(updated >= new, message)
    if status.get("updateRevision") != status.get("currentRevision"):
        revision = status.get("updateRevision")
        return Judgement(False, f"{updated} pods are at revision {revision}")
    return Judgement(True, "rolled out")


def _on_delete(ready: int, wanted: int, updated: int) -> Judgement:
    """Judge a workload whose pods somebody deletes by hand: kubectl refuses to judge these."""
    if ready < wanted:
        return Judgement(False, f"{ready} of {wanted} pods are ready")
    return Judgement(True, f"OnDelete: {updated} of {wanted} pods are at the new revision")


def _observed(item: Object) -> bool:
    generation = number(item.get("metadata") or {}, "generation")
    return generation <= number(item.get("status") or {}, "observedGeneration")


def _strategy(item: Object) -> str:
    strategy = (item.get("spec") or {}).get("updateStrategy") or {}
    return str(strategy.get("type") or "RollingUpdate")


_JUDGES: Final = {
    "Deployment": _deployment,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
}
