"""Objects of any resource: which of them are records of the board, and the page of the others."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from opsboard.adapter import Detail, Fact, Facts, Grid, GridRow, Malformed, Section
from opsboard.records import ListedObject, Ref, Status, listed_key, listed_ref
from opsboard_adapters.kubernetes.client import ClusterClient
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.kubernetes.detail import conditions, events_of, facts_of, flat
from opsboard_adapters.kubernetes.discovery import Discovered, ServedResource
from opsboard_adapters.kubernetes.node_metrics import V1Node
from opsboard_adapters.kubernetes.objects import ApiObject, readable
from opsboard_adapters.kubernetes.resources import (
    CONFIGS,
    INFERENCE_SERVICES,
    KINDS_IN_IDS,
    WATCHED,
    ApiResource,
)
from opsboard_adapters.kubernetes.structs import ApiStruct, V1Condition, V1Object, to_struct
from opsboard_adapters.kubernetes.usage_sections import node_usage


class ConditionList(ApiStruct, frozen=True):
    """The conditions of a status."""

    conditions: tuple[V1Condition, ...] = ()


_BOARD: Final = {one.full_name: one for one in (*WATCHED, *CONFIGS, INFERENCE_SERVICES)}
_MAX_FACTS: Final = 60
_MAX_TEXT: Final = 300
_NOT_SHOWN: Final = frozenset({"conditions"})
"""Parts of a status that have a section of their own."""


def board_resource(resource: ServedResource) -> ApiResource | None:
    """Return how the board knows *resource*, if it has a kind for its objects."""
    return _BOARD.get(resource.full_name)


def board_ref(
    cluster: ClusterContext, resource: ServedResource, namespace: str, name: str
) -> Ref | None:
    """Return the record of the board that an object is, ``None`` where the board has none."""
    known = board_resource(resource)
    if known is None:
        return None
    if known.record_kind in KINDS_IN_IDS:
        name = f"{known.kind}/{name}"
    return Ref(cluster.source, known.record_kind, cluster.record_id(namespace, name))


def object_ref(cluster: ClusterContext, resource: ServedResource, namespace: str, name: str) -> Ref:
    """Return what keys are about on an object: the record of the board, or the listed object."""
    known = board_ref(cluster, resource, namespace, name)
    if known is not None:
        return known
    key = cluster.record_id(namespace if resource.namespaced else "", name)
    return listed_ref(cluster.source, resource.full_name, key)


def listed_place(ref: Ref) -> tuple[str, str, str, str]:
    """Return listing, cluster, namespace and name of a listed object."""
    listing, key = listed_key(ref)
    cluster, namespace, name = key.rsplit("/", 2)
    return listing, cluster, namespace, name


async def listed_detail(
    client: ClusterClient,
    cluster: ClusterContext,
    resource: ServedResource,
    ref: Ref,
    known: Discovered,
) -> Detail:
    """Return the page of a listed object. Raises :exc:`~opsboard.adapter.SourceError`."""
    _, _, namespace, name = listed_place(ref)
    is_secret = resource.full_name == "secrets"
    item = await client.get(resource.path(namespace, name), metadata_only=is_secret)
    shown = readable(item)
    about = to_struct({"metadata": item.get("metadata") or {}}, V1Object)
    record = ListedObject(
        source=cluster.source,
        id=ref.id,
        name=name,
        listing=resource.full_name,
        cluster=cluster.name,
        namespace=namespace,
        environment=cluster.environment(namespace),
        created_at=cluster.time(about.metadata.creation_timestamp),
        status=_status(shown),
    )
    sections = (
        _object_facts(resource, shown),
        *await _usage_sections(client, resource, item),
        *_condition_sections(cluster, shown),
        *_part_sections(shown),
        await events_of(client, cluster, resource.kind, about),
        owners_grid(cluster, known, namespace, about),
        facts_of("Labels", about.metadata.labels),
    )
    return Detail(record=record, sections=tuple(filter(_is_filled, sections)))


async def _usage_sections(
    client: ClusterClient, resource: ServedResource, item: ApiObject
) -> Sequence[Section]:
    """Return what is used of a node; of anything else there is nothing to say."""
    if resource.full_name != "nodes":
        return ()
    with suppress(Malformed):
        return (await node_usage(client, to_struct(item, V1Node)),)
    return ()


def _is_filled(section: Section) -> bool:
    return not isinstance(section, Facts) or bool(section.facts)


def _status(item: ApiObject) -> Status:
    """Return the status that the condition ``Ready`` tells, where there is one."""
    for one in _conditions(item):
        if one.get("type") == "Ready":
            return Status.OK if one.get("status") == "True" else Status.WARNING
    return Status.UNKNOWN


def _conditions(item: ApiObject) -> list[Mapping[str, Any]]:
    status = item.get("status")
    found = status.get("conditions") if isinstance(status, Mapping) else None
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _condition_sections(cluster: ClusterContext, item: ApiObject) -> Iterator[Section]:
    if found := _conditions(item):
        with suppress(Malformed):  # of a custom resource they may be anything; y shows them
            told = to_struct({"conditions": found}, ConditionList)
            yield conditions(cluster, told.conditions)


def _object_facts(resource: ServedResource, item: ApiObject) -> Facts:
    metadata = item.get("metadata") or {}
    finalizers = metadata.get("finalizers") or ()
    facts = {
        "kind": f"{resource.kind} ({resource.api_version})",
        "created": metadata.get("creationTimestamp"),
        "being deleted since": metadata.get("deletionTimestamp"),
        "finalizers": ", ".join(map(str, finalizers)),
        "UID": metadata.get("uid"),
    }
    return facts_of(resource.kind, facts)


def _part_sections(item: ApiObject) -> Iterator[Section]:
    """Yield a section for each part of the object beside its metadata, flat."""
    plain = {
        key: value
        for key, value in item.items()
        if key not in {"metadata", "kind", "apiVersion", "status", "spec"}
    }
    parts = {"Spec": item.get("spec"), "Fields": plain, "Status": item.get("status")}
    for title, part in parts.items():
        if isinstance(part, Mapping) and part:
            yield Facts(title=title, facts=tuple(_facts(part)))


def _facts(part: ApiObject) -> Iterator[Fact]:
    lines = [one for one in _lines(part, "") if one[0].split(".")[0] not in _NOT_SHOWN]
    for label, value in lines[:_MAX_FACTS]:
        yield Fact(label=label, value=value if len(value) <= _MAX_TEXT else f"{value[:_MAX_TEXT]}…")
    if len(lines) > _MAX_FACTS:
        yield Fact(label="…", value=f"{len(lines) - _MAX_FACTS} more; y shows all")


def _lines(part: ApiObject, above: str, depth: int = 3) -> Iterator[tuple[str, str]]:
    """Yield the leaves of a tree with their paths; what is deeper is on one line."""
    for key, value in part.items():
        path = f"{above}{key}"
        if isinstance(value, Mapping) and depth > 1:
            yield from _lines(value, f"{path}.", depth - 1)
        else:
            yield path, _flat(value)


def _flat(value: Any) -> str:
    if isinstance(value, Mapping):
        return flat(value)
    if isinstance(value, list):
        return "; ".join(map(_flat, value))
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def owners_grid(
    cluster: ClusterContext, known: Discovered, namespace: str, about: V1Object
) -> Grid:
    """Return who owns an object, each to be entered where its kind is served."""
    rows = []
    for owner in about.metadata.owner_references:
        resource = known.of_kind(owner.api_version, owner.kind)
        ref = object_ref(cluster, resource, namespace, owner.name) if resource else None
        rows.append(GridRow(cells=(owner.kind, owner.name), ref=ref))
    return Grid(title="Owners", columns=("kind", "name"), rows=tuple(rows), empty="no owner")
