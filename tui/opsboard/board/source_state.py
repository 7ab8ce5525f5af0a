"""How a source stands: its scopes, their health and age, and what both come to."""

from collections.abc import Iterable, Mapping, Set
from datetime import datetime, timedelta
from typing import Final

from opsboard.adapter import Budget, Condition, Health, Skipped
from opsboard.board.lateness import deadline, overdue_message
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.records import Kind, Ref, Status

STARTING: Final = Health(condition=Condition.STARTING)
LIVE: Final = Health(condition=Condition.LIVE)

_ANSWERING: Final = frozenset({Condition.LIVE, Condition.PARTIAL})

EXPIRE_AFTER: Final = timedelta(minutes=30)
"""A scope out of the cache that its live source has not named for so long is gone."""


@frozen_unchecked
class ScopeState(Frozen):
    """How one scope of a source stands. *records* counts what is in it, which is of *kinds*.

    *skipped* tells of the records that could not be read, where there are any.
    """

    health: Health
    fresh_at: datetime | None
    streaming: bool
    from_cache: bool
    records: int
    skipped: Skipped | None = None
    kinds: Set[Kind] = frozenset()

    @property
    def has_reported(self) -> bool:
        """Whether the source has told of it in this session, however long ago."""
        return self.fresh_at is not None and not self.from_cache

    @property
    def is_empty(self) -> bool:
        """Whether it is well and never held anything: the name of a cluster, say, as a whole."""
        return self.health.condition is Condition.LIVE and self.fresh_at is None


@frozen_unchecked
class SourceState(Frozen):
    """How a source stands.

    *own* is what the source says of itself alone, *worst* the worst of that and its scopes', and
    *health* what is told of it as a whole: with some of its parts failing it is partial, as the
    others stand. *fresh_at* is when the scope that was confirmed longest ago was confirmed. It is
    *streaming* only when all of its scopes are, and *from_cache* as long as any of them is.
    """

    name: str
    title: str
    health: Health
    scopes: Mapping[str, ScopeState]
    budgets: Mapping[str, Budget]
    fresh_at: datetime | None
    streaming: bool
    from_cache: bool
    own_health: Health = STARTING
    worst_health: Health = STARTING

    @property
    def status(self) -> Status:
        """The status that stands for it: unknown where it has told nothing, and will not soon."""
        status = self.health.condition.status
        if status is Status.FAILED or self.has_reported:
            return status
        return Status.UNKNOWN if self.has_answered else Status.RUNNING

    @property
    def has_reported(self) -> bool:
        """Whether it has told of any scope in this session."""
        return any(scope.has_reported for scope in self.scopes.values())

    @property
    def pending_scopes(self) -> tuple[str, ...]:
        """The scopes of which it has told nothing in this session, in their order."""
        return tuple(
            name
            for name, scope in self.scopes.items()
            if not (scope.has_reported or scope.is_empty)
        )

    @property
    def is_complete(self) -> bool:
        """Whether it has told of all there is, and nothing fails: only then is no news good."""
        well = self.health.condition.status is not Status.FAILED
        return well and self.has_reported and not self.pending_scopes and not self.failing_scopes

    @property
    def has_answered(self) -> bool:
        """Whether it has said all it can for now: each scope named so far, or why none can."""
        if self.own_health.condition not in {Condition.STARTING, Condition.LIVE}:
            return True
        scopes = self.scopes.values()
        return bool(scopes) and all(
            scope.health.condition is not Condition.STARTING for scope in scopes
        )

    @property
    def failing_scopes(self) -> tuple[str, ...]:
        """The scopes that fail, in their order."""
        return tuple(
            name
            for name, scope in self.scopes.items()
            if scope.health.condition.status is Status.FAILED
        )


