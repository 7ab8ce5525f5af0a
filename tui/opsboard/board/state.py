"""The board: what is known of the world, merged from all that arrives.

A plain object of a single thread. It is told of changes in batches and answers with what
became different, so that a screen paints that and nothing else::

    delta = board.apply(feed.drain())
"""

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
from opsboard.board.alerts import AlertRules
from opsboard.board.arrival import Arrival, Happened, Member, Restored, Roster
from opsboard.board.delta import Delta, Tally
from opsboard.board.desk import Desk
from opsboard.board.failures import Failure, Failures
from opsboard.board.notices import Notices
from opsboard.board.standing import Scope, ScopeState, SourceState, Standing
from opsboard.records import Alert, AnyRecord, Kind, Record, Ref

__all__ = ["Board", "Delta", "ScopeState", "SourceState"]


class Board:
    """All records by kind and ref, and how the sources stand.

    *sources* maps names to titles where they are known from the start; others join as they
    arrive. *notices* remembers what was acknowledged; by default for as long as the board lives.
    """

    def __init__(
        self,
        sources: Mapping[str, str] | None = None,
        *,
        notices: Notices | None = None,
        rules: AlertRules | None = None,
    ) -> None:
        self._tables: dict[Kind, dict[Ref, Record]] = {kind: {} for kind in Kind}
        self._views = {kind: MappingProxyType(table) for kind, table in self._tables.items()}
        self._homes: dict[Ref, Scope] = {}
        self._standings = {n: Standing(n, title) for n, title in (sources or {}).items()}
        self._desk = Desk(self._tables, notices or Notices(), rules or AlertRules())
        self._failures = Failures()
        self._takers: Mapping[type, Callable[[Standing, Any, datetime, Tally], None]] = {
            Upsert: self._upsert,
            Remove: self._remove,
            Complete: self._complete,
            ScopeRemoved: self._gone,
            Fresh: self._fresh,
            Due: self._due,
            Report: self._report,
            Skipped: self._skipped,
            BudgetUpdate: self._spent,
            Restored: self._restored,
        }

    # --- reading ---------------------------------------------------------------------------------

    def records(self, kind: Kind) -> Mapping[Ref, Record]:
        """Return all records of *kind*: a live, read-only view."""
        return self._views[kind]

    def get(self, ref: Ref) -> Record | None:
        """Return the record that *ref* names, or ``None`` where there is none (any more)."""
        return self._tables[ref.kind].get(ref)

    def sources(self) -> Sequence[SourceState]:
        """Return how each source stands, in the order of the config."""
        return tuple(standing.state() for standing in self._standings.values())

    def source(self, name: str) -> SourceState | None:
        """Return how the source called *name* stands."""
        standing = self._standings.get(name)
        return standing.state() if standing else None

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

    def apply(self, arrivals: Iterable[Arrival]) -> Delta:
        """Take in *arrivals* in their order; return what is different after the last of them."""
        tally = Tally()
        at = None
        for arrival in arrivals:
            at = arrival.at
            self._take(arrival, tally)
        if at is not None:
            self._desk.review(tally, self._standings, at)
            self._failures.review(tally, self._tables, at)
        return tally.delta()

    def acknowledge(self, ref: Ref, at: datetime) -> Delta:
        """Note that somebody has taken notice of the alert *ref*."""
        return self._desk.acknowledge(ref, at)

    def snooze(self, ref: Ref, until: datetime) -> Delta:
        """Quieten the alert *ref* until *until*."""
        return self._desk.snooze(ref, until)

    def reopen(self, ref: Ref) -> Delta:
        """Take back what was said about the alert *ref*."""
        return self._desk.reopen(ref)

    def tick(self, now: datetime) -> Delta:
        """Wake the alerts whose snooze has ended by *now*, and find what is overdue then."""
        tally = Tally()
        self._desk.wake(now, tally)
        for name, standing in self._standings.items():
            if standing.look_at_clock(now):
                tally.sources.add(name)
        return tally.delta()

    def _take(self, arrival: Arrival, tally: Tally) -> None:
        change = arrival.change
        if isinstance(change, Roster):
            self._enrol(change, tally)
            return
        if isinstance(change, Happened):
            self._happened(change, tally)
            return
        standing = self._standing(arrival.source)
        self._takers[type(change)](standing, change, arrival.at, tally)
        for scope in standing.forgotten(arrival.at):
            self._drop_scope(standing, scope, tally)
        standing.touch()
        tally.sources.add(arrival.source)

    def _standing(self, name: str) -> Standing:
        if name not in self._standings:
            self._standings[name] = Standing(name, name)
        return self._standings[name]

    def _upsert(self, standing: Standing, change: Upsert, at: datetime, tally: Tally) -> None:
        scope = standing.scope(change.scope)
        scope.named = True
        for record in change.records:
            self._put(record, scope, at, tally)
        if scope.listed:
            scope.confirm(at)

    def _remove(self, standing: Standing, change: Remove, at: datetime, tally: Tally) -> None:
        scope = standing.scope(change.scope)
        self._discard(scope, scope.refs.intersection(change.refs), tally)
        if scope.listed:
            scope.confirm(at)

    def _complete(self, standing: Standing, change: Complete, at: datetime, tally: Tally) -> None:
        scope = standing.scope(change.scope)
        self._discard(scope, scope.refs - change.refs, tally)
        scope.listed = True
        self._confirm(standing, scope, at)

    def _gone(self, standing: Standing, change: ScopeRemoved, _at: datetime, tally: Tally) -> None:
        if (scope := standing.scopes.get(change.scope)) is not None:
            self._drop_scope(standing, scope, tally)

    def _fresh(self, standing: Standing, change: Fresh, at: datetime, _tally: Tally) -> None:
        scope = standing.scope(change.scope)
        scope.streaming = change.streaming
        self._confirm(standing, scope, at)

    def _due(self, standing: Standing, change: Due, at: datetime, _tally: Tally) -> None:
        standing.scope(change.scope).expect(change.seconds, at)

    def _report(self, standing: Standing, change: Report, at: datetime, _tally: Tally) -> None:
        standing.report(change.health, change.scope)
        if change.scope is None and change.health.condition is not Condition.LIVE:
            standing.live_since = None

    def _skipped(self, standing: Standing, change: Skipped, _at: datetime, _tally: Tally) -> None:
        standing.scope(change.scope).skipped = change if change.count else None

    def _spent(
        self, standing: Standing, change: BudgetUpdate, _at: datetime, _tally: Tally
    ) -> None:
        standing.budgets[change.budget.name] = change.budget

    def _restored(self, standing: Standing, change: Restored, at: datetime, tally: Tally) -> None:
        standing.title, standing.key = change.member.title, change.member.key
        scope = standing.scope(change.scope)
        if scope.listed:
            return
        scope.from_cache, scope.fresh_at = True, at
        for record in change.records:
            self._put(record, scope, at, tally)

    def _confirm(self, standing: Standing, scope: Scope, at: datetime) -> None:
        scope.from_cache = False
        scope.confirm(at)
        if standing.live_since is None:
            standing.live_since = at

    def _put(self, record: AnyRecord, scope: Scope, at: datetime, tally: Tally) -> None:
        ref = record.ref
        shown: Record = self._desk.marked(record, at) if isinstance(record, Alert) else record
        table = self._tables[ref.kind]
        if not _same(table.get(ref), shown):
            table[ref] = shown
            tally.change(ref)
        home = self._homes.get(ref)
        if home is not scope:
            if home is not None:
                home.drop(ref)
            scope.add(ref)
            self._homes[ref] = scope

    def _discard(self, scope: Scope, refs: set[Ref], tally: Tally) -> None:
        for ref in refs:
            scope.drop(ref)
            del self._homes[ref], self._tables[ref.kind][ref]
            tally.remove(ref)

    def _happened(self, change: Happened, tally: Tally) -> None:
        for activity in change.activities:
            self._tables[Kind.ACTIVITY][activity.ref] = activity
            tally.change(activity.ref)

    # --- the list of sources ---------------------------------------------------------------------

    def _enrol(self, roster: Roster, tally: Tally) -> None:
        for name in self._standings.keys() - roster.members.keys():
            self._failures.forget_source(name)
            self._drop(self._standings.pop(name), tally)
        before, self._standings = self._standings, {}
        for name, member in roster.members.items():
            standing = before.get(name) or Standing(name, member.title)
            self._standings[name] = standing
            self._welcome(standing, member, tally)

    def _welcome(self, standing: Standing, member: Member, tally: Tally) -> None:
        if standing.key not in {"", member.key}:
            self._failures.forget_source(standing.name)
            self._drop(standing, tally)
        standing.title, standing.key = member.title, member.key
        standing.touch()
        tally.sources.add(standing.name)

    def _drop(self, standing: Standing, tally: Tally) -> None:
        for scope in tuple(standing.scopes.values()):
            self._drop_scope(standing, scope, tally)
        tally.sources.add(standing.name)

    def _drop_scope(self, standing: Standing, scope: Scope, tally: Tally) -> None:
        self._discard(scope, set(scope.refs), tally)
        del standing.scopes[scope.name]


def _same(one: Record | None, other: Record) -> bool:
    """Tell whether two records of one ref are equal: faster than pydantic's own comparison."""
    return one is other or (one is not None and one.__dict__ == other.__dict__)
