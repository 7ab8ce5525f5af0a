"""Acting, all of it: implements :class:`opsboard.act.acts.Acts` in the engine's loop."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from typing import Final, TypeVar

from opsboard.act.audit.entry import Event, Result
from opsboard.act.audit.trail import Trail
from opsboard.act.doubts import Doubts
from opsboard.act.execution import Execution
from opsboard.act.guard import Guard, Refused
from opsboard.act.holds import HeldError, Hold, Holder, Holds
from opsboard.act.judgement import Consent, Judgement
from opsboard.act.ledger import Act, activity
from opsboard.act.near import near
from opsboard.act.plan_history import PlanHistory
from opsboard.act.policy import Policy
from opsboard.act.reach import Reach
from opsboard.act.recovery import Recovery
from opsboard.act.retraining import OFFER as RETRAINING
from opsboard.act.retraining import Retraining
from opsboard.act.secrecy import Secrecy
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
)
from opsboard.board.failures import Failure
from opsboard.collect.redact import Redactor
from opsboard.config.environments import EnvironmentRules
from opsboard.config.settings import Settings
from opsboard.records import Activity, ActivityState, Record, Ref

_GOOD: Final = frozenset({Result.SUCCEEDED})
T = TypeVar("T")


class Operations:
    """Plans and carries out. *settings* are those of the config, once it has been read.

    *on_board* returns a record as the board has it, *seen* what has failed of what it is about;
    both may be asked from any thread.
    """

    def __init__(
        self,
        reach: Reach,
        trail: Trail,
        clock: Clock,
        redactor: Redactor,
        settings: Settings,
        *,
        read_only: bool = False,
        on_board: Callable[[Ref], Record | None] = lambda _: None,
        seen: Callable[[Record], Sequence[Failure]] = lambda _: (),
    ) -> None:
        self._on_board = on_board
        self._seen = seen
        self._reach = reach
        self._trail = trail
        self._holds = Holds(trail.file.parent)
        self._clock = clock
        self._redactor = redactor
        self._retraining = Retraining(
            settings.retrain, reach, EnvironmentRules(settings.environments)
        )
        self._acts: dict[str, Act] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._sending = 0
        self._recovery = Recovery(
            reach, trail, clock,
            holds=self._holds, acts=self._acts, execution=self._execution, keep=self._keep,
        )  # fmt: skip
        self._doubts = Doubts(trail.file, self._recovery.on_record, clock)
        self._history = PlanHistory(self._doubts.acts, trail.actor)
        policy = Policy(settings, read_only=read_only)
        self._guard = Guard(
            policy, trail, clock, self._sealed, touched=self._touched, doubt=self._doubts.about
        )
        self._secrecy = Secrecy(redactor)

    # --- from any thread -------------------------------------------------------------------------

    def offers(self, record: Record) -> Sequence[ActionAvailability]:
        resolved = self._reach.resolved(record.source)
        if resolved is None:
            return ()
        adapter = resolved.adapter
        offered = [
            ActionAvailability(
                offer,
                self._guard.forbids(offer, record)
                or adapter.disabled_reason(offer, record, resolved.settings),
            )
            for offer in adapter.actions
            if record.kind in offer.kinds
        ]
        if record.kind in RETRAINING.kinds:
            why = self._guard.forbids(RETRAINING, record)
            why = why or self._retraining.disabled_reason(record, self._sealed)
            offered.append(ActionAvailability(RETRAINING, why))
        return offered

    async def form(self, request: Request) -> Form:
        return await self._reach.across(self._form(request))

    async def plan(self, request: Request) -> Plan:
        return await self._reach.across(self._plan(request))

    def judge(self, plans: Sequence[Plan]) -> Judgement:
        return self._guard.judge(plans)

    async def begin(
        self, plans: Sequence[Plan], consent: Consent, *, keep_going: bool = False
    ) -> None:
        await self._reach.across(self._begin(tuple(plans), consent, keep_going))

    async def detail(self, ref: Ref) -> Detail:
        act = self._acts.get(ref.id)
        if act is None:
            raise NotFound(f"there is no act {ref.id}", "`opsboard audit` tells of all of them")
        return near(act)

    async def take_up(self, ref: Ref) -> None:
        await self._reach.across(self._recovery.take_up(ref))

    async def resume(self) -> None:
        """Show what earlier sessions did; go on with what they left. In the engine's loop."""
        await self._recovery.resume()

    async def settle_left(self) -> Sequence[Activity]:
        """Settle what programs left that were killed; return how each stands."""
        return await self._reach.across(self._recovery.settle_left())

    @property
    def problems(self) -> Sequence[str]:
        return tuple(self._trail.problems)

    @property
    def pending(self) -> str:
        return ""

    @property
    def sending(self) -> int:
        return self._sending

    # --- in the engine's loop: planning ----------------------------------------------------------

    async def _form(self, request: Request) -> Form:
        if request.action == RETRAIN:
            form = await self._retraining.form(request, await self._record(request.ref))
            return self._secrecy.form(request, form)
        collector = await self._reach.collector(request.ref.source)
        form = await collector.ask(lambda source: source.form(request))
        await self._doubts.refresh()
        form = self._history.noted(form, request.ref, self._seen_of(request.ref), self._clock.now())
        return self._secrecy.form(request, form)

    async def _plan(self, request: Request) -> Plan:
        request = self._secrecy.asked(request)
        if request.action == RETRAIN:
            plan = await self._retraining.plan(request, await self._record(request.ref))
        else:
            collector = await self._reach.collector(request.ref.source)
            plan = await collector.ask(lambda source: source.plan(request))
        await self._doubts.refresh()
        if doubt := self._doubts.about(plan):
            finding = Finding(severity=Severity.WARNING, text=doubt)
            plan = plan.model_copy(update={"findings": (*plan.findings, finding)})
        plan = self._history.told(plan, self._seen_of(plan.ref), self._clock.now())
        return self._secrecy.shown(plan.touching(self._touched(plan)))

    def _seen_of(self, ref: Ref) -> Sequence[Failure]:
        """Return what has failed, in this session, of that which the record *ref* is about."""
        record = self._on_board(ref)
        return self._seen(record) if record is not None else ()

    async def _record(self, ref: Ref) -> Record:
        """Return the record of *ref*, as its source has it now."""
        collector = await self._reach.collector(ref.source)
        detail = await collector.ask(lambda source: source.detail(ref))
        return detail.record

    def _touched(self, plan: Plan) -> Sequence[str]:
        """Return the environments that *plan* touches whatever its adapter says.

        They are that of the record as the board has it, and those that the config gives to the
        sources that the plan is of and is carried out by. From any thread.
        """
        record = self._on_board(plan.ref)
        named = [record.environment if record is not None else ""]
        for source in (plan.ref.source, plan.by):
            resolved = self._reach.resolved(source)
            named.append((resolved.settings.environment if resolved else None) or "")
        return tuple(filter(None, named))

    def _sealed(self, source: str) -> str:
        """Return why nothing may be done by *source*, or ``""``."""
        resolved = self._reach.resolved(source)
        if resolved is None:
            return f"there is no source {source!r}"
        if not resolved.settings.read_only:
            return ""
        by = f" ({resolved.read_only_by})" if resolved.read_only_by else ""
        return f"{source} is read-only{by}"

    # --- in the engine's loop: carrying out ------------------------------------------------------

    async def _begin(self, plans: tuple[Plan, ...], consent: Consent, keep_going: bool) -> None:
        await self._doubts.refresh()
        begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        task = self._keep(self._all(plans, consent, keep_going, begun))
        await asyncio.wait((task, begun), return_when=asyncio.FIRST_COMPLETED)
        if not begun.done():  # whatever ended it before anything was begun
            task.result()
            raise Refused("there is nothing to do")
        begun.result()

    async def _all(
        self,
        plans: tuple[Plan, ...],
        consent: Consent,
        keep_going: bool,
        begun: "asyncio.Future[None]",
    ) -> None:
        """Carry out *plans* in their order; *begun* is told of the first one."""
        consent = self._secrecy.consent(consent)
        since = self._clock.now()
        for at, plan in enumerate(plans):
            try:
                act, permit, hold = self._admit(plan, plans, consent, since)
            except Refused as error:
                if not begun.done():
                    begun.set_exception(error)
                    return
                self._tell_left_out(plan, error.message)
                continue
            if not begun.done():
                begun.set_result(None)
            with hold:
                result = await self._one(act, permit)
            if result not in _GOOD and not keep_going:
                for left in plans[at + 1 :]:
                    self._tell_left_out(left, f"not begun: {plan.target} has not succeeded")
                return

    def _admit(
        self, plan: Plan, among: tuple[Plan, ...], consent: Consent, since: datetime
    ) -> tuple[Act, Permit, Hold]:
        """Return *plan* as an act that is on record and in this program's hands."""
        whole = self._secrecy.whole(plan)
        try:
            hold = self._holds.take(plan.id)
        except HeldError as error:
            raise Refused(f"{plan.title}: {error}") from None
        try:
            permit, intent = self._guard.admit(plan, among, consent, since, whole=whole)
        except BaseException:
            hold.release()
            raise
        act = self._acts[plan.id] = Act(intent, holder=Holder.PROGRAM)
        return act, permit, hold

    async def _one(self, act: Act, permit: Permit) -> Result:
        execution = self._execution(act)
        self._sending += 1
        try:
            result = await execution.send(permit)
        finally:
            self._sending -= 1
        if result is Result.UNKNOWN:
            result = await execution.reconcile()
        if result is Result.DONE:
            result = await execution.follow()
        self._reach.refresh(act.plan.ref.source)
        return result

    def _execution(self, act: Act) -> Execution:
        whole = self._secrecy.made(act.plan)
        return Execution(act, self._reach, self._trail, self._clock, self._redactor, whole=whole)

    def _tell_left_out(self, plan: Plan, why: str) -> None:
        entry = self._trail.entry(Event.INTENT)
        left = activity(plan, entry, ActivityState.REFUSED, why, updated_at=entry.at)
        self._reach.tell([left], entry.at)

    def _keep(self, work: Coroutine[object, object, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
