"""What earlier programs left open: shown, settled and followed to a verdict, by one program.

An act is taken up where its lock is free, and only as it stands on record once the lock is had:
another program may have been quicker. Where a lock does not tell, a person has to say so.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, MutableMapping, Sequence
from contextlib import suppress
from typing import Final

from opsboard.acting.audit.action_history import (
    ActionRun,
    ActionRunReader,
    action_runs,
    activity_of,
)
from opsboard.acting.audit.entry import AuditEntry, AuditResult
from opsboard.acting.audit.log import AuditError, AuditLog
from opsboard.acting.engine_port import EnginePort
from opsboard.acting.execution import RunExecution
from opsboard.acting.guard import Refused
from opsboard.acting.run_locks import LockHolder, RunLock, RunLockedError, RunLocks
from opsboard.adapter import Clock, NotFound
from opsboard.records import Activity, Ref

MAX_SHOWN: Final = 500
"""Acts of earlier sessions that the board shows."""

_log = logging.getLogger(__name__)


class Recovery:
    """Goes on with what others left. All of it runs in the engine's loop.

    *acts* are those that the program knows, by their plans; *keep* lets something go on for as
    long as the program runs.
    """

    def __init__(
        self,
        reach: EnginePort,
        trail: AuditLog,
        clock: Clock,
        *,
        holds: RunLocks,
        acts: MutableMapping[str, ActionRun],
        execution: Callable[[ActionRun], RunExecution],
        keep: Callable[[Coroutine[object, object, None]], object],
    ) -> None:
        self._reach = reach
        self._trail = trail
        self._holds = holds
        self._reader = ActionRunReader(trail, holds)
        self._clock = clock
        self._acts = acts
        self._execution = execution
        self._keep = keep

    async def resume_open_runs(self) -> None:
        """Show what earlier sessions did; settle and follow what they left open."""
        acts = await self.read_runs()
        if shown := acts[-MAX_SHOWN:]:
            self._tell(*shown)
        for act in acts:
            if act.is_abandoned:
                self._keep(self._take_up(act))

    async def reconcile_abandoned(self) -> Sequence[Activity]:
        """Settle what programs left that were killed; return how each stands."""
        settled = []
        for act in await self.read_runs():
            if not (act.is_unresolved and act.is_abandoned):
                continue
            with suppress(RunLockedError), self._holds.acquire(act.plan.id):
                if await self._is_still_open(act) and act.is_unresolved:
                    execution = self._execution(act)
                    await execution.reconcile(once=True)
                    settled.append(execution.shown or activity_of(act))
        return settled

    async def resume(self, ref: Ref) -> None:
        """Go on with the act *ref*, since a person says so. Raises SourceError."""
        if ref.id not in self._acts:
            await self.read_runs()
        if (act := self._acts.get(ref.id)) is None:
            raise NotFound(f"there is no act {ref.id}", "`opsboard audit` tells of all of them")
        try:
            hold = self._holds.acquire(act.plan.id)
        except RunLockedError as error:
            raise Refused(f"{act.plan.title}: {error}") from None
        if not await self._is_still_open(act):
            hold.release()
            self._tell(act)
            raise Refused(f"{act.plan.title}: it has come to its end: nothing is left to do")
        self._keep(self._go_on(act, hold))

    async def _take_up(self, act: ActionRun) -> None:
        await self._reach.wait_for_sources()
        try:
            hold = self._holds.acquire(act.plan.id)
        except RunLockedError as error:
            _log.info("%s is left: %s", act.plan.id, error)
            return
        await self._go_on(act, hold)

    async def _go_on(self, act: ActionRun, hold: RunLock) -> None:
        """Settle and follow *act*, which this program has in its hands."""
        with hold:
            if not await self._is_still_open(act):
                self._tell(act)
                return
            execution = self._execution(act)
            result = await execution.reconcile() if act.is_unresolved else AuditResult.DONE
            if result is AuditResult.DONE:
                await execution.observe()

    async def _is_still_open(self, act: ActionRun) -> bool:
        """Read *act* again, now that no other program can write of it."""
        for known in action_runs(await self._entries(act.plan.id), self._holds):
            act.later_entries[:] = known.later_entries
            act.holder = LockHolder.PROGRAM
            return act.is_open
        return False

    async def read_runs(self) -> Sequence[ActionRun]:
        """Return the acts that are on record, in the order of their intents."""
        try:
            acts = await asyncio.to_thread(self._reader.read)
        except AuditError as error:
            _log.error("the audit trail cannot be read: %s", error)
            return ()
        for act in acts:
            self._acts.setdefault(act.plan.id, act)
        return acts

    async def _entries(self, plan_id: str) -> Sequence[AuditEntry]:
        try:
            return await asyncio.to_thread(self._trail.entries, plan_id)
        except AuditError as error:
            _log.error("the audit trail cannot be read: %s", error)
            return ()

    def _tell(self, *acts: ActionRun) -> None:
        self._reach.publish([activity_of(act) for act in acts], self._clock.now())
