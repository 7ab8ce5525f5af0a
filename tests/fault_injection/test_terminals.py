"""Terminals and outputs: none, tiny, closed, full, or unable to encode a character."""

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fault_injection.stage import Settings, nobody
from tests.patience import PATIENCE
from tests.terminal.tmux import terminal

OPSBOARD = [sys.executable, "-m", "opsboard"]


def _ended(
    *words: str, stdout: int | None = subprocess.PIPE, **env: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*OPSBOARD, *words],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        env={**os.environ, **env},
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return Settings.all_at(nobody()).write(tmp_path)


WRITERS = [("--version",), ("config", "schema"), ("status", "--json")]


@pytest.mark.parametrize("words", WRITERS, ids=" ".join)
def test_a_reader_that_has_seen_enough(words: tuple[str, ...], config: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = _ended("--config", str(config), *words, stdout=writer)
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("words", WRITERS, ids=" ".join)
def test_a_disk_that_is_full(words: tuple[str, ...], config: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = _ended("--config", str(config), *words, stdout=full.fileno())
    assert done.returncode == 1
    assert done.stderr == "opsboard: No space left on device\n"


def test_no_output_at_all(config: Path) -> None:
    words = [*OPSBOARD, "--config", str(config), "status"]
    script = 'exec "$@" >&-'
    done = subprocess.run(
        ["sh", "-c", script, "sh", *words], capture_output=True, timeout=PATIENCE, check=False
    )
    assert (done.returncode, done.stderr) == (2, b"")


def test_an_output_that_knows_few_characters(config: Path) -> None:
    done = _ended("--config", str(config), "status", PYTHONIOENCODING="ascii")
    assert done.returncode == 2
    assert "unreachable" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("words", [(), ("demo",)], ids=["board", "demo"])
def test_no_terminal(words: tuple[str, ...], config: Path) -> None:
    done = _ended("--config", str(config), *words)
    assert done.returncode == 64
    assert "needs a terminal; `opsboard status`" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_terminal_that_goes_away_without_a_word(config: Path) -> None:
    """As behind a connection that breaks where nobody is there to send a SIGHUP."""
    master, terminal_side = pty.openpty()
    process = subprocess.Popen(
        [*OPSBOARD, "--config", str(config)],
        stdin=terminal_side,
        stdout=terminal_side,
        stderr=terminal_side,
        start_new_session=True,
    )
    os.close(terminal_side)
    try:
        seen = b""
        while b"opsboard" not in seen:
            seen += os.read(master, 65_536)
        assert process.poll() is None
        os.close(master)
        assert process.wait(PATIENCE) == 128 + signal.SIGHUP
    finally:
        process.kill()
        process.wait()


@pytest.mark.terminal
def test_a_tiny_terminal(config: Path, tmp_path: Path) -> None:
    with terminal(tmp_path) as it:
        it.start([*OPSBOARD, "--config", str(config)], 20, 5)
        it.shows("too small")
        it.resize(100, 30)
        it.shows("unreachable")
        it.resize(20, 5)
        it.shows("too small")
        it.press("q")
        assert it.ended() == 0
        assert "Traceback" not in it.screen()
