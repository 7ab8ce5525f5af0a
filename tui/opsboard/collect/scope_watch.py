"""Whether somebody looks at a scope, since when not, and why."""

from datetime import datetime
from typing import Final

from opsboard.adapter import Condition, Health
from opsboard.board.source_tracking import DEFAULT_DEADLINE, grace_period
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.history.model import GapReason

_REASONS: Final = {
    Condition.FORBIDDEN: GapReason.RIGHT_LOST,
    Condition.UNAUTHENTICATED: GapReason.RIGHT_LOST,
}
_LOOKING: Final = frozenset({Condition.LIVE, Condition.PARTIAL, Condition.STARTING})


@frozen_unchecked
class Unwatched(Frozen):
    """Nobody has looked since *since* (``None``: ever), for *reason*."""

    since: datetime | None
    reason: GapReason
    note: str = ""


class ScopeWatch:
    """One scope of a source, as the recorder sees it.

    *looked* is the last time at which all that is recorded of it was known to be so.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.held = False
        """Whether this program is the one that records it."""
        self.listed = False
        """Whether it was listed to its end in this session: what a list lacks is gone."""
        self.looked: datetime | None = None
        self.confirmed_at: datetime | None = None
        """When that was known: a look takes as long as its answers do."""
        self.ever_listed = False
        """Whether the ledger has a whole list of it: what is not in that is new."""
        self.unwatched: Unwatched | None = None
        self.saved: tuple[datetime | None, bool, Unwatched | None] | None = None
        """What the ledger has of it: :attr:`looked`, :attr:`streaming`, :attr:`unwatched`."""
        self.lists_nothing = False
        """Whether it is but the name under which a server tells that it answers: all is well with
        it, and no look was ever taken or promised."""
        self.dropped = False
        """Whether the ledger has no row of it, since it lists nothing."""
        self._looks = False
        self._period: float | None = None
        self._streams = False

    @property
    def streaming(self) -> bool:
        """Whether its server reports each change by itself, and nothing was missed."""
        return self._streams and self.listed and self.unwatched is None

    def set_streaming(self, *, streams: bool) -> None:
        """Note whether its server reports each change by itself from now on."""
        self._streams = streams

    def note_look(self) -> None:
        """Note that something of it is looked at."""
        self._looks, self.lists_nothing, self.dropped = True, False, False

    def set_due(self, seconds: float) -> None:
        """Note how long it is between two looks."""
        self.note_look()
        self._period = seconds

    def lose(self, reason: GapReason, note: str = "", since: datetime | None = None) -> None:
        """Note that nobody looks any more: since the last look; a stream ended *since*, if given.

        The first reason stays until somebody looks again.
        """
        if self.unwatched is None:
            self.unwatched = Unwatched(
                since if self.streaming and since is not None else self.looked, reason, note
            )
        self._streams = False

    def report(self, health: Health) -> None:
        """Note how its source says that it is doing."""
        self.lists_nothing = health.condition is Condition.LIVE and not self._looks
        if self.lists_nothing:
            self.unwatched = None
        else:
            self.dropped = False
        if health.condition in _LOOKING:
            return
        reason = _REASONS.get(health.condition, GapReason.SOURCE_DOWN)
        note = f"{health.condition}: {health.message}" if health.message else str(health.condition)
        self.lose(reason, note)

    def check_overdue(self, at: datetime) -> None:
        """Find, at a look *at*, that the one before it was too long ago."""
        if self.confirmed_at is None or self.unwatched is not None:
            return
        if self._period is None and self.streaming:
            return
        allowed = self._period if self._period is not None else DEFAULT_DEADLINE
        passed = (at - self.confirmed_at).total_seconds()
        if passed > allowed + grace_period(allowed).total_seconds():
            self.unwatched = Unwatched(self.looked, GapReason.SOURCE_DOWN, "no answer in time")

    def looked_before(self, *, listing: bool) -> datetime | None:
        """Return when somebody looked last; ``None`` for a stream, which tells at once.

        A *listing* in a stream tells what it has missed.
        """
        if self.unwatched is not None:
            return self.unwatched.since
        return self.looked if listing or not self.streaming else None

    def confirm(self, at: datetime, confirmed_at: datetime) -> Unwatched | None:
        """Note that all of it was looked at *at*; return the stretch that this has ended.

        It is known at *confirmed_at*, once the last answer has come.
        """
        ended, self.unwatched = self.unwatched, None
        self.looked = at if self.looked is None else max(at, self.looked)
        self.confirmed_at = max(confirmed_at, self.confirmed_at or confirmed_at)
        return ended
