"""What earlier programs left open: shown, settled and followed to a verdict, by one program.

An act is taken up where its lock is free, and only as it stands on record once the lock is had:
another program may have been quicker. Where a lock does not tell, a person has to say so.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, MutableMapping, Sequence
from contextlib import suppress
from typing import Final

from opsboard.act.audit.entry import Entry, Result
from opsboard.act.audit.trail import AuditError, Trail
from opsboard.act.execution import Execution
from opsboard.act.guard import Refused
from opsboard.act.holds import HeldError, Hold, Holder, Holds
from opsboard.act.ledger import Act, ActReader, activity_of, acts_of
from opsboard.act.reach import Reach
from opsboard.adapter import Clock, NotFound
from opsboard.records import Activity, Ref

SHOWN: Final = 500
"""Acts of earlier sessions that the board shows."""

_log = logging.getLogger(__name__)


class Recovery:
    """Goes on with what others left. All of it runs in the engine's loop.

    *acts* are those that the program knows, by their plans; *keep* lets something go on for as
    long as the program runs.
    """

    def __init__(
        self,
        reach: Reach,
        trail: Trail,
        clock: Clock,
        *,
        holds: Holds,
        acts: MutableMapping[str, Act],
        execution: Callable[[Act], Execution],
        keep: Callable[[Coroutine[object, object, None]], object],
    ) -> None:
        self._reach = reach
        self._trail = trail
        self._holds = holds
        self._reader = ActReader(trail, holds)
        self._clock = clock
        self._acts = acts
        self._execution = execution
        self._keep = keep

    async def resume(self) -> None:
        """Show what earlier sessions did; settle and follow what they left open."""
        acts = await self.on_record()
        if shown := acts[-SHOWN:]:
            self._tell(*shown)
        for act in acts:
            if act.is_left:
                self._keep(self._take_up(act))

    async def settle_left(self) -> Sequence[Activity]:
        """Settle what programs left that were killed; return how each stands."""
        settled = []
        for act in await self.on_record():
            if not (act.is_unsettled and act.is_left):
                continue
            with suppress(HeldError), self._holds.take(act.plan.id):
                if await self._is_still_open(act) and act.is_unsettled:
                    execution = self._execution(act)
                    await execution.reconcile(once=True)
                    settled.append(execution.shown or activity_of(act))
        return settled

    async def take_up(self, ref: Ref) -> None:
        """Go on with the act *ref*, since a person says so. Raises SourceError."""
        if ref.id not in self._acts:
            await self.on_record()
        if (act := self._acts.get(ref.id)) is None:
            raise NotFound(f"there is no act {ref.id}", "`opsboard audit` tells of all of them")
        try:
            hold = self._holds.take(act.plan.id)
        except HeldError as error:
            raise Refused(f"{act.plan.title}: {error}") from None
        if not await self._is_still_open(act):
            hold.release()
            self._tell(act)
            raise Refused(f"{act.plan.title}: it has come to its end: nothing is left to do")
        self._keep(self._go_on(act, hold))

    async def _take_up(self, act: Act) -> None:
        await self._reach.gathered()
        try:
            hold = self._holds.take(act.plan.id)
        except HeldError as error:
            _log.info("%s is left: %s", act.plan.id, error)
            return
        await self._go_on(act, hold)

    async def _go_on(self, act: Act, hold: Hold) -> None:
        """Settle and follow *act*, which this program has in its hands."""
        with hold:
            if not await self._is_still_open(act):
                self._tell(act)
                return
            execution = self._execution(act)
            result = await execution.reconcile() if act.is_unsettled else Result.DONE
            if result is Result.DONE:
                await execution.follow()

    async def _is_still_open(self, act: Act) -> bool:
        """Read *act* again, now that no other program can write of it."""
        for known in acts_of(await self._entries(act.plan.id), self._holds):
            act.since[:] = known.since
            act.holder = Holder.PROGRAM
            return act.is_open
        return False

    async def on_record(self) -> Sequence[Act]:
        """Return the acts that are on record, in the order of their intents."""
        try:
            acts = await asyncio.to_thread(self._reader.read)
        except AuditError as error:
            _log.error("the audit trail cannot be read: %s", error)
            return ()
        for act in acts:
            self._acts.setdefault(act.plan.id, act)
        return acts

    async def _entries(self, plan_id: str) -> Sequence[Entry]:
        try:
            return await asyncio.to_thread(self._trail.entries, plan_id)
        except AuditError as error:
            _log.error("the audit trail cannot be read: %s", error)
            return ()

    def _tell(self, *acts: Act) -> None:
        self._reach.tell([activity_of(act) for act in acts], self._clock.now())
