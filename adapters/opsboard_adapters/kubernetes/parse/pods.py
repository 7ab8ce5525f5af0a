"""Pods: what kubectl prints under STATUS, and how bad that is."""

from collections.abc import Iterable
from typing import Any, Final

from opsboard.records import Pod, Status
from opsboard_adapters.kubernetes.parse.common import (
    Object,
    Place,
    base,
    condition,
    controller,
    number,
)

BAD_WAITS: Final = frozenset(
    {
        "CrashLoopBackOff",
        "CreateContainerConfigError",
        "CreateContainerError",
        "ErrImageNeverPull",
        "ErrImagePull",
        "ImageInspectError",
        "ImagePullBackOff",
        "InvalidImageName",
        "RegistryUnavailable",
        "RunContainerError",
    }
)
"""Reasons of a waiting container that do not go away by waiting (after the kubelet's sources)."""

Verdict = tuple[Status, str, str]
"""Status, reason, message."""


def parse_pod(place: Place, item: Object) -> Pod:
    """Return the record of a pod."""
    status: Object = item.get("status") or {}
    spec: Object = item.get("spec") or {}
    containers = status.get("containerStatuses") or []
    verdict, reason, message = judge(item)
    return Pod(
        **base(place, item),
        status=verdict,
        reason=reason,
        message=message,
        owner=owner(item),
        node=spec.get("nodeName") or "",
        phase=status.get("phase") or "",
        ready=sum(1 for container in containers if container.get("ready")),
        containers=len(spec.get("containers") or ()),
        restarts=sum(number(container, "restartCount") for container in containers),
    )


def owner(item: Object) -> str:
    """Return ``Kind/name`` of the workload behind a pod.

    A ReplicaSet's name is its Deployment's with the pod-template-hash: that spares following
    the ReplicaSets.
    """
    kind, name = controller(item)
    labels = (item.get("metadata") or {}).get("labels") or {}
    suffix = f"-{labels.get('pod-template-hash')}"
    if kind == "ReplicaSet" and name.endswith(suffix):
        return f"Deployment/{name.removesuffix(suffix)}"
    return f"{kind}/{name}" if kind else ""


def judge(item: Object) -> Verdict:
    """Return status, reason and message of a pod, after kubectl's printer (printPod)."""
    status: Object = item.get("status") or {}
    phase = str(status.get("phase") or "Unknown")
    said = str(status.get("message") or "")
    if status.get("reason"):
        return _finished(phase) or Status.FAILED, str(status["reason"]), said
    if (item.get("metadata") or {}).get("deletionTimestamp"):
        return Status.RUNNING, "Terminating", said
    trouble = _container_trouble(status)
    if trouble is not None:
        return trouble
    if finished := _finished(phase):
        return finished, "Completed" if finished is Status.OK else phase, said
    if phase == "Pending":
        return _pending(item)
    return _running(item, phase)


def _finished(phase: str) -> Status | None:
    return {"Succeeded": Status.OK, "Failed": Status.FAILED}.get(phase)


def _pending(item: Object) -> Verdict:
    scheduled = condition(item, "PodScheduled")
    if scheduled.get("status") == "False":
        reason = str(scheduled.get("reason") or "Unschedulable")
        return Status.WARNING, reason, str(scheduled.get("message") or "")
    return Status.RUNNING, "Pending", ""


def _running(item: Object, phase: str) -> Verdict:
    if phase != "Running":
        return Status.UNKNOWN, phase, ""
    ready = condition(item, "Ready")
    if ready.get("status") == "True":
        return Status.OK, "Running", ""
    return Status.RUNNING, "NotReady", str(ready.get("message") or "")


def _container_trouble(status: Object) -> Verdict | None:
    """Return what the first container in trouble says, init containers first."""
    for prefix, key in (("Init:", "initContainerStatuses"), ("", "containerStatuses")):
        for container in status.get(key) or ():
            verdict = _trouble(container, prefix)
            if verdict is not None:
                return verdict
    return None


def _trouble(container: Object, prefix: str) -> Verdict | None:
    state: Object = container.get("state") or {}
    waiting: Object = state.get("waiting") or {}
    reason = str(waiting.get("reason") or "")
    if reason in BAD_WAITS:
        return Status.FAILED, prefix + reason, _with_last_end(container, waiting)
    ended: Object = state.get("terminated") or {}
    if ended and number(ended, "exitCode") != 0:
        reason = str(ended.get("reason") or f"ExitCode:{number(ended, 'exitCode')}")
        return Status.FAILED, prefix + reason, _end(container, ended)
    if prefix and state.get("running") and not container.get("started", True):
        return Status.RUNNING, f"{prefix}Running", ""
    if reason and reason not in {"ContainerCreating", "PodInitializing"}:
        return Status.WARNING, prefix + reason, str(waiting.get("message") or "")
    return None


def _with_last_end(container: Object, waiting: Object) -> str:
    said = str(waiting.get("message") or "")
    ended: Object = (container.get("lastState") or {}).get("terminated") or {}
    return f"{_end(container, ended)}; {said}" if ended else said


def _end(container: Object, ended: Object) -> str:
    reason = ended.get("reason") or "ended"
    name = container.get("name")
    return f"container {name}: {reason}, exit code {number(ended, 'exitCode')}"


def worst(verdicts: Iterable[Verdict]) -> Verdict | None:
    """Return the gravest of *verdicts* that is trouble, or ``None``."""
    bad = [verdict for verdict in verdicts if verdict[0].severity >= Status.WARNING.severity]
    return max(bad, key=lambda verdict: verdict[0].severity, default=None)


def container_rows(item: Object) -> list[dict[str, Any]]:
    """Return spec and status of each container side by side, init containers first."""
    spec: Object = item.get("spec") or {}
    status: Object = item.get("status") or {}
    rows: list[dict[str, Any]] = []
    for init, containers, statuses in (
        (True, "initContainers", "initContainerStatuses"),
        (False, "containers", "containerStatuses"),
    ):
        known = {found.get("name"): found for found in status.get(statuses) or ()}
        for container in spec.get(containers) or ():
            found = known.get(container.get("name"), {})
            rows.append({"init": init, "spec": container, "status": found})
    return rows
