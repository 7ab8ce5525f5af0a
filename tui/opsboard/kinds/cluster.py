"""Columns of what lives in a cluster: pods, jobs, cron jobs, events, ConfigMaps and Secrets."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

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
from opsboard.kinds.declaration import BoardKind
from opsboard.kinds.rules import AlertRule, AlertRules, AlertSeries, FailureRule, Subject
from opsboard.kinds.usage import CPU, MEMORY
from opsboard.records import ConfigObject, CronJob, Event, Job, Kind, Pod, Status

_CLUSTER = text_column("cluster", "cluster", 14, 22, priority=4)
_NAMESPACE = text_column("namespace", "namespace", 9, 22, priority=2)
_POD_NAME: Final = replace(NAME, width=18)
"""Pods and jobs of one workload differ only behind its name."""
_OWNER = text_column("owner", "owner", 10, 40, priority=6)


def _ready(pod: Pod, _: datetime) -> Cell:
    words = f"{pod.ready}/{pod.containers}"
    if pod.ready == pod.containers:
        return Cell(words)
    if pod.status is Status.OK:  # it came to its end, as it should
        return Cell(words, role=CellRole.MUTED)
    return Cell(words, pod.status)


RESTARTS: Final = replace(number_column("restarts", "restarts", 10, priority=1), most=11)
"""As wide as the number with a line of the last hours before it, which the table draws."""

PODS = (
    STATUS,
    _POD_NAME,
    _NAMESPACE,
    Column("ready", "ready", _ready, lambda p: p.ready - p.containers, 5, 6, 1, right=True),
    REASON,
    RESTARTS,
    CPU,
    MEMORY,
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
    _POD_NAME,
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


def _entries(record: ConfigObject, _: datetime) -> Cell:
    return Cell(", ".join(record.keys), role=CellRole.MUTED)


CONFIGS = (
    STATUS,
    NAME,
    text_column("object", "object", 9, 9, priority=1),
    _NAMESPACE,
    age_column("changed_at", "changed", priority=0, name="changed"),
    text_column("manager", "by", 10, 26, priority=1),
    Column("keys", "entries", _entries, lambda c: c.keys, 12, 60, 3, field="keys"),
    _CLUSTER,
    ENVIRONMENT,
    age_column("created_at", priority=7),
    SOURCE,
)

_SEARCH: Final = ("name", "namespace", "cluster", "reason", "message", "environment")


class JobAlertRule(AlertRule[Job]):
    """Of the jobs of one owner, the latest counts."""

    def series(self, record: Job, rules: AlertRules) -> AlertSeries | None:
        if not record.owner:
            return super().series(record, rules)
        return (record.source, record.kind, record.cluster, record.namespace, record.owner)

    def failure_id(self, record: Job) -> str:
        begun = record.created_at or record.started_at
        return f"job:{record.id}:{begun.isoformat() if begun else ''}"

    def since(self, record: Job) -> datetime | None:
        return record.finished_at or record.updated_at


class JobFailureRule(FailureRule[Job]):
    """The jobs of one owner are runs of the same; what they name is their owner."""

    is_run = True

    def subject(self, record: Job) -> Subject:
        if not record.owner:
            return super().subject(record)
        return (record.source, "jobs", record.cluster, record.namespace, record.owner)

    def versions(self, record: Job) -> Iterable[str]:
        return (record.owner,)

    def ended_at(self, record: Job) -> datetime | None:
        return record.finished_at


class CronJobFailureRule(FailureRule[CronJob]):
    """A cron job tells nothing itself: what failed are its jobs."""

    is_remembered = False

    def subject(self, record: CronJob) -> Subject:
        owner = f"CronJob/{record.name}"
        return (record.source, "jobs", record.cluster, record.namespace, owner)


POD: Final = BoardKind(
    Kind.POD, Pod, title="Pods", columns=PODS, search=(*_SEARCH, "node", "owner"),
    aliases=("pod", "po"), precedence=1, cached=False, in_status=False,
    dated_by=("restarted_at",), actor="owner",
    identities=(
        "workload", "image", "image-tag", "model-version", "model-alias", "logged-model", "run",
    ),
    in_use=True,
    heartbeat=("updated_at", "message", "ready", "restarts", "restarted_at"),
    momentary=("cpu", "memory"),
)  # fmt: skip
JOB: Final = BoardKind(
    Kind.JOB, Job, title="Jobs", columns=JOBS, order="age", search=(*_SEARCH, "owner"),
    aliases=("job",), precedence=2, alert=JobAlertRule(), failures=JobFailureRule(),
    in_status=False,
    in_use=True, identities=("workload",),
    heartbeat=("updated_at", "message", "active", "succeeded", "failed"),
    dated_by=("finished_at", "started_at"), actor="owner",
)  # fmt: skip
CRON_JOB: Final = BoardKind(
    Kind.CRON_JOB, CronJob, title="Cron jobs", columns=CRON_JOBS, search=(*_SEARCH, "schedule"),
    pane="cronjobs", aliases=("cronjob", "cj"), cached=False, in_status=False,
    failures=CronJobFailureRule(), in_use=True,
    identities=(
        "workload", "image", "image-tag", "model-version", "model-alias", "logged-model", "run",
        "commit", "resource",
    ),
    heartbeat=("updated_at", "message", "active", "last_run_at", "last_success_at"),
)  # fmt: skip
EVENT: Final = BoardKind(
    Kind.EVENT, Event, title="Events", columns=EVENTS, order="seen", search=(*_SEARCH, "about"),
    aliases=("event", "ev"), cached=False, in_status=False, recorded=False,
)  # fmt: skip
CONFIG: Final = BoardKind(
    Kind.CONFIG, ConfigObject, title="Configs", columns=CONFIGS, order="changed",
    search=("name", "namespace", "cluster", "object", "manager", "environment"),
    aliases=("config", "cm"), in_status=False, cached=False, identities=("resource",),
    represents=("resource",), heartbeat=("updated_at", "message"), dated_by=("changed_at",),
    actor="manager",
)  # fmt: skip
