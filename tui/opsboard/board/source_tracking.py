"""A source and its scopes while they are kept up to date: content, health, age, what is overdue.

A source that hangs, or whose event loop is starved, cannot say so itself: nothing comes any more,
and what is shown would go on reading ``live``. So the board has a deadline for each scope, from
when it was last confirmed and when its source said to look again (:class:`opsboard.adapter.Due`).
"""

from collections.abc import Callable, Mapping, Set
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from opsboard.adapter import (
    Budget,
    BudgetUpdate,
    Change,
    Complete,
    Condition,
    Due,
    Fresh,
    Health,
    Past,
    Remove,
    Report,
    ScopeRemoved,
    Skipped,
    Upsert,
)
from opsboard.board.change_algebra import ContentDelta, ScopeContent, SourceContent, apply
from opsboard.board.source_state import (
    STARTING,
    ScopeState,
    SourceState,
    overall_health,
    worst_health,
)
from opsboard.records import Kind, Ref

EXPIRE_AFTER: Final = timedelta(minutes=30)
"""A scope out of the cache that its live source has not named for so long is gone."""

MIN_GRACE: Final = 60.0
MAX_GRACE: Final = 300.0
"""Seconds that a look may be late: twice the time between two looks, within these bounds."""

DEFAULT_DEADLINE: Final = 300.0
"""Seconds for a source that never said when it looks again."""

_LIVE: Final = Health(condition=Condition.LIVE)
_ANSWERING: Final = frozenset({Condition.LIVE, Condition.PARTIAL})


def grace_period(period: float) -> timedelta:
    """Return by how much a look may be late that comes every *period* seconds."""
    return timedelta(seconds=min(max(2.0 * period, MIN_GRACE), MAX_GRACE))


class TrackedScope:
    """A scope while it is kept up to date. *content* is shared with that of the source."""

    def __init__(self, content: ScopeContent) -> None:
        self.name = content.name
        self.health = STARTING
        self.fresh_at: datetime | None = None
        self.streaming = False
        self.named = False
        """Whether the source has said anything of it in this session."""
        self.from_cache = False
        self.skipped: Skipped | None = None
        self._content = content
        self._period: float | None = None
        self._due_at: datetime | None = None
        self._overdue = False
        self._state: ScopeState | None = None
        self._state_of: tuple[object, ...] = ()

    @property
    def listed(self) -> bool:
        """Whether it was listed to its end in this session."""
        return self._content.listed

    def confirm(self, at: datetime) -> None:
        """Note that what is shown was true at *at*."""
        self.fresh_at = at if self.fresh_at is None else max(at, self.fresh_at)
        self.health = _LIVE
        self.named = True
        self._overdue = False
        if self._period is not None:
            self._due_at = at + timedelta(seconds=self._period)

    def set_due(self, seconds: float, at: datetime) -> None:
        """Note, at *at*, that the source looks again in so many *seconds*."""
        self._period, self._due_at = seconds, at + timedelta(seconds=seconds)

    def check_overdue(self, now: datetime) -> bool:
        """Find out whether it is overdue *now*; return whether that is news."""
        if self._overdue or self.from_cache or self.health.condition not in _ANSWERING:
            return False
        deadline = self._deadline()
        self._overdue = deadline is not None and now > deadline
        return self._overdue

    def _deadline(self) -> datetime | None:
        """Return when it is overdue.

        ``None`` where nothing was ever confirmed, which is not called live anyway, and where a
        server streams that promised no sign of life.
        """
        if self.fresh_at is None:
            return None
        if self._due_at is not None and self._period is not None:
            return max(self._due_at, self.fresh_at) + grace_period(self._period)
        return None if self.streaming else self.fresh_at + timedelta(seconds=DEFAULT_DEADLINE)

    @property
    def shown_health(self) -> Health:
        """How it is doing, as it is shown.

        A healthy scope is stale once it is overdue, and partial where records could not be read.
        """
        if self.health.condition not in _ANSWERING:
            return self.health
        if self._overdue and self.fresh_at is not None:
            return Health(
                condition=Condition.STALE,
                message=_overdue_message(self.fresh_at, self._period),
                hint="refresh; if it stays so, see `opsboard doctor` and the program's log",
            )
        if self.skipped is not None and self.health.condition is Condition.LIVE:
            return Health(
                condition=Condition.PARTIAL,
                message=self.skipped.sentence,
                hint="check the records that are named; all others are shown",
            )
        return self.health

    def state(self) -> ScopeState:
        """Return how the scope stands now; the same object until something changes."""
        count, kinds = len(self._content.refs), frozenset(self._content.kinds)
        state_of = (
            self.health, self.fresh_at, self.streaming, self.from_cache, self.skipped,
            self._overdue, self._period, count, kinds,
        )  # fmt: skip
        if self._state is None or state_of != self._state_of:
            streaming = self.streaming and not self._overdue
            self._state_of = state_of
            self._state = ScopeState(
                self.shown_health, self.fresh_at, streaming, self.from_cache, count,
                self.skipped, kinds,
            )  # fmt: skip
        return self._state


