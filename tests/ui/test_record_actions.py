"""What can be done from where one is: the menu, keys and commands, one record or those marked."""

from dataclasses import replace

import pytest

from opsboard.adapter import ActionSpec, Finding, Severity, Unreachable, Upsert
from opsboard.adapter.action_spec import LOADED_ACTIONS
from opsboard.board.events import BoardEvent
from opsboard.config.action_rules import PolicyDecision
from opsboard.records import Alert, Drift, Kind, Model, Record, Status
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.screens.board import BoardScreen
from opsboard.ui.screens.plan import PlanScreen
from tests.ui.app_harness import AppHarness, until
from tests.ui.fake_actions import FakeActs, workload
from tests.ui.sample_board import NOW, stage_board
from tests.ui.start_screens import filled
from tests.ui.test_form_screen import READY

WORKLOADS = tuple(workload(name) for name in ("alpha", "beta", "gamma"))
ALERT = Alert(
    source="kube-prod",
    id="a1",
    name="alpha does not come up",
    status=Status.FAILED,
    since=NOW,
    about=WORKLOADS[0].ref,
)
ALL = ("2", "M", "B")


def offering(*records: Record, acts: FakeActs | None = None, read_only: bool = False) -> AppHarness:
    """Return a board with *records*, by default some workloads."""
    board = filled(stage_board(), records or WORKLOADS)  # type: ignore[arg-type]
    acts = acts or FakeActs(*WORKLOADS)
    return AppHarness(BoardScreen, board=board, acts=acts, read_only=read_only)


async def test_the_menu_lists_all_offers_and_why_one_is_not_possible() -> None:
    stage = offering()
    async with stage.showing("alpha") as pilot:
        await stage.does(pilot, "2", "x", then="Actions on shop/alpha in prod-eu")
        assert "1  Roll back  Bring back an earlier revision." in stage.text
        assert "3  Resume     not now: it is not paused" in stage.text
        assert "Re-run" not in stage.text
        await stage.does(pilot, "3", then="Resume: it is not paused")
        assert "Actions on shop/alpha in prod-eu" in stage.text
        await stage.does(pilot, "1", then="revision 14 → revision 12")


async def test_the_menus_cursor_takes_what_it_is_on() -> None:
    stage = offering()
    async with stage.showing("alpha") as pilot:
        await stage.does(pilot, "2", "x", then="Actions on shop/alpha in prod-eu")
        await stage.does(pilot, "down", "enter", then="whole number, 0 to 50")


async def test_a_board_without_acts_only_shows() -> None:
    stage = AppHarness(BoardScreen, board=filled(stage_board(), WORKLOADS))
    async with stage.showing("alpha") as pilot:
        await stage.does(pilot, "2", "x", then="Actions: this board has no actions")
        await stage.does(pilot, "B", then="Roll back: this board has no actions")


async def test_until_acting_is_there_it_is_said_why_not() -> None:
    acts = FakeActs(*WORKLOADS)
    acts.not_ready_reason = "the sources are still being found"
    stage = offering(acts=acts)
    async with stage.showing("alpha") as pilot:
        await stage.does(pilot, "2", "x", then="Actions: the sources are still being found")


async def test_in_read_only_mode_nothing_is_possible() -> None:
    stage = offering(read_only=True)
    async with stage.showing("alpha") as pilot:
        await stage.does(pilot, "2", "B", then="Roll back: read-only")
        await stage.does(pilot, "x", then="Actions on shop/alpha in prod-eu")
        assert stage.text.count("not now: read-only") == 3
        await stage.does(pilot, "1", then="Roll back: read-only")
        await pilot.press("escape")
        await stage.does(pilot, "colon", *"scale", "enter", then="read-only")
        assert isinstance(stage.app.screen, BoardScreen)


async def test_an_offer_that_is_not_possible_says_why_to_key_and_command() -> None:
    acts = FakeActs(*WORKLOADS)
    acts.disabled_reason["rollback"] = "there is no earlier revision"
    stage = offering(acts=acts)
    async with stage.showing("alpha") as pilot:
        await stage.does(pilot, "2", "B", then="Roll back: there is no earlier revision")
        await stage.does(pilot, "colon", *"resume", "enter", then="it is not paused")
        assert acts.planned == []


async def test_what_is_not_offered_for_a_kind_says_so() -> None:
    stage = offering()
    async with stage.showing("alpha") as pilot:
        await stage.does(pilot, "2", "T", then="Retrain: not offered for deployments")
        assert "of kube-prod" in " ".join(stage.text.replace("▌", " ").split())
        await stage.does(pilot, "3", "B", then="Roll back: there is no record under the cursor")


