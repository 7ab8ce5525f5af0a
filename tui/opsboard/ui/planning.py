"""Plans for one record, or for several that are acted on together."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from opsboard.adapter import Form, Gravity, Offer, Plan, Request, SourceError
from opsboard.records import Record, Ref

if TYPE_CHECKING:
    from opsboard.act.acts import Acts

_AT_ONCE: Final = 4
"""Plans that are made at the same time: each asks its server several things."""


class LeftOut(NamedTuple):
    """A record that was meant too and will not be acted on, with why, and how to mend it."""

    name: str
    why: str
    mend: str = ""


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
        notes = {caution.gravity for plan in self.able for caution in plan.cautions}
        return len(self.able) == 1 and not (self.blocked or self.left_out or notes - _NOTES)


_NOTES: Final = frozenset({Gravity.NOTE})


@dataclass(slots=True)
class Planner:
    """Plans *offer* for *records*, with the same *values* for each."""

    offer: Offer
    records: Sequence[Record]
    left_out: tuple[LeftOut, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)

    def request(self, record: Record) -> Request:
        """Return what is asked for *record*."""
        return Request(action=self.offer.id, ref=record.ref, values=self.values)

    async def form(self, acts: "Acts") -> Form:
        """Return what can be told; for several records, what the first can be told."""
        return await acts.form(self.request(self.records[0]))

    async def draft(self, acts: "Acts") -> Draft:
        """Return the plans. Raises :exc:`SourceError` where the only one cannot be made."""
        turns = asyncio.Semaphore(_AT_ONCE)
        made = await asyncio.gather(*(self._plan(acts, one, turns) for one in self.records))
        if len(made) == 1 and isinstance(made[0], SourceError):
            raise made[0]
        plans = [plan for plan in made if isinstance(plan, Plan)]
        failed = tuple(
            LeftOut(record.name, error.message, error.mend)
            for record, error in zip(self.records, made, strict=True)
            if isinstance(error, SourceError)
        )
        able = tuple(plan for plan in plans if not plan.blockers)
        blocked = tuple(plan for plan in plans if plan.blockers)
        return Draft(able, blocked, (*failed, *self.left_out))

    async def _plan(
        self, acts: "Acts", record: Record, turns: asyncio.Semaphore
    ) -> Plan | SourceError:
        async with turns:
            try:
                return await acts.plan(self.request(record))
            except SourceError as error:
                return error
