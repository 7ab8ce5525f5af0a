"""How many requests are under way at once, and who is next: a person before the background.

A server is asked by a bounded number of requests at a time. Polling may want hundreds of them in
one round; a detail, a plan or an act must not wait behind these. So the background never takes
the last slots, and whoever is waited for by a person is let in before all of it.

Turns for the others of the loop, while what has come already is worked off.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from opsboard.adapter import is_background

LEAST: Final = 2
SHARE: Final = 4
"""One slot in so many is a person's."""


class RequestSlots:
    """*total* slots of one server, some of them never taken by the background.

    Where there would be a single one, a person has another beside it: a poll that hangs would
    hold up an act until it is given up. All calls are to be made in one event loop.
    """

    def __init__(self, total: int) -> None:
        self.total = max(total, LEAST)
        self.kept = max(self.total // SHARE, 1)
        self._taken = 0
        self._people: deque[asyncio.Future[None]] = deque()
        self._background: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Hold a slot within; who asks is told by :func:`opsboard.adapter.is_background`."""
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
                self._give_back()  # let in and called off in the same moment
            else:
                with suppress(ValueError):  # taken out already, as it was its turn
                    lane.remove(turn)
            raise

    def _give_back(self) -> None:
        self._taken -= 1
        self._let_in()

    def _let_in(self) -> None:
        """Let in whoever may come: people first, in the order they came."""
        while self._people and self._taken < self.total:
            self._start(self._people)
        while self._background and self._taken < self.total - self.kept:
            self._start(self._background)

    def _start(self, lane: "deque[asyncio.Future[None]]") -> None:
        turn = lane.popleft()
        if not turn.done():  # called off, and not yet taken out
            self._taken += 1
            turn.set_result(None)


MAX_BYTES_PER_TURN: Final = 512 * 1024
"""Bytes after which the others of the loop have their turn."""
MAX_PIECES_PER_TURN: Final = 100
"""Chunks, lines or records after which they have it, however small these are.

Much that has come already is worked off without a pause: 64 KiB may be 10,000 chunks of a byte
(RFC 9112 §7.1), or as many lines, and each costs as much as a large one.
"""


class LoopYielder:
    """Counts what was done since the others of the loop had their turn, and gives it to them.

    They have it after *breath* bytes, or :data:`PIECES` pieces.
    """

    def __init__(self, breath: int = MAX_BYTES_PER_TURN) -> None:
        self._breath = breath
        self._size = 0
        self._pieces = 0

    async def processed(self, size: int) -> None:
        """Take note of a piece of *size* bytes; the others have their turn where it is time."""
        self._size += size
        self._pieces += 1
        if self._size > self._breath or self._pieces >= MAX_PIECES_PER_TURN:
            self._size = self._pieces = 0
            await asyncio.sleep(0)
