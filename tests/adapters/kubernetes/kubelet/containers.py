"""What the containers of the kubelet are: their logs, and what runs in them."""

import asyncio
import fcntl
import os
import pty
import struct
import termios
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass
class ContainerLog:
    """What one instance of a container has written, and whether it goes on."""

    lines: list[tuple[datetime, str]] = field(default_factory=list)
    ended: bool = False
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    def write(self, *texts: str, at: datetime | None = None) -> None:
        self.lines += [(at or datetime.now(UTC), text) for text in texts]
        self._more.set()

    def end(self) -> None:
        self.ended = True
        self._more.set()

    async def read(
        self, *, follow: bool, tail: int | None, since: datetime | None, timestamps: bool
    ) -> AsyncIterator[bytes]:
        """Yield the lines as the kubelet does, which knows *since* by whole seconds."""
        start = since.replace(microsecond=0) if since else None
        chosen = [one for one in self.lines if start is None or one[0] >= start]
        at = len(self.lines)
        for line in chosen if tail is None else chosen[max(0, len(chosen) - tail) :]:
            yield _line(line, timestamps)
        while follow:
            self._more.clear()
            for line in self.lines[at:]:
                at += 1
                yield _line(line, timestamps)
            if self.ended:
                return
            await self._more.wait()


def _line(line: tuple[datetime, str], timestamps: bool) -> bytes:
    when, text = line
    stamp = when.strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z "
    return f"{stamp if timestamps else ''}{text}\n".encode()


@dataclass
class Container:
    """A container: its log, that of the instance before, and what was run in it."""

    log: ContainerLog = field(default_factory=ContainerLog)
    previous: ContainerLog | None = None
    ran: list[tuple[str, ...]] = field(default_factory=list)


@dataclass
class ServedPod:
    """A pod of the node. *ports* are what its ports are on this host."""

    containers: dict[str, Container] = field(default_factory=dict)
    ports: dict[int, int] = field(default_factory=dict)


class InnerProcess:
    """A process of this host in the place of one in a container, on a terminal of its own."""

    def __init__(self, process: asyncio.subprocess.Process, primary: int) -> None:
        self._process, self._primary = process, primary

    @classmethod
    async def start(cls, words: Sequence[str]) -> "InnerProcess":
        primary, secondary = pty.openpty()
        try:
            process = await asyncio.create_subprocess_exec(
                *words,
                stdin=secondary,
                stdout=secondary,
                stderr=secondary,
                env={"PATH": os.defpath, "PS1": "inner$ ", "TERM": "xterm", "HOME": "/"},
                start_new_session=True,
                preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            )
        finally:
            os.close(secondary)
        return cls(process, primary)

    def resize(self, width: int, height: int) -> None:
        fcntl.ioctl(self._primary, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def write(self, data: bytes) -> None:
        with suppress(OSError):
            os.write(self._primary, data)

    async def output(self) -> AsyncIterator[bytes]:
        """Yield what it prints until nobody has its terminal open."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                data = await loop.run_in_executor(None, os.read, self._primary, 4_096)
            except OSError:  # the other end is closed (EIO)
                return
            if not data:
                return
            yield data

    async def end(self) -> int:
        """Return its exit code, as a runtime gives it: 128 and the signal that ended it."""
        code = await self._process.wait()
        os.close(self._primary)
        return code if code >= 0 else 128 - code

    def hang_up(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, 1)


def seconds_ago(text: str) -> datetime:
    return datetime.now(UTC) - timedelta(seconds=int(text))
