"""Actions of a third party that forget one of their duties: the runner does not."""

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

import opsboard.adapter
from opsboard.adapter import (
    NotPermitted,
    OutcomeUnknown,
    Plan,
    PreconditionFailed,
    Progress,
    Receipt,
    ReconcileOutcome,
    ReconcileResult,
    Request,
    Verdict,
)
from opsboard.adapter.actions import (
    Action,
    ActionRunner,
    AdapterFault,
    Draft,
    PlanContext,
    ReadContext,
    SendContext,
)
from opsboard.adapter.actions.observation import LEAST_PACE
from opsboard.adapter.permit import issue_permit, refuse_unpermitted
from opsboard.adapter.plans import LONGEST_TIMEOUT
from opsboard.testing import ClosedPermit, FakeContext
from tests.adapter.lamps import LAMP, Lamps, Switch, SwitchPayload, planned, runner_of

TOKEN = "s3cr3t-T0ken-of-the-server"


class Unasked(Switch):
    """Sends without ever asking whether it may."""

    async def send(self, ctx: SendContext[Lamps], payload: SwitchPayload) -> Receipt:
        ctx.client.put(payload.lamp, 1, ctx.plan_id, on=payload.on)
        return Receipt(message="switched")


async def test_it_cannot_send_without_a_permit() -> None:
    runner, _ = runner_of(server := Lamps(), Unasked())
    plan = await planned(runner)
    with pytest.raises(NotPermitted):
        await runner.execute(plan, ClosedPermit())
    with pytest.raises(NotPermitted):
        await runner.execute(plan, issue_permit(plan, lambda: True))
    assert not server.sent
    permit = issue_permit(plan)
    await runner.execute(plan, permit)
    assert permit.was_asked_for, "the guard must not take it for never sent"


async def test_it_cannot_send_without_its_precondition_being_read_afresh() -> None:
    runner, _ = runner_of(server := Lamps(), Unasked())
    plan = await planned(runner)
    server.lamps["hall"].on = True
    with pytest.raises(PreconditionFailed):
        await runner.execute(plan, issue_permit(plan))
    assert not server.sent


class Unconditional(Switch):
    """Names nothing that has to stay the same."""

    async def precondition(
        self, ctx: ReadContext[Lamps], payload: SwitchPayload
    ) -> Mapping[str, str]:
        return {}


async def test_it_cannot_do_without_a_precondition() -> None:
    runner, _ = runner_of(server := Lamps(), Unconditional())
    with pytest.raises(AdapterFault, match="sets no precondition"):
        await planned(runner)
    honest, _ = runner_of(server)
    plan = (await planned(honest)).model_copy(update={"precondition": {}})
    with pytest.raises(AdapterFault, match="sets no precondition"):
        await runner.execute(plan, issue_permit(plan))
    assert not server.sent


class Boastful(Switch):
    """Says that all went well, without looking."""

    async def observe(
        self, ctx: PlanContext[Lamps], payload: SwitchPayload, receipt: Receipt
    ) -> Progress:
        return Progress(message="surely done", verdict=Verdict.SUCCEEDED)

    async def reconcile(self, ctx: PlanContext[Lamps], payload: SwitchPayload) -> ReconcileResult:
        return ReconcileResult(outcome=ReconcileOutcome.DONE, message="surely done")


async def test_it_cannot_claim_success_without_a_look() -> None:
    runner, _ = runner_of(Lamps(), Boastful())
    plan = await planned(runner)
    told = [one async for one in runner.observe(plan, Receipt(message=""))]
    assert [one.verdict for one in told] == [None, Verdict.TIMED_OUT]
    assert "reports success without a check" in told[0].message
    with pytest.raises(AdapterFault, match="without a check"):
        await runner.reconcile(plan)


class Vague(Switch):
    """Never comes to a verdict, whatever it says."""

    async def observe(
        self, ctx: PlanContext[Lamps], payload: SwitchPayload, receipt: Receipt
    ) -> Progress:
        await self._lamp(ctx, payload.lamp)
        return Progress(message="done!", done=1, total=1)


