"""GitHub's limits on requests: what is left, and when one may ask again.

The *primary* limit is an allowance per hour. The *secondary* ones forbid bursts, however much of
that is left; :mod:`opsboard_adapters.github.errors` tells them apart.
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
from opsboard_adapters.github.errors import MEND, RateLimitKind, rate_limit_of, too_many, used_up

MAX_PER_MINUTE: Final = 600
"""Requests a minute that are made at most; GitHub allows 900 points."""
RESERVED_SHARE: Final = 0.01
RESERVED_MIN: Final = 5
_MINUTE: Final = timedelta(minutes=1)
_AT_LEAST: Final = timedelta(seconds=5)
_LONGEST: Final = timedelta(minutes=15)
"""No longer is waited where nobody has told how long."""


def reserved_for_people(limit: int) -> int:
    """Return how many requests of an allowance are kept for details, logs, plans and acts.

    An act that cannot be sent for an hour, because the board has looked around, is worse than an
    hour of looking less.
    """
    return max(int(limit * RESERVED_SHARE), RESERVED_MIN)


@dataclass(slots=True)
class RequestCost:
    """What one look has cost. Looks run side by side, each in a task and context of its own."""

    requests: int = 0
    paid: int = 0


_bill: ContextVar[RequestCost | None] = ContextVar("bill", default=None)


@contextmanager
def counting_requests() -> Iterator[RequestCost]:
    """Count what is paid for in this context."""
    token = _bill.set(bill := RequestCost())
    try:
        yield bill
    finally:
        _bill.reset(token)


class RateLimits:
    """What is known of the allowance. A 304 costs nothing, but only to who is logged in."""

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
        """Raise :exc:`Throttled` while it is known that an answer would be refused.

        The background is stopped before that: the last of the allowance is kept for people.
        """
        if self._is_closed(now) and self._closed is not None:
            why = self._closed  # raised anew, or it would gather the frames of all who ask
            raise Throttled(why.message, why.hint, why.until)
        if is_background() and (until := self._kept_until(now)) is not None:
            raise Throttled(
                "the last of the request allowance is kept for details and acts", MEND, until
            )

    def _is_closed(self, now: datetime) -> bool:
        until = self._closed.until if self._closed else None
        return until is not None and now < until

    def _close(self, throttled: Throttled) -> Throttled:
        """Let nothing be asked before *throttled* allows it, nor what closed before. Return it."""
        before = self._closed.until if self._closed else None
        if before is None or throttled.until is None or before <= throttled.until:
            self._closed = throttled
        return throttled

    def _kept_until(self, now: datetime) -> datetime | None:
        budget, until = self.budget, self.resets_at(now)
        if budget is None or budget.name != "core" or until is None:
            return None
        return until if budget.remaining <= reserved_for_people(budget.limit) else None

    def record(self, response: httpx.Response, now: datetime) -> None:
        """Take in what *response* says of the allowance."""
        budget = _budget(response, now)
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
        if (bill := _bill.get()) is not None:
            bill.requests += 1
            bill.paid += paid

    def is_paid(self, response: httpx.Response) -> bool:
        """Tell whether *response* was taken off the allowance."""
        return response.status_code != 304 or not self.authenticated

    def available_now(self, now: datetime) -> int:
        """Return how many requests may be made at once without being a burst."""
        while self._recent and now - self._recent[0] >= _MINUTE:
            self._recent.popleft()
        return max(MAX_PER_MINUTE - len(self._recent), 0)

    def resets_at(self, now: datetime) -> datetime | None:
        """Return when the allowance is renewed, where that is known and still to come."""
        at = self.budget.resets_at if self.budget else None
        return at if at is not None and at > now else None

    def error_of(self, response: httpx.Response, now: datetime) -> Throttled | None:
        """Return the error if *response* refuses for a limit's sake."""
        limit, budget = rate_limit_of(response), _budget(response, now)
        if limit is None:
            return None
        if limit is RateLimitKind.PRIMARY:
            renewed = budget.resets_at if budget and budget.remaining <= 0 else None
            until = max(
                http.retry_after(response, now) or renewed or now + _MINUTE, now + _AT_LEAST
            )
            told = used_up(budget, until, authenticated=self.authenticated)
            return self._close(told)
        told = too_many(limit, budget, self._after(response, now))
        return self._close(told)

    def _after(self, response: httpx.Response, now: datetime) -> datetime:
        """Return when to try again behind a secondary limit: when that is told, or else after a
        minute, and twice as long each time that was too soon."""
        told = http.retry_after(response, now)
        if told is not None and told > now:
            return told
        if not self._is_closed(now):  # others side by side were refused for the same
            self._in_a_row += 1
        doublings = max(min(self._in_a_row, 10) - 1, 0)
        return now + min(_MINUTE * (1 << doublings), _LONGEST)


def _budget(response: httpx.Response, now: datetime) -> Budget | None:
    headers = response.headers
    limit = http.parse_digits(headers.get("X-RateLimit-Limit", ""))
    remaining = http.parse_digits(headers.get("X-RateLimit-Remaining", ""))
    if limit is None or remaining is None:
        return None
    name = headers.get("X-RateLimit-Resource", "core")
    return Budget(name=name, remaining=remaining, limit=limit, resets_at=_reset(response, now))


def _is_renewed(before: Budget | None, budget: Budget) -> bool:
    """Tell whether *budget* is another hour's than the one *before*; seconds are clocks' noise."""
    if before is None or before.resets_at is None or budget.resets_at is None:
        return False
    return budget.resets_at - before.resets_at > _MINUTE


def _reset(response: httpx.Response, now: datetime) -> datetime | None:
    """Return when the allowance is renewed, by our own clock: the server's may differ."""
    epoch = http.parse_digits(response.headers.get("X-RateLimit-Reset", ""))
    if epoch is None:
        return None
    theirs = http.parse_http_date(response.headers.get("Date", "")) or now
    return now + timedelta(seconds=min(max(epoch - theirs.timestamp(), 0.0), 86_400.0))
