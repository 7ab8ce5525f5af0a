"""Where events wait for the screen: merged, so that a stalled screen costs no memory.

A board that takes in what :meth:`Inbox.drain` returns ends up in the state it would have had
from each event in turn. Of a record only the newest form waits, of a listing only the last.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import TypeAlias

from opsboard.adapter import (
    Budget,
    BudgetUpdate,
    Complete,
    Due,
    Fresh,
    Remove,
    Report,
    ScopeRemoved,
    Skipped,
    Upsert,
)
from opsboard.board.events import ActivityUpdate, BoardEvent, SourceList
from opsboard.records import Activity, Record, Ref

_Word: TypeAlias = Complete | ScopeRemoved | Fresh | Due | Report | Skipped


class _ScopePending:
    """What waits for one scope. Upserts play first, then removals, then the rest in order."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.upserts: dict[Ref, Record] = {}
        self.removes: set[Ref] = set()
        self.listed: set[Ref] | None = None
        self.words: dict[type, tuple[_Word, datetime]] = {}


class _SourcePending:
    """What waits for one source.

    *_delivered* holds at least the refs that the board knows from here, with the scope that each
    is at home in. What comes and goes while nobody looks is not among them: it leaves no trace.
    """

    def __init__(self) -> None:
        self._scopes: dict[str, _ScopePending] = {}
        self._homes: dict[Ref, _ScopePending] = {}
        self._delivered: dict[Ref, str] = {}
        self._report: tuple[Report, datetime] | None = None
        self._budgets: dict[str, tuple[Budget, datetime]] = {}

    def put(self, change: object, at: datetime) -> None:
        if isinstance(change, Upsert):
            self._upsert(change, self._scope(change.scope, at))
        elif isinstance(change, Remove):
            self._remove(change, self._scope(change.scope, at))
        elif isinstance(change, Complete | ScopeRemoved):
            self._list(change, self._scope(change.scope, at), at)
        elif isinstance(change, BudgetUpdate):
            self._budgets[change.budget.name] = (change.budget, at)
        elif isinstance(change, Report) and change.scope is None:
            self._report = (change, at)
            for scope in self._scopes.values():
                _hush(scope, change)
        elif isinstance(change, Fresh | Due | Report | Skipped):
            _say(self._scope(change.scope or "", at), change, at)

    def _scope(self, name: str, at: datetime) -> _ScopePending:
        scope = self._scopes.get(name)
        if scope is None:
            scope = self._scopes[name] = _ScopePending(at)
        scope.at = at
        scope.words.pop(ScopeRemoved, None)  # it is there again
        return scope

    def _upsert(self, change: Upsert, scope: _ScopePending) -> None:
        for record in change.records:
            ref = record.ref
            home = self._homes.get(ref)
            if home is not None and home is not scope:
                del home.upserts[ref]
            self._homes[ref] = scope
            scope.upserts[ref] = record
            scope.removes.discard(ref)
            if scope.listed is not None:
                scope.listed.add(ref)

    def _remove(self, change: Remove, scope: _ScopePending) -> None:
        for ref in change.refs:
            if scope.listed is not None:
                scope.listed.discard(ref)
            if ref in self._delivered:
                scope.removes.add(ref)
            elif ref in scope.upserts:
                self._drop(ref, scope)

    def _list(self, change: Complete | ScopeRemoved, scope: _ScopePending, at: datetime) -> None:
        if isinstance(change, Complete):
            self._complete(change, scope, at)
            return
        scope.words.clear()
        self._complete(Complete(change.scope, frozenset()), scope, at)
        _say(scope, change, at)

    def _complete(self, change: Complete, scope: _ScopePending, at: datetime) -> None:
        listed = set(change.refs) - scope.removes
        scope.listed = listed if scope.listed is None else listed & scope.listed
        for ref in scope.upserts.keys() - scope.listed - self._delivered.keys():
            self._drop(ref, scope)
        _say(scope, change, at)

    def _drop(self, ref: Ref, scope: _ScopePending) -> None:
        del scope.upserts[ref], self._homes[ref]

    def drain(self) -> Iterator[tuple[object, datetime]]:
        """Yield what waits, and forget it."""
        scopes, report, budgets = self._scopes, self._report, self._budgets
        self._scopes, self._homes, self._report, self._budgets = {}, {}, None, {}
        if report is not None:
            yield report
        for name, scope in scopes.items():
            if scope.upserts:
                self._delivered.update(dict.fromkeys(scope.upserts, name))
                yield Upsert(name, tuple(scope.upserts.values())), scope.at
        for name, scope in scopes.items():
            yield from self._last_words(name, scope)
        for budget, at in budgets.values():
            yield BudgetUpdate(budget), at

    def _last_words(self, name: str, scope: _ScopePending) -> Iterator[tuple[object, datetime]]:
        if scope.removes:
            for ref in scope.removes:  # a board lets go only of what is at home in the scope
                if self._delivered.get(ref) == name:
                    del self._delivered[ref]
            yield Remove(name, tuple(scope.removes)), scope.at
        for change, at in scope.words.values():
            if isinstance(change, Complete):
                yield Complete(name, frozenset(scope.listed or ())), at
            else:
                yield change, at


def _say(scope: _ScopePending, change: _Word, at: datetime) -> None:
    scope.words.pop(type(change), None)
    scope.words[type(change)] = (change, at)


def _hush(scope: _ScopePending, report: Report) -> None:
    """A source in trouble streams no more, even if a scope of it said so just before."""
    fresh = scope.words.get(Fresh)
    if fresh is None or report.health.condition == "live":
        return
    change, at = fresh
    scope.words[Fresh] = (Fresh(change.scope or "", streaming=False), at)


class Inbox:
    """Filled by one thread, emptied by another. *wake* is called when it is no longer empty."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sources: dict[str, _SourcePending] = {}
        self._waiting: dict[str, None] = {}
        self._source_list: BoardEvent | None = None
        self._activities: dict[Ref, Activity] = {}
        self._activities_at = datetime.min.replace(tzinfo=UTC)
        self._wake: Callable[[], None] | None = None

    @property
    def _idle(self) -> bool:
        return not (self._waiting or self._activities or self._source_list)

    def on_wake(self, wake: Callable[[], None]) -> None:
        """Let *wake* be called, at once if something waits already."""
        with self._lock:
            self._wake = wake
            waiting = not self._idle
        if waiting:
            _call(wake)

    def put(self, event: BoardEvent) -> None:
        with self._lock:
            idle = self._idle
            if isinstance(event.change, SourceList):
                self._source_list = event
            elif isinstance(event.change, ActivityUpdate):
                self._activities.update((one.ref, one) for one in event.change.activities)
                self._activities_at = event.at
            else:
                source = self._sources.setdefault(event.source, _SourcePending())
                source.put(event.change, event.at)
                self._waiting[event.source] = None
            wake = self._wake if idle else None
        if wake is not None:
            _call(wake)

    def drain(self) -> list[BoardEvent]:
        """Return what waits, in an order that has the same effect as that of its coming."""
        with self._lock:
            events = [self._source_list] if self._source_list else []
            self._source_list = None
            if self._activities:
                happened = ActivityUpdate(tuple(self._activities.values()))
                events.append(BoardEvent("", happened, self._activities_at))
                self._activities = {}
            for name in self._waiting:
                events += (
                    BoardEvent(name, change, at)  # type: ignore[arg-type]
                    for change, at in self._sources[name].drain()
                )
            self._waiting = {}
        return events


def _call(wake: Callable[[], None]) -> None:
    with suppress(RuntimeError):  # the loop to wake is closed: nobody reads any more
        wake()
