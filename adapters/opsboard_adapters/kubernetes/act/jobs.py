"""Making a Job that can be made only once, and following it to its end."""

from abc import abstractmethod
from collections.abc import AsyncGenerator, Mapping
from typing import Any, Final

from opsboard.adapter import (
    Fate,
    NotFound,
    Plan,
    Progress,
    Receipt,
    Settlement,
    SourceError,
    Throttled,
    Unreachable,
    Verdict,
)
from opsboard.records import Status
from opsboard_adapters.kubernetes.act.act import Act, Right
from opsboard_adapters.kubernetes.act.kept import why_gone
from opsboard_adapters.kubernetes.act.pacing import looked_at
from opsboard_adapters.kubernetes.act.site import MARK, Site, Target, find, ref_of
from opsboard_adapters.kubernetes.paging import listed
from opsboard_adapters.kubernetes.parse.batch import parse_job
from opsboard_adapters.kubernetes.parse.common import Object
from opsboard_adapters.kubernetes.parse.pods import judge, worst
from opsboard_adapters.kubernetes.resources import JOBS, PODS
from opsboard_adapters.kubernetes.selector import selector_text
from opsboard_adapters.kubernetes.sending import Sending
from opsboard_adapters.kubernetes.shapes import Job, Pod, typed

NAME_LIMIT: Final = 63
"""Characters of a Job's name: it becomes a label of its pods."""

KEY_DIGITS: Final = 10


def job_name(base: str, key: str) -> str:
    """Return the name of the one Job that the plan with *key* makes."""
    return f"{base[: NAME_LIMIT - KEY_DIGITS - 1].rstrip('-.')}-{key[:KEY_DIGITS]}"


class JobAct(Act):
    """An act that makes a Job out of what its target holds."""

    @abstractmethod
    def job(self, target: Target, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return metadata and spec of the Job, but its name."""

    async def sending(
        self, site: Site, target: Target, payload: Mapping[str, Any], mark: str
    ) -> Sending:
        made = self.job(target, payload)
        metadata = dict(made["metadata"])
        metadata["name"] = job_name(target.name, mark)
        metadata["annotations"] = {**(metadata.get("annotations") or {}), MARK: mark}
        body = {**made, "apiVersion": "batch/v1", "kind": "Job", "metadata": metadata}
        return Sending("POST", JOBS.path(target.namespace), body)

    def right(self, target: Target) -> Right:
        return Right("create", "batch", "jobs")

    async def taken(self, site: Site, plan: Plan) -> Receipt | None:
        """Return the receipt where the Job of this very plan is there: it was made by it."""
        try:
            job = await _job_of(site, plan)
        except SourceError:
            return None
        return self.receipt(site, plan, job.item) if job.mark == plan.id else None

    def receipt(self, site: Site, plan: Plan, answer: Object) -> Receipt:
        namespace, name = str(plan.payload["namespace"]), str(answer["metadata"]["name"])
        return Receipt(
            message=f"Job {namespace}/{name} was made",
            reference=name,
            produced=ref_of(site, JOBS, namespace, name),
        )

    def follow(self, site: Site, plan: Plan, receipt: Receipt) -> AsyncGenerator[Progress, None]:
        return looked_at(site, lambda: _look(site, plan))

    async def settle(self, site: Site, plan: Plan) -> Settlement:
        try:
            job = await _job_of(site, plan)
        except NotFound:
            return await self._missing(site, plan)
        receipt = self.receipt(site, plan, job.item)
        return Settlement(fate=Fate.DONE, message=receipt.message, receipt=receipt)

    async def _missing(self, site: Site, plan: Plan) -> Settlement:
        """Return what it means that there is no Job: what would make it names no version."""
        if why := await why_gone(site, plan):
            said = f"its Job is not there, but {why}"
            return Settlement(fate=Fate.UNKNOWN, message=said)
        return Settlement(fate=Fate.NOT_DONE, message="its Job is not there")


async def _job_of(site: Site, plan: Plan) -> Target:
    name = job_name(str(plan.payload["name"]), plan.key)
    return await find(site, JOBS, str(plan.payload["namespace"]), name)


async def _look(site: Site, plan: Plan) -> Progress:
    try:
        job = await _job_of(site, plan)
    except NotFound:
        return Progress(message="its Job is gone", verdict=Verdict.FAILED)
    except (Unreachable, Throttled) as error:
        return Progress(message=f"cannot be seen just now: {error.message}")
    record = parse_job(site.place, typed(job.item, Job))
    verdict = {Status.OK: Verdict.SUCCEEDED, Status.FAILED: Verdict.FAILED}.get(record.status)
    said = f"{record.reason}: {record.message}" if record.message else record.reason
    because = "" if verdict is Verdict.SUCCEEDED else await _because(site, job)
    return Progress(
        message=f"{said}{because}",
        done=record.succeeded,
        total=record.completions,
        verdict=verdict,
        produced=record.ref,
    )


async def _because(site: Site, job: Target) -> str:
    """Return what its pods suffer from, if anything."""
    selector = selector_text(job.spec.get("selector") or {})
    try:
        pods = await listed(site.api, PODS.path(job.namespace), {"labelSelector": selector})
    except SourceError:
        return ""
    trouble = worst(judge(typed(pod, Pod)) for pod in pods)
    if trouble is None:
        return ""
    return f": {trouble[1]}" + (f" ({trouble[2]})" if trouble[2] else "")
