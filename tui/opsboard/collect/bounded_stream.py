"""Carries a log, or rows, from the engine's event loop to the reader's, by a bounded buffer."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from typing import Any, Generic, TypeAlias, TypeVar

from opsboard.collect.engine_loop import EngineLoop, stopped

T = TypeVar("T")
Put: TypeAlias = Callable[[T], Coroutine[Any, Any, None]]
Fill: TypeAlias = Callable[[Put[T]], Coroutine[Any, Any, None]]


class BoundedStream(Generic[T]):
    """A stream between two event loops: *fill* runs in *engine* and puts items in.

    When the reader leaves :meth:`items`, *fill* is cancelled. Where *max_buffered* items wait for a
    slow reader, *fill* is held back until half of them are taken.
    """

    def __init__(self, engine: EngineLoop, fill: Fill[T], max_buffered: int) -> None:
        self._max_buffered = max_buffered
        self._engine = engine
        self._fill = fill
        self._reader: asyncio.AbstractEventLoop
        self._items: deque[T] = deque()
        self._something = asyncio.Event()
        self._room = asyncio.Event()
        self._reader_waits = False
        self._is_told_soon = False
        self._writer_waits = False
        self._ended = False

    async def items(self) -> AsyncGenerator[T, None]:
        """Yield the items as they come, in the loop that it is called in; raise what *fill* raises.

        To be called once.
        """
        self._reader = asyncio.get_running_loop()
        filling = self._engine.begin(self._fill(self._put))
        filling.add_done_callback(self._end)
        try:
            while await self._wait_for_items():
                while self._items:
                    yield self._take()
            filling.result()
        except CancelledError:  # not that of asyncio: the engine has stopped, not the reader
            raise stopped() from None
        finally:
            with suppress(RuntimeError):  # the engine's loop is closed already
                filling.cancel()

    # --- in the reader's loop --------------------------------------------------------------------

    async def _wait_for_items(self) -> bool:
        while not self._items:
            if self._ended:
                return bool(self._items)
            self._something.clear()
            self._reader_waits = True
            if not self._items and not self._ended:
                await self._something.wait()
        return True

    def _take(self) -> T:
        item = self._items.popleft()
        if self._writer_waits and len(self._items) <= self._max_buffered // 2:
            self._writer_waits = False
            self._engine.call_soon(self._room.set)
        return item

    # --- in the engine's loop --------------------------------------------------------------------

    async def _put(self, item: T) -> None:
        self._items.append(item)
        if self._reader_waits and not self._is_told_soon:
            self._is_told_soon = True
            asyncio.get_running_loop().call_soon(self._tell)
        while len(self._items) >= self._max_buffered:
            self._room.clear()
            self._writer_waits = True
            if len(self._items) >= self._max_buffered:
                await self._room.wait()

    def _tell(self) -> None:
        """Let the reader go on, once for all that was put in one turn of the engine's loop: to wake
        it takes longer than to read a hundred lines."""
        self._is_told_soon = False
        self._feed()

    def _feed(self) -> None:
        if self._reader_waits:
            self._reader_waits = False
            with suppress(RuntimeError):  # the reader's loop is closed: so nobody waits
                self._reader.call_soon_threadsafe(self._something.set)

    def _end(self, _filling: Future[None]) -> None:
        self._ended = True
        self._feed()
