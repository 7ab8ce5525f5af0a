"""Whether what a plan brings back will start: asked of all that may know, judged by the guard."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from opsboard.acting.decision import Consent
from opsboard.acting.guard import Refused
from opsboard.acting.starting.checks import StartChecks
from opsboard.acting.starting.needs import check_need
from opsboard.adapter import (
    Holding,
    Need,
    Plan,
    Request,
    Severity,
    SourceError,
    StartCheck,
    StartFinding,
    StartReport,
    StartState,
    Unreachable,
)
from opsboard.collect.collector import Collector
from opsboard.config.action_rules import PolicyDecision
from opsboard.config.settings import Settings
from opsboard.records import Identity
from opsboard.records.claims import IMAGE_TAG
from tests.acting.lever import Lever, LeverSource, Stand, checked
from tests.board import NOW
from tests.patience import PATIENCE

pytestmark = pytest.mark.asyncio

PLACE = "r.example/shop/web"
NEED = Need("image shop/web:1", Identity(IMAGE_TAG, PLACE, "1"), PLACE)
GONE = StartFinding(severity=Severity.BLOCKER, text="Secret db is needed by it, and not there")
FINE = StartFinding(severity=Severity.NOTE, text="3 nodes could take it")


class Checked(LeverSource):
    """A lever whose plans are checked, and that may hold what they need."""

    def __init__(self, *reports: StartReport | Exception) -> None:
        super().__init__()
        self.reports: tuple[Any, ...] = reports
        self.held: Holding | SourceError | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    async def plan(self, request: Request) -> Plan:
        made = await super().plan(request)
        return made.model_copy(update={"start_state": StartState.CHECKING})

    async def start_checks(self, plan: Plan) -> AsyncIterator[StartReport]:
        for one in self.reports:
            if isinstance(one, Exception):
                raise one
            yield one
        await self.gate.wait()

    async def holds(self, need: Need) -> Holding | None:
        if isinstance(self.held, SourceError):
            raise self.held
        return self.held


def _found(*findings: StartFinding, needs: tuple[Need, ...] = ()) -> StartReport:
    return StartReport(findings, needs)


async def _checked(stand: Stand) -> Plan:
    return await checked(stand.coordinator, await stand.plan())


async def test_a_blocker_forbids_nothing_but_has_to_be_typed_and_goes_on_record(
    tmp_path: Path,
) -> None:
    settings = Settings.model_validate({"policy": {"production": {"rollback": "allow"}}})
    stand = Stand(tmp_path, settings, lever=Checked(_found(GONE, FINE)))
    plan = await _checked(stand)
    assert plan.start_state is StartState.CHECKED
    assert not plan.blockers
    assert plan.start_blockers == (GONE.text,)
    decision = stand.coordinator.decide([plan])
    assert decision.decision is PolicyDecision.TYPED
    assert decision.will_not_start == f"it will not start: {GONE.text}"
    with pytest.raises(Refused, match="has to be typed: it will not start"):
        await stand.coordinator.start([plan], Consent(confirmed=True))
    await stand.coordinator.start([plan], Consent(typed="web", reason="it is the wrong registry"))
    (intent, *_) = stand.audit.entries()
    assert intent.plan is not None
    assert [one.text for one in intent.plan.start_findings] == [GONE.text, FINE.text]
    assert intent.plan.start_findings[0].source == ""


async def test_a_password_that_is_a_word_of_the_board_hides_no_blocker(tmp_path: Path) -> None:
    stand = Stand(tmp_path, lever=Checked(_found(GONE)))
    for word in ("blocker", "checked", "checking", "Secret"):
        stand.redactor.register_secret(word)
    plan = await _checked(stand)
    assert plan.start_state is StartState.CHECKED
    assert [one.severity for one in plan.start_findings] == [Severity.BLOCKER]
    assert "Secret" not in plan.start_findings[0].text
    assert stand.coordinator.decide([plan]).will_not_start


async def test_what_is_still_being_checked_is_not_carried_out(tmp_path: Path) -> None:
    stand = Stand(tmp_path, lever=Checked(_found(FINE)))
    plan = await stand.plan()
    with pytest.raises(Refused, match="still being checked"):
        await stand.coordinator.start([plan], Consent(typed="web", reason="now"))
    assert not stand.told()


async def test_what_was_found_of_a_denied_plan_softens_nothing(tmp_path: Path) -> None:
    settings = Settings.model_validate({"policy": {"production": {"rollback": "deny"}}})
    stand = Stand(tmp_path, settings, lever=Checked(_found(GONE)))
    plan = await _checked(stand)
    assert stand.coordinator.decide([plan]).denied


async def test_a_warning_takes_away_that_nothing_is_asked(tmp_path: Path) -> None:
    settings = Settings.model_validate({"policy": {"production": {"rollback": "allow"}}})
    doubt = StartFinding(severity=Severity.WARNING, text="another schema")
    for found, expected in ((doubt, PolicyDecision.CONFIRM), (FINE, PolicyDecision.ALLOW)):
        stand = Stand(tmp_path / found.text, settings, lever=Checked(_found(found)))
        assert stand.coordinator.decide([await _checked(stand)]).decision is expected


async def test_findings_come_as_they_are_found(tmp_path: Path) -> None:
    lever = Checked(_found(GONE))
    lever.gate.clear()
    stand = Stand(tmp_path, lever=lever)
    stream = stand.coordinator.start_checks(await stand.plan())
    first = await anext(stream)
    assert (first.start_state, len(first.start_findings)) == (StartState.CHECKING, 1)
    lever.gate.set()
    last = await anext(stream)
    assert (last.start_state, len(last.start_findings)) == (StartState.CHECKED, 1)


async def test_a_source_that_fails_or_answers_nonsense_is_told(tmp_path: Path) -> None:
    nonsense = cast("StartReport", "yes")
    for fault, said in (
        (Unreachable("no route"), "no route"),
        (KeyError("x"), "KeyError: 'x'"),
        (nonsense, "the adapter returned str, and no StartReport"),
    ):
        stand = Stand(tmp_path / said[:5], lever=Checked(cast("Any", fault)))
        (found,) = (await _checked(stand)).start_findings
        assert not found.known
        assert found.text == f"what its source knows: could not be told: {said}"


async def test_a_plan_waits_for_no_source_that_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("opsboard.acting.starting.checks.TOTAL_TIMEOUT", 0.05)
    lever = Checked(_found(FINE))
    lever.gate.clear()
    plan = await _checked(Stand(tmp_path, lever=lever))
    assert plan.start_state is StartState.CHECKED
    assert "not all answers came within 0.05 s" in plan.start_findings[0].text


async def test_a_plan_is_checked_once_however_often_it_is_asked_for(tmp_path: Path) -> None:
    lever = Checked(_found(FINE))
    stand = Stand(tmp_path, lever=lever)
    plan = await stand.plan()
    checks = StartChecks(stand.engine, lambda: NOW)
    first = await checks.after(plan, 1)
    lever.reports = (_found(GONE),)
    assert (await checks.after(plan, 1)).start_findings == first.start_findings


async def test_however_many_plans_are_checked_each_is_checked_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("opsboard.acting.starting.checks.MAX_PLANS", 1)
    stand = Stand(tmp_path, lever=Checked(_found(FINE), _found(GONE)))
    plans = [await stand.plan() for _ in range(4)]
    checks = StartChecks(stand.engine, lambda: NOW)
    async with asyncio.timeout(PATIENCE):
        checked = await asyncio.gather(*(checks.after(plan, 100) for plan in plans))
    assert [plan.start_blockers for plan in checked] == [(GONE.text,)] * 4


class _Confused:
    """A judge that fails where it says that it never does."""

    source = "anything"

    def checks(self, plan: Plan) -> Sequence[StartCheck]:
        return ()

    async def pinned(self, plan: Plan, need: Need) -> Need:
        raise KeyError(need.what)


async def test_a_need_that_could_not_be_asked_for_is_told(tmp_path: Path) -> None:
    stand = Stand(tmp_path, lever=Checked(_found(FINE, needs=(NEED, cast("Need", "web")))))
    checks = StartChecks(stand.engine, lambda: NOW, (_Confused(),))
    found = (await checks.after(await stand.plan(), 100)).start_findings
    no_need = "AttributeError: 'str' object has no attribute 'what'"
    assert [(one.text, one.known) for one in found] == [
        (f"{NEED.what}: could not be told: KeyError: '{NEED.what}'", False),
        (f"something that it needs: could not be told: {no_need}", False),
        (FINE.text, True),
    ]  # fmt: skip


async def test_durations_that_are_no_lengths_of_time_are_left_out(tmp_path: Path) -> None:
    odd = (float("nan"), float("inf"), -1.0, 60.0)
    plan = await _checked(Stand(tmp_path, lever=Checked(StartReport((FINE,), durations=odd))))
    assert plan.durations == (60.0,)


# --- what other sources hold ---------------------------------------------------------------------


class _Holder:
    """A collector of a source that holds images, or not."""

    def __init__(self, name: str, answer: Holding | SourceError | None) -> None:
        self.source = Checked()
        self.source.held = answer
        self.name = name

    @property
    def resolved(self) -> Any:
        holder = type("Holder", (Lever,), {"holds": frozenset({IMAGE_TAG})})
        return type("Resolved", (), {"adapter": holder, "name": self.name})

    async def ask(self, question: Any) -> Any:
        return await question(self.source)


HELD = Holding(True, "manifest shop/web:1", "sha256:aa")
LOST = Holding(False, "manifest shop/web:1")
OTHERS: dict[str, tuple[Need, list[Holding | SourceError | None], Severity | None, str]] = {
    "held": (NEED, [HELD], Severity.NOTE, "image shop/web:1 is there"),
    "held by one": (NEED, [LOST, HELD], Severity.NOTE, "image shop/web:1 is there"),
    "gone": (NEED, [None, LOST], Severity.BLOCKER, "image shop/web:1 is gone from r1"),
    "gone, with copies": (
        NEED._replace(severity=Severity.WARNING, besides="all 3 nodes have a copy"),
        [LOST], Severity.WARNING, "is gone from r0; all 3 nodes have a copy",
    ),
    "another": (
        NEED._replace(pinned="sha256:bb"), [HELD], Severity.WARNING,
        "is another one now: sha256:aa, and was sha256:bb when it ran",
    ),
    "the same": (NEED._replace(pinned="sha256:aa"), [HELD], Severity.NOTE, "is there"),
    "nobody": (NEED, [None], None, "no source of r.example/shop/web is connected"),
    "no answer": (NEED, [Unreachable("no route")], None, "could not be told: no route"),
    "gone here, no answer there": (NEED, [LOST, Unreachable("no route")], None, "no route"),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
async def test_what_sources_say_of_a_need(name: str) -> None:
    need, answers, severity, text = OTHERS[name]
    holders = [_Holder(f"r{at}", answer) for at, answer in enumerate(answers)]
    (found,) = await check_need(need, cast("list[Collector]", holders), lambda: NOW)
    assert text in found.text
    assert found.known is (severity is not None)
    assert found.severity is (severity or Severity.NOTE)
    assert found.at == NOW


async def test_a_need_of_the_source_is_asked_of_the_others(tmp_path: Path) -> None:
    stand = Stand(tmp_path, lever=Checked(_found(FINE, needs=(NEED,))))
    texts = [one.text for one in (await _checked(stand)).start_findings]
    assert any(text.startswith("image shop/web:1: could not be told") for text in texts)


async def test_what_is_followed_is_held_against_earlier_ones(tmp_path: Path) -> None:
    for durations, expected in (
        ((100.0, 110.0, 180.0), "moving; 0s so far, usually 1m40s to 3m"),
        ((100.0, 110.0), "moving"),
    ):
        lever = Checked(StartReport((FINE,), durations=durations))
        stand = Stand(tmp_path / str(len(durations)), lever=lever)
        plan = await _checked(stand)
        assert plan.durations == durations
        await stand.coordinator.start([plan], Consent(typed="web", reason="now"))
        async with asyncio.timeout(PATIENCE):
            while stand.coordinator.is_busy:  # noqa: ASYNC110 - tasks of its own, without an event
                await asyncio.sleep(0)
        assert expected in [one.message for one in stand.engine.told]
