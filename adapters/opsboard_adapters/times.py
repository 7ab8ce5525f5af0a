"""Timestamps that servers send, in UTC, and how long ago something was."""

from datetime import UTC, datetime, timedelta
from typing import Final

EARLIEST: Final = datetime(1970, 1, 2, tzinfo=UTC)
"""Older timestamps mean "no time": Go writes year 1 for it, others second 0 of 1970, which is still
1969 in some zones.
"""


def as_utc(at: datetime | None) -> datetime | None:
    """Return *at* in UTC, or ``None`` where it stands for "no time" or is out of range.

    A timestamp without a zone is dropped as well: this machine's zone is not the server's.
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
    """Return *at* in RFC 3339, such as ``2026-01-15T09:00:00Z``; ``""`` for ``None``.

    All adapters fill cells and facts in this form, and the screen turns it into an age. Fractions
    of a second are kept.
    """
    known = as_utc(at)
    return known.isoformat().replace("+00:00", "Z") if known else ""


_UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"))


def format_age(since: datetime | None, now: datetime) -> str:
    """Return the time from *since* to *now* in its largest unit, such as ``3 h``; ``""`` for
    ``None``.
    """
    if since is None:
        return ""
    seconds = max((now - since) / timedelta(seconds=1), 0)
    for unit, name in _UNITS:
        if seconds >= unit:
            return f"{int(seconds // unit)} {name}"
    return f"{int(seconds)} s"


def format_ago(since: datetime | None, now: datetime) -> str:
    """Return how long before *now* it was, such as ``3 h ago``; ``""`` for ``None``."""
    text = format_age(since, now)
    return f"{text} ago" if text else ""