async def test_a_command_leads_to_the_plan() -> None:
    stage = offering()
    async with stage.showing("alpha") as pilot:
        await stage.does(pilot, "2", "colon", *"rollback", "enter", then="as of now")
        assert isinstance(stage.app.screen, PlanScreen)


async def test_for_an_alert_it_is_about_its_subject() -> None:
    acts = FakeActs(*WORKLOADS)
    stage = offering(*WORKLOADS, ALERT, acts=acts)
    async with stage.showing("alpha does not", (120, 36)) as pilot:
        await pilot.press("4", "slash", *"come", "enter")
        await stage.does(pilot, "B", then="as of now")
        assert [request.ref for request in acts.planned] == [WORKLOADS[0].ref]


async def test_the_cursor_goes_with_what_is_acted_on() -> None:
    stage = offering()
    async with stage.showing("alpha") as pilot:
        await stage.does(pilot, "2", "B", then="as of now")
        worse = workload("aaa")
        upsert = Upsert("deployment", [worse])
        stage.app.board_changed(stage.board.apply([BoardEvent("kube-prod", upsert, NOW)]))
        await stage.does(pilot, "escape", then="aaa")
        board = stage.app.screen
        assert isinstance(board, BoardScreen)
        await until(pilot, lambda: board.pane.table.line_count() == 4)
        assert board.pane.selection.current_ref() == WORKLOADS[0].ref


async def test_for_drift_it_is_about_the_model() -> None:
    model = Model(source="mlflow", id="m", name="churn", serving="6")
    drift = Drift(
        source="mlflow", id="x", name="churn psi", model="churn", metric="psi", value=0.3,
        status=Status.FAILED,
    )  # fmt: skip
    alert = replace(ALERT, id="a2", source="mlflow", name="churn drifts", about=drift.ref)
    acts = FakeActs(model)
    stage = offering(model, drift, alert, acts=acts)
    async with stage.showing("churn drifts") as pilot:
        await pilot.press("4", "slash", *"drifts", "enter")
        await stage.does(pilot, "x", then="Actions on churn")
        await stage.does(pilot, "escape", "T", then=READY)
        await stage.does(pilot, "ctrl+s", then="as of now")
        assert [request.ref for request in acts.planned] == [model.ref]


# --- several -------------------------------------------------------------------------------------


async def test_marked_rows_are_one_plan_with_one_confirmation() -> None:
    acts = FakeActs(*WORKLOADS)
    stage = offering(acts=acts)
    async with stage.showing("alpha", (120, 50)) as pilot:
        await stage.does(pilot, *ALL, then="Roll back: 3 of 3")
        for word in ("shop/alpha", "shop/beta", "shop/gamma", "stop, and leave the others"):
            assert word in stage.text
        await stage.does(pilot, "enter", then="Roll back: 3 targets?")
        await stage.does(pilot, "y", then="has begun: 3 targets")
        [(plans, consent, keep_going)] = acts.begun
        assert [plan.ref for plan in plans] == [record.ref for record in WORKLOADS]
        assert (consent.confirmed, keep_going) == (True, False)


async def test_what_takes_the_terminal_has_one_target_at_a_time() -> None:
    acts = FakeActs(*WORKLOADS)
    kinds = frozenset({Kind.DEPLOYMENT})
    acts.offers = (*acts.offers, ActionSpec("exec", "Shell", "Open it.", kinds, single=True))
    stage = offering(acts=acts)
    async with stage.showing("alpha", (120, 50)) as pilot:
        await stage.does(pilot, "2", "M", "X", then="Shell: one at a time; 3 rows are marked")
        await stage.does(pilot, "x", then="Actions on 3 records")
        assert "not now: one at a time" in stage.text
        await stage.does(pilot, "escape", "U", "X", then="as of now")
        assert len(acts.planned) == 1


async def test_going_on_after_a_failure_has_to_be_told() -> None:
    acts = FakeActs(*WORKLOADS)
    stage = offering(acts=acts)
    async with stage.showing("alpha", (120, 50)) as pilot:
        await stage.does(pilot, *ALL, then="Roll back: 3 of 3")
        await stage.does(pilot, "f", then="go on with the others")
        await stage.does(pilot, "enter", then="If one fails: go on with the others")
        await stage.does(pilot, "y", then="has begun")
        assert [keep_going for _, _, keep_going in acts.begun] == [True]