async def test_without_a_verdict_there_is_no_success() -> None:
    runner, _ = runner_of(Lamps(), Vague())
    plan = await planned(runner)
    told = [one async for one in runner.observe(plan, Receipt(message=""))]
    assert [one.verdict for one in told] == [None, Verdict.TIMED_OUT]


@dataclass(frozen=True)
class TellingPayload(SwitchPayload):
    """Has a place for what is no business of a plan."""

    login: str = ""


class Telling(Switch):
    """Puts the login into the payload, which goes on record."""

    payload = TellingPayload
    where = "payload"

    async def draft(
        self, ctx: ReadContext[Lamps], request: Request, values: Mapping[str, str]
    ) -> Draft[SwitchPayload]:
        draft = await super().draft(ctx, request, values)
        login = f"Bearer {TOKEN}" if self.where == "payload" else ""
        kept = TellingPayload(draft.payload.lamp, draft.payload.on, login)
        return Draft(payload=kept, target=draft.target, name=draft.name)

    async def precondition(
        self, ctx: ReadContext[Lamps], payload: SwitchPayload
    ) -> Mapping[str, str]:
        held = await super().precondition(ctx, payload)
        return {**held, "login": TOKEN} if self.where == "precondition" else held


@pytest.mark.parametrize("where", ["payload", "precondition"])
async def test_it_cannot_put_a_secret_on_record(where: str) -> None:
    action = Telling()
    action.where = where
    runner, context = runner_of(Lamps(), action)
    context.register_secret(TOKEN)
    with pytest.raises(AdapterFault, match=f"a secret into the {where}") as caught:
        await runner.plan(Request(action="switch", ref=LAMP))
    assert TOKEN not in caught.value.message


async def test_a_password_that_is_a_mere_word_makes_nothing_a_secret() -> None:
    runner, context = runner_of(Lamps())
    context.register_secret("hall")
    assert (await planned(runner)).payload["lamp"] == "hall"


class Hasty(Switch):
    """Sends while it plans, with a permit that it has kept from another time."""

    kept: Any = None
    phase = "draft"

    async def form(self, ctx: ReadContext[Lamps], request: Request) -> Any:
        await self._hurry("form", ctx)
        return await super().form(ctx, request)

    async def draft(
        self, ctx: ReadContext[Lamps], request: Request, values: Mapping[str, str]
    ) -> Draft[SwitchPayload]:
        await self._hurry("draft", ctx)
        return await super().draft(ctx, request, values)

    async def precondition(
        self, ctx: ReadContext[Lamps], payload: SwitchPayload
    ) -> Mapping[str, str]:
        await self._hurry("precondition", ctx)
        return await super().precondition(ctx, payload)

    async def observe(
        self, ctx: PlanContext[Lamps], payload: SwitchPayload, receipt: Receipt
    ) -> Progress:
        await self._hurry("observe", ctx)
        return await super().observe(ctx, payload, receipt)

    async def reconcile(self, ctx: PlanContext[Lamps], payload: SwitchPayload) -> ReconcileResult:
        await self._hurry("reconcile", ctx)
        return await super().reconcile(ctx, payload)

    async def _hurry(self, phase: str, ctx: ReadContext[Lamps]) -> None:
        if phase == self.phase:
            await ctx.client.switch("hall", 1, "", self.kept, on=True)


@pytest.mark.parametrize("phase", ["form", "draft", "precondition", "observe", "reconcile"])
async def test_it_cannot_change_anything_but_by_sending(phase: str) -> None:
    honest, _ = runner_of(server := Lamps())
    plan = await planned(honest)
    action = Hasty()
    runner, _ = runner_of(server, action)
    action.phase, action.kept = phase, issue_permit(plan)
    with action.kept.used_for(plan), pytest.raises(NotPermitted, match="may only read"):
        await _all_but_sending(runner, plan)
    assert not server.sent


