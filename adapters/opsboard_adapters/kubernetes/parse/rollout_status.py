"""Roll-out status, as ``kubectl rollout status`` judges it.

Source of the rules: kubectl's ``pkg/polymorphichelpers/rollout_status.go`` (1.36).
"""

from dataclasses import dataclass
from typing import Final

from opsboard_adapters.kubernetes.cluster_context import find_condition
from opsboard_adapters.kubernetes.structs import V1Workload

DEADLINE_EXCEEDED: Final = "ProgressDeadlineExceeded"


@dataclass(frozen=True, slots=True)
class RolloutStatus:
    """Whether a roll-out is *done*, or has *failed* for good, and the sentence for it."""

    done: bool
    message: str
    failed: bool = False


def rollout_status(kind: str, item: V1Workload) -> RolloutStatus:
    """Return the judgement of a Deployment, StatefulSet or DaemonSet."""
    return _JUDGES[kind](item)


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
    """Judge by numbers alone, as kubectl does wherever ``rollingUpdate`` is there at all."""
    message = f"partitioned: {updated} of {new} new pods have been updated"
    return RolloutStatus(updated >= new, message)


def _by_hand(item: V1Workload, ready: int, wanted: int, updated: int) -> RolloutStatus:
    """Judge a workload whose pods somebody deletes by hand: kubectl refuses to judge these."""
    if ready < wanted:
        return RolloutStatus(False, f"{ready} of {wanted} pods are ready")
    strategy = item.spec.update_strategy.get("type") or "no strategy"
    return RolloutStatus(True, f"{strategy}: {updated} of {wanted} pods are at the new revision")


def _observed(item: V1Workload) -> bool:
    return item.metadata.generation <= item.status.observed_generation


def replaces_pods(item: V1Workload) -> bool:
    """Tell whether the controller of a StatefulSet or DaemonSet replaces its pods by itself."""
    return item.spec.update_strategy.get("type") == "RollingUpdate"


def partition_of(item: V1Workload) -> int:
    """Return how many of the first pods of a StatefulSet are left at the revision before."""
    rolling = item.spec.update_strategy.get("rollingUpdate")
    partition = rolling.get("partition") if isinstance(rolling, dict) else None
    return partition if isinstance(partition, int) else 0


_JUDGES: Final = {
    "Deployment": _deployment,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
}
