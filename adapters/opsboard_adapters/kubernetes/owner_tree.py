"""What owns an object and what it owns, by the UIDs in ``ownerReferences``, with their events.

Source: *Owners and Dependents* in the Kubernetes documentation: an owner is in the namespace of its
dependent, or in none. Names prove nothing: an object that was deleted and made again is another.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Final

from opsboard.adapter import Forbidden, NotFound, ObjectTree, SourceError, TreeRow
from opsboard.records import Status
from opsboard_adapters.kubernetes.batch_structs import V1Event
from opsboard_adapters.kubernetes.client import ClusterClient
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.kubernetes.discovery import Discovered, ServedResource
from opsboard_adapters.kubernetes.listed_objects import object_ref
from opsboard_adapters.kubernetes.parse.batch import parse_event
from opsboard_adapters.kubernetes.printed_status import printed_status, status_columns
from opsboard_adapters.kubernetes.printed_tables import (
    TABLE_ACCEPT,
    TableColumns,
    TablePage,
    read_table,
)
from opsboard_adapters.kubernetes.protocol import PAGE_SIZE, ListRequest, Parameters
from opsboard_adapters.kubernetes.resources import WARNING_EVENTS
from opsboard_adapters.kubernetes.structs import V1ObjectReference
from opsboard_adapters.listing.completeness import SkippedRecords
from opsboard_adapters.times import EARLIEST

MAX_DEPTH: Final = 6
MAX_ROWS: Final = 500
MAX_PAGES: Final = 6
"""Pages of one resource that are looked through for dependents."""
MAX_ASKED_FOR_EVENTS: Final = 12
EVENTS_SHOWN: Final = 3
_AT_ONCE: Final = 6
_WORDS: Final = 4
"""Cells of the server's table that say how an object is doing."""

_CHAINS: Final[Mapping[str, tuple[str, ...]]] = {
    "deployments.apps": ("replicasets.apps", "pods"),
    "replicasets.apps": ("pods",),
    "statefulsets.apps": ("pods",),
    "daemonsets.apps": ("pods",),
    "jobs.batch": ("pods",),
    "cronjobs.batch": ("jobs.batch", "pods"),
    "replicationcontrollers": ("pods",),
    "pods": (),
    "nodes": (),
    "events": (),
}
"""What the controllers of Kubernetes itself make of an object."""
_USUAL: Final = (
    "deployments.apps",
    "statefulsets.apps",
    "daemonsets.apps",
    "replicasets.apps",
    "cronjobs.batch",
    "jobs.batch",
    "pods",
    "services",
    "ingresses.networking.k8s.io",
    "persistentvolumeclaims",
    "configmaps",
    "secrets",
)
"""What an operator's controller may make of anything else, beside resources of its own group."""
_MOST_OF_GROUP: Final = 12


@dataclass(slots=True)
class _Node:
    """An object, with its *owners* and how it is doing in *words*."""

    resource: ServedResource
    name: str
    namespace: str
    uid: str
    owners: tuple[V1ObjectReference, ...] = ()
    created: str = ""
    words: str = ""
    status: Status | None = None
    is_empty: bool = False
    children: list["_Node"] = field(default_factory=list)