async def _all_but_sending(runner: ActionRunner[Lamps], plan: Plan) -> None:
    await runner.plan(Request(action="switch", ref=LAMP))
    await runner.reconcile(plan)
    _ = [one async for one in runner.observe(plan, Receipt(message=""))]


async def test_a_client_of_httpx_is_held_to_it_by_a_hook() -> None:
    """Whatever an action sends by it outside of ``send`` is refused before it leaves."""
    sent = []

    def serve(request: httpx.Request) -> httpx.Response:
        sent.append(request.method)
        return httpx.Response(200)

    class Posting(Unasked):
        async def draft(
            self, ctx: ReadContext[Lamps], request: Request, values: Mapping[str, str]
        ) -> Draft[SwitchPayload]:
            await client.get("/lamps")
            if values["on"] == "false":
                await client.post("/lamps/hall")
            return await super().draft(ctx, request, values)

        async def send(self, ctx: SendContext[Lamps], payload: SwitchPayload) -> Receipt:
            await client.post("/lamps/hall")
            return Receipt(message="switched")

    hooks: Any = {"request": [refuse_unpermitted]}
    transport = httpx.MockTransport(serve)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://lamps", event_hooks=hooks
    ) as client:
        runner, _ = runner_of(Lamps(), Posting())
        with pytest.raises(NotPermitted, match="POST"):
            await planned(runner, on="false")
        plan = await planned(runner)
        assert sent == ["GET", "GET"]
        await runner.execute(plan, issue_permit(plan))
        assert sent == ["GET", "GET", "POST"]


def test_a_payload_has_to_be_frozen() -> None:
    @dataclass
    class Loose:
        lamp: str

    with pytest.raises(TypeError, match="frozen"):

        class Careless(Action[Lamps, Loose]):
            payload = Loose


async def test_a_payload_has_to_go_through_json_unharmed() -> None:
    @dataclass(frozen=True)
    class Lossy(SwitchPayload):
        at: Any = None

    class Lost(Switch):
        payload = Lossy

        async def draft(
            self, ctx: ReadContext[Lamps], request: Request, values: Mapping[str, str]
        ) -> Draft[SwitchPayload]:
            draft = await super().draft(ctx, request, values)
            kept = Lossy(draft.payload.lamp, draft.payload.on, at=("a", "tuple"))
            return Draft(payload=kept, target=draft.target, name=draft.name)

    runner, _ = runner_of(Lamps(), Lost())
    with pytest.raises(AdapterFault, match="does not go through JSON unharmed"):
        await planned(runner)


def _answering(phase: str, answer: object) -> type[Switch]:
    """Return an action whose *phase* returns *answer*, or raises it."""

    async def give(*_: object) -> object:
        if isinstance(answer, BaseException):
            raise answer
        return answer

    return type("Odd", (Switch,), {phase: give, "__module__": __name__})


@pytest.mark.parametrize("answer", [None, "done", 5, {"message": "done"}], ids=repr)
@pytest.mark.parametrize("phase", ["form", "draft", "precondition"])
async def test_what_is_no_answer_at_all_is_a_fault_of_the_action(phase: str, answer: Any) -> None:
    if phase == "precondition" and isinstance(answer, dict):
        answer = {"on": None}
    runner, _ = runner_of(Lamps(), _answering(phase, answer)())
    with pytest.raises(AdapterFault, match=rf"'switch' returns .*{phase}\(\)"):
        await runner.plan(Request(action="switch", ref=LAMP, values={"on": "true"}))


@pytest.mark.parametrize("answer", [None, "done"], ids=repr)
async def test_a_receipt_that_is_none_leaves_the_outcome_unknown(answer: object) -> None:
    runner, _ = runner_of(Lamps(), _answering("send", answer)())
    plan = await planned(runner)
    with pytest.raises(OutcomeUnknown, match="no Receipt"):
        await runner.execute(plan, issue_permit(plan))
    runner, _ = runner_of(Lamps(), _answering("reconcile", answer)())
    with pytest.raises(AdapterFault, match="no ReconcileResult"):
        await runner.reconcile(plan)


