"""A home folder of commit 9af61d2 is opened, verified and settled, and nothing of it is lost.

``tests/fixtures/home_v1/README.md`` says how it was made.
"""

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from opsboard.acting.audit.action_history import action_runs, activity_of
from opsboard.acting.audit.verify import parse_head, verify
from opsboard.acting.run_locks import LockHolder, RunLocks
from opsboard.adapter import Plan, ReconcileResult
from opsboard.board.alert_acks import AlertAcks
from opsboard.board.cache import BoardCache
from opsboard.cli import main
from opsboard.config.load import load_config
from opsboard.records import ActivityState, AlertState, Kind, Ref
from tests.acting.kept_homes import open_kept_home
from tests.acting.lever import LeverSource, Stand
from tests.collect import eventually

MADE = Path(__file__).parents[1] / "fixtures" / "home_v1"
MADE_AT = datetime(2026, 11, 27, 3, 27, tzinfo=UTC)

SNOOZED = Ref("clusters", Kind.ALERT, "deployment:production-eu/shop/Deployment/checkout:56")
ACKNOWLEDGED = Ref("github", Kind.ALERT, "deployment:harbourside/catalog/staging:10005866")


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home folder, as it was, on a machine that has been started again since."""
    return open_kept_home(MADE, monkeypatch)


@pytest.fixture
def state(home: Path) -> Path:
    return home / ".local" / "state" / "opsboard"


class Clusters(LeverSource):
    """Has nothing of what was sent last."""

    async def reconcile(self, plan: Plan) -> ReconcileResult:
        return ReconcileResult.model_validate(
            {"outcome": "not done", "message": f"no mark of {plan.id}"}
        )


def _stand(state: Path) -> Stand:
    stand = Stand(state)
    stand.engine.sources["clusters"] = Clusters()
    return stand


def test_the_trail_is_whole(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = (state / "audit.head").read_text()
    assert main(["audit", "verify", "--head", head]) == 0
    out = capsys.readouterr().out
    assert "8 entries, whole" in out
    assert f"head {parse_head(head)}" in out


@pytest.mark.usefixtures("home")
def test_what_was_done_is_told_in_both_versions_of_the_json(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["audit", "--json"]) == 0
    runs = json.loads(capsys.readouterr().out)["runs"]
    assert [run["state"] for run in runs] == ["succeeded", "following", "following", "unknown"]
    assert main(["audit", "--json", "--schema", "1"]) == 0
    acts = json.loads(capsys.readouterr().out)["acts"]
    told = [entry for act in acts for entry in act["entries"]]
    made = sorted(told, key=lambda entry: entry["number"])
    for entry, line in zip(made, (MADE / "state" / "audit.jsonl").open("rb"), strict=True):
        written = json.loads(line)
        actor = {key: held for key, held in written["actor"].items() if key != "more"}
        assert entry["actor"] == actor
        for key in written.keys() - {"actor", "plan"}:
            assert entry[key] == written[key]
        for key, held in (written["plan"] or {}).items():
            if key not in {"changes", "cautions", "facts"}:  # some of their fields are in `more`
                assert entry["plan"][key] == held


async def test_what_is_open_is_settled_and_observed_to_its_verdict(state: Path) -> None:
    stand = _stand(state)
    done, late, observed, sent = action_runs(stand.audit.entries(), RunLocks(state))
    assert not done.is_open
    assert (late.awaits_verdict, observed.awaits_verdict, sent.is_unresolved) == (True, True, True)
    assert {run.holder for run in (late, observed, sent)} == {LockHolder.NONE}
    await stand.coordinator.resume_open_runs()
    await eventually(lambda: len(stand.audit.entries()) == 11)
    runs = action_runs(stand.audit.entries(), RunLocks(state))
    good = ActivityState.SUCCEEDED
    assert [activity_of(run).state for run in runs] == [good, good, good, ActivityState.REFUSED]
    assert f"no mark of {sent.plan.id}" in runs[3].last.message
    assert (verify(state).entries, verify(state).faults) == (11, ())
    written = (MADE / "state" / "audit.jsonl").read_bytes()
    assert (state / "audit.jsonl").read_bytes().startswith(written)
    assert stand.audit.problems == []


def test_the_config_the_theme_and_the_keys_still_hold(home: Path) -> None:
    config = load_config(home / ".config" / "opsboard" / "config.toml")
    settings = config.settings
    assert settings.rule_errors == ()
    assert [source.name for source in config.sources] == ["github", "clusters", "mlflow"]
    assert settings.ui.keys == {
        "pane.filter": ("/", "ctrl+g"),
        "board.zoom": ("Z",),
        "record.open": ("enter", "o"),
        "record.browser": ("O",),
    }
    assert (settings.ui.theme, settings.ui.mouse) == ("night-shift", False)
    (rule,) = settings.retrain
    assert (rule.source, rule.models) == ("github", ("product-*",))
    (window,) = settings.change_windows
    assert window.time_zone == "Europe/Berlin"


def test_acknowledged_and_snoozed_alerts_still_are(state: Path) -> None:
    acks = AlertAcks(state, now=MADE_AT)
    try:
        assert acks.problem == ""
        assert acks.state_of(ACKNOWLEDGED, MADE_AT)[0] is AlertState.ACKNOWLEDGED
        assert acks.state_of(SNOOZED, MADE_AT)[0] is AlertState.SNOOZED
    finally:
        acks.close()


def test_the_last_known_board_is_shown_again(home: Path) -> None:
    folder = home / ".cache" / "opsboard"
    with sqlite3.connect(folder / "board-1.db") as database:
        ((place, members),) = database.execute("SELECT place, members FROM session")
    database.close()
    cache = BoardCache(folder)
    shown = cache.restore(place, {key for *_, key in json.loads(members)})
    cache.close()
    assert cache.problem == ""
    assert {event.source for event in shown} == {"github", "clusters", "mlflow"}
