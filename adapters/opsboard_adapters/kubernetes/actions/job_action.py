"""Making a Job that can be made only once, and following it to its end.

Jobs that are not there: whether one may have been made, and be gone by now.

A cluster deletes Jobs by itself: some time after their end (``ttlSecondsAfterFinished``), along
with the CronJob that owns them (garbage collection), and, of a CronJob, all finished ones but the
newest few (``successfulJobsHistoryLimit``, ``failedJobsHistoryLimit``). Source of the last: the
CronJob controller (``cleanupFinishedJobs``), which counts those that were made by hand as well.
"""

from abc import abstractmethod
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from datetime import timedelta
from typing import Any, Final

from opsboard.adapter import (
    NotFound,
    Plan,
    Progress,
    Receipt,
    ReconcileOutcome,
    ReconcileResult,
    SourceError,
    Throttled,
    Unreachable,
    Verdict,
)
from opsboard.records import Status
from opsboard_adapters.kubernetes.actions.base import KubernetesAction, ResourceAttributes
from opsboard_adapters.kubernetes.actions.poll import looked_at
from opsboard_adapters.kubernetes.actions.target import (
    PLAN_ANNOTATION,
    ClusterConnection,
    TargetObject,
    find,
    ref_of,
    target_of,
)
from opsboard_adapters.kubernetes.objects import ApiObject, integer, selector_query
from opsboard_adapters.kubernetes.pager import list_all
from opsboard_adapters.kubernetes.parse.batch import parse_job
from opsboard_adapters.kubernetes.parse.pods import diagnose, worst
from opsboard_adapters.kubernetes.protocol import ChangeRequest
from opsboard_adapters.kubernetes.resources import JOBS, PODS
from opsboard_adapters.kubernetes.structs import V1Job, V1Pod, to_struct

NAME_LIMIT: Final = 63
"""Characters of a Job's name: it becomes a label of its pods."""

KEY_DIGITS: Final = 10


def job_name(base: str, key: str) -> str:
    """Return the name of the one Job that the plan with *key* makes."""
    return f"{base[: NAME_LIMIT - KEY_DIGITS - 1].rstrip('-.')}-{key[:KEY_DIGITS]}"


