"""What a cluster itself remembers of earlier roll-outs: its ReplicaSets and ControllerRevisions.

Each was created when its pod template was rolled out for the first time, and that is all it says: a
rollback uses an old one again and leaves its creation as it is, and what was deleted by
``revisionHistoryLimit`` is gone. A ReplicaSet notes its earlier numbers, so its first one is known
(``deployment.kubernetes.io/revision-history``); a ControllerRevision does not.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import aclosing
from functools import partial
from typing import Final, TypeVar

from opsboard.adapter import Past, PastRecord
from opsboard.records import Deployment, stated
from opsboard.records.claims import WORKLOAD
from opsboard_adapters.kubernetes.client import ClusterClient
from opsboard_adapters.kubernetes.cluster_context import ClusterContext, common_fields
from opsboard_adapters.kubernetes.pager import pages
from opsboard_adapters.kubernetes.parse.images import workload_image_claims
from opsboard_adapters.kubernetes.parse.workloads import (
    REVISION_ANNOTATION,
    TEMPLATE_GENERATION_ANNOTATION,
    parse_declarations,
)
from opsboard_adapters.kubernetes.protocol import ListRequest
from opsboard_adapters.kubernetes.resources import APPS, WORKLOADS, api_path
from opsboard_adapters.kubernetes.revisions import (
    CHANGE_CAUSE_ANNOTATION,
    REVISION_HISTORY_ANNOTATION,
)
from opsboard_adapters.kubernetes.structs import (
    V1ControllerRevision,
    V1Object,
    V1Workload,
    controller_of,
)
from opsboard_adapters.listing.completeness import SkippedRecords

MAX_REVISIONS: Final = 5_000
"""Revisions of a cluster that are read at most: the history is a help, the board comes first."""

RULE: Final = "{} created: the first roll-out of this revision, not the last"
T = TypeVar("T", bound=V1Object)


async def past_revisions(
    client: ClusterClient, cluster: ClusterContext, namespace: str
) -> AsyncIterator[Past]:
    """Yield the past of the workloads of *namespace*, or of all (``""``), in parts.

    Raises :exc:`SourceError`.
    """
    read = 0
    async for sets in _pages(client, "replicasets", namespace, V1Workload):
        for part in _by_kind(cluster, namespace, map(partial(_of_replica_set, cluster), sets)):
            yield part
        if (read := read + len(sets)) >= MAX_REVISIONS:
            break
    read = 0
    async for found in _pages(client, "controllerrevisions", namespace, V1ControllerRevision):
        told = map(partial(_of_controller_revision, cluster), found)
        for part in _by_kind(cluster, namespace, told):
            yield part
        if (read := read + len(found)) >= MAX_REVISIONS:
            break


def _by_kind(
    cluster: ClusterContext, namespace: str, told: Iterable[PastRecord | None]
) -> Iterator[Past]:
    """Yield what was *told*, each in the scope of its workload's kind."""
    scopes: defaultdict[str, list[PastRecord]] = defaultdict(list)
    for past in told:
        if past is not None and isinstance(past.record, Deployment):
            plural = WORKLOADS[past.record.workload].plural
            scopes["/".join(filter(None, (cluster.name, namespace, plural)))].append(past)
    for scope, records in scopes.items():
        yield Past(scope, records)


async def _pages(
    client: ClusterClient, plural: str, namespace: str, struct: type[T]
) -> AsyncIterator[list[T]]:
    path = api_path(APPS, plural, namespace)
    async with aclosing(pages(client, ListRequest(path, struct, SkippedRecords(path)))) as chunks:
        async for page in chunks:
            yield page.objects


def _of_replica_set(cluster: ClusterContext, item: V1Workload) -> PastRecord | None:
    kind, _ = controller_of(item)
    annotations = item.metadata.annotations
    earlier = annotations.get(REVISION_HISTORY_ANNOTATION, "").split(",")
    number = earlier[0] or annotations.get(REVISION_ANNOTATION, "")
    return _past(cluster, item, item, number) if kind == "Deployment" and number else None


def _of_controller_revision(
    cluster: ClusterContext, item: V1ControllerRevision
) -> PastRecord | None:
    kind, name = controller_of(item)
    if kind not in WORKLOADS:
        return None
    number = item.metadata.annotations.get(TEMPLATE_GENERATION_ANNOTATION, "")
    if kind == "StatefulSet":
        number = item.metadata.name.removeprefix(f"{name}-")
    return _past(cluster, item, V1Workload(item.metadata, item.data.spec), number)


def _past(
    cluster: ClusterContext, item: V1Object, workload: V1Workload, number: str
) -> PastRecord | None:
    """Return what *item* says of its workload at the time of its creation."""
    kind, name = controller_of(item)
    at = cluster.time(item.metadata.creation_timestamp)
    if at is None:
        return None
    namespace = item.metadata.namespace
    declared = parse_declarations(cluster, kind, workload)
    owner = cluster.workload(namespace, f"{kind}/{name}", kind)
    fields = common_fields(cluster, item) | {
        "id": cluster.record_id(namespace, f"{kind}/{name}"),
        "name": name,
        "created_at": None,
    }
    record = Deployment(
        **fields,
        workload=kind,
        revision=number,
        message=item.metadata.annotations.get(CHANGE_CAUSE_ANNOTATION, ""),
        images=tuple(one.image for one in workload.spec.template.spec.containers),
        commit=declared.commit,
        labels=declared.labels,
        inputs=stated(
            *workload_image_claims(workload, ()),
            *declared.models,
            *(claim for claim in declared.inputs if claim.type != WORKLOAD),
        ),
        outputs=owner,
    )
    what = "ReplicaSet" if kind == "Deployment" else "ControllerRevision"
    return PastRecord(record.ref, at, record, RULE.format(what))
