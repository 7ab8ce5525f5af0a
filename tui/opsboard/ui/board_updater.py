"""Applies what the feed has collected to the board, at most ten times a second."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from opsboard.board.source_state import SourceState
    from opsboard.board.state import Board, BoardDelta
    from opsboard.collect.feed import Feed

FLUSH_INTERVAL: Final = 0.1
"""Seconds between two flushes."""


class BoardUpdater:
    """Applies the events of *feed* to *board*, and calls *changed* with what is different.

    The feed wakes it from its own thread. Everything else happens in the thread of *loop*.
    """

    def __init__(
        self,
        feed: "Feed",
        board: "Board",
        changed: Callable[["BoardDelta"], None],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._feed = feed
        self._board = board
        self._changed = changed
        self._loop = loop
        self._last = loop.time() - FLUSH_INTERVAL
        self._due: asyncio.TimerHandle | None = None
        self._stopped = False
        self._shown_state: Sequence[object] = ()
        feed.on_wake(self.schedule)

    def schedule(self) -> None:
        """Note that something has arrived. May be called from any thread, at any time."""
        if self._stopped or self._due is not None:
            return
        try:
            self._loop.call_soon_threadsafe(self._plan)
        except RuntimeError:  # the loop was closed meanwhile: the program ends
            self._stopped = True

    def stop(self) -> None:
        """Apply nothing more."""
        self._stopped = True
        if self._due is not None:
            self._due.cancel()

    def flush(self) -> None:
        """Apply the pending events at once."""
        self._due = None
        self._last = self._loop.time()
        if self._stopped:
            return
        if (arrivals := self._feed.drain()) and (delta := self._board.apply(arrivals)):
            shown_state = _shown_state(self._board.sources())
            # That a source was heard of again only makes it younger: ages go on with the clock.
            if delta.changed or delta.removed or shown_state != self._shown_state:
                self._shown_state = shown_state
                self._changed(delta)

    def _plan(self) -> None:
        if self._due is None and not self._stopped:
            self._due = self._loop.call_at(self._last + FLUSH_INTERVAL, self.flush)


def _shown_state(sources: "Sequence[SourceState]") -> Sequence[object]:
    """Return what the screen shows of *sources*, except for their ages and budgets."""
    return [
        (it.name, it.title, it.health, it.streaming, it.from_cache, it.fresh_at is None, _parts(it))
        for it in sources
    ]


def _parts(source: "SourceState") -> Sequence[object]:
    return [(it.health.condition, it.skipped, it.has_reported) for it in source.scopes.values()]