class OwnerTree:
    """Reads the tree of one object of *cluster*; *known* is what that serves."""

    def __init__(self, client: ClusterClient, cluster: ClusterContext, known: Discovered) -> None:
        self._client, self._cluster, self._known = client, cluster, known
        self._notes: list[str] = []
        self._limit = asyncio.Semaphore(_AT_ONCE)

    async def read(self, resource: ServedResource, namespace: str, name: str) -> ObjectTree:
        """Return the tree. Raises :exc:`SourceError` where the object itself cannot be read."""
        subject = await self._node(resource, namespace, name)
        above, below = await asyncio.gather(self._owners(subject), self._dependents(subject))
        _attach(subject, below)
        top = above[-1] if above else subject
        for owner, owned in zip(above, [subject, *above], strict=False):
            owner.children = [owned]
        events = await self._events(subject, top)
        rows = list(self._rows(top, subject, events, 0))
        if len(rows) > MAX_ROWS:
            self._notes.append(f"the first {MAX_ROWS} of {len(rows):,} lines are shown")
        return ObjectTree(rows=tuple(rows[:MAX_ROWS]), notes=tuple(dict.fromkeys(self._notes)))

    # --- up --------------------------------------------------------------------------------------

    async def _node(self, resource: ServedResource, namespace: str, name: str) -> _Node:
        """Return one object, with the words of its table.

        Who may list a resource may not get it, as with ReplicaSets: then it is a list of one.
        """
        try:
            found = await self._table(resource, resource.path(namespace, name), {})
        except Forbidden:
            query = {"fieldSelector": f"metadata.name={name}"}
            found = await self._table(resource, resource.path(namespace), query)
        if (node := next((one for one in found if one.name == name), None)) is None:
            raise NotFound(f"{resource.full_name} {name} is not there", "ask again")
        return node

    async def _table(
        self, resource: ServedResource, path: str, parameters: Parameters
    ) -> list[_Node]:
        skips = SkippedRecords(path)
        page = await self._client.read_page(
            path, parameters, lambda answer: read_table(answer, skips), accept=TABLE_ACCEPT
        )
        return self._nodes(resource, page)

    async def _owners(self, subject: _Node) -> list[_Node]:
        """Return the owner, its owner, and so on, as far as they exist by their UIDs."""
        chain, seen = list[_Node](), {subject.uid}
        node = subject
        while node.owners and len(chain) < MAX_DEPTH:
            wanted = next((one for one in node.owners if one.controller), node.owners[0])
            owner = await self._owner(wanted, node.namespace)
            if owner is None or owner.uid in seen:
                break
            seen.add(owner.uid)
            chain.append(owner)
            node = owner
        return chain

    async def _owner(self, wanted: V1ObjectReference, namespace: str) -> _Node | None:
        called = f"{wanted.kind} {wanted.name}"
        resource = self._known.of_kind(wanted.api_version, wanted.kind)
        if resource is None:
            self._notes.append(f"the owner {called} is of a kind that the cluster does not list")
            return None
        try:
            owner = await self._node(
                resource, namespace if resource.namespaced else "", wanted.name
            )
        except NotFound:
            self._notes.append(f"the owner {called} is gone")
            return None
        except SourceError as error:
            self._notes.append(f"the owner {called}: {error.message}")
            return None
        if owner.uid != wanted.uid:
            self._notes.append(f"the owner {called} is gone; another has its name")
            return None
        return owner

    # --- down ------------------------------------------------------------------------------------

    async def _dependents(self, subject: _Node) -> list[_Node]:
        """Return all objects of the kinds that may be below *subject*."""
        found = (self._all(resource, subject.namespace) for resource in self._kinds_below(subject))
        return [node for nodes in await asyncio.gather(*found) for node in nodes]

    def _kinds_below(self, subject: _Node) -> Sequence[ServedResource]:
        resource, served = subject.resource, self._known.resources
        if (names := _CHAINS.get(resource.full_name)) is None:
            own = [
                one.full_name
                for one in served.values()
                if one.group == resource.group and resource.group and one is not resource
            ]
            names = (*_USUAL, *own[:_MOST_OF_GROUP])
        return [served[name] for name in dict.fromkeys(names) if name in served]

    async def _all(self, resource: ServedResource, namespace: str) -> list[_Node]:
        """Return the objects of *resource* in *namespace*, as far as they may be read."""
        if not namespace and resource.namespaced:
            return []  # what an object without a namespace owns may be in any: too many to look at
        nodes, token = list[_Node](), ""
        skips = SkippedRecords(resource.full_name)
        try:
            for _ in range(MAX_PAGES):
                wanted = _page_parameters(token)
                async with self._limit:
                    page = await self._client.read_page(
                        resource.path(namespace), wanted, lambda one: read_table(one, skips),
                        accept=TABLE_ACCEPT,
                    )  # fmt: skip
                nodes += self._nodes(resource, page)
                if not (token := page.continue_token):
                    return nodes
            self._notes.append(f"of {resource.full_name}, the first {len(nodes):,} are looked at")
        except SourceError as error:
            self._notes.append(f"{resource.full_name}: {error.message}")
        return nodes

    def _nodes(self, resource: ServedResource, page: TablePage) -> list[_Node]:
        columns = TableColumns()
        places = columns.places(page.columns)
        states, shown = status_columns(columns.columns), columns.columns
        nodes = []
        for row in page.rows:
            meta = row.object.metadata
            cells = columns.cells(row, places, "")
            told = [
                (at not in states[0], column.name.casefold(), cell)
                for at, (column, cell) in enumerate(zip(shown, cells, strict=True))
                if cell and not column.wide and cell != "<none>"
            ]
            told.sort(key=itemgetter(0))  # the state comes first, and is read without a name
            words = (f"{name} {cell}" if named else cell for named, name, cell in told[:_WORDS])
            desired = dict(zip((one.name.casefold() for one in shown), cells, strict=True))
            nodes.append(
                _Node(
                    resource,
                    row.name,
                    meta.namespace,
                    meta.uid,
                    meta.owner_references,
                    meta.creation_timestamp or "",
                    "  ".join(words),
                    printed_status(cells, states),
                    is_empty=desired.get("desired") == "0",
                )
            )
        return nodes

    # --- events ----------------------------------------------------------------------------------

    async def _events(self, subject: _Node, top: _Node) -> Mapping[str, Sequence[TreeRow]]:
        """Return the last events about the objects that matter most, by the UIDs of those."""
        nodes = sorted(_walk(top), key=lambda node: (node is not subject, -_severity(node)))
        asked = [node for node in nodes if node.uid][:MAX_ASKED_FOR_EVENTS]
        found = await asyncio.gather(*map(self._events_of, asked))
        return {node.uid: rows for node, rows in zip(asked, found, strict=True)}

    async def _events_of(self, node: _Node) -> Sequence[TreeRow]:
        listing = ListRequest(
            WARNING_EVENTS.path(node.namespace),
            V1Event,
            SkippedRecords("events"),
            "Event",
            {"fieldSelector": f"involvedObject.uid={node.uid}"},
        )
        try:
            async with self._limit:
                page = await self._client.list_page(listing, {"limit": PAGE_SIZE})
        except SourceError as error:
            self._notes.append(f"events: {error.message}")
            return ()
        events = [parse_event(self._cluster, one) for one in page.objects]
        events.sort(key=lambda one: one.updated_at or EARLIEST, reverse=True)
        return [
            TreeRow(
                depth=0,
                kind="Event",
                name=one.reason,
                words=one.message,
                status=one.status,
                at=one.updated_at,
                ref=one.ref,
            )
            for one in events[:EVENTS_SHOWN]
        ]

    # --- lines -----------------------------------------------------------------------------------

    def _rows(
        self, node: _Node, subject: _Node, events: Mapping[str, Sequence[TreeRow]], depth: int
    ) -> Iterator[TreeRow]:
        yield TreeRow(
            depth=depth,
            kind=node.resource.kind,
            name=node.name,
            words=node.words,
            status=node.status,
            at=self._cluster.time(node.created),
            ref=object_ref(self._cluster, node.resource, node.namespace, node.name),
            is_subject=node is subject,
        )
        for event in events.get(node.uid, ()):
            yield TreeRow(**{**vars(event), "depth": depth + 1})
        if depth >= MAX_DEPTH * 2:
            return
        idle = [one for one in node.children if one.is_empty and not one.children]
        for child in node.children:
            if child not in idle or child is subject:
                yield from self._rows(child, subject, events, depth + 1)
        if idle := [one for one in idle if one is not subject]:
            name = f"{len(idle)} idle"
            yield TreeRow(depth=depth + 1, kind=idle[0].resource.kind, name=name)


def _page_parameters(token: str) -> dict[str, str | int | bool]:
    return {"limit": PAGE_SIZE, **({"continue": token} if token else {})}


def _attach(subject: _Node, others: Iterable[_Node]) -> None:
    """Put below *subject* what it owns, what that owns, and so on, the newest first."""
    owned = defaultdict[str, list[_Node]](list)
    for node in sorted(others, key=lambda one: one.created, reverse=True):
        for owner in node.owners:
            owned[owner.uid].append(node)
    seen, level = {subject.uid}, [subject]
    while level:
        below = list[_Node]()
        for node in level:
            node.children = (
                [one for one in owned[node.uid] if one.uid not in seen] if node.uid else []
            )
            seen.update(one.uid for one in node.children)
            below += node.children
        level = below


def _walk(node: _Node) -> Iterator[_Node]:
    yield node
    for child in node.children:
        yield from _walk(child)


def _severity(node: _Node) -> int:
    return node.status.severity if node.status is not None else 0
