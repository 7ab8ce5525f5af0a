"""Actions that make a Job, which can be made only once, and watch it to its end.

The name of the Job holds the id of the plan: a second request for the same plan is refused.
"""

from abc import abstractmethod
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, TypeVar

from opsboard.adapter import (
    NotFound,
    Plan,
    Progress,
    Receipt,
    ReconcileResult,
    SourceError,
    Verdict,
)
from opsboard.records import Status
from opsboard_adapters.kubernetes.actions.base import (
    KubernetesAction,
    Planned,
    Reading,
    ResourceAttributes,
    done,
    not_done,
    unknown,
)
from opsboard_adapters.kubernetes.actions.rollout_watch import GRACE_SECONDS
from opsboard_adapters.kubernetes.actions.target import (
    TargetObject,
    TargetPayload,
    find_target,
    record_ref,
)
from opsboard_adapters.kubernetes.batch_structs import V1Job
from opsboard_adapters.kubernetes.objects import ApiObject, integer
from opsboard_adapters.kubernetes.parse.batch import parse_job
from opsboard_adapters.kubernetes.parse.declarations import PLAN_ANNOTATION
from opsboard_adapters.kubernetes.parse.pods import diagnose, worst
from opsboard_adapters.kubernetes.protocol import ChangeRequest
from opsboard_adapters.kubernetes.resources import JOBS, ApiResource
from opsboard_adapters.kubernetes.structs import V1Pod, to_struct

NAME_LIMIT: Final = 63
"""Characters of a Job's name: it becomes a label of its pods."""

KEY_DIGITS: Final = 10
"""Digits of the plan's id that are in the name."""

MAX_JOB_SECONDS: Final = 6 * 3_600
"""How long a Job without a deadline of its own is watched."""

MANUAL_ANNOTATION: Final = {"cronjob.kubernetes.io/instantiate": "manual"}
"""What ``kubectl create job --from`` notes on a Job."""

HISTORY_LIMITS: Final = {
    Status.OK: ("successfulJobsHistoryLimit", 3),
    Status.FAILED: ("failedJobsHistoryLimit", 1),
}
"""How a Job ended -> the field of its CronJob that limits how many are kept, and its default."""

_CLOCK_TOLERANCE: Final = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class JobPayload(TargetPayload):
    """A Job that is made of the target; *ends_up_gone* where it is deleted after its end."""

    ends_up_gone: bool = False


P = TypeVar("P", bound=JobPayload)


class JobAction(KubernetesAction[P]):
    """An action that makes a Job out of what its target holds."""

    @abstractmethod
    def job(self, target: TargetObject, payload: P) -> dict[str, Any]:
        """Return metadata and spec of the Job, without its name."""

    async def change_request(self, target: TargetObject, payload: P, plan_id: str) -> ChangeRequest:
        made = self.job(target, payload)
        metadata = dict(made["metadata"])
        metadata["name"] = job_name(target.name, plan_id)
        metadata["annotations"] = {
            **(metadata.get("annotations") or {}),
            PLAN_ANNOTATION: plan_id,
        }
        body = {**made, "apiVersion": "batch/v1", "kind": "Job", "metadata": metadata}
        return ChangeRequest("POST", JOBS.path(target.namespace), body)

    def resource_attributes(self, resource: ApiResource, name: str) -> ResourceAttributes:
        return ResourceAttributes("create", JOBS.api_group, JOBS.plural)

    async def version(self, ctx: Reading, payload: P) -> str:
        return ""  # a request that makes an object names no version

    async def already_done(self, ctx: Planned, payload: P) -> Receipt | None:
        """Return the receipt where the Job of this very plan exists: it was made by it."""
        try:
            job = await _find_job(ctx, payload)
        except SourceError:
            return None
        return self.receipt(job, ctx.plan, job.item) if job.mark == ctx.plan_id else None

    def receipt(self, target: TargetObject, plan: Plan, answer: ApiObject) -> Receipt:
        namespace, name = target.namespace, str(answer["metadata"]["name"])
        return Receipt(
            message=f"Job {namespace}/{name} was made",
            reference=name,
            produced=record_ref(target.connection, JOBS, namespace, name),
        )

    async def observe(self, ctx: Planned, payload: P, receipt: Receipt) -> Progress:
        try:
            job = await _find_job(ctx, payload)
        except NotFound:
            return Progress(message="its Job is gone", verdict=Verdict.FAILED)
        record = parse_job(job.connection.cluster, to_struct(job.item, V1Job))
        verdicts = {Status.OK: Verdict.SUCCEEDED, Status.FAILED: Verdict.FAILED}
        verdict = verdicts.get(record.status)
        message = f"{record.reason}: {record.message}" if record.message else record.reason
        if verdict is not Verdict.SUCCEEDED and (problem := await _pod_problem(job)):
            message = f"{message}: {problem}"
        return Progress(
            message=message,
            done=record.succeeded,
            total=record.completions,
            verdict=verdict,
            produced=record.ref,
        )

    async def reconcile(self, ctx: Planned, payload: P) -> ReconcileResult:
        try:
            job = await _find_job(ctx, payload)
        except NotFound:
            if why := await _why_gone(ctx, payload):
                return unknown(f"its Job is not there, but {why}")
            return not_done("its Job is not there")
        receipt = self.receipt(job, ctx.plan, job.item)
        return done(receipt.message, receipt)


