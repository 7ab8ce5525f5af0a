"""The program in a real terminal, by keys alone."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.terminal.tmux import Terminal, terminal

pytestmark = pytest.mark.terminal

DEMO = [sys.executable, "-m", "opsboard", "demo"]


def _restored(it: Terminal) -> bool:
    return it.state("alternate_on") == "0" and it.state("cursor_flag") == "1"


def test_a_walk_through_the_demo(tmp_path: Path) -> None:
    with terminal(tmp_path) as it:
        it.start(DEMO, 120, 36)
        it.shows("CrashLoo")
        it.until(lambda screen: "✓ clusters live" in screen, "the clusters to be watched")

        it.press("2", "2")
        it.until(lambda screen: "1 Builds" not in screen, "one pane alone")
        it.press("/")
        it.until(lambda screen: "? Help" not in screen, "the prompt")
        it.type("reason:crashloop")
        one_row = re.compile(r"2 Deployments\s+1/\d+.*/reason:crashloop")
        it.until(lambda screen: one_row.search(screen) is not None, "one row")

        it.press("g", "Enter")
        it.shows("Revisions")
        it.press("L")
        it.until(lambda screen: screen.count("checkout") >= 3, "lines of the log")
        it.press("Escape")
        it.shows("Revisions")
        it.press("Escape")
        it.shows("reason:crashloop")

        it.press(":")
        it.until(lambda screen: "? Help" not in screen, "the prompt")
        it.type("pods")
        it.shows("Pods")
        it.resize(80, 24)
        it.until(lambda screen: len(screen.splitlines()[0]) <= 80, "80 columns")
        it.resize(20, 5)
        it.shows("too small")
        it.resize(120, 36)
        it.shows("Pods")

        it.press("q")
        assert it.ended() == 0
        assert _restored(it)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_restores_the_terminal(tmp_path: Path, number: signal.Signals) -> None:
    with terminal(tmp_path) as it:
        it.start(DEMO, 120, 36)
        it.shows("4 Alerts")
        (child,) = _children(int(it.state("pane_pid")))
        os.kill(child, number)
        assert it.ended() == 128 + number
        assert _restored(it)
        assert "Traceback" not in it.screen()


def _children(pid: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=True
    )
    return [int(word) for word in listed.stdout.split()]


def test_a_dumb_terminal_is_refused(tmp_path: Path) -> None:
    with terminal(tmp_path) as it:
        it.start(["env", "TERM=dumb", *DEMO], 120, 36)
        assert it.ended() == 64
        screen = it.screen()
        assert "opsboard status" in screen
        assert "Traceback" not in screen


def test_no_terminal_at_all() -> None:
    result = subprocess.run(
        DEMO, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False
    )
    assert result.returncode == 64
    assert b"needs a terminal" in result.stderr
    assert b"Traceback" not in result.stderr
