"""What a cluster holds, as objects with resource versions, and what has changed of late."""

import asyncio
from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from pydantic_core import from_json, to_json

from opsboard.demo.kubernetes.render.meta import Object
from opsboard.demo.kubernetes.resources import RESOURCES, Resource
from opsboard.demo.kubernetes.tables import Cells, cells_of

JOURNAL_KEPT: Final = 20_000
"""Changes of a resource that can still be watched; who comes later has to list again."""

Key: TypeAlias = tuple[str, str]
"""Namespace and name."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An object at a version."""

    key: Key
    version: int
    bare: bytes
    labels: Mapping[str, str]
    fields: Mapping[str, str]
    cells: Cells

    @property
    def body(self) -> bytes:
        """The object as JSON."""
        version = f'"resourceVersion":"{self.version}"'.encode()
        return self.bare.replace(b'"resourceVersion":""', version, 1)

    @property
    def object(self) -> Object:
        made: Object = from_json(self.body)
        return made


@dataclass(frozen=True, slots=True)
class Change:
    """``ADDED``, ``MODIFIED`` or ``DELETED``."""

    kind: str
    entry: Entry


class Shelf:
    """The objects of one resource."""

    def __init__(self) -> None:
        self.entries: dict[Key, Entry] = {}
        self.journal: deque[Change] = deque(maxlen=JOURNAL_KEPT)
        self.forgotten = 0
        self._keys: list[Key] | None = None
        self._listeners: set[asyncio.Queue[Change]] = set()

    @property
    def keys(self) -> list[Key]:
        """All keys in order."""
        if self._keys is None:
            self._keys = sorted(self.entries)
        return self._keys

    def after(self, key: Key | None) -> Iterator[Entry]:
        """Yield the entries in order, from behind *key*."""
        first = 0 if key is None else bisect_right(self.keys, key)
        for found in self.keys[first:]:
            yield self.entries[found]

    def note(self, change: Change) -> None:
        """Take *change* in, and tell who listens."""
        if change.kind == "DELETED":
            del self.entries[change.entry.key]
        else:
            self.entries[change.entry.key] = change.entry
        if change.kind != "MODIFIED":
            self._keys = None
        if len(self.journal) == JOURNAL_KEPT:
            self.forgotten = self.journal[0].entry.version
        self.journal.append(change)
        for queue in self._listeners:
            queue.put_nowait(change)

    def listen(self, version: int) -> asyncio.Queue[Change]:
        """Return a queue of what changed after *version*, and of what will change."""
        queue: asyncio.Queue[Change] = asyncio.Queue()
        for change in self.journal:
            if change.entry.version > version:
                queue.put_nowait(change)
        self._listeners.add(queue)
        return queue

    def leave(self, queue: asyncio.Queue[Change]) -> None:
        """Tell *queue* nothing more."""
        self._listeners.discard(queue)


class Store:
    """All shelves of a cluster; its version counts the changes on any of them."""

    def __init__(self) -> None:
        self.version = 1
        self.shelves = {resource: Shelf() for resource in RESOURCES}
        self._owned: dict[str, set[tuple[Resource, Key]]] = defaultdict(set)

    def put(self, resource: Resource, made: Object) -> None:
        """Keep *made*; what has not changed keeps its version."""
        shelf, key = self.shelves[resource], _key(made)
        before = shelf.entries.get(key)
        bare = to_json(made)
        if before is not None and before.bare == bare:
            return
        self.version += 1
        entry = Entry(
            key,
            self.version,
            bare,
            made["metadata"].get("labels") or {},
            _fields(made),
            cells_of(made),
        )
        shelf.note(Change("ADDED" if before is None else "MODIFIED", entry))

    def put_owned(self, owner: str, made: list[tuple[Resource, Object]]) -> None:
        """Keep exactly *made* of all that the thing with the uid *owner* owns."""
        keys = {(resource, _key(item)) for resource, item in made}
        for resource, item in made:
            self.put(resource, item)
        for resource, key in self._owned[owner] - keys:
            self.drop(resource, key)
        self._owned[owner] = keys

    def drop(self, resource: Resource, key: Key) -> None:
        """Forget the object at *key*."""
        entry = self.shelves[resource].entries.get(key)
        if entry is None:
            return
        self.version += 1
        gone = Entry(key, self.version, entry.bare, entry.labels, entry.fields, entry.cells)
        self.shelves[resource].note(Change("DELETED", gone))


def _key(made: Object) -> Key:
    metadata = made["metadata"]
    return metadata.get("namespace", ""), metadata["name"]


def _fields(made: Object) -> dict[str, str]:
    """Return what field selectors may ask for."""
    fields = {"metadata.name": made["metadata"]["name"]}
    fields["metadata.namespace"] = made["metadata"].get("namespace", "")
    status, spec = made.get("status") or {}, made.get("spec") or {}
    if made["kind"] == "Pod":
        fields["status.phase"] = status["phase"]
        fields["spec.nodeName"] = spec.get("nodeName", "")
    if made["kind"] == "Event":
        fields.update(_event_fields(made))
    return fields


def _event_fields(made: dict[str, Any]) -> dict[str, str]:
    about = {f"involvedObject.{name}": value for name, value in made["involvedObject"].items()}
    return {**about, "type": made["type"], "reason": made["reason"]}
