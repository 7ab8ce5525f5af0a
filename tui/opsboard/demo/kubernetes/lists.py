"""Lists of objects: label and field selectors, chunks (``limit`` and ``continue``), tables."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final, TypeAlias

from pydantic_core import from_json, to_json
from starlette.responses import Response

from opsboard.demo.kubernetes.resources import FakeApiResource
from opsboard.demo.kubernetes.responses import FakeKubernetesError, json_response
from opsboard.demo.kubernetes.store import Key, ResourceStore, StoredObject
from opsboard.demo.kubernetes.tables import FakeTableRow, table

SelectorTest: TypeAlias = Callable[[Mapping[str, str]], bool]

_SET: Final = re.compile(r"^(?P<key>[^\s!=]+)\s+(?P<word>in|notin)\s*\((?P<values>[^)]*)\)$")
_EQUAL: Final = re.compile(r"^(?P<key>[^\s!=]+)\s*(?P<word>==|=|!=)\s*(?P<value>[^\s]*)$")
_PRESENT: Final = re.compile(r"^(?P<word>!?)\s*(?P<key>[^\s!=()]+)$")
_COMMA: Final = re.compile(r",(?![^(]*\))")


def parse(text: str) -> SelectorTest:
    """Return the predicate of a selector. Raises :exc:`ValueError` where it cannot be parsed."""
    tests = [_requirement(part.strip()) for part in _COMMA.split(text) if part.strip()]
    return lambda values: all(test(values) for test in tests)


def _requirement(text: str) -> SelectorTest:
    if found := _SET.match(text):
        options = frozenset(value.strip() for value in found["values"].split(","))
        return _member(found["key"], options, wanted=found["word"] == "in")
    if found := _EQUAL.match(text):
        return _member(found["key"], frozenset({found["value"]}), wanted=found["word"] != "!=")
    if found := _PRESENT.match(text):
        key, wanted = found["key"], not found["word"]
        return lambda values: (key in values) is wanted
    raise ValueError(f"unable to parse requirement: {text!r}")


def _member(key: str, options: frozenset[str], *, wanted: bool) -> SelectorTest:
    return lambda values: (values.get(key) in options) is wanted


@dataclass(frozen=True, slots=True)
class FakeListQuery:
    """A list or watch request."""

    resource: FakeApiResource
    namespace: str
    labels: SelectorTest
    fields: SelectorTest
    limit: int
    token: str
    as_table: bool
    as_metadata: bool = False

    def matches(self, entry: StoredObject) -> bool:
        """Return whether *entry* is in the namespace and fits the selectors."""
        if self.namespace and entry.key[0] != self.namespace:
            return False
        return self.labels(entry.labels) and self.fields(entry.fields)


def read_query(
    resource: FakeApiResource, namespace: str, params: Mapping[str, str], accept: str
) -> FakeListQuery:
    """Parse a request. Raises :exc:`FakeKubernetesError` where a parameter is invalid."""
    try:
        return FakeListQuery(
            resource,
            namespace,
            parse(params.get("labelSelector", "")),
            parse(params.get("fieldSelector", "")),
            int(params.get("limit", "0") or 0),
            params.get("continue", ""),
            asks_for_table(accept),
            asks_for_metadata(accept),
        )
    except ValueError as error:
        raise FakeKubernetesError(400, str(error)) from None


def asks_for_table(accept: str) -> bool:
    """Return whether the Accept header asks for a ``Table``, as kubectl does."""
    return "as=Table" in accept


def asks_for_metadata(accept: str) -> bool:
    """Return whether the Accept header asks for metadata alone."""
    return "as=PartialObjectMetadata" in accept


def metadata_of(entry: StoredObject) -> bytes:
    """Return *entry* as ``PartialObjectMetadata``."""
    found = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1"}
    return to_json({**found, "metadata": entry.object["metadata"]})


def list_objects(
    query: FakeListQuery, shelf: ResourceStore, version: int, now: datetime
) -> Response:
    """Answer *query* from *shelf*, whose resource version is *version*."""
    first, version = _start(query, shelf, version)
    matching = (entry for entry in shelf.after(first) if query.matches(entry))
    entries = list(islice(matching, query.limit) if query.limit else matching)
    left = sum(1 for _ in matching)
    more = _token(version, entries[-1].key) if left else ""
    if query.as_table:
        rows = [row_of(entry) for entry in entries]
        return json_response(table(query.resource.kind, str(version), rows, now, more))
    head: dict[str, object] = {"resourceVersion": str(version)}
    if more:
        head |= {"continue": more, "remainingItemCount": left}
    return Response(_list_body(query, head, entries), media_type="application/json")


def row_of(entry: StoredObject) -> FakeTableRow:
    """Return the table row of *entry*."""
    return FakeTableRow(entry.cells, entry.object["metadata"])


def _list_body(query: FakeListQuery, head: dict[str, object], entries: list[StoredObject]) -> bytes:
    kind, version = query.resource.list_kind, query.resource.api_version
    if query.as_metadata:
        kind, version = "PartialObjectMetadataList", "meta.k8s.io/v1"
    start = to_json({"kind": kind, "apiVersion": version, "metadata": head})
    shown = map(metadata_of, entries) if query.as_metadata else (one.json for one in entries)
    items = b",".join(shown)
    return start[:-1] + b',"items":[' + items + b"]}"


def _start(query: FakeListQuery, shelf: ResourceStore, version: int) -> tuple[Key | None, int]:
    if not query.token:
        return None, version
    try:
        at_version, namespace, name = from_json(urlsafe_b64decode(query.token))
    except ValueError:
        raise FakeKubernetesError(400, "continue key is not valid") from None
    if int(at_version) < shelf.oldest_version:
        raise FakeKubernetesError(410, "The provided continue parameter is too old")
    return (str(namespace), str(name)), int(at_version)


def _token(version: int, key: Key) -> str:
    return urlsafe_b64encode(to_json([version, *key])).decode()
