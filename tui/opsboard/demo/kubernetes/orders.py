"""What a patch of a workload asks of the world."""

from typing import Any

from opsboard.demo.kubernetes.answers import Refusal
from opsboard.demo.kubernetes.render.templates import MODEL_VARIABLE
from opsboard.demo.kubernetes.render.workloads import CHANGE_CAUSE, REVISION
from opsboard.demo.world.clusters import Workload
from opsboard.demo.world.company import WorkloadKind
from opsboard.demo.world.rollouts import Rollouts


def order(
    rollouts: Rollouts, workload: Workload, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """Have the world make *before* into *after*, as far as a patch may ask."""
    _order_annotations(rollouts, workload, before, after)
    _order_replicas(rollouts, workload, before["spec"], after["spec"])
    if before["spec"]["template"] != after["spec"]["template"]:
        _order_template(rollouts, workload, after)


def check_precondition(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Raise :exc:`Refusal` where the patch names another state than the present one."""
    metadata, wanted = before["metadata"], after["metadata"]
    for name in ("resourceVersion", "uid"):
        if wanted.get(name) not in (None, metadata[name]):
            raise Refusal(
                409,
                f"Operation cannot be fulfilled on {metadata['name']!r}: the object has been "
                "modified; please apply your changes to the latest version and try again",
            )


def _order_annotations(
    rollouts: Rollouts, workload: Workload, before: dict[str, Any], after: dict[str, Any]
) -> None:
    wanted = dict(after["metadata"].get("annotations") or {})
    if wanted == (before["metadata"].get("annotations") or {}):
        return
    wanted.pop(REVISION, None)
    workload.revision.cause = wanted.pop(CHANGE_CAUSE, workload.revision.cause)
    workload.annotations = wanted
    rollouts.world.touch(workload)


def _order_replicas(
    rollouts: Rollouts, workload: Workload, before: dict[str, Any], after: dict[str, Any]
) -> None:
    if workload.kind is WorkloadKind.DAEMON_SET:
        return
    if after.get("replicas") != before.get("replicas"):
        rollouts.scale(workload, int(after.get("replicas", 1)))
    if bool(after.get("paused")) != workload.paused:
        rollouts.pause(workload, paused=bool(after.get("paused")))


def _order_template(rollouts: Rollouts, workload: Workload, after: dict[str, Any]) -> None:
    template = after["spec"]["template"]
    container = template["spec"]["containers"][0]
    variables = {item["name"]: item.get("value", "") for item in container.get("env", ())}
    rollouts.release(
        workload,
        container["image"],
        cause=(after["metadata"].get("annotations") or {}).get(CHANGE_CAUSE, ""),
        model=variables.get(MODEL_VARIABLE, "").removeprefix("models:/"),
        annotations=dict(template["metadata"].get("annotations") or {}),
    )
