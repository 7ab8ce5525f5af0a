"""The demo's process: it serves from apart, and nothing is left of it, however it ends."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from opsboard.config.load import load_config
from opsboard.demo import detection, folder
from opsboard.demo.options import DemoOptions, DemoScale
from opsboard.demo.process import DemoError, DemoProcess, running_demo
from tests.patience import PATIENCE

AT = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
PARENT = """
import sys
from datetime import UTC, datetime
from opsboard.demo.process import DemoProcess
from opsboard.demo.options import DemoOptions
with DemoProcess(DemoOptions(at=datetime(2026, 1, 15, tzinfo=UTC))) as child:
    print(child.wait_until_ready(), child.pid, flush=True)
    sys.stdin.read()
"""


def _until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.02)


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder for temporary files of this test and of what it starts."""
    made = tmp_path / "tmp"
    made.mkdir()
    monkeypatch.setenv("TMPDIR", str(made))
    monkeypatch.setattr("tempfile.tempdir", None)
    return made


@contextmanager
def _process(*words: str) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def test_the_world_is_served_from_another_process(temporary: Path) -> None:
    with DemoProcess(DemoOptions(at=AT)) as child:
        config = child.wait_until_ready()
        assert config.is_relative_to(temporary)
        sources = {source.name: source for source in load_config(config).sources}
        url = sources["mlflow"].settings.model_dump()["tracking_uri"]
        assert httpx.get(f"{url}/version").status_code == 200
        assert _lives(child.pid)
        assert child.pid != os.getpid()
    assert not _lives(child.pid)
    assert not list(temporary.iterdir())


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_the_world_ends_with_who_shows_it(temporary: Path, number: signal.Signals) -> None:
    with _process("-c", PARENT) as parent:
        assert parent.stdout is not None
        config, pid = parent.stdout.readline().split()
        assert Path(config).exists()
        parent.send_signal(number)
        _until(lambda: not _lives(int(pid)), "the demo's process to end")
        _until(lambda: not list(temporary.iterdir()), "its folder to go")


def test_nothing_is_left_of_a_child_that_was_killed(temporary: Path) -> None:
    with DemoProcess(DemoOptions(at=AT)) as child:
        child.wait_until_ready()
        os.kill(child.pid, signal.SIGKILL)
    assert not list(temporary.iterdir())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_server_alone_tidies_up(temporary: Path, number: signal.Signals) -> None:
    with _process("-m", "opsboard", "demo", "--serve", f"--at={AT.isoformat()}") as server:
        assert server.stdout is not None
        assert "opsboard.toml until the demo ends" in server.stdout.readline()
        server.send_signal(number)
        assert server.wait(PATIENCE) == 128 + number
    assert not list(temporary.iterdir())


def test_what_a_killed_server_left_is_swept_out_and_no_more(temporary: Path) -> None:
    with folder.demo_folder() as alive:
        dead = temporary / f"{detection.FOLDER_PREFIX}dead"
        dead.mkdir()
        (dead / "opsboard.toml").touch()
        elsewhere = temporary / "elsewhere"
        elsewhere.mkdir()
        (temporary / f"{detection.FOLDER_PREFIX}link").symlink_to(elsewhere)
        folder.remove_stale_folders()
        assert not dead.exists()
        assert alive.exists()
        assert elsewhere.exists()
    assert not alive.exists()


def test_a_port_that_is_taken_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = f"cannot serve the demo on port {port}: Address already in use"
        with pytest.raises(DemoError, match=told), running_demo(DemoOptions(port=port)):
            pass


def test_a_python_that_cannot_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(DemoError, match="cannot start the demo: No such file"):
        DemoProcess(DemoOptions())


def test_an_order_survives_the_command_line() -> None:
    from opsboard.arguments.parser import make_parser
    from opsboard.commands import demo as command

    order = DemoOptions(11, 8080, AT, DemoScale(100, 200, 300, 0.01))
    options = make_parser().parse_args(["demo", *order.arguments()])
    scale = DemoScale.parse(options.scale, options.churn)
    assert DemoOptions(options.seed, options.port, command._time(options.at), scale) == order
