"""The runner: turns a set of actions into what a source does about requests and plans.

It keeps the promises that the guard relies on, so that no action has to remember them:

- nothing is sent but by :meth:`Action.send`, which is only called with a permit that is open for
  this very plan, once, and right after the precondition was read afresh and found to hold;
- while anything is read, no permit is valid: what an action sends then is refused;
- an outcome that nobody saw is never taken for a failure, nor for a success;
- success needs a verdict of :meth:`Action.observe`, after a look at the server;
- what goes on record goes through JSON unharmed, and holds no secret that was registered.
"""

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, Generic, TypeVar
from uuid import uuid4

from opsboard.adapter.actions.action import Action, AdapterFault, precondition_named, returned
from opsboard.adapter.actions.contexts import PlanContext, ReadContext, ReadMemo, SendContext
from opsboard.adapter.actions.observation import poll_until_verdict
from opsboard.adapter.actions.planning import ActionPlanner
from opsboard.adapter.actions.start_checks import run_checks
from opsboard.adapter.context import Context
from opsboard.adapter.errors import (
    Malformed,
    NotFound,
    NotSent,
    OutcomeUnknown,
    PreconditionFailed,
    RequestRefused,
    SourceError,
    Unreachable,
    Unsupported,
)
from opsboard.adapter.forms import Form, Request
from opsboard.adapter.permit import Permit, reading_only, require_permit, sending
from opsboard.adapter.plans import (
    Plan,
    Progress,
    Receipt,
    ReconcileOutcome,
    ReconcileResult,
    Verdict,
)
from opsboard.adapter.start_findings import StartReport
from opsboard.system.containment import contained, named

C = TypeVar("C")

SENDS: Final = 5
"""How often a request is repeated that was refused since its object has another version by now.

Each names the version that it was made for: of those that were refused, nothing was done.
"""
LOOKS: Final = 2
"""How often it is tried to see what became of a plan, before an error is raised."""

_log = logging.getLogger(__name__)


