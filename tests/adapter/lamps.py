"""A server of lamps to act on, and an action that switches one: the smallest that is all right."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from opsboard.adapter import (
    ActionSpec,
    Difference,
    Form,
    Input,
    NotFound,
    Permit,
    Plan,
    Progress,
    Receipt,
    ReconcileOutcome,
    ReconcileResult,
    Request,
    RequestRefused,
    SourceError,
    Verdict,
)
from opsboard.adapter.actions import (
    Action,
    ActionRunner,
    Draft,
    PlanContext,
    ReadContext,
    SendContext,
)
from opsboard.adapter.actions.findings import unchanged
from opsboard.adapter.permit import require_permit
from opsboard.records import Kind, Ref
from opsboard.testing import FakeContext
from opsboard.testing.fakes import EPOCH

LAMP = Ref("example", Kind.DEPLOYMENT, "hall")


@dataclass
class Lamp:
    """A lamp: each change of it is another version."""

    on: bool = False
    version: int = 1
    mark: str = ""


@dataclass
class Lamps:
    """The server. *asked* and *sent* are what came in; *trouble* what happens to the next."""

    lamps: dict[str, Lamp] = field(default_factory=lambda: {"hall": Lamp()})
    asked: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    read_errors: list[SourceError | None] = field(default_factory=list)
    send_errors: list[Exception] = field(default_factory=list)
    moves_before_send: int = 0

    async def get(self, name: str) -> Lamp:
        self.asked.append(name)
        await asyncio.sleep(0)
        if self.read_errors and (error := self.read_errors.pop(0)) is not None:
            raise error
        if name not in self.lamps:
            raise NotFound(f"there is no lamp {name}")
        lamp = self.lamps[name]
        return Lamp(lamp.on, lamp.version, lamp.mark)

    async def switch(
        self, name: str, version: int, mark: str, permit: Permit | None, *, on: bool
    ) -> None:
        require_permit(permit, f"PUT {name}")
        self.put(name, version, mark, on=on)

    def put(self, name: str, version: int, mark: str, *, on: bool) -> None:
        """Switch it, as a server does: no matter who asks."""
        self.sent.append(name)
        lamp = self.lamps[name]
        if self.moves_before_send:
            self.moves_before_send -= 1
            lamp.version += 1
        if self.send_errors:
            raise self.send_errors.pop(0)
        if version != lamp.version:
            raise RequestRefused(f"{name} has another version", conflict=True)
        lamp.on, lamp.version, lamp.mark = on, lamp.version + 1, mark


@dataclass(frozen=True)
class SwitchPayload:
    """Which lamp is switched, and how."""

    lamp: str
    on: bool


class Switch(Action[Lamps, SwitchPayload]):
    """Switches a lamp on or off."""

    spec = ActionSpec("switch", "Switch", "Switch it.", frozenset({Kind.DEPLOYMENT}))
    payload = SwitchPayload

    async def form(self, ctx: ReadContext[Lamps], request: Request) -> Form:
        lamp = await self._lamp(ctx, request.ref.id)
        default = "false" if lamp.on else "true"
        return Form(inputs=(Input(name="on", type="boolean", default=default, required=True),))

    async def draft(
        self, ctx: ReadContext[Lamps], request: Request, values: Mapping[str, str]
    ) -> Draft[SwitchPayload]:
        lamp, on = await self._lamp(ctx, request.ref.id), values["on"] == "true"
        before, after = str(lamp.on).lower(), str(on).lower()
        return Draft(
            payload=SwitchPayload(lamp=request.ref.id, on=on),
            target=f"lamp {request.ref.id}",
            name=request.ref.id,
            environments=("staging",),
            before=before,
            after=after,
            changes=(Difference(group="switch", name="on", before=before, after=after),),
            findings=(unchanged(f"it is {after}"),) if lamp.on is on else (),
        )

    async def precondition(
        self, ctx: ReadContext[Lamps], payload: SwitchPayload
    ) -> Mapping[str, str]:
        return {"on": str((await self._lamp(ctx, payload.lamp)).on)}

    async def version(self, ctx: ReadContext[Lamps], payload: SwitchPayload) -> str:
        return str((await self._lamp(ctx, payload.lamp)).version)

    async def send(self, ctx: SendContext[Lamps], payload: SwitchPayload) -> Receipt:
        version = (await self._lamp(ctx, payload.lamp)).version
        await ctx.client.switch(payload.lamp, version, ctx.plan_id, ctx.permit, on=payload.on)
        return Receipt(message="switched")

    async def observe(
        self, ctx: PlanContext[Lamps], payload: SwitchPayload, receipt: Receipt
    ) -> Progress:
        lamp = await self._lamp(ctx, payload.lamp)
        verdict = Verdict.SUCCEEDED if lamp.on is payload.on else None
        return Progress(message=f"it is {'on' if lamp.on else 'off'}", verdict=verdict)

    async def reconcile(self, ctx: PlanContext[Lamps], payload: SwitchPayload) -> ReconcileResult:
        done = (await self._lamp(ctx, payload.lamp)).mark == ctx.plan_id
        outcome = ReconcileOutcome.DONE if done else ReconcileOutcome.NOT_DONE
        return ReconcileResult(outcome=outcome, message="by its mark")

    @staticmethod
    async def _lamp(ctx: ReadContext[Lamps], name: str) -> Lamp:
        return await ctx.once(("lamp", name), lambda: ctx.client.get(name))


class QuickContext(FakeContext):
    """A context of which the time passes by its pauses alone, and at once."""

    def __init__(self) -> None:
        super().__init__()
        self.time = EPOCH

    def now(self) -> datetime:
        return self.time

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.time += timedelta(seconds=seconds)
        await asyncio.sleep(0)


def runner_of(
    server: Lamps, action: Action[Lamps, SwitchPayload] | None = None
) -> tuple[ActionRunner[Lamps], QuickContext]:
    """Return what runs *action*, by default an honest one, on *server*."""
    context = QuickContext()
    return ActionRunner([action or Switch()], context, server), context


async def planned(runner: ActionRunner[Lamps], **values: str) -> Plan:
    """Return the plan to switch the lamp, read again as from the audit trail."""
    plan = await runner.plan(Request(action="switch", ref=LAMP, values=values))
    assert Plan.model_validate_json(plan.model_dump_json()) == plan
    return plan
