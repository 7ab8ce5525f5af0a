"""Models to act on, acts on them from form to verdict, and wires that fail while one is done."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count
from typing import Any

import httpx

from opsboard.adapter import Plan, Progress, Receipt, Request, Source
from opsboard.adapter.permit import issue_permit
from opsboard.records import Kind, Ref
from opsboard_adapters import http
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.login import MLflowLogin
from opsboard_adapters.mlflow.settings import MLflowSettings
from opsboard_adapters.mlflow.source import MLflowSource
from tests.adapters.mlflow.rounds import AppHarness
from tests.adapters.mlflow.seeding import Writer, measured

_NUMBERS = count(1)
SET_ALIAS = "registered-models/alias"
SET_TAG = "registered-models/set-tag"


def make_model(
    writer: Writer, versions: int, *, champion: int | None = None, stem: str = "model"
) -> str:
    """Register a model whose version n has ``auc`` 0.9 + n/100; return its name."""
    name = f"{stem}-{next(_NUMBERS)}"
    writer.model(name)
    for number in range(1, versions + 1):
        add_version(writer, name, auc=0.9 + number / 100)
    if champion is not None:
        writer.alias(name, "champion", str(champion))
    return name


def add_version(writer: Writer, name: str, *, auc: float | None = None, **run: Any) -> str:
    """Register a version; return its number."""
    metrics = [*run.pop("metrics", [])]
    if auc is not None:
        metrics.append(measured("auc", auc))
    made = writer.run(
        tags={"mlflow.source.git.commit": f"c0ffee{auc}", "mlflow.user": "ann"},
        params={"depth": str(len(metrics)), "seed": f"{auc}"},
        metrics=metrics,
        user="ann",
        **run,
    )
    return writer.version(name, made)


def ask(model: str, **values: str) -> Request:
    """Return the request to roll a model back."""
    return Request(action="rollback", ref=Ref("ml", Kind.MODEL, model), values=values)


def ask_version(model: str, version: str, **values: str) -> Request:
    """Return the request to let a version serve."""
    ref = Ref("ml", Kind.MODEL_VERSION, f"{model}/{version}")
    return Request(action="rollback", ref=ref, values=values)


async def carry_out(source: Source, request: Request) -> tuple[Plan, Receipt, Progress]:
    """Plan, execute and follow; the plan goes through JSON in between, as in the audit trail."""
    plan = Plan.model_validate_json((await source.plan(request)).model_dump_json())
    receipt = await source.execute(plan, issue_permit(plan))
    return plan, receipt, (await followed(source, plan, receipt))[-1]


async def followed(source: Source, plan: Plan, receipt: Receipt) -> list[Progress]:
    return [progress async for progress in source.observe(plan, receipt)]


class Wire(httpx.AsyncHTTPTransport):
    """Notes what is sent. *trouble* happens to requests that change something at *path*."""

    def __init__(self, path: str = "", trouble: "Trouble | None" = None) -> None:
        super().__init__()
        self.path = path
        self.trouble = trouble
        self.sent: list[tuple[str, str]] = []
        self.silent_for = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.partition("/2.0/mlflow/")[2]
        self.sent.append((request.method, path))
        if self.silent_for > 0:
            self.silent_for -= 1
            raise httpx.ConnectError("refused")
        if self.trouble is None or request.method == "GET" or path != self.path:
            return await super().handle_async_request(request)
        return await self.trouble(super().handle_async_request, request)

    @property
    def changing(self) -> list[str]:
        """The paths of the requests that change something."""
        return [path for method, path in self.sent if method != "GET" and path != "runs/search"]


Send = Callable[[httpx.Request], Awaitable[httpx.Response]]
Trouble = Callable[[Send, httpx.Request], Awaitable[httpx.Response]]


async def cut_after(send: Send, request: httpx.Request) -> httpx.Response:
    """Let it be done, and the answer be lost."""
    await (await send(request)).aclose()
    raise httpx.ReadError("cut")


async def cut_before(_send: Send, _request: httpx.Request) -> httpx.Response:
    """Lose it on the way."""
    raise httpx.ReadTimeout("silence")


async def broken_after(send: Send, request: httpx.Request) -> httpx.Response:
    """Let it be done, and a proxy answer that it is in trouble."""
    await (await send(request)).aclose()
    return httpx.Response(502, text="bad gateway")


async def broken_before(_send: Send, _request: httpx.Request) -> httpx.Response:
    """Let a proxy answer that the server is in trouble."""
    return httpx.Response(503, text="down")


async def no_connection(_send: Send, _request: httpx.Request) -> httpx.Response:
    """Send nothing at all."""
    raise httpx.ConnectError("refused")


@asynccontextmanager
async def acting(
    url: str, wire: Wire | None = None, **settings: Any
) -> AsyncIterator[tuple[MLflowSource, Wire]]:
    """Hold a source that speaks to *url* over *wire*. Its pauses do not wait."""
    wire = wire or Wire()
    config = MLflowSettings(tracking_uri=url, **settings)
    stage = Restless()
    auth = (config.username, "very secret 1") if config.username else None
    async with http.open_client(f"{url}/", transport=wire, auth=auth) as client:
        api = MLflowApi(client, now=stage.now)
        login = MLflowLogin(config.username or "", "very secret 1" if config.username else "")
        yield MLflowSource(config, stage, api, api, login), wire


class Restless(AppHarness):
    """A context whose pauses end at once, as if the time had passed."""

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.time += timedelta(seconds=seconds)


def differences(plan: Plan, group: str) -> dict[str, tuple[str | None, str | None]]:
    """Return what changes of a kind, by name."""
    return {one.name: (one.before, one.after) for one in plan.changes if one.group == group}


def findings(plan: Plan) -> Sequence[str]:
    return [f"{one.severity}: {one.text}" for one in plan.findings]
