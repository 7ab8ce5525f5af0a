"""How a source stands: its scopes, their health and age, and what both come to."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from opsboard.adapter import Budget, Condition, Health, Skipped
from opsboard.records import Ref, Status
from opsboard.tidy import Tidy, plain

STARTING: Final = Health(condition=Condition.STARTING)
LIVE: Final = Health(condition=Condition.LIVE)

FORGOTTEN_AFTER: Final = timedelta(minutes=30)
"""A scope out of the cache that its live source has not named for so long is gone."""


@plain
class ScopeState(Tidy):
    """How one scope of a source stands. *records* counts what is in it.

    *skipped* tells of the records that could not be read, where there are any.
    """

    health: Health
    fresh_at: datetime | None
    streaming: bool
    from_cache: bool
    records: int
    skipped: Skipped | None = None


@plain
class SourceState(Tidy):
    """How a source stands.

    *health* is the worst of the source's own and its scopes'. *fresh_at* is when the scope that
    was confirmed longest ago was confirmed. It is *streaming* only when all of its scopes are,
    and *from_cache* as long as any of them is. *own* is what the source says of itself alone.
    """

    name: str
    title: str
    health: Health
    scopes: Mapping[str, ScopeState]
    budgets: Mapping[str, Budget]
    fresh_at: datetime | None
    streaming: bool
    from_cache: bool
    own: Health = STARTING

    @property
    def answered(self) -> bool:
        """Whether it has said all it can for now: each scope named so far, or why none can."""
        if self.own.condition not in {Condition.STARTING, Condition.LIVE}:
            return True
        scopes = self.scopes.values()
        return bool(scopes) and all(
            scope.health.condition is not Condition.STARTING for scope in scopes
        )

    @property
    def failing(self) -> tuple[str, ...]:
        """The scopes that fail, in their order."""
        return tuple(
            name
            for name, scope in self.scopes.items()
            if scope.health.condition.status is Status.FAILED
        )


class Scope:
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

    def confirm(self, at: datetime) -> None:
        """Note that what is shown was true at *at*."""
        self.fresh_at = at if self.fresh_at is None else max(at, self.fresh_at)
        self.health = LIVE
        self.named = True

    @property
    def shown_health(self) -> Health:
        """How it is doing, as it is shown: what is well but for odd records is partial."""
        if self.skipped is None or self.health.condition is not Condition.LIVE:
            return self.health
        return Health(
            condition=Condition.PARTIAL,
            message=self.skipped.sentence,
            mend="look at what is named; all others are shown",
        )

    @property
    def empty(self) -> bool:
        """Whether it is well and never held anything: the name of a cluster, say, as a whole."""
        return self.health.condition is Condition.LIVE and self.fresh_at is None

    def state(self) -> ScopeState:
        """Return how the scope stands."""
        return ScopeState(
            self.shown_health,
            self.fresh_at,
            self.streaming,
            self.from_cache,
            len(self.refs),
            self.skipped,
        )


class Standing:
    """A source while it is kept up to date."""

    def __init__(self, name: str, title: str) -> None:
        self.name = name
        self.title = title
        self.key = ""
        self.health = STARTING
        self.scopes: dict[str, Scope] = {}
        self.budgets: dict[str, Budget] = {}
        self.live_since: datetime | None = None
        self._state: SourceState | None = None

    def touch(self) -> None:
        """Note that the state has to be told anew."""
        self._state = None

    def scope(self, name: str) -> Scope:
        """Return the scope called *name*, new if it was unknown."""
        try:
            return self.scopes[name]
        except KeyError:
            scope = self.scopes[name] = Scope(name)
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

    def forgotten(self, at: datetime) -> list[Scope]:
        """Return the scopes out of the cache that the source does not know any more."""
        if self.live_since is None or at - self.live_since < FORGOTTEN_AFTER:
            return []
        return [scope for scope in self.scopes.values() if scope.from_cache and not scope.named]

    def state(self) -> SourceState:
        """Return how the source stands; the same object until it is touched."""
        if self._state is None:
            self._state = self._tell()
        return self._state

    def _tell(self) -> SourceState:
        scopes = tuple(self.scopes.values())
        return SourceState(
            name=self.name,
            title=self.title,
            health=worst(self.health, (scope.shown_health for scope in scopes)),
            scopes={scope.name: scope.state() for scope in scopes},
            budgets=dict(self.budgets),
            fresh_at=min((scope.fresh_at for scope in scopes if scope.fresh_at), default=None),
            streaming=bool(scopes) and all(scope.streaming or scope.empty for scope in scopes),
            from_cache=any(scope.from_cache for scope in scopes),
            own=self.health,
        )


def worst(own: Health, others: Iterable[Health]) -> Health:
    """Return the health of greatest concern: the source's own where it is as bad as any other.

    A scope that has yet to start says nothing against a source that is past starting.
    """
    known = (health for health in others if health.condition is not Condition.STARTING)
    return max((own, *known), key=_concern)


def _concern(health: Health) -> int:
    return health.condition.status.severity