def _overdue_message(fresh_at: datetime, period: float | None) -> str:
    usual = f", and polled every {period:.0f} s" if period else ""
    return f"overdue: last confirmed at {fresh_at:%H:%M:%S} UTC{usual}"


class TrackedSource:
    """A source while it is kept up to date.

    *key* is the login key under which it is cached, ``""`` where it is not; *live_since* is when
    it was first confirmed since it last failed.
    """

    def __init__(self, name: str, title: str) -> None:
        self.name = name
        self.title = title
        self.key = ""
        self.kinds: Set[Kind] = frozenset()
        self.health = STARTING
        self.scopes: dict[str, TrackedScope] = {}
        self.budgets: dict[str, Budget] = {}
        self.live_since: datetime | None = None
        self.content = SourceContent()
        self._state: SourceState | None = None

    def apply(self, change: Change, at: datetime) -> ContentDelta:
        """Take in *change*, which came at *at*; return which records it put and removed."""
        effect = apply(change, self.content)
        self._STATUS_STEPS[type(change)](self, change, at)
        self.invalidate()
        return effect

    def restore(self, change: Upsert, at: datetime) -> ContentDelta:
        """Take in records out of the cache, true at *at*, unless their scope is listed already."""
        scope = self._scope(change.scope)
        if scope.listed:
            return ContentDelta()
        scope.from_cache, scope.fresh_at = True, at
        self.invalidate()
        return apply(change, self.content)

    def from_cache(self, ref: Ref) -> bool:
        """Tell whether *ref* is known from an earlier session only."""
        scope = self.content.scope_of.get(ref)
        return scope is not None and self.scopes[scope.name].from_cache

    def scope_of(self, ref: Ref) -> str | None:
        """Return the name of the scope that *ref* is in."""
        scope = self.content.scope_of.get(ref)
        return scope.name if scope is not None else None

    def refs_in(self, scope: str) -> Set[Ref]:
        """Return what is in *scope*."""
        content = self.content.scopes.get(scope)
        return content.refs if content is not None else frozenset()

    def expired_scopes(self, at: datetime) -> list[str]:
        """Return the scopes out of the cache that the source does not know any more."""
        if self.live_since is None or at - self.live_since < EXPIRE_AFTER:
            return []
        return [name for name, scope in self.scopes.items() if scope.from_cache and not scope.named]

    def invalidate(self) -> None:
        """Note that :meth:`state` has to be built again."""
        self._state = None

    def state(self) -> SourceState:
        """Return how the source stands; the same object until something changes."""
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
        scopes = {name: scope.state() for name, scope in self.scopes.items()}
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
            kinds=self.kinds,
        )

    # --- what each change says of health and age -------------------------------------------------

    def _scope(self, name: str) -> TrackedScope:
        scope = self.scopes.get(name)
        if scope is None:
            scope = self.scopes[name] = TrackedScope(self.content.scope(name))
        return scope

    def _changed(self, change: Upsert | Remove, at: datetime) -> None:
        scope = self._scope(change.scope)
        scope.named = scope.named or isinstance(change, Upsert)
        if scope.listed:
            scope.confirm(at)

    def _confirmed(self, change: Complete | Fresh, at: datetime) -> None:
        scope = self._scope(change.scope)
        if isinstance(change, Fresh):
            scope.streaming = change.streaming
        scope.from_cache = False
        scope.confirm(at)
        if self.live_since is None:
            self.live_since = at

    def _scope_removed(self, change: ScopeRemoved, _at: datetime) -> None:
        self.scopes.pop(change.scope, None)

    def _due(self, change: Due, at: datetime) -> None:
        self._scope(change.scope).set_due(change.seconds, at)

    def _report(self, change: Report, _at: datetime) -> None:
        live = change.health.condition is Condition.LIVE
        if change.scope is None:
            self.health = change.health
            affected = list(self.scopes.values())
            self.live_since = self.live_since if live else None
        else:
            scope = self._scope(change.scope)
            scope.health, scope.named = change.health, True
            affected = [scope]
        for scope in affected if not live else ():
            scope.streaming = False

    def _skipped(self, change: Skipped, _at: datetime) -> None:
        self._scope(change.scope).skipped = change if change.count else None

    def _past(self, change: Past, _at: datetime) -> None:
        """What a source remembers says nothing of how it is doing."""

    def _budget(self, change: BudgetUpdate, _at: datetime) -> None:
        self.budgets[change.budget.name] = change.budget

    _STATUS_STEPS: ClassVar[Mapping[type, Callable[[Any, Any, datetime], None]]] = {
        Upsert: _changed,
        Remove: _changed,
        Complete: _confirmed,
        Fresh: _confirmed,
        ScopeRemoved: _scope_removed,
        Due: _due,
        Report: _report,
        Skipped: _skipped,
        BudgetUpdate: _budget,
        Past: _past,
    }
