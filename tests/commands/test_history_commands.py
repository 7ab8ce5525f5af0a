"""``at``, ``timeline`` and ``handover``, as a script would use them: on a ledger, no server."""

import json
import sqlite3
import sys
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opsboard.cli import main
from opsboard.config.load import load_config
from opsboard.config.paths import current_environ, user_paths
from opsboard.history.ledger import Ledger
from opsboard.history.ledger_file import FILE_NAME
from opsboard.history.model import Gap, GapReason, NewTransition, SourceId
from opsboard.records import Deployment, Record, Status
from opsboard.startup.login_keys import login_keys

CONFIG = """\
[sources.prod]
adapter = "mlflow"
tracking_uri = "http://127.0.0.1:9"
login_from_environment = true
"""
ALICE = SourceId("http://127.0.0.1:9", "alice")
NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test begin now: a long run of the suite imports this module long before."""
    monkeypatch.setattr(sys.modules[__name__], "NOW", datetime.now(UTC))


def _ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def _deployment(revision: str, status: Status = Status.OK) -> Deployment:
    return Deployment(
        source="prod", id="shop/checkout", name="checkout", workload="Deployment",
        revision=revision, status=status, namespace="shop", cluster="eu",
        environment="production", images=(f"registry.example/checkout:v{revision}",),
    )  # fmt: skip


def _new(source: int, minutes: float, after: Record, **fields: Any) -> NewTransition:
    time = _ago(minutes)
    values = {"at": time, "seen_at": time, "scope": "all", "ref": after.ref, "after": after}
    return NewTransition(source=source, **{**values, **fields})


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "config.toml"
    file.write_text(CONFIG)
    return file


@pytest.fixture
def recorded(config: Path) -> Path:
    """A config whose login has recorded three hours, with a stretch that nobody watched."""
    (source,) = load_config(config).sources
    key = login_keys([source], current_environ())["prod"]
    ledger = Ledger(user_paths().state)
    number = ledger.source(ALICE, "prod", "MLflow", _ago(180), key)
    ledger.append(
        [
            _new(number, 180, _deployment("55"), baseline=True),
            _new(number, 60, _deployment("56"), actor="dana"),
            _new(number, 50, _deployment("56", Status.FAILED)),
            _new(number, 20, _deployment("55"), earliest=_ago(30)),
        ]
    )
    ledger.set_watch(number, "all", _ago(180))
    ledger.set_watch(number, "all", _ago(0))
    gap = Gap("prod", "all", _ago(120), _ago(100), GapReason.NO_BOARD)
    ledger.add_gap(number, "all", gap)
    ledger.close()
    return config


def _run(config: Path, *words: str) -> int:
    try:
        return main(["--config", str(config), *words])
    except SystemExit as error:
        return int(error.code or 0)


def _json(config: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    code = _run(config, *words, "--json")
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("time", "revision", "code"),
    [
        ("-150m", "55", 0),
        ("-55m", "56", 0),
        ("-45m", "56", 1),
        ("-10m", "55", 0),
        ("-110m", "55", 2),
    ],
)
def test_at_prints_the_board_of_the_time(
    recorded: Path, capsys: pytest.CaptureFixture[str], time: str, revision: str, code: int
) -> None:
    found, document = _json(recorded, capsys, "at", time, "--pane", "deployments")
    assert found == document["exit_code"] == code
    assert [one["revision"] for one in document["panes"]["deployments"]] == [revision]
    assert document["read_only"] is True
    assert document["schema"] == "opsboard.at/2"
    assert [gap["reason"] for gap in document["gaps"]] == (["no board"] if code == 2 else [])


def test_at_says_on_top_that_it_is_read_only_and_of_when(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(recorded, "at", "-45m") == 1
    text = capsys.readouterr().out
    assert text.startswith("AS OF 20")
    assert text.partition("\n")[0].endswith(", READ-ONLY")
    assert "Alerts (1)" in text
    assert _run(recorded, "at", "-110m") == 2
    assert "not watched from" in capsys.readouterr().out


def test_at_between_two_looks_gives_both_states(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, document = _json(recorded, capsys, "at", "-25m")
    (one,) = document["uncertain"]
    assert (one["before"]["revision"], one["after"]["revision"]) == ("56", "55")
    assert (one["earliest"], one["latest"]) == (_ago(30).isoformat(), _ago(20).isoformat())
    _run(recorded, "at", "-25m")
    text = capsys.readouterr().out
    assert "Changed between two looks (1)" in text
    assert "deployment shop/checkout: v56 → v55, some time from" in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("25:00",), "no clock shows that"),
        (("2099-01-01",), "lies in the future"),
        (("2h",), "so long ago is -2h"),
        (("-2h", "--filter", "nope:x"), "no field 'nope'"),
        (("-2h", "--pane", "cakes"), "no such table"),
    ],
)
def test_at_refuses_what_it_does_not_understand(
    recorded: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert _run(recorded, "at", *words) == 64
    assert said in capsys.readouterr().err


def test_a_time_may_be_of_several_words(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(recorded, "at", "yesterday", "14:02") == 2
    assert "AS OF" in capsys.readouterr().out


def test_without_a_history_every_answer_is_that_nothing_is_known(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(config, "at", "-2h") == 2
    assert "no history is recorded yet" in capsys.readouterr().err
    assert _run(config, "timeline") == 0
    assert "no history is recorded yet" in capsys.readouterr().err


def test_another_login_sees_nothing(
    recorded: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "mallory")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "p")
    code, document = _json(recorded, capsys, "at", "-45m")
    assert code == 2
    assert not any(document["panes"].values())
    _, document = _json(recorded, capsys, "timeline")
    assert document["rows"] == []


# --- timeline ------------------------------------------------------------------------------------


def test_timeline_lists_changes_alerts_and_gaps(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, document = _json(recorded, capsys, "timeline", "--since", "150m")
    assert code == 0
    told = [(row["type"], row.get("change", "")) for row in document["rows"]]
    assert told == [
        ("event", "v56 → v55"),
        ("event", "failed resolved"),
        ("event", "ok → failed"),
        ("event", "failed"),
        ("event", "v55 → v56"),
        ("gap", ""),
    ]
    assert document["rows"][4]["who"] == "dana"


def test_timeline_as_text(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(recorded, "timeline", "checkout", "--since", "-150m") == 0
    text = capsys.readouterr().out
    assert "deploy  shop/checkout v55 → v56, dana, production" in text
    assert "not watched" in text
    assert "(no board ran)" in text
    assert "at the earliest" in text


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--since", "soon"), 64, "--since: 'soon' is neither a length of time"),
        (("--since", "2099-01-01"), 64, "lies in the future"),
        (("--limit", "0"), 64, "at least 1"),
        (("--filter", "nope:x"), 64, "no field 'nope'"),
        (("--filter", "kind:delpoy"), 64, "no kind 'delpoy'; did you mean 'deploy'?"),
        (("--filter", "!kind:bogus"), 64, "no kind 'bogus'; there are: act, alert, "),
        (("--filter", "status:faild"), 64, "no status 'faild'; did you mean 'failed'?"),
        (("nobody",), 1, "nothing called 'nobody'"),
    ],
)
def test_timeline_refuses_what_it_does_not_know(
    recorded: Path,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    assert _run(recorded, "timeline", *words) == code
    assert said in capsys.readouterr().err


def test_a_timeline_without_a_match_names_what_was_looked_for(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(recorded, "timeline", "--since", "1s", "--filter", "who:nobody") == 0
    assert capsys.readouterr().out.startswith("nothing matches 'who:nobody' since ")


def test_timeline_is_filtered(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, document = _json(recorded, capsys, "timeline", "--filter", "kind:deploy who:dana")
    assert [row["change"] for row in document["rows"] if row["type"] == "event"] == ["v55 → v56"]


# --- handover ------------------------------------------------------------------------------------


def test_handover_tells_of_changes_and_of_sources_that_are_down(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("handover", "--since", "150m", "--wait-fresh", "5")
    assert _run(recorded, *words) == 0
    text = capsys.readouterr().out
    assert text.startswith("# Hand-over 20")
    assert "### production: 2" in text
    assert "deploy shop/checkout v55 → v56, dana" in text
    assert "## Not watched: 1" in text
    assert "## Sources that cannot tell now: 1" in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_handover_as_json(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, document = _json(recorded, capsys, "handover", "--wait-fresh", "5")
    assert code == 0
    assert [one["change"] for one in document["changes"]["production"]] == [
        "v55 → v56",
        "v56 → v55",
    ]
    assert document["schema"] == "opsboard.handover/2"
    assert document["history"] == ""


def test_handover_refuses_a_bad_time(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(recorded, "handover", "--since", "25:00") == 64
    assert "no clock shows that" in capsys.readouterr().err


def test_the_history_is_left_as_it_is(recorded: Path) -> None:
    file = user_paths().state / "history-1.db"
    before = file.read_bytes()
    for words in (("at", "-45m"), ("timeline",), ("handover", "--wait-fresh", "2")):
        with suppress(SystemExit):
            _run(recorded, *words)
    assert file.read_bytes() == before


def test_history_tells_whose_it_is_and_none_of_its_content(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(recorded, "history") == 0
    printed = capsys.readouterr().out
    assert "prod (MLflow, http://127.0.0.1:9), as alice" in printed
    assert "4 changes, 1 gap" in printed
    assert "checkout" not in printed


def test_history_says_where_nobody_was_named(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger = Ledger(user_paths().state)
    ledger.source(SourceId("http://127.0.0.1:9", "", "hash"), "prod", "MLflow", NOW)
    ledger.close()
    assert _run(config, "history", "info") == 0
    assert "principal unknown: this login only" in capsys.readouterr().out


def test_forget_asks_first_and_then_it_is_gone(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(recorded, "history", "forget") == 64
    assert _run(recorded, "history", "forget", "--source", "nobody", "--yes") == 64
    assert "there is that of: prod" in capsys.readouterr().err
    assert _run(recorded, "history", "forget", "--all") == 3, "nobody is there to confirm"
    assert _run(recorded, "history", "forget", "--source", "prod", "--before", "-25m", "--yes") == 0
    capsys.readouterr()
    assert _run(recorded, "history") == 0
    assert "2 changes, 0 gaps" in capsys.readouterr().out
    kept = user_paths().cache / "first-frame" / "one.frame"
    kept.parent.mkdir(parents=True)
    kept.touch()
    assert _run(recorded, "history", "forget", "--all") == 3
    assert kept.exists()
    assert _run(recorded, "history", "forget", "--all", "--yes") == 0
    assert not kept.exists(), "what was seen last is a part of it"
    capsys.readouterr()
    assert _run(recorded, "history") == 0
    assert "nothing is recorded yet" in capsys.readouterr().out
    (user_paths().state / FILE_NAME).unlink(missing_ok=True)
    kept.touch()
    assert _run(recorded, "history", "forget", "--all", "--yes") == 0
    assert not kept.exists(), "it is kept where no history is"


def test_what_stays_in_the_journal_is_not_told_as_forgotten(
    recorded: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("opsboard.history.forgetting.PAUSE", 0.0)
    file = user_paths().state / FILE_NAME
    with closing(sqlite3.connect(file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM source").fetchall()
        for _ in range(2):  # asked again, it is still there
            assert _run(recorded, "history", "forget", "--source", "prod", "--yes") == 1
            said = capsys.readouterr()
            assert f"{file}-wal: end what has that file open" in said.err
            assert "\nforgotten" not in said.out
    assert _run(recorded, "history", "forget", "--source", "prod", "--yes") == 64
    assert "no history of a source called 'prod'" in capsys.readouterr().err
    assert b"alice" not in b"".join(one.read_bytes() for one in file.parent.glob(f"{FILE_NAME}*"))


@pytest.mark.parametrize("words", [(), ("info",), ("forget", "--source", "x")])
def test_the_config_is_named_after_the_words_too(
    recorded: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    code = main(["history", *words, "--config", str(recorded)])
    assert (code, "prod" in "".join(capsys.readouterr())) == (64 if "forget" in words else 0, True)


def test_what_cannot_be_read_is_not_told_as_nothing(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = user_paths().state / FILE_NAME
    for rest in file.parent.glob(f"{file.name}*"):
        rest.unlink()
    file.write_bytes(b"this is no database, and never was" * 300)
    assert _run(recorded, "at", "-45m") == 2
    at = capsys.readouterr().err
    assert _run(recorded, "timeline") == 1
    timeline = capsys.readouterr()
    for said in (at, timeline.err):
        assert said.count("the history cannot be read in") == 1
        assert "no history is recorded" not in said
    assert timeline.out == ""


def test_forgetting_all_takes_the_damaged_copy_too(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = user_paths().state / FILE_NAME
    for rest in file.parent.glob(f"{file.name}*"):
        rest.unlink()
    file.write_bytes(b"this is no database, and never was" * 300)
    assert _run(recorded, "history") == 1
    assert "moved to history-1.db.damaged" in capsys.readouterr().err
    assert _run(recorded, "history", "forget", "--all", "--yes") == 0
    assert not list(file.parent.glob("*.damaged"))
