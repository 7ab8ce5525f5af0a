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
from opsboard.adapter.plans import PATIENCE
from opsboard_adapters.kubernetes.act.pacing import looked_at
from opsboard_adapters.kubernetes.act.past import Revision, pods_of
from opsboard_adapters.kubernetes.act.patching import ref_of_plan
from opsboard_adapters.kubernetes.act.site import Site, Target, target_of
from opsboard_adapters.kubernetes.act.templates import digest
from opsboard_adapters.kubernetes.parse import rollout
from opsboard_adapters.kubernetes.parse.common import number
from opsboard_adapters.kubernetes.parse.pod_columns import is_final
from opsboard_adapters.kubernetes.parse.pods import judge, worst
from opsboard_adapters.kubernetes.parse.workloads import parse_workload
from opsboard_adapters.kubernetes.revisions import history, number_of, template_of
from opsboard_adapters.kubernetes.shapes import Pod, typed

GRACE: Final = 60
"""Seconds that are waited beyond the deadline that a Deployment or a Job has itself."""

Overtaken = Callable[[Plan, Target], str]
"""Says why what is there is not any more what *plan* has made, or ``""``."""


def follow(site: Site, plan: Plan, overtaken: Overtaken) -> AsyncGenerator[Progress, None]:
    """Yield how the roll-out of the plan's target goes on, when something has changed."""
    return looked_at(site, lambda: _look(site, plan, overtaken))


def patience(target: Target) -> float:
    """Return how long to follow a roll-out of *target*: longer than its own deadline."""
    return max(PATIENCE, number(target.spec, "progressDeadlineSeconds") + GRACE)


async def _look(site: Site, plan: Plan, overtaken: Overtaken) -> Progress:
    try:
        target = await target_of(site, plan)
        if why := _lost(plan, target) or overtaken(plan, target):
            return Progress(message=why, verdict=Verdict.FAILED, produced=ref_of_plan(site, plan))
        return await _judged(site, plan, target)
    except NotFound:
        return Progress(message=f"{plan.target} is gone", verdict=Verdict.FAILED)
    except (Unreachable, Throttled) as error:
        return Progress(message=f"cannot be seen just now: {error.message}")


def _lost(plan: Plan, target: Target) -> str:
    another = target.uid != plan.payload["uid"]
    return f"{plan.target} was deleted, and made anew by somebody else" if another else ""


async def _judged(site: Site, plan: Plan, target: Target) -> Progress:
    kind = target.resource.name
    judgement = rollout.judge(kind, target.workload)
    record = parse_workload(site.place, kind, target.workload)
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


async def _because(site: Site, target: Target) -> str:
    """Return what the pods of the present template suffer from, if anything."""
    try:
        pods = await pods_of(site, target)
        kept = await history(site.api, target.resource, target.item)
    except SourceError:
        return ""
    now = digest(target.template)
    new = [Revision(number_of(one), one, "") for one in kept if digest(template_of(one)) == now]
    ours = (typed(pod, Pod) for pod in pods if any(one.runs(pod) for one in new))
    trouble = worst(judge(pod) for pod in ours if not is_final(pod.status))
    if trouble is None:
        return ""
    return f": {trouble[1]}" + (f" ({trouble[2]})" if trouble[2] else "")
