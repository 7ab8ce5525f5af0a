"""Carries a log from the engine's event loop to the reader's, through a bounded buffer."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from opsboard.adapter import SourceError

if TYPE_CHECKING:
    from opsboard.adapter import LogLine

MAX_BUFFERED: Final = 2_000
"""Lines that may wait for a slow reader; then the source is not read until half are taken."""

Put: TypeAlias = Callable[["LogLine"], Coroutine[Any, Any, None]]
Fill: TypeAlias = Callable[[Put], Coroutine[Any, Any, None]]


class LogStream:
    """A log between two event loops: *fill* runs in *engine* and puts lines in.

    Make it in the reader's loop. When the reader leaves :meth:`lines`, *fill* is cancelled.
    """

    def __init__(self, engine: asyncio.AbstractEventLoop, fill: Fill) -> None:
        self._engine = engine
        self._fill = fill
        self._reader = asyncio.get_running_loop()
        self._lines: deque[LogLine] = deque()
        self._something = asyncio.Event()
        self._room = asyncio.Event()
        self._reader_waits = False
        self._writer_waits = False
        self._ended = False

    async def lines(self) -> AsyncIterator["LogLine"]:
        """Yield the lines as they come; raise what *fill* raises."""
        filling = asyncio.run_coroutine_threadsafe(self._fill(self._put), self._engine)
        filling.add_done_callback(self._end)
        try:
            while await self._wait_for_lines():
                while self._lines:
                    yield self._take()
            filling.result()
        except CancelledError:  # not that of asyncio: the engine has stopped, not the reader
            raise SourceError("the board is closing") from None
        finally:
            with suppress(RuntimeError):  # the engine's loop is closed already
                filling.cancel()

    # --- in the reader's loop --------------------------------------------------------------------

    async def _wait_for_lines(self) -> bool:
        while not self._lines:
            if self._ended:
                return bool(self._lines)
            self._something.clear()
            self._reader_waits = True
            if not self._lines and not self._ended:
                await self._something.wait()
        return True

    def _take(self) -> "LogLine":
        line = self._lines.popleft()
        if self._writer_waits and len(self._lines) <= MAX_BUFFERED // 2:
            self._writer_waits = False
            with suppress(RuntimeError):
                self._engine.call_soon_threadsafe(self._room.set)
        return line

    # --- in the engine's loop --------------------------------------------------------------------

    async def _put(self, line: "LogLine") -> None:
        self._lines.append(line)
        self._feed()
        while len(self._lines) >= MAX_BUFFERED:
            self._room.clear()
            self._writer_waits = True
            if len(self._lines) >= MAX_BUFFERED:
                await self._room.wait()

    def _feed(self) -> None:
        if self._reader_waits:
            self._reader_waits = False
            with suppress(RuntimeError):  # the reader's loop is closed: so nobody waits
                self._reader.call_soon_threadsafe(self._something.set)

    def _end(self, _filling: Future[None]) -> None:
        self._ended = True
        self._feed()
