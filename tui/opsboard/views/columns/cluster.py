"""Columns of what lives in a cluster: pods, jobs, cron jobs, events."""

from dataclasses import replace
from datetime import datetime

from opsboard.records import CronJob, Job, Pod, Status
from opsboard.views.ages import took
from opsboard.views.cells import Cell, Role
from opsboard.views.column import Column, number, text
from opsboard.views.columns.common import (
    ENVIRONMENT,
    MESSAGE,
    NAME,
    REASON,
    SOURCE,
    STATUS,
    aged,
)

_CLUSTER = text("cluster", "cluster", 14, 22, priority=4)
_NAMESPACE = text("namespace", "namespace", 9, 22, priority=2)
_OWNER = text("owner", "owner", 10, 40, priority=6)


def _ready(pod: Pod, _: datetime) -> Cell:
    words = f"{pod.ready}/{pod.containers}"
    if pod.ready == pod.containers:
        return Cell(words)
    if pod.status is Status.OK:  # it came to its end, as it should
        return Cell(words, role=Role.MUTED)
    return Cell(words, pod.status)


PODS = (
    STATUS,
    NAME,
    _NAMESPACE,
    Column("ready", "ready", _ready, lambda p: p.ready - p.containers, 5, 6, 1, right=True),
    REASON,
    number("restarts", "restarts", 8, priority=2),
    text("node", "node", 8, 30, priority=5),
    _OWNER,
    _CLUSTER,
    ENVIRONMENT,
    MESSAGE,
    aged("created_at"),
    SOURCE,
)


def _done(job: Job, _: datetime) -> Cell:
    words = f"{job.succeeded}/{job.completions}"
    return Cell(f"{words} of {job.workers}" if job.workers else words)


def _job_took(job: Job, now: datetime) -> Cell:
    return Cell(took(job.started_at, job.finished_at, now, job.status), role=Role.MUTED)


JOBS = (
    STATUS,
    NAME,
    _NAMESPACE,
    Column("done", "done", _done, lambda j: j.succeeded, 5, 9, 1, right=True),
    REASON,
    number("failed", "failed", 6, priority=3),
    Column("took", "took", _job_took, lambda j: 0, 5, 7, 2, right=True, ticks=True),
    _OWNER,
    _CLUSTER,
    ENVIRONMENT,
    MESSAGE,
    aged("created_at"),
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
    number("active", "active", 6, priority=3),
    aged("last_run_at", "last run", name="last_run"),
    aged("last_success_at", "last ok", name="last_ok", priority=2),
    _CLUSTER,
    ENVIRONMENT,
    aged("created_at", priority=7),
    SOURCE,
)

EVENTS = (
    STATUS,
    aged("updated_at", "seen", priority=0, name="seen"),
    text("about", "about", 16, 24, priority=0),
    REASON,
    replace(MESSAGE, priority=2),
    replace(_NAMESPACE, priority=4),
    number("count", "count", 5, priority=3, quiet=1),
    _CLUSTER,
    ENVIRONMENT,
    SOURCE,
)
