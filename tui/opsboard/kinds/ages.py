"""Times as people read them in a table: how long ago, how long it took."""

from datetime import datetime, timedelta
from typing import Final

from opsboard.records import Status
from opsboard.text.ages import frame_age, table_age

_GOING_ON: Final = frozenset({Status.RUNNING, Status.WARNING})
"""What may still go on: it runs, or waits for somebody."""


def age(then: datetime | None, now: datetime) -> str:
    """Return how long before *now* something was: ``12s``, ``3m``, ``2h10m``, ``4d``."""
    return "" if then is None else duration(now - then)


def age_text(then: datetime, now: datetime) -> str:
    """Return the same for the frame around the tables, changing no oftener than it must.

    ``now``, then ``25s`` in steps of five, ``3m``, ``2h10m``, ``4d``.
    """
    return frame_age(max(0, int((now - then).total_seconds())))


def duration(span: timedelta) -> str:
    """Return *span* in at most two units; a negative one, by a skewed clock, as zero."""
    return table_age(max(0, int(span.total_seconds())))


def since_epoch(at: datetime | None) -> float:
    """Return a key to sort by: what has no time comes first."""
    return at.timestamp() if at else 0.0


def took(started: datetime | None, finished: datetime | None, now: datetime, status: Status) -> str:
    """Return how long something took, or has been taking so far: by its *status*, it may go on.

    What has ended grows no older where nobody knows when it did; then the text is empty.
    """
    end = now if finished is None and status in _GOING_ON else finished
    return duration(end - started) if started and end else ""
