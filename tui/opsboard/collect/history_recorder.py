"""Records the history: in a thread of its own, every few seconds, and never on a frame's path.

Events come from the engine's thread and wait in a :class:`~.history_queue.HistoryQueue`;
:class:`~.history_tracker.HistoryTracker` makes transitions of them, and this writes them into the
ledger. Where that cannot be written, :attr:`HistoryRecorder.problem` says why; it is tried again,
and what could not be kept becomes a gap.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from opsboard.adapter import Principal
from opsboard.board.events import BoardEvent, SourceInfo
from opsboard.collect.clock_watch import Clocks, ClockSet, ClockWatch, Slept, SystemClocks
from opsboard.collect.history_queue import HistoryQueue, Merged
from opsboard.collect.history_tracker import (
    OWN_SCOPE,
    HistoryTracker,
    Known,
    NewGap,
    TrackedHistory,
)
from opsboard.collect.redact import Redactor
from opsboard.collect.scope_watch import ScopeWatch, Unwatched
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.history.leases import BEAT_EVERY, Leases
from opsboard.history.ledger import Ledger, LedgerError
from opsboard.history.model import Gap, GapReason, SourceId
from opsboard.history.reader import LedgerReader
from opsboard.history.retention import Housekeeping, Retention

_log = logging.getLogger(__name__)

WRITE_INTERVAL: Final = 2.0
"""Seconds between two batches."""

CONFIRM_EVERY: Final = timedelta(seconds=15)
"""How far behind the ledger may be about when a scope was looked at."""

MAX_UNWRITTEN: Final = 20_000
"""Transitions that wait for a disk that cannot be written."""


@frozen_unchecked
class _Asker(Frozen):
    """Who asks a source: what its history is kept under."""

    title: str
    address: str
    principal: Principal | None


class HistoryRecorder:
    """Takes in events (in the engine's thread) and writes the history (in its own).

    Nothing is written before *retention* returns how long it is kept: the config may say that it is
    not.
    """

    def __init__(
        self,
        folder: Path,
        redactor: Redactor,
        retention: Callable[[], Retention | None] = Retention,
        *,
        clocks: Clocks | None = None,
        interval: float = WRITE_INTERVAL,
    ) -> None:
        self.problem = ""
        """Why the last batch could not be written."""
        self.ledger = Ledger(folder)
        self._redactor = redactor
        self._retention = retention
        self._clocks = clocks or SystemClocks()
        self._clock_watch = ClockWatch(self._clocks)
        self._interval = interval
        self._tracker = HistoryTracker()
        self._queue = HistoryQueue(self._tracker.content_of)
        self._leases = Leases(self.ledger, self._clocks.running)
        self._housekeeping = Housekeeping(self.ledger)
        self._lock = threading.Lock()
        self._logins: Mapping[str, SourceInfo] = {}
        self._askers: dict[str, _Asker] = {}
        self._askers_changed = False
        self._ids: dict[str, SourceId] = {}
        self._looked_at = float("-inf")
        self._lost: str = ""
        """Why what this program holds has to be compared with the ledger again."""
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    # --- from any thread -------------------------------------------------------------------------

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="opsboard-history", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 1.0) -> None:
        """Write what is left, and let others record; wait at most *timeout* seconds for it."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def record(self, event: BoardEvent) -> None:
        """Take in *event*, which comes after all others."""
        self._queue.put(event)

    def set_sources(self, sources: Mapping[str, SourceInfo]) -> None:
        """Note which sources there are, and their logins."""
        with self._lock:
            self._logins = dict(sources)

    def identify(self, name: str, title: str, address: str, principal: Principal | None) -> None:
        """Note where the source called *name* is, and who the server says that asks."""
        with self._lock:
            self._askers[name] = _Asker(title, address, principal)
            self._askers_changed = True

    def source_ids(self) -> Mapping[str, SourceId]:
        """Return whose history each source has, as far as it is known by now."""
        with self._lock:
            return dict(self._ids)

    def reader(self) -> LedgerReader:
        """Return what reads the history of the present sources; to be closed."""
        return self.ledger.reader(self.source_ids())

    # --- in its own thread -----------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._stopping.wait(self._interval):
                self.step()
            self.step(last=True)
        finally:
            self.ledger.close()

    def step(self, *, last: bool = False) -> None:
        """Take in what waits, and write it. With *last*, let go of everything.

        Called every few seconds; the clocks say how much has passed.
        """
        retention = self._retention()
        if retention is None:
            return  # the config is not read yet: what comes waits, and is merged if it is much
        if not retention.enabled:
            self._queue.take()
            return
        try:
            self._take_in()
            self._write(last=last)
            if not last:
                self._housekeeping.step(retention, self._clocks.now())
            self.problem = self.ledger.notice
        except LedgerError as error:
            self._note_unwritten(str(error))
        except Exception as error:  # a record that cannot be written must not end the thread
            _log.exception("the history")
            self.problem = f"the history cannot be kept: {type(error).__name__}"
            self._tracker.clear()
            self._lost = self.problem

    def _note_unwritten(self, why: str) -> None:
        """Note that the last batch was not written, and keep it, unless it has become too much."""
        if why != self.problem:
            _log.warning("%s", why)
        self.problem = why
        self._looked_at = float("-inf")  # it may be another file by now: first find out who we are
        if len(self._tracker.transitions) > MAX_UNWRITTEN:
            self._tracker.clear()
            self._lost = why
        for source in self._tracker.sources.values():
            for scope in source.scopes.values():
                scope.saved = None

    def _take_in(self) -> None:
        happened = self._clock_watch.check()
        if isinstance(happened, ClockSet):
            self._tracker.jump(happened.before, happened.after)
        if isinstance(happened, Slept):
            for source in self._tracker.sources.values():
                self._tracker.lose_all(source, GapReason.SUSPENDED, "", happened.since)
        events, merged = self._queue.take()
        for event in events:
            with self._queue.reading:
                self._tracker.take(event)
        for one in merged:
            self._note_merged(one)

    def _note_merged(self, merged: Merged) -> None:
        source = self._tracker.source(merged.source)
        if source.scope(merged.scope).held:
            span = (merged.since, merged.until, GapReason.NOT_WRITTEN, "too much at once")
            self._tracker.gaps.append(NewGap(source.number, Gap(source.name, merged.scope, *span)))

    def _write(self, *, last: bool) -> None:
        now, running = self._clocks.now(), self._clocks.running()
        due = last or running - self._looked_at >= BEAT_EVERY
        if due:
            self._looked_at = running
            self._leases.bury()
        self._look_around(now, due=due)
        if self._lost:
            self._let_go(self._lost)
        with self.ledger.batch():
            if due or self._has_work():
                if not self._leases.beat(now):
                    self._let_go("another program has taken over")
                self._acquire(now)
            for new in self._tracker.gaps:
                self.ledger.add_gap(new.source, new.gap.scope, new.gap)
            self._write_watches(last=last)
            self._write_rows()
        self._tracker.clear()
        if last:
            self._leases.release()

    def _look_around(self, now: datetime, *, due: bool) -> None:
        """Find what is overdue, and that what the board itself does is watched."""
        for source in self._tracker.sources.values():
            for scope in source.scopes.values():
                if scope.name == OWN_SCOPE:
                    scope.set_streaming(streams=True)
                    self._tracker.confirm(source, scope, now)
                elif due:
                    scope.check_overdue(now)

    def _let_go(self, why: str) -> None:
        """Compare everything with the ledger again before anything is written."""
        self._tracker.clear()
        self._lost = why
        self.ledger.forget_numbers()
        for source in self._tracker.sources.values():
            source.number = 0
            for scope in source.scopes.values():
                scope.held = scope.dropped = False

    # --- parts of a batch ------------------------------------------------------------------------

    def _has_work(self) -> bool:
        """Tell whether there is something to write, or to find out whether it may be written."""
        if self._askers_changed or self._tracker.transitions or self._tracker.gaps:
            return True
        return any(
            not (scope.dropped if scope.lists_nothing else scope.held)
            for source in self._tracker.sources.values()
            for scope in source.scopes.values()
        )

    def _acquire(self, now: datetime) -> None:
        with self._lock:
            self._askers_changed = False
        for source in list(self._tracker.sources.values()):
            if not self._find_number(source, now):
                continue
            present = self._tracker.source(source.name)
            for scope in list(present.scopes.values()):
                if scope.lists_nothing:
                    self._drop_scope(present, scope)
                elif not scope.held:
                    self._acquire_scope(present, scope, now)
        self._lost = ""

    def _find_number(self, source: TrackedHistory, now: datetime) -> int:
        """Return the number of *source* in the ledger; 0 while it is not known whose it is."""
        with self._lock:
            asker, info = self._askers.get(source.name), self._logins.get(source.name)
        login = info.key if info is not None else ""
        if asker is None or not (asker.principal or login):
            return 0
        if asker.principal is not None:
            id_ = SourceId(asker.address, asker.principal.key)
        else:
            id_ = SourceId(asker.address, "", login)
        if self._ids.get(source.name) != id_ or not source.number:
            if source.number:
                self._tracker.forget(source, now)
                source = self._tracker.source(source.name)
            source.number = self.ledger.source(id_, source.name, asker.title, now, login)
            with self._lock:
                self._ids[source.name] = id_
        return source.number

    def _acquire_scope(self, source: TrackedHistory, scope: ScopeWatch, now: datetime) -> None:
        lease = self._leases.acquire(source.number, scope.name, now)
        if lease is None:
            return
        known = {
            last.record.ref: Known(last.record, scope.name, last.at, last.fields)
            for last in self.ledger.last_states(source.number, scope.name, source.name)
        }
        scope.ever_listed = lease.confirmed is not None
        if lease.confirmed is not None:
            reason, note = lease.reason, lease.note
            if self._lost:
                reason, note = GapReason.NOT_WRITTEN, self._lost
            scope.unwatched = Unwatched(lease.confirmed, reason, note)
        self._tracker.hold(source, scope, known, now)
        scope.saved = None

    def _drop_scope(self, source: TrackedHistory, scope: ScopeWatch) -> None:
        """Let nothing be said of *scope*: nobody looks at it, and nothing is missed by that."""
        if not scope.dropped:
            self.ledger.drop_unlisted(source.number, scope.name)
            scope.dropped, scope.held = True, False

    def _write_rows(self) -> None:
        for move in self._tracker.moves:
            self.ledger.move(*move)
        self.ledger.append(
            [
                replace(new, after=self._redactor.record(new.after)) if new.after else new
                for new in self._tracker.transitions
            ]
        )

    def _write_watches(self, *, last: bool) -> None:
        for source in self._tracker.sources.values():
            for scope in source.scopes.values():
                if scope.held and _is_behind(scope, exact=last):
                    unwatched = scope.unwatched
                    self.ledger.set_watch(
                        source.number, scope.name,
                        scope.looked if scope.ever_listed else None,
                        streaming=scope.streaming,
                        reason=unwatched.reason if unwatched else None,
                        note=unwatched.note if unwatched else "",
                    )  # fmt: skip
                    scope.saved = (scope.looked, scope.streaming, unwatched)


def _is_behind(scope: ScopeWatch, *, exact: bool) -> bool:
    """Tell whether the ledger has to be told how *scope* is watched."""
    if scope.saved is None:
        return True
    looked, streaming, unwatched = scope.saved
    if (streaming, unwatched) != (scope.streaming, scope.unwatched):
        return True
    if scope.looked is None or scope.streaming:
        return False  # the count of this program says until when it was watched
    return looked is None or scope.looked - looked >= (timedelta(0) if exact else CONFIRM_EVERY)
