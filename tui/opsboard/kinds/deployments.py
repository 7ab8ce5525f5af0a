"""Columns of roll-outs.

Two things share this pane: workloads of a cluster, and what a CI server says it deployed. Both are
often called the same, so the one that has no replicas says in their place whose word it is.
"""

from datetime import datetime

from opsboard.kinds.ages import age, since_epoch
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
    text_column,
)
from opsboard.records import Deployment

_HASH = 7
"""Characters of a revision that is named by a hash, as git shortens its own."""


def _is_workload(record: Deployment) -> bool:
    """Tell whether it runs in a cluster: what a CI server deployed names no image."""
    return bool(record.images)


def _ready(record: Deployment, _: datetime) -> Cell:
    if not _is_workload(record):
        return Cell(record.workload, role=CellRole.MUTED)
    if not record.desired and not record.ready:
        return Cell("")
    short = record.ready < record.desired
    return Cell(f"{record.ready}/{record.desired}", record.status if short else None)


def _share(record: Deployment) -> float:
    return record.ready / record.desired if record.desired else 1.0


def image_tag(image: str) -> str:
    """Return what tells versions of an image apart: its tag, or the start of its digest."""
    name, _, digest = image.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    return tag or digest.rpartition(":")[2][:12]


def _version(record: Deployment, _: datetime) -> Cell:
    tags = [image_tag(image) for image in record.images]
    return Cell(", ".join(filter(None, tags)) or record.commit[:7])


def _revision(record: Deployment, _: datetime) -> Cell:
    """A CI server's deployment ids tell nobody anything; a workload's revisions do."""
    shown = record.revision if _is_workload(record) else ""
    return Cell(shown if shown.isdigit() else shown[:_HASH], role=CellRole.MUTED)


def _revision_key(record: Deployment) -> tuple[int, str]:
    return (int(record.revision), "") if record.revision.isdigit() else (0, record.revision)


def _since(record: Deployment, now: datetime) -> Cell:
    """How long it has been as it is: a workload's own age says nothing of its roll-out."""
    return Cell(age(record.updated_at or record.created_at, now), role=CellRole.MUTED)


def _since_key(record: Deployment) -> float:
    return since_epoch(record.updated_at or record.created_at)


def _workload(record: Deployment, _: datetime) -> Cell:
    return Cell(record.workload, role=CellRole.MUTED)


COLUMNS = (
    STATUS,
    NAME,
    ENVIRONMENT,
    Column("ready", "ready", _ready, _share, 6, 8, 1, right=True),
    Column("version", "version", _version, lambda r: r.images, 8, 24, 2),
    Column("revision", "rev", _revision, _revision_key, 4, _HASH, 3),
    REASON,
    text_column("cluster", "cluster", 14, 22, priority=4),
    text_column("namespace", "namespace", 8, 22, priority=5),
    Column("workload", "kind", _workload, lambda r: r.workload, 6, 12, 7),
    MESSAGE,
    Column("age", "since", _since, _since_key, 5, 6, 1, right=True, ticks=True),
    SOURCE,
)
