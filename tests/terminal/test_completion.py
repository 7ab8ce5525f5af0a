"""Completion in the shells themselves: Tab is pressed, and the line is completed."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.commands.last_session import leave_a_session
from tests.terminal.tmux import terminal

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]

_START = {
    "bash": ("bash --norc --noprofile -i", 'eval "$(opsboard completion bash)"'),
    "zsh": ("zsh -f -i", 'autoload -Uz compinit && compinit -u; eval "$(opsboard completion zsh)"'),
    "fish": ("fish --no-config -i", "opsboard completion fish | source"),
}


@pytest.mark.parametrize("shell", _START)
def test_tab_completes_the_line(
    shell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    config = tmp_path / "config.toml"
    monkeypatch.chdir(tmp_path)
    leave_a_session(config)
    start, setup = _START[shell]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    with terminal(tmp_path, PATH=path, OPSBOARD_CONFIG=str(config)) as term:
        term.start(start.split(), 120, 30)
        term.type("echo re''ady")
        term.shows("ready")
        term.type(f"{setup}; echo s''et")
        term.shows("\nset")
        term.type("clear")
        term.until(lambda screen: "\nset" not in screen, "an empty screen")
        for typed, completed in (
            ("opsboard act roll", "opsboard act rollback "),
            ("opsboard act rollback shop/ch", "opsboard act rollback shop/checkout "),
            ("opsboard act rollback k8s:eu", "opsboard act rollback k8s:eu/pay/ledger "),
            ("opsboard doctor k", "opsboard doctor k8s "),
            ("opsboard status --filter statu", "opsboard status --filter status:"),
            ("opsboard status --filter status:fa", "opsboard status --filter status:failed "),
        ):
            term.packet(f"{typed}\t")
            term.packet("#")
            term.shows(f"{completed}#")
            term.press("C-u")
            term.until(lambda screen: "opsboard " not in screen, "an empty line")
