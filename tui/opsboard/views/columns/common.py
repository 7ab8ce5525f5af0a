"""Columns that several panes have."""

from datetime import datetime

from opsboard.records import Record
from opsboard.views.ages import age, since_epoch
from opsboard.views.cells import Cell, Role
from opsboard.views.column import Column, text


def _glyph(record: Record, _: datetime) -> Cell:
    return Cell(record.status.value, record.status, Role.GLYPH)


def _reason(record: Record, _: datetime) -> Cell:
    return Cell(record.reason, record.status)


def _environment(record: Record, _: datetime) -> Cell:
    return Cell(record.environment, role=Role.ENVIRONMENT)


STATUS = Column("status", "", _glyph, lambda record: record.status.severity, 1, priority=0)
NAME = text("name", "name", 14, 40, priority=0)
REASON = Column("reason", "reason", _reason, lambda record: record.reason.casefold(), 16, 22)
"""Wide enough for ``CrashLoopBackOff`` and ``ImagePullBackOff``, which are the point of a row."""
MESSAGE = text("message", "message", 12, 120, priority=3)
ENVIRONMENT = Column(
    "environment", "env", _environment, lambda record: record.environment, 10, 12, priority=1
)
SOURCE = text("source", "source", 8, 20, priority=8)


def aged(field: str, title: str = "age", *, priority: int = 1, name: str = "age") -> Column:
    """Return a column that shows how long ago the time in *field* was."""
    return Column(
        name,
        title,
        lambda record, now: Cell(age(getattr(record, field), now), role=Role.MUTED),
        lambda record: since_epoch(getattr(record, field)),
        5,
        max(6, len(title)),
        priority,
        right=True,
        ticks=True,
    )
