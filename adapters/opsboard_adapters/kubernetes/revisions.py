"""The revisions of a workload: what it was before, newest first.

A Deployment's are its ReplicaSets, numbered by an annotation; a StatefulSet's and a DaemonSet's
are ControllerRevisions.

The revisions of a workload, and which of them was healthy, as far as it can be known.

A cluster does not keep whether a revision ever worked. What tells: pods that are ready now, the
verdict of the roll-out, and that an older revision which still serves was never replaced.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from opsboard.adapter import Grid, GridRow, RowAction, SourceError
from opsboard_adapters.kubernetes.actions.pod_template import template_digest, without_generated
from opsboard_adapters.kubernetes.actions.specs import ROLLBACK
from opsboard_adapters.kubernetes.actions.target import ClusterConnection, TargetObject
from opsboard_adapters.kubernetes.client import ClusterClient
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.kubernetes.objects import ApiObject, integer, selector_query
from opsboard_adapters.kubernetes.pager import list_all
from opsboard_adapters.kubernetes.parse.workloads import REVISION_ANNOTATION, rollout_status
from opsboard_adapters.kubernetes.resources import PODS, ApiResource
from opsboard_adapters.kubernetes.structs import V1Pod, V1Workload, find_condition, to_struct
from opsboard_adapters.times import format_time

CHANGE_CAUSE_ANNOTATION: Final = "kubernetes.io/change-cause"
COLUMNS: Final = ("revision", "images", "pods", "created", "cause")


async def revisions_grid(
    client: ClusterClient, cluster: ClusterContext, resource: ApiResource, item: V1Workload
) -> Grid:
    """Return the revisions of the workload *item* as a section."""
    meta = item.metadata
    own = await owned_revisions(client, resource, meta.namespace, item.spec.selector, meta.uid)
    rows = tuple(_row(cluster, found, current=index == 0) for index, found in enumerate(own))
    return Grid(title="Revisions", columns=COLUMNS, rows=rows)


async def revision_objects(
    client: ClusterClient, resource: ApiResource, item: ApiObject
) -> list[ApiObject]:
    """Return the ReplicaSets or ControllerRevisions that *item* owns, newest first."""
    meta, selector = item["metadata"], (item.get("spec") or {}).get("selector") or {}
    return await owned_revisions(client, resource, meta["namespace"], selector, meta.get("uid"))


async def owned_revisions(
    client: ClusterClient, resource: ApiResource, namespace: str, selector: ApiObject, uid: object
) -> list[ApiObject]:
    """Return those of a workload that is known by its *uid*, likewise."""
    plural = "replicasets" if resource.kind == "Deployment" else "controllerrevisions"
    path = f"/apis/apps/v1/namespaces/{namespace}/{plural}"
    answer = await list_all(client, path, {"labelSelector": selector_query(selector)})
    own: list[ApiObject] = [found for found in answer if _owned_by(found, uid)]
    return sorted(own, key=revision_number, reverse=True)


def _row(cluster: ClusterContext, found: ApiObject, *, current: bool) -> GridRow:
    meta = found["metadata"]
    status = found.get("status") or {}
    created = cluster.time(meta.get("creationTimestamp"))
    pods = f"{integer(status, 'readyReplicas')}/{integer(status, 'replicas')}" if status else ""
    return GridRow(
        cells=(
            f"{revision_number(found)}{' (current)' if current else ''}",
            images_of(pod_template_of(found)),
            pods,
            format_time(created),
            str((meta.get("annotations") or {}).get(CHANGE_CAUSE_ANNOTATION) or ""),
        ),
        part=f"revision {revision_number(found)}",
        actions=(_rollback_to(revision_number(found), current=current),),
    )


def _rollback_to(revision: int, *, current: bool) -> RowAction:
    if current:
        return RowAction(
            action=ROLLBACK.id, disabled_reason=f"revision {revision} is the current one"
        )
    if not revision:
        return RowAction(action=ROLLBACK.id, disabled_reason="it has no number that could be named")
    return RowAction(action=ROLLBACK.id, values={"to": str(revision)})


def pod_template_of(found: ApiObject) -> dict[str, Any]:
    """Return the pod template of a revision, as it was kept."""
    holder = found.get("data") or found  # a ControllerRevision holds its template in data
    return dict((holder.get("spec") or {}).get("template") or {})


def images_of(template: ApiObject) -> str:
    """Return the images of the containers of *template*."""
    containers = (template.get("spec") or {}).get("containers") or ()
    return ", ".join(str(container.get("image")) for container in containers)


def revision_number(found: ApiObject) -> int:
    """Return the number of a revision, or 0."""
    if "revision" in found:
        return integer(found, "revision")
    text = str((found["metadata"].get("annotations") or {}).get(REVISION_ANNOTATION) or "")
    return int(text) if text.isdigit() else 0


def _owned_by(found: ApiObject, uid: object) -> bool:
    return any(o.get("uid") == uid for o in found["metadata"].get("ownerReferences") or ())


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
    judgement = rollout_status(target.resource.kind, target.workload)
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
