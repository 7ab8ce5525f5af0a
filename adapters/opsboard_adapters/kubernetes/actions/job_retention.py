"""Jobs that are not there: whether one may have been made, and be gone by now.

A cluster deletes Jobs by itself: some time after their end (``ttlSecondsAfterFinished``), along
with the CronJob that owns them (garbage collection), and, of a CronJob, all finished ones but the
newest few (``successfulJobsHistoryLimit``, ``failedJobsHistoryLimit``). Source of the last: the
CronJob controller (``cleanupFinishedJobs``), which counts those that were made by hand as well.
"""

from collections import Counter
from datetime import timedelta
from typing import Final

from opsboard.adapter import NotFound, Plan
from opsboard.records import Status
from opsboard_adapters.kubernetes.actions.target import ClusterConnection, TargetObject, target_of
from opsboard_adapters.kubernetes.cluster_context import integer
from opsboard_adapters.kubernetes.pager import list_all
from opsboard_adapters.kubernetes.parse.batch import parse_job
from opsboard_adapters.kubernetes.resources import JOBS
from opsboard_adapters.kubernetes.structs import V1Job, to_struct

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
