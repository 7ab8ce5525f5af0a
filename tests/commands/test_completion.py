"""What a shell is answered while a command line is typed."""

import asyncio
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from argcomplete.finders import CompletionFinder

from opsboard.arguments.completers import COMPLETED, FILES, FREE, answer, arguments_of
from opsboard.arguments.parser import make_parser
from opsboard.board.events import BoardEvent, SourceList
from opsboard.cli import main
from opsboard.collect.command_words import command_words
from opsboard.collect.context import SystemClock
from opsboard.collect.redact import Redactor
from opsboard.collect.supervisor import Supervisor
from opsboard.config.load import load_config
from opsboard.config.paths import current_environ, user_paths
from opsboard.config.resolved_source import ResolvedSource
from opsboard.config.settings import UiSettings
from opsboard.environments.rules import EnvironmentRules
from opsboard.records import Status
from opsboard.startup.snapshot import StartupSettings
from opsboard.views.filter import fields
from opsboard.views.panes import pane_named, panes
from tests.board import deployment
from tests.commands.last_session import CONFIG, TOKEN, leave_a_session

Complete = Callable[[str], list[str]]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "config.toml"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPSBOARD_CONFIG", str(file))
    return file


@pytest.fixture
def complete(monkeypatch: pytest.MonkeyPatch) -> Complete:
    """Return what completes a line: what stands in place of its last word."""
    monkeypatch.setattr(CompletionFinder, "_init_debug_stream", lambda _: None)

    def complete(line: str) -> list[str]:
        monkeypatch.setenv("_ARGCOMPLETE", "1")
        monkeypatch.setenv("_ARGCOMPLETE_SHELL", "fish")  # escapes nothing
        monkeypatch.setenv("_ARGCOMPLETE_SUPPRESS_SPACE", "1")
        monkeypatch.setenv("COMP_LINE", f"opsboard {line}")
        monkeypatch.setenv("COMP_POINT", str(len(f"opsboard {line}".encode())))
        output = io.StringIO()
        answer(make_parser(), output, int)
        return [word for word in output.getvalue().split("\013") if word]

    return complete


def test_commands_options_and_choices_are_completed(complete: Complete) -> None:
    assert complete("sta") == ["status"]
    assert "--filter" in complete("status --f")
    assert set(complete("completion ")) == {"bash", "zsh", "fish"}
    assert set(complete("status --color ")) == {"auto", "always", "never"}
    assert "--tied" not in complete("demo --"), "what is hidden in --help is not offered"
    assert {"dark", "contrast"} <= set(complete("--theme "))


def test_every_argument_is_completed_or_known_to_be_free() -> None:
    flags = {"help", "version"}
    values = {one.dest for one in arguments_of(make_parser()) if one.nargs != 0}
    with_choices = {one.dest for one in arguments_of(make_parser()) if one.choices is not None}
    assert values - flags - with_choices == values & (FILES | COMPLETED.keys() | FREE)
    assert not FREE & COMPLETED.keys()
    assert values >= FREE


def test_what_sources_have_comes_from_the_last_known_board(
    config: Path, complete: Complete
) -> None:
    leave_a_session(config)
    assert complete("doctor ") == ["ci", "k8s"]
    assert complete("history forget --source k") == ["k8s"]
    assert "rollback" in complete("act roll")
    assert complete("act rollback sh") == ["shop/checkout", "shop/cart"]
    assert complete("act rollback shop/checkout ca") == ["cart"], "further targets too"
    assert complete("act rollback k8s:eu") == ["k8s:eu/pay/ledger"]
    assert complete("act rollback pay/") == ["pay/ledger"], "which --environment may tell apart"
    assert {"k8s:eu/pay/ledger", "k8s:us/pay/ledger"} <= set(complete("act rollback "))
    assert "web" not in complete("act rollback "), "a build cannot be rolled back"
    assert complete("act rollback x --environment ") == ["production", "staging"]
    assert set(complete("status --pane dep")) == {"deployments"}


def test_filters_are_completed_term_by_term(config: Path, complete: Complete) -> None:
    leave_a_session(config)
    assert complete("status --pane deployments --filter ") == [
        f"{name}:" for name in fields(pane_named("deployments"))
    ]
    assert {f"{name}:" for pane in panes() for name in fields(pane)} <= set(
        complete("status --filter ")
    )
    assert complete("status --filter statu") == ["status:"]
    assert set(complete("status --filter status:")) == {f"status:{status}" for status in Status}
    assert complete("status --filter 'status:failed !env:st") == ["status:failed !env:staging"]
    assert complete("timeline --filter wh") == ["what:", "who:"]


