"""Times that servers tell: in UTC wherever they come from, and none where none is meant.

How long ago something was, in a few characters, for forms and plans.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

EARLIEST: Final = datetime(1970, 1, 2, tzinfo=UTC)
"""What is older stands for no time: Go writes year 1 for it, others second 0 of 1970, and 1970
begins a day earlier in one zone than in another."""


def as_utc(at: datetime | None) -> datetime | None:
    """Return *at* in UTC; ``None`` for none, for what stands for none, and for the ends of time.

    A time that names no zone is none either: this machine's is not the server's.
    """
    if at is None or at.tzinfo is None:
        return None
    if at.tzinfo is not UTC:
        try:
            at = at.astimezone(UTC)
        except OverflowError:
            return None
    return at if at >= EARLIEST else None


def format_time(at: datetime | None) -> str:
    """Return *at* as cells and facts hold times, in RFC 3339: ``2026-01-15T09:00:00Z``.

    The one form for all sources; the screen shows how long ago it is. Fractions stay.
    """
    known = as_utc(at)
    return known.isoformat().replace("+00:00", "Z") if known else ""


_UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"))


def format_age(since: datetime | None, now: datetime) -> str:
    """Return the age in its largest unit: ``3 h``; empty where *since* is not known."""
    if since is None:
        return ""
    seconds = max((now - since) / timedelta(seconds=1), 0)
    for unit, name in _UNITS:
        if seconds >= unit:
            return f"{int(seconds // unit)} {name}"
    return f"{int(seconds)} s"


def format_ago(since: datetime | None, now: datetime) -> str:
    """Return how long ago it was: ``3 h ago``; empty where *since* is not known."""
    told = format_age(since, now)
    return f"{told} ago" if told else ""
