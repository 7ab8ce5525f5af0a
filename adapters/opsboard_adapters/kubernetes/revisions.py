"""The revisions of a workload: what it was before, newest first.

A Deployment's are its ReplicaSets, numbered by an annotation; a StatefulSet's and a DaemonSet's
are ControllerRevisions.
"""

from typing import Any, Final

from opsboard.adapter import Grid, GridRow, RowAction
from opsboard_adapters.kubernetes.act.offers import ROLLBACK
from opsboard_adapters.kubernetes.api import ClusterApi
from opsboard_adapters.kubernetes.paging import listed
from opsboard_adapters.kubernetes.parse.common import Object, Place, number
from opsboard_adapters.kubernetes.parse.workloads import REVISION
from opsboard_adapters.kubernetes.resources import Resource
from opsboard_adapters.kubernetes.selector import selector_text
from opsboard_adapters.kubernetes.shapes import Workload
from opsboard_adapters.times import time_cell

CAUSE: Final = "kubernetes.io/change-cause"
COLUMNS: Final = ("revision", "images", "pods", "created", "cause")


async def revisions(api: ClusterApi, place: Place, resource: Resource, item: Workload) -> Grid:
    """Return the revisions of the workload *item* as a section."""
    meta = item.metadata
    own = await kept(api, resource, meta.namespace, item.spec.selector, meta.uid)
    rows = tuple(_row(place, found, current=index == 0) for index, found in enumerate(own))
    return Grid(title="Revisions", columns=COLUMNS, rows=rows)


async def history(api: ClusterApi, resource: Resource, item: Object) -> list[Object]:
    """Return the ReplicaSets or ControllerRevisions that *item* owns, newest first."""
    meta, selector = item["metadata"], (item.get("spec") or {}).get("selector") or {}
    return await kept(api, resource, meta["namespace"], selector, meta.get("uid"))


async def kept(
    api: ClusterApi, resource: Resource, namespace: str, selector: Object, uid: object
) -> list[Object]:
    """Return those of a workload that is known by its *uid*, likewise."""
    plural = "replicasets" if resource.name == "Deployment" else "controllerrevisions"
    path = f"/apis/apps/v1/namespaces/{namespace}/{plural}"
    answer = await listed(api, path, {"labelSelector": selector_text(selector)})
    own: list[Object] = [found for found in answer if _owned_by(found, uid)]
    return sorted(own, key=number_of, reverse=True)


def _row(place: Place, found: Object, *, current: bool) -> GridRow:
    meta = found["metadata"]
    status = found.get("status") or {}
    created = place.time(meta.get("creationTimestamp"))
    pods = f"{number(status, 'readyReplicas')}/{number(status, 'replicas')}" if status else ""
    return GridRow(
        cells=(
            f"{number_of(found)}{' (current)' if current else ''}",
            images_of(template_of(found)),
            pods,
            time_cell(created),
            str((meta.get("annotations") or {}).get(CAUSE) or ""),
        ),
        part=f"revision {number_of(found)}",
        actions=(_rollback_to(number_of(found), current=current),),
    )


def _rollback_to(revision: int, *, current: bool) -> RowAction:
    if current:
        return RowAction(action=ROLLBACK.id, why_not=f"revision {revision} is the current one")
    if not revision:
        return RowAction(action=ROLLBACK.id, why_not="it has no number that could be named")
    return RowAction(action=ROLLBACK.id, values={"to": str(revision)})


def template_of(found: Object) -> dict[str, Any]:
    """Return the pod template of a revision, as it was kept."""
    holder = found.get("data") or found  # a ControllerRevision holds its template in data
    return dict((holder.get("spec") or {}).get("template") or {})


def images_of(template: Object) -> str:
    """Return the images of the containers of *template*."""
    containers = (template.get("spec") or {}).get("containers") or ()
    return ", ".join(str(container.get("image")) for container in containers)


def number_of(found: Object) -> int:
    """Return the number of a revision, or 0."""
    if "revision" in found:
        return number(found, "revision")
    text = str((found["metadata"].get("annotations") or {}).get(REVISION) or "")
    return int(text) if text.isdigit() else 0


def _owned_by(found: Object, uid: object) -> bool:
    return any(o.get("uid") == uid for o in found["metadata"].get("ownerReferences") or ())
