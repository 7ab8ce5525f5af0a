"""When to poll what: quickly where runs are active, slowly elsewhere, within the request budget.

Each poller has a :class:`PollSlot`, which learns what a poll costs. An authenticated 304 costs
nothing, so a quiet repository is free of charge, however often it is polled. Where polls do cost
(nobody is logged in, the server sends no ETags, much changes), all intervals are stretched evenly,
so that the allowance lasts until it is renewed: see :mod:`opsboard_adapters.github.budget`.

Why it is so: docs/adr/0009-polling-pace.md.
"""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from opsboard.adapter import Change
from opsboard_adapters.github.budget import (
    FREE,
    IntervalFactors,
    PollCost,
    interval_factors,
    rate_of,
)
from opsboard_adapters.github.rate_limits import RateLimits, RequestCost
from opsboard_adapters.github.settings import GitHubSettings

BACKOFF: Final = 1.5
"""Factor by which the interval grows with each poll that finds nothing new."""
ORGANISATION_EVERY: Final = 60.0
"""Seconds between two polls of an organisation's repositories."""
DEPLOYMENTS_SLOWER: Final = 2.0
"""How much longer the interval of deployments is than that of runs, which trigger them anyway."""
MAX_FAILURE_INTERVAL: Final = 600.0
EXPEDITE_DELAY: Final = 1.0
HEAD_START: Final = timedelta(seconds=30)
"""Active pollers go before others by this much, so that these wait no longer than that."""
_LEARNING: Final = 0.2
"""Weight of the newest measurement in the moving averages."""
_GUESS: Final = 0.005
"""Initial guess of the share of responses that are new: most repositories do not change."""


class Poller(Protocol):
    """Something to be polled again and again, which is one *scope* of the source."""

    scope: str
    repository: str

    @property
    def active(self) -> bool:
        """Whether something is in progress there."""

    async def poll(self) -> Sequence[Change]:
        """Request it once; return the changes."""

    def report_again(self) -> None:
        """Report everything at the next poll."""


@dataclass(slots=True, eq=False)
class PollSlot:
    """A poller and when it is next due.

    *missing* counts consecutive polls that were answered "not found". *interval* is the seconds
    until the next poll where nothing else applies, 0 before the first one. The cost is kept as
    moving averages: *requests* of a poll, the share of them that is *paid*, and *elapsed* seconds
    since the poll before. *answered* is up to which of the sets of identities that the source was
    told a poll has asked.
    """

    poller: Poller
    due_at: datetime
    polled_at: datetime
    paid: float
    unchanged: int = 0
    failures: int = 0
    missing: int = 0
    requests: float = 1.0
    elapsed: float = 0.0
    interval: float = 0.0
    cost: PollCost = FREE
    expedited_to: datetime | None = None
    answered: int = 0

    def learn(self, cost: RequestCost, now: datetime) -> None:
        """Take in the *cost* of a poll."""
        rested = (now - self.polled_at).total_seconds()
        self.requests += _LEARNING * (cost.requests - self.requests)
        self.paid += _LEARNING * (cost.paid / max(cost.requests, 1) - self.paid)
        self.elapsed += _LEARNING * (rested - self.elapsed) if self.elapsed else rested

    def set_interval(self, seconds: float) -> None:
        """Let the next poll be after *seconds*, where nothing else applies."""
        rate = rate_of(self.paid, self.elapsed or seconds)
        self.interval, self.cost = seconds, PollCost(seconds, self.requests, rate)

    @property
    def urgency(self) -> datetime:
        """What due slots are ordered by, the most urgent first."""
        return self.due_at - HEAD_START if self.poller.active else self.due_at

    def expedite(self, at: datetime) -> None:
        """Poll at *at*, or sooner."""
        self.due_at = min(self.due_at, at)
        self.expedited_to = at if self.expedited_to is None else min(self.expedited_to, at)


