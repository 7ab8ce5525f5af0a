"""When a look at a scope is overdue, by the board's own clock.

A source that hangs, or whose loop is starved, cannot say so itself: nothing comes any more, and
what is shown would go on reading ``live``. So each scope has a deadline, from when it was last
confirmed and when its source said to look again (:class:`opsboard.adapter.Due`).
"""

from datetime import datetime, timedelta
from typing import Final

MIN_GRACE: Final = 60.0
MAX_GRACE: Final = 300.0
"""Seconds that a look may be late: twice the time between two looks, within these bounds."""

DEFAULT_DEADLINE: Final = 300.0
"""Seconds for a source that never said when it looks again."""


def grace_period(period: float) -> timedelta:
    """Return by how much a look may be late that comes every *period* seconds."""
    return timedelta(seconds=min(max(2.0 * period, MIN_GRACE), MAX_GRACE))


def deadline(
    fresh_at: datetime | None, due_at: datetime | None, period: float | None, *, streaming: bool
) -> datetime | None:
    """Return when a scope is overdue that was confirmed at *fresh_at* and is next *due_at*.

    ``None`` where nothing was ever confirmed, which is not called live anyway, and where a server
    streams that promised no sign of life.
    """
    if fresh_at is None:
        return None
    if due_at is not None and period is not None:
        return max(due_at, fresh_at) + grace_period(period)
    return None if streaming else fresh_at + timedelta(seconds=DEFAULT_DEADLINE)


def overdue_message(fresh_at: datetime, period: float | None) -> str:
    """Return what is said of a scope that is overdue."""
    usual = f", and looked at every {period:.0f} s" if period else ""
    return f"overdue: last known to be so at {fresh_at:%H:%M:%S} UTC{usual}"
