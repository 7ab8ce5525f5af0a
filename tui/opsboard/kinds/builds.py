"""Columns of CI builds."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from opsboard.kinds.ages import took
from opsboard.kinds.columns import (
    ENVIRONMENT,
    SOURCE,
    STATUS,
    Cell,
    CellRole,
    Column,
    age_column,
    text_column,
)
from opsboard.kinds.declaration import BoardKind
from opsboard.kinds.names import within
from opsboard.kinds.rules import AlertRule, AlertRules, AlertSeries, FailureRule, Subject
from opsboard.records import Build, BuildJob, Kind, Status, newest
from opsboard.records.claims import PULL_REQUEST
from opsboard.records.commits import short_sha


def _state(build: Build, _: datetime) -> Cell:
    return Cell(build.reason or build.state.replace("_", " "), build.status)


def _repository(build: Build, _: datetime) -> Cell:
    return Cell(build.repository.rpartition("/")[2])


def _pull_request(build: Build, _: datetime) -> Cell:
    return Cell(_pull_request_text(build), role=CellRole.MUTED)


def _pull_request_text(build: Build) -> str:
    return " ".join(f"#{one.value}" for one in build.inputs if one.type == PULL_REQUEST)


def _number(build: Build, _: datetime) -> Cell:
    again = f".{build.attempt}" if build.attempt > 1 else ""
    return Cell(f"#{build.number}{again}", role=CellRole.MUTED)


def _took(build: Build, now: datetime) -> Cell:
    return Cell(took(build.started_at, build.finished_at, now, build.status), role=CellRole.MUTED)


def _took_key(build: Build) -> float:
    if build.started_at is None or build.finished_at is None:
        return 0.0
    return (build.finished_at - build.started_at).total_seconds()


RUNS: Final = Column("runs", "runs", lambda b, _: Cell(""), lambda b: b.number, 5, 5, 3)
"""The last runs of the workflow: a record knows itself only, so the table draws them."""

COLUMNS = (
    STATUS,
    Column("repository", "repository", _repository, lambda b: b.repository.casefold(), 9, 24, 0),
    text_column("workflow", "workflow", 6, 20, priority=1),
    Column("number", "run", _number, lambda b: (b.number, b.attempt), 6, 8, 4, right=True),
    RUNS,
    Column("state", "state", _state, lambda b: b.state, 8, 20, 1),
    text_column("title", "title", 12, 70, priority=2),
    text_column("branch", "branch", 12, 24, priority=5),
    Column(
        "commit",
        "commit",
        lambda b, _: Cell(short_sha(b.commit), role=CellRole.MUTED),
        lambda b: b.commit,
        7,
        7,
        7,
    ),
    Column("pr", "PR", _pull_request, _pull_request_text, 5, 6, 10),
    text_column("actor", "by", 6, 16, priority=6),
    text_column("event", "event", 8, 18, priority=9),
    replace(ENVIRONMENT, priority=6),
    Column("took", "took", _took, _took_key, 5, 7, 3, right=True, ticks=True),
    age_column("created_at"),
    SOURCE,
)


_RELEASE_TAG: Final = re.compile(r"v?\d+(\.\d+)+|[\w.@/-]+[/@-]v\d+(\.\d+)+")
"""``v1.2``, and as they are in a repository of several things: ``checkout/v1.2``."""
_PULL_REQUESTS: Final = frozenset({"pull_request", "pull_request_target", "merge_group"})
_UNATTENDED: Final = frozenset({"schedule", "release", "deployment"})


class BuildAlertRule(AlertRule[Build]):
    """Of the runs of a workflow on a branch, the latest counts."""

    def series(self, record: Build, rules: AlertRules) -> AlertSeries | None:
        if not is_everybodys_concern(record, rules):
            return None
        return (record.source, record.kind, record.repository, record.workflow, record.branch)

    def position(self, record: Build) -> tuple[float, int, str]:
        begun, _, record_id = super().position(record)
        return (begun, record.number, record_id)

    def is_retried(self, record: Build) -> bool:
        return record.attempt > 1 and record.status is Status.RUNNING

    def failure_id(self, record: Build) -> str:
        return f"build:{record.id}:{record.attempt}"

    def name(self, record: Build) -> str:
        return " ".join(filter(None, (record.repository, record.workflow, record.branch)))

    def reason(self, record: Build) -> str:
        return record.reason or record.state

    def message(self, record: Build) -> str:
        return record.message or f"#{record.number} {record.title}"

    def since(self, record: Build) -> datetime | None:
        return newest(record.finished_at, record.updated_at)


def is_everybodys_concern(build: Build, rules: AlertRules) -> bool:
    """Tell whether a failure of *build* concerns more people than the one who began it."""
    if build.event in _PULL_REQUESTS:
        return False
    if build.event in _UNATTENDED or build.environment in {"production", "staging"}:
        return True
    if not build.branch or _RELEASE_TAG.fullmatch(build.branch):
        return True
    return rules.is_watched(build.branch)


class BuildFailureRule(FailureRule[Build]):
    """A workflow fails at a commit until a later run of it is well there."""

    is_run = True

    def subject(self, record: Build) -> Subject:
        return (record.source, "workflow", record.repository, record.workflow)

    def versions(self, record: Build) -> Iterable[str]:
        return (record.commit,)

    def ended_at(self, record: Build) -> datetime | None:
        return record.finished_at


BUILD: Final = BoardKind(
    Kind.BUILD,
    Build,
    log_parts=("jobs", "steps"),
    log_whole=True,
    identities=("commit", "pull-request", "run", "image", "image-tag"),
    represents=("run",),
    title="Builds",
    columns=COLUMNS,
    order="age",
    search=(
        "repository", "workflow", "title", "branch", "actor", "state", "reason", "commit",
        "environment",
    ),
    aliases=("build", "b", "ci", "runs"),
    number=1,
    alert=BuildAlertRule(),
    failures=BuildFailureRule(),
    # GitHub's runs have no time at which they ended: `updated_at` moves on whenever one is touched
    heartbeat=("updated_at", "message", "finished_at", "default_branch"),
    dated_until=("finished_at", "updated_at"),
    listed_in_part=True,
    actor="actor",
    alerted_first=True,
    qualified_name=lambda build: within(build.repository, build.name),
)  # fmt: skip

BUILD_JOB: Final = BoardKind(
    Kind.BUILD_JOB,
    BuildJob,
    log_parts=("jobs", "steps"),
    log_whole=True,
    title="Build jobs",
    pane=None,
    cached=False,
    dated_by=("finished_at", "started_at"),
    listed_in_part=True,
    qualified_name=lambda job: within(job.repository, f"job {job.name}"),
)
