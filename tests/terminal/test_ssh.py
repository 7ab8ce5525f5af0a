"""The board over SSH: left clean when it is quit, gone when the connection is."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.patience import PATIENCE
from tests.terminal.sshd import Bastion, bastion
from tests.terminal.standing_demo import standing_demo
from tests.terminal.tmux import terminal

pytestmark = pytest.mark.terminal


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bastion]:
    """Serve SSH for this module."""
    with bastion(tmp_path_factory.mktemp("ssh")) as host:
        yield host


def _demo(mark: str) -> list[str]:
    """Return what runs the demo over there, where nothing of this environment is known."""
    paths = os.pathsep.join(filter(None, sys.path))
    return [
        "env",
        f"PYTHONPATH={paths}",
        "LANG=C.UTF-8",
        mark,
        *standing_demo(),
    ]


def _marked(mark: str) -> list[int]:
    """Return the processes that were started with *mark* in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:  # it has ended meanwhile, or is not ours
            continue
    return found


def _await_none(mark: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while left := _marked(mark):
        assert time.monotonic() < deadline, f"left behind: {left}"
        time.sleep(0.05)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are found in /proc")
def test_a_board_over_ssh_is_filtered_quit_and_leaves_the_terminal_clean(
    tmp_path: Path, far: Bastion
) -> None:
    mark = f"OPSBOARD_TEST={uuid4()}"
    with terminal(tmp_path) as it:
        it.start(far.command(*_demo(mark)), 100, 30)
        it.shows("✓ clusters")
        assert len(_marked(mark)) >= 2  # the board and its server: they can be found
        assert not it.is_clean
        it.packet("2/name:checkout\r")
        it.shows("/name:checkout")
        it.packet("q")
        assert it.ended() == 0
        assert it.is_clean
        assert "Traceback" not in it.screen()
    _await_none(mark)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are found in /proc")
def test_a_cut_of_the_connection_ends_the_board_and_its_server(
    tmp_path: Path, far: Bastion
) -> None:
    mark = f"OPSBOARD_TEST={uuid4()}"
    with terminal(tmp_path) as it:
        it.start(far.command(*_demo(mark)), 100, 30)
        it.shows("✓ clusters")
        assert len(_marked(mark)) >= 2
        (client,) = it.children()
        os.kill(client, signal.SIGKILL)
        _await_none(mark)
