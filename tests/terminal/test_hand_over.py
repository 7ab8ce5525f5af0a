"""The terminal is handed to kubectl and taken back whole: on the demo, with a kubectl of ours."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from opsboard.demo.options import DemoOptions
from opsboard.demo.process import running_demo
from tests.patience import PATIENCE
from tests.terminal.fake_kubectl import path_with_kubectl
from tests.terminal.tmux import Terminal, homes_in, terminal

pytestmark = pytest.mark.terminal

SAYS_AND_DOES = """echo "$@" >> "$SAID"
. "$SCRIPT"
"""
CHILD = r"""
import os, signal, sys, termios
def told(number, frame):
    words = {signal.SIGINT: "interrupted", signal.SIGWINCH: "sized %s %s" % os.get_terminal_size(0)}
    print("child:", words[number], flush=True)
signal.signal(signal.SIGINT, told)
signal.signal(signal.SIGWINCH, told)
print("child: here", flush=True)
for line in sys.stdin:
    if line.strip() == "leave":
        break
    print("child: got", line.strip(), flush=True)
print("\033]2;not mine\033\\\033[?1049h\033[?1003h\033[?1006h\033[?25l\033[?2004h", flush=True)
os.system("stty raw -echo")
"""
"""What is run in the pod: it says what reaches it, and leaves everything behind that it can."""
AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
"""The time at which the demo stands still: no roll-out takes the pod away that is meant."""
PATIENT = f"""
import sys
from opsboard.cli import main
from opsboard.ui.terminal import hand_over
hand_over.QUICK = {PATIENCE}
sys.exit(main())
"""
"""Runs the program, for which what fails has failed at once, however busy the machine is."""
BOARD = [sys.executable, "-c", PATIENT]


class Stage:
    """A board of the demo in a terminal, and what its kubectl does."""

    def __init__(self, it: Terminal, folder: Path, config: Path, env: dict[str, str]) -> None:
        self.it, self.folder, self.config, self.env = it, folder, config, env
        self.said = folder / "said"

    def kubectl_does(self, script: str) -> None:
        (self.folder / "script").write_text(script)

    def open(self, shown: str = "cart- environment:staging reason:running") -> None:
        self.it.start([*BOARD, "--config", str(self.config)], 120, 36)
        self.it.until(lambda screen: "✓ clusters live" in screen, "the clusters to be watched")
        self.it.packet(f":pods\r/{shown}\r")
        rows = re.compile(rf"Pods\s+[1-9]\d*/\d+.*/{shown}")
        self.it.until(lambda screen: rows.search(screen) is not None, "pods")

    def shell(self) -> None:
        """Ask for a shell in the pod of the cursor, and confirm it."""
        self.it.packet("X")
        self.it.shows("a shell in")
        self.confirm()

    def confirm(self) -> None:
        """Confirm the plan that is shown."""
        self.it.until(lambda screen: "as of now" in screen, "the plan")
        self.it.press("Enter")
        self.it.shows("yes, carry it out")
        self.it.packet("y")

    def is_back(self) -> None:
        self.it.until(lambda screen: "Pods" in screen and "opsboard" in screen, "the board")
        self.it.until(lambda _: self.it.state("alternate_on") == "1", "the board's own screen")

    def audit(self) -> str:
        done = subprocess.run(
            [*BOARD, "audit"], env={**os.environ, **self.env}, capture_output=True, check=True
        )
        return done.stdout.decode()


@contextmanager
def stage(folder: Path, **more: str) -> Iterator[Stage]:
    env = {
        "PATH": path_with_kubectl(folder, SAYS_AND_DOES),
        "SAID": str(folder / "said"),
        "SCRIPT": str(folder / "script"),
        **homes_in(folder),
        **more,
    }
    with running_demo(DemoOptions(at=AT)) as served, terminal(folder, **env) as it:
        config = folder / "config.toml"
        config.write_text(served.read_text())
        yield Stage(it, folder, config, env)


def test_a_shell_has_the_terminal_and_gives_it_back_whole(tmp_path: Path) -> None:
    """It leaves raw mode, a title, the mouse, another screen and a hidden cursor behind."""
    with stage(tmp_path) as on:
        (tmp_path / "child.py").write_text(CHILD)
        on.kubectl_does(f"exec {sys.executable} {tmp_path / 'child.py'}\n")
        on.open()
        on.shell()
        on.it.shows("child: here")
        screen = on.it.screen()
        assert "opsboard: a shell in shop/cart-" in screen
        assert on.it.state("alternate_on") == "0"
        on.it.press("C-c")
        on.it.shows("child: interrupted")
        on.it.resize(100, 30)
        on.it.shows("child: sized 100 30")
        on.it.type("the-password-of-prod")
        on.it.shows("child: got the-password-of-prod")
        on.it.type("leave")
        on.is_back()
        on.it.until(lambda screen: len(screen.splitlines()) <= 30, "the new size")
        on.it.packet(":activity\r")
        on.it.shows("exit code 0 after")
        on.it.packet("qq")
        assert on.it.ended() == 0
        on.it.until(lambda _: on.it.is_clean, "the terminal to be as it was")
        assert on.it.state("pane_title") != "not mine"
        on.it.type("clear; echo usual=$((41 + 1))")
        on.it.shows("usual=42")
        words = on.said.read_text()
        assert re.match(
            r"--kubeconfig \S+ --context staging-eu --namespace shop exec --stdin --tty "
            r"--container cart pod/cart-\S+ -- sh -c ",
            words,
        )
        assert "token" not in words
        told = on.audit()
        assert re.search(r"(?s)succeeded exec .*exit code 0 after", told), told
        kept = "".join(
            one.read_text("utf-8", "replace") for one in (tmp_path / "state").rglob("*.jsonl")
        )
        assert "the-password-of-prod" not in kept


def test_one_that_fails_at_once_is_read_first_and_one_that_is_denied_never_begins(
    tmp_path: Path,
) -> None:
    with stage(tmp_path) as on:
        on.kubectl_does("echo 'error: cannot upgrade'; exit 1\n")
        on.open()
        on.shell()
        on.it.shows("Press Enter to go back to the board")
        assert "error: cannot upgrade" in on.it.screen()
        on.it.press("Enter")
        on.is_back()
        on.kubectl_does("echo dying; kill -9 $$\n")
        on.shell()
        on.it.shows("It was ended by signal 9. Press Enter to go back to the board")
        on.it.press("Enter")
        on.is_back()
        on.kubectl_does("echo 'Unable to use a TTY\nerror: unexpected EOF' >&2; exit 1\n")
        on.shell()
        asked = re.compile(r"error: unexpected EOF\s+It ended with exit code 1\. Press Enter")
        on.it.until(lambda screen: asked.search(screen) is not None, "what it said, to be read")
        on.it.press("Enter")
        on.is_back()
        on.it.packet(":activity\r")
        on.it.shows("ended by signal 9")
        on.it.shows("error: unexpected EOF")
        ran = on.said.read_text()
        on.it.packet(":pods\r\x1b")
        on.it.until(lambda screen: "environment:staging" not in screen, "all pods")
        on.it.packet("/cart- environment:production\r")
        rows = re.compile(r"Pods\s+[1-9]\d*/\d+.*environment:production")
        on.it.until(lambda screen: rows.search(screen) is not None, "pods of production")
        on.it.packet("X")
        on.it.until(
            lambda screen: "unless the policy allows it" in re.sub(r"\W+", " ", screen),
            "how it is allowed",
        )
        assert on.said.read_text() == ran
        on.it.packet("qq")
        assert on.it.ended() == 0
        assert on.it.is_clean


def test_a_signal_ends_both_and_the_terminal_is_as_it_was(tmp_path: Path) -> None:
    with stage(tmp_path) as on:
        on.kubectl_does("echo inside-it; stty raw; exec sleep 1000\n")
        on.open()
        on.shell()
        on.it.shows("inside-it")
        [board] = on.it.children()
        os.kill(board, signal.SIGTERM)
        below = re.compile(rf"(?s)inside-it.*ended-with={128 + signal.SIGTERM}\b")
        on.it.until(lambda screen: below.search(screen) is not None, "the end, below what was said")
        on.it.until(lambda _: on.it.is_clean, "the terminal to be as it was")
        on.it.type("clear; echo usual=$((41 + 1))")
        on.it.shows("usual=42")


def test_a_terminal_that_hangs_up_ends_both(tmp_path: Path) -> None:
    with stage(tmp_path) as on:
        (tmp_path / "child.py").write_text(CHILD)
        pids = tmp_path / "pids"
        on.kubectl_does(f"echo $$ > {pids}; exec {sys.executable} {tmp_path / 'child.py'}\n")
        on.open()
        on.shell()
        on.it.shows("child: here")
        both = [*map(str, on.it.children()), pids.read_text().strip()]
        on.it.tmux("new-session", "-d", "-s", "other", "sh")
        on.it.tmux("kill-session", "-t", "it")
        deadline = time.monotonic() + PATIENCE
        while any(map(_runs, both)):
            assert time.monotonic() < deadline, "one of both has not ended"
            time.sleep(0.05)


def _have_begun(count: int, pids: Path) -> Callable[[str], bool]:
    """Return what tells whether so many have written their number into *pids*."""
    return lambda _: pids.exists() and pids.read_text().count("\n") == count


FORWARDER = """
import signal, sys, time
print("Forwarding from 127.0.0.1:40123 -> 8080", flush=True)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
while True:
    time.sleep(60)
