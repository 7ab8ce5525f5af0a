"""What the program ends with where something breaks: never with what says how an act went."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from opsboard import cli
from opsboard.arguments import dispatch
from opsboard.commands import act
from opsboard.system import stdio
from opsboard.system.exit_codes import ExitCode

CONFIG = '[sources.here]\nadapter = "command"\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "config.toml"
    file.write_text(CONFIG)
    return file


def _raising(error: BaseException) -> Callable[..., None]:
    def broken(*_: object, **__: object) -> None:
        raise error

    return broken


@pytest.mark.parametrize(
    "step", ["read_config", "headless_session", "collect_once", "make_coordinator", "find_targets"]
)
@pytest.mark.parametrize(
    "error", [KeyError("secret"), AssertionError("secret"), PermissionError(13, "no", "/x")]
)
def test_a_fault_on_the_way_of_an_act_has_a_code_of_its_own(
    config: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    step: str,
    error: Exception,
) -> None:
    monkeypatch.setattr(act, step, _raising(error))
    monkeypatch.setattr(stdio, "discard_stdout", lambda: None)  # the test reads on
    code = cli.main(["act", "rollback", "web", "--yes", "--config", str(config)])
    said = capfd.readouterr().err
    assert code == 70
    assert "opsboard audit" in said
    assert "secret" not in said
    assert "Traceback" not in said


def test_a_fault_is_told_as_json_where_that_is_asked_for(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(act, "find_targets", _raising(KeyError("secret")))
    code = cli.main(["act", "rollback", "web", "--json", "--config", str(config)])
    told = json.loads(capsys.readouterr().out)
    assert code == told["exit_code"] == ExitCode.INTERNAL_ERROR
    assert "KeyError" in told["error"]
    assert "secret" not in told["error"]


def test_a_fault_of_any_command_has_a_code_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    broken = SimpleNamespace(run=_raising(ZeroDivisionError("secret")))
    monkeypatch.setattr(dispatch, "import_module", lambda _: broken)
    monkeypatch.setattr(stdio, "discard_stdout", lambda: None)
    assert cli.main(["status"]) == ExitCode.INTERNAL_ERROR
    said = capfd.readouterr().err
    assert "a fault of opsboard itself: ZeroDivisionError" in said
    assert "secret" not in said


def test_a_plan_that_nobody_can_read_is_no_failed_act(
    config: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The disk is full, or the reader of a pipe is gone: neither says how an act has ended."""
    full = os.open("/dev/full", os.O_WRONLY)
    with os.fdopen(full, "w") as stream:
        monkeypatch.setattr("sys.stdout", stream)
        code = cli.main(["act", "rollback", "web", "--json", "--config", str(config)])
    assert code == ExitCode.INTERNAL_ERROR
    assert "No space left" in capfd.readouterr().err


def test_a_config_that_cannot_be_read_is_bad_usage(tmp_path: Path) -> None:
    assert (
        cli.main(["act", "rollback", "web", "--config", str(tmp_path / "none")]) == ExitCode.USAGE
    )


def test_a_target_that_is_not_there_is_told_as_json(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = cli.main(["act", "rollback", "web", "--json", "--config", str(config)])
    assert json.loads(capsys.readouterr().out)["exit_code"] == code == ExitCode.USAGE
