"""A home folder of the first version is opened, verified and settled, and nothing of it is lost.

``tests/fixtures/home_v0/README.md`` says how it was made.
"""

import json
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from opsboard.acting import actor as actor_module
from opsboard.acting import in_flight
from opsboard.acting.actor import current_actor
from opsboard.acting.audit.action_history import ActionRun, action_runs, activity_of
from opsboard.acting.audit.entry import AuditEvent
from opsboard.acting.audit.log import AuditLog
from opsboard.acting.audit.verify import parse_head, verify
from opsboard.acting.run_locks import RunLocks
from opsboard.adapter import OutcomeUnknown, Plan, ReconcileResult
from opsboard.board.alert_acks import AlertAcks
from opsboard.board.cache import BoardCache
from opsboard.cli import main
from opsboard.config.load import load_config
from opsboard.demo.options import DemoOptions
from opsboard.demo.process import running_demo
from opsboard.records import ActivityState, AlertState, Kind, Ref
from opsboard.ui.theme.theme_files import load_themes
from tests.acting import first_version
from tests.acting.kept_homes import open_kept_home
from tests.acting.lever import LeverSource, Stand, StillClock
from tests.collect import eventually
from tests.patience import PATIENCE

MADE = Path(__file__).parents[1] / "fixtures" / "home_v0"
MADE_AT = datetime(2026, 11, 26, 20, 4, tzinfo=UTC)
PLACE = "config /home/kim/.config/opsboard/config.toml"

CHECKOUT = Ref("clusters", Kind.ALERT, "deployment:production-eu/shop/Deployment/checkout:56")
PRODUCTION = Ref("github", Kind.ALERT, "deployment:harbourside/checkout/production:10005803")


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home folder, as it was."""
    return open_kept_home(MADE, monkeypatch)


@pytest.fixture
def long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing that was sent be under way any more, whatever the time is now."""
    monkeypatch.setattr(in_flight, "SEND_TIMEOUT", 0.0)
    monkeypatch.setattr(in_flight, "REQUEST_LIFETIME", 0.0)
    monkeypatch.setattr(in_flight, "PAUSES", (0.0,))


@pytest.fixture
def state(home: Path) -> Path:
    return home / ".local" / "state" / "opsboard"


class Cluster(LeverSource):
    """Knows what became of what was sent: nothing."""

    async def reconcile(self, plan: Plan) -> ReconcileResult:
        return ReconcileResult.model_validate(
            {"outcome": "not done", "message": f"no mark of {plan.id}"}
        )


class Unsure(LeverSource):
    """Cannot tell what became of anything."""

    async def reconcile(self, plan: Plan) -> ReconcileResult:
        raise OutcomeUnknown("who knows")


def _stand(state: Path) -> Stand:
    stand = Stand(state)
    stand.engine.sources["clusters"] = Cluster()
    return stand


def _kept(state: Path) -> bool:
    """Return whether all that was in the trail is where it was."""
    made = (MADE / "state" / "audit.jsonl").read_bytes()
    return (state / "audit.jsonl").read_bytes().startswith(made)