"""


def test_a_forwarded_port_is_listed_and_ends_by_hand_and_with_the_board(tmp_path: Path) -> None:
    with stage(tmp_path) as on:
        (tmp_path / "child.py").write_text(FORWARDER)
        pids = tmp_path / "pids"
        on.kubectl_does(f"echo $$ >> {pids}; exec {sys.executable} {tmp_path / 'child.py'}\n")
        on.open()
        for count in (1, 2):
            on.it.packet(":forward\r")
            on.it.shows("port of this machine")
            on.it.press("C-s")
            on.it.until(lambda screen: "belongs to every user of this machine" in screen, "it")
            on.confirm()
            on.it.shows(f"{count} forward")
            on.it.until(_have_begun(count, pids), "kubectl to run")
        on.it.packet(":forwards\r")
        on.it.shows("127.0.0.1:40123 → port 8080")
        on.it.press("Enter")
        on.it.until(lambda screen: "1 forward " in screen, "one to be left")
        on.it.packet("qq")
        assert on.it.ended() == 0
        on.it.until(lambda _: not any(map(_runs, pids.read_text().split())), "both to end")
        told = on.audit()
        assert len(re.findall(r"(?s)succeeded forward", told)) == 2, told
        assert "port-forward --address 127.0.0.1 pod/cart-" in on.said.read_text()


def test_a_forwarded_port_ends_with_a_board_that_is_killed(tmp_path: Path) -> None:
    """The kubeconfig that its kubectl was given is removed by the next board."""
    (runtime := tmp_path / "runtime").mkdir(mode=0o700)
    with stage(tmp_path, XDG_RUNTIME_DIR=str(runtime)) as on:
        (tmp_path / "child.py").write_text(FORWARDER)
        pids = tmp_path / "pids"
        on.kubectl_does(f"echo $$ >> {pids}; exec {sys.executable} {tmp_path / 'child.py'}\n")
        on.open()
        on.it.packet(":forward\r")
        on.it.shows("port of this machine")
        on.it.press("C-s")
        on.confirm()
        on.it.shows("1 forward")
        on.it.until(_have_begun(1, pids), "kubectl to run")
        [board] = on.it.children()
        os.kill(board, signal.SIGKILL)
        on.it.until(lambda _: not any(map(_runs, pids.read_text().split())), "it to end")
        [left] = runtime.iterdir()
        assert f"--kubeconfig {left}/kubeconfig --context" in on.said.read_text()
        (tmp_path / "second").mkdir()
        with terminal(tmp_path / "second", **on.env) as again:
            again.start([*BOARD, "--config", str(on.config)], 120, 36)
            again.until(lambda _: not any(runtime.iterdir()), "what was left to be removed")


EDITOR = """#!/bin/sh
for file in "$@"; do :; done
stat -c %a "$file" > {folder}/mode; echo "$file" > {folder}/name
sed -i 's/^  replicas: .*/  replicas: 7/' "$file"; echo left > "$file~"
"""


def test_what_is_edited_is_a_plan_and_leaves_no_file(tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text(EDITOR.format(folder=tmp_path))
    editor.chmod(0o755)
    with stage(tmp_path, VISUAL=f"{editor} --flag") as on:
        on.open()
        on.it.packet(":deployments\r/cart environment:staging\r")
        on.it.until(lambda screen: re.search(r"Deployments\s+1/", screen) is not None, "cart")
        on.it.packet(":edit\r")
        on.it.shows("spec.replicas")
        on.it.shows("1 field changed")
        assert (tmp_path / "mode").read_text().strip() == "600"
        assert not Path((tmp_path / "name").read_text().strip()).parent.exists()
        on.confirm()
        on.it.until(lambda screen: re.search(r"cart .*\d/7 ", screen) is not None, "7 of them")
        on.it.packet(":activity\r")
        on.it.until(lambda screen: re.search(r"edit .*cart", screen) is not None, "it on record")
        on.it.packet("qq")
        assert on.it.ended() == 0
        assert on.it.is_clean


def _runs(pid: str) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"