@pytest.mark.parametrize("changed", ["config", "login", "mode"])
def test_what_another_login_saw_is_not_completed(
    config: Path, complete: Complete, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    leave_a_session(config)
    if changed == "config":
        config.write_text(CONFIG.replace("ghp_0", "ghp_1"))
    elif changed == "login":
        config.with_name("kubeconfig").write_text("users: [somebody else]\n")
    else:
        user_paths().cache.chmod(0o755)
    assert complete("act ") == []
    assert complete("act rollback sh") == []
    assert complete("status --filter status:f") == ["status:failed"]
    assert complete("doctor ") == ["ci", "k8s"], "the config says so itself"


def test_the_file_of_somebody_else_is_not_read(
    config: Path, complete: Complete, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_a_session(config)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert complete("act rollback ") == []


def test_a_damaged_cache_completes_nothing_and_is_left_alone(
    config: Path, complete: Complete
) -> None:
    leave_a_session(config)
    (file,) = user_paths().cache.glob("board-*.db")
    damaged = b"no database" * 1_000
    file.write_bytes(damaged)
    assert complete("act ") == []
    assert file.read_bytes() == damaged
    file.unlink()
    assert complete("act ") == []
    assert not file.exists(), "completion makes nothing"


def test_no_secret_is_kept_for_completion(config: Path) -> None:
    leave_a_session(config)
    for file in user_paths().cache.iterdir():
        assert TOKEN.encode() not in file.read_bytes()


_ASK_BASH = """
eval "$(opsboard completion bash)"
COMP_LINE="$1"; COMP_POINT=${#1}; COMP_TYPE=9
_python_argcomplete opsboard
printf '%s\\n' "${COMPREPLY[@]}"
"""


def _in_bash(line: str) -> list[str]:
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "--norc", "-c", _ASK_BASH, "bash", line],
        env=env, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.splitlines()


def test_bash_is_answered_and_what_it_would_run_is_escaped(config: Path) -> None:
    leave_a_session(config, [deployment("a$(touch it);b", namespace="shop")])
    assert _in_bash("opsboard act rollback shop/") == [r"shop/a\$\(touch\ it\)\;b "]
    assert _in_bash("opsboard act rollback nothing-like-it") == [""], "no file names either"


def test_zsh_is_told_by_the_first_line_what_a_file_in_fpath_is_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["completion", "zsh"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "#compdef opsboard"


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
def test_zsh_says_what_is_missing_where_its_completion_has_not_begun() -> None:
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    ask = 'eval "$(opsboard completion zsh)"; echo goes on ${+functions[compdef]}'
    done = subprocess.run(
        ["zsh", "-f", "-c", ask], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout == "goes on 0\n"
    assert done.stderr.count("\n") == 1
    assert "autoload -Uz compinit && compinit" in done.stderr


def test_an_answer_imports_neither_the_board_nor_a_screen(config: Path, tmp_path: Path) -> None:
    leave_a_session(config)
    told = tmp_path / "told"
    probe = (
        "import sys, os, pathlib; out = os._exit; told = pathlib.Path(sys.argv.pop())\n"
        "os._exit = lambda code: (told.write_text(' '.join(sys.modules)), out(code))\n"
        "from opsboard.cli import main; main()"
    )
    subprocess.run(
        [sys.executable, "-c", probe, str(tmp_path / "modules")],
        env={
            **os.environ,
            "_ARGCOMPLETE": "1",
            "_ARGCOMPLETE_STDOUT_FILENAME": str(told),
            "COMP_LINE": "opsboard act rollback sh",
            "COMP_POINT": "24",
        },
        capture_output=True, check=True,
    )  # fmt: skip
    assert "shop/cart" in told.read_text()
    modules = set((tmp_path / "modules").read_text().split())
    assert "opsboard.commands.last_known_words" in modules
    assert not modules & {
        "pydantic", "textual", "rich", "httpx", "yaml", "opsboard_adapters", "opsboard.adapter",
        "opsboard.kinds.registry", "opsboard.board.state", "opsboard.records",
    }  # fmt: skip


def test_a_session_leaves_its_words(config: Path) -> None:
    config.write_text(CONFIG)
    asyncio.run(_words_are_left(load_config(config).sources))


async def _words_are_left(sources: Sequence[ResolvedSource]) -> None:
    told: list[BoardEvent] = []
    supervisor = Supervisor(
        host_environ=current_environ(),
        environments=EnvironmentRules({}),
        clock=SystemClock(),
        redactor=Redactor(),
        deliver=told.append,
        startup_settings=StartupSettings("", UiSettings(), {}, read_only=False),
    )

    async def resolve() -> Sequence[ResolvedSource]:
        return sources

    running = asyncio.create_task(supervisor.run(resolve))
    await supervisor.sources_known()
    running.cancel()
    (change,) = (event.change for event in told if isinstance(event.change, SourceList))
    assert json.loads(change.words)["sources"] == ["ci", "k8s"]
    assert change.words == command_words(sources)
