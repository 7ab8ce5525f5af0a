"""Answers of an API server about any resource: discovery, tables, and watches of tables."""

from collections.abc import Iterable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.adapters.kubernetes.scripted_cluster import Answer, event, page

WIDGETS = "/apis/example.com/v1/widgets"
LIST, WATCH = f"list {WIDGETS}", f"watch {WIDGETS}"
NAME = {"name": "Name", "type": "string", "format": "name"}
PHASE = {"name": "Phase", "type": "string"}
SIZE = {"name": "Size", "type": "integer", "priority": 1}
AGE = {"name": "Age", "type": "date", "description": "CreationTimestamp is a timestamp"}


def resource(plural: str, kind: str, *short: str, **more: Any) -> dict[str, Any]:
    """Return a resource in aggregated discovery."""
    return {
        "resource": plural,
        "responseKind": {"kind": kind},
        "scope": "Namespaced",
        "singularResource": kind.lower(),
        "verbs": ["get", "list", "watch"],
        "shortNames": list(short),
        **more,
    }


def group(name: str, *resources: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a group in aggregated discovery."""
    version = {"version": "v1", "resources": list(resources), "freshness": "Current", **more}
    return {"metadata": {"name": name}, "versions": [version]}


def groups(*found: dict[str, Any]) -> Answer:
    """Return the answer to ``/api`` or ``/apis``."""
    return answer({"kind": "APIGroupDiscoveryList", "items": list(found)})


def answer(body: Any) -> Answer:
    """Return an answer that is *body*."""

    async def answered(_: Request) -> Response:
        return JSONResponse(body)

    return answered


WIDGET_GROUP = group("example.com", resource("widgets", "Widget", "wd"))


def row(name: str, *cells: Any, namespace: str = "shop", version: int = 1) -> dict[str, Any]:
    """Return a row of a table."""
    metadata = {
        "name": name,
        "namespace": namespace,
        "uid": f"uid-{name}",
        "resourceVersion": str(version),
        "creationTimestamp": "2026-01-15T08:00:00Z",
    }
    return {"cells": [name, *cells], "object": {"metadata": metadata}}


def table(
    columns: Sequence[dict[str, Any]] | None,
    rows: Iterable[dict[str, Any]],
    version: int = 10,
    more: str = "",
    left: int = 0,
) -> dict[str, Any]:
    """Return a table, or a part of one."""
    metadata: dict[str, Any] = {"resourceVersion": str(version)}
    if more:
        metadata |= {"continue": more, "remainingItemCount": left}
    return {
        "kind": "Table",
        "metadata": metadata,
        "columnDefinitions": columns,
        "rows": list(rows),
    }


def tables(columns: Sequence[dict[str, Any]] | None, *rows: dict[str, Any], **more: Any) -> Answer:
    """Return an answer that is a table."""
    return answer(table(columns, rows, **more))


def change(kind: str, changed: dict[str, Any], version: int) -> dict[str, Any]:
    """Return a watch event; a server names the columns with the first one only."""
    return event(kind, table(None, [changed], version))


NOTHING = page()
