"""Times that servers tell: in UTC wherever they come from, and none where none is meant."""

from datetime import UTC, datetime
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
