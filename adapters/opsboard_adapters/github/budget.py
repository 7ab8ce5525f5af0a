"""By how much looks are stretched, so that the allowance lasts and no burst is made.

Two bounds hold at once:

* the settings' share of the hourly allowance, as far as others, who use the same login, have left
  it over. What was not yet paid for here is spread evenly over the time until it is renewed;
* the requests a minute that GitHub's secondary limit allows, paid or not.

An answer is paid for when something has changed since the look before. Changes are taken to come
at random, so many a second: to look half as often saves much where looks are rare beside changes,
and little where each change is seen one by one.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from opsboard.adapter import Budget
from opsboard_adapters.github.rate_limits import MAX_PER_MINUTE, RateLimits, reserved_for_people

IDLE_SHARE: Final = 0.1
"""Share of the allowance that repositories where nothing moves may use."""
IDLE_LEAST: Final = 0.2
"""Share of what is left that is theirs, however much moves elsewhere: a run that begins is
found by them."""
BURST_SHARE: Final = 0.8
"""Share of the requests a minute; the rest is for details and logs that somebody opens."""
MARGIN: Final = 0.02
"""Part of the share that is not planned with: looks side by side are paid for before one knows."""
MAX_FACTOR: Final = 1_000.0
_SURE: Final = 0.98
_ALIKE: Final = 0.05
_STEPS: Final = 16
_HOUR: Final = 3600.0
_SHORTEST: Final = 60.0


@dataclass(frozen=True, slots=True)
class PollCost:
    """A look of so many *asks* every *interval* seconds, at things that change so often a second:
    *rate*."""

    interval: float
    requests: float
    rate: float

    def paid_per_hour(self, factor: float) -> float:
        """Return how many requests an hour are paid for at *factor* times the interval."""
        rest = self.interval * factor
        return self.requests * -math.expm1(-self.rate * rest) * _HOUR / rest

    def requests_per_hour(self, factor: float) -> float:
        """Return how many requests an hour are made at all."""
        return self.requests * _HOUR / (self.interval * factor)


FREE: Final = PollCost(_HOUR, 0.0, 0.0)


def rate_of(paid: float, rested: float) -> float:
    """Return how often a second something changes, where the share *paid* of all answers was new
    after so many seconds of rest."""
    return -math.log1p(-min(paid, _SURE)) / rested


@dataclass(frozen=True, slots=True)
class IntervalFactors:
    """How many times its interval a look rests, where something moves and where nothing does."""

    active: float = 1.0
    idle: float = 1.0

    def is_close_to(self, other: "IntervalFactors") -> bool:
        """Tell whether it is not worth the while to plan anew for the difference."""
        pairs = ((self.active, other.active), (self.idle, other.idle))
        return all(abs(one - two) <= _ALIKE * two for one, two in pairs)


def interval_factors(
    active: Sequence[PollCost],
    idle: Sequence[PollCost],
    limits: RateLimits,
    share: float,
    now: datetime,
) -> IntervalFactors:
    """Return what keeps *active* and *idle* within *limits*, of which *share* may be used."""
    afforded = IntervalFactors()
    if limits.budget is not None:
        left = affordable(limits.budget, limits.paid_of_budget, share, now)
        afforded = _budget_factors(active, idle, left, IDLE_SHARE * limits.budget.limit)
    crowd = _burst_factors(_asked(active, afforded.active), _asked(idle, afforded.idle))
    return IntervalFactors(afforded.active * crowd.active, afforded.idle * crowd.idle)


def _budget_factors(
    active: Sequence[PollCost], idle: Sequence[PollCost], left: float, most_for_idle: float
) -> IntervalFactors:
    least_for_idle = max(IDLE_LEAST * left, left - _paid(active, 1.0))
    for_idle = min(_paid(idle, 1.0), least_for_idle, most_for_idle)
    return IntervalFactors(_factor(active, left - for_idle), _factor(idle, for_idle))


def _burst_factors(active: float, idle: float) -> IntervalFactors:
    """Return what keeps so many requests an hour from being a burst, at the cost of the idle."""
    room = BURST_SHARE * MAX_PER_MINUTE * 60
    for_active = min(active, room - min(idle, IDLE_LEAST * room))
    return IntervalFactors(
        max(active / max(for_active, 1.0), 1.0), max(idle / (room - for_active), 1.0)
    )


def _factor(prices: Sequence[PollCost], granted: float) -> float:
    """Return the least factor at which *prices* come to no more than *granted*, or the most."""
    low, high = 1.0, MAX_FACTOR
    if _paid(prices, low) <= granted:
        return low
    for _ in range(_STEPS):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if _paid(prices, middle) > granted else (low, middle)
    return high


def _paid(prices: Iterable[PollCost], factor: float) -> float:
    return sum(price.paid_per_hour(factor) for price in prices)


def _asked(prices: Iterable[PollCost], factor: float) -> float:
    return sum(price.requests_per_hour(factor) for price in prices)


def affordable(budget: Budget, paid: int, share: float, now: datetime) -> float:
    """Return how many requests an hour may be paid for until *budget* is renewed.

    *paid* is what was paid for here since it was renewed last. Planning ends well before what is
    kept for people, as looks side by side are paid for before one knows.
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
