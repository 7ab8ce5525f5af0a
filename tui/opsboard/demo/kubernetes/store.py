"""The objects of a cluster by resource, with resource versions and recent changes for watches."""

import asyncio
from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from pydantic_core import from_json, to_json

from opsboard.demo.kubernetes.objects.metadata import Object
from opsboard.demo.kubernetes.resources import RESOURCES, UNLISTED, FakeApiResource
from opsboard.demo.kubernetes.tables import Cells, cells_of

MAX_RECENT_CHANGES: Final = 20_000
"""Changes kept per resource. A watch from before these gets 410 and has to list again."""

Key: TypeAlias = tuple[str, str]
"""Namespace and name."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object at a resource version."""

    key: Key
    version: int
    json_without_version: bytes
    labels: Mapping[str, str]
    fields: Mapping[str, str]
    cells: Cells

    @property
    def json(self) -> bytes:
        """The object as JSON."""
        version = f'"resourceVersion":"{self.version}"'.encode()
        return self.json_without_version.replace(b'"resourceVersion":""', version, 1)

    @property
    def object(self) -> Object:
        made: Object = from_json(self.json)
        return made


@dataclass(frozen=True, slots=True)
class FakeWatchEvent:
    """``ADDED``, ``MODIFIED`` or ``DELETED``."""

    kind: str
    stored: StoredObject


class ResourceStore:
    """The objects of one resource."""

    def __init__(self) -> None:
        self.objects: dict[Key, StoredObject] = {}
        self.recent_changes: deque[FakeWatchEvent] = deque(maxlen=MAX_RECENT_CHANGES)
        self.oldest_version = 0
        self._keys: list[Key] | None = None
        self._listeners: set[asyncio.Queue[FakeWatchEvent]] = set()

    @property
    def keys(self) -> list[Key]:
        """All keys in order."""
        if self._keys is None:
            self._keys = sorted(self.objects)
        return self._keys

    def after(self, key: Key | None) -> Iterator[StoredObject]:
        """Yield the objects in the order of their keys, those after *key* only."""
        first = 0 if key is None else bisect_right(self.keys, key)
        for found in self.keys[first:]:
            yield self.objects[found]

    def record(self, change: FakeWatchEvent) -> None:
        """Apply *change* and pass it to all watches."""
        if change.kind == "DELETED":
            del self.objects[change.stored.key]
        else:
            self.objects[change.stored.key] = change.stored
        if change.kind != "MODIFIED":
            self._keys = None
        if len(self.recent_changes) == MAX_RECENT_CHANGES:
            self.oldest_version = self.recent_changes[0].stored.version
        self.recent_changes.append(change)
        for queue in self._listeners:
            queue.put_nowait(change)

    def subscribe(self, version: int) -> asyncio.Queue[FakeWatchEvent]:
        """Return a queue of the changes after *version*, those to come included."""
        queue: asyncio.Queue[FakeWatchEvent] = asyncio.Queue()
        for change in self.recent_changes:
            if change.stored.version > version:
                queue.put_nowait(change)
        self._listeners.add(queue)
        return queue

    def unsubscribe(self, queue: asyncio.Queue[FakeWatchEvent]) -> None:
        """Add nothing more to *queue*."""
        self._listeners.discard(queue)


class ClusterStore:
    """The stores of all resources of a cluster; *version* counts the changes of all of them."""

    def __init__(self) -> None:
        self.version = 1
        self.resources = {resource: ResourceStore() for resource in (*RESOURCES, *UNLISTED)}
        self._owned: dict[str, set[tuple[FakeApiResource, Key]]] = defaultdict(set)

    def put(self, resource: FakeApiResource, made: Object) -> None:
        """Store *made*. An object that has not changed keeps its resource version."""
        shelf, key = self.resources[resource], _key(made)
        before = shelf.objects.get(key)
        bare = to_json(made)
        if before is not None and before.json_without_version == bare:
            return
        if resource not in UNLISTED:  # no version of what is watched depends on these
            self.version += 1
        entry = StoredObject(
            key,
            self.version,
            bare,
            made["metadata"].get("labels") or {},
            _fields(made),
            cells_of(made),
        )
        shelf.record(FakeWatchEvent("ADDED" if before is None else "MODIFIED", entry))

    def put_owned(self, owner: str, made: list[tuple[FakeApiResource, Object]]) -> None:
        """Store *made* as all objects of the owner with uid *owner*; remove its others."""
        keys = {(resource, _key(item)) for resource, item in made}
        for resource, item in made:
            self.put(resource, item)
        for resource, key in self._owned[owner] - keys:
            self.drop(resource, key)
        self._owned[owner] = keys

    def drop(self, resource: FakeApiResource, key: Key) -> None:
        """Remove the object at *key*."""
        entry = self.resources[resource].objects.get(key)
        if entry is None:
            return
        self.version += 1
        gone = StoredObject(
            key, self.version, entry.json_without_version, entry.labels, entry.fields, entry.cells
        )
        self.resources[resource].record(FakeWatchEvent("DELETED", gone))


def _key(made: Object) -> Key:
    metadata = made["metadata"]
    return metadata.get("namespace", ""), metadata["name"]


def _fields(made: Object) -> dict[str, str]:
    """Return the fields that field selectors can use."""
    fields = {"metadata.name": made["metadata"]["name"]}
    fields["metadata.namespace"] = made["metadata"].get("namespace", "")
    status, spec = made.get("status") or {}, made.get("spec") or {}
    if made["kind"] == "Pod":
        fields["status.phase"] = status["phase"]
        fields["spec.nodeName"] = spec.get("nodeName", "")
    if made["kind"] == "Secret":
        fields["type"] = made["type"]
    if made["kind"] == "Event":
        fields.update(_event_fields(made))
    return fields


def _event_fields(made: dict[str, Any]) -> dict[str, str]:
    about = {f"involvedObject.{name}": value for name, value in made["involvedObject"].items()}
    return {**about, "type": made["type"], "reason": made["reason"]}
