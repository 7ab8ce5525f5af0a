"""Lines that arrive from many containers at once, in order, through a bounded buffer."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from datetime import datetime
from typing import Final

from opsboard.adapter import LogLine
from opsboard_adapters.kubernetes.logs.merge import ReorderWindow

TURN: Final = 0.1
"""Seconds that a line waits at least for older ones; at most two turns."""
MAX_HELD: Final = 4_000
"""Lines that wait for the reader; then no more are taken from the servers."""


class LiveLines:
    """What writers :meth:`put`, in the order of its times. *now* tells the time.

    A reader that does not keep up makes the writers wait, and these the servers: nothing is lost
    that a server still has.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._window = ReorderWindow()
        self._something = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._closed = False

    async def put(self, container: tuple[str, str], line: LogLine) -> None:
        """Add a line of *container*; return once there is room for the next."""
        self.add(container, line)
        if not self._room.is_set():
            await self._room.wait()

    def add(self, container: tuple[str, str], line: LogLine) -> None:
        """Add a line of *container*, whether there is room or not."""
        self._window.add(container, line, self._now())
        self._something.set()
        if len(self._window) >= MAX_HELD:
            self._room.clear()

    @property
    def is_full(self) -> bool:
        """Whether writers wait for the reader."""
        return not self._room.is_set()

    def forget(self, container: tuple[str, str]) -> None:
        """Forget *container*, of which no more lines come."""
        self._window.forget(container)

    def close(self) -> None:
        """Let :meth:`lines` end when all has been read."""
        self._closed = True
        self._something.set()

    async def lines(self) -> AsyncGenerator[LogLine, None]:
        """Yield the lines."""
        while not (self._closed and not len(self._window)):
            await self._something.wait()
            await asyncio.sleep(TURN)
            for line in self._window.turn():
                yield line
            if len(self._window) < MAX_HELD:
                self._room.set()
            if not len(self._window) and not self._closed:
                self._something.clear()