async def test_what_is_blocked_comes_first_and_is_left_out() -> None:
    acts = FakeActs(*WORKLOADS)
    acts.blocked[WORKLOADS[2].ref] = (Finding(severity=Severity.BLOCKER, text="it is gone"),)
    acts.failing[WORKLOADS[1].ref] = Unreachable("no answer", "check the VPN")
    stage = offering(acts=acts)
    async with stage.showing("alpha", (120, 50)) as pilot:
        await stage.does(pilot, *ALL, then="Roll back: 1 of 3")
        lines = [line.strip() for line in stage.text.splitlines()]
        out = lines.index("Left out  2")
        assert lines[out + 1 : out + 3] == [
            "▲ Deployment shop/gamma in prod-eu  it is gone",
            "▲ shop/beta  no answer; check the VPN",
        ]
        assert out < lines.index("Targets, in this order  1")
        await stage.does(pilot, "enter", "y", then="has begun")
        assert [len(plans) for plans, _, _ in acts.begun] == [1]


async def test_where_all_are_blocked_nothing_can_be_carried_out() -> None:
    acts = FakeActs(*WORKLOADS)
    gone = (Finding(severity=Severity.BLOCKER, text="it is gone"),)
    acts.blocked = dict.fromkeys((record.ref for record in WORKLOADS), gone)
    stage = offering(acts=acts)
    async with stage.showing("alpha", (120, 50)) as pilot:
        await stage.does(pilot, *ALL, then="Roll back: 0 of 3")
        await stage.does(pilot, "enter", then="Carry out: it is gone")
        assert acts.begun == []


async def test_several_are_looked_at_even_where_all_is_allowed() -> None:
    acts = FakeActs(*WORKLOADS, ruling=PolicyDecision.ALLOW)
    acts.more = {"findings": ()}
    stage = offering(acts=acts)
    async with stage.showing("alpha", (120, 50)) as pilot:
        await stage.does(pilot, *ALL, then="Roll back: 3 of 3")
        assert acts.begun == []


async def test_of_several_the_action_and_their_number_are_typed() -> None:
    acts = FakeActs(*WORKLOADS, ruling=PolicyDecision.TYPED)
    stage = offering(acts=acts)
    async with stage.showing("alpha", (120, 50)) as pilot:
        await stage.does(pilot, *ALL, then="type rollback 3 and give a reason")
        await stage.does(pilot, "enter", *"alpha", "enter", then="that is not the name")


async def test_too_many_rows_are_refused() -> None:
    many = [workload(f"w{at}") for at in range(101)]
    acts = FakeActs(*many)
    stage = offering(*many, acts=acts)
    async with stage.showing("w0") as pilot:
        await stage.does(pilot, *ALL, then="101 rows are marked; at most 100")
        assert acts.planned == []


@pytest.mark.parametrize("key", ["x", "B"])
async def test_only_those_are_planned_that_it_is_possible_for(key: str) -> None:
    acts = FakeActs(*WORKLOADS)
    stage = offering(acts=acts)
    unable = {WORKLOADS[0].ref: "it has one revision only"}
    acts.why_not_of = {ref: {"rollback": why} for ref, why in unable.items()}
    async with stage.showing("alpha", (120, 50)) as pilot:
        await pilot.press("2", "M", key)
        if key == "x":
            await stage.sees(pilot, "2 of 3. Bring back")
            await pilot.press("1")
        await stage.sees(pilot, "Roll back: 2 of 3")
        assert "▲ shop/alpha  it has one revision only" in stage.text


async def test_one_that_is_left_of_several_is_told_as_several() -> None:
    acts = FakeActs(*WORKLOADS)
    acts.why_not_of = {record.ref: {"rollback": "it is new"} for record in WORKLOADS[:2]}
    stage = offering(acts=acts)
    async with stage.showing("alpha", (120, 50)) as pilot:
        await stage.does(pilot, *ALL, then="Roll back: 1 of 3")
        await until(pilot, lambda: len(acts.planned) == 1)


async def test_an_adapters_own_action_is_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    drain = ActionSpec("drain", "Drain", "Empty its queue.", frozenset({Kind.DEPLOYMENT}))
    taken = ActionSpec("quit", "Quit", "Stop the queue.", frozenset({Kind.DEPLOYMENT}))
    monkeypatch.setitem(LOADED_ACTIONS, "queues", (drain, taken))
    acts = FakeActs(*WORKLOADS)
    acts.offers = (drain, taken)
    stage = offering(acts=acts)
    async with stage.showing("alpha") as pilot:
        await stage.does(pilot, "2", "colon", *"dra", "tab", "enter", then="as of now")
        assert [request.action for request in acts.planned] == ["drain"]
    monkeypatch.undo()
    assert "drain" not in ACTIONS.commands
    assert [one.id for one in ACTIONS.commands["quit"]] == ["app.quit"]
