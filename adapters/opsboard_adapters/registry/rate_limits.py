"""The request allowance that a registry tells, and when it is closed."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import httpx

from opsboard.adapter import Budget, Throttled
from opsboard_adapters.http import parse_digits

RESERVE: Final = 0.1
"""The share of the allowance that polling leaves for people, and for pulls."""
_CLOSED: Final = timedelta(minutes=1)
"""How long nothing is asked after a 429 that names no time."""
_WINDOW: Final = re.compile(r"\s*(?P<number>\d{1,12})\s*(?:;.*?\bw=(?P<window>\d{1,9}))?.*")


class RegistryLimits:
    """What is left of the allowance, by the headers ``RateLimit-*`` of Docker Hub and others."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.budget: Budget | None = None
        self._closed_until: datetime | None = None

    def note(self, response: httpx.Response) -> bool:
        """Take over what *response* tells; return whether the budget has changed."""
        limit = _number(response.headers.get("RateLimit-Limit", ""))
        remaining = _number(response.headers.get("RateLimit-Remaining", ""))
        if limit is None or remaining is None:
            return False
        seconds = parse_digits(response.headers.get("RateLimit-Reset", ""))
        ends = None if not seconds else self._now() + timedelta(seconds=min(seconds, 86_400))
        budget = Budget(name="pulls", remaining=remaining, limit=limit, resets_at=ends)
        changed = budget != self.budget
        self.budget = budget
        return changed

    def close(self, error: Throttled) -> None:
        """Ask nothing in the background until *error* is over."""
        self._closed_until = error.until or self._now() + _CLOSED

    def check_open(self) -> None:
        """Raise :exc:`Throttled` while the registry wants nothing to be asked."""
        if self._closed_until is not None and self._now() < self._closed_until:
            raise Throttled(
                "the registry has had too many requests",
                "wait; fewer repositories or a longer poll_interval help",
                self._closed_until,
            )

    @property
    def is_low(self) -> bool:
        """Whether so little is left that polling reads nothing new for now."""
        known = self.budget
        return known is not None and known.remaining <= RESERVE * known.limit


def _number(header: str) -> int | None:
    match = _WINDOW.fullmatch(header)
    return int(match["number"]) if match else None
