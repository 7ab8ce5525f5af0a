"""A plan: what it says, and what it takes until something is done."""

import asyncio
from dataclasses import replace

import pytest

from opsboard.adapter import (
    Difference,
    Finding,
    Permission,
    Severity,
    SourceError,
    Unreachable,
    Upsert,
)
from opsboard.board.events import BoardEvent
from opsboard.config.action_rules import PolicyDecision
from opsboard.config.settings import UiSettings
from opsboard.ui.screens.board import BoardScreen
from opsboard.ui.screens.plan import PlanScreen
from tests.ui.app_harness import AppHarness, until
from tests.ui.fake_actions import FakeActs, workload
from tests.ui.sample_board import NOW, stage_board
from tests.ui.start_screens import filled

WORKLOAD = workload()
NONE: list[object] = []


def planning(acts: FakeActs | None = None, settings: UiSettings | None = None) -> AppHarness:
    """Return a board in whose deployments the cursor is on a workload."""
    acts = acts or FakeActs(WORKLOAD)
    board = filled(stage_board(), [WORKLOAD])
    return AppHarness(BoardScreen, settings, board=board, acts=acts)


def acts_of(stage: AppHarness) -> FakeActs:
    assert isinstance(stage.app.context.acts, FakeActs)
    return stage.app.context.acts


TO_THE_PLAN = ("2", "B")


async def test_a_plan_tells_all_that_there_is_to_know() -> None:
    stage = planning()
    async with stage.showing("checkout", (120, 60)) as pilot:
        await stage.does(pilot, *TO_THE_PLAN, then="as of now")
        for word in (
            "Roll back checkout", "Deployment shop/checkout in prod-eu", "PRODUCTION",
            "revision 14 → revision 12", "- app  registry.example/shop/checkout:1.4",
            "+ app  registry.example/shop/checkout:1.3", "▲ Argo CD application shop",
            "· note: config maps are not rolled back", "✓ allowed: patch deployments",
            "the server took a dry run", "4f2a9c1", "has to be confirmed",
        ):  # fmt: skip
            assert word in stage.text, word


async def test_enter_upon_enter_carries_nothing_out() -> None:
    stage = planning()
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *TO_THE_PLAN, then="as of now")
        await pilot.press(*["enter"] * 6)
        await stage.sees(pilot, "yes, carry it out")
        assert acts_of(stage).begun == NONE


async def test_enter_and_yes_carry_out_what_was_planned() -> None:
    stage = planning()
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *TO_THE_PLAN, then="as of now")
        await stage.does(pilot, "enter", then="yes, carry it out")
        await stage.does(pilot, "y", then="Roll back has begun")
        [(plans, consent, keep_going)] = acts_of(stage).begun
        assert [plan.ref for plan in plans] == [WORKLOAD.ref]
        assert (consent.confirmed, keep_going) == (True, False)
        await until(pilot, lambda: isinstance(stage.app.screen, BoardScreen))


@pytest.mark.parametrize("before", [(), ("enter",), ("enter", "escape"), ("e",)])
@pytest.mark.parametrize("ruling", [PolicyDecision.CONFIRM, PolicyDecision.TYPED])
async def test_escape_never_carries_anything_out(
    before: tuple[str, ...], ruling: PolicyDecision
) -> None:
    stage = planning(FakeActs(WORKLOAD, ruling=ruling))
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *TO_THE_PLAN, then="as of now")
        await pilot.press(*before, *["escape"] * 3)
        await until(pilot, lambda: isinstance(stage.app.screen, BoardScreen))
        assert acts_of(stage).begun == NONE


async def test_a_wrong_name_is_refused_with_a_word() -> None:
    stage = planning(FakeActs(WORKLOAD, ruling=PolicyDecision.TYPED))
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *TO_THE_PLAN, then="type checkout and give a reason")
        await stage.does(pilot, "enter", then="type checkout to confirm:")
        await stage.does(pilot, *"chekcout", "enter", then="that is not the name: nothing is done")
        await stage.does(pilot, "enter", "enter", then="that is not the name")
        assert acts_of(stage).begun == NONE


async def test_the_name_and_a_reason_carry_it_out() -> None:
    stage = planning(FakeActs(WORKLOAD, ruling=PolicyDecision.TYPED))
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *TO_THE_PLAN, "enter", then="type checkout to confirm:")
        await stage.does(pilot, *"checkout", "enter", then="reason, for the audit:")
        await stage.does(pilot, "enter", then="a reason is required")
        assert acts_of(stage).begun == NONE
        await stage.does(pilot, *"image is gone", "enter", then="Roll back has begun")
        [(_, consent, _)] = acts_of(stage).begun
        assert (consent.typed, consent.reason) == ("checkout", "image is gone")


