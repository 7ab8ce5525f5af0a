"""Roll-out status, as ``kubectl rollout status`` judges it.

Source of the rules: kubectl's ``pkg/polymorphichelpers/rollout_status.go`` (1.36).
"""

from dataclasses import dataclass
from typing import Final

from opsboard_adapters.kubernetes.parse.common import condition
from opsboard_adapters.kubernetes.shapes import Workload

DEADLINE: Final = "ProgressDeadlineExceeded"


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a roll-out is *done*, or has *failed* for good, and the sentence for it."""

    done: bool
    message: str
    failed: bool = False


def judge(kind: str, item: Workload) -> Judgement:
    """Return the judgement of a Deployment, StatefulSet or DaemonSet."""
    return _JUDGES[kind](item)


def _deployment(item: Workload) -> Judgement:
    status = item.status
    if not _observed(item):
        return Judgement(False, "waiting for the spec update to be observed")
    progressing = condition(status.conditions, "Progressing")
    if progressing.reason == DEADLINE:
        return Judgement(False, progressing.message or DEADLINE, failed=True)
    wanted, updated, replicas = item.spec.replicas, status.updated_replicas, status.replicas
    available = status.available_replicas
    if updated < wanted:
        return Judgement(False, f"{updated} of {wanted} new replicas have been updated")
    if replicas > updated:
        return Judgement(False, f"{replicas - updated} old replicas are pending termination")
    if available < updated:
        return Judgement(False, f"{available} of {updated} updated replicas are available")
    return Judgement(True, "rolled out")


def _daemon_set(item: Workload) -> Judgement:
    status = item.status
    if not _observed(item):
        return Judgement(False, "waiting for the spec update to be observed")
    wanted, updated = status.desired_number_scheduled, status.updated_number_scheduled
    available = status.number_available
    if _strategy(item) != "RollingUpdate":
        return _on_delete(status.number_ready, wanted, updated)
    if updated < wanted:
        return Judgement(False, f"{updated} of {wanted} new pods have been updated")
    if available < wanted:
        return Judgement(False, f"{available} of {wanted} updated pods are available")
    return Judgement(True, "rolled out")


def _stateful_set(item: Workload) -> Judgement:
    status = item.status
    if not status.observed_generation or not _observed(item):
        return Judgement(False, "waiting for the spec update to be observed")
    wanted, ready, updated = item.spec.replicas, status.ready_replicas, status.updated_replicas
    if _strategy(item) != "RollingUpdate":
        return _on_delete(ready, wanted, updated)
    if ready < wanted:
        return Judgement(False, f"waiting for {wanted - ready} pods to be ready")
    if (partition := _partition(item)) is not None:
        new = wanted - partition
        message = f"partitioned: {updated} of {new} new pods have been updated"
        return Judgement(updated >= new, message)
    if status.update_revision != status.current_revision:
        return Judgement(False, f"{updated} pods are at revision {status.update_revision}")
    return Judgement(True, "rolled out")


def _on_delete(ready: int, wanted: int, updated: int) -> Judgement:
    """Judge a workload whose pods somebody deletes by hand: kubectl refuses to judge these."""
    if ready < wanted:
        return Judgement(False, f"{ready} of {wanted} pods are ready")
    return Judgement(True, f"OnDelete: {updated} of {wanted} pods are at the new revision")


def _observed(item: Workload) -> bool:
    return item.metadata.generation <= item.status.observed_generation


def _strategy(item: Workload) -> str:
    return str(item.spec.update_strategy.get("type") or "RollingUpdate")


def _partition(item: Workload) -> int | None:
    """Return the partition of a rolling update; the API server fills in 0."""
    rolling = item.spec.update_strategy.get("rollingUpdate")
    if not isinstance(rolling, dict) or "partition" not in rolling:
        return None
    partition = rolling["partition"]
    return partition if isinstance(partition, int) else 0


_JUDGES: Final = {
    "Deployment": _deployment,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
}
