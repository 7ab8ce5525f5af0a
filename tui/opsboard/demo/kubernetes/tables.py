"""Objects as rows of a table, which is how kubectl asks for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

Cells: TypeAlias = tuple[str | int, ...]
"""The cells of an object; :data:`AGE` stands for its age."""

AGE: Final = "\0age"

_POD: Final = (
    ("Name", "string", 0),
    ("Ready", "string", 0),
    ("Status", "string", 0),
    ("Restarts", "string", 0),
    ("Age", "string", 0),
    ("IP", "string", 1),
    ("Node", "string", 1),
)
_DEPLOYMENT: Final = (
    ("Name", "string", 0),
    ("Ready", "string", 0),
    ("Up-to-date", "string", 0),
    ("Available", "string", 0),
    ("Age", "string", 0),
)
_PLAIN: Final = (("Name", "string", 0), ("Age", "string", 0))
_COLUMNS: Final = {"Pod": _POD, "Deployment": _DEPLOYMENT}


@dataclass(frozen=True, slots=True)
class Row:
    """What a row is made of."""

    cells: Cells
    metadata: dict[str, Any]


def cells_of(made: dict[str, Any]) -> Cells:
    """Return the cells of an object."""
    name: str = made["metadata"]["name"]
    if made["kind"] == "Pod":
        return _pod(made, name)
    if made["kind"] == "Deployment":
        return _deployment(made, name)
    return name, AGE


def table(kind: str, version: str, rows: Iterable[Row], now: datetime, more: str) -> dict[str, Any]:
    """Return the table of *rows*; *more* is the token to continue with."""
    columns = [
        {"name": name, "type": type_, "format": "", "description": "", "priority": priority}
        for name, type_, priority in _COLUMNS.get(kind, _PLAIN)
    ]
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {"resourceVersion": version, **({"continue": more} if more else {})},
        "columnDefinitions": columns,
        "rows": [_row(row, now) for row in rows],
    }


def _row(row: Row, now: datetime) -> dict[str, Any]:
    created = datetime.strptime(row.metadata["creationTimestamp"], "%Y-%m-%dT%H:%M:%SZ").replace(
        tzinfo=UTC
    )
    age = _age(int((now - created).total_seconds()))
    return {
        "cells": [age if cell == AGE else cell for cell in row.cells],
        "object": {
            "kind": "PartialObjectMetadata",
            "apiVersion": "meta.k8s.io/v1",
            "metadata": row.metadata,
        },
    }


def _age(seconds: int) -> str:
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size}{unit}"
    return f"{max(seconds, 0)}s"


def _pod(made: dict[str, Any], name: str) -> Cells:
    status = made["status"]
    containers = status.get("containerStatuses") or []
    ready = sum(container["ready"] for container in containers)
    total = len(made["spec"]["containers"])
    restarts = sum(container["restartCount"] for container in containers)
    word = _pod_word(made, containers)
    node = made["spec"].get("nodeName", "<none>")
    return name, f"{ready}/{total}", word, str(restarts), AGE, status.get("podIP", "<none>"), node


def _pod_word(made: dict[str, Any], containers: list[dict[str, Any]]) -> str:
    if "deletionTimestamp" in made["metadata"]:
        return "Terminating"
    for container in containers:
        for state in ("waiting", "terminated"):
            if reason := container["state"].get(state, {}).get("reason"):
                return str(reason)
    return str(made["status"]["phase"])


def _deployment(made: dict[str, Any], name: str) -> Cells:
    status, wanted = made["status"], made["spec"]["replicas"]
    ready, updated = status.get("readyReplicas", 0), status.get("updatedReplicas", 0)
    return name, f"{ready}/{wanted}", updated, status.get("availableReplicas", 0), AGE
