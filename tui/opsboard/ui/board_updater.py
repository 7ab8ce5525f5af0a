"""Applies what the feed has collected to the board, ten times a second, in parts that are quick."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from opsboard.board.delta import DeltaBuilder
from opsboard.ui.arrivals import Arrivals

if TYPE_CHECKING:
    from opsboard.board.source_state import SourceState
    from opsboard.board.state import Board, BoardDelta
    from opsboard.collect.feed import Feed

FLUSH_INTERVAL: Final = 0.1
"""Seconds between two flushes."""
TURN: Final = 0.012
"""Seconds that one part of a flush may take about: keys wait for as long."""
TOLD_TOGETHER: Final = 3
"""Parts after which the screen is told what is different, where there are more to come."""
PAUSE: Final = 0.012
"""Seconds between two parts, in which keys are answered and frames are drawn."""


class BoardUpdater:
    """Applies the events of *feed* to *board*, and calls *changed* with what is different.

    The feed wakes it from its own thread. Everything else happens in the thread of *loop*. What
    differs after several parts is told together: to show it costs by all that there is.
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
        self._untold = DeltaBuilder()
        self._parts_untold = 0
        self._arrivals = Arrivals()
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
        """Apply all that is pending at once."""
        self._begin()
        if self._arrivals and not self._stopped:
            self._apply(float("inf"))

    def take_quiet(self) -> None:
        """Apply what has arrived and woken nobody, unless something else is about to do so."""
        if self._due is None:
            self._flush_some()

    def _begin(self) -> None:
        self._due = None
        self._last = self._loop.time()
        if not self._stopped:
            self._arrivals.add(self._feed.drain())

    def _flush_some(self) -> None:
        """Apply a part of what is pending, and go on with the rest in a moment."""
        self._begin()
        if self._stopped or not self._arrivals:
            return
        begun = self._loop.time()
        self._apply(TURN)
        self._arrivals.took((ended := self._loop.time()) - begun)
        if self._arrivals and self._due is None:
            self._due = self._loop.call_at(ended + PAUSE, self._flush_some)

    def _apply(self, seconds: float) -> None:
        """Apply what takes about *seconds*, and tell what is different then."""
        self._untold.add(self._board.apply(self._arrivals.take(seconds)))
        self._parts_untold += 1
        if not self._arrivals or self._parts_untold >= TOLD_TOGETHER:
            self._tell()

    def _tell(self) -> None:
        self._parts_untold = 0
        if delta := self._untold.build():
            self._untold = DeltaBuilder()
            shown_state = _shown_state(self._board.sources())
            # That a source was heard of again only makes it younger: ages go on with the clock.
            if delta.changed or delta.removed or shown_state != self._shown_state:
                self._shown_state = shown_state
                self._changed(delta)

    def _plan(self) -> None:
        if self._due is None and not self._stopped:
            self._due = self._loop.call_at(self._last + FLUSH_INTERVAL, self._flush_some)


def _shown_state(sources: "Sequence[SourceState]") -> Sequence[object]:
    """Return what the screen shows of *sources*, except for their ages and budgets."""
    return [
        (it.name, it.title, it.health, it.streaming, it.from_cache, it.fresh_at is None, _parts(it))
        for it in sources
    ]


def _parts(source: "SourceState") -> Sequence[object]:
    return [(it.health.condition, it.skipped, it.has_reported) for it in source.scopes.values()]
