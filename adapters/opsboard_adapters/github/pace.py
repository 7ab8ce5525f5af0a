"""When to look where: quick where something moves, slow where nothing does, within the budget.

Each look has a *turn*. What a turn costs is learnt: an authenticated 304 costs nothing, so that
a quiet repository costs nothing however often it is looked at. Where looks do cost (nobody is
logged in, the server knows no ETag, much is changing), all of them are stretched evenly, so that
the allowance lasts until it is renewed; :mod:`opsboard_adapters.github.thrift` says by how much.
"""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from opsboard.adapter import Change
from opsboard_adapters.github.limits import Bill, Limits
from opsboard_adapters.github.settings import GitHubSettings
from opsboard_adapters.github.thrift import FREE, Price, Stretch, rate_of, stretch

CALM_GROWTH: Final = 1.5
ORGANISATION_EVERY: Final = 60.0
DEPLOYMENTS_SLOWER: Final = 2.0
"""How much longer deployments may rest than runs: a run that moves has them looked at anyway."""
LONGEST_FAILURE: Final = 600.0
SOON: Final = 1.0
HEAD_START: Final = timedelta(seconds=30)
"""By which looks where something moves go before others: these wait no longer than that."""
_LEARNING: Final = 0.2
_GUESS: Final = 0.005
"""Share of answers that are new, before that is known: most repositories stand still."""


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
    """A look, and when it is next.

    *missing* is how often in a row it was said that there is no such thing.
    *interval* is how many seconds it may rest where nothing forbids, 0 before the first look.
    What it costs is told by means: the requests that a look takes (*asks*), the share of them
    that is *paid* for, and the seconds since the look before (*rested*).
    """

    look: Look
    due_at: datetime
    looked_at: datetime
    paid: float
    calm: int = 0
    failures: int = 0
    missing: int = 0
    asks: float = 1.0
    rested: float = 0.0
    interval: float = 0.0
    price: Price = FREE
    wanted_at: datetime | None = None

    def learn(self, bill: Bill, now: datetime) -> None:
        """Take in what a look has cost."""
        rested = (now - self.looked_at).total_seconds()
        self.asks += _LEARNING * (bill.asked - self.asks)
        self.paid += _LEARNING * (bill.paid / max(bill.asked, 1) - self.paid)
        self.rested += _LEARNING * (rested - self.rested) if self.rested else rested

    def rest(self, seconds: float) -> None:
        """Let the next look be after so many *seconds*, where nothing forbids."""
        rate = rate_of(self.paid, self.rested or seconds)
        self.interval, self.price = seconds, Price(seconds, self.asks, rate)

    @property
    def urgency(self) -> datetime:
        """What turns that are due are ordered by, the most urgent first."""
        return self.due_at - HEAD_START if self.look.active else self.due_at

    def hurry(self, at: datetime) -> None:
        """Look at *at*, or sooner."""
        self.due_at = min(self.due_at, at)
        self.wanted_at = at if self.wanted_at is None else min(self.wanted_at, at)


class Pace:
    """The rhythm of one source."""

    def __init__(self, settings: GitHubSettings, *, authenticated: bool) -> None:
        self._settings = settings
        self._guess = _GUESS if authenticated else 1.0
        self._stretch = self._applied = Stretch()

    def turn(self, look: Look, now: datetime) -> Turn:
        """Return a turn for a *look* that was never made."""
        return Turn(look, now, now, self._guess)

    def done(self, turn: Turn, now: datetime, bill: Bill, *, changed: bool) -> None:
        """Take note of a look that went well. What the first one costs says nothing."""
        turn.failures = turn.missing = 0
        turn.calm = 0 if changed or turn.look.active else turn.calm + 1
        if turn.interval:
            turn.learn(bill, now)
        turn.rest(self._wanted(turn))

    def failed(self, turn: Turn, *, missing: bool) -> None:
        """Take note of a look that went wrong, for want of what is looked at if it is *missing*."""
        turn.failures += 1
        turn.missing = turn.missing + 1 if missing else 0
        turn.rest(min(30.0 * 2 ** min(turn.failures - 1, 8), LONGEST_FAILURE))

    def nudge(self, turn: Turn, now: datetime) -> None:
        """Have *turn* soon, but no sooner after its last than if something moved there."""
        pause = timedelta(seconds=self._settings.poll_active * self._stretch.active)
        turn.hurry(max(now + timedelta(seconds=SOON), turn.looked_at + pause))
        turn.calm = 0

    def _wanted(self, turn: Turn) -> float:
        active, idle = self._settings.poll_active, self._settings.poll_idle
        slower = DEPLOYMENTS_SLOWER if turn.look.scope.startswith("deployments:") else 1.0
        if turn.look.active:
            return active * slower
        if not turn.look.repository:
            return ORGANISATION_EVERY
        return float(min(max(active, 10.0) * CALM_GROWTH ** min(turn.calm, 12), idle * slower))

    def plan(
        self, turns: Iterable[Turn], done: Iterable[Turn], limits: Limits, now: datetime
    ) -> None:
        """Set when each of *turns* is next, after those *done*."""
        everything = tuple(turn for turn in turns if turn.interval)
        self._stretch = self._stretched(everything, limits, now)
        for turn in done:
            turn.looked_at, turn.wanted_at = now, None
            self._set(turn, limits, now)
        if not self._stretch.is_like(self._applied):
            self._applied = self._stretch
            for turn in everything:
                self._set(turn, limits, now)

    def _stretched(self, turns: Iterable[Turn], limits: Limits, now: datetime) -> Stretch:
        prices: dict[bool, list[Price]] = {True: [], False: []}
        for turn in turns:
            prices[turn.look.active].append(turn.price)
        return stretch(prices[True], prices[False], limits, self._settings.budget_share, now)

    def _set(self, turn: Turn, limits: Limits, now: datetime) -> None:
        if turn.look.active:
            rest = turn.interval * self._stretch.active
        else:
            rest = turn.interval * self._stretch.idle * (0.8 + 0.2 * _spread(turn))
        due_at = turn.looked_at + timedelta(seconds=rest)
        if (renewed_at := limits.renewed_at(now)) is not None:
            # A new allowance is there for all, but they do not come for it all at once.
            beyond = timedelta(seconds=turn.interval * (1.0 + _spread(turn)))
            due_at = min(due_at, max(turn.looked_at, renewed_at) + beyond)
        turn.due_at = due_at if turn.wanted_at is None else min(due_at, turn.wanted_at)


def _spread(turn: Turn) -> float:
    """Return 0.0 to 1.0, so that turns which began together do not stay so."""
    return (zlib.crc32(f"{turn.look.scope}{turn.calm}".encode()) % 1000) / 1000
