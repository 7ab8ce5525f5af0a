"""The process that serves the demo, so that its work does not slow the board that shows it.

The child runs ``opsboard demo --serve --tied``. Two pipes tie it to its parent: on its standard
output it says once where its config is, or what went wrong; its standard input ends when the
parent does, however that ends, and then the child ends too.

Without the extra ``demo`` there is no server: :func:`missing_servers` tells.
"""

import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Final

from opsboard.demo.options import DemoOptions

READY: Final = "ready "
"""The prefix of the line on which the child names its config."""

START_SECONDS: Final = 120.0
"""Seconds to wait for the child: ten thousand pods take a while on a small machine."""

STOP_SECONDS: Final = 3.0

INSTALL_DEMO: Final = "pip install 'opsboard[demo]'"
SERVERS: Final = ("starlette", "uvicorn")
"""What the extra ``demo`` installs."""


class DemoError(Exception):
    """The demo could not be started. The text says why, and how to mend it."""


def missing_servers() -> tuple[str, ...]:
    """Return those modules of :data:`SERVERS` that are not installed. Imports none of them."""
    return tuple(name for name in SERVERS if find_spec(name) is None)


def require_servers() -> None:
    """Raise :exc:`DemoError` where the extra ``demo`` is not installed."""
    if missing := missing_servers():
        raise DemoError(
            f"the demo is not installed ({' and '.join(missing)} missing): {INSTALL_DEMO}, or "
            "in a checkout: pip install -e '.[demo]'"
        )


@contextmanager
def running_demo(options: DemoOptions) -> Iterator[Path]:
    """Serve the demo while the context lasts; yield the config file that shows it.

    Raises :exc:`DemoError` where it cannot be served.
    """
    with DemoProcess(options) as process:
        yield process.wait_until_ready()


class DemoProcess:
    """The child process: started by the constructor, ended on leaving the context.

    The constructor does not wait for it, so that the parent can import what it needs meanwhile.
    """

    def __init__(self, options: DemoOptions) -> None:
        require_servers()
        self._folder: Path | None = None
        command = [sys.executable, "-P", "-m", "opsboard", "demo", "--serve", "--tied"]
        try:
            self._process = subprocess.Popen(
                [*command, *options.arguments()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                start_new_session=True,  # Ctrl-C and a hang-up are for the parent alone
            )
        except OSError as error:
            raise DemoError(f"cannot start the demo: {error.strerror or error}") from None
        assert self._process.stdin is not None  # noqa: S101 - a pipe
        assert self._process.stdout is not None  # noqa: S101 - a pipe
        self._stdin, self._stdout = self._process.stdin, self._process.stdout

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
        output = self._read_output()
        last = output.strip().rpartition("\n")[2]
        if not last.startswith(READY):
            raise DemoError(last.removeprefix("opsboard: ") or "the demo ended at once")
        config = Path(last.removeprefix(READY))
        self._folder = config.parent
        return config

    def close(self) -> None:
        """End the child, and remove its folder if it could not."""
        for pipe in (self._stdin, self._stdout):
            with suppress(OSError):
                pipe.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._folder is not None:  # left only by a child that was killed
            shutil.rmtree(self._folder, ignore_errors=True)

    def _read_output(self) -> str:
        """Return the child's output until it is ready, or until it ends."""
        descriptor = self._stdout.fileno()
        end = time.monotonic() + START_SECONDS
        output = b""
        while not (output.endswith(b"\n") and READY.encode() in output):
            ready, _, _ = select.select([descriptor], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                raise DemoError(f"the demo did not start within {START_SECONDS:.0f} s")
            if not (more := os.read(descriptor, 4096)):
                break
            output += more
        return output.decode("utf-8", "replace")
