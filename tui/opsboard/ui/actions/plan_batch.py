"""The plans of an action for one record, or for several at once."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from opsboard.adapter import ActionSpec, Form, Plan, Request, Severity, SourceError, StartState
from opsboard.records import Ref

if TYPE_CHECKING:
    from opsboard.acting.service import ActionService
    from opsboard.ui.actions.record_target import RecordTarget

_AT_ONCE: Final = 4
"""Plans that are made at the same time: each asks its server several things."""


class SkippedTarget(NamedTuple):
    """A selected record that is not acted on, with the reason and a hint."""

    name: str
    why: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class PlanBatch:
    """The plans that were made, and the targets that none could be made for.

    *executable* plans have no blocker; *blocked* ones have.
    """

    executable: tuple[Plan, ...] = ()
    blocked: tuple[Plan, ...] = ()
    skipped: tuple[SkippedTarget, ...] = ()

    @property
    def plans(self) -> tuple[Plan, ...]:
        """All plans, those that are blocked first."""
        return (*self.blocked, *self.executable)

    @property
    def is_checking(self) -> bool:
        """Whether it is still being checked if what the plans bring back will start."""
        return any(plan.start_state is StartState.CHECKING for plan in self.executable)

    def replaced(self, plan: Plan) -> "PlanBatch":
        """Return the same with *plan* in the place of the one with its id."""
        both = (self.executable, self.blocked)
        able, blocked = (tuple(plan if one.id == plan.id else one for one in of) for of in both)
        return PlanBatch(able, blocked, self.skipped)

    @property
    def refs(self) -> frozenset[Ref]:
        """The records of the plans."""
        return frozenset(plan.ref for plan in self.plans)

    @property
    def needs_no_review(self) -> bool:
        """Whether there is one plan without warnings, blockers or skipped targets."""
        notes = {finding.severity for plan in self.executable for finding in plan.findings}
        notes |= {finding.severity for plan in self.executable for finding in plan.start_findings}
        return len(self.executable) == 1 and not (self.blocked or self.skipped or notes - _NOTES)


_NOTES: Final = frozenset({Severity.NOTE})


@dataclass(slots=True)
class PlanBuilder:
    """Plans *offer* for *targets*, with the same *values* for each once its form was filled in.

    Until then, each is planned with what its row presets.
    """

    offer: ActionSpec
    targets: "Sequence[RecordTarget]"
    skipped: tuple[SkippedTarget, ...] = ()
    values: Mapping[str, str] | None = None

    def request(self, target: "RecordTarget") -> Request:
        """Return the request to plan for *target*."""
        values = {**target.values(self.offer.id), **(self.values or {})}
        return Request(action=self.offer.id, ref=target.ref, values=values)

    def target_text(self, arrow: str) -> str:
        """Return the targets in short; without a part for which the form has another value."""
        if len(self.targets) + len(self.skipped) > 1:
            return f"{len(self.targets)} records"
        [target] = self.targets
        preset = target.values(self.offer.id)
        kept = self.values is None or preset.items() <= self.values.items()
        return target.text_for(self.offer.id, arrow) if kept else target.name

    async def form(self, acts: "ActionService") -> Form:
        """Return the form of the action; for several targets, that of the first."""
        return await acts.form(self.request(self.targets[0]))

    async def build(self, acts: "ActionService") -> PlanBatch:
        """Return the plans. Raises :exc:`SourceError` where the only one cannot be made."""
        turns = asyncio.Semaphore(_AT_ONCE)
        made = await asyncio.gather(*(self._plan(acts, one, turns) for one in self.targets))
        if len(made) == 1 and isinstance(made[0], SourceError):
            raise made[0]
        plans = [plan for plan in made if isinstance(plan, Plan)]
        failed = tuple(
            SkippedTarget(target.name, error.message, error.hint)
            for target, error in zip(self.targets, made, strict=True)
            if isinstance(error, SourceError)
        )
        able = tuple(plan for plan in plans if not plan.blockers)
        blocked = tuple(plan for plan in plans if plan.blockers)
        return PlanBatch(able, blocked, (*failed, *self.skipped))

    async def _plan(
        self, acts: "ActionService", target: "RecordTarget", turns: asyncio.Semaphore
    ) -> Plan | SourceError:
        async with turns:
            try:
                return await acts.plan(self.request(target))
            except SourceError as error:
                return error
