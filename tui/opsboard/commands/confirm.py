"""Asking for consent in a terminal, without a screen."""

import sys
from collections.abc import Sequence

from opsboard.acting.decision import Consent, GuardDecision
from opsboard.adapter import Plan
from opsboard.config.settings import PolicyDecision
from opsboard.text.escaping import escaped
from opsboard.text.sanitize import sanitize


def ask_consent(plans: Sequence[Plan], judgement: GuardDecision, reason: str) -> Consent:
    """Ask on standard error, read standard input; what is left empty is no consent."""
    if judgement.decision is PolicyDecision.ALLOW:
        return Consent(confirmed=True, reason=reason)
    if judgement.needs_typing:
        typed = _ask(f"{judgement.explanation}. Type {judgement.confirmation_text!r} to go on:")
        return Consent(typed=typed, reason=reason or _ask("Why?"))
    what = "; ".join(
        f"{escaped(plan.title)} {escaped(plan.target)}{_where(plan)}" for plan in plans
    )
    return Consent(confirmed=_ask(f"{what}? Type 'yes' to go on:") == "yes", reason=reason)


def _where(plan: Plan) -> str:
    named = ", ".join(map(escaped, plan.environments))
    return f" ({named})" if named else ""


def _ask(question: str) -> str:
    sys.stderr.write(sanitize(question) + " ")
    sys.stderr.flush()
    return sanitize(sys.stdin.readline()).strip()
