"""The guard: the one place that every mutation passes. Whatever is not sure is refused.

:meth:`Guard.admit` judges a plan anew at the moment it is to be carried out, holds the consent
against the ruling, writes the intent to the audit trail and syncs it, and only then mints the
permit without which no adapter sends anything that changes something.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from opsboard.acting.audit.entry import AuditEntry, AuditEvent
from opsboard.acting.audit.log import AuditError, AuditLog
from opsboard.acting.decision import Consent, GuardDecision, confirmation_text_for
from opsboard.acting.in_flight import SEND_TIMEOUT
from opsboard.acting.policy import Policy
from opsboard.adapter import ActionSpec, Clock, NotPermitted, Permit, Plan
from opsboard.adapter.permit import issue_permit
from opsboard.config.settings import PolicyDecision
from opsboard.records import Record

PLAN_LIFETIME: Final = timedelta(minutes=15)
"""How long a plan may be looked at; the precondition guards it beyond that, and this the reader."""


class Refused(NotPermitted):
    """The guard does not let it happen. Nothing was done; the message says why."""


class AdmittedPlan(NamedTuple):
    """A permit, and the intent that went on record for it."""

    permit: Permit
    intent: AuditEntry


def _nothing_more(_: Plan) -> Sequence[str]:
    return ()


def _no_doubt(_: Plan) -> str:
    return ""


class Guard:
    """Holds plans against the policy. *sealed* says why a source takes no act, or ``""``.

    *touched* returns the environments that the program itself knows a plan to touch: whatever
    an adapter has left out of it, they count.
    *doubt* says of which earlier acts on the target of a plan nobody knows the outcome, or ``""``.
    """

    def __init__(
        self,
        policy: Policy,
        trail: AuditLog,
        clock: Clock,
        block_reason: Callable[[str], str],
        *,
        environments: Callable[[Plan], Sequence[str]] = _nothing_more,
        unresolved: Callable[[Plan], str] = _no_doubt,
    ) -> None:
        self._policy = policy
        self._audit = trail
        self._clock = clock
        self._block_reason = block_reason
        self._environments = environments
        self._unresolved = unresolved
        self._admitted: set[str] = set()

    def forbidden_reason(self, offer: ActionSpec, record: Record) -> str:
        """Return why *offer* is not possible for *record*, whatever the plan would be."""
        sealed = self._block_reason(record.source)
        return sealed or self._policy.forbidden_reason(
            offer.id, (record.environment,), self._clock.now()
        )

    def decide(self, plans: Sequence[Plan], since: datetime | None = None) -> GuardDecision:
        """Return what has to be said to *plans*, or why they are denied.

        *since* is when that was said, by default now: the last of many has its turn later.
        """
        for plan in plans:
            if why := self._block_reason(plan.by) or self._block_reason(plan.ref.source):
                return GuardDecision(PolicyDecision.DENY, why)
            if (since or self._clock.now()) - plan.made_at > PLAN_LIFETIME:
                return GuardDecision(
                    PolicyDecision.DENY, f"the plan for {plan.target} is old: plan it again"
                )
        whole = [plan.touching(self._environments(plan)) for plan in plans]
        return self._doubted(plans, self._policy.decide(whole, self._clock.now()))

    def _doubted(self, plans: Sequence[Plan], judgement: GuardDecision) -> GuardDecision:
        """Return *judgement*, which has to be typed where it may be done a second time."""
        doubt = "; ".join(filter(None, map(self._unresolved, plans)))
        if judgement.denied or not doubt:
            return judgement
        why = "; ".join(filter(None, (doubt, judgement.explanation)))
        return GuardDecision(PolicyDecision.TYPED, why, confirmation_text_for(plans), doubt)

    def missing_consent(
        self, plans: Sequence[Plan], consent: Consent, since: datetime | None = None
    ) -> str:
        """Return what *consent* lacks for *plans*, or ``""``."""
        judgement = self.decide(plans, since)
        if judgement.denied:
            return judgement.explanation
        if judgement.decision is PolicyDecision.ALLOW:
            return ""
        if not judgement.needs_typing:
            return "" if consent.confirmed else "it has not been confirmed"
        if consent.typed != judgement.confirmation_text:
            return f"{judgement.confirmation_text!r} has to be typed: {judgement.explanation}"
        if consent.reason.strip():
            return ""
        return f"a reason has to be given (--reason): {judgement.explanation}"

    def admit(
        self,
        plan: Plan,
        among: Sequence[Plan],
        consent: Consent,
        since: datetime | None = None,
        *,
        original: Plan | None = None,
    ) -> AdmittedPlan:
        """Admit *plan*, one *among* those consented to; its intent is on the disk then.

        *whole* is the plan before secrets were masked in it, which the permit is for then.
        Raises :exc:`Refused`.
        """
        if plan not in among:
            raise Refused(f"{plan.title}: it is not among what was agreed to")
        if fault := self.missing_consent(among, consent, since) or self._seen(plan):
            raise Refused(f"{plan.title}: {fault}")
        try:
            intent = self._audit.append(self._intent(plan, consent))
        except AuditError as error:
            raise Refused(f"no act without an audit trail. {error}") from None
        self._admitted.add(plan.id)
        sent_by = intent.at + timedelta(seconds=SEND_TIMEOUT)
        return AdmittedPlan(
            issue_permit(original or plan, lambda: self._clock.now() > sent_by), intent
        )

    def _seen(self, plan: Plan) -> str:
        return "it has been carried out already" if plan.id in self._admitted else ""

    def _intent(self, plan: Plan, consent: Consent) -> AuditEntry:
        return self._audit.entry(AuditEvent.INTENT).model_copy(
            update={
                "plan_id": plan.id,
                "action": plan.action,
                "target": plan.target,
                "environment": plan.environment,
                "reason": consent.reason.strip(),
                "plan": plan,
            }
        )
