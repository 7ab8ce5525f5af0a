"""A pseudo-terminal that runs a program and records which bytes arrive when.

Nothing is interpreted while the clock runs: bytes are recorded with their time of arrival, and a
terminal emulator (pyte) replays them afterwards to find out what was visible when.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Final, NamedTuple

import pyte

WIDTH: Final = 120
HEIGHT: Final = 36

PATIENCE: Final = 180.0
"""Seconds to wait for anything before giving up."""

FRAME_BEGIN: Final = b"\x1b[?2026h"
FRAME_END: Final = b"\x1b[?2026l"
"""How a program begins and ends a frame where the terminal can show frames as a whole."""

_QUERIES: Final = {
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",  # synchronised output: known
    b"\x1b[?2048$p": b"\x1b[?2048;0$y",  # reports of resizing: not known
}
_UNKNOWN_TO_PYTE: Final = re.compile(rb"\x1b\[[<>=][\d;]*[a-zA-Z]|\x1b\]22;[^\x07]*\x07")


class Chunk(NamedTuple):
    """What was read at once, *at* seconds after the program was started."""

    at: float
    data: bytes


class Screen:
    """What a terminal of this size would show."""

    def __init__(self) -> None:
        self._screen = pyte.Screen(WIDTH, HEIGHT)
        self._stream = pyte.ByteStream(self._screen)

    def feed(self, data: bytes) -> None:
        """Take in what the program wrote."""
        self._stream.feed(_UNKNOWN_TO_PYTE.sub(b"", data))

    @property
    def text(self) -> str:
        """All lines."""
        return "\n".join(self._screen.display)


class Terminal:
    """Runs *command* from when the context is entered until it is left."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str]) -> None:
        self._command = command
        self._env = env
        self._screen = Screen()
        self._fed = 0
        self.chunks: list[Chunk] = []

    def __enter__(self) -> "Terminal":
        self._begun = time.perf_counter()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            self._become()
        return self

    def _become(self) -> None:
        try:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
            os.execve(self._command[0], list(self._command), dict(self._env))  # noqa: S606
        finally:
            os._exit(127)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        end = time.monotonic() + 5
        while os.waitpid(self.pid, os.WNOHANG)[0] == 0:
            if time.monotonic() > end:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                break
            self.read(0.05)
        os.close(self._fd)

    @property
    def now(self) -> float:
        """Seconds since the program was started."""
        return time.perf_counter() - self._begun

    def press(self, keys: str) -> float:
        """Type *keys*; return when."""
        at = self.now
        os.write(self._fd, keys.encode())
        return at

    def read(self, timeout: float) -> Chunk | None:
        """Return what arrives within *timeout* seconds, if anything does."""
        if not select.select([self._fd], [], [], timeout)[0]:
            return None
        try:
            data = os.read(self._fd, 1 << 16)
        except OSError:  # the program has ended
            return None
        chunk = Chunk(self.now, data)
        self.chunks.append(chunk)
        for query, answer in _QUERIES.items():
            if query in data:
                os.write(self._fd, answer)
        return chunk

    def watch(self, seconds: float) -> list[Chunk]:
        """Read for so many seconds; return what arrived."""
        first, end = len(self.chunks), self.now + seconds
        while (left := end - self.now) > 0:
            self.read(left)
        return self.chunks[first:]

    def quiet(self, seconds: float) -> None:
        """Read until nothing has arrived for so many seconds."""
        while self.read(seconds) is not None:
            pass

    def screen(self) -> str:
        """Return what is shown now. Takes time: not while the clock runs."""
        for chunk in self.chunks[self._fed :]:
            self._screen.feed(chunk.data)
        self._fed = len(self.chunks)
        return self._screen.text

    def first(self, true: Callable[[str], bool], seconds: float) -> float | None:
        """Read for so many *seconds* at most; return when what is shown was first as it should be.

        What arrives is looked at only between two pieces of time, so that looking delays nothing.
        """
        end = self.now + seconds
        while self.now < end:
            self.watch(min(0.1, max(0.0, end - self.now)))
            for chunk in self.chunks[self._fed :]:
                self._screen.feed(chunk.data)
                self._fed += 1
                if true(self._screen.text):
                    return chunk.at
        return None

    def until(self, true: Callable[[str], bool], what: str) -> str:
        """Wait until what is shown is as it should be. Takes time: not while the clock runs."""
        end = time.monotonic() + PATIENCE
        while not true(shown := self.screen()):
            if time.monotonic() > end:
                raise TimeoutError(f"waited in vain for {what}:\n{shown}")
            self.watch(0.1)
        return shown

    def sees(self, text: str) -> None:
        """Wait until *text* is among the bytes that come, to the end of its frame. Quick."""
        end, seen = self.now + PATIENCE, b""
        while text.encode() not in seen or not seen.rstrip().endswith(FRAME_END):
            if self.now > end:
                raise TimeoutError(f"waited in vain for {text!r}:\n{self.screen()}")
            chunk = self.read(0.1)
            seen += chunk.data if chunk else b""

    def frame(self, timeout: float = 5.0) -> float:
        """Return when the next whole frame has arrived."""
        end = self.now + timeout
        while (chunk := self.read(max(0.0, end - self.now))) is not None:
            if FRAME_END in chunk.data:
                return chunk.at
        raise TimeoutError("no frame came")


def first_shown(chunks: Sequence[Chunk], true: Callable[[str], bool]) -> float | None:
    """Return when a frame was first as it should be, or ``None``."""
    screen, within = Screen(), False
    for chunk in chunks:
        *frames, rest = chunk.data.split(FRAME_END)
        for frame in frames:
            screen.feed(frame + FRAME_END)
            if true(screen.text):
                return chunk.at
        screen.feed(rest)
        within = FRAME_BEGIN in rest or (within and not frames)
        if not within and true(screen.text):  # what is sent outside of frames is seen as it comes
            return chunk.at
    return None


def size(chunks: Sequence[Chunk]) -> int:
    """Return how many bytes *chunks* are."""
    return sum(len(chunk.data) for chunk in chunks)
