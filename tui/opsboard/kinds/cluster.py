"""Columns of what lives in a cluster: pods, jobs, cron jobs, events."""

from dataclasses import replace
from datetime import datetime

from opsboard.kinds.ages import took
from opsboard.kinds.columns import (
    ENVIRONMENT,
    MESSAGE,
    NAME,
    REASON,
    SOURCE,
    STATUS,
    Cell,
    CellRole,
    Column,
    age_column,
    number_column,
    text_column,
)
from opsboard.records import CronJob, Job, Pod, Status

_CLUSTER = text_column("cluster", "cluster", 14, 22, priority=4)
_NAMESPACE = text_column("namespace", "namespace", 9, 22, priority=2)
_OWNER = text_column("owner", "owner", 10, 40, priority=6)


def _ready(pod: Pod, _: datetime) -> Cell:
    words = f"{pod.ready}/{pod.containers}"
    if pod.ready == pod.containers:
        return Cell(words)
    if pod.status is Status.OK:  # it came to its end, as it should
        return Cell(words, role=CellRole.MUTED)
    return Cell(words, pod.status)


PODS = (
    STATUS,
    NAME,
    _NAMESPACE,
    Column("ready", "ready", _ready, lambda p: p.ready - p.containers, 5, 6, 1, right=True),
    REASON,
    number_column("restarts", "restarts", 8, priority=2),
    text_column("node", "node", 8, 30, priority=5),
    _OWNER,
    _CLUSTER,
    ENVIRONMENT,
    MESSAGE,
    age_column("created_at"),
    SOURCE,
)


def _done(job: Job, _: datetime) -> Cell:
    words = f"{job.succeeded}/{job.completions}"
    return Cell(f"{words} of {job.workers}" if job.workers else words)


def _job_took(job: Job, now: datetime) -> Cell:
    return Cell(took(job.started_at, job.finished_at, now, job.status), role=CellRole.MUTED)


JOBS = (
    STATUS,
    NAME,
    _NAMESPACE,
    Column("done", "done", _done, lambda j: j.succeeded, 5, 9, 1, right=True),
    REASON,
    number_column("failed", "failed", 6, priority=3),
    Column("took", "took", _job_took, lambda j: 0, 5, 7, 2, right=True, ticks=True),
    _OWNER,
    _CLUSTER,
    ENVIRONMENT,
    MESSAGE,
    age_column("created_at"),
    SOURCE,
)


def _schedule(job: CronJob, _: datetime) -> Cell:
    return Cell(f"{job.schedule} {job.time_zone}".strip())


CRON_JOBS = (
    STATUS,
    NAME,
    _NAMESPACE,
    Column("schedule", "schedule", _schedule, lambda c: c.schedule, 12, 28, 1),
    REASON,
    number_column("active", "active", 6, priority=3),
    age_column("last_run_at", "last run", name="last_run"),
    age_column("last_success_at", "last ok", name="last_ok", priority=2),
    _CLUSTER,
    ENVIRONMENT,
    age_column("created_at", priority=7),
    SOURCE,
)

EVENTS = (
    STATUS,
    age_column("updated_at", "seen", priority=0, name="seen"),
    text_column("about", "about", 16, 24, priority=0),
    REASON,
    replace(MESSAGE, priority=2),
    replace(_NAMESPACE, priority=4),
    number_column("count", "count", 5, priority=3, quiet=1),
    _CLUSTER,
    ENVIRONMENT,
    SOURCE,
)
