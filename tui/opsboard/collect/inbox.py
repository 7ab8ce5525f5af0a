"""Where events wait for the screen: merged, so that a stalled screen costs no memory.

A board that takes in what :meth:`Inbox.drain` returns ends up in the state it would have had
from each event in turn (:class:`opsboard.board.change_algebra.ChangeBatch`).
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from opsboard.adapter import BudgetUpdate, Change, Due, Fresh, Upsert
from opsboard.board.change_algebra import ChangeBatch, SourceContent, Timed, apply
from opsboard.board.events import ActivityUpdate, BoardEvent, RestoredScope, SourceList
from opsboard.records import Activity, Ref

QUIET: Final = (Fresh, Due, BudgetUpdate)
"""What only says that all is as it was: ages go on by it, and nothing else."""


class _SourceQueue:
    """What waits of one source, and what the reader has of it already."""

    def __init__(self) -> None:
        self._delivered = SourceContent()
        self._batch = ChangeBatch(self._delivered)

    def put(self, change: Change, at: datetime) -> None:
        self._batch.add(change, at)

    def note_restored(self, change: RestoredScope) -> None:
        apply(Upsert(change.scope, change.records), self._delivered)

    def drain(self) -> Iterator[Timed]:
        """Yield what waits, and forget it."""
        batch, self._batch = self._batch, ChangeBatch(self._delivered)
        for change, at in batch.changes():
            apply(change, self._delivered)
            yield change, at


class Inbox:
    """Filled by one thread, emptied by another.

    The callback of :meth:`on_wake` is called once for all that comes until the inbox is emptied.
    Nobody is woken for news of :data:`QUIET`: of a board on which nothing changes, that is all that
    there is. A reader looks for it every second or so.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queues: dict[str, _SourceQueue] = {}
        self._waiting: dict[str, None] = {}
        self._source_list: BoardEvent | None = None
        self._activities: dict[Ref, Activity] = {}
        self._activities_at = datetime.min.replace(tzinfo=UTC)
        self._wake: Callable[[], None] | None = None
        self._woken = False

    @property
    def _empty(self) -> bool:
        return not (self._waiting or self._activities or self._source_list)

    def on_wake(self, wake: Callable[[], None]) -> None:
        """Call *wake* each time something waits again; at once if something waits already."""
        with self._lock:
            self._wake = wake
            waiting = self._woken = not self._empty
        if waiting:
            _call(wake)

    def note_restored(self, events: Iterable[BoardEvent]) -> None:
        """Note what the board has out of the cache. To be called before anything is put."""
        with self._lock:
            for event in events:
                if isinstance(event.change, RestoredScope):
                    self._queue(event.source).note_restored(event.change)

    def put(self, event: BoardEvent) -> None:
        """Add *event*, merged with what waits already.

        Raises :exc:`TypeError` for a cached scope, which goes straight to the board.
        """
        change = event.change
        with self._lock:
            if isinstance(change, SourceList):
                self._source_list = _after(self._source_list, event, change)
            elif isinstance(change, ActivityUpdate):
                self._activities.update((one.ref, one) for one in change.activities)
                self._activities_at = event.at
            elif isinstance(change, RestoredScope):
                raise TypeError("a cached scope goes straight to the board")
            else:
                self._queue(event.source).put(change, event.at)
                self._waiting[event.source] = None
            wakes = not self._woken and not isinstance(change, QUIET)
            self._woken = self._woken or wakes
            wake = self._wake if wakes else None
        if wake is not None:
            _call(wake)

    def forget(self, source: str) -> None:
        """Let nothing that *source* has put so far be drained: it is gone, or another one now."""
        with self._lock:
            self._queues.pop(source, None)
            self._waiting.pop(source, None)

    def _queue(self, source: str) -> _SourceQueue:
        return self._queues.setdefault(source, _SourceQueue())

    def drain(self) -> list[BoardEvent]:
        """Return what waits, in an order that has the same effect as that in which it came."""
        with self._lock:
            self._woken = False
            events = [self._source_list] if self._source_list else []
            self._source_list = None
            if self._activities:
                update = ActivityUpdate(tuple(self._activities.values()))
                events.append(BoardEvent("", update, self._activities_at))
                self._activities = {}
            for name in self._waiting:
                events += (BoardEvent(name, *timed) for timed in self._queues[name].drain())
            self._waiting = {}
        return events


def _after(waiting: BoardEvent | None, event: BoardEvent, change: SourceList) -> BoardEvent:
    """Return *event*, a list of sources, with what another that is *waiting* says of them."""
    if waiting is None or not isinstance(waiting.change, SourceList):
        return event
    reset = tuple(dict.fromkeys((*waiting.change.reset, *change.reset)))
    return replace(event, change=replace(change, reset=reset))


def _call(wake: Callable[[], None]) -> None:
    with suppress(RuntimeError):  # the loop to wake is closed: nobody reads any more
        wake()
