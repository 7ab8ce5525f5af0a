"""Watching a roll-out to its verdict, as ``kubectl rollout status`` does, with the reason."""

from typing import Final

from opsboard.adapter import NotFound, Plan, Progress, SourceError, Verdict
from opsboard.adapter.plans import DEFAULT_TIMEOUT
from opsboard_adapters.kubernetes.actions.base import Planned
from opsboard_adapters.kubernetes.actions.target import TargetObject, TargetPayload
from opsboard_adapters.kubernetes.objects import integer
from opsboard_adapters.kubernetes.parse.declarations import PLAN_ANNOTATION
from opsboard_adapters.kubernetes.parse.pod_columns import is_final
from opsboard_adapters.kubernetes.parse.pods import diagnose, worst
from opsboard_adapters.kubernetes.parse.workloads import parse_workload, rollout_status, with_cause
from opsboard_adapters.kubernetes.revisions import new_revision_pods, revision_objects
from opsboard_adapters.kubernetes.structs import V1Pod, to_struct

GRACE_SECONDS: Final = 60
"""How long is waited beyond the deadline of a Deployment or a Job itself."""


def rollout_timeout(target: TargetObject) -> float:
    """Return how many seconds to watch a roll-out: longer than its own progress deadline."""
    deadline = integer(target.spec, "progressDeadlineSeconds")
    return max(DEFAULT_TIMEOUT, deadline + GRACE_SECONDS)


async def watched_target(ctx: Planned, payload: TargetPayload) -> TargetObject | Progress:
    """Return the target of the plan, or the verdict where it is gone or another one."""
    try:
        target = await ctx.client.find(payload)
    except NotFound:
        return Progress(message=f"{ctx.plan.target} is gone", verdict=Verdict.FAILED)
    if target.uid != payload.uid:
        return overtaken(target, f"{ctx.plan.target} was deleted, and made again by somebody else")
    return target


def overtaken(target: TargetObject, why: str) -> Progress:
    """Return the verdict that somebody else has undone or replaced the change."""
    return Progress(message=why, verdict=Verdict.FAILED, produced=target.ref)


async def rollout_progress(target: TargetObject) -> Progress:
    """Return how far the roll-out of *target* is, with a verdict once it is done or has failed."""
    kind = target.resource.kind
    status = rollout_status(kind, target.workload)
    record = parse_workload(target.connection.cluster, kind, target.workload)
    verdict = Verdict.SUCCEEDED if status.done else Verdict.FAILED if status.failed else None
    message = status.message
    if not status.done and (problem := await _pod_problem(target)):
        message = with_cause(message, problem)
    return Progress(
        message=message,
        done=min(record.updated, record.available),
        total=record.desired,
        verdict=verdict,
        produced=target.ref if verdict else None,
    )


async def _pod_problem(target: TargetObject) -> str:
    """Return the worst problem of the pods of the present template, or ``""``."""
    try:
        pods = [to_struct(pod, V1Pod) for pod in await new_revision_pods(target)]
    except SourceError:
        return ""
    problem = worst(diagnose(pod) for pod in pods if not is_final(pod.status))
    return problem.text if problem else ""


async def bears_mark(target: TargetObject, plan: Plan) -> bool:
    """Return whether *target* or one of its revisions bears the mark of *plan*.

    The Deployment controller copies annotations of a Deployment to its ReplicaSet: the mark is
    there even where a later change has taken it off the Deployment.
    """
    if target.mark == plan.id:
        return True
    try:
        found = await revision_objects(target)
    except SourceError:
        return False
    return any(
        (one["metadata"].get("annotations") or {}).get(PLAN_ANNOTATION) == plan.id for one in found
    )
