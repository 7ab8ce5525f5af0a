"""``opsboard delivery``, as a script would use it: on a ledger, no server."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opsboard.cli import main
from opsboard.config.load import load_config
from opsboard.config.paths import current_environ, user_paths
from opsboard.delivery.delivery_json import COLUMNS
from opsboard.history.ledger import Ledger
from opsboard.history.model import Gap, GapReason, NewTransition, SourceId
from opsboard.records import Model, Record, Status
from opsboard.records.models import Alias
from opsboard.startup.login_keys import login_keys
from tests.delivery.recorded_world import workload

CONFIG = """\
[sources.prod]
adapter = "mlflow"
tracking_uri = "http://127.0.0.1:9"
login_from_environment = true
"""
ALICE = SourceId("http://127.0.0.1:9", "alice")
NOW = datetime.now(UTC).replace(microsecond=0)
"""Long before each test asks, by as long as the suite has run: no window ends near a step."""


def _ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


def _runs(tag: str, status: Status = Status.OK, **fields: Any) -> Record:
    return workload(tag, status, source="prod", **fields)


def _model(version: str, alias: str = "champion", name: str = "ranker") -> Record:
    aliases = (Alias(alias, version),)
    return Model(source="prod", id=name, name=name, aliases=aliases, status=Status.OK)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "config.toml"
    file.write_text(CONFIG)
    return file


@pytest.fixture
def recorded(config: Path, request: pytest.FixtureRequest) -> Path:
    """A config whose login has recorded ten days, with a stretch that nobody watched.

    A parameter of the test is what it has recorded beside that: hours ago, and a record.
    """
    (source,) = load_config(config).sources
    key = login_keys([source], current_environ())["prod"]
    ledger = Ledger(user_paths().state)
    number = ledger.source(ALICE, "prod", "MLflow", _ago(240), key)
    states: list[tuple[float, Record]] = [
        (240, _runs("v1")),
        (200, _runs("v2")),
        (100, _runs("v3")),
        (99, _runs("v3", Status.FAILED)),
        (98, _runs("v2")),
        (50, _runs("v4")),
        (240, _runs("v1", environment="staging")),
        (30, _runs("v4", environment="staging")),
        (240, _model("5")),
        (60, _model("6")),
        (58, _model("5")),
        *getattr(request, "param", ()),
    ]
    ledger.append(
        [
            NewTransition(
                number, "all", record.ref, _ago(hours), _ago(hours), record, baseline=hours == 240
            )
            for hours, record in sorted(states, key=lambda state: -state[0])
        ]
    )
    ledger.set_watch(number, "all", _ago(240))
    ledger.set_watch(number, "all", _ago(0))
    ledger.add_gap(number, "all", Gap("prod", "all", _ago(150), _ago(140), GapReason.NO_BOARD))
    ledger.close()
    return config


def _run(config: Path, *words: str) -> int:
    try:
        return main(["--config", str(config), "delivery", *words])
    except SystemExit as error:
        return int(error.code or 0)


def _json(config: Path, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert _run(config, *words, "--json") == 0
    return json.loads(capsys.readouterr().out)


def test_it_prints_each_service_in_each_environment_and_each_alias(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(recorded) == 0
    text = capsys.readouterr().out
    assert "shop  production\n  deployments   3; 1 rollback\n" in text
    assert "  fail rate     1 of 3: 1 rolled back\n" in text
    assert "  recovery      2h\n" in text
    assert "shop  staging\n  deployments   1\n" in text
    assert "ranker@champion\n  deployments   1; 1 rollback\n" in text
    assert "; recorded since 20" in text


def test_a_service_is_told_step_by_step(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(recorded, "shop", "--env", "prod") == 0
    text = capsys.readouterr().out
    assert "deployment v2 → v3, rolled back to v2 after 2h" in text
    assert "rollback v3 → v2, took v3 back" in text
    assert "not watched " in text
    assert "staging" not in text
    assert "ranker" not in text


def test_as_json(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = _json(recorded, capsys, "--window", "9d")
    assert document["schema"] == "opsboard.delivery/2"
    assert document["recorded_since"] == _ago(240).isoformat()
    assert document["fix_within_seconds"] == 86_400
    lanes = {(one["name"], one["environment"]): one for one in document["lanes"]}
    shop = lanes["shop", "production"]
    assert (shop["deployments"], shop["rollbacks"], shop["attempts"]) == (3, 1, 0)
    assert shop["fail_rate"] == {
        "part": 1, "whole": 3, "rate": None, "rolled_back": 1, "inferred": 0, "open": 0,
    }  # fmt: skip
    assert shop["recovery_time"]["values"] == [{"seconds": 7200.0, "open": False, "exact": True}]
    assert shop["unwatched_seconds"] >= 36_000
    assert [step["kind"] for step in shop["steps"]] == [
        "deployment", "deployment", "rollback", "deployment",
    ]  # fmt: skip
    assert lanes["ranker", "champion"]["kind"] == "model"


def test_a_window_leaves_out_what_is_older(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (lane,) = _json(recorded, capsys, "shop", "--env", "production", "--window", "3d")["lanes"]
    assert lane["deployments"] == 1
    since, until = (_ago(hours).isoformat() for hours in (220, 80))
    words = ("shop", "--env", "production", "--since", since, "--until", until)
    (lane,) = _json(recorded, capsys, *words)["lanes"]
    assert lane["deployments"] == 2


def test_as_csv(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(recorded, "--csv") == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(one["name"], one["environment"]) for one in rows] == [
        ("shop", "production"), ("shop", "staging"), ("ranker", "champion"),
    ]  # fmt: skip
    assert tuple(rows[0]) == COLUMNS
    assert (rows[0]["failed"], rows[0]["failed_of"], rows[0]["fail_rate"]) == ("1", "3", "")


def test_as_events(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(recorded, "shop", "--env", "production", "--cdevents") == 0
    lines = capsys.readouterr().out.splitlines()
    types = [json.loads(line)["context"]["type"].split(".", 2)[2] for line in lines]
    assert types.count("service.upgraded.0.3.0") == 3
    assert types.count("service.rolledback.0.3.0") == 1
    assert types.count("incident.detected.0.3.0") == types.count("incident.resolved.0.3.0") == 1
    _run(recorded, "shop", "--env", "production", "--cdevents")
    assert capsys.readouterr().out.splitlines() == lines


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--window", "soon"), "--window: "),
        (("--window", "14:02"), "--window: '14:02' is no length of time; write 30m, 8h or 1d12h"),
        (("--window", "999999999d"), "too long"),
        (("--since", "25:00"), "--since: "),
        (("--until", "25:00"), "25:00"),
        (("--fix-within", "x"), "--fix-within: "),
        (("--fix-within", "30"), "'30' is no length of time; write 30m, 8h or 1d12h"),
        (("--since", "2020-01-02", "--until", "2020-01-01"), "is not before --until"),
        (("--json", "--csv"), "not allowed with"),
    ],
)
def test_bad_usage_is_refused(
    recorded: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert _run(recorded, *words) == 64
    assert said in capsys.readouterr().err


def test_a_name_that_is_not_known(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(recorded, "nothing-like-it") == 1
    assert "nothing called 'nothing-like-it' is known" in capsys.readouterr().err
    assert _run(recorded, "shop", "--env", "mars") == 1
    assert "nothing called 'shop' is known to be deployed in mars" in capsys.readouterr().err
    assert _run(recorded, "shop", "--since", "2001-01-01", "--until", "2001-02-01") == 1
    assert "known to be deployed by 2001-02-01 00:00" in capsys.readouterr().err
    assert _run(recorded, "--env", "mars") == 1
    assert "nothing is known to be deployed in mars" in capsys.readouterr().err


@pytest.mark.parametrize(
    "recorded", [[(240, _model("1", "prod", "pricing"))]], indirect=True, ids=["an alias prod"]
)
@pytest.mark.parametrize("word", ["prod", "PROD"])
def test_an_alias_may_be_called_as_an_environment_is_in_short(
    recorded: Path, capsys: pytest.CaptureFixture[str], word: str
) -> None:
    lanes = _json(recorded, capsys, "--env", word)["lanes"]
    assert [(one["name"], one["environment"]) for one in lanes] == [
        ("shop", "production"), ("pricing", "prod"),
    ]  # fmt: skip


def test_without_a_history_it_says_how_to_have_one(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(config) == 1
    assert "opsboard watch --record" in capsys.readouterr().err
