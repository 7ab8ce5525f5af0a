"""No value of a state, plan or lock gets anywhere: not printed, and in no file that is left."""

import os
import subprocess
import sys
import time
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from opsboard.adapter import GROUP
from tests.adapters.terraform.states import write_folder

pytestmark = pytest.mark.skipif(
    not entry_points(group=GROUP, name="terraform"),
    reason="an editable install that was made before this adapter does not know of it",
)
PANES = ("workspaces", "infrastructure", "alerts")


class Home:
    """A user with one source of states, and everything that is written for them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.states = folder / "home", folder / "states"
        self.folder.mkdir()
        self.states.mkdir()
        write_folder(self.states)
        self.config = folder / "config.toml"
        self.config.write_text(
            f'[sources.infra]\nadapter = "terraform"\npath = "{self.states}"\n', encoding="utf-8"
        )

    @property
    def env(self) -> dict[str, str]:
        names = ("CONFIG", "STATE", "CACHE", "DATA")
        folders = {f"XDG_{name}_HOME": str(self.folder / name.lower()) for name in names}
        return {**os.environ, **folders, "HOME": str(self.folder)}

    def opsboard(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "opsboard", "--config", str(self.config), *words],
            env=self.env,
            cwd=self.folder,
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert b"Traceback" not in done.stderr
        return (done.stdout + done.stderr).decode()

    def kept(self) -> bytes:
        """Return all that lies in the files of this user."""
        files = sorted(file for file in self.folder.rglob("*") if file.is_file())
        return b"".join(file.read_bytes() for file in files)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("canaries"))


@pytest.mark.parametrize(
    "words",
    [*(("status", "--json", "--pane", pane) for pane in PANES), ("status",), ("doctor",)],
    ids=lambda words: f"{words[0]} {words[-1]}",
)
def test_no_value_is_printed_or_kept(home: Home, words: tuple[str, ...]) -> None:
    assert "canary" in (home.states / "terraform.tfstate").read_text()
    printed = home.opsboard(*words)
    assert "infra" in printed
    assert "canary" not in printed
    assert b"canary" not in home.kept()


def test_what_is_printed_is_of_the_states(home: Home) -> None:
    printed = "".join(home.opsboard("status", "--json", "--pane", pane) for pane in PANES)
    for name in ("kubernetes_deployment.checkout", "ana@bastion-7", '"drift"', "network/default"):
        assert name in printed


def test_nothing_of_it_is_in_the_ledger_and_the_cache(home: Home) -> None:
    """What is recorded without a screen, until it has been."""
    words = [sys.executable, "-m", "opsboard", "--config", str(home.config), "watch", "--record"]
    with subprocess.Popen(
        words, env=home.env, cwd=home.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as program:
        try:
            deadline = time.monotonic() + 60
            while b"terraform-workspace" not in home.kept():
                assert time.monotonic() < deadline, "it never was recorded"
                assert program.poll() is None
                time.sleep(0.05)
        finally:
            program.terminate()
            printed = b"".join(program.communicate(timeout=60))
    assert list(home.folder.rglob("history-*.db"))
    assert b"canary" not in printed
    assert b"canary" not in home.kept()
