"""Times that servers tell in headers: odd ones are bounded, and never a crash."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

import httpx

LONGEST_WAIT: Final = timedelta(days=1)
"""No server makes us wait for longer before the next request."""
_MOST_DIGITS: Final = 18
_MOST_LETTERS: Final = 100


def retry_after(response: httpx.Response, now: datetime) -> datetime | None:
    """Return when ``Retry-After`` (seconds or a date, RFC 9110 §10.2.3) allows the next request.

    Never before *now*, nor later than :data:`LONGEST_WAIT` after it; ``None`` for nonsense.
    """
    value = response.headers.get("Retry-After", "").strip()
    seconds = parse_digits(value)
    if seconds is not None:
        return now + min(timedelta(seconds=min(seconds, 10**6)), LONGEST_WAIT)
    at = parse_http_date(value)
    return None if at is None else min(max(at, now), now + LONGEST_WAIT)


def parse_digits(text: str) -> int | None:
    """Return the number that is all digits of ASCII, at most 10**18; ``None`` for all else."""
    digits = text.strip().lstrip("0") or "0"
    if not text.strip().isdigit() or not text.strip().isascii():
        return None
    return int(digits) if len(digits) <= _MOST_DIGITS else 10**_MOST_DIGITS


def parse_http_date(text: str) -> datetime | None:
    """Return an HTTP date (RFC 9110 §5.6.7), ``None`` for what is none or names no zone."""
    try:
        at = parsedate_to_datetime(text[:_MOST_LETTERS])
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        return None  # that parser raises whatever an odd date makes it trip over
    return at if at.tzinfo else None
