"""The memory that all responses together may take while they are read.

Small responses are never held back. Of large ones, :data:`MAX_LARGE_RESPONSES` are in memory at a
time, over all sources; others wait in line. A slow response is aborted while others wait, so that
no server can block another's. The background never takes the last reservation, which is kept for
people.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Self
from weakref import WeakKeyDictionary

from opsboard.adapter import is_background

FREE_BYTES: Final = 256 * 1024
"""Bytes that a response may take without a reservation."""
MAX_LARGE_RESPONSES: Final = 3
RESERVED_FOR_FOREGROUND: Final = 1
"""Reservations for people only (see :func:`opsboard.adapter.is_background`)."""
GRACE_SECONDS: Final = 10.0
"""Seconds for which no reservation is taken away."""
MIN_WAIT_SECONDS: Final = 1.0
"""Seconds between two checks for a slow response."""
SLOW_BYTES_PER_SECOND: Final = 256 * 1024
"""A response that arrives more slowly may be aborted for others that wait."""


class ResponseMemory:
    """The reservations of one event loop."""

    def __init__(self) -> None:
        self._queues = {lane: asyncio.Lock() for lane in (True, False)}
        self._released = asyncio.Event()
        self._reservations: dict[MemoryReservation, float] = {}

    def __len__(self) -> int:
        return len(self._reservations)

    async def acquire(self, reservation: "MemoryReservation") -> None:
        """Wait in line for room for *reservation*."""
        background = is_background()
        most = MAX_LARGE_RESPONSES - RESERVED_FOR_FOREGROUND if background else MAX_LARGE_RESPONSES
        async with self._queues[background]:
            while len(self._reservations) >= most:
                await self._wait_for_room()
            self._reservations[reservation] = asyncio.get_running_loop().time()

    def release(self, reservation: "MemoryReservation") -> None:
        """Release *reservation*, and let those who wait check again."""
        if self._reservations.pop(reservation, None) is not None:
            self._released.set()

    async def _wait_for_room(self) -> None:
        """Wait until a reservation is released, or abort the slowest response."""
        self._released.clear()
        try:
            async with asyncio.timeout(self._wait_seconds()):
                await self._released.wait()
        except TimeoutError:
            now = asyncio.get_running_loop().time()
            slowest = min(
                self._reservations,
                key=lambda reservation: reservation.size / (now - self._reservations[reservation]),
            )
            if (
                slowest.size < SLOW_BYTES_PER_SECOND * (now - self._reservations[slowest])
                and slowest.evict()
            ):
                self.release(slowest)

    def _wait_seconds(self) -> float:
        """Return how long to wait until the oldest reservation has had its grace time."""
        age = asyncio.get_running_loop().time() - min(self._reservations.values())
        return max(GRACE_SECONDS - age, MIN_WAIT_SECONDS)


_OF_LOOP: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, ResponseMemory]] = WeakKeyDictionary()


def response_memory() -> ResponseMemory:
    """Return the memory of the running event loop, which all sources share."""
    return _OF_LOOP.setdefault(asyncio.get_running_loop(), ResponseMemory())


class MemoryReservation:
    """The memory of one response, from its first byte until it has been used.

    A context manager. Only a response that grows large ever waits.
    """

    def __init__(self) -> None:
        self._memory = response_memory()
        self.size = 0
        self._clock: asyncio.Timeout | None = None
        self.evicted = False
        self._taken = False

    async def grow(self, size: int) -> None:
        """Add *size* bytes, waiting for room where the response becomes large."""
        self.size += size
        if self.size > FREE_BYTES and not self._taken:
            await self._memory.acquire(self)
            self._taken = True

    def reset(self) -> None:
        """Start again with zero bytes, and release the room."""
        self.size = 0
        self._taken = False
        self._memory.release(self)

    @contextmanager
    def evictable_by(self, clock: asyncio.Timeout) -> Iterator[None]:
        """While the response is being read, let *clock* abort it."""
        self._clock = clock
        try:
            yield
        finally:
            self._clock = None

    def evict(self) -> bool:
        """Abort the reading of the response; return whether that was possible."""
        if self._clock is None:
            return False
        self.evicted = True
        self._clock.reschedule(asyncio.get_running_loop().time())
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.reset()
