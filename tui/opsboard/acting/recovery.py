"""Runs that earlier programs left open: shown, reconciled and observed to a verdict.

A run is continued where its lock is free, and as it is in the audit log once the lock is held:
another program may have been quicker. Where a lock cannot be seen, a person has to ask for it.
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
"""Runs of earlier sessions that the board shows."""

_log = logging.getLogger(__name__)


class Recovery:
    """Continues what other programs left open. All of it runs in the engine's loop.

    *runs* are those that the program knows, by plan id; *keep* runs a coroutine in the background
    for as long as the program runs.
    """

    def __init__(
        self,
        engine: EnginePort,
        audit_log: AuditLog,
        clock: Clock,
        *,
        locks: RunLocks,
        runs: MutableMapping[str, ActionRun],
        execution: Callable[[ActionRun], RunExecution],
        keep: Callable[[Coroutine[object, object, None]], object],
    ) -> None:
        self._engine = engine
        self._audit_log = audit_log
        self._locks = locks
        self._reader = ActionRunReader(audit_log, locks)
        self._clock = clock
        self._runs = runs
        self._execution = execution
        self._keep = keep

    async def resume_open_runs(self) -> None:
        """Show the runs of earlier sessions; reconcile and observe those that are open."""
        runs = await self.read_runs()
        if shown := runs[-MAX_SHOWN:]:
            self._tell(*shown)
        for run in runs:
            if run.is_abandoned:
                self._keep(self._take_up(run))

    async def reconcile_abandoned(self) -> Sequence[Activity]:
        """Reconcile once the runs of programs that were killed; return the state of each."""
        settled = []
        for run in await self.read_runs():
            if not (run.is_unresolved and run.is_abandoned):
                continue
            with suppress(RunLockedError), self._locks.acquire(run.plan.id):
                if await self._is_still_open(run) and run.is_unresolved:
                    execution = self._execution(run)
                    await execution.reconcile(once=True)
                    settled.append(execution.shown or activity_of(run))
        return settled

    async def resume(self, ref: Ref) -> None:
        """Continue the run *ref*, since a person asked for it. Raises SourceError."""
        if ref.id not in self._runs:
            await self.read_runs()
        if (run := self._runs.get(ref.id)) is None:
            raise NotFound(f"there is no action {ref.id}", "`opsboard audit` tells of all of them")
        try:
            lock = self._locks.acquire(run.plan.id)
        except RunLockedError as error:
            raise Refused(f"{run.plan.title}: {error}") from None
        if not await self._is_still_open(run):
            lock.release()
            self._tell(run)
            raise Refused(f"{run.plan.title}: it has ended: nothing is left to do")
        self._keep(self._go_on(run, lock))

    async def _take_up(self, run: ActionRun) -> None:
        await self._engine.wait_for_sources()
        try:
            lock = self._locks.acquire(run.plan.id)
        except RunLockedError as error:
            _log.info("%s is left: %s", run.plan.id, error)
            return
        await self._go_on(run, lock)

    async def _go_on(self, run: ActionRun, lock: RunLock) -> None:
        """Reconcile and observe *run*, whose lock this program holds."""
        with lock:
            if not await self._is_still_open(run):
                self._tell(run)
                return
            execution = self._execution(run)
            result = await execution.reconcile() if run.is_unresolved else AuditResult.DONE
            if result is AuditResult.DONE:
                await execution.observe()

    async def _is_still_open(self, run: ActionRun) -> bool:
        """Read *run* again while its lock is held; return whether it is open."""
        for known in action_runs(await self._entries(run.plan.id), self._locks):
            run.later_entries[:] = known.later_entries
            run.holder = LockHolder.PROGRAM
            return run.is_open
        return False

    async def read_runs(self) -> Sequence[ActionRun]:
        """Return all runs of the audit log, in the order of their intents."""
        try:
            runs = await asyncio.to_thread(self._reader.read)
        except AuditError as error:
            _log.error("the audit trail cannot be read: %s", error)
            return ()
        for run in runs:
            self._runs.setdefault(run.plan.id, run)
        return runs

    async def _entries(self, plan_id: str) -> Sequence[AuditEntry]:
        try:
            return await asyncio.to_thread(self._audit_log.entries, plan_id)
        except AuditError as error:
            _log.error("the audit trail cannot be read: %s", error)
            return ()

    def _tell(self, *runs: ActionRun) -> None:
        self._engine.publish([activity_of(run) for run in runs], self._clock.now())
