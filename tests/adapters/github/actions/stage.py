"""The adapter on the demo's GitHub, where pausing lets time pass, and every request is noted."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette

from opsboard.adapter import Form, Plan, Progress, Receipt, ReconcileResult, Request, Source
from opsboard.adapter.permit import issue_permit
from opsboard.demo.app import build_app
from opsboard.demo.world.controllers import WorldControllers
from opsboard.demo.world.seed_data import create_world
from opsboard.demo.world.world import DemoWorld
from opsboard.records import Kind, Ref
from opsboard_adapters.github.settings import GitHubSettings
from opsboard_adapters.github.source import connect
from tests.adapters.github.support import FakeContext, context

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
OWNER = "harbourside"
SETTINGS = GitHubSettings(
    api_url="http://127.0.0.1/api/v3", organisations=(OWNER,), poll_active=5.0
)
Tamper = Callable[[httpx.Request], httpx.Response | None]


@dataclass
class Wire(httpx.AsyncBaseTransport):
    """Notes each request. *tamper* may answer in the server's place, or raise."""

    app: Starlette
    sent: list[httpx.Request] = field(default_factory=list)
    tamper: Tamper = lambda request: None
    cut: bool = False
    """Whether the answers to what changes something are lost after it was done."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        if (answer := self.tamper(request)) is not None:
            return answer
        done = await httpx.ASGITransport(app=self.app).handle_async_request(request)
        if self.cut and request.method == "POST":
            raise httpx.ReadError("connection reset by peer")
        return done

    @property
    def posted(self) -> list[httpx.Request]:
        return [request for request in self.sent if request.method not in {"GET", "HEAD"}]


@dataclass
class AppHarness:
    """A source on a world."""

    world: DemoWorld
    controllers: WorldControllers
    wire: Wire
    ctx: FakeContext
    source: Source

    def run(self, seconds: float) -> None:
        """Let time pass."""
        self.ctx.time += timedelta(seconds=seconds)
        self.world.advance(self.ctx.time)

    def build(self, repository: str, fits: Callable[[Any], bool]) -> Ref:
        """Return the newest run of *repository* that *fits*."""
        now = self.world.now
        runs = [one for one in self.world.repositories[repository].runs if one.created_at <= now]
        newest = max((one for one in runs if fits(one)), key=lambda one: (one.created_at, one.id))
        return Ref("github", Kind.BUILD, f"{OWNER}/{repository}/{newest.id}")

    def ended(self, repository: str, workflow: str, conclusion: str) -> Ref:
        """Return the newest run of *workflow* that ended so."""
        return self.build(
            repository,
            lambda one: (
                one.workflow.spec.name == workflow
                and one.status(self.world.now).value == "completed"
                and one.conclusion.value == conclusion
            ),
        )

    def the_run(self, ref: Ref) -> Any:
        _, repository, number = ref.id.split("/")
        runs = self.world.repositories[repository].runs
        return next(one for one in runs if one.id == int(number))

    async def form(self, action: str, ref: Ref, /, **values: str) -> Form:
        return await self.source.form(Request(action=action, ref=ref, values=values))

    async def plan(self, action: str, ref: Ref, /, **values: str) -> Plan:
        plan = await self.source.plan(Request(action=action, ref=ref, values=values))
        return Plan.model_validate_json(plan.model_dump_json())  # as the audit trail has it

    async def execute(self, plan: Plan) -> Receipt:
        return await self.source.execute(plan, issue_permit(plan))

    async def observe(self, plan: Plan, receipt: Receipt) -> list[Progress]:
        self.ctx.rounds = 200
        return [one async for one in self.source.observe(plan, receipt)]

    async def reconcile(self, plan: Plan) -> ReconcileResult:
        self.ctx.rounds = 200
        return await self.source.reconcile(plan)


@asynccontextmanager
async def staged(tmp_path: Path, **settings: Any) -> AsyncIterator[AppHarness]:
    """Hold a source on a world in which a deployment has failed, and the next one waits."""
    ctx = context(tmp_path, GH_ENTERPRISE_TOKEN="t0ken")
    world, controllers = create_world(7, NOW)
    ctx.time = NOW + timedelta(minutes=26)
    world.advance(ctx.time)
    wire = Wire(build_app(world, controllers, lambda: ctx.time))
    given = SETTINGS.model_copy(update=settings)
    async with connect(given, ctx, transport=wire) as source:
        yield AppHarness(world, controllers, wire, ctx, source)
