"""The revisions of a workload: what it was before, newest first.

A Deployment's are its ReplicaSets, numbered by an annotation; a StatefulSet's and a DaemonSet's
are ControllerRevisions.
"""

from typing import Any, Final

from opsboard.adapter import Grid, GridRow
from opsboard_adapters.kubernetes.api import ClusterApi
from opsboard_adapters.kubernetes.parse.common import Object, Place, number
from opsboard_adapters.kubernetes.parse.workloads import REVISION
from opsboard_adapters.kubernetes.resources import Resource
from opsboard_adapters.kubernetes.selector import selector_text

CAUSE: Final = "kubernetes.io/change-cause"
COLUMNS: Final = ("revision", "images", "pods", "created", "cause")


async def revisions(api: ClusterApi, place: Place, resource: Resource, item: Object) -> Grid:
    """Return the revisions of the workload *item* as a section."""
    deployment = resource.name == "Deployment"
    plural = "replicasets" if deployment else "controllerrevisions"
    namespace = item["metadata"]["namespace"]
    selector = selector_text((item.get("spec") or {}).get("selector") or {})
    answer = await api.get(
        f"/apis/apps/v1/namespaces/{namespace}/{plural}", {"labelSelector": selector}
    )
    uid = item["metadata"].get("uid")
    own = [found for found in answer.get("items") or () if _owned_by(found, uid)]
    own.sort(key=_number, reverse=True)
    rows = tuple(_row(place, found, current=index == 0) for index, found in enumerate(own))
    return Grid(title="Revisions", columns=COLUMNS, rows=rows)


def _row(place: Place, found: Object, *, current: bool) -> GridRow:
    meta = found["metadata"]
    status = found.get("status") or {}
    created = place.time(meta.get("creationTimestamp"))
    pods = f"{number(status, 'readyReplicas')}/{number(status, 'replicas')}" if status else ""
    return GridRow(
        cells=(
            f"{_number(found)}{' (current)' if current else ''}",
            ", ".join(str(container.get("image")) for container in _template(found)),
            pods,
            created.isoformat() if created else "",
            str((meta.get("annotations") or {}).get(CAUSE) or ""),
        )
    )


def _template(found: Object) -> list[dict[str, Any]]:
    holder = found.get("data") or found  # a ControllerRevision holds its template in data
    template = (holder.get("spec") or {}).get("template") or {}
    return list((template.get("spec") or {}).get("containers") or ())


def _number(found: Object) -> int:
    if "revision" in found:
        return number(found, "revision")
    text = str((found["metadata"].get("annotations") or {}).get(REVISION) or "")
    return int(text) if text.isdigit() else 0


def _owned_by(found: Object, uid: object) -> bool:
    return any(o.get("uid") == uid for o in found["metadata"].get("ownerReferences") or ())
