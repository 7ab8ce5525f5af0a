"""Times as people read them in a table: how long ago, how long it took."""

from datetime import datetime, timedelta
from typing import Final

from opsboard.records import Status

_GOING_ON: Final = frozenset({Status.RUNNING, Status.WARNING})
"""What may still go on: it runs, or waits for somebody."""
_STEP: Final = 5
"""Seconds in which :func:`age_text` advances under a minute, so that an idle screen stays still."""


def age(then: datetime | None, now: datetime) -> str:
    """Return how long before *now* something was: ``12s``, ``3m``, ``2h10m``, ``4d``."""
    return "" if then is None else duration(now - then)


def age_text(then: datetime, now: datetime) -> str:
    """Return the same for the frame around the tables, changing no oftener than it must.

    ``now``, then ``25s`` in steps of five, ``3m``, ``2h10m``, ``4d``.
    """
    seconds = max(0, int((now - then).total_seconds()))
    if seconds < 60:
        return f"{seconds // _STEP * _STEP}s" if seconds >= _STEP else "now"
    if seconds < 3_600:
        return f"{seconds // 60}m"
    if seconds < 86_400:
        return duration(now - then)
    return f"{seconds // 86_400}d"


def duration(span: timedelta) -> str:
    """Return *span* in at most two units; a negative one, by a skewed clock, as zero."""
    seconds = max(0, int(span.total_seconds()))
    minutes, hours, days = seconds // 60, seconds // 3_600, seconds // 86_400
    if minutes < 10:
        return _two(minutes, "m", seconds % 60, "s") if minutes else f"{seconds}s"
    if hours < 10:
        return _two(hours, "h", minutes % 60, "m") if hours else f"{minutes}m"
    if days < 10:
        return _two(days, "d", hours % 24, "h") if days else f"{hours}h"
    return f"{days}d"


def _two(big: int, big_unit: str, small: int, small_unit: str) -> str:
    return f"{big}{big_unit}{small}{small_unit}" if small else f"{big}{big_unit}"


def since_epoch(at: datetime | None) -> float:
    """Return a key to sort by: what has no time comes first."""
    return at.timestamp() if at else 0.0


def took(started: datetime | None, finished: datetime | None, now: datetime, status: Status) -> str:
    """Return how long something took, or has been taking so far: by its *status*, it may go on.

    What has ended grows no older where nobody knows when it did; then the text is empty.
    """
    end = now if finished is None and status in _GOING_ON else finished
    return duration(end - started) if started and end else ""
