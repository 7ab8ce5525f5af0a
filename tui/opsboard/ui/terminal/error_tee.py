"""Shows what a program says on its standard error, and hands each line of it on."""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Final

from opsboard.text.sanitize import sanitize

MAX_LINE: Final = 500
"""Characters of a line that are handed on."""
_READ: Final = 4_096


class ErrorTee:
    """Reads *pipe* in the loop that runs: *show* is given the bytes, *said* the lines.

    A line is cleaned, and one without words is left out. Nothing waits for whoever else holds the
    other end: what is read is what was written until :meth:`close`.
    """

    def __init__(
        self, pipe: IO[bytes], show: Callable[[bytes], None], said: Callable[[str], None]
    ) -> None:
        self._pipe, self._show, self._said = pipe, show, said
        self._rest = b""
        self._loop = asyncio.get_running_loop()
        os.set_blocking(pipe.fileno(), False)
        self._loop.add_reader(pipe.fileno(), self._read)

    def close(self) -> None:
        """Read what there is still, and no more after that."""
        while self._read():
            pass
        self._tell(self._rest)
        self._loop.remove_reader(self._pipe.fileno())
        self._pipe.close()

    def _read(self) -> bool:
        """Read once; return whether there was anything."""
        data = b""
        with suppress(OSError):  # nothing is there by now
            data = os.read(self._pipe.fileno(), _READ)
            if not data:  # its end: a reader would be called for it again and again
                self._loop.remove_reader(self._pipe.fileno())
        if data:
            self._show(data)
            *lines, self._rest = (self._rest + data).splitlines(keepends=True)
            if self._rest.endswith((b"\n", b"\r")):
                lines, self._rest = [*lines, self._rest], b""
            self._rest = self._rest[-_READ:]
            for line in lines:
                self._tell(line)
        return bool(data)

    def _tell(self, line: bytes) -> None:
        if text := sanitize(line.decode("utf-8", "replace")).strip()[:MAX_LINE]:
            self._said(text)