async def test_what_the_policy_denies_says_why() -> None:
    acts = FakeActs(WORKLOAD, ruling=PolicyDecision.DENY)
    acts.why = "no change window is open; the next one opens in 5h"
    stage = planning(acts)
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *TO_THE_PLAN, then="▲ denied: no change window")
        await stage.does(pilot, "enter", then="Carry out: no change window")
        assert acts.begun == NONE


async def test_a_blocked_plan_says_why() -> None:
    acts = FakeActs(WORKLOAD)
    acts.more = {"findings": (Finding(severity=Severity.BLOCKER, text="revision 12 is gone"),)}
    stage = planning(acts)
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *TO_THE_PLAN, then="▲ blocked: revision 12 is gone")
        await stage.does(pilot, "enter", then="Carry out: revision 12 is gone")
        assert acts.begun == NONE


async def test_a_permission_that_is_missing_blocks_and_says_so() -> None:
    acts = FakeActs(WORKLOAD)
    acts.more = {"permission": Permission.DENIED, "permission_note": "ask for role deployer"}
    stage = planning(acts)
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *TO_THE_PLAN, then="blocked: not permitted: ask for role deployer")
        await stage.does(pilot, "enter", then="Carry out: not permitted")
        assert acts.begun == NONE


async def test_what_is_allowed_and_harmless_begins_at_once() -> None:
    acts = FakeActs(WORKLOAD, ruling=PolicyDecision.ALLOW)
    acts.more = {"findings": ()}
    stage = planning(acts)
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *TO_THE_PLAN, then="Roll back has begun")
        assert len(acts.begun) == 1
        await until(pilot, lambda: isinstance(stage.app.screen, BoardScreen))


async def test_what_is_allowed_with_a_warning_is_asked_about() -> None:
    acts = FakeActs(WORKLOAD, ruling=PolicyDecision.ALLOW)
    stage = planning(acts)
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *TO_THE_PLAN, then="Argo CD")
        assert acts.begun == NONE
        await stage.does(pilot, "enter", then="1 warning, listed on the page")


async def test_keys_while_it_is_planned_do_nothing() -> None:
    acts = FakeActs(WORKLOAD)
    acts.gate = asyncio.Event()
    stage = planning(acts)
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *TO_THE_PLAN, then="nothing is done yet")
        await stage.does(pilot, "enter", "y", then="Carry out: planning")
        acts.gate.set()
        await stage.sees(pilot, "as of now")
        assert acts.begun == NONE


async def test_a_plan_that_cannot_be_made_says_why_and_how_to_mend_it() -> None:
    acts = FakeActs(WORKLOAD)
    acts.error = Unreachable("no answer from prod-eu", "check the VPN, then press r")
    stage = planning(acts)
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *TO_THE_PLAN, then="check the VPN")
        await stage.does(pilot, "enter", then="there is no plan")
        acts.error = None
        await stage.does(pilot, "r", then="revision 14 → revision 12")


async def test_what_the_guard_refuses_is_told_and_nothing_is_repeated() -> None:
    acts = FakeActs(WORKLOAD)
    acts.refusal = SourceError("someone has deployed revision 15 since", "plan it again")
    stage = planning(acts)
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *TO_THE_PLAN, "enter", "y", then="someone has deployed revision 15")
        await stage.does(pilot, "enter", then="there is no plan")
        assert isinstance(stage.app.screen, PlanScreen)


async def test_what_is_left_while_it_begins_goes_on_and_is_told() -> None:
    acts = FakeActs(WORKLOAD)
    acts.sent = asyncio.Event()
    stage = planning(acts)
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *TO_THE_PLAN, "enter", "y", then="beginning")
        await pilot.press("enter", "y", "escape")
        await until(pilot, lambda: isinstance(stage.app.screen, BoardScreen))
        acts.sent.set()
        await stage.sees(pilot, "Roll back has begun")
        assert len(acts.begun) == 1


async def test_what_is_refused_after_one_has_left_is_told_all_the_same() -> None:
    acts = FakeActs(WORKLOAD)
    acts.sent, acts.refusal = asyncio.Event(), SourceError("it has moved")
    stage = planning(acts)
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *TO_THE_PLAN, "enter", "y", then="beginning")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(stage.app.screen, BoardScreen))
        acts.sent.set()
        await stage.sees(pilot, "it has moved")


async def test_help_over_a_plan_that_begins_does_not_keep_it() -> None:
    acts = FakeActs(WORKLOAD)
    acts.sent = asyncio.Event()
    stage = planning(acts)
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *TO_THE_PLAN, "enter", "y", then="beginning")
        await stage.does(pilot, "question_mark", then="Change its inputs")
        acts.sent.set()
        await stage.sees(pilot, "Roll back has begun")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(stage.app.screen, BoardScreen))


