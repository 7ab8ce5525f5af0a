"""Lists, in chunks where asked for."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from pydantic_core import from_json, to_json
from starlette.responses import Response

from opsboard.demo.kubernetes.answers import Refusal, answer
from opsboard.demo.kubernetes.resources import Resource
from opsboard.demo.kubernetes.selectors import Test, parse
from opsboard.demo.kubernetes.store import Entry, Key, Shelf
from opsboard.demo.kubernetes.tables import Row, table


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for."""

    resource: Resource
    namespace: str
    labels: Test
    fields: Test
    limit: int
    token: str
    as_table: bool

    def wants(self, entry: Entry) -> bool:
        """Tell whether *entry* is asked for."""
        if self.namespace and entry.key[0] != self.namespace:
            return False
        return self.labels(entry.labels) and self.fields(entry.fields)


def read_query(resource: Resource, namespace: str, params: Mapping[str, str], accept: str) -> Query:
    """Read a query. Raises :exc:`Refusal` where it cannot be read."""
    try:
        return Query(
            resource,
            namespace,
            parse(params.get("labelSelector", "")),
            parse(params.get("fieldSelector", "")),
            int(params.get("limit", "0") or 0),
            params.get("continue", ""),
            asks_for_table(accept),
        )
    except ValueError as error:
        raise Refusal(400, str(error)) from None


def asks_for_table(accept: str) -> bool:
    """Tell whether a table is wanted, as kubectl asks for one."""
    return "as=Table" in accept


def list_objects(query: Query, shelf: Shelf, version: int, now: datetime) -> Response:
    """Answer *query* from *shelf*, which is at *version*."""
    first, version = _start(query, shelf, version)
    matching = (entry for entry in shelf.after(first) if query.wants(entry))
    entries = list(islice(matching, query.limit) if query.limit else matching)
    left = sum(1 for _ in matching)
    more = _token(version, entries[-1].key) if left else ""
    if query.as_table:
        rows = [row_of(entry) for entry in entries]
        return answer(table(query.resource.kind, str(version), rows, now, more))
    head: dict[str, object] = {"resourceVersion": str(version)}
    if more:
        head |= {"continue": more, "remainingItemCount": left}
    return Response(_list_body(query.resource, head, entries), media_type="application/json")


def row_of(entry: Entry) -> Row:
    """Return the row of a table that *entry* is."""
    return Row(entry.cells, entry.object["metadata"])


def _list_body(resource: Resource, head: dict[str, object], entries: list[Entry]) -> bytes:
    start = to_json(
        {"kind": resource.list_kind, "apiVersion": resource.api_version, "metadata": head}
    )
    items = b",".join(entry.body for entry in entries)
    return start[:-1] + b',"items":[' + items + b"]}"


def _start(query: Query, shelf: Shelf, version: int) -> tuple[Key | None, int]:
    if not query.token:
        return None, version
    try:
        told, namespace, name = from_json(urlsafe_b64decode(query.token))
    except ValueError:
        raise Refusal(400, "continue key is not valid") from None
    if int(told) < shelf.forgotten:
        raise Refusal(410, "The provided continue parameter is too old")
    return (str(namespace), str(name)), int(told)


def _token(version: int, key: Key) -> str:
    return urlsafe_b64encode(to_json([version, *key])).decode()
