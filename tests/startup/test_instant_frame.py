"""The terminal is as it was before, whatever ends the frame, and however slowly it is drawn."""

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from opsboard.startup.frame_evidence import circumstances
from opsboard.startup.frame_file import FOLDER, SUFFIX, Evidence, KeptFrame
from opsboard.startup.frame_format import LEAVE, StoredFrame
from opsboard.startup.instant_frame import WRITE_TIMEOUT
from tests.patience import PATIENCE

WIDTH, HEIGHT = 200, 60
CELL = "\x1b[0;31mx"
"""Of a whole screen of such cells, 96 kB, a terminal that nobody reads takes only a part."""

ENV = {
    **{name: value for name, value in os.environ.items() if name in {"PATH", "PYTHONPATH"}},
    "TERM": "xterm-256color",
    "LANG": "C.UTF-8",
}


class Started(NamedTuple):
    """A board that has begun to draw its last frame on a terminal, the other end of *master*."""

    process: "subprocess.Popen[bytes]"
    master: int
    slave: int
    before: list[object]

    def ended(self) -> bytes:
        """Return what it has drawn, once it has ended."""
        os.set_blocking(self.master, False)
        drawn = b""
        while True:
            ended = self.process.poll() is not None
            try:
                drawn += os.read(self.master, 1 << 16)
            except BlockingIOError:
                if ended:
                    return drawn
                time.sleep(0.01)


def keep_frame(home: Path, argv: tuple[str, ...]) -> dict[str, str]:
    """Keep a frame for *argv*, where nothing else is; return the environment of its user."""
    env = {**ENV, "HOME": str(home)}
    rows = [[("31", "x")] * WIDTH] * HEIGHT
    key = circumstances(argv, env, (WIDTH, HEIGHT), "")
    frame = StoredFrame(WIDTH, HEIGHT, rows, ())
    kept = KeptFrame(key, time.time(), Evidence.found((), (), "salt", env), frame)
    folder = home / ".cache" / "opsboard" / FOLDER
    folder.mkdir(parents=True)
    folder.chmod(0o700)
    descriptor = os.open(folder / f"{key}{SUFFIX}", os.O_WRONLY | os.O_CREAT, 0o600)
    os.write(descriptor, kept.packed())
    os.close(descriptor)
    return env


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Return both ends of a terminal."""
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (HEIGHT, WIDTH))
    yield master, slave
    os.close(master)
    os.close(slave)


def start(
    env: dict[str, str], ends: tuple[int, int], *argv: str, write_timeout: float = PATIENCE
) -> Started:
    """Start the program, which takes the time that it needs: a busy machine is no dead mount."""
    master, slave = ends
    before = termios.tcgetattr(slave)
    code = (
        "import fcntl, sys, termios\n"
        "from os import setsid\n"
        "setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
        "from opsboard.startup import instant_frame\n"
        f"instant_frame.LOAD_TIMEOUT = {PATIENCE}\n"
        f"instant_frame.WRITE_TIMEOUT = {write_timeout}\n"
        "from opsboard.cli import main\n"
        "sys.exit(main())"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, *argv], env=env, stdin=slave, stdout=slave, stderr=slave
    )
    return Started(process, master, slave, before)


def until_it_is_stuck(started: Started) -> None:
    """Wait until the terminal is raw, and takes no more of the frame."""
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit:
        _, ready, _ = select.select((), (started.slave,), (), 0.01)
        if not ready:
            return
    pytest.fail("it has drawn nothing")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_it_is_drawn_puts_the_terminal_back(
    tmp_path: Path, terminal: tuple[int, int], number: signal.Signals
) -> None:
    started = start(keep_frame(tmp_path, ("--help",)), terminal, "--help")
    until_it_is_stuck(started)
    started.process.send_signal(number)
    drawn = started.ended()
    assert CELL.encode() in drawn
    assert drawn.endswith(LEAVE.encode()), drawn[-300:]
    assert termios.tcgetattr(started.slave) == started.before
    assert started.process.returncode in {-number, 128 + number}


@pytest.mark.parametrize("is_read", [True, False])
def test_a_terminal_that_waits_for_nobody_is_put_back(
    tmp_path: Path, terminal: tuple[int, int], *, is_read: bool
) -> None:
    os.set_blocking(terminal[1], False)
    env, wait = keep_frame(tmp_path, ("--version",)), PATIENCE if is_read else WRITE_TIMEOUT
    started = start(env, terminal, "--version", write_timeout=wait)
    if not is_read:
        started.process.wait(PATIENCE)
    drawn = started.ended()
    assert b"\x1b[?1049h" in drawn
    assert (LEAVE.encode() in drawn) == is_read
    assert termios.tcgetattr(started.slave) == started.before
