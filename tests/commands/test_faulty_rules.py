"""What ``doctor``, ``status`` and ``act`` say of a config whose rules have a fault."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from opsboard.cli import main
from opsboard.demo.options import DemoOptions
from opsboard.demo.process import running_demo
from tests.demo_sources import with_sources
from tests.patience import PATIENCE

MODEL = "fraud-detector"
WAIT = ("--wait-fresh", str(PATIENCE))
SOURCE = '\n[sources.here]\nadapter = "command"\n'

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(config: str, *words: str) -> tuple[int, str, str]:
        file = tmp_path / "config.toml"
        file.write_text(config)
        code = main([*words, "--config", str(file)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_doctor_and_status_tell_of_a_fault(run: Run) -> None:
    config = f'[policy.staging]\nrollbak = "deny"\n{SOURCE}'
    code, out, err = run(config, "doctor")
    assert code == 2
    assert "config.toml:2: policy.staging.rollbak: there is no action 'rollbak'" in err
    assert "did you mean 'rollback'?" in out
    assert "hint: correct the file, then start again" in out
    code, out, _ = run(config, "status", "--json")
    told = {one["name"]: one for one in json.loads(out)["sources"]}
    assert code == 2
    assert told["config"]["condition"] == "broken"
    assert "config.toml:2" in told["config"]["message"]
    assert told["here"]["condition"] == "live"


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ('protected = ["Prodution"]', "did you mean 'production'?"),
        ('[policy.prodution]\nrollback = "deny"', "policy.prodution: nothing is called"),
        ('[policy."pord*"]\nrollback = "deny"', "policy.pord*: nothing is called 'pord*'"),
        ('[[change_windows]]\nenvironments = "lab"', "change_windows: nothing is called 'lab'"),
    ],
)
def test_doctor_warns_of_names_that_nothing_is_called_by(run: Run, rules: str, said: str) -> None:
    code, out, err = run(f"{rules}\n{SOURCE}", "doctor")
    assert (code, "nothing is called" in out) == (0, False), "the sources alone"
    assert "opsboard: warning: " in err
    assert said in err


def test_doctor_warns_of_a_source_in_an_environment_that_nobody_knows(run: Run) -> None:
    source = f'{SOURCE}environment = "Kunde-A"\n'
    code, _, err = run(source, "doctor")
    assert code == 0
    assert "sources.here.environment: nobody knows the environment 'Kunde-A'" in err
    assert "write kunde-a = [] in [environments]" in err
    assert "nobody knows" not in run(f"[environments]\nkunde-a = []\n{source}", "doctor")[2]


def test_doctor_says_nothing_of_what_is_known(run: Run) -> None:
    rules = 'protected = ["Production", "stag*", "*", "unknown", "lab"]\n[environments]\nLab = []\n'
    assert "warning: " not in run(f"{rules}{SOURCE}", "doctor")[2]


@pytest.fixture(scope="module")
def world() -> Iterator[str]:
    with running_demo(DemoOptions(at=datetime.now(UTC))) as config:
        yield with_sources(config, "mlflow").read_text()


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ('[policy.production]\nrollbak = "deny"', 3),
        ('protected = [""]', 3),
        ('[[change_windows]]\nenvironments = "prod*"\nstart = 9', 3),
        ('[policy.development]\nrollbak = "deny"', 0),
        ('[policy.Production]\nRollback = "deny"', 3),
        ('[policy."prod*"]\n"roll*" = "deny"', 3),
    ],
)
def test_an_act_that_a_fault_may_concern_is_refused(
    run: Run, world: str, rules: str, code: int
) -> None:
    ended, _, err = run(f"{rules}\n{world}", "act", "rollback", MODEL, "--plan", *WAIT)
    assert ended == code or (code == 3 and "denies rollback in production" in err)
    if "rollbak" in rules and code == 3:
        _, out, _ = run(f"{rules}\n{world}", "act", "rollback", MODEL, "--plan", *WAIT)
        assert "policy: deny: the config has an error" in out
