"""By how much polling is slowed down, so that the allowance lasts and no burst is made.

Two limits hold at once:

- the configured share of the hourly allowance, minus what other programs with the same login use;
  what is left of it is spread evenly over the time until it is renewed;
- the requests a minute that the secondary limit allows, paid or not.

A response is paid for when something has changed since the poll before. Changes are modelled as
random events (a Poisson process) with a rate per second: polling half as often saves much where
polls are rare compared with changes, and little where each change is seen by itself.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from opsboard.adapter import Budget
from opsboard_adapters.github.rate_limits import MAX_PER_MINUTE, RateLimits, reserved_for_people

IDLE_SHARE: Final = 0.1
"""Share of the allowance that inactive repositories may use."""
IDLE_LEAST: Final = 0.2
"""Share of what is left that inactive repositories always get: they are how new runs are
noticed.
"""
BURST_SHARE: Final = 0.8
"""Share of the requests a minute; the rest is for details and logs that somebody opens."""
MARGIN: Final = 0.02
"""Share that is not planned with, because parallel polls are paid before their cost is known."""
MAX_FACTOR: Final = 1_000.0
_SURE: Final = 0.98
_ALIKE: Final = 0.05
_STEPS: Final = 16
_HOUR: Final = 3600.0
_SHORTEST: Final = 60.0


@dataclass(frozen=True, slots=True)
class PollCost:
    """The cost of a poll of so many *requests* every *interval* seconds, of things that change
    *rate* times a second.

    It is summed over all polls after each of them, and made anew for one: so what it comes to
    where nothing is stretched is kept, as requests an hour that are *sent* at all, and those of
    them that are *paid* for.
    """

    interval: float
    requests: float
    rate: float
    sent: float = field(init=False)
    paid: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sent", self.requests * _HOUR / self.interval)
        object.__setattr__(self, "paid", self.paid_per_hour(1.0))

    def paid_per_hour(self, factor: float) -> float:
        """Return how many requests an hour are paid for when the interval is multiplied by
        *factor*.
        """
        rest = self.interval * factor
        return self.requests * -math.expm1(-self.rate * rest) * _HOUR / rest


FREE: Final = PollCost(_HOUR, 0.0, 0.0)


def rate_of(paid: float, rested: float) -> float:
    """Return how often a second something changes, if the share *paid* of the responses was new
    after so many seconds between polls.
    """
    return -math.log1p(-min(paid, _SURE)) / rested


@dataclass(frozen=True, slots=True)
class IntervalFactors:
    """What intervals are multiplied by: those of active repositories, and those of inactive
    ones.
    """

    active: float = 1.0
    idle: float = 1.0

    def is_close_to(self, other: "IntervalFactors") -> bool:
        """Tell whether the difference is too small to reschedule everything."""
        pairs = ((self.active, other.active), (self.idle, other.idle))
        return all(abs(one - two) <= _ALIKE * two for one, two in pairs)


def interval_factors(
    active: Sequence[PollCost],
    idle: Sequence[PollCost],
    limits: RateLimits,
    share: float,
    now: datetime,
) -> IntervalFactors:
    """Return the factors that keep *active* and *idle* polls within *limits*, of which *share* may
    be used.
    """
    afforded = IntervalFactors()
    if limits.budget is not None:
        left = affordable(limits.budget, limits.paid_of_budget, share, now)
        afforded = _budget_factors(active, idle, left, IDLE_SHARE * limits.budget.limit)
    crowd = _burst_factors(_asked(active, afforded.active), _asked(idle, afforded.idle))
    return IntervalFactors(afforded.active * crowd.active, afforded.idle * crowd.idle)


def _budget_factors(
    active: Sequence[PollCost], idle: Sequence[PollCost], left: float, most_for_idle: float
) -> IntervalFactors:
    least_for_idle = max(IDLE_LEAST * left, left - _paid(active))
    for_idle = min(_paid(idle), least_for_idle, most_for_idle)
    return IntervalFactors(_factor(active, left - for_idle), _factor(idle, for_idle))


def _burst_factors(active: float, idle: float) -> IntervalFactors:
    """Return the factors that keep so many requests an hour below the burst limit, at the expense
    of idle polls.
    """
    capacity = BURST_SHARE * MAX_PER_MINUTE * 60
    for_active = min(active, capacity - min(idle, IDLE_LEAST * capacity))
    return IntervalFactors(
        max(active / max(for_active, 1.0), 1.0), max(idle / (capacity - for_active), 1.0)
    )


def _factor(costs: Sequence[PollCost], granted: float) -> float:
    """Return the smallest factor at which *costs* cost no more than *granted*, by bisection."""
    low, high = 1.0, MAX_FACTOR
    if _paid(costs) <= granted:
        return low
    for _ in range(_STEPS):
        middle = math.sqrt(low * high)
        paid = sum(cost.paid_per_hour(middle) for cost in costs)
        low, high = (middle, high) if paid > granted else (low, middle)
    return high


def _paid(costs: Iterable[PollCost]) -> float:
    return sum([cost.paid for cost in costs])


def _asked(costs: Iterable[PollCost], factor: float) -> float:
    return sum([cost.sent for cost in costs]) / factor


def affordable(budget: Budget, paid: int, share: float, now: datetime) -> float:
    """Return how many requests an hour may be paid for until *budget* is renewed.

    *paid* is what was paid here since the last renewal. Planning stops well before what is reserved
    for people, because parallel polls are paid before their cost is known.
    """
    share *= 1.0 - MARGIN
    spare = max(budget.remaining - 2 * reserved_for_people(budget.limit), 0)
    if budget.resets_at is None:
        return min(share * budget.remaining, spare)
    if budget.resets_at <= now:
        return share * budget.limit
    seconds = max((budget.resets_at - now).total_seconds(), _SHORTEST)
    left = min(share * (budget.remaining + paid) - paid, spare)
    return max(left, 0.0) * _HOUR / seconds
