"""Running a CronJob now, as ``kubectl create job --from=cronjob/NAME`` does."""

from collections.abc import Mapping
from typing import Any, Final

from opsboard.adapter import Fact, Finding
from opsboard_adapters.kubernetes.actions import findings
from opsboard_adapters.kubernetes.actions.base import KubernetesDraft
from opsboard_adapters.kubernetes.actions.job_action import JobAction
from opsboard_adapters.kubernetes.actions.rollout_watch import GRACE
from opsboard_adapters.kubernetes.actions.specs import RUN
from opsboard_adapters.kubernetes.actions.target import ClusterConnection, TargetObject
from opsboard_adapters.kubernetes.objects import ApiObject, integer
from opsboard_adapters.kubernetes.revisions import images_of

MAX_JOB_SECONDS: Final = 6 * 3_600
"""Seconds that a Job without a deadline of its own is followed."""

MANUAL_ANNOTATION: Final = {"cronjob.kubernetes.io/instantiate": "manual"}


class RunCronJob(JobAction):
    """One run of a CronJob, out of turn."""

    offer = RUN

    async def draft(
        self, site: ClusterConnection, target: TargetObject, values: Mapping[str, str]
    ) -> KubernetesDraft:
        template = job_template(target)
        told = {
            "images": images_of((template.get("spec") or {}).get("template") or {}),
            "schedule": str(target.spec.get("schedule") or ""),
            "concurrency": str(target.spec.get("concurrencyPolicy") or ""),
        }
        return KubernetesDraft(
            before=_active(target),
            after="one more job",
            destination=(f"CronJob/{target.name}",),
            facts=tuple(Fact(label=label, value=value) for label, value in told.items() if value),
            findings=tuple(_cautions(target)),
            payload=retention_of(template.get("spec") or {}),
            patience=patience_for(template.get("spec") or {}),
        )

    def job(self, target: TargetObject, payload: Mapping[str, Any]) -> dict[str, Any]:
        template = job_template(target)
        metadata = template.get("metadata") or {}
        return {
            "metadata": {
                "labels": metadata.get("labels") or {},
                "annotations": {**MANUAL_ANNOTATION, **(metadata.get("annotations") or {})},
                "ownerReferences": [owner_reference(target)],
            },
            "spec": template.get("spec") or {},
        }


def job_template(target: TargetObject) -> ApiObject:
    """Return what the Jobs of a CronJob are made of."""
    template: ApiObject = target.spec.get("jobTemplate") or {}
    return template


def owner_reference(target: TargetObject) -> dict[str, Any]:
    """Return the reference by which a Job belongs to its CronJob, as kubectl writes it."""
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "name": target.name,
        "uid": target.uid,
        "controller": True,
    }


def retention_of(spec: ApiObject) -> dict[str, Any]:
    """Return what a plan has to know of a Job's end: whether it is deleted after that."""
    return {"ends_up_gone": spec.get("ttlSecondsAfterFinished") is not None}


def patience_for(spec: ApiObject) -> float:
    """Return how long to follow a Job: up to its own deadline, if it has one."""
    return integer(spec, "activeDeadlineSeconds", MAX_JOB_SECONDS) + GRACE


def _active(target: TargetObject) -> str:
    active = len(target.status.get("active") or ())
    return f"{active} jobs running" if active else "no job running"


def _cautions(target: TargetObject) -> list[Finding]:
    found: list[Finding] = []
    policy = target.spec.get("concurrencyPolicy")
    if target.status.get("active") and policy in {"Forbid", "Replace"}:
        text = f"a job of it is running, and its policy is {policy}: this one runs beside it"
        found.append(findings.warning(text))
    if target.spec.get("suspend"):
        found.append(findings.note("it is suspended: this run is made all the same"))
    return found