async def test_consent_is_for_the_plan_that_was_read_and_no_later_one() -> None:
    acts = FakeActs(WORKLOAD, ruling=PolicyDecision.TYPED)
    stage = planning(acts)
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *TO_THE_PLAN, "enter", then="type checkout to confirm:")
        assert isinstance(stage.app.screen, PlanScreen)
        stage.app.screen.reload()
        await until(pilot, lambda: len(acts.planned) == 2)
        await stage.does(pilot, *"checkout", "enter", then="reason, for the audit:")
        await stage.does(pilot, *"gone", "enter", then="planned again meanwhile")
        assert acts.begun == NONE


async def test_the_target_stays_when_the_board_moves_and_it_says_so() -> None:
    stage = planning()
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *TO_THE_PLAN, then="as of now")
        changed = replace(WORKLOAD, revision="15")
        upsert = Upsert("deployment", [workload("another"), changed])
        stage.app.board_changed(stage.board.apply([BoardEvent("kube-prod", upsert, NOW)]))
        await stage.sees(pilot, "changed since; r plans again")
        await stage.does(pilot, "enter", then="yes, carry it out")
        await stage.does(pilot, "y", then="has begun")
        [([plan], _, _)] = acts_of(stage).begun
        assert (plan.ref, plan.before) == (WORKLOAD.ref, "revision 14")


async def test_hostile_text_is_shown_as_it_stands() -> None:
    acts = FakeActs(WORKLOAD)
    acts.more = {
        "target": "[bold red]x[/] \x1b[31mred\x1b]0;t\x07 \u202eevil",
        "values": {"\x1b[2Ja": "[link=x]\x1b[31mb"},
        "dry_run": "[@click=app.quit]q[/]",
    }
    stage = planning(acts)
    async with stage.showing("checkout", (120, 50)) as pilot:
        await stage.does(pilot, *TO_THE_PLAN, then="[bold red]x[/]")
        assert "[@click=app.quit]q[/]" in stage.text
        assert r"\x1b[2Ja" in stage.text, "an input is agreed to as it is"
        assert r"[link=x]\x1b[31mb" in stage.text
        assert not {"\x1b", "\u202e"} & set(stage.text)
        await stage.does(pilot, "enter", then="yes, carry it out")


async def test_what_stays_the_same_is_neither_taken_away_nor_added() -> None:
    acts = FakeActs(WORKLOAD)
    same = Difference(group="inputs", name="epochs", before="12", after="12")
    acts.more = {"changes": (same,), "title": "Retrain"}
    stage = planning(acts)
    async with stage.showing("checkout") as pilot:
        await stage.does(pilot, *TO_THE_PLAN, then="Retrain checkout")
        assert "       epochs  12" in stage.text
        assert "- epochs" not in stage.text
        assert "+ epochs" not in stage.text


@pytest.mark.parametrize(
    "settings", [UiSettings(ascii=True), UiSettings(theme="monochrome")], ids=["ascii", "mono"]
)
async def test_the_diff_reads_without_colour(settings: UiSettings) -> None:
    stage = planning(settings=settings)
    async with stage.showing("checkout", (120, 50)) as pilot:
        await stage.does(pilot, *TO_THE_PLAN, then="as of now")
        assert "- LOG_LEVEL      debug" in stage.text
        assert "+ LOG_LEVEL      info" in stage.text


async def test_all_environments_are_told_on_the_plan_and_where_it_is_agreed_to() -> None:
    acts = FakeActs(WORKLOAD)
    acts.more = {"environments": ("staging", "kunde-a")}
    stage = planning(acts)
    async with stage.showing("checkout", (120, 60)) as pilot:
        await stage.does(pilot, *TO_THE_PLAN, then="as of now")
        assert [line.split()[-1] for line in _after(stage.text, "environment", 3)] == [
            "kunde-a", "PRODUCTION", "staging",
        ]  # fmt: skip
        await stage.does(pilot, "enter", then="yes, carry it out")
        for word in ("in  kunde-a", "in  PRODUCTION", "in  staging"):
            assert word in stage.text


def _after(text: str, label: str, count: int) -> list[str]:
    """Return *count* lines from the one on that begins with *label*."""
    lines = [line.strip() for line in text.splitlines()]
    first = next(at for at, line in enumerate(lines) if line.startswith(label))
    return lines[first : first + count]


async def test_what_differs_in_nothing_that_can_be_seen_is_shown_to_differ() -> None:
    acts = FakeActs(WORKLOAD)
    forged = "fast\n  + safe  yes"
    changes = (
        Difference(group="env", name="MODE", before="fast", after="fast\u200b"),
        Difference(group="env", name="ARGS", before="", after=forged),
    )
    acts.more = {"changes": changes, "values": {"mode": forged}}
    stage = planning(acts)
    async with stage.showing("checkout", (120, 60)) as pilot:
        await stage.does(pilot, *TO_THE_PLAN, then="as of now")
        assert "+ MODE  fast\\u200b" in stage.text
        assert "- ARGS  (empty)" in stage.text
        assert stage.text.count("fast\\n  + safe  yes") == 2
        assert not any(line.strip().startswith("+ safe") for line in stage.text.splitlines())
