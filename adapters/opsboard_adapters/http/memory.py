"""The memory that all answers together may take while they are read.

Small answers always pass. Of large ones, :data:`PLACES` are in memory at a time, over all sources;
others wait in line. One that is slow while others wait is ended, so that no server can hold up
what belongs to another. The background never takes the last place: that is a person's.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Self
from weakref import WeakKeyDictionary

from opsboard.adapter import is_background

FREE_BYTES: Final = 256 * 1024
"""Bytes that an answer may have without a place."""
MAX_LARGE_RESPONSES: Final = 3
RESERVED_FOR_FOREGROUND: Final = 1
"""Places that are taken for people only (:func:`opsboard.adapter.is_background`)."""
GRACE_SECONDS: Final = 10.0
"""Seconds for which nobody loses a place."""
MIN_WAIT_SECONDS: Final = 1.0
"""Seconds between two looks at who is slow."""
SLOW_BYTES_PER_SECOND: Final = 256 * 1024
"""Bytes a second: who is slower may lose a place to those who wait for one."""


class ResponseMemory:
    """The places of one event loop."""

    def __init__(self) -> None:
        self._lines = {lane: asyncio.Lock() for lane in (True, False)}
        self._freed = asyncio.Event()
        self._held: dict[MemoryReservation, float] = {}

    def __len__(self) -> int:
        return len(self._held)

    async def acquire(self, place: "MemoryReservation") -> None:
        """Wait in line for room, and let *place* have it."""
        background = is_background()
        most = MAX_LARGE_RESPONSES - RESERVED_FOR_FOREGROUND if background else MAX_LARGE_RESPONSES
        async with self._lines[background]:
            while len(self._held) >= most:
                await self._wait_for_room()
            self._held[place] = asyncio.get_running_loop().time()

    def release(self, place: "MemoryReservation") -> None:
        """Take *place* off those who have room."""
        if self._held.pop(place, None) is not None:
            self._freed.set()

    async def _wait_for_room(self) -> None:
        """Wait until a place is free, or make the slowest one leave."""
        self._freed.clear()
        try:
            async with asyncio.timeout(self._wait_seconds()):
                await self._freed.wait()
        except TimeoutError:
            now = asyncio.get_running_loop().time()
            slowest = min(self._held, key=lambda place: place.size / (now - self._held[place]))
            if (
                slowest.size < SLOW_BYTES_PER_SECOND * (now - self._held[slowest])
                and slowest.evict()
            ):
                self.release(slowest)

    def _wait_seconds(self) -> float:
        """Return how long to wait until somebody has had a place for long enough."""
        age = asyncio.get_running_loop().time() - min(self._held.values())
        return max(GRACE_SECONDS - age, MIN_WAIT_SECONDS)


_OF_LOOP: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, ResponseMemory]] = WeakKeyDictionary()


def response_memory() -> ResponseMemory:
    """Return the places of the running loop: all sources share it."""
    return _OF_LOOP.setdefault(asyncio.get_running_loop(), ResponseMemory())


class MemoryReservation:
    """What one answer takes up, from its first byte until it has been made use of.

    A context manager; only an answer that grows large ever waits.
    """

    def __init__(self) -> None:
        self._places = response_memory()
        self.size = 0
        self._clock: asyncio.Timeout | None = None
        self.evicted = False
        self._taken = False

    async def grow(self, size: int) -> None:
        """Take in *size* more bytes, as soon as there is room for them."""
        self.size += size
        if self.size > FREE_BYTES and not self._taken:
            await self._places.acquire(self)
            self._taken = True

    def reset(self) -> None:
        """Begin anew, with nothing."""
        self.size = 0
        self._taken = False
        self._places.release(self)

    @contextmanager
    def evictable_by(self, clock: asyncio.Timeout) -> Iterator[None]:
        """The answer is being read: *clock* can end that."""
        self._clock = clock
        try:
            yield
        finally:
            self._clock = None

    def evict(self) -> bool:
        """End the reading of the answer, and tell whether that was possible."""
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