def job_name(base: str, plan_id: str) -> str:
    """Return the name of the one Job that the plan makes of the object called *base*."""
    return f"{base[: NAME_LIMIT - KEY_DIGITS - 1].rstrip('-.')}-{plan_id[:KEY_DIGITS]}"


def job_template(target: TargetObject) -> ApiObject:
    """Return the template of the Jobs of a CronJob."""
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


def is_deleted_after_end(spec: ApiObject) -> bool:
    """Return whether the cluster deletes a Job of this *spec* some time after its end."""
    return spec.get("ttlSecondsAfterFinished") is not None


def job_timeout(spec: ApiObject) -> float:
    """Return how many seconds to watch a Job of this *spec*: up to its deadline, if it has one."""
    return integer(spec, "activeDeadlineSeconds", MAX_JOB_SECONDS) + GRACE_SECONDS


async def _find_job(ctx: Planned, payload: JobPayload) -> TargetObject:
    connection = await ctx.client.connection(payload.cluster)
    name = job_name(payload.name, ctx.plan_id)
    return await find_target(connection, JOBS, payload.namespace, name)


async def _pod_problem(job: TargetObject) -> str:
    """Return the worst problem of the pods of *job*, or ``""``."""
    try:
        pods = await job.pods()
    except SourceError:
        return ""
    problem = worst(diagnose(to_struct(pod, V1Pod)) for pod in pods)
    return problem.text if problem else ""


# --- Jobs that are gone --------------------------------------------------------------------------
# A cluster deletes Jobs by itself: some time after their end (``ttlSecondsAfterFinished``), along
# with the CronJob that owns them (garbage collection), and all finished Jobs of a CronJob but the
# newest few. Source of the last: ``cleanupFinishedJobs`` of the CronJob controller, which counts
# Jobs that were made by hand as well.


async def _why_gone(ctx: Planned, payload: JobPayload) -> str:
    """Return why the Job may have been made and be gone, or ``""`` where that cannot be.

    Somebody may have deleted it all the same. Raises :exc:`SourceError`.
    """
    if payload.ends_up_gone:
        return "would be deleted some time after its end"
    if payload.resource != "CronJob":
        return ""
    try:
        owner = await ctx.client.find(payload)
    except NotFound:
        return "would be deleted along with its CronJob, which is gone"
    if owner.uid != payload.uid:
        return "would be deleted along with its CronJob, which is a new object of that name by now"
    return await _why_history_limit(owner, ctx.plan)


async def _why_history_limit(owner: TargetObject, plan: Plan) -> str:
    """Return whether so many Jobs have ended since that one made then would not be kept."""
    ended: Counter[Status] = Counter()
    for item in await owner.connection.list_all(JOBS.path(owner.namespace)):
        owners = (item.get("metadata") or {}).get("ownerReferences") or ()
        if not any(one.get("uid") == owner.uid for one in owners):
            continue
        job = parse_job(owner.connection.cluster, to_struct(item, V1Job))
        if job.created_at is None or job.created_at > plan.made_at - _CLOCK_TOLERANCE:
            ended[job.status] += 1
    for status, (field, default) in HISTORY_LIMITS.items():
        if ended[status] >= integer(owner.spec, field, default):
            return f"may have been deleted: its CronJob keeps as many as {field} says"
    return ""
