"""The policy: what the config says of plans in all environments that they touch, at a time.

A plan is judged in each environment that it touches, and the strictest ruling counts: no name,
label or recipe of one side makes another one softer.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from opsboard.acting.change_windows import closed_reason, is_open
from opsboard.acting.decision import STRICTNESS, GuardDecision, confirmation_text_for
from opsboard.acting.policy_rules import EnvironmentAlias, PolicyRules
from opsboard.adapter import Plan, Severity
from opsboard.config.settings import PolicyDecision, Settings
from opsboard.environments.names import Specificity, normal_form

__all__ = ["Policy", "is_open"]


class Policy:
    """Judges by *settings*; with *read_only*, or without settings, everything is denied."""

    def __init__(self, settings: Settings | None, *, read_only: bool = False) -> None:
        self._rules = None if settings is None else PolicyRules(settings)
        self._read_only = read_only or (settings is not None and settings.read_only)

    def forbidden_reason(self, action: str, environments: Sequence[str], now: datetime) -> str:
        """Return why *action* is not possible in all of *environments* now, or ``""``."""
        if self._rules is None:
            return "the config has not been read yet"
        if self._read_only:
            return "read-only: nothing is changed from here"
        return next(_denied(self._rules, normal_form(action), environments, now), "")

    def decide(self, plans: Sequence[Plan], now: datetime) -> GuardDecision:
        """Return the strictest ruling over *plans*, which are one act."""
        judgements = [self._judge(plan, now) for plan in plans]
        if not judgements:
            return GuardDecision(PolicyDecision.DENY, "there is nothing to do")
        strictest = _strictest(judgements)
        word = confirmation_text_for(plans) if strictest.decision is PolicyDecision.TYPED else ""
        return GuardDecision(strictest.decision, strictest.explanation, word)

    def _judge(self, plan: Plan, now: datetime) -> GuardDecision:
        touched = _touched(plan)
        if why := self.forbidden_reason(plan.action, touched, now):
            return GuardDecision(PolicyDecision.DENY, why)
        if plan.blockers:
            return GuardDecision(PolicyDecision.DENY, "; ".join(plan.blockers))
        assert self._rules is not None  # noqa: S101 - forbids() has said so otherwise
        action, readings = normal_form(plan.action), self._rules.names_of(touched)
        judged = _strictest([_judged(self._rules, action, reading) for reading in readings])
        return GuardDecision(_careful(judged.decision, plan), judged.explanation)


def _touched(plan: Plan) -> tuple[str, ...]:
    """Return all environments of *plan*: the one that is shown, too, however it was put there."""
    return (*plan.environments, plan.environment) if plan.environment else plan.environments


def _denied(
    rules: PolicyRules, action: str, environments: Sequence[str], now: datetime
) -> Iterator[str]:
    """Yield every reason why *action* is impossible in *environments*."""
    readings = rules.names_of(environments)
    if fault := rules.config_error(readings):
        yield fault
    for reading in readings:
        if _judged(rules, action, reading).denied:
            yield f"the policy denies {action}{reading}{rules.denied_by(action, reading.name)}"
        if fault := closed_reason(rules.settings.change_windows, action, reading.name, now):
            yield fault


def _judged(rules: PolicyRules, action: str, reading: EnvironmentAlias) -> GuardDecision:
    """Return what is said of *action* in one reading of an environment.

    What is said of ``*`` tells nothing of an environment: it takes no care away.
    """
    said, care = rules.match(action, reading.name), rules.protection_reason(reading)
    by_default = GuardDecision(PolicyDecision.TYPED if care else PolicyDecision.CONFIRM, care)
    if said is not None and said.specificity is Specificity.EXACT:
        return GuardDecision(said.decision, f"so says the policy{reading}")
    hinted = GuardDecision(rules.suggested(action, reading.name), f"so says the policy{reading}")
    if said is None:
        return _strictest([by_default, hinted])
    judged = GuardDecision(said.decision, f"so says the policy{reading}")
    return _strictest(
        [judged, hinted, *([by_default] if said.specificity is Specificity.ANY and care else ())]
    )


def _strictest(judgements: Sequence[GuardDecision]) -> GuardDecision:
    return max(judgements, key=lambda judged: STRICTNESS.index(judged.decision))


def _careful(said: PolicyDecision, plan: Plan) -> PolicyDecision:
    """What may be done at once is confirmed all the same where the plan has a warning."""
    warned = any(finding.severity is not Severity.NOTE for finding in plan.findings)
    return PolicyDecision.CONFIRM if said is PolicyDecision.ALLOW and warned else said
