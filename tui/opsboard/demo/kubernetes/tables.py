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
    "Namespace": ("Name", "Status", "Age"),
    "Node": ("Name", "Status", "Roles", "Age", "Version", "Internal-IP", "OS-Image"),
    "Service": ("Name", "Type", "Cluster-IP", "External-IP", "Port(s)", "Age", "Selector"),
    "Ingress": ("Name", "Class", "Hosts", "Address", "Ports", "Age"),
    "PersistentVolumeClaim": (
        "Name", "Status", "Volume", "Capacity", "Access Modes", "StorageClass", "Age", "VolumeMode"
    ),
    "HorizontalPodAutoscaler": (
        "Name", "Reference", "Targets", "MinPods", "MaxPods", "Replicas", "Age"
    ),
    "PodDisruptionBudget": (
        "Name", "Min Available", "Max Unavailable", "Allowed Disruptions", "Age"
    ),
    "ConfigMap": ("Name", "Data", "Age"),
    "Secret": ("Name", "Type", "Data", "Age"),
    "Certificate": ("Name", "Ready", "Secret", "Age"),
}  # fmt: skip
_PLAIN: Final = ("Name", "Age")
_WIDE: Final = frozenset({"IP", "Node", "Internal-IP", "OS-Image", "Selector", "VolumeMode"})
"""Columns that are shown with ``-o wide`` only."""
_NUMBERS: Final = frozenset(
    {"Desired", "Current", "Up-to-date", "Available", "Active", "MinPods", "MaxPods", "Replicas"}
)
_AGE: Final = "CreationTimestamp is a timestamp representing the server time when this was created."
"""The description of the column with the age, by which clients know it."""


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
    middle = cells(made, made.get("spec") or {}, made.get("status") or {}) if cells else ()
    before = _NAMES.get(made["kind"], _PLAIN).index("Age") - 1
    return (meta["name"], *middle[:before], age, *middle[before:])


def table(
    kind: str, version: str, rows: Iterable[FakeTableRow], now: datetime, more: str
) -> Object:
    """Return the table of *rows*; *more* is the token to continue with."""
    columns = [_definition(name) for name in _NAMES.get(kind, _PLAIN)]
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {"resourceVersion": version, **({"continue": more} if more else {})},
        "columnDefinitions": columns,
        "rows": [_row(row, now) for row in rows],
    }


def _definition(name: str) -> Object:
    return {
        "name": name,
        "type": "integer" if name in _NUMBERS else "string",
        "format": "name" if name == "Name" else "",
        "description": _AGE if name == "Age" else "",
        "priority": int(name in _WIDE),
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


def _namespace(_: Object, __: Object, status: Object) -> Cells:
    return (status["phase"],)


def _node(_: Object, spec: Object, status: Object) -> Cells:
    ready = any(one["type"] == "Ready" and one["status"] == "True" for one in status["conditions"])
    word = "Ready" if ready else "NotReady"
    word += ",SchedulingDisabled" if spec.get("unschedulable") else ""
    info = status["nodeInfo"]
    addresses = [one["address"] for one in status.get("addresses") or ()]
    address = addresses[0] if addresses else _NONE
    return word, _NONE, info["kubeletVersion"], address, info.get("osImage", "<unknown>")


def _service(_: Object, spec: Object, __: Object) -> Cells:
    ports = ",".join(f"{port['port']}/{port['protocol']}" for port in spec["ports"])
    chosen = ",".join(f"{key}={value}" for key, value in spec["selector"].items())
    return spec["type"], spec["clusterIP"], _NONE, ports, chosen


def _ingress(_: Object, spec: Object, status: Object) -> Cells:
    hosts = ",".join(rule["host"] for rule in spec["rules"])
    addresses = ",".join(one["ip"] for one in status["loadBalancer"].get("ingress") or ())
    ports = "80, 443" if spec.get("tls") else "80"
    return spec["ingressClassName"], hosts, addresses, ports


def _claim(_: Object, spec: Object, status: Object) -> Cells:
    modes = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX"}
    return (
        status["phase"],
        spec["volumeName"],
        status["capacity"]["storage"],
        ",".join(modes[mode] for mode in spec["accessModes"]),
        spec["storageClassName"],
        spec["volumeMode"],
    )


def _autoscaler(_: Object, spec: Object, status: Object) -> Cells:
    target = spec["scaleTargetRef"]
    return (
        f"{target['kind']}/{target['name']}",
        "<unknown>",
        str(spec["minReplicas"]),
        spec["maxReplicas"],
        status["currentReplicas"],
    )


def _budget(_: Object, spec: Object, status: Object) -> Cells:
    return "N/A", str(spec["maxUnavailable"]), status["disruptionsAllowed"]


def _config_map(made: Object, _: Object, __: Object) -> Cells:
    return (len(made["data"]),)


def _secret(made: Object, _: Object, __: Object) -> Cells:
    return made["type"], len(made["data"])


def _certificate(_: Object, spec: Object, status: Object) -> Cells:
    ready = next(one["status"] for one in status["conditions"] if one["type"] == "Ready")
    return ready, spec["secretName"]


_CELLS: Final[Mapping[str, Callable[[Object, Object, Object], Cells]]] = {
    "Pod": _pod,
    "Deployment": _deployment,
    "ReplicaSet": _replica_set,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "Job": _job,
    "CronJob": _cron_job,
    "Namespace": _namespace,
    "Node": _node,
    "Service": _service,
    "Ingress": _ingress,
    "PersistentVolumeClaim": _claim,
    "HorizontalPodAutoscaler": _autoscaler,
    "PodDisruptionBudget": _budget,
    "ConfigMap": _config_map,
    "Secret": _secret,
    "Certificate": _certificate,
}
