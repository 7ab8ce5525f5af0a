"""A board of a namespace of a true cluster, in a terminal, with the real kubectl."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.adapters.kubernetes.kubelet.test_through_the_server import KUBECTL
from tests.adapters.kubernetes.test_contract import REAL
from tests.terminal.tmux import Terminal, homes_in

ON_A_TRUE_CLUSTER = [
    pytest.mark.cluster,
    pytest.mark.terminal,
    pytest.mark.skipif(not REAL, reason="OPSBOARD_TEST_KUBECONFIG names no cluster"),
    pytest.mark.skipif(not KUBECTL, reason="OPSBOARD_TEST_KUBECTL names no kubectl"),
]
PROMPT = re.compile(r"^\S*[#$]$", re.MULTILINE)
BOARD = [sys.executable, "-m", "opsboard"]


class Bastion:
    """A machine with kubectl, and a board of one namespace of the true cluster.

    The source has *settings* beside those that lead there; *tables* follow it in the config.
    """

    def __init__(
        self, folder: Path, namespace: str, settings: str = "", tables: str = "", **env: str
    ) -> None:
        tools = folder / "tools"
        tools.mkdir()
        (tools / "kubectl").symlink_to(KUBECTL)
        self.env = {"PATH": f"{tools}:{os.environ['PATH']}", **homes_in(folder), **env}
        self.folder = folder
        (folder / "config.toml").write_text(
            f'[sources.cluster]\nadapter = "kubernetes"\nkubeconfig = "{REAL}"\n'
            f'namespaces = ["{namespace}"]\nenvironment = "staging"\n{settings}\n{tables}\n'
        )

    def open(self, it: Terminal, listed: str = "pods", row: str = r"web\s.*Running") -> None:
        it.start([*BOARD, "--config", str(self.folder / "config.toml")], 120, 36)
        it.packet(f":{listed}\r")
        it.until(lambda screen: re.search(row, screen) is not None, "the row")

    def close(self, it: Terminal) -> None:
        """Leave the board, and find the terminal as it was."""
        it.packet("qq")
        assert it.ended() == 0
        it.until(lambda _: it.is_clean, "the terminal to be as it was")
        it.type("clear; echo usual=$((41 + 1))")
        it.shows("usual=42")

    def audit(self) -> str:
        done = subprocess.run(
            [*BOARD, "audit"], env={**os.environ, **self.env}, capture_output=True, check=True
        )
        return done.stdout.decode()


def carry_out(it: Terminal) -> None:
    """Confirm the plan that is shown."""
    it.until(lambda screen: "as of now" in screen, "the plan")
    it.press("Enter")
    it.shows("yes, carry it out")
    it.packet("y")


def is_back(it: Terminal) -> None:
    """Wait for the board, on its own screen of the terminal."""
    it.until(lambda screen: "opsboard" in screen.split("\n")[0], "the board")
    it.until(lambda _: it.state("alternate_on") == "1", "the board's own screen")
