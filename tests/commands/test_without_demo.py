"""Without the extra ``demo``: what is said where its servers are not installed, and exit codes."""

import subprocess
import sys

import pytest

from opsboard.cli import main
from opsboard.demo.process import INSTALL_DEMO, SERVERS, missing_servers
from tests.patience import PATIENCE


@pytest.fixture
def without_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the servers: for the import system, a module that is ``None`` does not exist."""
    for name in SERVERS:
        monkeypatch.setitem(sys.modules, name, None)


def test_the_servers_are_there_in_development() -> None:
    assert missing_servers() == ()


@pytest.mark.usefixtures("without_servers")
def test_missing_servers_are_named() -> None:
    assert missing_servers() == SERVERS


@pytest.mark.usefixtures("without_servers")
def test_with_nothing_configured_it_says_how_to_set_up(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    said = capsys.readouterr()
    for way in ("opsboard init", "opsboard doctor", "GITHUB_TOKEN", "KUBECONFIG",
                "MLFLOW_TRACKING_URI", INSTALL_DEMO, "opsboard demo"):  # fmt: skip
        assert way in said.out
    lines = [line for line in said.out.splitlines() if "/config.toml" not in line]
    assert max(map(len, lines)) <= 80
    assert said.err == ""


@pytest.mark.parametrize("words", [("demo",), ("demo", "--serve"), ("demo", "--scale", "pods=3")])
@pytest.mark.usefixtures("without_servers")
def test_the_demo_says_how_to_install_it(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(list(words)) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "starlette and uvicorn missing" in said.err
    assert INSTALL_DEMO in said.err


BLOCKED = """
import sys
for name in {servers!r}:
    sys.modules[name] = None
import opsboard.commands.board, opsboard.commands.status, opsboard.commands.act
import opsboard.commands.doctor, opsboard.commands.first_steps, opsboard.ui.app
import opsboard_adapters.github, opsboard_adapters.kubernetes, opsboard_adapters.mlflow
import opsboard.testing
"""


def test_nothing_but_the_demo_needs_them() -> None:
    code = BLOCKED.format(servers=SERVERS)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert (done.returncode, done.stderr) == (0, "")
