"""How long ago something was, in a few characters, for forms and plans."""

from datetime import datetime, timedelta
from typing import Final

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
