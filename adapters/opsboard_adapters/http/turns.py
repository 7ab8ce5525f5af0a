"""Turns for the others of the loop, while what has come already is worked off."""

import asyncio
from typing import Final

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
