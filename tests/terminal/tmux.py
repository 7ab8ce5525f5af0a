"""A real terminal for tests: a tmux server of its own, looked at until it shows what is awaited."""

import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

PATIENCE = 60.0
"""Seconds after which something awaited is given up."""


class Terminal:
    """A tmux session that runs one command in a shell, which stays when the command ends."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self._socket = str(folder / "tmux.sock")
        self._env = {**os.environ, **env}

    def tmux(self, *words: str) -> str:
        result = subprocess.run(
            ["tmux", "-S", self._socket, "-f", "/dev/null", *words],
            env=self._env,
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        )
        return result.stdout

    def start(self, command: list[str], width: int, height: int) -> None:
        size = ("-x", str(width), "-y", str(height))
        self.tmux("new-session", "-d", "-s", "it", *size, "sh")
        self.type(f"{shlex.join(command)}; echo ended-with=$?")

    def type(self, line: str) -> None:
        """Type *line* and Enter, as text."""
        self.tmux("send-keys", "-t", "it", "-l", line)
        self.press("Enter")

    def press(self, *keys: str) -> None:
        self.tmux("send-keys", "-t", "it", *keys)

    def resize(self, width: int, height: int) -> None:
        self.tmux("resize-window", "-t", "it", "-x", str(width), "-y", str(height))

    def screen(self) -> str:
        return self.tmux("capture-pane", "-p", "-t", "it")

    def state(self, name: str) -> str:
        """Return a tmux format variable of the pane, such as ``alternate_on``."""
        return self.tmux("display-message", "-p", "-t", "it", f"#{{{name}}}").strip()

    def shows(self, text: str) -> str:
        """Wait until the screen shows *text*; return the screen."""
        return self.until(lambda screen: text in screen, f"{text!r} to be shown")

    def until(self, true: Callable[[str], bool], what: str) -> str:
        deadline = time.monotonic() + PATIENCE
        while not true(screen := self.screen()):
            assert time.monotonic() < deadline, f"waited in vain for {what}:\n{screen}"
            time.sleep(0.05)
        return screen

    def ended(self) -> int:
        """Wait for the command's end; return its exit code."""
        screen = self.shows("ended-with=")
        lines = [line for line in screen.splitlines() if line.startswith("ended-with=")]
        self.until(lambda seen: any(x.startswith("ended-with=") for x in seen.splitlines()), "end")
        return int(lines[-1].partition("=")[2]) if lines else self.ended()


@contextmanager
def terminal(folder: Path, **env: str) -> Iterator[Terminal]:
    """Open a terminal; skip where there is no tmux, but fail in CI."""
    if shutil.which("tmux") is None:
        if os.environ.get("CI"):
            pytest.fail("tmux is missing, and CI has to run these tests")
        pytest.skip("tmux is not installed")
    it = Terminal(folder, env)
    try:
        yield it
    finally:
        subprocess.run(
            ["tmux", "-S", it._socket, "kill-server"], capture_output=True, check=False, timeout=30
        )
