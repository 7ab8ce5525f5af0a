"""The program in a real terminal, by keys alone."""

import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE
from tests.terminal.standing_demo import standing_demo
from tests.terminal.tmux import Terminal, terminal

pytestmark = pytest.mark.terminal

DEMO = standing_demo()
HOME = "\x1b[H"


def test_a_walk_through_the_demo(tmp_path: Path) -> None:
    with terminal(tmp_path) as it:
        it.start(DEMO, 120, 36)
        it.until(lambda screen: "✓ clusters live" in screen, "the clusters to be watched")
        it.shows("CrashLoo")
        assert not it.is_clean

        it.packet(f"22/reason:crashloop\r{HOME}\r")
        it.shows("Revisions")
        it.packet("L")
        it.until(lambda screen: screen.count("checkout") >= 3, "lines of the log")
        it.packet("\x1b\x1b")
        filtered = re.compile(r"2 Deployments\s+\d+/\d+.*/reason:crashloop")
        it.until(
            lambda seen: filtered.search(seen) is not None and "1 Builds" not in seen,
            "the filtered pane alone",
        )

        it.packet(":pods\r/checkout\r")
        it.until(lambda screen: re.search(r"Pods\s+\d+/\d+.*/checkout", screen) is not None, "pods")
        it.packet("q:alerts\rrrr")
        assert it.ended() == 0
        assert it.is_clean
        assert "Traceback" not in it.screen()


def test_a_strangers_text_commands_nothing(tmp_path: Path) -> None:
    """The demo has a commit title full of markup and escapes, on a branch that reads backwards."""
    sent = tmp_path / "sent"
    with terminal(tmp_path) as it:
        it.start(DEMO, 160, 40, record=sent)
        it.until(lambda screen: "✓ clusters live" in screen, "the clusters to be watched")
        it.packet("11/actor:mallory\r")
        it.until(lambda screen: re.search(r"1 Builds\s+1/\d+", screen) is not None, "the build")
        it.shows("Speed up [bold red]everything")
        it.packet("\r")
        it.shows("Steps that failed")
        it.shows("[link=https://thief.example]now[/link]")
        it.shows("[reverse]")
        it.packet("q")
        it.shows("1 Builds")
        it.packet("q")
        assert it.ended() == 0
        assert it.is_clean
    told = sent.read_text(encoding="utf-8", errors="replace")
    assert "owned" not in told
    assert not any(sign in told for sign in "\u202e\u2066\u200b")
    assert "]8;" not in told, "no text was made a link"


def test_keys_that_are_typed_before_the_board_is_there_act_once_it_is(tmp_path: Path) -> None:
    with terminal(tmp_path) as it:
        it.start(DEMO, 80, 24)
        it.packet(":pods\r/check")
        it.until(
            lambda seen: re.search(r"Pods\s+\d+/\d+", seen) is not None and "1 Builds" not in seen,
            "pods alone",
        )
        it.packet("\x1b\x1b:alerts\r")
        it.until(lambda screen: "Pods" not in screen and "4 Alerts" in screen, "the alerts")
        it.packet("q")
        assert it.ended() == 0


def _board_in(it: Terminal, command: list[str], modes: Path) -> int:
    """Note the modes of the terminal in *modes*, and open the board; return its process."""
    it.start(["sh", "-c", f"stty -g > {shlex.quote(str(modes))}"], 120, 36)
    assert it.ended() == 0
    it.type(f"clear; {shlex.join(command)}; echo gone-with=$?")
    it.shows("4 Alerts")
    (child,) = it.children()
    return child


def _check_usable(it: Terminal, modes: Path) -> None:
    """Fail unless the terminal is as it was before, and its shell reads and echoes lines."""
    it.until(lambda _: it.is_clean, "the modes of the screen to be put back")
    it.type("clear; stty -g | cmp - " + shlex.quote(str(modes)) + " && echo the-same=$((41 + 1))")
    it.shows("the-same=42")
    assert "Traceback" not in it.screen()


@pytest.mark.parametrize(
    "number",
    [
        signal.SIGTERM,
        signal.SIGHUP,
        signal.SIGQUIT,
        signal.SIGABRT,
        signal.SIGUSR1,
        signal.SIGALRM,
    ],
)
def test_a_signal_restores_the_terminal(tmp_path: Path, number: signal.Signals) -> None:
    with terminal(tmp_path) as it:
        child = _board_in(it, DEMO, tmp_path / "modes")
        os.kill(child, number)
        it.shows(f"gone-with={128 + number}")
        _check_usable(it, tmp_path / "modes")


STUCK = """
import sys, threading
from opsboard.ui import app
from opsboard.ui.terminal import shutdown
def tick(self):
    if self._ticks > 1:
        print("stuck", file=open(sys.argv.pop(), "w"))
        while True:
            pass
    self._ticks += 1
app.OpsboardApp._tick = tick
shutdown.ShutdownWatchdog.__init__.__defaults__ = (0.5,)
from opsboard.cli import main
sys.exit(main(["demo"]))
"""


def test_a_signal_restores_the_terminal_of_a_board_that_hangs(tmp_path: Path) -> None:
    told = tmp_path / "stuck"
    with terminal(tmp_path) as it:
        command = [sys.executable, "-c", STUCK, str(told)]
        child = _board_in(it, command, tmp_path / "modes")
        it.until(lambda _: told.exists(), "the board to hang")
        os.kill(child, signal.SIGQUIT)
        it.shows(f"gone-with={128 + signal.SIGQUIT}")
        _check_usable(it, tmp_path / "modes")


def test_a_board_that_is_stopped_leaves_the_terminal_and_comes_back(tmp_path: Path) -> None:
    with terminal(tmp_path) as it:
        child = _board_in(it, DEMO, tmp_path / "modes")
        os.kill(child, signal.SIGTSTP)
        it.until(lambda screen: "topped" in screen or "gone-with=" in screen, "the shell")
        _check_usable(it, tmp_path / "modes")
        it.type("clear; fg")
        it.shows("4 Alerts")
        it.packet("q")
        it.until(lambda screen: "4 Alerts" not in screen, "the end")
        _check_usable(it, tmp_path / "modes")


def test_a_dumb_terminal_is_refused(tmp_path: Path) -> None:
    with terminal(tmp_path) as it:
        it.start(["env", "TERM=dumb", *DEMO], 120, 36)
        assert it.ended() == 64
        screen = it.screen()
        assert "opsboard status" in screen
        assert "Traceback" not in screen


def test_no_terminal_at_all() -> None:
    result = subprocess.run(
        DEMO, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False
    )
    assert result.returncode == 64
    assert b"needs a terminal" in result.stderr
    assert b"Traceback" not in result.stderr
