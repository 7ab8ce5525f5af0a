"""Asking for consent in a terminal, without a screen."""

import sys
from collections.abc import Sequence

from opsboard.act.judgement import Consent, Judgement
from opsboard.adapter import Plan
from opsboard.clean import clean
from opsboard.config.settings import Ruling
from opsboard.escaping import escaped


def ask_consent(plans: Sequence[Plan], judgement: Judgement, reason: str) -> Consent:
    """Ask on standard error, read standard input; what is left empty is no consent."""
    if judgement.ruling is Ruling.ALLOW:
        return Consent(confirmed=True, reason=reason)
    if judgement.typed:
        typed = _ask(f"{judgement.why}. Type {judgement.word!r} to go on:")
        return Consent(typed=typed, reason=reason or _ask("Why?"))
    what = "; ".join(
        f"{escaped(plan.title)} {escaped(plan.target)}{_where(plan)}" for plan in plans
    )
    return Consent(confirmed=_ask(f"{what}? Type 'yes' to go on:") == "yes", reason=reason)


def _where(plan: Plan) -> str:
    named = ", ".join(map(escaped, plan.environments))
    return f" ({named})" if named else ""


def _ask(question: str) -> str:
    sys.stderr.write(clean(question) + " ")
    sys.stderr.flush()
    return clean(sys.stdin.readline()).strip()
