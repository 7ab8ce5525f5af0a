"""The guard by itself: sources that take no act."""

from datetime import timedelta
from pathlib import Path

import pytest

from opsboard.acting.actor import current_actor
from opsboard.acting.audit.log import AuditLog
from opsboard.acting.decision import Consent
from opsboard.acting.guard import PLAN_LIFETIME, Guard, Refused
from opsboard.acting.in_flight import SEND_TIMEOUT
from opsboard.acting.policy import Policy
from opsboard.adapter import NotPermitted, Plan
from opsboard.adapter.permit import require_permit
from opsboard.config.action_rules import PolicyDecision
from opsboard.config.settings import Settings
from tests.acting.lever import REF, StillClock

SEALED = "read-only: nothing is changed there"


def _guard(folder: Path, clock: StillClock, sealed: str) -> Guard:
    trail = AuditLog(folder, current_actor({}), clock)
    return Guard(
        Policy(Settings()), trail, clock, lambda source: SEALED if source == sealed else ""
    )


def _plan(clock: StillClock, executor: str = "") -> Plan:
    return Plan(
        made_at=clock.now(), action="retrain", title="Train", ref=REF, executor=executor,
        target="web", name="web", environments=("staging",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("executor", "sealed", "denied"),
    [
        ("", REF.source, True),
        ("trainer", "trainer", True),
        ("trainer", REF.source, True),
        ("trainer", "another", False),
        ("", "trainer", False),
    ],
)
def test_neither_who_carries_it_out_nor_whose_record_it_is_may_be_read_only(
    tmp_path: Path, executor: str, sealed: str, denied: bool
) -> None:
    clock = StillClock()
    guard, plan = _guard(tmp_path, clock, sealed), _plan(clock, executor)
    judged = guard.decide([plan])
    assert (judged.decision is PolicyDecision.DENY, judged.explanation) == (
        denied,
        SEALED if denied else "",
    )
    consent = Consent(confirmed=True)
    if denied:
        with pytest.raises(Refused, match="read-only"):
            guard.admit(plan, [plan], consent)
        assert not tmp_path.joinpath("audit.jsonl").exists()
    else:
        assert guard.admit(plan, [plan], consent).intent.plan_id == plan.id


def test_a_plan_is_good_for_a_while_and_only_once(tmp_path: Path) -> None:
    clock = StillClock()
    guard, plan = _guard(tmp_path, clock, ""), _plan(clock)
    guard.admit(plan, [plan], Consent(confirmed=True))
    with pytest.raises(Refused, match="carried out already"):
        guard.admit(plan, [plan], Consent(confirmed=True))
    other = _plan(clock)
    with pytest.raises(Refused, match="not part of"):
        guard.admit(other, [plan], Consent(confirmed=True))
    clock.time += PLAN_LIFETIME + timedelta(seconds=1)
    assert "is old: plan it again" in guard.decide([other]).explanation


def test_who_stood_still_for_too_long_sends_nothing(tmp_path: Path) -> None:
    """A closed laptop goes on an hour later, where nobody waits for what it sends any more."""
    clock = StillClock()
    guard, plan = _guard(tmp_path, clock, ""), _plan(clock)
    permit, intent = guard.admit(plan, [plan], Consent(confirmed=True))
    with permit.used_for(plan):
        clock.time = intent.at + timedelta(seconds=SEND_TIMEOUT)
        require_permit(permit, "PATCH /x")
        clock.time += timedelta(seconds=1)
        with pytest.raises(NotPermitted, match="PATCH /x was not sent: too long after"):
            require_permit(permit, "PATCH /x")
    with pytest.raises(NotPermitted, match="no plan permits it"):
        require_permit(permit, "PATCH /x")


def test_what_was_never_let_out_was_not_sent(tmp_path: Path) -> None:
    clock = StillClock()
    guard, plan = _guard(tmp_path, clock, ""), _plan(clock)
    permit, intent = guard.admit(plan, [plan], Consent(confirmed=True))
    with permit.used_for(plan):
        clock.time = intent.at + timedelta(hours=1)
        with pytest.raises(NotPermitted):
            require_permit(permit, "PATCH /x")
    assert not permit.was_asked_for


def _guard_by(
    folder: Path, clock: StillClock, decision: PolicyDecision, unresolved: str = ""
) -> Guard:
    """Return a guard of a policy that says *decision* of retraining in staging."""
    policy = Policy(Settings(policy={"staging": {"retrain": decision}}))
    log = AuditLog(folder, current_actor({}), clock)
    return Guard(policy, log, clock, lambda _: "", unresolved=lambda _: unresolved)


def test_what_is_allowed_needs_no_consent(tmp_path: Path) -> None:
    clock = StillClock()
    guard, plan = _guard_by(tmp_path, clock, PolicyDecision.ALLOW), _plan(clock)
    assert guard.missing_consent([plan], Consent()) == ""
    assert guard.admit(plan, [plan], Consent()).intent.plan_id == plan.id


def test_what_is_to_be_confirmed_is_not_sent_without(tmp_path: Path) -> None:
    clock = StillClock()
    guard, plan = _guard_by(tmp_path, clock, PolicyDecision.CONFIRM), _plan(clock)
    with pytest.raises(Refused, match="it has not been confirmed"):
        guard.admit(plan, [plan], Consent())


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u00a0\u3000"])
def test_a_reason_of_blanks_is_none(tmp_path: Path, blank: str) -> None:
    clock = StillClock()
    guard, plan = _guard_by(tmp_path, clock, PolicyDecision.TYPED), _plan(clock)
    with pytest.raises(Refused, match="a reason is required"):
        guard.admit(plan, [plan], Consent(typed="web", reason=blank))
    assert guard.missing_consent([plan], Consent(typed="web", reason="drift")) == ""


DOUBT = "an earlier run has no known outcome"


@pytest.mark.parametrize("decision", [PolicyDecision.ALLOW, PolicyDecision.CONFIRM])
def test_an_earlier_run_without_an_outcome_makes_it_typed(
    tmp_path: Path, decision: PolicyDecision
) -> None:
    clock = StillClock()
    guard, plan = _guard_by(tmp_path, clock, decision, DOUBT), _plan(clock)
    judged = guard.decide([plan])
    assert judged.needs_typing
    assert (judged.confirmation_text, judged.unresolved) == ("web", DOUBT)
    assert judged.explanation.startswith(DOUBT)
    with pytest.raises(Refused, match="'web' has to be typed"):
        guard.admit(plan, [plan], Consent(confirmed=True))
    guard.admit(plan, [plan], Consent(typed="web", reason="looked it up"))


def test_no_doubt_softens_what_is_denied(tmp_path: Path) -> None:
    clock = StillClock()
    guard, plan = _guard_by(tmp_path, clock, PolicyDecision.DENY, DOUBT), _plan(clock)
    judged = guard.decide([plan])
    assert (judged.denied, judged.unresolved) == (True, "")
    with pytest.raises(Refused, match="the policy denies"):
        guard.admit(plan, [plan], Consent(typed="web", reason="all the same"))
