"""Completion in the shells themselves: Tab is pressed, and the line is completed."""

import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.commands.last_session import leave_a_session
from tests.terminal.tmux import terminal

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]

_SHELLS = {
    "bash": "bash --norc --noprofile -i",
    "zsh": "zsh -f -i",
    "fish": "fish --no-config -i",
}
_COMPINIT = "autoload -Uz compinit && compinit -u -d dump"
_SETUPS = (
    ("bash", 'eval "$(opsboard completion bash)"'),
    ("zsh", f'{_COMPINIT}; eval "$(opsboard completion zsh)"'),
    ("fish", "opsboard completion fish | source"),
)
_FILES = (
    ("bash", "opsboard completion bash > it; . ./it"),
    ("zsh", f"{_COMPINIT}; opsboard completion zsh > it; . ./it"),
    ("zsh", f"mkdir f; opsboard completion zsh > f/_opsboard; fpath=($PWD/f $fpath); {_COMPINIT}"),
    ("fish", "opsboard completion fish > opsboard.fish; set -p fish_complete_path $PWD"),
)


@pytest.mark.parametrize(("shell", "setup"), _SETUPS, ids=[shell for shell, _ in _SETUPS])
def test_tab_completes_the_line(
    shell: str, setup: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = (
        ("opsboard act roll", "opsboard act rollback "),
        ("opsboard act rollback shop/ch", "opsboard act rollback shop/checkout "),
        ("opsboard act rollback k8s:eu", "opsboard act rollback k8s:eu/pay/ledger "),
        ("opsboard doctor k", "opsboard doctor k8s "),
        ("opsboard status --filter statu", "opsboard status --filter status:"),
        ("opsboard status --filter status:fa", "opsboard status --filter status:failed "),
        *(
            (f"{before}opsboard get builds --filter {typed}", f"--filter {completed} ")
            for before in ("", "true && ")
            for typed, completed in (
                ("'status:failed env:pr", "'status:failed env:production'"),
                ('"status:failed env:pr', '"status:failed env:production"'),
                (r"status:failed\ env:pr", r"status:failed\ env:production"),
            )
        ),
    )
    monkeypatch.chdir(tmp_path)
    _complete(shell, setup, tmp_path, lines)


@pytest.mark.parametrize(
    ("shell", "setup"), _FILES, ids=["bash-sourced", "zsh-sourced", "zsh-fpath", "fish-folder"]
)
def test_the_script_works_from_a_file(
    shell: str, setup: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    line = "opsboard act rollback shop/ch", "opsboard act rollback shop/checkout "
    _complete(shell, setup, tmp_path, [line])


def _complete(shell: str, setup: str, folder: Path, lines: Iterable[tuple[str, str]]) -> None:
    """Press Tab after the first of each of *lines*; it becomes the second."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    config = folder / "config.toml"
    leave_a_session(config)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    with terminal(folder, PATH=path, OPSBOARD_CONFIG=str(config)) as term:
        term.start(_SHELLS[shell].split(), 120, 30)
        term.type("echo re''ady")
        term.shows("ready")
        term.type(f"{setup}; echo s''et")
        term.shows("\nset")
        term.type("clear")
        term.until(lambda screen: "\nset" not in screen, "an empty screen")
        for typed, completed in lines:
            term.packet(f"{typed}\t")
            term.packet("#")
            term.shows(f"{completed}#")
            term.press("C-u")
            term.until(lambda screen: "opsboard " not in screen, "an empty line")
