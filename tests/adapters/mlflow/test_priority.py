"""What a person asks for is served while a round of polling hangs, and asks for little."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from opsboard.adapter import ReconcileOutcome, Request, Verdict
from opsboard.adapter.permit import issue_permit
from opsboard.records import Kind
from opsboard_adapters import http
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.login import MLflowLogin
from opsboard_adapters.mlflow.settings import MLflowSettings
from opsboard_adapters.mlflow.source import MLflowSource
from opsboard_adapters.mlflow.tracking_calls import IDS_PER_QUERY
from tests.adapters.mlflow.acts import ask, followed
from tests.adapters.mlflow.rounds import AppHarness, Rounds
from tests.patience import PATIENCE

MODELS = 500
VERSIONS = 3


class Hanging:
    """A server with many models. Requests that come while it *hangs* get no answer for now."""

    def __init__(self) -> None:
        self.aliases = {f"m{number}": "2" for number in range(MODELS)}
        self.tags: dict[str, dict[str, str]] = {name: {} for name in self.aliases}
        self.asked: list[str] = []
        self.hangs = False
        self.held = 0
        self.released = asyncio.Event()

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.partition("/mlflow/")[2]
        self.asked.append(path)
        if self.hangs:
            self.held += 1
            await self.released.wait()
        told = json.loads(request.content) if request.content else dict(request.url.params)
        return httpx.Response(200, json=self._answer(path, told))

    def _answer(self, path: str, told: dict[str, Any]) -> dict[str, Any]:
        match path:
            case "registered-models/search":
                return {"registered_models": [self._model(name) for name in self.aliases]}
            case "registered-models/get":
                return {"registered_model": self._model(told["name"])}
            case "model-versions/search":
                names = [told["filter"][6:-1]] if "filter" in told else self.aliases
                return {"model_versions": [one for name in names for one in _versions(name)]}
            case "experiments/search":
                return {"experiments": [{"experiment_id": "0"}]}
            case "runs/search" if "run_id IN" in told["filter"]:
                return {"runs": [_run(name) for name in told["filter"].split("'")[1::2]]}
            case "registered-models/set-tag":
                self.tags[told["name"]][told["key"]] = told["value"]
            case "registered-models/alias":
                self.aliases[told["name"]] = told["version"]
        return {}

    def _model(self, name: str) -> dict[str, Any]:
        return {
            "name": name,
            "last_updated_timestamp": 1,
            "aliases": [{"alias": "champion", "version": self.aliases[name]}],
            "tags": [{"key": key, "value": value} for key, value in self.tags[name].items()],
        }


def _versions(name: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "version": f"{n}", "run_id": f"{name}-{n}", "last_updated_timestamp": 1}
        for n in range(1, VERSIONS + 1)
    ]


def _run(run_id: str) -> dict[str, Any]:
    metrics = [{"key": "psi", "value": 0.1, "timestamp": 1, "step": 1}]
    return {"info": {"run_id": run_id, "status": "FINISHED"}, "data": {"metrics": metrics}}


@asynccontextmanager
async def _hung_up(max_parallel: int) -> AsyncIterator[tuple[Rounds, Hanging]]:
    """Yield a source whose round hangs with all that it may ask at once, and more to come."""
    server, stage = Hanging(), AppHarness()
    config = MLflowSettings(tracking_uri="http://mlflow.test", max_parallel=max_parallel)
    transport = httpx.MockTransport(server)
    async with http.open_client("http://mlflow.test/", transport=transport) as client:
        api = MLflowApi(client, now=stage.now, max_parallel=max_parallel)
        rounds = Rounds(MLflowSource(config, stage, api, api, MLflowLogin()), stage)
        polling = None
        try:
            await _until_runs_hang(server, polling := asyncio.create_task(rounds.next()))
            yield rounds, server
        finally:
            server.released.set()
            if polling is not None:
                await polling
            await rounds.close()


async def _until_runs_hang(server: Hanging, polling: "asyncio.Task[Any]") -> None:
    async with asyncio.timeout(PATIENCE):
        while "experiments/search" not in server.asked:
            assert not polling.done()
            await asyncio.sleep(0)
        server.hangs = True
        held = -1
        while held != server.held or not held:
            held = server.held
            for _ in range(50):
                await asyncio.sleep(0)
    server.hangs = False  # for those who come from now on


@pytest.mark.parametrize("max_parallel", [1, 2, 4, 16])
async def test_a_detail_does_not_wait_behind_batches(max_parallel: int) -> None:
    async with _hung_up(max_parallel) as (rounds, server):
        batches = MODELS * VERSIONS // IDS_PER_QUERY
        assert 0 < server.held <= min(max(max_parallel - 1, 1), batches + 3)
        before = len(server.asked)
        async with asyncio.timeout(PATIENCE):
            detail = await rounds.source.detail(rounds.ref(Kind.MODEL, "m7"))
            await rounds.source.raw(rounds.ref(Kind.MODEL, "m7"))
        assert detail.record.name == "m7"
        assert not server.released.is_set()
        asked = server.asked[before:]
        assert asked.count("registered-models/get") == 2
        assert not {"registered-models/search", "experiments/search"} & {*asked}
        about = "about this one model, two of its metrics and what trains now: none of the others"
        assert len(asked) <= 8, about


async def test_a_rollback_does_not_wait_behind_batches_and_asks_about_its_model_alone() -> None:
    async with _hung_up(4) as (rounds, server):
        before = len(server.asked)
        source = rounds.source
        async with asyncio.timeout(PATIENCE):
            form = await source.form(Request(action="rollback", ref=rounds.ref(Kind.MODEL, "m7")))
            plan = await source.plan(ask("m7", to="1"))
            receipt = await source.execute(plan, issue_permit(plan))
            progress = await followed(source, plan, receipt)
            settled = await source.reconcile(plan)
        assert not server.released.is_set()
        assert form.inputs
        assert progress[-1].verdict is Verdict.SUCCEEDED
        assert settled.outcome is ReconcileOutcome.DONE
        assert server.aliases["m7"] == "1"
        asked = server.asked[before:]
        assert "registered-models/search" not in asked
        assert len(asked) <= 40
