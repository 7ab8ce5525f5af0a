"""Fair use of two shared things: the requests to one server, and the event loop.

:class:`RequestSlots` bounds how many requests are under way at once. Polling may want hundreds in
one round; a detail page, a plan or an action must not queue behind them. So background work never
takes the last slots, and requests that a person waits for go first.

:class:`LoopYielder` lets other tasks run while a large response is processed.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from opsboard.adapter import is_background

LEAST: Final = 2
"""Minimum number of slots of a server."""
SHARE: Final = 4
"""One slot in this many is reserved for people."""


class RequestSlots:
    """*total* request slots of one server, some of which background work never takes.

    There are always at least two: with a single one, a poll that hangs would block an action until
    it times out. Use it from one event loop only.
    """

    def __init__(self, total: int) -> None:
        self.total = max(total, LEAST)
        self.kept = max(self.total // SHARE, 1)
        self._taken = 0
        self._people: deque[asyncio.Future[None]] = deque()
        self._background: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Hold a slot. Whether this is background work is known from
        :func:`~opsboard.adapter.is_background`.
        """
        await self._take(self._background if is_background() else self._people)
        try:
            yield
        finally:
            self._give_back()

    async def _take(self, lane: "deque[asyncio.Future[None]]") -> None:
        turn = asyncio.get_running_loop().create_future()
        lane.append(turn)
        self._let_in()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._give_back()  # admitted and cancelled in the same moment
            else:
                with suppress(ValueError):  # removed already, when it was admitted
                    lane.remove(turn)
            raise

    def _give_back(self) -> None:
        self._taken -= 1
        self._let_in()

    def _let_in(self) -> None:
        """Admit those who may go: people first, each group in order of arrival."""
        while self._people and self._taken < self.total:
            self._start(self._people)
        while self._background and self._taken < self.total - self.kept:
            self._start(self._background)

    def _start(self, lane: "deque[asyncio.Future[None]]") -> None:
        turn = lane.popleft()
        if not turn.done():  # cancelled, and not yet removed
            self._taken += 1
            turn.set_result(None)


MAX_BYTES_PER_TURN: Final = 512 * 1024
"""Bytes after which other tasks get to run."""
MAX_PIECES_PER_TURN: Final = 100
"""Chunks, lines or records after which other tasks get to run, however small these are.

Data that has arrived already is processed without a pause: 64 KiB may be 10,000 one-byte chunks
(RFC 9112 §7.1) or as many lines, and each costs as much time as a large one.
"""


class LoopYielder:
    """Counts what was processed, and yields to the event loop after *max_bytes* bytes or
    :data:`MAX_PIECES_PER_TURN` pieces.
    """

    def __init__(self, max_bytes: int = MAX_BYTES_PER_TURN) -> None:
        self._max_bytes = max_bytes
        self._size = 0
        self._pieces = 0

    async def processed(self, size: int) -> None:
        """Count a piece of *size* bytes, and let other tasks run if it is time."""
        self._size += size
        self._pieces += 1
        if self._size > self._max_bytes or self._pieces >= MAX_PIECES_PER_TURN:
            self._size = self._pieces = 0
            await asyncio.sleep(0)
