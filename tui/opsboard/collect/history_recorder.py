"""Records the history: in a thread of its own, every few seconds, and never on a frame's path.

Events come from the engine's thread and wait in a :class:`~.history_queue.HistoryQueue`;
:class:`~.history_tracker.HistoryTracker` makes transitions of them, and
:class:`~.history_writer.HistoryWriter` writes these into the ledger. Where it cannot,
:attr:`HistoryRecorder.problem` says why; it is tried again, and what is lost becomes a gap.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from opsboard.adapter import Principal
from opsboard.board.alert_acks import AckChange
from opsboard.board.events import BoardEvent, SourceInfo
from opsboard.collect.clock_watch import Clocks, ClockSet, ClockWatch, Slept, Stalled, SystemClocks
from opsboard.collect.history_owners import HistoryOwners
from opsboard.collect.history_queue import HistoryQueue, Merged
from opsboard.collect.history_tracker import HistoryTracker
from opsboard.collect.history_writer import HistoryWriter
from opsboard.collect.redact import Redactor
from opsboard.collect.scope_watch import ScopeWatch, Unwatched
from opsboard.collect.tracked_history import Known, NewGap, TrackedHistory
from opsboard.history.clock_repair import FAR, agrees
from opsboard.history.leases import BEAT_EVERY, Leases
from opsboard.history.ledger import Ledger
from opsboard.history.ledger_file import LedgerError
from opsboard.history.model import OWN_SCOPE, Gap, GapReason, SourceId
from opsboard.history.reader import LedgerReader
from opsboard.history.retention import Housekeeping, Retention

_log = logging.getLogger(__name__)

WRITE_INTERVAL: Final = 2.0
"""Seconds between two batches."""

MAX_UNWRITTEN: Final = 20_000
"""Transitions that wait for a disk that cannot be written."""

_LEFT: Final = "the config has changed"

MAX_ACKS: Final = 10_000
"""Acknowledgements that wait for it, or until it is known whose history a source has."""


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
        self._writer = HistoryWriter(self.ledger, redactor)
        self._retention = retention
        self._clocks = clocks or SystemClocks()
        self._clock_watch = ClockWatch(self._clocks)
        self._interval = interval
        self._tracker = HistoryTracker()
        self._queue = HistoryQueue(self._tracker.content_of)
        self._leases = Leases(self.ledger, self._clocks.running)
        self._housekeeping = Housekeeping(self.ledger)
        self._lock = threading.Lock()
        self._owners = HistoryOwners()
        self._leaving: set[str] = set()
        """Sources that are gone, or are others now, and whose last look is yet to be written."""
        self._taken_at: datetime | None = None
        self._acks: list[AckChange] = []
        self._looked_at = float("-inf")
        self._behind = ""
        """What the clock is far behind of, in words."""
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

    def note_ack(self, change: AckChange) -> None:
        """Take in that an alert was acknowledged, snoozed or opened again on this board."""
        with self._lock:
            self._acks = [*self._acks, change][-MAX_ACKS:]

    def set_sources(self, sources: Mapping[str, SourceInfo]) -> None:
        """Note which sources there are, and their logins."""
        self._owners.set_sources(sources)

    def identify(self, name: str, title: str, address: str, principal: Principal | None) -> None:
        """Note where the source called *name* is, and who the server says that asks."""
        self._owners.identify(name, title, address, principal)

    def forget_source(self, name: str) -> None:
        """Let nothing more be written of the source called *name*, as it was.

        What waits of it is dropped, and nobody has looked since what was taken in last. Another
        one of that name is recorded once it is known whose history it has.
        """
        self._owners.forget(name)
        with self._lock:
            self._leaving.add(name)
        self._queue.drop(name)

    def source_ids(self) -> Mapping[str, SourceId]:
        """Return whose history each source has, as far as it is known by now."""
        return self._owners.recorded()

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
            with self._lock:
                self._acks = []
            return
        try:
            self._let_leave()
            self._take_in()
            self._write(last=last)
            if not last:
                self._housekeeping.step(retention, self._clocks.now())
            self.problem = self.ledger.notice or self._behind
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
        self._tracker.note_unsaved()

    def _let_leave(self) -> None:
        """Write when the sources that have left were looked at last, and forget them.

        This comes before anything is taken in of others of the same names.
        """
        with self._lock:
            names = frozenset(self._leaving)
        if not names:
            return
        leaving = [source for name, source in self._tracker.sources.items() if name in names]
        for source in leaving:
            for scope in source.scopes.values():
                if scope.streaming:  # its server would have told, up to what was taken in last
                    scope.looked = scope.confirmed_at = self._taken_at or scope.looked
            self._tracker.lose_all(source, GapReason.SOURCE_DOWN, _LEFT, None)
        self._write(last=False)
        for source in leaving:
            self._tracker.forget(source, self._clocks.now())
        with self._lock:
            self._leaving -= names

    def _take_in(self) -> None:
        happened = self._clock_watch.check()
        if isinstance(happened, ClockSet):
            self._tracker.jump(happened.before, happened.after)
            if happened.before - happened.after > FAR:
                self._lost = "the clock was set back"
        if isinstance(happened, Stalled):
            self._tracker.stalled = happened
        if isinstance(happened, Slept):
            for source in self._tracker.sources.values():
                self._tracker.lose_all(source, GapReason.SUSPENDED, "", happened.since)
        events, merged = self._queue.take()
        for event in events:
            with self._queue.reading:
                self._tracker.take(event)
        for one in merged:
            self._note_merged(one)
        self._taken_at = self._clocks.now()

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
        has_work = due or self._has_work()
        with self._lock:
            waiting = tuple(self._acks)
        if not (has_work or waiting or self._writer.is_behind(self._tracker)):
            self._tracker.clear()
            return
        with self.ledger.batch():
            if has_work:
                if not self._leases.beat(now):
                    self._let_go("another program has taken over")
                self._acquire(now)
            self._writer.write(self._tracker, exact=last)
            written = self._writer.write_acks(self._tracker, waiting)
        self._tracker.clear()
        with self._lock:
            self._acks = [change for change in self._acks if change not in written]
        if last:
            self._leases.release()

    def _look_around(self, now: datetime, *, due: bool) -> None:
        """Find what is overdue, and that what the board itself does is watched."""
        for source in self._tracker.sources.values():
            if source.name in self._leaving:
                continue
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
        self._tracker.let_go()

    # --- parts of a batch ------------------------------------------------------------------------

    def _has_work(self) -> bool:
        """Tell whether there is something to write, or to find out whether it may be written."""
        if self._owners.changed or self._tracker.transitions or self._tracker.gaps:
            return True
        return self._tracker.has_unheld

    def _acquire(self, now: datetime) -> None:
        self._owners.note_taken()
        self._behind = ""
        for source in list(self._tracker.sources.values()):
            if source.name in self._leaving or not self._find_number(source, now):
                continue
            present = self._tracker.source(source.name)
            if not self._agrees(present, now):
                continue
            for scope in list(present.scopes.values()):
                if scope.lists_nothing:
                    self._drop_scope(present, scope)
                elif not scope.held:
                    self._acquire_scope(present, scope, now)
            present.misled = False
        self._lost = ""

    def _agrees(self, source: TrackedHistory, now: datetime) -> bool:
        """Tell whether the clock is not far behind what the ledger has of *source*."""
        if all(scope.held or scope.dropped for scope in source.scopes.values()):
            return True
        if agrees(self.ledger, source.number, now, source.told):
            return True
        source.misled = True
        self._behind = (
            f"the clock of this machine says {now:%Y-%m-%d %H:%M} UTC, which is long before the "
            f"end of the history of {source.name}: nothing of it is recorded until the clock is set"
        )
        return False

    def _find_number(self, source: TrackedHistory, now: datetime) -> int:
        """Return the number of *source* in the ledger; 0 while it is not known whose it is."""
        owner = self._owners.owner(source.name)
        if owner is None:
            return 0
        if self._owners.recorded().get(source.name) != owner.id or not source.number:
            if source.number:
                self._tracker.forget(source, now)
                source = self._tracker.source(source.name)
            source.number = self.ledger.source(owner.id, source.name, owner.title, now, owner.login)
            self._owners.note_recorded(source.name, owner.id)
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
            if source.misled:
                reason, note = GapReason.CLOCK_JUMP, ""
            scope.unwatched = Unwatched(lease.confirmed, reason, note)
        self._tracker.hold(source, scope, known, now)
        scope.saved = None

    def _drop_scope(self, source: TrackedHistory, scope: ScopeWatch) -> None:
        """Let nothing be said of *scope*: nobody looks at it, and nothing is missed by that."""
        if not scope.dropped:
            self.ledger.drop_unlisted(source.number, scope.name)
            scope.dropped, scope.held = True, False
