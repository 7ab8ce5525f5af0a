"""Adapters whose actions are careless on the wire: the conformance suite sees it."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import httpx
import pytest

from opsboard.adapter import (
    ActionSpec,
    Adapter,
    Check,
    Context,
    Poll,
    PollingSource,
    Progress,
    Receipt,
    ReconcileOutcome,
    ReconcileResult,
    Request,
    Source,
    SourceSettings,
    Verdict,
    listing,
)
from opsboard.adapter.actions import (
    Action,
    ActionRunner,
    Draft,
    PlanContext,
    ReadContext,
    SendContext,
)
from opsboard.records import Build, Kind, Status
from opsboard.testing import AdapterConformance, World

Client = httpx.AsyncClient


class LampSettings(SourceSettings):
    """Where the lamp is."""

    url: str


@dataclass(frozen=True)
class LampPayload:
    """There is one lamp, so nothing is to be said of it."""


class SwitchLamp(Action[Client, LampPayload]):
    """Switches the lamp; asks for it once and changes nothing before it is sent."""

    spec = ActionSpec("switch", "Switch", "Switch it.", frozenset({Kind.BUILD}))
    payload = LampPayload

    async def lamp(self, ctx: ReadContext[Client]) -> Any:
        return await ctx.once("lamp", lambda: _get(ctx.client))

    async def draft(
        self, ctx: ReadContext[Client], request: Request, values: Mapping[str, str]
    ) -> Draft[LampPayload]:
        lamp = await self.lamp(ctx)
        return Draft(payload=LampPayload(), target="the lamp", name="lamp", before=str(lamp["on"]))

    async def precondition(
        self, ctx: ReadContext[Client], payload: LampPayload
    ) -> Mapping[str, str]:
        return {"on": str((await self.lamp(ctx))["on"])}

    async def send(self, ctx: SendContext[Client], payload: LampPayload) -> Receipt:
        await ctx.client.put("/lamp")
        return Receipt(message="switched")

    async def observe(
        self, ctx: PlanContext[Client], payload: LampPayload, receipt: Receipt
    ) -> Progress:
        lamp = await self.lamp(ctx)
        return Progress(message=str(lamp["on"]), verdict=Verdict.SUCCEEDED)

    async def reconcile(self, ctx: PlanContext[Client], payload: LampPayload) -> ReconcileResult:
        await self.lamp(ctx)
        return ReconcileResult(outcome=ReconcileOutcome.NOT_DONE, message="it is as it was")


async def _get(client: Client) -> Any:
    return (await client.get("/lamp")).json()


class Forgetful(SwitchLamp):
    """Asks again and again."""

    async def lamp(self, ctx: ReadContext[Client]) -> Any:
        return await _get(ctx.client)


class Rash(SwitchLamp):
    """Tries it out while it plans."""

    async def draft(
        self, ctx: ReadContext[Client], request: Request, values: Mapping[str, str]
    ) -> Draft[LampPayload]:
        await ctx.client.put("/lamp")
        return await super().draft(ctx, request, values)


class LampSource(PollingSource):
    """The lamp, as a build."""

    def __init__(self, action: SwitchLamp, context: Context, client: Client) -> None:
        super().__init__(context)
        self.action_runner = ActionRunner([action], context, client)

    async def poll(self) -> Poll:
        lamp = Build(
            source=self.context.name, id="lamp", name="lamp", repository="home", workflow="light",
            number=1, state="on",
        )  # fmt: skip
        return Poll(listing("lamps", [lamp]))

    async def checks(self) -> AsyncIterator[Check]:
        yield Check("reachable", Status.OK, "the lamp is there")


class LampAdapter(Adapter[LampSettings]):
    """One lamp."""

    name, title, settings = "lamp", "Lamp", LampSettings
    kinds = frozenset({Kind.BUILD})
    actions = (SwitchLamp.spec,)
    action: ClassVar[SwitchLamp]

    @classmethod
    @asynccontextmanager
    async def connect(cls, settings: LampSettings, context: Context) -> AsyncIterator[Source]:
        async with Client(base_url=settings.url) as client:
            yield LampSource(cls.action, context, client)


def suite_for(carried_out: SwitchLamp) -> AdapterConformance:
    """Return the suite for an adapter with that action, on a lamp that is served by HTTP."""

    class Lamp(LampAdapter):
        action = carried_out

    class Suite(AdapterConformance):
        adapter = Lamp

        @asynccontextmanager
        async def world(self) -> AsyncIterator[World]:
            server = await asyncio.start_server(_serve, "127.0.0.1", 0)
            async with server:
                url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
                yield World(LampSettings(url=url))

    return Suite()


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    body = json.dumps({"on": True}).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def test_a_careful_action_passes() -> None:
    suite = suite_for(SwitchLamp())
    await suite.test_planning_and_looking_only_read()
    await suite.test_each_thing_is_asked_once_for_a_plan()
    await suite.test_nothing_is_carried_out_without_a_permit_that_is_open()
    await suite.test_no_registered_secret_goes_on_record()
    await suite.test_what_nobody_has_sent_is_not_called_done()


async def test_what_is_asked_twice_for_a_plan_is_seen() -> None:
    with pytest.raises(AssertionError, match="switch"):
        await suite_for(Forgetful()).test_each_thing_is_asked_once_for_a_plan()


async def test_what_is_changed_while_planning_is_seen() -> None:
    with pytest.raises(AssertionError, match="PUT http"):
        await suite_for(Rash()).test_planning_and_looking_only_read()
