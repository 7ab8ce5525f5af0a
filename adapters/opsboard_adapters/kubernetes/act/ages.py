"""Ages in a few characters."""

from datetime import datetime, timedelta
from typing import Final

_UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"))


def age(since: datetime | None, now: datetime) -> str:
    """Return how long ago *since* was: ``3 h``; empty where that is not known."""
    if since is None:
        return ""
    seconds = max((now - since) / timedelta(seconds=1), 0)
    for unit, name in _UNITS:
        if seconds >= unit:
            return f"{int(seconds // unit)} {name}"
    return f"{int(seconds)} s"
