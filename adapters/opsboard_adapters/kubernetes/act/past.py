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
from opsboard_adapters.kubernetes.act.site import Site, Target
from opsboard_adapters.kubernetes.act.templates import bare, digest
from opsboard_adapters.kubernetes.paging import listed
from opsboard_adapters.kubernetes.parse import rollout
from opsboard_adapters.kubernetes.parse.common import Object, condition, number
from opsboard_adapters.kubernetes.resources import PODS
from opsboard_adapters.kubernetes.revisions import (
    CAUSE,
    history,
    images_of,
    number_of,
    template_of,
)
from opsboard_adapters.kubernetes.selector import selector_text
from opsboard_adapters.kubernetes.shapes import Pod, Workload, typed

EARLIER: Final = "deployment.kubernetes.io/revision-history"


class Health(StrEnum):
    """Whether a revision has ever done its work."""

    WAS = "was healthy"
    NEVER = "never became healthy"
    UNKNOWN = "health not known"


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision of a workload. *why* says how its *health* is known."""

    number: int
    kept: Object
    digest: str
    current: bool = False
    health: Health = Health.UNKNOWN
    why: str = "no pod of it is ready now, and a cluster keeps no record"

    @property
    def meta(self) -> Object:
        meta: Object = self.kept["metadata"]
        return meta

    @property
    def annotations(self) -> Mapping[str, str]:
        return self.meta.get("annotations") or {}

    @property
    def template(self) -> dict[str, Any]:
        return bare(template_of(self.kept))

    @property
    def workload(self) -> Workload:
        """The workload as it was then; a ControllerRevision holds it in ``data``."""
        return typed({**(self.kept.get("data") or self.kept), "metadata": self.meta}, Workload)

    @property
    def images(self) -> str:
        return images_of(self.template)

    @property
    def cause(self) -> str:
        return str(self.annotations.get(CAUSE) or "")

    @property
    def known_by(self) -> tuple[str, ...]:
        """All that it is known by: its number, earlier ones, its hash, and its template's digest.

        What is rolled back to is given a new number. A Deployment's controller notes the earlier
        ones (``deploymentutil.SetNewReplicaSetAnnotations``).
        """
        earlier = str(self.annotations.get(EARLIER) or "").split(",")
        suffix = str(self.meta["name"]).rpartition("-")[2]
        told = (str(self.number), *reversed(earlier), suffix, f"template:{self.digest}")
        return tuple(dict.fromkeys(filter(None, told)))

    def runs(self, pod: Object) -> bool:
        """Tell whether *pod* was made by it: by the label that its controller gives."""
        labels = pod["metadata"].get("labels") or {}
        told = {labels.get("controller-revision-hash"), labels.get("pod-template-hash")} - {None}
        own = self.meta.get("labels") or {}
        names = {own.get("controller-revision-hash"), own.get("pod-template-hash")}
        return bool(told & {self.meta["name"], *names})


async def revisions_of(site: Site, target: Target) -> list[Revision]:
    """Return the revisions of *target*, newest first, judged. Raises :exc:`SourceError`."""
    kept = await kept_revisions(site, target)
    return judged(target, kept, await ready_pods(site, target, kept))


async def kept_revisions(site: Site, target: Target) -> list[Revision]:
    """Return the revisions of *target*, newest first. Raises :exc:`SourceError`."""
    now = digest(target.template)
    found = [
        Revision(number_of(kept), kept, digest(template_of(kept)))
        for kept in await history(site.api, target.resource, target.item)
    ]
    current = next((one for one in found if one.digest == now), None)
    return [replace(one, current=one is current) for one in found if one.number]


async def ready_pods(
    site: Site, target: Target, revisions: Sequence[Revision]
) -> Counter[int] | None:
    """Return how many pods of each revision are ready, or ``None`` where that is not shown."""
    try:
        pods = await pods_of(site, target)
    except SourceError:
        return None
    counts: Counter[int] = Counter()
    for pod in pods:
        ready = condition(typed(pod, Pod).status.conditions, "Ready").holds
        for revision in revisions:
            if ready and not pod["metadata"].get("deletionTimestamp") and revision.runs(pod):
                counts[revision.number] += 1
    return counts


async def pods_of(site: Site, target: Target) -> list[Object]:
    """Return all pods of *target*. Raises :exc:`SourceError`."""
    selector = selector_text(target.spec.get("selector") or {})
    found: list[Object] = []
    found += await listed(site.api, PODS.path(target.namespace), {"labelSelector": selector})
    return found


def judged(target: Target, revisions: list[Revision], ready: Counter[int] | None) -> list[Revision]:
    """Return *revisions* with their health; *ready* counts the ready pods of each, if known."""
    counts = _from_status(revisions) if ready is None else ready
    serving = [one.number for one in revisions if counts[one.number] and not one.current]
    oldest = min(serving, default=0)
    return [_with_health(target, one, counts[one.number], oldest) for one in revisions]


def _from_status(revisions: Sequence[Revision]) -> Counter[int]:
    """Return what ReplicaSets say themselves; ControllerRevisions say nothing."""
    told = {one.number: one.kept.get("status") or {} for one in revisions}
    return Counter({name: number(status, "readyReplicas") for name, status in told.items()})


def _with_health(target: Target, one: Revision, ready: int, oldest_serving: int) -> Revision:
    if one.current:
        return _current(target, one, ready)
    if ready:
        return replace(one, health=Health.WAS, why=f"{ready} of its pods are ready")
    if one.meta["name"] == target.status.get("currentRevision"):
        return replace(one, health=Health.WAS, why="the last one that was rolled out to its end")
    if 0 < oldest_serving < one.number:
        why = f"revision {oldest_serving} still serves, so it never replaced that"
        return replace(one, health=Health.NEVER, why=why)
    return one


def _current(target: Target, one: Revision, ready: int) -> Revision:
    judgement = rollout.judge(target.resource.name, target.workload)
    if judgement.failed:
        return replace(one, health=Health.NEVER, why=judgement.message)
    if judgement.done and ready:
        return replace(one, health=Health.WAS, why=f"{ready} of its pods are ready")
    why = judgement.message if not judgement.done else "it has no pod that is ready"
    return replace(one, why=why)


def last_healthy(revisions: Sequence[Revision]) -> Revision | None:
    """Return what to roll back to: the newest that was healthy, else one that may have been."""
    others = [one for one in revisions if not one.current]
    for wanted in (Health.WAS, Health.UNKNOWN):
        for one in others:
            if one.health is wanted:
                return one
    return None