class ActionRunner(Generic[C]):
    """Plans, carries out, observes and reconciles the *actions* of one source.

    *source* is what the collector gave to the source, *client* whatever the actions speak to their
    server with. *view* makes, out of the client and a memo, a client of the same type that asks
    each thing once: without it, actions call :meth:`ReadContext.once` themselves.
    """

    def __init__(
        self,
        actions: Iterable[Action[C, Any]],
        source: Context,
        client: C,
        *,
        view: Callable[[C, ReadMemo], C] = lambda client, _: client,
    ) -> None:
        self._actions: dict[str, Action[C, Any]] = {}
        for action in actions:
            self._add(action)
        self._source = source
        self._client = client
        self._view = view

    def _add(self, action: Action[C, Any]) -> None:
        given: object = action
        if isinstance(given, type):
            raise TypeError(f"ActionRunner takes actions, not classes: write {given.__name__}()")
        if action.spec.id in self._actions:
            raise ValueError(f"two actions of an ActionRunner have the id {action.spec.id!r}")
        self._actions[action.spec.id] = action

    @property
    def actions(self) -> Mapping[str, Action[C, Any]]:
        """The actions, by the id of their spec."""
        return self._actions

    # --- planning --------------------------------------------------------------------------------

    async def form(self, request: Request) -> Form:
        """Return what can be filled in for *request*."""
        action = self._requested(request)
        async with self._reading(uuid4().hex) as ctx:
            return returned(request.action, "form", await action.form(ctx, request), Form)

    async def plan(self, request: Request) -> Plan:
        """Return what *request* would do; by reading only, and dry runs."""
        action, plan_id = self._requested(request), uuid4().hex
        return await ActionPlanner(action, request, lambda: self._reading(plan_id)).plan()

    def _requested(self, request: Request) -> Action[C, Any]:
        action = self._action(request.action)
        if not action.spec.is_for(request.ref):
            raise Unsupported(f"{request.action} is not offered for any {request.ref.kind}")
        return action

    def _action(self, name: str) -> Action[C, Any]:
        if name not in self._actions:
            raise Unsupported(f"{self._source.name} has no action {name!r}")
        return self._actions[name]

    # --- carrying out ----------------------------------------------------------------------------

    async def execute(self, plan: Plan, permit: Permit) -> Receipt:
        """Carry out *plan*, once. Raises what :meth:`opsboard.adapter.Source.execute` does."""
        action = self._action(plan.action)
        payload = action.read_payload(plan)
        refused: tuple[str, RequestRefused] | None = None
        with permit.used_for(plan):
            for _ in range(SENDS):
                async with self._of(plan) as ctx:
                    version = await self._checked(action, ctx, payload)
                    if refused is not None and refused[0] == version:
                        raise refused[1]
                    try:
                        return await self._sent(action, SendContext(ctx, permit), payload)
                    except RequestRefused as refusal:
                        if not (refusal.conflict and version):
                            raise
                        refused = version, refusal
        raise PreconditionFailed(
            f"{plan.target} changes faster than it can be changed", "try again"
        )

    async def _checked(self, action: Action[C, Any], ctx: PlanContext[C], payload: Any) -> str:
        """Return the version that the precondition holds for. Raises :exc:`PreconditionFailed`."""
        plan = ctx.plan
        try:
            seen = await action.precondition(ctx, payload)
            now = precondition_named(plan.action, seen)
            version = await action.version(ctx, payload)
        except NotFound as error:
            raise PreconditionFailed(
                f"{plan.target} is gone: {error.message}", "nothing was done"
            ) from None
        if not plan.precondition:
            raise AdapterFault(plan.action, "sets no precondition")
        if _differs(plan, now):
            raise action.precondition_failed(plan, now)
        return version

    async def _sent(self, action: Action[C, Any], ctx: SendContext[C], payload: Any) -> Receipt:
        """Send, and tell what the server has refused from what it may have done."""
        try:
            with sending(ctx.permit):
                require_permit(ctx.permit, ctx.plan.title)
                with contained():
                    receipt = await action.send(ctx, payload)
                return returned(ctx.plan.action, "send", receipt, Receipt)
        except AdapterFault as error:
            raise _unknown(error.message) from None
        except (OutcomeUnknown, NotSent):
            raise
        except (Unreachable, Malformed) as error:
            raise _unknown(error.message) from None
        except SourceError:
            raise
        except Exception as error:
            _log.exception("%s: sending %s", self._source.name, ctx.plan.id)
            raise _unknown(named(error)) from error

    # --- afterwards ------------------------------------------------------------------------------

    def observe(self, plan: Plan, receipt: Receipt) -> AsyncGenerator[Progress, None]:
        """Yield how *plan* goes on, to its verdict."""
        action = self._action(plan.action)
        payload, state = action.read_payload(plan), dict[str, Any]()

        async def look() -> Progress:
            async with self._of(plan, state) as ctx:
                with contained():
                    seen = await action.observe(ctx, payload, receipt)
                progress = returned(plan.action, "observe", seen, Progress)
                if progress.verdict is Verdict.SUCCEEDED:
                    _has_looked(action, ctx)
                return progress

        return poll_until_verdict(
            look,
            now=self._source.now,
            pause=self._source.pause,
            timeout=plan.timeout,
            pace=lambda unchanged: action.pace(self._client, unchanged),
        )

    async def start_checks(self, plan: Plan) -> AsyncIterator[StartReport]:
        """Yield what each check of whether *plan* will start has found, as it ends."""
        action = self._action(plan.action)
        payload = action.read_payload(plan)
        async with self._of(plan) as ctx:
            async for report in run_checks(
                await action.start_checks(ctx, payload), self._source.name, self._source.now
            ):
                yield report

    async def reconcile(self, plan: Plan) -> ReconcileResult:
        """Return what became of *plan*, as far as it can be seen; waits for nothing.

        An answer that did not come is asked for once more; the core does the waiting.
        """
        action = self._action(plan.action)
        payload = action.read_payload(plan)
        for _ in range(LOOKS - 1):
            with suppress(Unreachable, Malformed):
                return await self._reconciled(action, plan, payload)
        return await self._reconciled(action, plan, payload)

    async def _reconciled(
        self, action: Action[C, Any], plan: Plan, payload: Any
    ) -> ReconcileResult:
        async with self._of(plan) as ctx:
            try:
                with contained():
                    seen = await action.reconcile(ctx, payload)
                result = returned(plan.action, "reconcile", seen, ReconcileResult)
            except NotFound as error:
                message = f"{plan.target} is gone: {error.message}"
                return ReconcileResult(outcome=ReconcileOutcome.UNKNOWN, message=message)
            if result.outcome is ReconcileOutcome.DONE:
                _has_looked(action, ctx)
            if result.outcome is ReconcileOutcome.NOT_DONE and not result.version:
                return await _as_of_a_version(action, ctx, payload, result)
            return result

    # --- contexts --------------------------------------------------------------------------------

    @asynccontextmanager
    async def _reading(self, plan_id: str) -> AsyncIterator[ReadContext[C]]:
        async with ReadMemo() as memo:
            with reading_only():
                yield ReadContext(self._view(self._client, memo), self._source, memo, plan_id)

    @asynccontextmanager
    async def _of(
        self, plan: Plan, state: dict[str, Any] | None = None
    ) -> AsyncIterator[PlanContext[C]]:
        async with ReadMemo() as memo:
            with reading_only():
                client = self._view(self._client, memo)
                yield PlanContext(client, self._source, memo, plan, state)


async def _as_of_a_version(
    action: Action[C, Any], ctx: PlanContext[C], payload: Any, result: ReconcileResult
) -> ReconcileResult:
    """Return *result*, not done, with what it means where each request names a version.

    What was sent was made for a version at which the precondition held. Where that holds no more,
    the server refuses what may still be under way: so it is final.
    """
    try:
        version = await action.version(ctx, payload)
        if not version:
            return result
        final = _differs(ctx.plan, await action.precondition(ctx, payload))
    except (NotFound, PreconditionFailed):
        return result
    return result.model_copy(update={"version": version, "final": result.final or final})


def _has_looked(action: Action[C, Any], ctx: ReadContext[C]) -> None:
    """Raise :exc:`AdapterFault` where *action* has come to a success without a look."""
    if not ctx.has_looked:
        raise AdapterFault(action.spec.id, "reports success without a check")


def _unknown(why: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"it may have been done, or not: {why}", "look at it before you try again"
    )


def _differs(plan: Plan, now: Mapping[str, str]) -> bool:
    return any(now.get(name) != value for name, value in plan.precondition.items())
