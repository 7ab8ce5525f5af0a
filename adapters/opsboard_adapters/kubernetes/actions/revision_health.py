"""The revisions of a workload, and which of them was healthy, as far as it can be known.

A cluster does not keep whether a revision ever worked. What tells: pods that are ready now, the
verdict of the roll-out, and that an older revision which still serves was never replaced.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from opsboard.adapter import SourceError
from opsboard_adapters.kubernetes.actions.pod_template import template_digest, without_generated
from opsboard_adapters.kubernetes.actions.target import ClusterConnection, TargetObject
from opsboard_adapters.kubernetes.cluster_context import ApiObject, find_condition, integer
from opsboard_adapters.kubernetes.pager import list_all
from opsboard_adapters.kubernetes.parse import rollout_status
from opsboard_adapters.kubernetes.resources import PODS
from opsboard_adapters.kubernetes.revisions import (
    CHANGE_CAUSE_ANNOTATION,
    images_of,
    pod_template_of,
    revision_number,
    revision_objects,
)
from opsboard_adapters.kubernetes.selectors import selector_query
from opsboard_adapters.kubernetes.structs import V1Pod, V1Workload, to_struct

REVISION_HISTORY_ANNOTATION: Final = "deployment.kubernetes.io/revision-history"


class RevisionHealth(StrEnum):
    """Whether a revision has ever done its work."""

    HEALTHY = "was healthy"
    NEVER = "never became healthy"
    UNKNOWN = "health not known"


@dataclass(frozen=True, slots=True)
class WorkloadRevision:
    """A revision of a workload. *why* says how its *health* is known."""

    number: int
    object: ApiObject
    digest: str
    current: bool = False
    health: RevisionHealth = RevisionHealth.UNKNOWN
    why: str = "no pod of it is ready now, and a cluster keeps no record"

    @property
    def meta(self) -> ApiObject:
        meta: ApiObject = self.object["metadata"]
        return meta

    @property
    def annotations(self) -> Mapping[str, str]:
        return self.meta.get("annotations") or {}

    @property
    def template(self) -> dict[str, Any]:
        return without_generated(pod_template_of(self.object))

    @property
    def workload(self) -> V1Workload:
        """The workload as it was then; a ControllerRevision holds it in ``data``."""
        return to_struct(
            {**(self.object.get("data") or self.object), "metadata": self.meta}, V1Workload
        )

    @property
    def images(self) -> str:
        return images_of(self.template)

    @property
    def cause(self) -> str:
        return str(self.annotations.get(CHANGE_CAUSE_ANNOTATION) or "")

    @property
    def identifiers(self) -> tuple[str, ...]:
        """All that it is known by: its number, earlier ones, its hash, and its template's digest.

        What is rolled back to is given a new number. A Deployment's controller notes the earlier
        ones (``deploymentutil.SetNewReplicaSetAnnotations``).
        """
        earlier = str(self.annotations.get(REVISION_HISTORY_ANNOTATION) or "").split(",")
        suffix = str(self.meta["name"]).rpartition("-")[2]
        told = (str(self.number), *reversed(earlier), suffix, f"template:{self.digest}")
        return tuple(dict.fromkeys(filter(None, told)))

    def runs(self, pod: ApiObject) -> bool:
        """Tell whether *pod* was made by it: by the label that its controller gives."""
        labels = pod["metadata"].get("labels") or {}
        told = {labels.get("controller-revision-hash"), labels.get("pod-template-hash")} - {None}
        own = self.meta.get("labels") or {}
        names = {own.get("controller-revision-hash"), own.get("pod-template-hash")}
        return bool(told & {self.meta["name"], *names})


async def list_revisions_with_health(
    site: ClusterConnection, target: TargetObject
) -> list[WorkloadRevision]:
    """Return the revisions of *target*, newest first, judged. Raises :exc:`SourceError`."""
    kept = await list_revisions(site, target)
    return with_health(target, kept, await count_ready_pods(site, target, kept))


async def list_revisions(site: ClusterConnection, target: TargetObject) -> list[WorkloadRevision]:
    """Return the revisions of *target*, newest first. Raises :exc:`SourceError`."""
    now = template_digest(target.template)
    found = [
        WorkloadRevision(revision_number(kept), kept, template_digest(pod_template_of(kept)))
        for kept in await revision_objects(site.client, target.resource, target.item)
    ]
    current = next((one for one in found if one.digest == now), None)
    return [replace(one, current=one is current) for one in found if one.number]


async def count_ready_pods(
    site: ClusterConnection, target: TargetObject, revisions: Sequence[WorkloadRevision]
) -> Counter[int] | None:
    """Return how many pods of each revision are ready, or ``None`` where that is not shown."""
    try:
        pods = await list_pods(site, target)
    except SourceError:
        return None
    counts: Counter[int] = Counter()
    for pod in pods:
        ready = find_condition(to_struct(pod, V1Pod).status.conditions, "Ready").holds
        for revision in revisions:
            if ready and not pod["metadata"].get("deletionTimestamp") and revision.runs(pod):
                counts[revision.number] += 1
    return counts


async def list_pods(site: ClusterConnection, target: TargetObject) -> list[ApiObject]:
    """Return all pods of *target*. Raises :exc:`SourceError`."""
    selector = selector_query(target.spec.get("selector") or {})
    found: list[ApiObject] = []
    found += await list_all(site.client, PODS.path(target.namespace), {"labelSelector": selector})
    return found


def with_health(
    target: TargetObject, revisions: list[WorkloadRevision], ready: Counter[int] | None
) -> list[WorkloadRevision]:
    """Return *revisions* with their health; *ready* counts the ready pods of each, if known."""
    counts = _from_status(revisions) if ready is None else ready
    serving = [one.number for one in revisions if counts[one.number] and not one.current]
    oldest = min(serving, default=0)
    return [_with_health(target, one, counts[one.number], oldest) for one in revisions]


def _from_status(revisions: Sequence[WorkloadRevision]) -> Counter[int]:
    """Return what ReplicaSets say themselves; ControllerRevisions say nothing."""
    told = {one.number: one.object.get("status") or {} for one in revisions}
    return Counter({name: integer(status, "readyReplicas") for name, status in told.items()})


def _with_health(
    target: TargetObject, one: WorkloadRevision, ready: int, oldest_serving: int
) -> WorkloadRevision:
    if one.current:
        return _current(target, one, ready)
    if ready:
        return replace(one, health=RevisionHealth.HEALTHY, why=f"{ready} of its pods are ready")
    if one.meta["name"] == target.status.get("currentRevision"):
        return replace(
            one, health=RevisionHealth.HEALTHY, why="the last one that was rolled out to its end"
        )
    if 0 < oldest_serving < one.number:
        why = f"revision {oldest_serving} still serves, so it never replaced that"
        return replace(one, health=RevisionHealth.NEVER, why=why)
    return one


def _current(target: TargetObject, one: WorkloadRevision, ready: int) -> WorkloadRevision:
    judgement = rollout_status.rollout_status(target.resource.kind, target.workload)
    if judgement.failed:
        return replace(one, health=RevisionHealth.NEVER, why=judgement.message)
    if judgement.done and ready:
        return replace(one, health=RevisionHealth.HEALTHY, why=f"{ready} of its pods are ready")
    why = judgement.message if not judgement.done else "it has no pod that is ready"
    return replace(one, why=why)


def last_healthy(revisions: Sequence[WorkloadRevision]) -> WorkloadRevision | None:
    """Return what to roll back to: the newest that was healthy, else one that may have been."""
    others = [one for one in revisions if not one.current]
    for wanted in (RevisionHealth.HEALTHY, RevisionHealth.UNKNOWN):
        for one in others:
            if one.health is wanted:
                return one
    return None
