"""Running a CronJob now, as ``kubectl create job --from=cronjob/NAME`` does."""

from collections.abc import Mapping
from typing import Any, Final

from opsboard.adapter import Caution, Fact
from opsboard_adapters.kubernetes.act import cautions
from opsboard_adapters.kubernetes.act.act import Draft
from opsboard_adapters.kubernetes.act.jobs import JobAct
from opsboard_adapters.kubernetes.act.offers import RUN
from opsboard_adapters.kubernetes.act.rolling import GRACE
from opsboard_adapters.kubernetes.act.site import Site, Target
from opsboard_adapters.kubernetes.parse.common import Object, number
from opsboard_adapters.kubernetes.revisions import images_of

LONGEST_RUN: Final = 6 * 3_600
"""Seconds that a Job without a deadline of its own is followed."""

MANUAL: Final = {"cronjob.kubernetes.io/instantiate": "manual"}


class Run(JobAct):
    """One run of a CronJob, out of turn."""

    offer = RUN

    async def draft(self, site: Site, target: Target, values: Mapping[str, str]) -> Draft:
        template = job_template(target)
        told = {
            "images": images_of((template.get("spec") or {}).get("template") or {}),
            "schedule": str(target.spec.get("schedule") or ""),
            "concurrency": str(target.spec.get("concurrencyPolicy") or ""),
        }
        return Draft(
            before=_active(target),
            after="one more job",
            destination=(f"CronJob/{target.name}",),
            facts=tuple(Fact(label=label, value=value) for label, value in told.items() if value),
            cautions=tuple(_cautions(target)),
            payload=fate_of(template.get("spec") or {}),
            patience=patience_for(template.get("spec") or {}),
        )

    def job(self, target: Target, payload: Mapping[str, Any]) -> dict[str, Any]:
        template = job_template(target)
        metadata = template.get("metadata") or {}
        return {
            "metadata": {
                "labels": metadata.get("labels") or {},
                "annotations": {**MANUAL, **(metadata.get("annotations") or {})},
                "ownerReferences": [owned_by(target)],
            },
            "spec": template.get("spec") or {},
        }


def job_template(target: Target) -> Object:
    """Return what the Jobs of a CronJob are made of."""
    template: Object = target.spec.get("jobTemplate") or {}
    return template


def owned_by(target: Target) -> dict[str, Any]:
    """Return the reference by which a Job belongs to its CronJob, as kubectl writes it."""
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "name": target.name,
        "uid": target.uid,
        "controller": True,
    }


def fate_of(spec: Object) -> dict[str, Any]:
    """Return what a plan has to know of a Job's end: whether it is deleted after that."""
    return {"ends_up_gone": spec.get("ttlSecondsAfterFinished") is not None}


def patience_for(spec: Object) -> float:
    """Return how long to follow a Job: up to its own deadline, if it has one."""
    return number(spec, "activeDeadlineSeconds", LONGEST_RUN) + GRACE


def _active(target: Target) -> str:
    active = len(target.status.get("active") or ())
    return f"{active} jobs running" if active else "no job running"


def _cautions(target: Target) -> list[Caution]:
    found: list[Caution] = []
    policy = target.spec.get("concurrencyPolicy")
    if target.status.get("active") and policy in {"Forbid", "Replace"}:
        text = f"a job of it is running, and its policy is {policy}: this one runs beside it"
        found.append(cautions.warning(text))
    if target.spec.get("suspend"):
        found.append(cautions.note("it is suspended: this run is made all the same"))
    return found