class PollScheduler:
    """The schedule of one source."""

    def __init__(self, settings: GitHubSettings, *, authenticated: bool) -> None:
        self._settings = settings
        self._guess = _GUESS if authenticated else 1.0
        self._stretch = self._applied = IntervalFactors()

    def slot(self, poller: Poller, now: datetime) -> PollSlot:
        """Return the slot for a *poller* that was never polled."""
        return PollSlot(poller, now, now, self._guess)

    def succeeded(self, slot: PollSlot, now: datetime, cost: RequestCost, *, changed: bool) -> None:
        """Record a successful poll. The cost of the first one is not representative and is
        ignored.
        """
        slot.failures = slot.missing = 0
        slot.unchanged = 0 if changed or slot.poller.active else slot.unchanged + 1
        if slot.interval:
            slot.learn(cost, now)
        slot.set_interval(self._wanted(slot))

    def failed(self, slot: PollSlot, *, missing: bool) -> None:
        """Record a failed poll; *missing* says that there is no such thing."""
        slot.failures += 1
        slot.missing = slot.missing + 1 if missing else 0
        slot.set_interval(min(30.0 * 2 ** min(slot.failures - 1, 8), MAX_FAILURE_INTERVAL))

    def expedite(self, slot: PollSlot, now: datetime) -> None:
        """Poll *slot* soon, but no sooner after its last poll than an active one."""
        pause = timedelta(seconds=self._settings.poll_active * self._stretch.active)
        slot.expedite(max(now + timedelta(seconds=EXPEDITE_DELAY), slot.polled_at + pause))
        slot.unchanged = 0

    def _wanted(self, slot: PollSlot) -> float:
        active, idle = self._settings.poll_active, self._settings.poll_idle
        slower = DEPLOYMENTS_SLOWER if slot.poller.scope.startswith("deployments:") else 1.0
        if slot.poller.active:
            return active * slower
        if not slot.poller.repository:
            return ORGANISATION_EVERY
        return float(min(max(active, 10.0) * BACKOFF ** min(slot.unchanged, 12), idle * slower))

    def plan(
        self, slots: Iterable[PollSlot], done: Iterable[PollSlot], limits: RateLimits, now: datetime
    ) -> None:
        """Schedule the next poll of each of *slots*, after those that were *done*."""
        everything = tuple(slot for slot in slots if slot.interval)
        self._stretch = self._stretched(everything, limits, now)
        for slot in done:
            slot.polled_at, slot.expedited_to = now, None
            self._set(slot, limits, now)
        if not self._stretch.is_close_to(self._applied):
            self._applied = self._stretch
            for slot in everything:
                self._set(slot, limits, now)

    def _stretched(
        self, slots: Iterable[PollSlot], limits: RateLimits, now: datetime
    ) -> IntervalFactors:
        prices: dict[bool, list[PollCost]] = {True: [], False: []}
        for slot in slots:
            prices[slot.poller.active].append(slot.cost)
        return interval_factors(
            prices[True], prices[False], limits, self._settings.budget_share, now
        )

    def _set(self, slot: PollSlot, limits: RateLimits, now: datetime) -> None:
        if slot.poller.active:
            rest = slot.interval * self._stretch.active
        else:
            rest = slot.interval * self._stretch.idle * (0.8 + 0.2 * _spread(slot))
        due_at = slot.polled_at + timedelta(seconds=rest)
        if (renewed_at := limits.resets_at(now)) is not None:
            # After the renewal all may poll again, but not all at once.
            beyond = timedelta(seconds=slot.interval * (1.0 + _spread(slot)))
            due_at = min(due_at, max(slot.polled_at, renewed_at) + beyond)
        slot.due_at = due_at if slot.expedited_to is None else min(due_at, slot.expedited_to)


def _spread(slot: PollSlot) -> float:
    """Return 0.0 to 1.0 by a hash, so that slots which began together drift apart."""
    return (zlib.crc32(f"{slot.poller.scope}{slot.unchanged}".encode()) % 1000) / 1000
