"""When to look where: quick where something moves, slow where nothing does, within the budget.

Each look has a *turn*. What a turn costs is learnt: an authenticated 304 costs nothing, so that
a quiet repository costs nothing however often it is looked at. Where looks do cost (nobody is
logged in, the server knows no ETag, much is changing), all of them are stretched evenly, so that
the allowance lasts until it is renewed; :mod:`opsboard_adapters.github.budget` says by how much.

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
ORGANISATION_EVERY: Final = 60.0
DEPLOYMENTS_SLOWER: Final = 2.0
"""How much longer deployments may rest than runs: a run that moves has them looked at anyway."""
MAX_FAILURE_INTERVAL: Final = 600.0
EXPEDITE_DELAY: Final = 1.0
HEAD_START: Final = timedelta(seconds=30)
"""By which looks where something moves go before others: these wait no longer than that."""
_LEARNING: Final = 0.2
_GUESS: Final = 0.005
"""Share of answers that are new, before that is known: most repositories stand still."""


class Poller(Protocol):
    """Something to be asked again and again."""

    scope: str
    repository: str

    @property
    def active(self) -> bool:
        """Whether something moves there."""

    async def poll(self) -> Sequence[Change]:
        """Ask once."""

    def report_again(self) -> None:
        """Tell everything at the next look."""


@dataclass(slots=True, eq=False)
class PollSlot:
    """A look, and when it is next.

    *missing* is how often in a row it was said that there is no such thing.
    *interval* is how many seconds it may rest where nothing forbids, 0 before the first look.
    What it costs is told by means: the requests that a look takes (*asks*), the share of them
    that is *paid* for, and the seconds since the look before (*rested*).
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

    def learn(self, bill: RequestCost, now: datetime) -> None:
        """Take in what a look has cost."""
        rested = (now - self.polled_at).total_seconds()
        self.requests += _LEARNING * (bill.requests - self.requests)
        self.paid += _LEARNING * (bill.paid / max(bill.requests, 1) - self.paid)
        self.elapsed += _LEARNING * (rested - self.elapsed) if self.elapsed else rested

    def set_interval(self, seconds: float) -> None:
        """Let the next look be after so many *seconds*, where nothing forbids."""
        rate = rate_of(self.paid, self.elapsed or seconds)
        self.interval, self.cost = seconds, PollCost(seconds, self.requests, rate)

    @property
    def urgency(self) -> datetime:
        """What turns that are due are ordered by, the most urgent first."""
        return self.due_at - HEAD_START if self.poller.active else self.due_at

    def expedite(self, at: datetime) -> None:
        """Look at *at*, or sooner."""
        self.due_at = min(self.due_at, at)
        self.expedited_to = at if self.expedited_to is None else min(self.expedited_to, at)


class PollScheduler:
    """The rhythm of one source."""

    def __init__(self, settings: GitHubSettings, *, authenticated: bool) -> None:
        self._settings = settings
        self._guess = _GUESS if authenticated else 1.0
        self._stretch = self._applied = IntervalFactors()

    def slot(self, poller: Poller, now: datetime) -> PollSlot:
        """Return a turn for a *look* that was never made."""
        return PollSlot(poller, now, now, self._guess)

    def succeeded(self, slot: PollSlot, now: datetime, bill: RequestCost, *, changed: bool) -> None:
        """Take note of a look that went well. What the first one costs says nothing."""
        slot.failures = slot.missing = 0
        slot.unchanged = 0 if changed or slot.poller.active else slot.unchanged + 1
        if slot.interval:
            slot.learn(bill, now)
        slot.set_interval(self._wanted(slot))

    def failed(self, slot: PollSlot, *, missing: bool) -> None:
        """Take note of a look that went wrong, for want of what is looked at if it is *missing*."""
        slot.failures += 1
        slot.missing = slot.missing + 1 if missing else 0
        slot.set_interval(min(30.0 * 2 ** min(slot.failures - 1, 8), MAX_FAILURE_INTERVAL))

    def expedite(self, slot: PollSlot, now: datetime) -> None:
        """Have *turn* soon, but no sooner after its last than if something moved there."""
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
        """Set when each of *turns* is next, after those *done*."""
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
            # A new allowance is there for all, but they do not come for it all at once.
            beyond = timedelta(seconds=slot.interval * (1.0 + _spread(slot)))
            due_at = min(due_at, max(slot.polled_at, renewed_at) + beyond)
        slot.due_at = due_at if slot.expedited_to is None else min(due_at, slot.expedited_to)


def _spread(slot: PollSlot) -> float:
    """Return 0.0 to 1.0, so that turns which began together do not stay so."""
    return (zlib.crc32(f"{slot.poller.scope}{slot.unchanged}".encode()) % 1000) / 1000
