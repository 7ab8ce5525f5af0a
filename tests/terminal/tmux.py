"""A real terminal for tests: a tmux server of its own, looked at until it shows what is awaited."""

import os
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.patience import PATIENCE


class Terminal:
    """A tmux session that runs one command in a shell, which stays when the command ends."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self._socket = str(folder / "tmux.sock")
        self._env = {**os.environ, **env}
        self._record: Path | None = None

    def tmux(self, *words: str) -> str:
        result = subprocess.run(
            ["tmux", "-S", self._socket, "-f", "/dev/null", *words],
            env=self._env,
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE,
        )
        return result.stdout

    def start(
        self, command: list[str], width: int, height: int, record: Path | None = None
    ) -> None:
        """Run *command*; write all that it sends to the terminal to *record*."""
        size = ("-x", str(width), "-y", str(height))
        self.tmux("new-session", "-d", "-s", "it", *size, "sh")
        self._record = record
        if record is not None:
            self.tmux("pipe-pane", "-t", "it", f"cat > {shlex.quote(str(record))}")
        self.type(f"{shlex.join(command)}; echo ended-with=$?")

    def type(self, line: str) -> None:
        """Type *line* and Enter, as text."""
        self.tmux("send-keys", "-t", "it", "-l", line)
        self.press("Enter")

    def packet(self, keys: str) -> None:
        """Send *keys* all at once, as they are: ``\\r`` is Enter, ``\\x1b`` Escape."""
        self.tmux("send-keys", "-t", "it", "-l", keys)

    def paste(self, text: str) -> None:
        """Paste *text*, in brackets if the program asks for them."""
        self.tmux("set-buffer", "-b", "pasted", text)
        self.tmux("paste-buffer", "-p", "-r", "-b", "pasted", "-t", "it")

    def press(self, *keys: str) -> None:
        self.tmux("send-keys", "-t", "it", *keys)

    def resize(self, width: int, height: int) -> None:
        self.tmux("resize-window", "-t", "it", "-x", str(width), "-y", str(height))

    def screen(self, *, colours: bool = False) -> str:
        """Return what is on the screen, with the sequences of its colours if these are wanted."""
        return self.tmux("capture-pane", "-p", *(("-e",) if colours else ()), "-t", "it")

    @property
    def is_clean(self) -> bool:
        """Whether no program has left a mode on: no mouse, no other screen, no hidden cursor."""
        wanted = "alternate_on=0 cursor_flag=1 mouse_any_flag=0 mouse_sgr_flag=0 keypad_flag=0"
        flags = (flag.partition("=")[0] for flag in wanted.split())
        return " ".join(f"{flag}={self.state(flag)}" for flag in flags) == wanted

    def state(self, name: str) -> str:
        """Return a tmux format variable of the pane, such as ``alternate_on``."""
        return self.tmux("display-message", "-p", "-t", "it", f"#{{{name}}}").strip()

    def children(self) -> list[int]:
        """Return the processes that the terminal's shell has started."""
        words = ["ps", "-o", "pid=", "--ppid", self.state("pane_pid")]
        listed = subprocess.run(words, capture_output=True, text=True, check=True)
        return [int(word) for word in listed.stdout.split()]

    def shows(self, text: str) -> str:
        """Wait until the screen shows *text*; return the screen."""
        return self.until(lambda screen: text in screen, f"{text!r} to be shown")

    def until(self, true: Callable[[str], bool], what: str, patience: float = PATIENCE) -> str:
        """Wait until *true* of the screen, for *patience* seconds; return the screen."""
        deadline = time.monotonic() + patience
        while not true(screen := self.screen()):
            assert time.monotonic() < deadline, f"waited in vain for {what}:\n{screen}"
            time.sleep(0.05)
        return screen

    def ended(self) -> int:
        """Wait for the command's end, and for all of it to be recorded; return its exit code."""
        told = re.compile(r"ended-with=(\d+)")
        screen = self.until(lambda seen: told.search(seen) is not None, "the end")
        self.until(lambda _: told.search(self._recorded()) is not None, "the record of the end")
        return int(told.findall(screen)[-1])

    def _recorded(self) -> str:
        """Return what is recorded by now: another process writes it; the screen, without one."""
        record = self._record
        return self.screen() if record is None else record.read_text("utf-8", "replace")


def homes_in(folder: Path) -> dict[str, str]:
    """Return the environment of a program whose state and cache are in *folder*."""
    return {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("STATE", "CACHE")}


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
            ["tmux", "-S", it._socket, "kill-server"],
            capture_output=True,
            check=False,
            timeout=PATIENCE,
        )
