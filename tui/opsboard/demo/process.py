"""The demo's world in a process of its own, so that its work is none of the board's.

The child is ``opsboard demo --serve``, tied to its parent by two pipes: on the one it tells
where its config is once it serves, or what is wrong; the other ends when the parent does, in
whatever way, and then the child ends too.
"""

import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final

from opsboard.demo.options import DemoOptions

READY: Final = "ready "
"""How the line begins on which the child names its config."""

START_SECONDS: Final = 120.0
"""A world of ten thousand pods takes a while to be founded on a small machine."""

STOP_SECONDS: Final = 3.0


class DemoError(Exception):
    """The demo could not be started. The text says why."""


@contextmanager
def running_demo(demo: DemoOptions) -> Iterator[Path]:
    """Serve *demo* while the context lasts; yield the config file that shows it.

    Raises :exc:`DemoError` where it cannot be served.
    """
    with DemoProcess(demo) as child:
        yield child.wait_until_ready()


class DemoProcess:
    """The process that serves *demo*: begun when made, ended on leaving the context."""

    def __init__(self, demo: DemoOptions) -> None:
        self._folder: Path | None = None
        command = [sys.executable, "-P", "-m", "opsboard", "demo", "--serve", "--tied"]
        try:
            self._process = subprocess.Popen(
                [*command, *demo.arguments()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                start_new_session=True,  # Ctrl-C and a hang-up are the parent's affair
            )
        except OSError as error:
            raise DemoError(f"cannot start the demo: {error.strerror or error}") from None
        assert self._process.stdin is not None  # noqa: S101 - a pipe
        assert self._process.stdout is not None  # noqa: S101 - a pipe
        self._tie, self._told = self._process.stdin, self._process.stdout

    def __enter__(self) -> "DemoProcess":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_until_ready(self) -> Path:
        """Wait until the child serves; return its config file. Raises :exc:`DemoError`."""
        said = self._first_words()
        last = said.strip().rpartition("\n")[2]
        if not last.startswith(READY):
            raise DemoError(last.removeprefix("opsboard: ") or "the demo ended at once")
        config = Path(last.removeprefix(READY))
        self._folder = config.parent
        return config

    def close(self) -> None:
        """End the child, and see to it that nothing of it is left."""
        for pipe in (self._tie, self._told):
            with suppress(OSError):
                pipe.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._folder is not None:  # left only by a child that was killed
            shutil.rmtree(self._folder, ignore_errors=True)

    def _first_words(self) -> str:
        """Return what the child says until it is ready, or until it ends."""
        descriptor = self._told.fileno()
        end = time.monotonic() + START_SECONDS
        said = b""
        while not (said.endswith(b"\n") and READY.encode() in said):
            ready, _, _ = select.select([descriptor], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                raise DemoError(f"the demo did not start within {START_SECONDS:.0f} s")
            if not (more := os.read(descriptor, 4096)):
                break
            said += more
        return said.decode("utf-8", "replace")
