"""Running a CronJob now, as ``kubectl create job --from=cronjob/NAME`` does."""

from collections.abc import Mapping
from typing import Any

from opsboard.adapter import Finding, Request
from opsboard.adapter.actions import Draft
from opsboard.adapter.actions.findings import facts, note, warning
from opsboard_adapters.kubernetes.actions.base import Reading
from opsboard_adapters.kubernetes.actions.job_action import (
    MANUAL_ANNOTATION,
    JobAction,
    JobPayload,
    is_deleted_after_end,
    job_template,
    job_timeout,
    owner_reference,
)
from opsboard_adapters.kubernetes.actions.specs import RUN
from opsboard_adapters.kubernetes.actions.target import TargetObject
from opsboard_adapters.kubernetes.resources import CRON_JOBS
from opsboard_adapters.kubernetes.revisions import images_of


class RunCronJob(JobAction[JobPayload]):
    """Makes one Job of a CronJob, outside of its schedule."""

    spec = RUN
    acts_on = (CRON_JOBS,)
    payload = JobPayload

    async def draft(
        self, ctx: Reading, request: Request, values: Mapping[str, str]
    ) -> Draft[JobPayload]:
        target = await ctx.client.find_ref(request.ref)
        spec = job_template(target).get("spec") or {}
        active = len(target.status.get("active") or ())
        return target.draft(
            JobPayload(**target.address, ends_up_gone=is_deleted_after_end(spec)),
            before=f"{active} jobs running" if active else "no job running",
            after="one more job",
            destination=(f"CronJob/{target.name}",),
            facts=facts(
                ("images", images_of(spec.get("template") or {})),
                ("schedule", str(target.spec.get("schedule") or "")),
                ("concurrency", str(target.spec.get("concurrencyPolicy") or "")),
            ),
            findings=tuple(_findings(target)),
            timeout=job_timeout(spec),
        )

    def job(self, target: TargetObject, payload: JobPayload) -> dict[str, Any]:
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


def _findings(target: TargetObject) -> list[Finding]:
    found: list[Finding] = []
    policy = target.spec.get("concurrencyPolicy")
    if target.status.get("active") and policy in {"Forbid", "Replace"}:
        text = f"a job of it is running, and its policy is {policy}: this one runs beside it"
        found.append(warning(text))
    if target.spec.get("suspend"):
        found.append(note("it is suspended: this run is made all the same"))
    return found