def test_the_trail_is_whole(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = (state / "audit.head").read_text()
    assert main(["audit", "verify"]) == 0
    out = capsys.readouterr().out
    assert "6 entries, whole" in out
    assert f"head {parse_head(head)}" in out
    assert main(["audit", "verify", "--head", head]) == 0


def test_what_was_done_is_told(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--json", "--schema", "1"]) == 0
    finished, followed, unsettled = json.loads(capsys.readouterr().out)["acts"]
    assert finished["state"] == "succeeded"
    assert [entry["event"] for entry in finished["entries"]] == ["intent", "outcome", "verdict"]
    assert followed["state"] == "following"
    assert unsettled["state"] == "unknown"
    made = [json.loads(line) for line in (MADE / "state" / "audit.jsonl").open("rb")]
    told = [entry for act in (finished, followed, unsettled) for entry in act["entries"]]
    for before, now in zip(made, told, strict=True):
        actor = {**now["actor"]}
        assert actor.pop("format") == 0
        assert {**now, "actor": actor, "plan": _as_before(now["plan"], before["plan"])} == before


def _as_before(now: Any, before: Any) -> Any:
    """Return *now* without what only a later version tells: that is added, and nothing is lost."""
    if isinstance(before, dict):
        return {key: _as_before(now[key], before[key]) for key in before}
    if isinstance(before, list):
        return [_as_before(*pair) for pair in zip(now, before, strict=True)]
    return now


async def test_what_is_open_is_settled_and_followed(state: Path) -> None:
    stand = _stand(state)
    _, followed, unsettled = action_runs(stand.audit.entries(), RunLocks(state))
    assert (followed.awaits_verdict, unsettled.is_unresolved) == (True, True)
    await stand.coordinator.resume_open_runs()
    await eventually(lambda: len(stand.audit.entries()) == 8)
    acts = action_runs(stand.audit.entries(), RunLocks(state))
    states = [activity_of(act).state for act in acts]
    assert states == [ActivityState.SUCCEEDED, ActivityState.SUCCEEDED, ActivityState.REFUSED]
    assert f"no mark of {unsettled.plan.id}" in acts[2].last.message
    assert (verify(state).entries, verify(state).faults) == (8, ())
    assert (_kept(state), stand.audit.problems) == (True, [])


async def test_a_source_that_does_not_know_leaves_it_unknown(state: Path) -> None:
    stand = _stand(state)
    stand.engine.sources["clusters"] = Unsure()
    (left,) = await stand.coordinator.reconcile_abandoned()
    assert left.state is ActivityState.UNKNOWN
    assert verify(state).faults == ()


async def test_while_the_first_version_is_still_open_on_it(state: Path) -> None:
    actor = first_version.Actor(user="root", host="bastion-1", sudo_user="kim")
    first, stand = first_version.Trail(state, actor, StillClock()), _stand(state)
    _, followed, _ = action_runs(stand.audit.entries(), RunLocks(state))
    await stand.coordinator.resume_open_runs()
    verdict = first.entry(first_version.Event.VERDICT).model_copy(
        update={"plan_id": followed.plan.id, "result": first_version.Result.SUCCEEDED}
    )
    first.append(verdict)
    await eventually(lambda: not stand.coordinator._tasks)
    first.append(first.entry(first_version.Event.SETTLED))
    assert (verify(state).faults, stand.audit.problems) == ((), [])
    assert len(first.entries()) == len(stand.audit.entries()) == verify(state).entries
    assert _kept(state)


def test_what_a_program_of_the_first_version_still_holds_is_left_to_it(state: Path) -> None:
    trail = AuditLog(state, current_actor({}).model_copy(update={"format": 0}), StillClock())
    plan_id = trail.entries()[-1].plan_id
    trail.append(trail.entry(AuditEvent.OUTCOME).model_copy(
        update={"plan_id": plan_id, "result": "done"}
    ))  # fmt: skip
    _, _, held = action_runs(trail.entries(), RunLocks(state))
    assert held.awaits_verdict
    assert not held.is_abandoned


def test_the_config_the_theme_and_the_keys_still_hold(home: Path) -> None:
    folder = home / ".config" / "opsboard"
    config = load_config(folder / "config.toml")
    assert config.problems == ()
    assert [source.name for source in config.sources] == ["github", "clusters", "mlflow"]
    settings = config.settings
    assert settings.ui.theme == "night-shift"
    assert settings.ui.keys == {"pane.filter": ("/", "ctrl+g"), "board.zoom": ("Z",)}
    assert set(settings.protected) == {"production", "staging"}
    themes = load_themes(folder / "themes")
    assert themes.problems == ()
    assert themes.themes["night-shift"].title == "Night shift"


def test_acknowledged_and_snoozed_alerts_still_are(state: Path) -> None:
    notices = AlertAcks(state, now=MADE_AT)
    try:
        assert notices.problem == ""
        assert notices.state_of(CHECKOUT, MADE_AT)[0] is AlertState.ACKNOWLEDGED
        assert notices.state_of(PRODUCTION, MADE_AT)[0] is AlertState.SNOOZED
    finally:
        notices.close()


def test_the_last_known_board_is_shown_again(home: Path) -> None:
    folder = home / ".cache" / "opsboard"
    with sqlite3.connect(folder / "board-1.db") as database:
        ((members,),) = database.execute("SELECT members FROM session WHERE place = ?", (PLACE,))
    database.close()
    cache = BoardCache(folder)
    arrivals = cache.restore(PLACE, {key for *_, key in json.loads(members)})
    cache.close()
    assert cache.problem == ""
    assert {arrival.source for arrival in arrivals} == {"github", "clusters", "mlflow"}


@pytest.mark.usefixtures("long_ago")
def test_the_program_itself_opens_it_on_another_world(
    home: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The demo's world of today has never heard of what was done in that one's."""
    with running_demo(DemoOptions(at=datetime.now(UTC))) as other:
        url = other.read_text().split('api_url = "')[1].split("/api/v3")[0]
        for file in ("config.toml", "kubeconfig.json"):
            config = home / ".config" / "opsboard" / file
            text = config.read_text().replace("http://127.0.0.1:18443", url)
            text = text.replace("127.0.0.1:18443", url.removeprefix("http://"))
            config.write_text(text.replace("/home/kim", str(home)))
        code = main(["act", "rollback", "fraud-detector", "--plan", "--wait-fresh", str(PATIENCE)])
    told = capsys.readouterr().err
    assert code == 0, told
    assert "left by a program that was ended" in told
    trail = AuditLog(state, current_actor({}), StillClock())
    last = trail.entries()[-1]
    assert (last.event, last.number) == (AuditEvent.SETTLED, 7)
    assert last.result in {"not done", "unknown"}
    assert verify(state).faults == ()
    assert _kept(state)


@pytest.mark.usefixtures("long_ago")
def test_an_act_is_settled_from_the_command_line(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also one that another machine may still hold; its sources need not be there."""
    boot = AuditLog(state, current_actor({}), StillClock()).entries()[0].actor.boot
    monkeypatch.setattr(actor_module, "boot_id", lambda: boot)
    monkeypatch.setattr(actor_module, "sees_every_process", lambda: False)
    assert main(["audit"]) == 0
    told = capsys.readouterr().out
    finished, _, unsettled = (act.plan.id for act in _acts(state))
    assert f"unfinished: `opsboard audit settle {unsettled}`" in told
    assert finished not in told
    (state.parents[2] / ".config" / "opsboard" / "config.toml").write_text("read_only = false\n")
    assert main(["audit", "settle", unsettled[:9], "--wait-fresh", "0"]) == 4
    assert "no source called 'clusters'" in capsys.readouterr().err
    assert main(["audit", "settle", finished]) == 0
    assert "succeeded" in capsys.readouterr().out
    for wrong, words in (("nothing", "no act begins"), ("", "no act begins")):
        assert main(["audit", "settle", wrong]) == 64
        assert words in capsys.readouterr().err
    with RunLocks(state).acquire(unsettled):
        assert main(["audit", "settle", unsettled, "--wait-fresh", "0"]) == 3
        assert "another program is working on it" in capsys.readouterr().err
    assert verify(state).faults == ()


def _acts(state: Path) -> Sequence[ActionRun]:
    return action_runs(AuditLog(state, current_actor({}), StillClock()).entries(), RunLocks(state))


async def test_under_another_host_name_on_the_same_machine_a_person_decides(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first version tells of its process only, and a container does not see all of them."""
    boot = AuditLog(state, current_actor({}), StillClock()).entries()[0].actor.boot
    monkeypatch.setattr(actor_module, "boot_id", lambda: boot)
    monkeypatch.setattr(actor_module, "sees_every_process", lambda: False)
    stand = _stand(state)
    await stand.coordinator.resume_open_runs()
    assert await stand.coordinator.reconcile_abandoned() == []
    _, followed, unsettled = {one.id: one for one in stand.engine.told}.values()
    for shown in (followed, unsettled):
        assert shown.state is ActivityState.UNKNOWN
        assert "in progress elsewhere: by kim as root from 10.0.0.7 on bastion-1" in shown.message
        await stand.coordinator.resume(shown.ref)
    await eventually(lambda: len(stand.audit.entries()) == 8)
    assert verify(state).faults == ()
