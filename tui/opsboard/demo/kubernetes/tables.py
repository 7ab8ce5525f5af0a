"""Objects as rows of a ``Table``, which is what kubectl asks for.

The columns are those of the API server's printer (``pkg/printers/internalversion``, 1.36).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, TypeAlias

Object: TypeAlias = dict[str, Any]


class AgeCell(NamedTuple):
    """A cell with an age: the time from *since* (RFC 3339) to now or *until*, within *text*."""

    since: str
    text: str = "{}"
    until: str = ""


Cells: TypeAlias = tuple[str | int | AgeCell, ...]
"""The cells of an object."""

_NONE: Final = "<none>"
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "Pod": ("Name", "Ready", "Status", "Restarts", "Age", "IP", "Node"),
    "Deployment": ("Name", "Ready", "Up-to-date", "Available", "Age"),
    "ReplicaSet": ("Name", "Desired", "Current", "Ready", "Age"),
    "StatefulSet": ("Name", "Ready", "Age"),
    "DaemonSet": ("Name", "Desired", "Current", "Ready", "Up-to-date", "Available", "Age"),
    "Job": ("Name", "Status", "Completions", "Duration", "Age"),
    "CronJob": ("Name", "Schedule", "Timezone", "Suspend", "Active", "Last Schedule", "Age"),
}
_PLAIN: Final = ("Name", "Age")
_WIDE: Final = frozenset({"IP", "Node"})
"""Columns that are shown with ``-o wide`` only."""


@dataclass(frozen=True, slots=True)
class FakeTableRow:
    """The cells of an object and its metadata."""

    cells: Cells
    metadata: Object


def cells_of(made: Object) -> Cells:
    """Return the cells of an object."""
    meta = made["metadata"]
    age = AgeCell(meta["creationTimestamp"])
    cells = _CELLS.get(made["kind"])
    middle = cells(made, made["spec"], made.get("status") or {}) if cells else ()
    if made["kind"] == "Pod":
        return (meta["name"], *middle[:3], age, *middle[3:])
    return (meta["name"], *middle, age)


def table(
    kind: str, version: str, rows: Iterable[FakeTableRow], now: datetime, more: str
) -> Object:
    """Return the table of *rows*; *more* is the token to continue with."""
    columns = [
        {"name": name, "type": "string", "format": "", "description": ""}
        | {"priority": int(name in _WIDE)}
        for name in _NAMES.get(kind, _PLAIN)
    ]
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {"resourceVersion": version, **({"continue": more} if more else {})},
        "columnDefinitions": columns,
        "rows": [_row(row, now) for row in rows],
    }


def _row(row: FakeTableRow, now: datetime) -> Object:
    return {
        "cells": [
            _age_text(cell, now) if isinstance(cell, AgeCell) else cell for cell in row.cells
        ],
        "object": {
            "kind": "PartialObjectMetadata",
            "apiVersion": "meta.k8s.io/v1",
            "metadata": row.metadata,
        },
    }


def _age_text(age: AgeCell, now: datetime) -> str:
    end = _time(age.until) if age.until else now
    return age.text.format(_duration(int((end - _time(age.since)).total_seconds())))


def _time(stamp: str) -> datetime:
    return datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _duration(seconds: int) -> str:
    """Return a duration as kubectl prints it: ``90s``, ``5m20s``, ``3h``, ``12d``."""
    for below, size, unit, rest, part in _UNITS:
        if seconds < below:
            whole, left = divmod(max(seconds, 0), size)
            return f"{whole}{unit}" + (f"{left // rest}{part}" if rest and left >= rest else "")
    return f"{seconds // (365 * _DAY)}y"


_HOUR: Final = 3_600
_DAY: Final = 24 * _HOUR
_UNITS: Final = (
    (120, 1, "s", 0, ""),
    (600, 60, "m", 1, "s"),
    (3 * _HOUR, 60, "m", 0, ""),
    (8 * _HOUR, _HOUR, "h", 60, "m"),
    (2 * _DAY, _HOUR, "h", 0, ""),
    (8 * _DAY, _DAY, "d", _HOUR, "h"),
    (2 * 365 * _DAY, _DAY, "d", 0, ""),
)
"""Limit in seconds, size and letter of the unit, size and letter of a second unit."""


def _pod(made: Object, spec: Object, status: Object) -> Cells:
    containers = status.get("containerStatuses") or []
    ready = sum(container["ready"] for container in containers)
    return (
        f"{ready}/{len(spec['containers'])}",
        _pod_word(made, containers),
        _restarts(containers),
        status.get("podIP", _NONE),
        spec.get("nodeName", _NONE),
    )


def _restarts(containers: list[Object]) -> str | AgeCell:
    count = sum(container["restartCount"] for container in containers)
    ends = [container.get("lastState", {}).get("terminated") for container in containers]
    last = max((end["finishedAt"] for end in ends if end), default="")
    return AgeCell(last, f"{count} ({{}} ago)") if count and last else str(count)


def _pod_word(made: Object, containers: list[Object]) -> str:
    phase = str(made["status"]["phase"])
    if "deletionTimestamp" in made["metadata"] and phase not in {"Succeeded", "Failed"}:
        return "Terminating"
    for container in containers:
        for state in ("waiting", "terminated"):
            if reason := container["state"].get(state, {}).get("reason"):
                return str(reason)
    return phase


def _deployment(_: Object, spec: Object, status: Object) -> Cells:
    ready = f"{status.get('readyReplicas', 0)}/{spec['replicas']}"
    return ready, status.get("updatedReplicas", 0), status.get("availableReplicas", 0)


def _replica_set(_: Object, spec: Object, status: Object) -> Cells:
    return spec["replicas"], status["replicas"], status.get("readyReplicas", 0)


def _stateful_set(_: Object, spec: Object, status: Object) -> Cells:
    return (f"{status.get('readyReplicas', 0)}/{spec['replicas']}",)


def _daemon_set(_: Object, __: Object, status: Object) -> Cells:
    names = ("desired", "current", "updated")
    desired, current, updated = (status[f"{name}NumberScheduled"] for name in names)
    return desired, current, status["numberReady"], updated, status["numberAvailable"]


def _job(_: Object, spec: Object, status: Object) -> Cells:
    holding = {one["type"] for one in status.get("conditions") or () if one["status"] == "True"}
    word = next((word for word in ("Complete", "Failed") if word in holding), "Running")
    took = AgeCell(status["startTime"], until=status.get("completionTime", ""))
    return word, f"{status.get('succeeded', 0)}/{spec.get('completions', 1)}", took


def _cron_job(_: Object, spec: Object, status: Object) -> Cells:
    last = status.get("lastScheduleTime")
    return (
        spec["schedule"],
        spec.get("timeZone", _NONE),
        str(spec["suspend"]),
        len(status.get("active") or ()),
        AgeCell(last) if last else _NONE,
    )


_CELLS: Final[Mapping[str, Callable[[Object, Object, Object], Cells]]] = {
    "Pod": _pod,
    "Deployment": _deployment,
    "ReplicaSet": _replica_set,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "Job": _job,
    "CronJob": _cron_job,
}
