"""When something is wrong: pure rules from a record, or a source's health, to an alert.

An alert's id names the failure, not only the thing: the run and attempt of a build, the revision
of a roll-out, the version that drifts. So a new failure of the same thing is a new alert, and
what was acknowledged stays so over restarts.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any, Final, TypeAlias

from opsboard.adapter import Condition
from opsboard.board.source_state import SourceState
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.records import (
    Alert,
    Build,
    Deployment,
    Drift,
    Job,
    Kind,
    Record,
    Ref,
    Status,
    newest,
)
from opsboard.text.numbers import format_metric

AlertSeries: TypeAlias = tuple[str, ...]
"""Records of which only the latest with a verdict counts: the runs of a workflow on a branch."""

ALERTING_KINDS: Final = (Kind.BUILD, Kind.DEPLOYMENT, Kind.JOB, Kind.DRIFT)
"""The kinds of record that can raise an alert."""

_RELEASE_TAG = re.compile(r"v?\d+(\.\d+)+")
_PULL_REQUESTS = frozenset({"pull_request", "pull_request_target", "merge_group"})
_UNATTENDED = frozenset({"schedule", "release", "deployment"})


@frozen_unchecked
class AlertRules(Frozen):
    """What a user may tune. *branches* are patterns of the branches whose builds matter.

    A red build of a pull request or of somebody's own branch is that person's business, and
    there are many of them. Builds that no person waits for (scheduled, released, deployed),
    builds of release tags, and of branches that belong to production or staging always matter.
    """

    branches: tuple[str, ...] = ("main", "master", "trunk", "release", "release[/-]*", "hotfix/*")

    def matters(self, build: Build) -> bool:
        """Tell whether a failure of *build* is everybody's concern."""
        if build.event in _PULL_REQUESTS:
            return False
        if build.event in _UNATTENDED or build.environment in {"production", "staging"}:
            return True
        if not build.branch or _RELEASE_TAG.fullmatch(build.branch):
            return True
        return any(fnmatchcase(build.branch, pattern) for pattern in self.branches)


def series_of(record: Record, rules: AlertRules) -> AlertSeries | None:
    """Return the series that *record* is part of, or ``None`` where it never alerts."""
    if isinstance(record, Build):
        if not rules.matters(record):
            return None
        return (record.source, record.kind, record.repository, record.workflow, record.branch)
    if isinstance(record, Job) and record.owner:
        return (record.source, record.kind, record.cluster, record.namespace, record.owner)
    return record.ref


def latest_verdict(series: Iterable[Record]) -> Record | None:
    """Return the latest record of *series* that came to an end, good or bad."""
    return max(filter(_has_verdict, series), key=_order, default=None)


def _has_verdict(record: Record) -> bool:
    if isinstance(record, Drift):
        return True
    if isinstance(record, Deployment):
        return record.status is not Status.RUNNING
    return record.status in {Status.OK, Status.FAILED}


def _order(record: Record) -> tuple[float, int, str]:
    begun = record.created_at or record.updated_at
    number = record.number if isinstance(record, Build) else 0
    return (begun.timestamp() if begun else 0.0, number, record.id)


def is_recovered(record: Record) -> bool:
    """Tell whether *record* is well again, so that its next failure is news."""
    if isinstance(record, Drift):
        return not record.crossed
    return record.status is Status.OK


def is_rerun(record: Record | None) -> bool:
    """Tell whether *record* is a failed run that is tried again: nobody knows better yet."""
    return isinstance(record, Build) and record.attempt > 1 and record.status is Status.RUNNING


def alert_ref(record: Record) -> Ref:
    """Return under which ref a failure of *record*, as it stands now, is acknowledged."""
    return Ref(record.source, Kind.ALERT, _IDENTITIES[record.kind](record))


def alert_of(record: Record, at: datetime) -> Alert | None:
    """Return the alert that *record* raises, or ``None`` where all is well."""
    rule = _RULES.get(record.kind)
    return rule(record, at) if rule else None


def alert_of_source(state: SourceState, at: datetime) -> Alert | None:
    """Return the alert for a source that cannot tell what happens."""
    health = state.worst_health
    if health.condition.status is not Status.FAILED:
        return None
    if state.health.condition is Condition.PARTIAL:
        told, others = state.health, 0  # which counts the parts itself
    else:
        told, others = health, len(state.failing_scopes) - 1
    also = f" (and {others} more of its parts)" if others > 0 else ""
    hint = f"; {told.hint}" if told.hint else ""
    return Alert(
        source=state.name,
        id=f"source:{health.condition}",
        name=state.title,
        status=Status.FAILED,
        reason=health.condition.value,
        message=f"{told.message}{also}{hint}",
        since=at,
    )


def _build_alert(build: Build, at: datetime) -> Alert | None:
    if build.status is not Status.FAILED:
        return None
    name = " ".join(filter(None, (build.repository, build.workflow, build.branch)))
    return _alert(
        build,
        name=name,
        reason=build.reason or build.state,
        message=build.message or f"#{build.number} {build.title}",
        since=newest(build.finished_at, build.updated_at) or at,
    )


def _deployment_alert(deployment: Deployment, at: datetime) -> Alert | None:
    if deployment.status is not Status.FAILED:
        return None
    return _alert(
        deployment,
        name=deployment.name,
        reason=deployment.reason or "failed",
        message=deployment.message,
        since=deployment.updated_at or at,
    )


def _job_alert(job: Job, at: datetime) -> Alert | None:
    if job.status is not Status.FAILED:
        return None
    return _alert(
        job,
        name=job.name,
        reason=job.reason or "failed",
        message=job.message,
        since=job.finished_at or job.updated_at or at,
    )


def _drift_alert(drift: Drift, at: datetime) -> Alert | None:
    if drift.threshold is None or not drift.crossed:
        return None
    return _alert(
        drift,
        name=" ".join(filter(None, (drift.model, drift.version, drift.metric))),
        reason=drift.reason or "drift",
        message=drift.message
        or f"{drift.metric} is {format_metric(drift.value)}, "
        f"{drift.direction} {format_metric(drift.threshold)}",
        since=drift.measured_at or at,
    )


def _alert(
    record: Record,
    *,
    name: str,
    reason: str,
    message: str,
    since: datetime,
) -> Alert:
    return Alert(
        source=record.source,
        id=alert_ref(record).id,
        name=name,
        status=max(record.status, Status.WARNING, key=lambda status: status.severity),
        reason=reason,
        message=message,
        environment=record.environment,
        url=record.url,
        about=record.ref,
        since=since,
    )


def _job_identity(job: Job) -> str:
    begun = job.created_at or job.started_at
    return f"job:{job.id}:{begun.isoformat() if begun else ''}"


_IDENTITIES: Final[Mapping[Kind, Callable[[Any], str]]] = {
    Kind.BUILD: lambda build: f"build:{build.id}:{build.attempt}",
    Kind.DEPLOYMENT: lambda rollout: f"deployment:{rollout.id}:{rollout.revision}",
    Kind.JOB: _job_identity,
    Kind.DRIFT: lambda drift: f"drift:{drift.id}:{drift.version}",
}

_RULES: Final[Mapping[Kind, Callable[[Any, datetime], Alert | None]]] = {
    Kind.BUILD: _build_alert,
    Kind.DEPLOYMENT: _deployment_alert,
    Kind.JOB: _job_alert,
    Kind.DRIFT: _drift_alert,
}
