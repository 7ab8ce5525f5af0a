"""Medians and shares of few values, also of durations that have not ended yet.

Below :data:`FEWEST` values nothing is summed up: the values themselves are told. Quantiles are
interpolated between the two nearest values, as numpy does by default: a rank alone would make the
median of an even number one of its halves. Why neither numpy nor pandas does it is told in
docs/adr/0015-no-pandas-for-delivery.md.
"""

import math
from collections.abc import Sequence
from typing import Final

from opsboard.frozen import Frozen, frozen_unchecked

FEWEST: Final = 5


@frozen_unchecked
class Duration(Frozen):
    """*seconds* that something took; *is_open*: it goes on, and has taken no less.

    *is_exact* is whether both of its ends are known, to the second.
    """

    seconds: float
    is_open: bool = False
    is_exact: bool = True


@frozen_unchecked
class Quantile(Frozen):
    """*seconds*; *at_least*: durations that go on may make it more."""

    seconds: float
    at_least: bool = False


@frozen_unchecked
class Spread(Frozen):
    """All *values* together, the shortest first: never the mean or median of medians."""

    values: tuple[Duration, ...] = ()

    @property
    def count(self) -> int:
        return len(self.values)

    @property
    def open_count(self) -> int:
        """How many go on."""
        return sum(one.is_open for one in self.values)

    @property
    def is_summed_up(self) -> bool:
        """Whether there are enough to speak of a median."""
        return self.count >= FEWEST

    def quantile(self, share: float) -> Quantile | None:
        """Return the *share* of the values, 0.5 for the median; ``None`` of too few.

        One that goes on counts with what it has taken, and then as if it never ended: where both
        come to the same, that is the answer.
        """
        if not self.is_summed_up:
            return None
        least = _interpolated(sorted(one.seconds for one in self.values), share)
        most = _interpolated(
            sorted(math.inf if one.is_open else one.seconds for one in self.values), share
        )
        return Quantile(least, at_least=most != least)


def spread_of(values: Sequence[Duration]) -> Spread:
    """Return *values* in their order."""
    return Spread(tuple(sorted(values, key=lambda one: (one.seconds, one.is_open))))


def _interpolated(ordered: Sequence[float], share: float) -> float:
    place = (len(ordered) - 1) * share
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    if math.isinf(ordered[high]) and place > low:
        return math.inf
    return (
        ordered[low] + (ordered[high] - ordered[low]) * (place - low)
        if place > low
        else (ordered[low])
    )


@frozen_unchecked
class Share(Frozen):
    """*part* of *whole*, with what of *part* is *certain*, *inferred*, or *open* still."""

    part: int
    whole: int
    certain: int = 0
    inferred: int = 0
    open: int = 0

    @property
    def rate(self) -> float | None:
        """``part / whole``; ``None`` of too few."""
        return self.part / self.whole if self.whole >= FEWEST else None
