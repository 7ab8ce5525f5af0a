"""Durations as people write them: ``30m``, ``2h``, ``1d``."""

import re
from datetime import timedelta
from typing import Final

_PATTERN: Final = re.compile(r"(\d{1,4})\s*([mhdw])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

USUAL: Final = (
    ("15m", "15 minutes"),
    ("1h", "1 hour"),
    ("4h", "4 hours"),
    ("1d", "1 day"),
    ("1w", "1 week"),
)
"""What is offered, and what it is called."""


def parse_duration(text: str) -> timedelta | None:
    """Return the duration that *text* names, or ``None``."""
    found = _PATTERN.fullmatch(text.strip().lower())
    if found is None or int(found[1]) == 0:
        return None
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