ENDS = (KeyboardInterrupt(), SystemExit(3), asyncio.CancelledError(), GeneratorExit())


@pytest.mark.parametrize("error", ENDS, ids=repr)
async def test_to_raise_what_ends_programs_is_an_unknown_outcome(error: BaseException) -> None:
    runner, _ = runner_of(Lamps(), _answering("send", error)())
    plan = await planned(runner)
    with pytest.raises(OutcomeUnknown, match=type(error).__name__):
        await runner.execute(plan, issue_permit(plan))


async def test_whoever_is_really_cancelled_while_sending_stays_so() -> None:
    begun = asyncio.Event()

    class Slow(Switch):
        async def send(self, ctx: SendContext[Lamps], payload: SwitchPayload) -> Receipt:
            begun.set()
            await asyncio.Event().wait()
            raise NotImplementedError

    runner, _ = runner_of(Lamps(), Slow())
    plan = await planned(runner)
    task = asyncio.create_task(runner.execute(plan, issue_permit(plan)))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


class Waiting(Switch):
    """Says how long it is followed, and never comes to a verdict."""

    timeout = 0.0

    async def draft(
        self, ctx: ReadContext[Lamps], request: Request, values: Mapping[str, str]
    ) -> Draft[SwitchPayload]:
        return replace(await super().draft(ctx, request, values), timeout=self.timeout)

    async def observe(
        self, ctx: PlanContext[Lamps], payload: SwitchPayload, receipt: Receipt
    ) -> Progress:
        return Progress(message="wait")


@pytest.mark.parametrize("seconds", [0.0, -1.0, math.nan])
async def test_a_timeout_that_is_none_is_a_fault_and_says_so(seconds: float) -> None:
    action = type("Timed", (Waiting,), {"timeout": seconds, "__module__": __name__})()
    runner, _ = runner_of(Lamps(), action)
    with pytest.raises(
        AdapterFault, match=r"no plan: timeout: must be (more than 0|a finite number)"
    ) as caught:
        await planned(runner)
    assert "https" not in str(caught.value)


@pytest.mark.parametrize("seconds", [math.inf, 1e300, 1e12])
async def test_a_timeout_without_end_has_one(seconds: float) -> None:
    action = type("Timed", (Waiting,), {"timeout": seconds, "__module__": __name__})()
    runner, _ = runner_of(Lamps(), action)
    plan = await planned(runner)
    assert plan.timeout == LONGEST_TIMEOUT
    assert Plan.model_validate_json(plan.model_dump_json()) == plan
    long = plan.model_copy(update={"timeout": seconds})
    async for progress in runner.observe(long, Receipt(message="")):
        if progress.verdict is not None:
            break
    assert progress.verdict is Verdict.TIMED_OUT


@pytest.mark.parametrize("seconds", [0.0, -5.0, math.nan, -math.inf])
async def test_a_pace_of_nothing_is_no_busy_loop(seconds: float) -> None:
    action = type("Paced", (Waiting,), {"timeout": 5.0, "pace": lambda *_: seconds})()
    runner, context = runner_of(Lamps(), action)
    async for _ in runner.observe(await planned(runner), Receipt(message="")):
        pass
    assert 5 <= len(context.pauses) <= 5 / LEAST_PACE + 2


def test_all_that_the_contract_names_is_there() -> None:
    for name in opsboard.adapter.__all__:
        assert getattr(opsboard.adapter, name) is not None


def test_a_runner_takes_objects_each_of_an_id_of_its_own() -> None:
    wrong: Any = [Switch]
    with pytest.raises(TypeError, match=r"write Switch\(\)"):
        ActionRunner(wrong, FakeContext(), Lamps())
    with pytest.raises(ValueError, match="two actions of an ActionRunner have the id 'switch'"):
        ActionRunner([Switch(), Unasked()], FakeContext(), Lamps())
