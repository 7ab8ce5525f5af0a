"""Where events wait for the recorder of the history.

They wait one by one, since each may be a transition. Where more waits than is good for the memory,
they are merged (:class:`~opsboard.board.change_algebra.ChangeBatch`), and what that has lost is
told: a stretch of time for each scope.
"""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from opsboard.adapter import Complete, Past, Remove, Upsert
from opsboard.board.change_algebra import ChangeBatch, SourceContent
from opsboard.board.events import ActivityUpdate, BoardEvent, RestoredScope, SourceList

MAX_WAITING: Final = 50_000
"""Records in the events that wait one by one."""


class Merged(NamedTuple):
    """What came of *scope* of *source* between *since* and *until* is known by its end only."""

    source: str
    scope: str
    since: datetime
    until: datetime


class HistoryQueue:
    """Filled by one thread, emptied by another.

    *content_of* returns what the reader has of a source. It is called while :attr:`reading` is
    held, which the reader holds while it takes in an event.
    """

    def __init__(self, content_of: Callable[[str], SourceContent], most: int = MAX_WAITING) -> None:
        self.reading = threading.Lock()
        self._lock = threading.Lock()
        self._content_of = content_of
        self._most = most
        self._events: list[BoardEvent] = []
        self._records = 0
        self._merged: list[Merged] = []

    def put(self, event: BoardEvent) -> None:
        """Add *event*."""
        if isinstance(event.change, SourceList | RestoredScope):
            return
        with self._lock:
            self._events.append(event)
            self._records += 1 + _size(event)
            if self._records <= self._most:
                return
        with self.reading, self._lock:
            self._merge()

    def drop(self, source: str) -> None:
        """Forget what waits of *source*."""
        with self._lock:
            self._events = [event for event in self._events if event.source != source]
            self._merged = [merged for merged in self._merged if merged.source != source]
            self._records = sum(1 + _size(event) for event in self._events)

    def take(self) -> tuple[list[BoardEvent], list[Merged]]:
        """Return what waits, and forget it; and what merging has lost of it."""
        with self._lock:
            events, self._events = self._events, []
            merged, self._merged = self._merged, []
            self._records = 0
        return events, merged

    def _merge(self) -> None:
        batches: dict[str, ChangeBatch] = {}
        own: list[BoardEvent] = []
        for event in self._events:
            if isinstance(event.change, ActivityUpdate):
                own.append(event)
            elif not isinstance(event.change, Past | SourceList | RestoredScope):
                batch = batches.get(event.source)
                if batch is None:
                    batch = batches[event.source] = ChangeBatch(self._content_of(event.source))
                batch.add(event.change, event.at)
        before = _spans(self._events)
        self._events = own + [
            BoardEvent(source, *timed)
            for source, batch in batches.items()
            for timed in batch.changes()
        ]
        after = _spans(self._events)
        for place, (size, since, until) in before.items():
            if size > after.get(place, (0, since, until))[0]:
                self._merged.append(Merged(*place, since, until))
        self._records = sum(1 + _size(event) for event in self._events)


def _size(event: BoardEvent) -> int:
    change = event.change
    if isinstance(change, Upsert | Past):
        return len(change.records)
    return len(change.refs) if isinstance(change, Remove) else 0


def _spans(
    events: list[BoardEvent],
) -> Mapping[tuple[str, str], tuple[int, datetime, datetime]]:
    """Return, for each scope, how many records *events* are about, and from when to when."""
    found: dict[tuple[str, str], tuple[int, datetime, datetime]] = {}
    for event in events:
        if isinstance(event.change, Upsert | Remove | Complete):
            place = (event.source, event.change.scope)
            size, since, until = found.get(place, (0, event.at, event.at))
            found[place] = (size + _size(event), min(since, event.at), max(until, event.at))
    return found
