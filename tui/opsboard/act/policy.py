"""The policy: what the config says of an action in an environment, at a time."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Final
from zoneinfo import ZoneInfo

from opsboard.act.judgement import STRICTNESS, Judgement, word_for
from opsboard.adapter import Gravity, Plan
from opsboard.config.settings import DAYS, ChangeWindow, Ruling, Settings

ANY: Final = "*"


class Policy:
    """Judges by *settings*; with *read_only*, or without settings, everything is denied."""

    def __init__(self, settings: Settings | None, *, read_only: bool = False) -> None:
        self._settings = settings
        self._read_only = read_only or (settings is not None and settings.read_only)

    def forbids(self, action: str, environment: str, now: datetime) -> str:
        """Return why *action* is not possible in *environment* at all now, or ``""``."""
        if self._settings is None:
            return "the config has not been read yet"
        if self._read_only:
            return "read-only: nothing is changed from here"
        if self._said(action, environment) is Ruling.DENY:
            return f"the policy denies {action}{_in(environment)}"
        return self._window_fault(action, environment, now)

    def judge(self, plans: Sequence[Plan], now: datetime) -> Judgement:
        """Return the strictest ruling over *plans*, which are one act."""
        judgements = [self._judge(plan, now) for plan in plans]
        if not judgements:
            return Judgement(Ruling.DENY, "there is nothing to do")
        strictest = max(judgements, key=lambda judged: STRICTNESS.index(judged.ruling))
        word = word_for(plans) if strictest.ruling is Ruling.TYPED else ""
        return Judgement(strictest.ruling, strictest.why, word)

    def _judge(self, plan: Plan, now: datetime) -> Judgement:
        if why := self.forbids(plan.action, plan.environment, now):
            return Judgement(Ruling.DENY, why)
        if plan.blockers:
            return Judgement(Ruling.DENY, "; ".join(plan.blockers))
        if said := self._said(plan.action, plan.environment):
            return Judgement(_careful(said, plan), f"so says the policy{_in(plan.environment)}")
        return self._by_default(plan)

    def _by_default(self, plan: Plan) -> Judgement:
        assert self._settings is not None  # noqa: S101 - forbids() has said so otherwise
        if plan.environment in self._settings.protected:
            return Judgement(Ruling.TYPED, f"{plan.environment} is protected")
        if not plan.environment and plan.heavy:
            return Judgement(Ruling.TYPED, "nobody knows which environment it belongs to")
        return Judgement(Ruling.CONFIRM)

    def _said(self, action: str, environment: str) -> Ruling | None:
        policy = self._settings.policy if self._settings else {}
        for table in (policy.get(environment or "unknown", {}), policy.get(ANY, {})):
            for word in (action, ANY):
                if word in table:
                    return table[word]
        return None

    # --- change windows --------------------------------------------------------------------------

    def _window_fault(self, action: str, environment: str, now: datetime) -> str:
        windows = list(self._windows(action, environment))
        if not windows or any(is_open(window, now) for window in windows):
            return ""
        told = ", or ".join(_told(window) for window in windows)
        return f"outside of the change window of {environment or 'unknown'}: {told}"

    def _windows(self, action: str, environment: str) -> Iterator[ChangeWindow]:
        for window in self._settings.change_windows if self._settings else ():
            here = any(fnmatchcase(environment, one) for one in window.environments)
            if here and any(fnmatchcase(action, pattern) for pattern in window.actions):
                yield window


def is_open(window: ChangeWindow, now: datetime) -> bool:
    """Tell whether *window* is open. One that closes before it opens lasts over midnight."""
    local = now.astimezone(ZoneInfo(window.time_zone))
    clock, today = local.time(), DAYS[local.weekday()]
    yesterday = DAYS[(local - timedelta(days=1)).weekday()]
    if window.start < window.end:
        return today in window.days and window.start <= clock < window.end
    begun_today = today in window.days and clock >= window.start
    return begun_today or (yesterday in window.days and clock < window.end)


def _careful(said: Ruling, plan: Plan) -> Ruling:
    """What may be done at once is confirmed all the same where the plan has a warning."""
    warned = any(caution.gravity is not Gravity.NOTE for caution in plan.cautions)
    return Ruling.CONFIRM if said is Ruling.ALLOW and warned else said


def _told(window: ChangeWindow) -> str:
    days = " ".join(window.days)
    return f"{days} {window.start:%H:%M}-{window.end:%H:%M} {window.time_zone}"


def _in(environment: str) -> str:
    return f" in {environment}" if environment else " where the environment is unknown"