class TrackedScope:
    """A scope while it is kept up to date."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.refs: set[Ref] = set()
        self.health = STARTING
        self.fresh_at: datetime | None = None
        self.streaming = False
        self.named = False
        self.listed = False
        self.from_cache = False
        self.skipped: Skipped | None = None
        self._kinds: dict[Kind, int] = {}
        self._period: float | None = None
        self._due_at: datetime | None = None
        self._overdue = False

    def add(self, ref: Ref) -> None:
        """Note that *ref*, which is new here, is at home in it."""
        self.refs.add(ref)
        self._kinds[ref.kind] = self._kinds.get(ref.kind, 0) + 1

    def drop(self, ref: Ref) -> None:
        """Note that *ref*, which is at home in it, is no longer."""
        self.refs.remove(ref)
        self._kinds[ref.kind] -= 1
        if not self._kinds[ref.kind]:
            del self._kinds[ref.kind]

    def confirm(self, at: datetime) -> None:
        """Note that what is shown was true at *at*."""
        self.fresh_at = at if self.fresh_at is None else max(at, self.fresh_at)
        self.health = LIVE
        self.named = True
        self._overdue = False
        if self._period is not None:
            self._due_at = at + timedelta(seconds=self._period)

    def set_due(self, seconds: float, at: datetime) -> None:
        """Note, at *at*, that the next word on it comes in so many *seconds*."""
        self._period, self._due_at = seconds, at + timedelta(seconds=seconds)

    def check_overdue(self, now: datetime) -> bool:
        """Find out whether it is overdue *now*; return whether that is news."""
        if self._overdue or self.from_cache or self.health.condition not in _ANSWERING:
            return False
        due = deadline(self.fresh_at, self._due_at, self._period, streaming=self.streaming)
        self._overdue = due is not None and now > due
        return self._overdue

    @property
    def shown_health(self) -> Health:
        """How it is doing, as it is shown.

        What claims to be well, and is overdue, is stale; what is well but for odd records, partial.
        """
        if self.health.condition not in _ANSWERING:
            return self.health
        if self._overdue and self.fresh_at is not None:
            return Health(
                condition=Condition.STALE,
                message=overdue_message(self.fresh_at, self._period),
                hint="refresh; if it stays so, see `opsboard doctor` and the program's log",
            )
        if self.skipped is not None and self.health.condition is Condition.LIVE:
            return Health(
                condition=Condition.PARTIAL,
                message=self.skipped.sentence,
                hint="look at what is named; all others are shown",
            )
        return self.health

    def state(self) -> ScopeState:
        """Return how the scope stands."""
        return ScopeState(
            self.shown_health,
            self.fresh_at,
            self.streaming and not self._overdue,
            self.from_cache,
            len(self.refs),
            self.skipped,
            frozenset(self._kinds),
        )


class TrackedSource:
    """A source while it is kept up to date."""

    def __init__(self, name: str, title: str) -> None:
        self.name = name
        self.title = title
        self.key = ""
        self.health = STARTING
        self.scopes: dict[str, TrackedScope] = {}
        self.budgets: dict[str, Budget] = {}
        self.live_since: datetime | None = None
        self._state: SourceState | None = None

    def invalidate(self) -> None:
        """Note that the state has to be told anew."""
        self._state = None

    def scope(self, name: str) -> TrackedScope:
        """Return the scope called *name*, new if it was unknown."""
        try:
            return self.scopes[name]
        except KeyError:
            scope = self.scopes[name] = TrackedScope(name)
            return scope

    def report(self, health: Health, scope: str | None) -> None:
        """Take in what the source says of itself, or of one scope."""
        affected = self.scopes.values() if scope is None else (self.scope(scope),)
        if health.condition is not Condition.LIVE:
            for one in affected:
                one.streaming = False
        if scope is None:
            self.health = health
        else:
            named = self.scope(scope)
            named.health, named.named = health, True

    def expired_scopes(self, at: datetime) -> list[TrackedScope]:
        """Return the scopes out of the cache that the source does not know any more."""
        if self.live_since is None or at - self.live_since < EXPIRE_AFTER:
            return []
        return [scope for scope in self.scopes.values() if scope.from_cache and not scope.named]

    def state(self) -> SourceState:
        """Return how the source stands; the same object until it is touched."""
        if self._state is None:
            self._state = self._build_state()
        return self._state

    def check_overdue(self, now: datetime) -> bool:
        """Find out which scopes are overdue *now*; return whether that is news."""
        late = [scope for scope in self.scopes.values() if scope.check_overdue(now)]
        if late:
            self.invalidate()
        return bool(late)

    def _build_state(self) -> SourceState:
        scopes = {scope.name: scope.state() for scope in self.scopes.values()}
        confirmed = (scope.fresh_at for scope in scopes.values() if scope.fresh_at)
        return SourceState(
            name=self.name,
            title=self.title,
            health=overall_health(self.health, scopes),
            scopes=scopes,
            budgets=dict(self.budgets),
            fresh_at=min(confirmed, default=None),
            streaming=bool(scopes) and all(it.streaming or it.is_empty for it in scopes.values()),
            from_cache=any(scope.from_cache for scope in scopes.values()),
            own_health=self.health,
            worst_health=worst_health(self.health, (scope.health for scope in scopes.values())),
        )


def overall_health(own: Health, scopes: Mapping[str, ScopeState]) -> Health:
    """Return what is told of a source as a whole.

    Some of its parts failing is no failure of those that stand: it says how many, which is the
    first, and why.
    """
    bad = {name: s for name, s in scopes.items() if s.health.condition.status is Status.FAILED}
    stands = any(scope.has_reported for name, scope in scopes.items() if name not in bad)
    if own.condition.status is Status.FAILED or not bad or not stands:
        return worst_health(own, (scope.health for scope in scopes.values()))
    name, first = next(iter(bad.items()))
    parts = sum(not scope.is_empty for scope in scopes.values())
    count = f"{len(bad)} of {parts} parts {first.health.condition}"
    others = f" and {len(bad) - 1} more" if len(bad) > 1 else ""
    return Health(
        condition=Condition.PARTIAL,
        message=f"{count} ({name}{others}): {first.health.message}",
        hint=first.health.hint,
        until=first.health.until,
    )


def worst_health(own: Health, others: Iterable[Health]) -> Health:
    """Return the health of greatest concern: the source's own where it is as bad as any other.

    A scope that has yet to start says nothing against a source that is past starting. One that is
    well, and has something to tell even so, comes before those that have not.
    """
    known = (health for health in others if health.condition is not Condition.STARTING)
    return max((own, *known), key=_severity)


def _severity(health: Health) -> tuple[int, bool]:
    return health.condition.status.severity, bool(health.message)
