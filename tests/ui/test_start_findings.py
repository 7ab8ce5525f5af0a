"""Whether it will start: shown as it is found, below what is changed, and before consent."""

import asyncio

from opsboard.adapter import Severity, SourceError, StartFinding, StartState
from opsboard.config.action_rules import PolicyDecision
from tests.ui.app_harness import AppHarness, until
from tests.ui.fake_actions import FakeActs
from tests.ui.sample_board import NOW
from tests.ui.test_plan_screen import NONE, TO_THE_PLAN, WORKLOAD, acts_of, planning

GONE = StartFinding(
    severity=Severity.BLOCKER,
    text="image registry.example/shop/checkout:1.3 is gone from registry",
    source="registry",
    subject="manifest shop/checkout:1.3",
    at=NOW,
)
DOUBT = StartFinding(
    severity=Severity.WARNING,
    text="it needs schema revision 41, and what runs now needs 42",
    source="kube-prod",
    subject="opsboard.dev/schema-revision",
    at=NOW,
)
UNKNOWN = StartFinding(
    severity=Severity.NOTE,
    text="whether Secret payments is there: could not be told: ask for get on secrets in shop",
    source="kube-prod",
    subject="Secret shop/payments",
    at=NOW,
    known=False,
)
FINE = StartFinding(
    severity=Severity.NOTE,
    text="5 of 6 nodes could take its pods, by labels, taints and size",
    source="kube-prod",
    at=NOW,
)
FOUND = (GONE, DOUBT, UNKNOWN, FINE)


def checked(
    *findings: StartFinding, ruling: PolicyDecision = PolicyDecision.CONFIRM, waits: bool = False
) -> AppHarness:
    """Return a board whose plans are checked; with *waits*, the last answer does not come."""
    acts = FakeActs(WORKLOAD, ruling=ruling)
    acts.more = {"start_state": StartState.CHECKING}
    acts.start_findings = findings
    acts.start_gate = asyncio.Event() if waits else None
    return planning(acts)


async def test_what_stops_it_is_told_first_and_how_it_was_told() -> None:
    stage = checked(*FOUND)
    async with stage.showing("checkout", (120, 60)) as pilot:
        await stage.does(pilot, *TO_THE_PLAN, then="Will it start?")
        text = stage.text
        for word in (
            "✗ blocker: image registry.example/shop/checkout:1.3 is gone",
            "registry, manifest shop/checkout:1.3, ",
            "▲ warning: it needs schema revision 41",
            "could not be told: ask for get on secrets in shop",
            "· 5 of 6 nodes could take its pods",
            "kube-prod, 03:00:00",  # of no single object
        ):
            assert word in text, word
        assert text.index("blocker: image") < text.index("permission")


async def test_what_is_changed_and_where_stands_above_it_on_the_lowest_screen_too() -> None:
    stage = checked(*FOUND)
    async with stage.showing("checkout", (80, 24)) as pilot:
        await stage.does(pilot, *TO_THE_PLAN, then="blocker: image")
        words = ("Deployment shop/checkout in prod-eu", "PRODUCTION", "revision 14", "blocker: ")
        page = stage.text.partition("\n")[2]  # the environment is in the top line too
        places = [page.index(word) for word in words]
        assert places == sorted(places)


async def test_the_plan_is_painted_before_the_answers_are_there_and_waits_for_them() -> None:
    stage = checked(DOUBT, waits=True)
    acts = acts_of(stage)
    async with stage.showing("checkout", (120, 40)) as pilot:
        await stage.does(pilot, *TO_THE_PLAN, then="checking ...")
        await until(pilot, lambda: "schema revision 41" in stage.text)
        await stage.does(pilot, "enter", then="still being checked")
        assert acts.begun == NONE
        assert acts.start_gate is not None
        acts.start_gate.set()
        await stage.sees(pilot, "yes, carry it out")  # what was wanted is not asked for twice
        assert acts.begun == NONE


async def test_what_was_wanted_waits_for_the_screen_above_and_is_forgotten_by_a_new_plan() -> None:
    stage = checked(DOUBT, waits=True)
    acts = acts_of(stage)
    assert acts.start_gate is not None
    async with stage.showing("checkout", (120, 40)) as pilot:
        await stage.does(pilot, *TO_THE_PLAN, then="schema revision 41")
        await stage.does(pilot, "enter", then="you are asked as soon as it is known")
        await stage.does(pilot, "question_mark", then="Go on to what the policy")
        acts.start_gate.set()
        await stage.does(pilot, "escape", then="yes, carry it out")
        await stage.does(pilot, "n", then="Will it start?")
        acts.start_gate.clear()
        await stage.does(pilot, "r", then="checking ...")
        await stage.does(pilot, "enter", then="you are asked as soon as it is known")
        await stage.does(pilot, "r", then="Will it start?")
        acts.start_gate.set()
        await until(pilot, lambda: "checking ..." not in stage.text)
        assert "yes, carry it out" not in stage.text


async def test_what_was_being_checked_when_the_form_was_opened_is_checked_after_it() -> None:
    stage = checked(DOUBT, waits=True)
    acts = acts_of(stage)
    async with stage.showing("checkout", (120, 40)) as pilot:
        await stage.does(pilot, *TO_THE_PLAN, then="schema revision 41")
        await stage.does(pilot, "e", then="Replicas")
        assert acts.start_gate is not None
        acts.start_gate.set()
        await stage.does(pilot, "escape", then="Will it start?")
        await until(pilot, lambda: "checking ..." not in stage.text)
        await stage.does(pilot, "enter", then="yes, carry it out")


async def test_checks_that_cannot_be_made_are_told_and_planned_again() -> None:
    stage = checked(FINE)
    acts = acts_of(stage)
    acts.start_error = SourceError("the engine has ended", "start again")
    async with stage.showing("checkout", (120, 40)) as pilot:
        await stage.does(pilot, *TO_THE_PLAN, then="the engine has ended")
        await stage.does(pilot, "enter", then="there is no plan")
        assert acts.begun == NONE
        acts.start_error = None
        await stage.does(pilot, "r", then="nothing was found that would stop it")


async def test_nothing_that_stops_it_is_told_in_one_line() -> None:
    stage = checked(UNKNOWN, FINE)
    async with stage.showing("checkout", (120, 40)) as pilot:
        said = "nothing was found that would stop it; 1 could not be told"
        await stage.does(pilot, *TO_THE_PLAN, then=said)


async def test_what_is_allowed_begins_only_once_nothing_grave_was_found() -> None:
    stage = checked(FINE, ruling=PolicyDecision.ALLOW)
    acts_of(stage).more["findings"] = ()
    async with stage.showing("checkout", (120, 40)) as pilot:
        await stage.does(pilot, *TO_THE_PLAN, then="has begun")
        assert len(acts_of(stage).begun) == 1
    stage = checked(DOUBT, ruling=PolicyDecision.ALLOW)
    acts_of(stage).more["findings"] = ()
    async with stage.showing("checkout", (120, 40)) as pilot:
        await stage.does(pilot, *TO_THE_PLAN, then="warning: it needs schema")
        await until(pilot, lambda: "checking ..." not in stage.text)
        assert acts_of(stage).begun == NONE
