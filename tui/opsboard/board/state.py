"""The board: what is known of the world, merged from all that arrives.

A plain object of a single thread. It is told of changes in batches and answers with what
became different, so that a screen paints that and nothing else::

    delta = board.apply(feed.drain())
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from opsboard.adapter import (
    BudgetUpdate,
    Complete,
    Condition,
    Due,
    Fresh,
    Remove,
    Report,
    ScopeRemoved,
    Skipped,
    Upsert,
)
from opsboard.board.alert_acks import AlertAcks
from opsboard.board.alert_manager import AlertManager
from opsboard.board.alerts import AlertRules
from opsboard.board.delta import BoardDelta, DeltaBuilder
from opsboard.board.events import ActivityUpdate, BoardEvent, RestoredScope, SourceInfo, SourceList
from opsboard.board.failures import Failure, FailureHistory
from opsboard.board.source_state import ScopeState, SourceState, TrackedScope, TrackedSource
from opsboard.records import Alert, Kind, Record, Ref

__all__ = ["Board", "BoardDelta", "ScopeState", "SourceState"]


class Board:
    """All records by kind and ref, and how the sources stand.

    *sources* maps names to titles where they are known from the start; others join as they
    arrive. *acks* remembers what was acknowledged; by default for as long as the board lives.
    """

    def __init__(
        self,
        sources: Mapping[str, str] | None = None,
        *,
        acks: AlertAcks | None = None,
        rules: AlertRules | None = None,
    ) -> None:
        self._tables: defaultdict[Kind, dict[Ref, Record]] = defaultdict(dict)
        self._homes: dict[Ref, TrackedScope] = {}
        self._sources = {n: TrackedSource(n, title) for n, title in (sources or {}).items()}
        self._alert_manager = AlertManager(self._tables, acks or AlertAcks(), rules or AlertRules())
        self._failures = FailureHistory()
        self._handlers: Mapping[
            type, Callable[[TrackedSource, Any, datetime, DeltaBuilder], None]
        ] = {
            Upsert: self._upsert,
            Remove: self._remove,
            Complete: self._complete,
            ScopeRemoved: self._gone,
            Fresh: self._fresh,
            Due: self._due,
            Report: self._report,
            Skipped: self._skipped,
            BudgetUpdate: self._spent,
            RestoredScope: self._restored,
        }

    # --- reading ---------------------------------------------------------------------------------

    def records(self, kind: Kind) -> Mapping[Ref, Record]:
        """Return all records of *kind*: a live, read-only view."""
        return MappingProxyType(self._tables[kind])

    def get(self, ref: Ref) -> Record | None:
        """Return the record that *ref* names, or ``None`` where there is none (any more)."""
        return self._tables[ref.kind].get(ref)

    def sources(self) -> Sequence[SourceState]:
        """Return how each source stands, in the order of the config."""
        return tuple(source.state() for source in self._sources.values())

    def source(self, name: str) -> SourceState | None:
        """Return how the source called *name* stands."""
        source = self._sources.get(name)
        return source.state() if source else None

    def from_cache(self, ref: Ref) -> bool:
        """Tell whether *ref* is known from an earlier session only."""
        scope = self._homes.get(ref)
        return scope is not None and scope.from_cache

    def failures(self, record: Record) -> Sequence[Failure]:
        """Return what this session has seen fail of that which *record* is about.

        May be asked from any thread.
        """
        return self._failures.of(record)

    # --- taking in -------------------------------------------------------------------------------

    def apply(self, events: Iterable[BoardEvent]) -> BoardDelta:
        """Take in *events* in their order; return what is different after the last of them."""
        builder = DeltaBuilder()
        at = None
        for event in events:
            at = event.at
            self._handle(event, builder)
        if at is not None:
            self._alert_manager.update(builder, self._sources, at)
            self._failures.update(builder, self._tables, at)
        return builder.build()

    def acknowledge(self, ref: Ref, at: datetime) -> BoardDelta:
        """Note that somebody has taken notice of the alert *ref*."""
        return self._alert_manager.acknowledge(ref, at)

    def snooze(self, ref: Ref, until: datetime) -> BoardDelta:
        """Quieten the alert *ref* until *until*."""
        return self._alert_manager.snooze(ref, until)

    def reopen(self, ref: Ref) -> BoardDelta:
        """Take back what was said about the alert *ref*."""
        return self._alert_manager.reopen(ref)

    def tick(self, now: datetime) -> BoardDelta:
        """Wake the alerts whose snooze has ended by *now*, and find what is overdue then."""
        builder = DeltaBuilder()
        self._alert_manager.end_snoozes(now, builder)
        for name, source in self._sources.items():
            if source.check_overdue(now):
                builder.sources.add(name)
        return builder.build()

    def _handle(self, event: BoardEvent, builder: DeltaBuilder) -> None:
        change = event.change
        if isinstance(change, SourceList):
            self._set_sources(change, builder)
            return
        if isinstance(change, ActivityUpdate):
            self._update_activities(change, builder)
            return
        source = self._source(event.source)
        self._handlers[type(change)](source, change, event.at, builder)
        for scope in source.expired_scopes(event.at):
            self._drop_scope(source, scope, builder)
        source.invalidate()
        builder.sources.add(event.source)

    def _source(self, name: str) -> TrackedSource:
        if name not in self._sources:
            self._sources[name] = TrackedSource(name, name)
        return self._sources[name]

    def _upsert(
        self, source: TrackedSource, change: Upsert, at: datetime, builder: DeltaBuilder
    ) -> None:
        scope = source.scope(change.scope)
        scope.named = True
        for record in change.records:
            self._put(record, scope, at, builder)
        if scope.listed:
            scope.confirm(at)

    def _remove(
        self, source: TrackedSource, change: Remove, at: datetime, builder: DeltaBuilder
    ) -> None:
        scope = source.scope(change.scope)
        self._discard(scope, scope.refs.intersection(change.refs), builder)
        if scope.listed:
            scope.confirm(at)

    def _complete(
        self, source: TrackedSource, change: Complete, at: datetime, builder: DeltaBuilder
    ) -> None:
        scope = source.scope(change.scope)
        self._discard(scope, scope.refs - change.refs, builder)
        scope.listed = True
        self._confirm(source, scope, at)

    def _gone(
        self, source: TrackedSource, change: ScopeRemoved, _at: datetime, builder: DeltaBuilder
    ) -> None:
        if (scope := source.scopes.get(change.scope)) is not None:
            self._drop_scope(source, scope, builder)

    def _fresh(
        self, source: TrackedSource, change: Fresh, at: datetime, _builder: DeltaBuilder
    ) -> None:
        scope = source.scope(change.scope)
        scope.streaming = change.streaming
        self._confirm(source, scope, at)

    def _due(
        self, source: TrackedSource, change: Due, at: datetime, _builder: DeltaBuilder
    ) -> None:
        source.scope(change.scope).set_due(change.seconds, at)

    def _report(
        self, source: TrackedSource, change: Report, at: datetime, _builder: DeltaBuilder
    ) -> None:
        source.report(change.health, change.scope)
        if change.scope is None and change.health.condition is not Condition.LIVE:
            source.live_since = None

    def _skipped(
        self, source: TrackedSource, change: Skipped, _at: datetime, _builder: DeltaBuilder
    ) -> None:
        source.scope(change.scope).skipped = change if change.count else None

    def _spent(
        self, source: TrackedSource, change: BudgetUpdate, _at: datetime, _builder: DeltaBuilder
    ) -> None:
        source.budgets[change.budget.name] = change.budget

    def _restored(
        self, source: TrackedSource, change: RestoredScope, at: datetime, builder: DeltaBuilder
    ) -> None:
        source.title, source.key = change.source.title, change.source.key
        scope = source.scope(change.scope)
        if scope.listed:
            return
        scope.from_cache, scope.fresh_at = True, at
        for record in change.records:
            self._put(record, scope, at, builder)

    def _confirm(self, source: TrackedSource, scope: TrackedScope, at: datetime) -> None:
        scope.from_cache = False
        scope.confirm(at)
        if source.live_since is None:
            source.live_since = at

    def _put(
        self, record: Record, scope: TrackedScope, at: datetime, builder: DeltaBuilder
    ) -> None:
        ref = record.ref
        shown: Record = (
            self._alert_manager.with_ack(record, at) if isinstance(record, Alert) else record
        )
        table = self._tables[ref.kind]
        if not _same(table.get(ref), shown):
            table[ref] = shown
            builder.mark_changed(ref)
        home = self._homes.get(ref)
        if home is not scope:
            if home is not None:
                home.drop(ref)
            scope.add(ref)
            self._homes[ref] = scope

    def _discard(self, scope: TrackedScope, refs: set[Ref], builder: DeltaBuilder) -> None:
        for ref in refs:
            scope.drop(ref)
            del self._homes[ref], self._tables[ref.kind][ref]
            builder.mark_removed(ref)

    def _update_activities(self, change: ActivityUpdate, builder: DeltaBuilder) -> None:
        for activity in change.activities:
            self._tables[Kind.ACTIVITY][activity.ref] = activity
            builder.mark_changed(activity.ref)

    # --- the list of sources ---------------------------------------------------------------------

    def _set_sources(self, change: SourceList, builder: DeltaBuilder) -> None:
        for name in self._sources.keys() - change.sources.keys():
            self._failures.forget_source(name)
            self._drop(self._sources.pop(name), builder)
        before, self._sources = self._sources, {}
        for name, info in change.sources.items():
            source = before.get(name) or TrackedSource(name, info.title)
            self._sources[name] = source
            self._add_source(source, info, builder)

    def _add_source(self, source: TrackedSource, info: SourceInfo, builder: DeltaBuilder) -> None:
        if source.key not in {"", info.key}:
            self._failures.forget_source(source.name)
            self._drop(source, builder)
        source.title, source.key = info.title, info.key
        source.invalidate()
        builder.sources.add(source.name)

    def _drop(self, source: TrackedSource, builder: DeltaBuilder) -> None:
        for scope in tuple(source.scopes.values()):
            self._drop_scope(source, scope, builder)
        builder.sources.add(source.name)

    def _drop_scope(
        self, source: TrackedSource, scope: TrackedScope, builder: DeltaBuilder
    ) -> None:
        self._discard(scope, set(scope.refs), builder)
        del source.scopes[scope.name]


def _same(one: Record | None, other: Record) -> bool:
    """Tell whether two records of one ref are equal: faster than pydantic's own comparison."""
    return one is other or (one is not None and one.__dict__ == other.__dict__)
