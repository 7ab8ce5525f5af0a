"""The policy: what the config decides on plans, in all environments that they touch.

A plan is judged in each environment that it touches, and the strictest decision counts: nothing
that one environment allows softens the decision for another.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from opsboard.acting.change_windows import closed_reason, is_open
from opsboard.acting.decision import STRICTNESS, GuardDecision, confirmation_text_for
from opsboard.acting.policy_rules import EnvironmentAlias, PolicyRules, toml_key
from opsboard.adapter import Plan, Severity
from opsboard.adapter.action_spec import LET_IN
from opsboard.config.action_rules import PolicyDecision
from opsboard.config.settings import Settings
from opsboard.environments.names import Specificity, normal_form

__all__ = ["Policy", "is_open"]


class Policy:
    """Decides by *settings*; everything is denied with *read_only*, or without settings."""

    def __init__(self, settings: Settings | None, *, read_only: bool = False) -> None:
        self._rules = None if settings is None else PolicyRules(settings)
        self._read_only = read_only or (settings is not None and settings.read_only)

    def forbidden_reason(self, action: str, environments: Sequence[str], now: datetime) -> str:
        """Return why *action* is forbidden in any of *environments* now, or ``""``."""
        if self._rules is None:
            return "the config has not been read yet"
        if self._read_only:
            return "read-only: nothing is changed from here"
        return next(_denied(self._rules, normal_form(action), environments, now), "")

    def decide(self, plans: Sequence[Plan], now: datetime) -> GuardDecision:
        """Return the strictest decision over *plans*, which are confirmed together."""
        decisions = [self._judge(plan, now) for plan in plans]
        if not decisions:
            return GuardDecision(PolicyDecision.DENY, "there is nothing to do")
        strictest = _strictest(decisions)
        if strictest.decision is not PolicyDecision.TYPED:
            return GuardDecision(strictest.decision, strictest.explanation)
        will_not_start = "; ".join(one.will_not_start for one in decisions if one.will_not_start)
        first = next((one for one in decisions if one.will_not_start), strictest)
        return GuardDecision(
            PolicyDecision.TYPED, first.explanation, confirmation_text_for(plans),
            will_not_start=will_not_start,
        )  # fmt: skip

    def _judge(self, plan: Plan, now: datetime) -> GuardDecision:
        touched = _touched(plan)
        if why := self.forbidden_reason(plan.action, touched, now):
            return GuardDecision(PolicyDecision.DENY, why)
        if plan.blockers:
            return GuardDecision(PolicyDecision.DENY, "; ".join(plan.blockers))
        assert self._rules is not None  # noqa: S101 - forbids() has said so otherwise
        action, aliases = normal_form(plan.action), self._rules.names_of(touched)
        judged = _strictest([_judged(self._rules, action, alias) for alias in aliases])
        careful = GuardDecision(_careful(judged.decision, plan), judged.explanation)
        return _despite_start_blockers(careful, plan)


def _touched(plan: Plan) -> tuple[str, ...]:
    """Return all environments of *plan*, with the one that is shown."""
    return (*plan.environments, plan.environment) if plan.environment else plan.environments


def _denied(
    rules: PolicyRules, action: str, environments: Sequence[str], now: datetime
) -> Iterator[str]:
    """Yield every reason why *action* is forbidden in *environments*."""
    aliases = rules.names_of(environments)
    if fault := rules.config_error(aliases):
        yield fault
    for alias in aliases:
        if why := _closed(rules, action, alias):
            yield why
        elif _judged(rules, action, alias).denied:
            yield f"the policy denies {action}{alias}{rules.denied_by(action, alias.name)}"
        if fault := closed_reason(rules.settings.change_windows, action, alias.name, now):
            yield fault


def _closed(rules: PolicyRules, action: str, alias: EnvironmentAlias) -> str:
    """Return why nobody is let in by *action* in an environment, or ``""``.

    What is done inside is in no plan: so where changes are protected, the policy has to name both
    the action and the environment; an entry for all actions was not written for this one.
    """
    if action not in LET_IN or rules.names(action, alias.name):
        return ""
    if not (care := rules.protection_reason(alias)):
        return ""
    entry = f'[policy.{toml_key(alias.name)}] {action} = "typed"'
    return f"{care}: {action} is denied there unless the policy allows it ({entry})"


def _judged(rules: PolicyRules, action: str, alias: EnvironmentAlias) -> GuardDecision:
    """Return the decision on *action* in an environment under one of its names.

    An entry for ``*`` does not name the environment, so it does not lift its protection.
    """
    if why := _closed(rules, action, alias):
        return GuardDecision(PolicyDecision.DENY, why)
    said, care = rules.match(action, alias.name), rules.protection_reason(alias)
    by_default = GuardDecision(PolicyDecision.TYPED if care else PolicyDecision.CONFIRM, care)
    if said is not None and said.specificity is Specificity.EXACT:
        return GuardDecision(said.decision, f"the policy says so{alias}")
    hinted = GuardDecision(rules.suggested(action, alias.name), f"the policy says so{alias}")
    if said is None:
        return _strictest([by_default, hinted])
    judged = GuardDecision(said.decision, f"the policy says so{alias}")
    return _strictest(
        [judged, hinted, *([by_default] if said.specificity is Specificity.ANY and care else ())]
    )


def _strictest(decisions: Sequence[GuardDecision]) -> GuardDecision:
    return max(decisions, key=lambda judged: STRICTNESS.index(judged.decision))


def _despite_start_blockers(decision: GuardDecision, plan: Plan) -> GuardDecision:
    """Return *decision*, made ``typed`` where what *plan* brings back will not start.

    That is no reason to forbid it: a person may know better than the checks, at night above all.
    """
    if not (blockers := plan.start_blockers):
        return decision
    more = f" (and {len(blockers) - 1} more)" if len(blockers) > 1 else ""
    why = f"it will not start: {blockers[0]}{more}"
    explanation = "; ".join(filter(None, (why, decision.explanation)))
    return GuardDecision(PolicyDecision.TYPED, explanation, will_not_start=why)


def _careful(said: PolicyDecision, plan: Plan) -> PolicyDecision:
    """Return ``confirm`` instead of ``allow`` where the plan has a warning."""
    warned = any(one.severity is not Severity.NOTE for one in plan.findings)
    warned = warned or any(one.is_grave for one in plan.start_findings)
    return PolicyDecision.CONFIRM if said is PolicyDecision.ALLOW and warned else said
