"""What acting looks like: menu, plan, confirmations, form, what is under way, what was done."""

import asyncio
from functools import partial

import pytest

from opsboard.adapter import Detail, Finding, Severity, Unreachable
from opsboard.config.action_rules import PolicyDecision
from opsboard.config.settings import UiSettings
from opsboard.records import ActivityState
from tests.ui.app_harness import AppHarness
from tests.ui.fake_actions import FakeActs, act, facts_of
from tests.ui.test_activity import DONE, RERUN, ROLLBACK, acting, ended
from tests.ui.test_plan_screen import WORKLOAD, planning
from tests.ui.test_record_actions import ALL, WORKLOADS, offering
from tests.ui.test_snapshots import SIZES, Scene, SnapCompare, before
from tests.ui.test_start_findings import DOUBT, FOUND, checked

PLAN = ("2", "B")
SCALE = ("2", "colon", *"scale", "enter")
ACTIVITY = ("colon", *"activity", "enter")
FAILED = ended(act("a5", "Scale search: search", action="scale"), ActivityState.FAILED, "no quota")


def _ruled(ruling: PolicyDecision, why: str = "") -> AppHarness:
    acts = FakeActs(WORKLOAD, ruling=ruling)
    acts.why = why
    return planning(acts)


def _typed() -> AppHarness:
    return _ruled(PolicyDecision.TYPED, "production is protected")


def _denied() -> AppHarness:
    return _ruled(PolicyDecision.DENY, "no change window is open; the next one opens Mon 09:00 UTC")


def _blocked() -> AppHarness:
    acts = FakeActs(WORKLOAD)
    gone = Finding(
        severity=Severity.BLOCKER, text="the image of revision 12 is not in the registry"
    )
    acts.more = {"findings": (gone,), "changes": ()}
    return planning(acts)


def _planless() -> AppHarness:
    acts = FakeActs(WORKLOAD)
    acts.error = Unreachable("no answer from prod-eu", "check the VPN, then press r")
    return planning(acts)


def _waiting() -> AppHarness:
    acts = FakeActs(WORKLOAD)
    acts.gate = asyncio.Event()
    return planning(acts)


def _several() -> AppHarness:
    acts = FakeActs(*WORKLOADS)
    gone = Finding(
        severity=Severity.BLOCKER, text="the image of revision 12 is not in the registry"
    )
    acts.blocked[WORKLOADS[2].ref] = (gone,)
    return offering(acts=acts)


def _sending() -> AppHarness:
    return acting(ROLLBACK, sending=1)


def _acts() -> AppHarness:
    stage = acting(DONE, RERUN, ROLLBACK, FAILED)
    assert isinstance(stage.app.context.acts, FakeActs)
    section = facts_of(target=DONE.target, by="ada on bastion-1", reason=DONE.cause)
    stage.app.context.acts.details[DONE.ref] = Detail(record=DONE, sections=(section,))
    return stage


SCENES: dict[str, Scene] = {
    "menu": Scene(planning, "checkout", ("2", "x"), "Actions on"),
    "planning": Scene(_waiting, "checkout", PLAN, "nothing is done yet"),
    "plan": Scene(planning, "checkout", PLAN, "as of now"),
    "plan-below": Scene(planning, "checkout", (*PLAN, "G"), "touches"),
    "plan-denied": Scene(_denied, "checkout", PLAN, "denied"),
    "plan-blocked": Scene(_blocked, "checkout", PLAN, "blocked"),
    "plan-start": Scene(partial(checked, *FOUND), "checkout", PLAN, "as of now"),
    "plan-starting": Scene(partial(checked, DOUBT, waits=True), "checkout", PLAN, "schema"),
    "plan-failed": Scene(_planless, "checkout", PLAN, "check the VPN"),
    "confirm": Scene(planning, "checkout", (*PLAN, "enter"), "yes, carry it out"),
    "typed": Scene(_typed, "checkout", (*PLAN, "enter", *"check"), "to confirm"),
    "typed-wrong": Scene(
        _typed, "checkout", (*PLAN, "enter", *"chekcout", "enter"), "not the name"
    ),
    "reason": Scene(_typed, "checkout", (*PLAN, "enter", *"checkout", "enter"), "reason, for"),
    "form": Scene(planning, "checkout", SCALE, "0 to 50"),
    "form-wrong": Scene(planning, "checkout", (*SCALE, "tab", "x"), "is a whole number"),
    "several": Scene(_several, "alpha", ALL, "2 of 3"),
    "several-confirm": Scene(_several, "alpha", (*ALL, "f", "enter"), "2 targets?"),
    "under-way": Scene(_acts, "checkout", (), "2 actions running"),
    "activity": Scene(_acts, "checkout", ACTIVITY, "Activity 4"),
    "act": Scene(
        _acts, "checkout", (*ACTIVITY, "slash", *"state:succ", "enter", "enter"), "as of now"
    ),
    "leaving": Scene(_sending, "running", ("q",), "Leave now?"),
}


@SIZES
@pytest.mark.parametrize("name", SCENES)
def test_acting(snap_compare: SnapCompare, name: str, size: tuple[int, int]) -> None:
    scene = SCENES[name]
    stage = scene.home()
    assert snap_compare(stage.app, terminal_size=size, run_before=before(stage, scene))


@pytest.mark.parametrize("name", ["plan-start", "several"])
def test_acting_where_there_is_room(snap_compare: SnapCompare, name: str) -> None:
    """What the one target is stands beside its plan."""
    scene = SCENES[name]
    stage = scene.home()
    assert snap_compare(stage.app, terminal_size=(200, 60), run_before=before(stage, scene))


@pytest.mark.parametrize("name", ["menu", "plan", "several", "form", "confirm"])
@pytest.mark.parametrize(
    "settings",
    [UiSettings(ascii=True, theme="monochrome"), UiSettings(theme="light")],
    ids=["plainest", "light"],
)
def test_acting_in_other_looks(snap_compare: SnapCompare, name: str, settings: UiSettings) -> None:
    scene = SCENES[name]
    usual = scene.home()
    stage = AppHarness(usual.home, settings, board=usual.board, acts=usual.app.context.acts)
    assert snap_compare(stage.app, terminal_size=(80, 24), run_before=before(stage, scene))
