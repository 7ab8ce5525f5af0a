"""Columns of CI builds."""

from datetime import datetime

from opsboard.records import Build
from opsboard.views.ages import took
from opsboard.views.cells import Cell, Role
from opsboard.views.column import Column, text
from opsboard.views.columns.common import ENVIRONMENT, SOURCE, STATUS, aged


def _state(build: Build, _: datetime) -> Cell:
    return Cell(build.reason or build.state.replace("_", " "), build.status)


def _repository(build: Build, _: datetime) -> Cell:
    return Cell(build.repository.rpartition("/")[2])


def _number(build: Build, _: datetime) -> Cell:
    again = f".{build.attempt}" if build.attempt > 1 else ""
    return Cell(f"#{build.number}{again}", role=Role.MUTED)


def _took(build: Build, now: datetime) -> Cell:
    return Cell(took(build.started_at, build.finished_at, now, build.status), role=Role.MUTED)


def _took_key(build: Build) -> float:
    if build.started_at is None or build.finished_at is None:
        return 0.0
    return (build.finished_at - build.started_at).total_seconds()


COLUMNS = (
    STATUS,
    Column("repository", "repository", _repository, lambda b: b.repository.casefold(), 9, 24, 0),
    text("workflow", "workflow", 6, 20, priority=1),
    Column("number", "run", _number, lambda b: (b.number, b.attempt), 6, 8, 4, right=True),
    Column("state", "state", _state, lambda b: b.state, 8, 20, 1),
    text("title", "title", 12, 70, priority=2),
    text("branch", "branch", 12, 24, priority=5),
    Column(
        "commit",
        "commit",
        lambda b, _: Cell(b.commit[:7], role=Role.MUTED),
        lambda b: b.commit,
        7,
        7,
        7,
    ),
    text("actor", "by", 6, 16, priority=6),
    text("event", "event", 8, 18, priority=9),
    ENVIRONMENT,
    Column("took", "took", _took, _took_key, 5, 7, 3, right=True, ticks=True),
    aged("created_at"),
    SOURCE,
)
