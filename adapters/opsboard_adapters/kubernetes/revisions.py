"""The revisions of a workload, and which of them was healthy as far as that can be known.

The revisions of a Deployment are its ReplicaSets, numbered by an annotation; those of a StatefulSet
or DaemonSet are ControllerRevisions. A cluster does not record whether a revision ever worked. What
tells: its pods that are ready now, the status of the roll-out, and that an older revision which
still serves was never replaced.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from opsboard.adapter import Grid, GridRow, RowAction, SourceError
from opsboard_adapters.kubernetes.actions.pod_template import template_digest, without_generated
from opsboard_adapters.kubernetes.actions.specs import ROLLBACK
from opsboard_adapters.kubernetes.actions.target import TargetObject
from opsboard_adapters.kubernetes.client import ClusterClient
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.kubernetes.objects import ApiObject, integer, selector_query
from opsboard_adapters.kubernetes.pager import list_all
from opsboard_adapters.kubernetes.parse.workloads import REVISION_ANNOTATION, rollout_status
from opsboard_adapters.kubernetes.resources import APPS, ApiResource, api_path
from opsboard_adapters.kubernetes.structs import V1Pod, V1Workload, find_condition, to_struct
from opsboard_adapters.times import format_time

CHANGE_CAUSE_ANNOTATION: Final = "kubernetes.io/change-cause"
REVISION_HISTORY_ANNOTATION: Final = "deployment.kubernetes.io/revision-history"
COLUMNS: Final = ("revision", "images", "pods", "created", "cause")


class RevisionHealth(StrEnum):
    """Whether a revision has ever worked."""

    HEALTHY = "was healthy"
    NEVER = "never became healthy"
    UNKNOWN = "health not known"


@dataclass(frozen=True, slots=True)
class WorkloadRevision:
    """A revision of a workload; *object* is its ReplicaSet or ControllerRevision.

    *digest* is that of its pod template; *why* says how its *health* is known.
    """

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
        """Its pod template, without what the controller has added."""
        return without_generated(pod_template_of(self.object))

    @property
    def workload(self) -> V1Workload:
        """The workload as it was then; a ControllerRevision holds it in ``data``."""
        holder = self.object.get("data") or self.object
        return to_struct({**holder, "metadata": self.meta}, V1Workload)

    @property
    def images(self) -> str:
        return images_of(self.template)

    @property
    def cause(self) -> str:
        """The change cause that somebody noted, or ``""``."""
        return str(self.annotations.get(CHANGE_CAUSE_ANNOTATION) or "")

    @property
    def identifiers(self) -> tuple[str, ...]:
        """Its number, earlier numbers, the hash in its name, and the digest of its template.

        A revision that is rolled back to gets a new number; the Deployment controller notes the
        earlier ones (``deploymentutil.SetNewReplicaSetAnnotations``).
        """
        earlier = str(self.annotations.get(REVISION_HISTORY_ANNOTATION) or "").split(",")
        suffix = str(self.meta["name"]).rpartition("-")[2]
        found = (str(self.number), *reversed(earlier), suffix, f"template:{self.digest}")
        return tuple(dict.fromkeys(filter(None, found)))

    def runs(self, pod: ApiObject) -> bool:
        """Return whether *pod* was made by it, by the hash label that its controller sets."""
        labels = pod["metadata"].get("labels") or {}
        hashes = {labels.get("controller-revision-hash"), labels.get("pod-template-hash")} - {None}
        own = self.meta.get("labels") or {}
        names = {own.get("controller-revision-hash"), own.get("pod-template-hash")}
        return bool(hashes & {self.meta["name"], *names})


# --- reading -------------------------------------------------------------------------------------


async def list_revisions(target: TargetObject) -> list[WorkloadRevision]:
    """Return the revisions of *target*, newest first. Raises :exc:`SourceError`."""
    now = template_digest(target.template)
    found = [
        WorkloadRevision(revision_number(one), one, template_digest(pod_template_of(one)))
        for one in await revision_objects(target)
    ]
    current = next((one for one in found if one.digest == now), None)
    return [replace(one, current=one is current) for one in found if one.number]


async def revision_objects(target: TargetObject) -> list[ApiObject]:
    """Return the ReplicaSets or ControllerRevisions that *target* owns, newest first."""
    path = revisions_path(target.resource, target.namespace)
    found = await target.connection.list_all(path, target.spec.get("selector") or {})
    return owned_revisions(found, target.uid)


async def list_revisions_with_health(target: TargetObject) -> list[WorkloadRevision]:
    """Return the revisions of *target*, newest first, with their health.

    Raises :exc:`SourceError`, not for pods that cannot be listed: they are not counted then.
    """
    revisions = await list_revisions(target)
    return with_health(target, revisions, await _count_ready_pods(target, revisions))


async def new_revision_pods(target: TargetObject) -> list[ApiObject]:
    """Return the pods that are made of the present template. Raises :exc:`SourceError`."""
    pods, now = await target.pods(), template_digest(target.template)
    current = [
        WorkloadRevision(revision_number(one), one, now)
        for one in await revision_objects(target)
        if template_digest(pod_template_of(one)) == now
    ]
    return [pod for pod in pods if any(one.runs(pod) for one in current)]


async def _count_ready_pods(
    target: TargetObject, revisions: Sequence[WorkloadRevision]
) -> Counter[int] | None:
    """Return how many pods of each revision are ready; ``None`` where they cannot be listed."""
    try:
        pods = await target.pods()
    except SourceError:
        return None
    counts: Counter[int] = Counter()
    for pod in pods:
        ready = find_condition(to_struct(pod, V1Pod).status.conditions, "Ready").holds
        for revision in revisions:
            if ready and not pod["metadata"].get("deletionTimestamp") and revision.runs(pod):
                counts[revision.number] += 1
    return counts


# --- health --------------------------------------------------------------------------------------


def with_health(
    target: TargetObject, revisions: list[WorkloadRevision], ready: Counter[int] | None
) -> list[WorkloadRevision]:
    """Return *revisions* with their health; *ready* counts the ready pods of each, if known."""
    counts = _ready_by_status(revisions) if ready is None else ready
    serving = [one.number for one in revisions if counts[one.number] and not one.current]
    oldest = min(serving, default=0)
    return [_with_health(target, one, counts[one.number], oldest) for one in revisions]


def _ready_by_status(revisions: Sequence[WorkloadRevision]) -> Counter[int]:
    """Return the ready pods by the status of ReplicaSets; ControllerRevisions have none."""
    statuses = {one.number: one.object.get("status") or {} for one in revisions}
    return Counter({name: integer(status, "readyReplicas") for name, status in statuses.items()})


def _with_health(
    target: TargetObject, one: WorkloadRevision, ready: int, oldest_serving: int
) -> WorkloadRevision:
    healthy, never = RevisionHealth.HEALTHY, RevisionHealth.NEVER
    if one.current:
        return _with_current_health(target, one, ready)
    if ready:
        return replace(one, health=healthy, why=f"{ready} of its pods are ready")
    if one.meta["name"] == target.status.get("currentRevision"):
        return replace(one, health=healthy, why="the last one that was rolled out to its end")
    if 0 < oldest_serving < one.number:
        why = f"revision {oldest_serving} still serves, so it never replaced that"
        return replace(one, health=never, why=why)
    return one


def _with_current_health(
    target: TargetObject, one: WorkloadRevision, ready: int
) -> WorkloadRevision:
    status = rollout_status(target.resource.kind, target.workload)
    if status.failed:
        return replace(one, health=RevisionHealth.NEVER, why=status.message)
    if status.done and ready:
        why = f"{ready} of its pods are ready"
        return replace(one, health=RevisionHealth.HEALTHY, why=why)
    return replace(one, why="it has no pod that is ready" if status.done else status.message)


def last_healthy(revisions: Sequence[WorkloadRevision]) -> WorkloadRevision | None:
    """Return what to roll back to: the newest that was healthy, else one that may have been."""
    others = [one for one in revisions if not one.current]
    for wanted in (RevisionHealth.HEALTHY, RevisionHealth.UNKNOWN):
        for one in others:
            if one.health is wanted:
                return one
    return None


# --- objects -------------------------------------------------------------------------------------


def revisions_path(resource: ApiResource, namespace: str) -> str:
    """Return the path of the collection that holds the revisions of a workload."""
    plural = "replicasets" if resource.kind == "Deployment" else "controllerrevisions"
    return api_path(APPS, plural, namespace)


def owned_revisions(found: Sequence[ApiObject], uid: object) -> list[ApiObject]:
    """Return those of *found* that the workload with *uid* owns, newest first."""
    return sorted(
        (one for one in found if _is_owned_by(one, uid)), key=revision_number, reverse=True
    )


def _is_owned_by(found: ApiObject, uid: object) -> bool:
    return any(o.get("uid") == uid for o in found["metadata"].get("ownerReferences") or ())


def pod_template_of(found: ApiObject) -> dict[str, Any]:
    """Return the pod template of a revision, as the cluster keeps it."""
    holder = found.get("data") or found  # a ControllerRevision holds its template in data
    return dict((holder.get("spec") or {}).get("template") or {})


def images_of(template: ApiObject) -> str:
    """Return the images of the containers of a pod *template*: ``web:2, proxy:1``."""
    containers = (template.get("spec") or {}).get("containers") or ()
    return ", ".join(str(container.get("image")) for container in containers)


def revision_number(found: ApiObject) -> int:
    """Return the number of a revision, or 0 where it has none."""
    if "revision" in found:
        return integer(found, "revision")
    text = str((found["metadata"].get("annotations") or {}).get(REVISION_ANNOTATION) or "")
    return int(text) if text.isdigit() else 0


# --- the section of a detail page ----------------------------------------------------------------


async def revisions_grid(
    client: ClusterClient, cluster: ClusterContext, resource: ApiResource, item: V1Workload
) -> Grid:
    """Return the revisions of the workload *item* as a section, each with its rollback."""
    meta = item.metadata
    parameters = {"labelSelector": selector_query(item.spec.selector)}
    found = await list_all(client, revisions_path(resource, meta.namespace), parameters)
    own = owned_revisions(found, meta.uid)
    rows = tuple(_row(cluster, one, current=index == 0) for index, one in enumerate(own))
    return Grid(title="Revisions", columns=COLUMNS, rows=rows)


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
        reason = f"revision {revision} is the current one"
        return RowAction(action=ROLLBACK.id, disabled_reason=reason)
    if not revision:
        return RowAction(action=ROLLBACK.id, disabled_reason="it has no number that could be named")
    return RowAction(action=ROLLBACK.id, values={"to": str(revision)})
