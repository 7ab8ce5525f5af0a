"""Plans for one record, or for several that are acted on together."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from opsboard.adapter import ActionSpec, Form, Plan, Request, Severity, SourceError
from opsboard.records import Ref

if TYPE_CHECKING:
    from opsboard.acting.service import ActionService
    from opsboard.ui.actions.target import Target

_AT_ONCE: Final = 4
"""Plans that are made at the same time: each asks its server several things."""


class LeftOut(NamedTuple):
    """A record that was meant too and will not be acted on, with why, and how to fix it."""

    name: str
    why: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What has been planned, frozen, and what could not be.

    *able* can be carried out as far as their plans tell; *blocked* cannot.
    """

    able: tuple[Plan, ...] = ()
    blocked: tuple[Plan, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    @property
    def plans(self) -> tuple[Plan, ...]:
        """All plans, those that are blocked first."""
        return (*self.blocked, *self.able)

    @property
    def refs(self) -> frozenset[Ref]:
        """What the plans are about."""
        return frozenset(plan.ref for plan in self.plans)

    @property
    def harmless(self) -> bool:
        """Whether nothing in it has to be looked at before it is carried out."""
        notes = {finding.severity for plan in self.able for finding in plan.findings}
        return len(self.able) == 1 and not (self.blocked or self.left_out or notes - _NOTES)


_NOTES: Final = frozenset({Severity.NOTE})


@dataclass(slots=True)
class Planner:
    """Plans *offer* for *targets*, with the same *values* for each once its form was filled in.

    Until then, each is planned with what its row presets.
    """

    offer: ActionSpec
    targets: "Sequence[Target]"
    left_out: tuple[LeftOut, ...] = ()
    values: Mapping[str, str] | None = None

    def request(self, target: "Target") -> Request:
        """Return what is asked for *target*."""
        values = {**target.values(self.offer.id), **(self.values or {})}
        return Request(action=self.offer.id, ref=target.ref, values=values)

    def named(self, arrow: str) -> str:
        """Return what it is about, in short: no part of it that the form has chosen otherwise."""
        if len(self.targets) + len(self.left_out) > 1:
            return f"{len(self.targets)} records"
        [target] = self.targets
        preset = target.values(self.offer.id)
        kept = self.values is None or preset.items() <= self.values.items()
        return target.named(self.offer.id, arrow) if kept else target.name

    async def form(self, acts: "ActionService") -> Form:
        """Return what can be told; for several records, what the first can be told."""
        return await acts.form(self.request(self.targets[0]))

    async def draft(self, acts: "ActionService") -> Draft:
        """Return the plans. Raises :exc:`SourceError` where the only one cannot be made."""
        turns = asyncio.Semaphore(_AT_ONCE)
        made = await asyncio.gather(*(self._plan(acts, one, turns) for one in self.targets))
        if len(made) == 1 and isinstance(made[0], SourceError):
            raise made[0]
        plans = [plan for plan in made if isinstance(plan, Plan)]
        failed = tuple(
            LeftOut(target.name, error.message, error.hint)
            for target, error in zip(self.targets, made, strict=True)
            if isinstance(error, SourceError)
        )
        able = tuple(plan for plan in plans if not plan.blockers)
        blocked = tuple(plan for plan in plans if plan.blockers)
        return Draft(able, blocked, (*failed, *self.left_out))

    async def _plan(
        self, acts: "ActionService", target: "Target", turns: asyncio.Semaphore
    ) -> Plan | SourceError:
        async with turns:
            try:
                return await acts.plan(self.request(target))
            except SourceError as error:
                return error
