"""The policy while the config may change: what is stricter counts at once, nothing else does.

A plan that somebody has read must not need less than it said, because a file was written
meanwhile. So the rules that the program was started with count until it ends, and beside them
those that the file has now: of both, the stricter decision.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from opsboard.acting.decision import STRICTNESS, GuardDecision
from opsboard.acting.policy import Policy
from opsboard.adapter import Plan
from opsboard.config.settings import Settings

_AT_START: Final = "so says the config that the board was started with, and counts until a restart"


class LivePolicy:
    """Decides by *first*, the policy of the start, and by that of the newest config."""

    def __init__(self, first: Policy) -> None:
        self._first = first
        self._newest: Policy | None = None

    def use(self, settings: Settings) -> None:
        """Let *settings* count too from now on. May be called from any thread."""
        self._newest = Policy(settings)

    def forbidden_reason(self, action: str, environments: Sequence[str], now: datetime) -> str:
        """Return why *action* is forbidden in any of *environments* now, or ``""``."""
        newest = self._newest
        first = self._first.forbidden_reason(action, environments, now)
        if newest is None:
            return first
        said = newest.forbidden_reason(action, environments, now)
        return said or (f"{first}; {_AT_START}" if first else "")

    def decide(self, plans: Sequence[Plan], now: datetime) -> GuardDecision:
        """Return the strictest decision over *plans*, which are confirmed together."""
        newest = self._newest
        first = self._first.decide(plans, now)
        if newest is None:
            return first
        said = newest.decide(plans, now)
        if STRICTNESS.index(said.decision) >= STRICTNESS.index(first.decision):
            return said
        explanation = "; ".join(filter(None, (first.explanation, _AT_START)))
        return replace(first, explanation=explanation)
