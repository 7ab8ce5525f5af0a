"""Nightly is a well-behaved adapter."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import pytest
from opsboard_nightly import Nightly, NightlySettings
from opsboard_nightly.runners import RUNNER

from opsboard.adapter import Adapter, PreconditionFailed, ReconcileOutcome, Request, Verdict
from opsboard.adapter.permit import issue_permit
from opsboard.records import Kind, Ref
from opsboard.testing import CANARY, HOSTILE_TEXT, AdapterConformance, World

TOKEN = "open-sesame-1"


def _job(number: int, name: str, project: str, state: str) -> dict[str, object]:
    at = f"2026-01-15T0{number}:00:00Z"
    return {"id": number, "name": name, "project": project, "state": state, "at": at}


JOBS = {
    "jobs": [
        _job(1, "rebuild", "prod-web", "passed"),
        _job(2, HOSTILE_TEXT, "web", "failed"),
    ]
}


RUNNERS = {
    "runners": [
        {
            "name": HOSTILE_TEXT, "state": "offline", "version": HOSTILE_TEXT, "slots": 4,
            "busy": 0, "labels": ["big", HOSTILE_TEXT], "seen": "2026-01-15T01:00:00Z",
        },
        {"name": "r1", "state": "online", "slots": 2, "busy": 1, "seen": "2026-01-15T02:00:00Z"},
    ]
}  # fmt: skip


QUEUE = {
    "queue": [
        {
            "id": 9, "name": HOSTILE_TEXT, "project": "web", "place": 1,
            "since": "2026-01-15T03:00:00Z",
        },
    ]
}  # fmt: skip


def _run(path: str) -> str:
    """Run the job again that *path* names: it is passed at once."""
    job = JOBS["jobs"][int(path.split("/")[2]) - 1]
    job |= {"state": "passed", "at": "2026-01-16T00:00:00Z"}
    return "202 Accepted"


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    request = (await reader.readuntil(b"\r\n\r\n")).decode()
    method, path = request.split()[:2]
    login = request.partition("Bearer ")[2].partition("\r\n")[0]
    status, body = "200 OK", json.dumps(JOBS)
    if login != TOKEN:
        status, body = "401 Unauthorized", f"{login} is no token of ours"
    elif method == "POST" and path in {"/jobs/1/run", "/jobs/2/run"}:
        status, body = _run(path), ""
    elif path in {"/jobs/1/log", "/jobs/2/log"}:
        body = "first\nlast\n"
    elif path == "/queue":
        body = json.dumps(QUEUE)
    elif path == "/runners":
        body = json.dumps(RUNNERS)
    elif path != "/jobs":
        status, body = "404 Not Found", ""
    content = body.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode() + content)
    await writer.drain()
    writer.close()
    await writer.wait_closed()


@asynccontextmanager
async def nightly(token: str) -> AsyncIterator[World]:
    server = await asyncio.start_server(_serve, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        settings = NightlySettings.model_validate({"url": url, "token": token})
        yield World(settings, hostile=True)


class TestNightly(AdapterConformance):
    adapter: ClassVar[type[Adapter[Any]]] = Nightly
    kinds_in_world: ClassVar[frozenset[Kind]] = frozenset({Kind.BUILD, RUNNER.name})

    @asynccontextmanager
    async def world(self) -> AsyncIterator[World]:
        async with nightly(TOKEN) as world:
            yield world

    @asynccontextmanager
    async def refusing_world(self) -> AsyncIterator[World]:
        async with nightly(CANARY) as world:
            yield world

    def unreachable(self) -> NightlySettings:
        return NightlySettings(url="http://127.0.0.1:1")

    async def test_a_job_is_run_again_once(self) -> None:
        async with self.listed() as (_, _, _, source):
            plan = await source.plan(Request(action="rerun", ref=Ref("example", Kind.BUILD, "2")))
            assert (plan.before, plan.after) == ("failed", "running")
            assert (await source.reconcile(plan)).outcome is ReconcileOutcome.NOT_DONE
            receipt = await source.execute(plan, issue_permit(plan))
            verdicts = [progress.verdict async for progress in source.observe(plan, receipt)]
            assert verdicts == [Verdict.SUCCEEDED]
            assert (await source.reconcile(plan)).outcome is ReconcileOutcome.DONE
            with pytest.raises(PreconditionFailed):
                await source.execute(plan, issue_permit(plan))
