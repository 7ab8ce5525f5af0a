"""The policy: what the config says of plans in all environments that they touch, at a time.

A plan is judged in each environment that it touches, and the strictest ruling counts: no name,
label or recipe of one side makes another one softer.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from opsboard.act.judgement import STRICTNESS, Judgement, word_for
from opsboard.act.rules import Reading, Rules
from opsboard.act.windows import is_open, window_fault
from opsboard.adapter import Plan, Severity
from opsboard.config.settings import Ruling, Settings
from opsboard.environment_names import Rank, normal_form

__all__ = ["Policy", "is_open"]


class Policy:
    """Judges by *settings*; with *read_only*, or without settings, everything is denied."""

    def __init__(self, settings: Settings | None, *, read_only: bool = False) -> None:
        self._rules = None if settings is None else Rules(settings)
        self._read_only = read_only or (settings is not None and settings.read_only)

    def forbids(self, action: str, environments: Sequence[str], now: datetime) -> str:
        """Return why *action* is not possible in all of *environments* now, or ``""``."""
        if self._rules is None:
            return "the config has not been read yet"
        if self._read_only:
            return "read-only: nothing is changed from here"
        return next(_denied(self._rules, normal_form(action), environments, now), "")

    def judge(self, plans: Sequence[Plan], now: datetime) -> Judgement:
        """Return the strictest ruling over *plans*, which are one act."""
        judgements = [self._judge(plan, now) for plan in plans]
        if not judgements:
            return Judgement(Ruling.DENY, "there is nothing to do")
        strictest = _strictest(judgements)
        word = word_for(plans) if strictest.ruling is Ruling.TYPED else ""
        return Judgement(strictest.ruling, strictest.why, word)

    def _judge(self, plan: Plan, now: datetime) -> Judgement:
        touched = _touched(plan)
        if why := self.forbids(plan.action, touched, now):
            return Judgement(Ruling.DENY, why)
        if plan.blockers:
            return Judgement(Ruling.DENY, "; ".join(plan.blockers))
        assert self._rules is not None  # noqa: S101 - forbids() has said so otherwise
        action, readings = normal_form(plan.action), self._rules.readings(touched)
        judged = _strictest([_judged(self._rules, action, reading) for reading in readings])
        return Judgement(_careful(judged.ruling, plan), judged.why)


def _touched(plan: Plan) -> tuple[str, ...]:
    """Return all environments of *plan*: the one that is shown, too, however it was put there."""
    return (*plan.environments, plan.environment) if plan.environment else plan.environments


def _denied(rules: Rules, action: str, environments: Sequence[str], now: datetime) -> Iterator[str]:
    """Yield every reason why *action* is impossible in *environments*."""
    readings = rules.readings(environments)
    if fault := rules.fault(readings):
        yield fault
    for reading in readings:
        if _judged(rules, action, reading).denied:
            yield f"the policy denies {action}{reading}{rules.denied_by(action, reading.name)}"
        if fault := window_fault(rules.settings.change_windows, action, reading.name, now):
            yield fault


def _judged(rules: Rules, action: str, reading: Reading) -> Judgement:
    """Return what is said of *action* in one reading of an environment.

    What is said of ``*`` tells nothing of an environment: it takes no care away.
    """
    said, care = rules.said(action, reading.name), rules.care(reading)
    by_default = Judgement(Ruling.TYPED if care else Ruling.CONFIRM, care)
    if said is not None and said.rank is Rank.EXACT:
        return Judgement(said.ruling, f"so says the policy{reading}")
    hinted = Judgement(rules.hinted(action, reading.name), f"so says the policy{reading}")
    if said is None:
        return _strictest([by_default, hinted])
    judged = Judgement(said.ruling, f"so says the policy{reading}")
    return _strictest([judged, hinted, *([by_default] if said.rank is Rank.ANY and care else ())])


def _strictest(judgements: Sequence[Judgement]) -> Judgement:
    return max(judgements, key=lambda judged: STRICTNESS.index(judged.ruling))


def _careful(said: Ruling, plan: Plan) -> Ruling:
    """What may be done at once is confirmed all the same where the plan has a warning."""
    warned = any(finding.severity is not Severity.NOTE for finding in plan.findings)
    return Ruling.CONFIRM if said is Ruling.ALLOW and warned else said
