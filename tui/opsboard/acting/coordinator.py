"""The action service: sources plan, the guard decides, the engine's loop carries out."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from datetime import datetime
from typing import Final, TypeVar

from opsboard.acting.activity_detail import run_detail
from opsboard.acting.adapter_answers import disabled_reason, returned
from opsboard.acting.audit.action_history import ActionRun, activity
from opsboard.acting.audit.entry import AuditEvent, AuditResult
from opsboard.acting.audit.log import AuditLog
from opsboard.acting.decision import Consent, GuardDecision
from opsboard.acting.engine_port import EnginePort
from opsboard.acting.execution import RunExecution
from opsboard.acting.guard import Guard, Refused
from opsboard.acting.live_policy import LivePolicy
from opsboard.acting.plan_history import PlanHistory
from opsboard.acting.plan_masking import PlanMasker
from opsboard.acting.plan_sources import PlanSources
from opsboard.acting.policy import Policy
from opsboard.acting.recovery import Recovery
from opsboard.acting.retraining import RETRAIN_SPEC as RETRAINING
from opsboard.acting.retraining import Retraining
from opsboard.acting.run_locks import LockHolder, RunLock, RunLockedError, RunLocks
from opsboard.acting.starting.checks import StartChecks
from opsboard.acting.starting.judges import JudgesOf, no_judges
from opsboard.acting.unresolved import UnresolvedRuns
from opsboard.adapter import (
    RETRAIN,
    ActionAvailability,
    Clock,
    Detail,
    Finding,
    Form,
    NotFound,
    Permit,
    Plan,
    Request,
    Severity,
    StartState,
)
from opsboard.board.failures import Failure
from opsboard.collect.redact import Redactor
from opsboard.config.settings import Settings
from opsboard.environments.rules import EnvironmentRules
from opsboard.records import Activity, ActivityState, Record, Ref

_GOOD: Final = frozenset({AuditResult.SUCCEEDED})
_log = logging.getLogger(__name__)
T = TypeVar("T")


class ActionCoordinator:
    """Implements :class:`~opsboard.acting.service.ActionService` by the *engine*.

    *judges* returns who is asked whether a plan will start, beside its source.
    *on_board* returns a record as the board has it, *seen* what has failed in this session of the
    thing that a record is about. Both may be called from any thread.
    """

    def __init__(
        self,
        engine: EnginePort,
        audit_log: AuditLog,
        clock: Clock,
        redactor: Redactor,
        settings: Settings,
        *,
        read_only: bool = False,
        on_board: Callable[[Ref], Record | None] = lambda _: None,
        seen: Callable[[Record], Sequence[Failure]] = lambda _: (),
        judges: JudgesOf = no_judges,
    ) -> None:
        self._on_board, self._seen = on_board, seen
        self._engine = engine
        self._audit_log = audit_log
        self._locks = RunLocks(audit_log.file.parent)
        self._clock = clock
        self._redactor = redactor
        self._environments = EnvironmentRules(settings.environments)
        self._retraining = Retraining(settings.retrain, engine, self._environments)
        self._runs: dict[str, ActionRun] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._sending_count = 0
        self._recovery = Recovery(
            engine, audit_log, clock,
            locks=self._locks, runs=self._runs, execution=self._execution, keep=self._keep,
        )  # fmt: skip
        self._unresolved = UnresolvedRuns(audit_log.file, self._recovery.read_runs, clock)
        self._history = PlanHistory(self._unresolved.runs, audit_log.actor)
        self._plan_sources = PlanSources(engine.resolved)
        self._policy = LivePolicy(Policy(settings, read_only=read_only))
        self._guard = Guard(
            self._policy,
            audit_log,
            clock,
            self._block_reason,
            environments=self._environments_of,
            unresolved=self._unresolved.describe,
            outdated=self._plan_sources.why_not,
        )
        self._masker = PlanMasker(redactor)
        self._judges = judges
        self._start_checks = StartChecks(engine, clock.now, judges(settings))

    # --- from any thread -------------------------------------------------------------------------

    def available_actions(self, record: Record) -> Sequence[ActionAvailability]:
        resolved = self._engine.resolved(record.source)
        if resolved is None:
            return ()
        offered = [
            ActionAvailability(
                offer,
                self._guard.forbidden_reason(offer, record)
                or disabled_reason(resolved, offer, record),
            )
            for offer in resolved.adapter.actions
            if offer.is_for(record.ref)
        ]
        if record.kind in RETRAINING.kinds:
            why = self._guard.forbidden_reason(RETRAINING, record)
            why = why or self._retraining.disabled_reason(record, self._block_reason)
            offered.append(ActionAvailability(RETRAINING, why))
        return offered

    async def form(self, request: Request) -> Form:
        return await self._engine.run_in_engine(self._form(request))

    async def plan(self, request: Request) -> Plan:
        return await self._engine.run_in_engine(self._plan(request))

    async def start_checks(self, plan: Plan) -> AsyncIterator[Plan]:
        while plan.start_state is StartState.CHECKING:
            plan = await self._engine.run_in_engine(self._checked(plan))
            yield plan

    def decide(self, plans: Sequence[Plan]) -> GuardDecision:
        return self._guard.decide(plans)

    async def start(
        self, plans: Sequence[Plan], consent: Consent, *, keep_going: bool = False
    ) -> None:
        await self._engine.run_in_engine(self._start(tuple(plans), consent, keep_going))

    async def detail(self, ref: Ref) -> Detail:
        run = self._runs.get(ref.id)
        if run is None:
            raise NotFound(f"there is no action {ref.id}", "`opsboard audit` tells of all of them")
        return run_detail(run)

    async def resume(self, ref: Ref) -> None:
        await self._engine.run_in_engine(self._recovery.resume(ref))

    async def resume_open_runs(self) -> None:
        """Show the runs of earlier sessions; continue those left open. In the engine's loop."""
        await self._recovery.resume_open_runs()

    async def reconcile_abandoned(self) -> Sequence[Activity]:
        """Reconcile the runs of programs that were killed; return the state of each."""
        return await self._engine.run_in_engine(self._recovery.reconcile_abandoned())

    @property
    def problems(self) -> Sequence[str]:
        return tuple(self._audit_log.problems)

    @property
    def not_ready_reason(self) -> str:
        return ""

    @property
    def sending_count(self) -> int:
        return self._sending_count

    def use_settings(self, settings: Settings) -> None:
        """Go by *settings*, which the config has now: what they allow less counts at once."""
        self._policy.use(settings)
        self._start_checks.use(self._judges(settings))
        self._retraining = Retraining(settings.retrain, self._engine, self._environments)

    @property
    def is_busy(self) -> bool:
        """Whether any action is under way, or followed to its end."""
        return bool(self._tasks)

    # --- in the engine's loop: planning ----------------------------------------------------------

    async def _form(self, request: Request) -> Form:
        if request.action == RETRAIN:
            form = await self._retraining.form(request, await self._record(request.ref))
            return self._masker.form(request, form)
        collector = await self._engine.collector(request.ref.source)
        form = returned(await collector.ask(lambda source: source.form(request)), Form)
        await self._unresolved.refresh()
        form = self._history.with_notes(
            form, request.ref, self._seen_of(request.ref), self._clock.now()
        )
        return self._masker.form(request, form)

    async def _plan(self, request: Request) -> Plan:
        request = self._masker.without_blanks(request)
        if request.action == RETRAIN:
            plan = await self._retraining.plan(request, await self._record(request.ref))
        else:
            collector = await self._engine.collector(request.ref.source)
            plan = returned(await collector.ask(lambda source: source.plan(request)), Plan)
        self._plan_sources.note(plan)
        await self._unresolved.refresh()
        if doubt := self._unresolved.describe(plan):
            finding = Finding(severity=Severity.WARNING, text=doubt)
            plan = plan.model_copy(update={"findings": (*plan.findings, finding)})
        plan = self._history.with_history(plan, self._seen_of(plan.ref), self._clock.now())
        return self._masker.masked(plan.touching(self._environments_of(plan)))

    async def _checked(self, plan: Plan) -> Plan:
        """Return *plan* with what was found since of whether it will start."""
        whole = self._masker.to_execute(plan)
        whole = await self._start_checks.after(whole, len(plan.start_findings))
        return self._masker.masked(whole)

    def _seen_of(self, ref: Ref) -> Sequence[Failure]:
        """Return the failures, in this session, of what the record *ref* is about."""
        record = self._on_board(ref)
        return self._seen(record) if record is not None else ()

    async def _record(self, ref: Ref) -> Record:
        """Return the record *ref* as its source has it now."""
        collector = await self._engine.collector(ref.source)
        detail = await collector.ask(lambda source: source.detail(ref))
        return detail.record

    def _environments_of(self, plan: Plan) -> Sequence[str]:
        """Return the environments that *plan* touches, whatever its adapter says.

        These are that of the record as the board has it, and those that the config gives to the
        source of the record and to the source that executes the plan. From any thread.
        """
        record = self._on_board(plan.ref)
        named = [record.environment if record is not None else ""]
        for source in (plan.ref.source, plan.by):
            resolved = self._engine.resolved(source)
            named.append((resolved.settings.environment if resolved else None) or "")
        return tuple(filter(None, named))

    def _block_reason(self, source: str) -> str:
        """Return why *source* must not change anything, or ``""``."""
        resolved = self._engine.resolved(source)
        if resolved is None:
            return f"there is no source {source!r}"
        if not resolved.settings.read_only:
            return ""
        by = f" ({resolved.read_only_by})" if resolved.read_only_by else ""
        return f"{source} is read-only{by}"

    # --- in the engine's loop: carrying out ------------------------------------------------------

    async def _start(self, plans: tuple[Plan, ...], consent: Consent, keep_going: bool) -> None:
        await self._unresolved.refresh()
        begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        task = self._keep(self._run_all(plans, consent, keep_going, begun))
        await asyncio.wait((task, begun), return_when=asyncio.FIRST_COMPLETED)
        if not begun.done():  # it ended before anything was started
            task.result()
            raise Refused("there is nothing to do")
        begun.result()

    async def _run_all(
        self,
        plans: tuple[Plan, ...],
        consent: Consent,
        keep_going: bool,
        begun: "asyncio.Future[None]",
    ) -> None:
        """Carry out *plans* in their order; *begun* is resolved when the first one starts."""
        consent = self._masker.consent(consent)
        since = self._clock.now()
        for at, plan in enumerate(plans):
            try:
                run, permit, lock = self._admit(plan, plans, consent, since)
            except Refused as error:
                if not begun.done():
                    begun.set_exception(error)
                    return
                self._report_skipped(plan, error.message)
                continue
            if not begun.done():
                begun.set_result(None)
            with lock:
                result = await self._run_one(run, permit)
            if result not in _GOOD and not keep_going:
                for left in plans[at + 1 :]:
                    self._report_skipped(left, f"not started: {plan.target} has not succeeded")
                return

    def _admit(
        self, plan: Plan, among: tuple[Plan, ...], consent: Consent, since: datetime
    ) -> tuple[ActionRun, Permit, RunLock]:
        """Return *plan* as a run with its intent on record, its permit and its lock."""
        whole = self._masker.to_execute(plan)
        try:
            lock = self._locks.acquire(plan.id)
        except RunLockedError as error:
            raise Refused(f"{plan.title}: {error}") from None
        try:
            permit, intent = self._guard.admit(plan, among, consent, since, original=whole)
        except BaseException:
            lock.release()
            raise
        run = self._runs[plan.id] = ActionRun(intent, holder=LockHolder.PROGRAM)
        return run, permit, lock

    async def _run_one(self, run: ActionRun, permit: Permit) -> AuditResult:
        execution = self._execution(run)
        self._sending_count += 1
        try:
            result = await execution.send(permit)
        finally:
            self._sending_count -= 1
        if result is AuditResult.UNKNOWN:
            result = await execution.reconcile()
        if result is AuditResult.DONE:
            result = await execution.observe()
        self._engine.refresh(run.plan.ref.source)
        return result

    def _execution(self, run: ActionRun) -> RunExecution:
        whole = self._masker.original(run.plan)
        return RunExecution(
            run, self._engine, self._audit_log, self._clock, self._redactor, whole=whole
        )

    def _report_skipped(self, plan: Plan, why: str) -> None:
        entry = self._audit_log.entry(AuditEvent.INTENT)
        left = activity(plan, entry, ActivityState.REFUSED, why, updated_at=entry.at)
        self._engine.publish([left], entry.at)

    def _keep(self, work: Coroutine[object, object, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
