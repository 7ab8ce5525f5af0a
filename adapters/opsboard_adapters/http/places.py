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

ALLOTMENT: Final = 256 * 1024
"""Bytes that an answer may have without a place."""
PLACES: Final = 3
KEPT: Final = 1
"""Places that are taken for people only (:func:`opsboard.adapter.is_background`)."""
GRACE: Final = 10.0
"""Seconds for which nobody loses a place."""
SHORTEST: Final = 1.0
"""Seconds between two looks at who is slow."""
SLOW: Final = 256 * 1024
"""Bytes a second: who is slower may lose a place to those who wait for one."""


class Places:
    """The places of one event loop."""

    def __init__(self) -> None:
        self._lines = {lane: asyncio.Lock() for lane in (True, False)}
        self._freed = asyncio.Event()
        self._held: dict[Place, float] = {}

    def __len__(self) -> int:
        return len(self._held)

    async def take(self, place: "Place") -> None:
        """Wait in line for room, and let *place* have it."""
        background = is_background()
        most = PLACES - KEPT if background else PLACES
        async with self._lines[background]:
            while len(self._held) >= most:
                await self._room()
            self._held[place] = asyncio.get_running_loop().time()

    def free(self, place: "Place") -> None:
        """Take *place* off those who have room."""
        if self._held.pop(place, None) is not None:
            self._freed.set()

    async def _room(self) -> None:
        """Wait until a place is free, or make the slowest one leave."""
        self._freed.clear()
        try:
            async with asyncio.timeout(self._patience()):
                await self._freed.wait()
        except TimeoutError:
            now = asyncio.get_running_loop().time()
            slowest = min(self._held, key=lambda place: place.size / (now - self._held[place]))
            if slowest.size < SLOW * (now - self._held[slowest]) and slowest.leave():
                self.free(slowest)

    def _patience(self) -> float:
        """Return how long to wait until somebody has had a place for long enough."""
        age = asyncio.get_running_loop().time() - min(self._held.values())
        return max(GRACE - age, SHORTEST)


_OF_LOOP: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, Places]] = WeakKeyDictionary()


def here() -> Places:
    """Return the places of the running loop: all sources share it."""
    return _OF_LOOP.setdefault(asyncio.get_running_loop(), Places())


class Place:
    """What one answer takes up, from its first byte until it has been made use of.

    A context manager; only an answer that grows large ever waits.
    """

    def __init__(self) -> None:
        self._places = here()
        self.size = 0
        self._clock: asyncio.Timeout | None = None
        self.evicted = False
        self._taken = False

    async def grow(self, size: int) -> None:
        """Take in *size* more bytes, as soon as there is room for them."""
        self.size += size
        if self.size > ALLOTMENT and not self._taken:
            await self._places.take(self)
            self._taken = True

    def shrink(self) -> None:
        """Begin anew, with nothing."""
        self.size = 0
        self._taken = False
        self._places.free(self)

    @contextmanager
    def read_under(self, clock: asyncio.Timeout) -> Iterator[None]:
        """The answer is being read: *clock* can end that."""
        self._clock = clock
        try:
            yield
        finally:
            self._clock = None

    def leave(self) -> bool:
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
        self.shrink()
