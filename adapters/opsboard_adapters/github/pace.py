"""When to look where: quick where something moves, slow where nothing does, within the budget.

Each look has a *turn*. What a turn costs is learnt: an authenticated 304 costs nothing, so that
a quiet repository costs nothing however often it is looked at. Where looks do cost (nobody is
logged in, the server knows no ETag, much is changing), all of them are stretched so that the
allowance lasts.
"""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from opsboard.adapter import Budget, Change
from opsboard_adapters.github.settings import GitHubSettings

IDLE_SHARE: Final = 0.1
"""Share of the allowance that repositories where nothing moves may use."""
CALM_GROWTH: Final = 1.5
ORGANISATION_EVERY: Final = 60.0
LONGEST_FAILURE: Final = 600.0
_HOUR: Final = 3600.0
_LEARNING: Final = 0.3
_GUESS: Final = 0.05


class Look(Protocol):
    """Something to be asked again and again."""

    scope: str
    repository: str

    @property
    def active(self) -> bool:
        """Whether something moves there."""

    async def look(self) -> Sequence[Change]:
        """Ask once."""

    def retell(self) -> None:
        """Tell everything at the next look."""


@dataclass(slots=True, eq=False)
class Turn:
    """A look, and when it is next. *cost* is the mean number of paid requests that it takes."""

    look: Look
    due_at: datetime
    calm: int = 0
    failures: int = 0
    cost: float = _GUESS
    interval: float = 0.0

    def hurry(self, now: datetime) -> None:
        """Look at once."""
        self.due_at = min(self.due_at, now)
        self.calm = 0


class Pace:
    """The rhythm of one source."""

    def __init__(self, settings: GitHubSettings, *, authenticated: bool) -> None:
        self._settings = settings
        self._guess = _GUESS if authenticated else 1.0

    def turn(self, look: Look, now: datetime) -> Turn:
        """Return a turn for a *look* that was never made."""
        return Turn(look, now, cost=self._guess)

    def done(self, turn: Turn, *, changed: bool, paid: int, first: bool) -> None:
        """Take note of a look that went well. What the *first* one costs says nothing."""
        turn.failures = 0
        turn.calm = 0 if changed or turn.look.active else turn.calm + 1
        if not first:
            turn.cost += _LEARNING * (paid - turn.cost)
        turn.interval = self._wanted(turn)

    def failed(self, turn: Turn) -> None:
        """Take note of a look that went wrong."""
        turn.failures += 1
        turn.interval = min(30.0 * 2 ** min(turn.failures - 1, 8), LONGEST_FAILURE)

    def _wanted(self, turn: Turn) -> float:
        active, idle = self._settings.poll_active, self._settings.poll_idle
        if turn.look.active:
            return active
        if not turn.look.repository:
            return ORGANISATION_EVERY
        slowest = idle * (2.0 if turn.look.scope.startswith("deployments:") else 1.0)
        return float(min(max(active, 10.0) * CALM_GROWTH ** min(turn.calm, 12), slowest))

    def plan(
        self, turns: Iterable[Turn], done: Iterable[Turn], budget: Budget | None, now: datetime
    ) -> None:
        """Set when each of the turns *done* is next, seen beside all *turns*."""
        everything = tuple(turns)
        active = self._stretch((t for t in everything if t.look.active), budget, now, idle=False)
        idle = self._stretch((t for t in everything if not t.look.active), budget, now, idle=True)
        for turn in done:
            factor = active if turn.look.active else idle * _spread(turn)
            turn.due_at = now + timedelta(seconds=turn.interval * factor)

    def _stretch(
        self, turns: Iterable[Turn], budget: Budget | None, now: datetime, *, idle: bool
    ) -> float:
        """Return by how much the intervals of *turns* must grow to stay within the budget."""
        if budget is None:
            return 1.0
        hourly = sum(turn.cost * _HOUR / turn.interval for turn in turns if turn.interval)
        left = self._affordable(budget, now)
        if idle:
            left = min(left, IDLE_SHARE * budget.limit)
        return max(1.0, hourly / max(left, 1.0))

    def _affordable(self, budget: Budget, now: datetime) -> float:
        """Return how many requests an hour may be paid for until the allowance is renewed."""
        if budget.resets_at is None:
            return budget.remaining * self._settings.budget_share
        seconds = max((budget.resets_at - now).total_seconds(), 60.0)
        reserve = budget.limit * (1.0 - self._settings.budget_share)
        return max(budget.remaining - reserve, 0.0) * _HOUR / seconds


def _spread(turn: Turn) -> float:
    """Return 0.8 to 1.0, so that turns which began together do not stay so."""
    return 0.8 + 0.2 * (zlib.crc32(f"{turn.look.scope}{turn.calm}".encode()) % 1000) / 1000
