"""Columns of CI builds."""

from datetime import datetime

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
from opsboard.records import Build


def _state(build: Build, _: datetime) -> Cell:
    return Cell(build.reason or build.state.replace("_", " "), build.status)


def _repository(build: Build, _: datetime) -> Cell:
    return Cell(build.repository.rpartition("/")[2])


def _number(build: Build, _: datetime) -> Cell:
    again = f".{build.attempt}" if build.attempt > 1 else ""
    return Cell(f"#{build.number}{again}", role=CellRole.MUTED)


def _took(build: Build, now: datetime) -> Cell:
    return Cell(took(build.started_at, build.finished_at, now, build.status), role=CellRole.MUTED)


def _took_key(build: Build) -> float:
    if build.started_at is None or build.finished_at is None:
        return 0.0
    return (build.finished_at - build.started_at).total_seconds()


COLUMNS = (
    STATUS,
    Column("repository", "repository", _repository, lambda b: b.repository.casefold(), 9, 24, 0),
    text_column("workflow", "workflow", 6, 20, priority=1),
    Column("number", "run", _number, lambda b: (b.number, b.attempt), 6, 8, 4, right=True),
    Column("state", "state", _state, lambda b: b.state, 8, 20, 1),
    text_column("title", "title", 12, 70, priority=2),
    text_column("branch", "branch", 12, 24, priority=5),
    Column(
        "commit",
        "commit",
        lambda b, _: Cell(b.commit[:7], role=CellRole.MUTED),
        lambda b: b.commit,
        7,
        7,
        7,
    ),
    text_column("actor", "by", 6, 16, priority=6),
    text_column("event", "event", 8, 18, priority=9),
    ENVIRONMENT,
    Column("took", "took", _took, _took_key, 5, 7, 3, right=True, ticks=True),
    age_column("created_at"),
    SOURCE,
)
