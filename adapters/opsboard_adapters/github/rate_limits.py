"""GitHub's rate limits: what is left of them, and when requests may be sent again.

The *primary* limit is an allowance per hour. The *secondary* ones forbid bursts, however much is
left of it; :mod:`opsboard_adapters.github.errors` tells them apart.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import httpx

from opsboard.adapter import Budget, Throttled, is_background
from opsboard_adapters import http
from opsboard_adapters.github.errors import HINT, RateLimitKind, rate_limit_of, too_many, used_up

GRAPHQL: Final = "graphql"
"""The name of the allowance that GraphQL has for itself."""
MAX_PER_MINUTE: Final = 600
"""Requests a minute that are sent at most; GitHub allows 900 points."""
RESERVED_SHARE: Final = 0.01
RESERVED_MIN: Final = 5
_MINUTE: Final = timedelta(minutes=1)
_MIN_PAUSE: Final = timedelta(seconds=5)
_MAX_PAUSE: Final = timedelta(minutes=15)
"""The longest pause where the server does not say how long to wait."""


def reserved_for_people(limit: int) -> int:
    """Return how many requests of an allowance are reserved for details, logs, plans and actions.

    An action that cannot be sent for an hour, because polling has used up the allowance, is worse
    than an hour of less polling.
    """
    return max(int(limit * RESERVED_SHARE), RESERVED_MIN)


@dataclass(slots=True)
class RequestCost:
    """What one poll has cost: requests, and how many of them were *paid* from the allowance.

    Polls run side by side, each in a task and context of its own.
    """

    requests: int = 0
    paid: int = 0


_cost: ContextVar[RequestCost | None] = ContextVar("cost", default=None)


@contextmanager
def counting_requests() -> Iterator[RequestCost]:
    """Count the requests that are made within."""
    token = _cost.set(cost := RequestCost())
    try:
        yield cost
    finally:
        _cost.reset(token)


class RateLimits:
    """What is known of the limits. A 304 is free of charge, but only for those who are logged
    in.
    """

    def __init__(self, *, authenticated: bool) -> None:
        self.authenticated = authenticated
        self.budget: Budget | None = None
        self.requests = 0
        self.paid = 0
        self.paid_of_budget = 0
        """Of what the present allowance has lost, the part that was paid for here."""
        self._recent: deque[datetime] = deque()
        self._closed: Throttled | None = None
        self._in_a_row = 0
        """Secondary limits that were reached since an answer came."""

    def check(self, now: datetime) -> None:
        """Raise :exc:`Throttled` while a request would be refused.

        Background requests are stopped earlier: the last of the allowance is reserved for people.
        """
        if self._is_closed(now) and self._closed is not None:
            why = self._closed  # a new error: tracebacks would pile up on one that is raised again
            raise Throttled(why.message, why.hint, why.until)
        if is_background() and (until := self._reserved_until(now)) is not None:
            raise Throttled(
                "the last of the request allowance is reserved for details and actions", HINT, until
            )

    def _is_closed(self, now: datetime) -> bool:
        until = self._closed.until if self._closed else None
        return until is not None and now < until

    def _close(self, throttled: Throttled) -> Throttled:
        """Send nothing before *throttled* allows it. Returns it."""
        before = self._closed.until if self._closed else None
        if before is None or throttled.until is None or before <= throttled.until:
            self._closed = throttled
        return throttled

    def _reserved_until(self, now: datetime) -> datetime | None:
        budget, until = self.budget, self.resets_at(now)
        if budget is None or budget.name != "core" or until is None:
            return None
        return until if budget.remaining <= reserved_for_people(budget.limit) else None

    def record(self, response: httpx.Response, now: datetime) -> None:
        """Take in the rate limit headers of *response*."""
        budget = _budget(response, now)
        if budget is not None and budget.name == GRAPHQL:
            budget = None  # that is another allowance
        if budget is not None and _is_renewed(self.budget, budget):
            self.paid_of_budget = 0
        self._count(response, now)
        if response.status_code < 400:
            self._in_a_row = 0
        if budget is None:
            return
        self.budget = budget
        if budget.remaining <= 0 and budget.resets_at and budget.name == "core":
            self._close(used_up(budget, budget.resets_at, authenticated=self.authenticated))

    def _count(self, response: httpx.Response, now: datetime) -> None:
        paid = self.is_paid(response)
        self._recent.append(now)
        self.requests += 1
        self.paid += paid
        self.paid_of_budget += paid
        if (cost := _cost.get()) is not None:
            cost.requests += 1
            cost.paid += paid

    def is_paid(self, response: httpx.Response) -> bool:
        """Tell whether *response* was charged to the allowance."""
        if response.headers.get("X-RateLimit-Resource") == GRAPHQL:
            return False
        return response.status_code != 304 or not self.authenticated

    def available_now(self, now: datetime) -> int:
        """Return how many requests may be sent now without exceeding :data:`MAX_PER_MINUTE`."""
        while self._recent and now - self._recent[0] >= _MINUTE:
            self._recent.popleft()
        return max(MAX_PER_MINUTE - len(self._recent), 0)

    def resets_at(self, now: datetime) -> datetime | None:
        """Return when the allowance is renewed, where that is known and in the future."""
        at = self.budget.resets_at if self.budget else None
        return at if at is not None and at > now else None

    def error_of(self, response: httpx.Response, now: datetime) -> Throttled | None:
        """Return the error if *response* is refused because of a limit."""
        limit, budget = rate_limit_of(response), _budget(response, now)
        if limit is None:
            return None
        if budget is not None and budget.name == GRAPHQL and limit is RateLimitKind.PRIMARY:
            return None  # it stops queries, and nothing else
        if limit is RateLimitKind.PRIMARY:
            renewed = budget.resets_at if budget and budget.remaining <= 0 else None
            until = max(
                http.retry_after(response, now) or renewed or now + _MINUTE, now + _MIN_PAUSE
            )
            error = used_up(budget, until, authenticated=self.authenticated)
            return self._close(error)
        error = too_many(limit, budget, self._after(response, now))
        return self._close(error)

    def _after(self, response: httpx.Response, now: datetime) -> datetime:
        """Return when to try again after a secondary limit: when the server says so, else after a
        minute, which doubles each time that was too soon.
        """
        at = http.retry_after(response, now)
        if at is not None and at > now:
            return at
        if not self._is_closed(now):  # parallel requests were refused for the same reason
            self._in_a_row += 1
        doublings = max(min(self._in_a_row, 10) - 1, 0)
        return now + min(_MINUTE * (1 << doublings), _MAX_PAUSE)


def _budget(response: httpx.Response, now: datetime) -> Budget | None:
    headers = response.headers
    limit = http.parse_digits(headers.get("X-RateLimit-Limit", ""))
    remaining = http.parse_digits(headers.get("X-RateLimit-Remaining", ""))
    if limit is None or remaining is None:
        return None
    name = headers.get("X-RateLimit-Resource", "core")
    return Budget(name=name, remaining=remaining, limit=limit, resets_at=_reset(response, now))


def _is_renewed(before: Budget | None, budget: Budget) -> bool:
    """Tell whether *budget* is that of another hour than *before*; a difference of seconds is clock
    noise.
    """
    if before is None or before.resets_at is None or budget.resets_at is None:
        return False
    return budget.resets_at - before.resets_at > _MINUTE


def _reset(response: httpx.Response, now: datetime) -> datetime | None:
    """Return when the allowance is renewed, by our own clock, which may differ from the server's.

    That is within the hour, whatever the header says: an allowance is one of an hour.
    """
    epoch = http.parse_digits(response.headers.get("X-RateLimit-Reset", ""))
    if epoch is None:
        return None
    theirs = http.parse_http_date(response.headers.get("Date", "")) or now
    ahead = min(max(epoch - theirs.timestamp(), 0.0), http.LONGEST_WAIT.total_seconds())
    return now + timedelta(seconds=ahead)
