"""From what sources yield to what is written: transitions, and the stretches without a look.

It has a board of its own, which raises the same alerts by the same rules as the one on the screen,
and compares what is on it with what the ledger knows. Nothing here waits, writes or reads a clock.

A scope is recorded by the program that holds it (:mod:`opsboard.history.leases`); what another one
records is only kept up with, so that it can be taken over at any time.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from opsboard.adapter import (
    Complete,
    Due,
    Fresh,
    Past,
    Remove,
    Report,
    ScopeRemoved,
    Upsert,
)
from opsboard.board.change_algebra import SourceContent
from opsboard.board.delta import BoardDelta
from opsboard.board.events import ActivityUpdate, BoardEvent, RestoredScope, SourceList
from opsboard.board.state import Board
from opsboard.collect.clock_watch import Stalled
from opsboard.collect.scope_watch import ScopeWatch
from opsboard.collect.tracked_history import Known, Move, NewGap, TrackedHistory
from opsboard.history.clock_repair import FAR
from opsboard.history.meaning import Dated, actor_of, dated, differs, is_recorded, was_there
from opsboard.history.model import OWN_SCOPE, Gap, GapReason, NewTransition
from opsboard.records import Activity, Alert, Kind, Record, Ref, newest

ACT_LASTS: Final = timedelta(minutes=2)
"""For so long after an act has ended, what changes about its target is its doing."""


_CATCHES_UP: Final = timedelta(seconds=5)
"""How long it takes to take in what has come while the program stood still."""


class HistoryTracker:
    """Turns events into :attr:`transitions` and :attr:`gaps`, which whoever writes them takes."""

    def __init__(self) -> None:
        self.sources: dict[str, TrackedHistory] = {}
        self.transitions: list[NewTransition] = []
        self.gaps: list[NewGap] = []
        self.moves: list[Move] = []
        self.stalled: Stalled | None = None
        """The last stretch in which the program stood still, and a stream told nothing."""
        self._board = Board(joined=False)
        self._acts: dict[Ref, Activity] = {}

    def source(self, name: str) -> TrackedHistory:
        """Return the source called *name*; a new one without a number, if it is unknown."""
        source = self.sources.get(name)
        if source is None:
            source = self.sources[name] = TrackedHistory(name)
        return source

    def content_of(self, source: str) -> SourceContent:
        """Return what is known to be in the scopes of *source*."""
        return self._board.content_of(source)

    def clear(self) -> None:
        """Forget what was to be written: it is, or never will be."""
        for rows in (self.transitions, self.gaps, self.moves):
            rows.clear()

    def take(self, event: BoardEvent) -> None:
        """Take in *event*, which comes after all others."""
        change = event.change
        if isinstance(change, SourceList | RestoredScope):
            return
        if isinstance(change, ActivityUpdate):
            self._take_activities(change, event)
        elif isinstance(change, Past):
            self._take_past(self.source(event.source), change, event.at)
        elif isinstance(change, Due):
            self.source(event.source).scope(change.scope).set_due(change.seconds)
        elif isinstance(change, Report):
            self._take_report(self.source(event.source), change, event)
        elif isinstance(change, Upsert | Remove | Complete | Fresh):
            self._take_look(self.source(event.source), change, event)
        elif isinstance(change, ScopeRemoved):
            self._take_scope_removed(self.source(event.source), change, event)

    # --- one kind of change each -----------------------------------------------------------------

    def _take_look(
        self, source: TrackedHistory, change: Upsert | Remove | Complete | Fresh, event: BoardEvent
    ) -> None:
        scope = source.scope(change.scope)
        scope.note_look()
        scope.check_overdue(event.at)
        if isinstance(change, Upsert):
            source.told = newest(source.told, *(record.created_at for record in change.records))
        listing = isinstance(change, Complete) or not scope.listed
        looked = scope.looked_before(listing=listing) or self._stalled_since(event.at)
        self._note(source, self._board.apply([event]), event.at, looked)
        if isinstance(change, Complete | Fresh):
            if isinstance(change, Complete):
                self._remove_missing(source, scope, event.at)
                scope.listed = True
            else:
                scope.set_streaming(streams=change.streaming)
            if scope.listed:
                self.confirm(source, scope, event.at, change.read_from)
        elif scope.listed and scope.streaming:
            scope.looked = scope.confirmed_at = event.at

    def _take_report(self, source: TrackedHistory, change: Report, event: BoardEvent) -> None:
        since = self._stalled_since(event.at)
        self._note(source, self._board.apply([event]), event.at, since)
        if change.scope is not None:
            source.scope(change.scope).report(change.health)
            return
        for scope in source.scopes.values():
            if scope.name != OWN_SCOPE:
                scope.report(change.health)

    def _take_scope_removed(
        self, source: TrackedHistory, change: ScopeRemoved, event: BoardEvent
    ) -> None:
        scope = source.scope(change.scope)
        if change.deleted:
            delta = self._board.apply([event])
            self._note(source, delta, event.at, scope.looked_before(listing=True))
            self._remove_missing(source, scope, event.at)
            self.confirm(source, scope, event.at)
            scope.lose(GapReason.UNLISTED, "deleted")
            scope.listed = False
            return
        self._board.apply([event])  # what is gone from it may be there all the same
        scope.lose(GapReason.UNLISTED)
        scope.listed = False

    def _take_activities(self, change: ActivityUpdate, event: BoardEvent) -> None:
        self._board.apply([event])
        for activity in change.activities:
            for ref in filter(None, (activity.about, activity.produced)):
                self._acts[ref] = activity
            source = self.source(activity.source)
            self._record(source, activity.ref, event.at, None)

    def _take_past(self, source: TrackedHistory, change: Past, at: datetime) -> None:
        scope = source.scope(change.scope)
        if not scope.held:
            source.keep_past(change, at)
            return
        for past in change.records:
            if is_recorded(past.ref.kind) and past.at <= at:
                self.transitions.append(
                    NewTransition(
                        source.number, scope.name, past.ref, past.at, at, past.record,
                        actor=past.actor or actor_of(past.record), rule=past.rule, backfilled=True,
                    )
                )  # fmt: skip

    def _stalled_since(self, at: datetime) -> datetime | None:
        """Return since when the program stood still before what came *at*; ``None``: it ran.

        What has come meanwhile is taken in within some seconds.
        """
        stall = self.stalled
        if stall is None or not stall.since < at <= stall.until + _CATCHES_UP:
            return None
        return stall.since

    # --- records ---------------------------------------------------------------------------------

    def _note(
        self, source: TrackedHistory, delta: BoardDelta, at: datetime, looked: datetime | None
    ) -> None:
        for refs in (*delta.changed.values(), *delta.removed.values()):
            for ref in refs:
                self._record(source, ref, at, looked)

    def _record(
        self, source: TrackedHistory, ref: Ref, at: datetime, looked: datetime | None
    ) -> None:
        """Write what has become of *ref*, where that differs in meaning from what is known."""
        if ref.source != source.name or not is_recorded(ref.kind):
            return
        known, record = source.known.get(ref), self._board.get(ref)
        name = self._scope_of(record) if record is not None else known.scope if known else ""
        scope = source.scopes.get(name)
        if scope is None or not scope.held:
            return
        if record is None:
            if known is not None:
                when = dated(known.record, None, at, looked, known.at)
                self._write(source, scope, ref, None, when, at)
                del source.known[ref]
        elif known is None or differs(known.record, record, known.fields):
            before, since = (known.record, known.at) if known else (None, None)
            when = dated(before, record, at, looked, since)
            first = known is None and ref.kind is not Kind.ACTIVITY
            first = first and (not scope.ever_listed or was_there(record, looked or at))
            when = Dated(at) if first else when
            self._write(source, scope, ref, record, when, at, baseline=first)
            source.known[ref] = Known(record, name, when.at)
        else:
            if known.scope != name:
                self.moves.append(Move(source.number, name, ref))
            source.known[ref] = Known(record, name, known.at, known.fields)

    def _write(  # noqa: PLR0917 - the parts of one row
        self,
        source: TrackedHistory,
        scope: ScopeWatch,
        ref: Ref,
        record: Record | None,
        when: Dated,
        seen: datetime,
        *,
        baseline: bool = False,
    ) -> None:
        act = self._act_on(ref, seen)
        self.transitions.append(
            NewTransition(
                source.number, scope.name, ref, when.at, seen, record, when.earliest,
                act.actor if act else actor_of(record), act.id if act else "",
                baseline=baseline,
            )
        )  # fmt: skip

    def _scope_of(self, record: Record) -> str:
        """Return the scope by which *record* is watched: an alert's is that of what it is about."""
        if isinstance(record, Alert) and record.about is not None:
            return self._board.scope_of(record.about) or OWN_SCOPE
        return self._board.scope_of(record.ref) or OWN_SCOPE

    def _act_on(self, ref: Ref, at: datetime) -> Activity | None:
        """Return the act from here by which *ref* changes *at*."""
        if ref.kind is Kind.ACTIVITY:
            return None
        act = self._acts.get(ref)
        if act is None or (act.finished_at is not None and at - act.finished_at > ACT_LASTS):
            return None
        return act

    # --- scopes ----------------------------------------------------------------------------------

    def hold(
        self,
        source: TrackedHistory,
        scope: ScopeWatch,
        known: Mapping[Ref, Known],
        at: datetime,
    ) -> None:
        """Record *scope* from now on: compare what is there with what the ledger has, *known*."""
        scope.held = True
        for ref in list(source.known_in(scope.name)):
            del source.known[ref]
        source.known.update(known)
        seen = scope.confirmed_at or at
        looked = scope.looked_before(listing=True)
        for ref in self._refs_in(source, scope.name):
            self._record(source, ref, seen, looked)
        if scope.listed:
            self._remove_missing(source, scope, seen)
            self.confirm(source, scope, seen, scope.looked)
        waiting, source.past = source.past, []
        for change, told_at in waiting:
            self._take_past(source, change, told_at)

    def let_go(self) -> None:
        """Hold nothing any more: what the ledger has may be something else by now."""
        for source in self.sources.values():
            source.number = 0
            for scope in source.scopes.values():
                scope.held = scope.dropped = False

    def note_unsaved(self) -> None:
        """Note that the ledger may not have been told how the scopes are watched."""
        for source in self.sources.values():
            for scope in source.scopes.values():
                scope.saved = None

    @property
    def has_unheld(self) -> bool:
        """Whether there is a scope of which it is not known yet who records it."""
        return any(
            not (scope.dropped if scope.lists_nothing else scope.held)
            for source in self.sources.values()
            for scope in source.scopes.values()
        )

    def lose_all(
        self, source: TrackedHistory, reason: GapReason, note: str, since: datetime | None
    ) -> None:
        """Note that nobody has looked at *source* since the last look, or since *since*."""
        for scope in source.scopes.values():
            scope.lose(reason, note, since)

    def jump(self, before: datetime, after: datetime) -> None:
        """Note that the clock was set from *before* to *after*: the times between say nothing.

        Where it was set back by far, the ledger has those times: see
        :mod:`opsboard.history.clock_repair`.
        """
        for source in self.sources.values():
            for scope in source.scopes.values():
                if scope.looked is None:
                    continue
                scope.looked += after - before
                scope.confirmed_at = scope.confirmed_at and scope.confirmed_at + (after - before)
                if scope.held and before - after <= FAR:
                    span = (min(before, after), max(before, after), GapReason.CLOCK_JUMP, "")
                    self.gaps.append(NewGap(source.number, Gap(source.name, scope.name, *span)))

    def forget(self, source: TrackedHistory, at: datetime) -> None:
        """Forget what *source* has yielded: somebody else asks from now on."""
        for scope in source.scopes:
            self._board.apply([BoardEvent(source.name, ScopeRemoved(scope), at)])
        self.sources.pop(source.name, None)

    def _refs_in(self, source: TrackedHistory, scope: str) -> Iterable[Ref]:
        yield from tuple(self._board.refs_in(source.name, scope))
        for kind in (Kind.ALERT, Kind.ACTIVITY):
            for ref, record in tuple(self._board.records(kind).items()):
                if ref.source == source.name and self._scope_of(record) == scope:
                    yield ref

    def _remove_missing(self, source: TrackedHistory, scope: ScopeWatch, at: datetime) -> None:
        """Write that what the ledger has of a scope is gone, where a whole list lacks it."""
        if scope.listed and scope.unwatched is None and scope.held:
            return  # nothing was missed since the last one
        looked = scope.looked_before(listing=True)
        for ref in list(source.known_in(scope.name)):
            if ref.kind is not Kind.ACTIVITY and self._board.get(ref) is None:
                self._record(source, ref, at, looked)

    def confirm(
        self,
        source: TrackedHistory,
        scope: ScopeWatch,
        confirmed_at: datetime,
        read_from: datetime | None = None,
    ) -> None:
        """Note that a look at all of *scope* has ended, which ends a stretch without one.

        It is of the time at which it began, *read_from*, where that is told.
        """
        at = min(read_from or confirmed_at, confirmed_at)
        ended = scope.confirm(at, confirmed_at)
        if not scope.held:
            return
        scope.ever_listed = True
        if ended is not None and ended.since is not None and ended.since < at:
            span = (ended.since, at, ended.reason, ended.note)
            self.gaps.append(NewGap(source.number, Gap(source.name, scope.name, *span)))
