"""How a source and its scopes are doing, as screens and reports see it: frozen, for one moment."""

from collections.abc import Iterable, Mapping, Set
from datetime import datetime
from typing import Final

from opsboard.adapter import Budget, Condition, Health, Skipped
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.records import Kind, Status

STARTING: Final = Health(condition=Condition.STARTING)


@frozen_unchecked
class ScopeState(Frozen):
    """How one scope of a source is doing. *records* counts what is in it, which is of *kinds*.

    *fresh_at* is when it was last confirmed, ``None`` where it never was. *skipped* counts the
    records that could not be read, ``None`` where all could.
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
        """Whether the source has confirmed it in this session, however long ago."""
        return self.fresh_at is not None and not self.from_cache

    @property
    def is_empty(self) -> bool:
        """Whether it is well and never held anything: the name of a cluster, say, as a whole."""
        return self.health.condition is Condition.LIVE and self.fresh_at is None


@frozen_unchecked
class SourceState(Frozen):
    """How a source is doing.

    *own_health* is what the source says of itself, without its scopes; *worst_health* the worst of
    that and of its scopes; *health* what is shown of it as a whole: partial where some scopes fail
    and others do not. *fresh_at* is the age of the scope that was confirmed longest ago. It is
    *streaming* only when all of its scopes are, and *from_cache* as long as any of them is. *kinds*
    are those that it may have records of; none where that is not known.
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
    kinds: Set[Kind] = frozenset()

    @property
    def status(self) -> Status:
        """Its status: unknown where nothing was confirmed in this session, and nothing is due."""
        status = self.health.condition.status
        if status is Status.FAILED or self.has_reported:
            return status
        return Status.UNKNOWN if self.has_answered else Status.RUNNING

    @property
    def has_reported(self) -> bool:
        """Whether any of its scopes was confirmed in this session."""
        return any(scope.has_reported for scope in self.scopes.values())

    @property
    def pending_scopes(self) -> tuple[str, ...]:
        """The scopes that are yet to be confirmed in this session, in their order."""
        return tuple(
            name
            for name, scope in self.scopes.items()
            if not (scope.has_reported or scope.is_empty)
        )

    @property
    def is_complete(self) -> bool:
        """Whether all scopes are confirmed and none fails: only then is no alert a good sign."""
        well = self.health.condition.status is not Status.FAILED
        return well and self.has_reported and not self.pending_scopes and not self.failing_scopes

    @property
    def has_answered(self) -> bool:
        """Whether nothing more is due now: each scope has answered, or the source fails."""
        if self.own_health.condition not in {Condition.STARTING, Condition.LIVE}:
            return True
        scopes = self.scopes.values()
        return bool(scopes) and all(
            scope.health.condition is not Condition.STARTING for scope in scopes
        )

    @property
    def is_unheard(self) -> bool:
        """Whether something of it was never told yet, in this session or an earlier one.

        Until then, what others tell may turn out to be a part of what it is going to tell.
        """
        if self.has_answered:
            return False
        told = [scope.has_reported or scope.from_cache for scope in self.scopes.values()]
        return not told or not all(told)

    @property
    def failing_scopes(self) -> tuple[str, ...]:
        """The scopes that fail, in their order."""
        return tuple(
            name
            for name, scope in self.scopes.items()
            if scope.health.condition.status is Status.FAILED
        )


def overall_health(own: Health, scopes: Mapping[str, ScopeState]) -> Health:
    """Return the health that is shown of a source as a whole.

    Where some scopes fail and others do not, it is partial: the message says how many fail, which
    is the first of them, and why.
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
    """Return the most severe health: *own* where it is as bad as any other.

    A scope that has yet to start says nothing against a source that is past starting. Of equal
    ones, the one with a message comes first.
    """
    known = (health for health in others if health.condition is not Condition.STARTING)
    return max((own, *known), key=_severity)


def _severity(health: Health) -> tuple[int, bool]:
    return health.condition.status.severity, bool(health.message)
