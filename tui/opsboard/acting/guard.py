"""The guard: the one place that every change passes. What is not certain is refused.

:meth:`Guard.admit` decides on a plan again at the moment of its execution, checks the consent
against that decision, writes the intent to the audit log and syncs it to the disk. Only then it
issues the permit without which no adapter sends a request that changes something.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from opsboard.acting.audit.entry import AuditEntry, AuditEvent
from opsboard.acting.audit.log import AuditError, AuditLog
from opsboard.acting.decision import Consent, GuardDecision, confirmation_text_for
from opsboard.acting.in_flight import SEND_TIMEOUT
from opsboard.acting.live_policy import LivePolicy
from opsboard.acting.policy import Policy
from opsboard.adapter import ActionSpec, Clock, NotPermitted, Permit, Plan, StartState
from opsboard.adapter.permit import issue_permit
from opsboard.config.action_rules import PolicyDecision
from opsboard.records import Record

PLAN_LIFETIME: Final = timedelta(minutes=15)
"""How long a plan is valid: nobody should confirm what they have read long ago."""


class Refused(NotPermitted):
    """The guard has refused. Nothing was done; the message says why."""


class AdmittedPlan(NamedTuple):
    """A permit, and the intent in the audit log that it was issued for."""

    permit: Permit
    intent: AuditEntry


def _nothing_more(_: Plan) -> Sequence[str]:
    return ()


def _no_doubt(_: Plan) -> str:
    return ""


class Guard:
    """Decides on plans by the policy.

    *block_reason* returns why a source may not be changed, or ``""``. *environments* returns those
    that a plan touches as far as the program itself knows: they count even if the adapter left
    them out of the plan. *unresolved* returns which earlier runs on the target of a plan have no
    known outcome, *outdated* why a plan does not hold any more, or ``""``.
    """

    def __init__(
        self,
        policy: Policy | LivePolicy,
        audit_log: AuditLog,
        clock: Clock,
        block_reason: Callable[[str], str],
        *,
        environments: Callable[[Plan], Sequence[str]] = _nothing_more,
        unresolved: Callable[[Plan], str] = _no_doubt,
        outdated: Callable[[Plan], str] = _no_doubt,
    ) -> None:
        self._policy = policy
        self._audit_log = audit_log
        self._clock = clock
        self._block_reason = block_reason
        self._environments = environments
        self._unresolved = unresolved
        self._outdated = outdated
        self._admitted: set[str] = set()

    def forbidden_reason(self, offer: ActionSpec, record: Record) -> str:
        """Return why the action is forbidden on *record* whatever its plan would be, or ``""``."""
        blocked = self._block_reason(record.source)
        return blocked or self._policy.forbidden_reason(
            offer.id, (record.environment,), self._clock.now()
        )

    def decide(self, plans: Sequence[Plan], since: datetime | None = None) -> GuardDecision:
        """Return the decision on *plans*: what a person has to confirm, or why they are denied.

        *since* is when consent was given, by default now: the age of a plan is measured up to then,
        since the last of many plans is executed later.
        """
        for plan in plans:
            if why := self._block_reason(plan.by) or self._block_reason(plan.ref.source):
                return GuardDecision(PolicyDecision.DENY, why)
            if why := self._outdated(plan):
                return GuardDecision(PolicyDecision.DENY, why)
            if (since or self._clock.now()) - plan.made_at > PLAN_LIFETIME:
                return GuardDecision(
                    PolicyDecision.DENY, f"the plan for {plan.target} is old: plan it again"
                )
        whole = [plan.touching(self._environments(plan)) for plan in plans]
        return self._doubted(plans, self._policy.decide(whole, self._clock.now()))

    def _doubted(self, plans: Sequence[Plan], decision: GuardDecision) -> GuardDecision:
        """Return *decision*, made ``typed`` where an earlier run may take effect a second time."""
        doubt = "; ".join(filter(None, map(self._unresolved, plans)))
        if decision.denied or not doubt:
            return decision
        why = "; ".join(filter(None, (doubt, decision.explanation)))
        word = confirmation_text_for(plans)
        return GuardDecision(PolicyDecision.TYPED, why, word, doubt, decision.will_not_start)

    def missing_consent(
        self, plans: Sequence[Plan], consent: Consent, since: datetime | None = None
    ) -> str:
        """Return what *consent* lacks for *plans*, or ``""``."""
        decision = self.decide(plans, since)
        if decision.denied:
            return decision.explanation
        if any(plan.start_state is StartState.CHECKING for plan in plans):
            return "whether it will start is still being checked"
        if decision.decision is PolicyDecision.ALLOW:
            return ""
        if not decision.needs_typing:
            return "" if consent.confirmed else "it has not been confirmed"
        if consent.typed != decision.confirmation_text:
            return f"{decision.confirmation_text!r} has to be typed: {decision.explanation}"
        missing = f"a reason is required (--reason): {decision.explanation}"
        return "" if consent.reason.strip() else missing

    def admit(
        self,
        plan: Plan,
        among: Sequence[Plan],
        consent: Consent,
        since: datetime | None = None,
        *,
        original: Plan | None = None,
    ) -> AdmittedPlan:
        """Return the permit for *plan*, one *among* those consented to; its intent is then on disk.

        *original* is the plan before secrets in it were masked: the permit is for that one.
        Raises :exc:`Refused`.
        """
        if plan not in among:
            raise Refused(f"{plan.title}: it is not part of what was confirmed")
        if fault := self.missing_consent(among, consent, since) or self._seen(plan):
            raise Refused(f"{plan.title}: {fault}")
        try:
            intent = self._audit_log.append(self._intent(plan, consent))
        except AuditError as error:
            raise Refused(f"no action without an audit trail. {error}") from None
        self._admitted.add(plan.id)
        sent_by = intent.at + timedelta(seconds=SEND_TIMEOUT)
        return AdmittedPlan(
            issue_permit(original or plan, lambda: self._clock.now() > sent_by), intent
        )

    def _seen(self, plan: Plan) -> str:
        return "it has been carried out already" if plan.id in self._admitted else ""

    def _intent(self, plan: Plan, consent: Consent) -> AuditEntry:
        return self._audit_log.entry(AuditEvent.INTENT).model_copy(
            update={
                "plan_id": plan.id,
                "action": plan.action,
                "target": plan.target,
                "environment": plan.environment,
                "reason": consent.reason.strip(),
                "plan": plan,
            }
        )
