"""The revisions of a workload: what it was before, newest first.

A Deployment's are its ReplicaSets, numbered by an annotation; a StatefulSet's and a DaemonSet's
are ControllerRevisions.
"""

from typing import Any, Final

from opsboard.adapter import Grid, GridRow, RowAction
from opsboard_adapters.kubernetes.actions.specs import ROLLBACK
from opsboard_adapters.kubernetes.client import ClusterClient
from opsboard_adapters.kubernetes.cluster_context import ApiObject, ClusterContext, integer
from opsboard_adapters.kubernetes.pager import list_all
from opsboard_adapters.kubernetes.parse.workloads import REVISION_ANNOTATION
from opsboard_adapters.kubernetes.resources import ApiResource
from opsboard_adapters.kubernetes.selectors import selector_query
from opsboard_adapters.kubernetes.structs import V1Workload
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
