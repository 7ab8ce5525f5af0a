"""Ages of what the frame shows: short, and changing no oftener than they must."""

from datetime import datetime

_STEP = 5
"""Seconds in which ages under a minute advance, so that an idle screen stays still."""


def age_text(then: datetime, now: datetime) -> str:
    """Return how long ago *then* was: ``now``, ``25s``, ``3m``, ``2h10m``, ``4d``."""
    seconds = max(0, int((now - then).total_seconds()))
    if seconds < 60:
        return f"{seconds // _STEP * _STEP}s" if seconds >= _STEP else "now"
    minutes, hours, days = seconds // 60, seconds // 3_600, seconds // 86_400
    if minutes < 60:
        return f"{minutes}m"
    if hours < 24:
        return f"{hours}h{minutes % 60}m" if hours < 10 and minutes % 60 else f"{hours}h"
    return f"{days}d"
