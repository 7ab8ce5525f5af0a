"""The guard: the one place that every mutation passes. Whatever is not sure is refused.

:meth:`Guard.admit` judges a plan anew at the moment it is to be carried out, holds the consent
against the ruling, writes the intent to the audit trail and syncs it, and only then mints the
permit without which no adapter sends anything that changes something.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from opsboard.act.audit.entry import Entry, Event
from opsboard.act.audit.trail import AuditError, Trail
from opsboard.act.in_flight import SEND_WITHIN
from opsboard.act.judgement import Consent, Judgement, word_for
from opsboard.act.policy import Policy
from opsboard.adapter import ActionSpec, Clock, NotPermitted, Permit, Plan
from opsboard.adapter.permit import issue_permit
from opsboard.config.settings import Ruling
from opsboard.records import Record

FRESH_FOR: Final = timedelta(minutes=15)
"""How long a plan may be looked at; the precondition guards it beyond that, and this the reader."""


class Refused(NotPermitted):
    """The guard does not let it happen. Nothing was done; the message says why."""


class Admission(NamedTuple):
    """A permit, and the intent that went on record for it."""

    permit: Permit
    intent: Entry


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
        trail: Trail,
        clock: Clock,
        sealed: Callable[[str], str],
        *,
        touched: Callable[[Plan], Sequence[str]] = _nothing_more,
        doubt: Callable[[Plan], str] = _no_doubt,
    ) -> None:
        self._policy = policy
        self._trail = trail
        self._clock = clock
        self._sealed = sealed
        self._touched = touched
        self._doubt = doubt
        self._admitted: set[str] = set()

    def forbids(self, offer: ActionSpec, record: Record) -> str:
        """Return why *offer* is not possible for *record*, whatever the plan would be."""
        sealed = self._sealed(record.source)
        return sealed or self._policy.forbids(offer.id, (record.environment,), self._clock.now())

    def judge(self, plans: Sequence[Plan], since: datetime | None = None) -> Judgement:
        """Return what has to be said to *plans*, or why they are denied.

        *since* is when that was said, by default now: the last of many has its turn later.
        """
        for plan in plans:
            if why := self._sealed(plan.by) or self._sealed(plan.ref.source):
                return Judgement(Ruling.DENY, why)
            if (since or self._clock.now()) - plan.made_at > FRESH_FOR:
                return Judgement(Ruling.DENY, f"the plan for {plan.target} is old: plan it again")
        whole = [plan.touching(self._touched(plan)) for plan in plans]
        return self._doubted(plans, self._policy.judge(whole, self._clock.now()))

    def _doubted(self, plans: Sequence[Plan], judgement: Judgement) -> Judgement:
        """Return *judgement*, which has to be typed where it may be done a second time."""
        doubt = "; ".join(filter(None, map(self._doubt, plans)))
        if judgement.denied or not doubt:
            return judgement
        why = "; ".join(filter(None, (doubt, judgement.why)))
        return Judgement(Ruling.TYPED, why, word_for(plans), doubt)

    def consent_fault(
        self, plans: Sequence[Plan], consent: Consent, since: datetime | None = None
    ) -> str:
        """Return what *consent* lacks for *plans*, or ``""``."""
        judgement = self.judge(plans, since)
        if judgement.denied:
            return judgement.why
        if judgement.ruling is Ruling.ALLOW:
            return ""
        if not judgement.typed:
            return "" if consent.confirmed else "it has not been confirmed"
        if consent.typed != judgement.word:
            return f"{judgement.word!r} has to be typed: {judgement.why}"
        if consent.reason.strip():
            return ""
        return f"a reason has to be given (--reason): {judgement.why}"

    def admit(
        self,
        plan: Plan,
        among: Sequence[Plan],
        consent: Consent,
        since: datetime | None = None,
        *,
        whole: Plan | None = None,
    ) -> Admission:
        """Admit *plan*, one *among* those consented to; its intent is on the disk then.

        *whole* is the plan before secrets were masked in it, which the permit is for then.
        Raises :exc:`Refused`.
        """
        if plan not in among:
            raise Refused(f"{plan.title}: it is not among what was agreed to")
        if fault := self.consent_fault(among, consent, since) or self._seen(plan):
            raise Refused(f"{plan.title}: {fault}")
        try:
            intent = self._trail.append(self._intent(plan, consent))
        except AuditError as error:
            raise Refused(f"no act without an audit trail. {error}") from None
        self._admitted.add(plan.id)
        sent_by = intent.at + timedelta(seconds=SEND_WITHIN)
        return Admission(issue_permit(whole or plan, lambda: self._clock.now() > sent_by), intent)

    def _seen(self, plan: Plan) -> str:
        return "it has been carried out already" if plan.id in self._admitted else ""

    def _intent(self, plan: Plan, consent: Consent) -> Entry:
        return self._trail.entry(Event.INTENT).model_copy(
            update={
                "plan_id": plan.id,
                "action": plan.action,
                "target": plan.target,
                "environment": plan.environment,
                "reason": consent.reason.strip(),
                "plan": plan,
            }
        )
