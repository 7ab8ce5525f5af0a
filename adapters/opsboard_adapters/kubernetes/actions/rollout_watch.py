"""Following a roll-out to its verdict, as ``kubectl rollout status`` does, with the reason."""

from collections.abc import AsyncGenerator, Callable
from typing import Final

from opsboard.adapter import (
    NotFound,
    Plan,
    Progress,
    SourceError,
    Throttled,
    Unreachable,
    Verdict,
)
from opsboard.adapter.plans import DEFAULT_TIMEOUT
from opsboard_adapters.kubernetes.actions.patch import ref_of_plan
from opsboard_adapters.kubernetes.actions.pod_template import template_digest
from opsboard_adapters.kubernetes.actions.poll import looked_at
from opsboard_adapters.kubernetes.actions.target import ClusterConnection, TargetObject, target_of
from opsboard_adapters.kubernetes.objects import integer
from opsboard_adapters.kubernetes.parse.pod_columns import is_final
from opsboard_adapters.kubernetes.parse.pods import diagnose, worst
from opsboard_adapters.kubernetes.parse.workloads import parse_workload, rollout_status
from opsboard_adapters.kubernetes.revisions import (
    WorkloadRevision,
    list_pods,
    pod_template_of,
    revision_number,
    revision_objects,
)
from opsboard_adapters.kubernetes.structs import V1Pod, to_struct

GRACE: Final = 60
"""Seconds that are waited beyond the deadline that a Deployment or a Job has itself."""

Overtaken = Callable[[Plan, TargetObject], str]
"""Says why what is there is not any more what *plan* has made, or ``""``."""


def observe(
    site: ClusterConnection, plan: Plan, overtaken: Overtaken
) -> AsyncGenerator[Progress, None]:
    """Yield how the roll-out of the plan's target goes on, when something has changed."""
    return looked_at(site, lambda: _look(site, plan, overtaken))


def patience(target: TargetObject) -> float:
    """Return how long to follow a roll-out of *target*: longer than its own deadline."""
    return max(DEFAULT_TIMEOUT, integer(target.spec, "progressDeadlineSeconds") + GRACE)


async def _look(site: ClusterConnection, plan: Plan, overtaken: Overtaken) -> Progress:
    try:
        target = await target_of(site, plan)
        if why := _lost(plan, target) or overtaken(plan, target):
            return Progress(message=why, verdict=Verdict.FAILED, produced=ref_of_plan(site, plan))
        return await _judged(site, plan, target)
    except NotFound:
        return Progress(message=f"{plan.target} is gone", verdict=Verdict.FAILED)
    except (Unreachable, Throttled) as error:
        return Progress(message=f"cannot be seen just now: {error.message}")


def _lost(plan: Plan, target: TargetObject) -> str:
    another = target.uid != plan.payload["uid"]
    return f"{plan.target} was deleted, and made anew by somebody else" if another else ""


async def _judged(site: ClusterConnection, plan: Plan, target: TargetObject) -> Progress:
    kind = target.resource.kind
    judgement = rollout_status(kind, target.workload)
    record = parse_workload(site.cluster, kind, target.workload)
    verdict = Verdict.SUCCEEDED if judgement.done else None
    message = judgement.message
    if not judgement.done:
        verdict = Verdict.FAILED if judgement.failed else None
        message = f"{message}{await _because(site, target)}"
    return Progress(
        message=message,
        done=min(record.updated, record.available),
        total=record.desired,
        verdict=verdict,
        produced=ref_of_plan(site, plan) if verdict else None,
    )


async def _because(site: ClusterConnection, target: TargetObject) -> str:
    """Return what the pods of the present template suffer from, if anything."""
    try:
        pods = await list_pods(site, target)
        kept = await revision_objects(site.client, target.resource, target.item)
    except SourceError:
        return ""
    now = template_digest(target.template)
    new = [
        WorkloadRevision(revision_number(one), one, "")
        for one in kept
        if template_digest(pod_template_of(one)) == now
    ]
    ours = (to_struct(pod, V1Pod) for pod in pods if any(one.runs(pod) for one in new))
    trouble = worst(diagnose(pod) for pod in ours if not is_final(pod.status))
    if trouble is None:
        return ""
    return f": {trouble[1]}" + (f" ({trouble[2]})" if trouble[2] else "")
