"""Which sources a plan was made by: by any other than these it is not carried out.

A config that is read again may give the name of a source to another server. What was read there,
and who agreed to what, says nothing of this one, even where it looks the same.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final, TypeAlias

from opsboard.adapter import Plan
from opsboard.config.resolved_source import ResolvedSource

MAX_PLANS: Final = 1_000
"""Plans that are remembered; one is only valid for minutes."""

Resolve: TypeAlias = Callable[[str], ResolvedSource | None]
"""Returns the source of a name as it is connected now; from any thread."""


class PlanSources:
    """Remembers the sources of the plans of this session, by what *resolve* returns."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._made: OrderedDict[str, dict[str, ResolvedSource | None]] = OrderedDict()

    def note(self, plan: Plan) -> None:
        """Remember which sources *plan*, which was made just now, is of."""
        self._made[plan.id] = {name: self._resolve(name) for name in (plan.by, plan.ref.source)}
        while len(self._made) > MAX_PLANS:
            self._made.popitem(last=False)

    def why_not(self, plan: Plan) -> str:
        """Return why *plan* is out of date: one of its sources is another one now; or ``""``."""
        for name, source in self._made.get(plan.id, {}).items():
            if self._resolve(name) != source:
                return f"{name} was connected again since {plan.target} was planned: plan it again"
        return ""