class JobAction(KubernetesAction):
    """An act that makes a Job out of what its target holds."""

    @abstractmethod
    def job(self, target: TargetObject, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return metadata and spec of the Job, but its name."""

    async def change_request(
        self, site: ClusterConnection, target: TargetObject, payload: Mapping[str, Any], mark: str
    ) -> ChangeRequest:
        made = self.job(target, payload)
        metadata = dict(made["metadata"])
        metadata["name"] = job_name(target.name, mark)
        metadata["annotations"] = {**(metadata.get("annotations") or {}), PLAN_ANNOTATION: mark}
        body = {**made, "apiVersion": "batch/v1", "kind": "Job", "metadata": metadata}
        return ChangeRequest("POST", JOBS.path(target.namespace), body)

    def resource_attributes(self, target: TargetObject) -> ResourceAttributes:
        return ResourceAttributes("create", "batch", "jobs")

    async def already_done(self, site: ClusterConnection, plan: Plan) -> Receipt | None:
        """Return the receipt where the Job of this very plan is there: it was made by it."""
        try:
            job = await _job_of(site, plan)
        except SourceError:
            return None
        return self.receipt(site, plan, job.item) if job.mark == plan.id else None

    def receipt(self, site: ClusterConnection, plan: Plan, answer: ApiObject) -> Receipt:
        namespace, name = str(plan.payload["namespace"]), str(answer["metadata"]["name"])
        return Receipt(
            message=f"Job {namespace}/{name} was made",
            reference=name,
            produced=ref_of(site, JOBS, namespace, name),
        )

    def observe(
        self, site: ClusterConnection, plan: Plan, receipt: Receipt
    ) -> AsyncGenerator[Progress, None]:
        return looked_at(site, lambda: _look(site, plan))

    async def reconcile(self, site: ClusterConnection, plan: Plan) -> ReconcileResult:
        try:
            job = await _job_of(site, plan)
        except NotFound:
            return await self._missing(site, plan)
        receipt = self.receipt(site, plan, job.item)
        return ReconcileResult(
            outcome=ReconcileOutcome.DONE, message=receipt.message, receipt=receipt
        )

    async def _missing(self, site: ClusterConnection, plan: Plan) -> ReconcileResult:
        """Return what it means that there is no Job: what would make it names no version."""
        if why := await why_gone(site, plan):
            said = f"its Job is not there, but {why}"
            return ReconcileResult(outcome=ReconcileOutcome.UNKNOWN, message=said)
        return ReconcileResult(outcome=ReconcileOutcome.NOT_DONE, message="its Job is not there")


async def _job_of(site: ClusterConnection, plan: Plan) -> TargetObject:
    name = job_name(str(plan.payload["name"]), plan.key)
    return await find(site, JOBS, str(plan.payload["namespace"]), name)


async def _look(site: ClusterConnection, plan: Plan) -> Progress:
    try:
        job = await _job_of(site, plan)
    except NotFound:
        return Progress(message="its Job is gone", verdict=Verdict.FAILED)
    except (Unreachable, Throttled) as error:
        return Progress(message=f"cannot be seen just now: {error.message}")
    record = parse_job(site.cluster, to_struct(job.item, V1Job))
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


async def _because(site: ClusterConnection, job: TargetObject) -> str:
    """Return what its pods suffer from, if anything."""
    selector = selector_query(job.spec.get("selector") or {})
    try:
        pods = await list_all(site.client, PODS.path(job.namespace), {"labelSelector": selector})
    except SourceError:
        return ""
    trouble = worst(diagnose(to_struct(pod, V1Pod)) for pod in pods)
    if trouble is None:
        return ""
    return f": {trouble[1]}" + (f" ({trouble[2]})" if trouble[2] else "")


LIMITS: Final = {
    Status.OK: ("successfulJobsHistoryLimit", 3),
    Status.FAILED: ("failedJobsHistoryLimit", 1),
}
"""How a Job ended -> the field of its CronJob that says how many of those are kept, if none does.
"""
_SKEW: Final = timedelta(minutes=5)


async def why_gone(site: ClusterConnection, plan: Plan) -> str:
    """Return why the Job of *plan* may have been made and be gone, or ``""`` where it cannot.

    Somebody may have deleted it all the same. Raises :exc:`~opsboard.adapter.SourceError`.
    """
    if plan.payload.get("ends_up_gone"):
        return "would be deleted some time after its end"
    if plan.payload["resource"] != "CronJob":
        return ""
    try:
        owner = await target_of(site, plan)
    except NotFound:
        return "would be deleted along with its CronJob, which is gone"
    if owner.uid != plan.payload["uid"]:
        return "would be deleted along with its CronJob, which is another one of that name by now"
    return await _overtaken(site, plan, owner)


async def _overtaken(site: ClusterConnection, plan: Plan, owner: TargetObject) -> str:
    """Return whether so many have ended since that a Job from then would not be kept."""
    ended: Counter[Status] = Counter()
    for item in await list_all(site.client, JOBS.path(owner.namespace)):
        owners = (item.get("metadata") or {}).get("ownerReferences") or ()
        if not any(one.get("uid") == owner.uid for one in owners):
            continue
        job = parse_job(site.cluster, to_struct(item, V1Job))
        if job.created_at is None or job.created_at > plan.made_at - _SKEW:
            ended[job.status] += 1
    for status, (limit, usual) in LIMITS.items():
        if ended[status] >= integer(owner.spec, limit, usual):
            return f"may have been deleted: its CronJob keeps as many as {limit} says"
    return ""
