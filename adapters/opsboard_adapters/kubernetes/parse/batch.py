"""Jobs, CronJobs and events."""

from opsboard.records import CronJob, Event, Job, Status, newest
from opsboard_adapters.kubernetes.parse.common import (
    Object,
    Place,
    base,
    condition,
    controller,
    number,
)


def parse_job(place: Place, item: Object) -> Job:
    """Return the record of a Job; its verdict is that of its Complete and Failed conditions."""
    spec, status = item.get("spec") or {}, item.get("status") or {}
    kind, name = controller(item)
    verdict, reason, message = _job_verdict(item)
    failed = condition(item, "Failed")
    return Job(
        **base(place, item),
        status=verdict,
        reason=reason,
        message=message,
        owner=f"{kind}/{name}" if kind else "",
        completions=number(spec, "completions", 1),
        active=number(status, "active"),
        succeeded=number(status, "succeeded"),
        failed=number(status, "failed"),
        started_at=place.time(status.get("startTime")),
        finished_at=place.time(status.get("completionTime") or failed.get("lastTransitionTime")),
    )


def _job_verdict(item: Object) -> tuple[Status, str, str]:
    spec, status = item.get("spec") or {}, item.get("status") or {}
    failed = condition(item, "Failed")
    if failed.get("status") == "True":
        return (
            Status.FAILED,
            str(failed.get("reason") or "Failed"),
            str(failed.get("message") or ""),
        )
    if condition(item, "Complete").get("status") == "True":
        return Status.OK, "Complete", ""
    if spec.get("suspend"):
        return Status.UNKNOWN, "Suspended", ""
    if number(status, "failed"):
        retries = (
            f"{number(status, 'failed')} failed pods, {number(spec, 'backoffLimit', 6)} allowed"
        )
        return Status.WARNING, "Retrying", retries
    return Status.RUNNING, "Running" if number(status, "active") else "Pending", ""


def parse_cron_job(place: Place, item: Object) -> CronJob:
    """Return the record of a CronJob; it warns when its last run did not succeed."""
    spec, status = item.get("spec") or {}, item.get("status") or {}
    last_run = place.time(status.get("lastScheduleTime"))
    last_success = place.time(status.get("lastSuccessfulTime"))
    active = len(status.get("active") or ())
    verdict, reason = Status.OK, ""
    if spec.get("suspend"):
        verdict, reason = Status.UNKNOWN, "Suspended"
    elif active:
        verdict, reason = Status.RUNNING, "Running"
    elif last_run and (last_success is None or last_success < last_run):
        verdict, reason = Status.WARNING, "LastRunFailed"
    return CronJob(
        **base(place, item),
        status=verdict,
        reason=reason,
        schedule=spec.get("schedule") or "",
        time_zone=spec.get("timeZone") or "",
        suspended=bool(spec.get("suspend")),
        active=active,
        last_run_at=last_run,
        last_success_at=last_success,
        updated_at=newest(last_run, last_success),
    )


def parse_event(place: Place, item: Object) -> Event:
    """Return the record of an event (core/v1)."""
    about = item.get("involvedObject") or {}
    series = item.get("series") or {}
    seen = (
        series.get("lastObservedTime")
        or item.get("lastTimestamp")
        or item.get("eventTime")
        or item.get("firstTimestamp")
    )
    return Event(
        **base(place, item),
        status=Status.OK if item.get("type") == "Normal" else Status.WARNING,
        reason=item.get("reason") or "",
        message=item.get("message") or "",
        about=f"{about.get('kind') or ''}/{about.get('name') or ''}",
        count=number(series, "count") or number(item, "count", 1),
        updated_at=place.time(seen),
    )
