"""Applies a patched Deployment, StatefulSet, DaemonSet or CronJob to the world."""

from typing import Any

from opsboard.demo.kubernetes.objects.pod_template import MODEL_VARIABLE, template
from opsboard.demo.kubernetes.objects.workloads import CHANGE_CAUSE, REVISION
from opsboard.demo.kubernetes.responses import FakeKubernetesError
from opsboard.demo.world.clusters import DemoCronJob, DemoWorkload, PodOutcome
from opsboard.demo.world.company import DemoWorkloadKind
from opsboard.demo.world.cron_jobs import CronJobController
from opsboard.demo.world.rollouts import RolloutController


def apply_workload_change(
    rollouts: RolloutController,
    workload: DemoWorkload,
    before: dict[str, Any],
    after: dict[str, Any],
    who: str,
) -> None:
    """Change *workload* as the difference from *before* to *after* asks, set by *who*."""
    _order_labels(rollouts, workload, before, after)
    if _bare(before["spec"]["template"]) != _bare(after["spec"]["template"]):
        workload.template_manager = who
        _order_template(rollouts, workload, after)
    _order_annotations(rollouts, workload, before, after)
    _order_replicas(rollouts, workload, before["spec"], after["spec"])


def apply_cron_job_change(
    periodics: CronJobController, cron: DemoCronJob, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """Change *cron* as the difference from *before* to *after* asks."""
    cron.annotations = dict(after["metadata"].get("annotations") or {})
    cron.generation += before["spec"] != after["spec"]
    periodics.suspend(cron, suspended=bool(after["spec"].get("suspend")))


def check_precondition(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Raise :exc:`FakeKubernetesError` (409) where a patch is for another version or uid."""
    metadata, wanted = before["metadata"], after["metadata"]
    for name in ("resourceVersion", "uid"):
        if wanted.get(name) not in (None, metadata[name]):
            raise FakeKubernetesError(
                409,
                f"Operation cannot be fulfilled on {metadata['name']!r}: the object has been "
                "modified; please apply your changes to the latest version and try again",
            )


def check_supported_changes(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Raise :exc:`FakeKubernetesError` (422) where a patch changes a field that the demo cannot."""
    kind, old, new = before["kind"], before["spec"], after["spec"]
    known = ("suspend",) if kind == "CronJob" else ("paused", "replicas", "template")
    for name in sorted((set(old) | set(new)) - set(known)):
        if old.get(name) != new.get(name):
            can = ", ".join(known)
            raise FakeKubernetesError(
                422, f"the demo changes only {can} of a {kind}, not spec.{name}"
            )


def _order_labels(
    rollouts: RolloutController,
    workload: DemoWorkload,
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    wanted = dict(after["metadata"].get("labels") or {})
    if wanted != (before["metadata"].get("labels") or {}):
        workload.labels = wanted
        rollouts.world.mark_changed(workload)


def _order_annotations(
    rollouts: RolloutController,
    workload: DemoWorkload,
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    wanted = dict(after["metadata"].get("annotations") or {})
    if wanted == (before["metadata"].get("annotations") or {}):
        return
    wanted.pop(REVISION, None)
    workload.wanted_revision.cause = wanted.pop(CHANGE_CAUSE, workload.wanted_revision.cause)
    workload.annotations = wanted
    workload.wanted_revision.workload_annotations = dict(
        wanted
    )  # the controller copies them to the ReplicaSet
    workload.generation += workload.kind is DemoWorkloadKind.DEPLOYMENT  # as the API server does
    rollouts.world.mark_changed(workload)


def _order_replicas(
    rollouts: RolloutController,
    workload: DemoWorkload,
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    if workload.kind is DemoWorkloadKind.DAEMON_SET:
        return
    if after.get("replicas") != before.get("replicas"):
        rollouts.scale(workload, int(after.get("replicas", 1)))
    if bool(after.get("paused")) != workload.paused:
        rollouts.pause(workload, paused=bool(after.get("paused")))


def _order_template(
    rollouts: RolloutController, workload: DemoWorkload, after: dict[str, Any]
) -> None:
    wanted = _bare(after["spec"]["template"])
    for revision in workload.revisions:
        if _bare(template(workload, revision)) == wanted:
            rollouts.roll_back(workload, revision)
            return
    container = wanted["spec"]["containers"][0]
    variables = {item["name"]: item.get("value", "") for item in container.get("env", ())}
    rollouts.release(
        workload,
        container["image"],
        cause=(after["metadata"].get("annotations") or {}).get(CHANGE_CAUSE, ""),
        model=variables.get(MODEL_VARIABLE, "").removeprefix("models:/"),
        annotations=dict(wanted["metadata"].get("annotations") or {}),
        fate=_fate(workload, container["image"]),
        template=wanted,
    )


def _fate(workload: DemoWorkload, image: str) -> PodOutcome:
    """Return the outcome of pods with *image*: that of the latest revision with it."""
    known = (one.outcome for one in reversed(workload.revisions) if one.image == image)
    return next(known, PodOutcome.GOOD)


def _bare(made: dict[str, Any]) -> dict[str, Any]:
    """Return a template without metadata that is ``None``."""
    metadata = {key: value for key, value in made["metadata"].items() if value is not None}
    return {**made, "metadata": metadata}
