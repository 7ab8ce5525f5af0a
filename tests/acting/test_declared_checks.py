"""The checks that the config declares: run as they say, told by their exit code."""

import json
import shlex
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from opsboard.acting.starting.declared_checks import MAX_LINE, DeclaredChecks
from opsboard.adapter import HostEnviron, Plan, Request, Severity, StartFinding, StartReport
from opsboard.collect.redact import Redactor
from opsboard.config.action_rules import PolicyDecision, StartCheckRule
from opsboard.config.settings import Settings
from tests.acting.lever import REF, LeverSource, Stand, checked
from tests.acting.test_start_checks import FINE, Checked
from tests.board import NOW

pytestmark = pytest.mark.asyncio


def _program(folder: Path, script: str) -> str:
    """Return the path of a program that does *script*, of Python."""
    file = folder / "check"
    file.write_text(f"#!{sys.executable}\n{script}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return str(file)


async def _plan() -> Plan:
    lever = LeverSource()
    lever.numbered = True
    return await lever.plan(Request(action="rollback", ref=REF, values={"to": "6"}))


def _declared(folder: Path, rule: dict[str, Any], redactor: Redactor | None = None) -> Any:
    rules = [StartCheckRule.model_validate({"name": "schema", **rule})]
    host = HostEnviron({"PATH": "/usr/bin:/bin", "HOME": str(folder)}, folder, folder)
    return DeclaredChecks(rules, host, (redactor or Redactor()).plan)


async def _found(
    folder: Path, script: str, *words: str, redactor: Redactor | None = None, **rule: Any
) -> StartFinding:
    command = [_program(folder, script), *words]
    (check,) = _declared(folder, {"command": command, **rule}, redactor).checks(await _plan())
    assert check.about == "schema"
    (finding,) = (await check.look()).findings
    assert isinstance(finding, StartFinding)
    return finding


@pytest.mark.parametrize(
    ("code", "severity", "alone"),
    [
        (0, Severity.NOTE, "schema is fine"),
        (1, Severity.WARNING, "schema warns"),
        (2, Severity.BLOCKER, "schema says that it will not start"),
    ],
)
async def test_an_exit_code_is_told_as_monitoring_plugins_mean_it(
    tmp_path: Path, code: int, severity: Severity, alone: str
) -> None:
    said = f"print('\\nrevision 41 is needed | revision=41;;40\\nmore'); raise SystemExit({code})"
    found = await _found(tmp_path, said)
    assert (found.severity, found.text, found.known) == (
        severity, "schema: revision 41 is needed", True,
    )  # fmt: skip
    assert (await _found(tmp_path, f"raise SystemExit({code})")).text == alone


@pytest.mark.parametrize("code", [3, 4, 127, 255])
async def test_any_other_exit_code_is_not_known(tmp_path: Path, code: int) -> None:
    found = await _found(tmp_path, f"print('no database'); raise SystemExit({code})")
    assert (found.known, found.text) == (False, "schema: could not be told: no database")
    silent = await _found(tmp_path, f"raise SystemExit({code})")
    assert silent.text.endswith(f": exit code {code}")


async def test_one_that_a_signal_has_ended_is_not_known_either(tmp_path: Path) -> None:
    killed = await _found(tmp_path, "import os; os.kill(os.getpid(), 9)")
    assert not killed.known
    assert killed.text.endswith(": ended by signal 9"), "it has no exit code"


async def test_it_is_given_the_plan_in_words_and_as_json(tmp_path: Path) -> None:
    script = (
        "import json, os, sys\n"
        f"json.dump([sys.argv[1:], json.load(sys.stdin), os.getcwd(), dict(os.environ)],"
        f" open({str(tmp_path / 'told')!r}, 'w'))"
    )
    plan = await _plan()
    found = await _found(
        tmp_path, script, "--to={destination}", "{name}", "{kind}", "{environment}", "a b; $(id)"
    )
    argv, document, folder, env = json.loads((tmp_path / "told").read_text())
    assert argv == ["--to=6", "web", "deployment", "production", "a b; $(id)"]
    assert document["name"] == "web"
    assert document["destination"] == list(plan.destination)
    assert not {"payload", "precondition"} & document.keys()
    assert (folder, env["HOME"]) == (str(tmp_path), str(tmp_path))
    assert found.subject == shlex.join([str(tmp_path / "check"), *argv])


async def test_what_it_prints_is_cleaned_and_short(tmp_path: Path) -> None:
    found = await _found(tmp_path, "print('\\x1b[31m[red]' + 'a' * 9_999); raise SystemExit(2)")
    assert found.text.startswith("schema: [red]aaa")
    assert len(found.text) == len("schema: ") + MAX_LINE


async def test_a_secret_of_the_board_is_in_nothing_that_it_is_given(tmp_path: Path) -> None:
    redactor = Redactor()
    redactor.register_secret("revision 7")
    script = f"import sys; open({str(tmp_path / 'told')!r}, 'w').write(repr(sys.argv) + input())"
    found = await _found(tmp_path, script, "{before}", redactor=redactor)
    assert "web" in (told := (tmp_path / "told").read_text())
    assert "revision 7" not in told + found.subject


async def test_one_that_takes_too_long_is_killed_and_told(tmp_path: Path) -> None:
    found = await _found(tmp_path, "import time; time.sleep(600)", timeout=0.2)
    assert not found.known
    assert "did not finish within 0.2 s" in found.text


async def test_one_that_is_not_there_is_told(tmp_path: Path) -> None:
    (check,) = _declared(tmp_path, {"command": ["/nowhere/check"]}).checks(await _plan())
    (found,) = (await check.look()).findings
    assert "cannot run '/nowhere/check': No such file or directory" in found.text
    assert not found.known


async def test_a_value_never_becomes_an_option(tmp_path: Path) -> None:
    plan = (await _plan()).model_copy(update={"after": "--rm", "destination": ()})
    program = _program(tmp_path, f"open({str(tmp_path / 'ran')!r}, 'w')")
    (check,) = _declared(tmp_path, {"command": [program, "{destination}"]}).checks(plan)
    (found,) = (await check.look()).findings
    assert "destination would make '--rm' an option of the command" in found.text
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("rule", "environments", "is_asked"),
    [
        ({}, ("production",), True),
        ({}, (), True),
        ({"targets": "we*"}, ("production",), True),
        ({"targets": "api"}, ("production",), False),
        ({"environments": "prod*"}, ("staging", "production"), True),
        ({"environments": "prod*"}, ("staging",), False),
        ({"environments": "prod*"}, (), False),
    ],
)
async def test_it_is_asked_of_what_it_is_for(
    tmp_path: Path, rule: dict[str, Any], environments: tuple[str, ...], is_asked: bool
) -> None:
    plan = (await _plan()).model_copy(update={"environments": environments})
    assert bool(_declared(tmp_path, {"command": "x", **rule}).checks(plan)) is is_asked


async def test_the_guard_goes_by_it_and_by_that_of_a_newer_config(tmp_path: Path) -> None:
    program = _program(tmp_path, "print('revision 41 is needed'); raise SystemExit(2)")
    document = {"policy": {"production": {"rollback": "allow"}}}
    rules = {"start_checks": [{"name": "schema", "command": [program]}]}
    host = HostEnviron({}, tmp_path, tmp_path)
    stand = Stand(
        tmp_path, Settings.model_validate(document), lever=Checked(StartReport((FINE,))),
        judges=lambda newest: (DeclaredChecks(newest.start_checks, host, lambda plan: plan),),
    )  # fmt: skip
    plan = await checked(stand.coordinator, await stand.plan())
    assert stand.coordinator.decide([plan]).decision is PolicyDecision.ALLOW
    stand.coordinator.use_settings(Settings.model_validate(document | rules))
    plan = await checked(stand.coordinator, await stand.plan())
    assert plan.start_blockers == ("schema: revision 41 is needed",)
    assert plan.start_findings[0].source == "config"
    assert plan.start_findings[0].at == NOW
    assert stand.coordinator.decide([plan]).decision is PolicyDecision.TYPED
