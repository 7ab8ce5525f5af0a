"""One part that fails takes down none of its siblings, and what was known of it stays."""

import json
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from opsboard.adapter import (
    Complete,
    Condition,
    Facts,
    Fresh,
    Remove,
    Severity,
    SourceError,
    Throttled,
    Unreachable,
)
from opsboard.records import Kind
from opsboard_adapters import http
from opsboard_adapters.listing.partial import MAX_SILENT, gather_bounded, partial_health
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.login import MLflowLogin
from opsboard_adapters.mlflow.runs import HISTORIES
from opsboard_adapters.mlflow.settings import MLflowSettings
from opsboard_adapters.mlflow.source import MLflowSource
from tests.adapters.mlflow.acts import ask
from tests.adapters.mlflow.rounds import AppHarness, Rounds
from tests.adapters.mlflow.test_trouble import Changeable, asking

MODELS = 250
VERSIONS = 3
FAILED = httpx.Response(500, text="out of order")
Told = dict[str, Any]
Fails = Callable[[str, Told], bool]


class Registry:
    """A server with many models. What *fails* says of a path and what is asked there fails."""

    def __init__(self, fails: Fails = lambda path, told: False, *, page: int = 200) -> None:
        self.fails = fails
        self.page = page
        self.names = [f"m{number:03}" for number in range(MODELS)]
        self.auc = 0.5
        self.batches: list[list[str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.partition("/mlflow/")[2]
        told: Told = dict(request.url.params)
        if request.content:
            told = json.loads(request.content)
        if self.fails(path, told):
            return httpx.Response(FAILED.status_code, text=FAILED.text)
        return httpx.Response(200, json=self._answer(path, told))

    def _answer(self, path: str, told: Told) -> Told:
        match path:
            case "registered-models/search":
                return self._paged("registered_models", [self._model(n) for n in self.names], told)
            case "registered-models/get":
                return {"registered_model": self._model(told["name"])}
            case "model-versions/search":
                names = [told["filter"][6:-1]] if "filter" in told else self.names
                found = [one for name in names for one in _versions(name)]
                return self._paged("model_versions", found, told)
            case "experiments/search":
                experiments: list[Told] = [{"experiment_id": str(number)} for number in range(3)]
                return self._paged("experiments", experiments, told)
            case _:
                return self._runs(path, told)

    def _runs(self, path: str, told: Told) -> Told:
        if path == "metrics/get-history-bulk-interval":
            value = {"key": "psi", "value": 0.2, "timestamp": 1, "step": 1}
            return {"metrics": [value, {**value, "timestamp": 2, "step": 2}]}
        if "run_id IN" not in told.get("filter", ""):
            tag = told["filter"].split("`")[1]
            return {"runs": [_run(f"monitor-{tag}", {tag: "m001"}, psi=0.1)]}
        named = told["filter"].split("'")[1::2]
        self.batches.append(named)
        return {"runs": [_run(one, auc=self.auc) for one in named]}

    def _model(self, name: str) -> Told:
        aliases = [{"alias": "champion", "version": "2"}]
        return {"name": name, "last_updated_timestamp": 1, "aliases": aliases}

    def _paged(self, key: str, found: list[Told], told: Told) -> Told:
        start = int(told.get("page_token") or 0)
        end = start + self.page
        return {
            key: found[start:end],
            **({"next_page_token": str(end)} if end < len(found) else {}),
        }


def _versions(name: str) -> list[Told]:
    return [
        {"name": name, "version": f"{n}", "run_id": f"{name}-{n}", "last_updated_timestamp": 1}
        for n in range(1, VERSIONS + 1)
    ]


def _run(run_id: str, tags: dict[str, str] | None = None, **metrics: float) -> Told:
    told = [{"key": key, "value": value} for key, value in (tags or {}).items()]
    values = [{"key": k, "value": v, "timestamp": 1, "step": 1} for k, v in metrics.items()]
    return {
        "info": {"run_id": run_id, "status": "FINISHED", "start_time": 1},
        "data": {"metrics": values, "tags": told},
    }


def _runs_of(*names: str) -> Fails:
    """Let the batches fail that ask about any of these runs."""
    wanted = [f"'{name}'" for name in names]
    return lambda path, told: path == "runs/search" and any(one in told["filter"] for one in wanted)


def _metrics(rounds: Rounds) -> dict[str, float]:
    found = rounds.of(Kind.MODEL_VERSION)
    return {key: one.metrics[0].value for key, one in found.items() if one.metrics}


async def _forced(rounds: Rounds) -> None:
    """Run a round in which everything is read anew."""
    rounds.stage.time = rounds.stage.time.replace(year=rounds.stage.time.year + 1)
    await rounds.next()


async def test_one_failed_batch_leaves_the_metrics_of_all_others() -> None:
    async with asking(Registry(_runs_of("m007-1"))) as rounds:
        await rounds.next()
        assert len(rounds.of(Kind.MODEL_VERSION)) == MODELS * VERSIONS
        known = _metrics(rounds)
        assert len(known) == MODELS * VERSIONS - 100
        assert "m007/1" not in known
        assert rounds.ails() == {"versions": Condition.PARTIAL}
        message = rounds.health["versions"].message
        assert "metrics of 100 training runs" in message
        assert "500" in message
        assert rounds.health["versions"].hint


async def test_what_was_known_of_a_failed_batch_stays_until_it_is_read_again() -> None:
    server = Registry()
    async with asking(server) as rounds:
        await rounds.next()
        assert len(_metrics(rounds)) == MODELS * VERSIONS
        server.fails, server.auc = _runs_of("m007-1"), 0.9
        await _forced(rounds)
        known = _metrics(rounds)
        assert len(known) == MODELS * VERSIONS
        assert known["m007/1"] == 0.5
        assert known["m249/1"] == 0.9
        assert rounds.ails() == {"versions": Condition.PARTIAL}
        server.fails = Registry().fails
        await rounds.next()
        assert rounds.ails() == {}
        assert _metrics(rounds)["m007/1"] == 0.9
        server.batches.clear()
        await rounds.next()
        assert server.batches == [], "what is known is not asked for again"


async def test_a_failed_batch_is_no_reason_to_hurry() -> None:
    async with asking(Registry(_runs_of("m007-1")), poll_interval=10) as rounds:
        for _ in range(6):
            await rounds.next()
        assert rounds.stage.pauses[-1] == 40


async def test_a_list_that_breaks_off_shows_what_came_and_removes_nothing() -> None:
    server = Registry(lambda path, told: told.get("page_token") == "200")
    async with asking(server) as rounds:
        changes = await rounds.next()
        assert len(rounds.of(Kind.MODEL)) == 200
        assert len(rounds.of(Kind.MODEL_VERSION)) == 200
        assert rounds.ails() == {
            "models": Condition.PARTIAL, "versions": Condition.PARTIAL
        }  # fmt: skip
        ended = [one for one in changes if isinstance(one, Complete | Fresh | Remove)]
        assert {one.scope for one in ended} == {"drift"}
        server.fails = Registry().fails
        await rounds.next()
        assert rounds.ails() == {}
        assert len(rounds.of(Kind.MODEL)) == MODELS
        assert len(rounds.of(Kind.MODEL_VERSION)) == MODELS * VERSIONS
        server.fails = lambda path, told: told.get("page_token") == "200"
        changes = await rounds.next()
        assert len(rounds.of(Kind.MODEL)) == MODELS
        assert not [one for one in changes if isinstance(one, Remove)]
        assert rounds.ails()["models"] is Condition.PARTIAL


async def test_the_versions_of_one_changed_model_fail_alone() -> None:
    server = Registry()
    async with asking(server) as rounds:
        await rounds.next()
        model = server._model
        server._model = lambda name: {  # type: ignore[method-assign]
            **model(name), "last_updated_timestamp": 2 if name in {"m001", "m002"} else 1
        }  # fmt: skip
        asked: list[str] = []

        def fails(path: str, told: Told) -> bool:
            if "filter" in told and path == "model-versions/search":
                asked.append(told["filter"])
            return told.get("filter") == "name='m001'"

        server.fails = fails
        await rounds.next()
        assert sorted(asked) == ["name='m001'", "name='m002'"]
        assert rounds.ails() == {"versions": Condition.PARTIAL}
        assert len(rounds.of(Kind.MODEL_VERSION)) == MODELS * VERSIONS
        asked.clear()
        await rounds.next()
        assert asked == ["name='m001'"], "and that alone is asked for again"


@pytest.mark.parametrize("tag", ["model_name", "monitored_model"])
async def test_a_tag_that_cannot_be_searched_hides_no_other(tag: str) -> None:
    def fails(path: str, told: Told) -> bool:
        return path == "runs/search" and f"`{tag}`" in told["filter"]

    server = Registry(fails)
    async with asking(server) as rounds:
        await rounds.next()
        (drift,) = rounds.of(Kind.DRIFT).values()
        assert len(drift.trend) == 3, "two other tags have a run each, and the last its history"
        assert rounds.ails() == {"drift": Condition.PARTIAL}
        server.fails = Registry().fails
        await rounds.next()
        (drift,) = rounds.of(Kind.DRIFT).values()
        assert len(drift.trend) == 4
        assert rounds.ails() == {}
        server.fails = fails
        await _forced(rounds)
        (drift,) = rounds.of(Kind.DRIFT).values()
        assert len(drift.trend) == 4, "what was known stays"


async def test_a_run_from_the_future_hides_none_that_follows() -> None:
    since: list[int] = []

    def fails(path: str, told: Told) -> bool:
        if path == "runs/search" and ">=" in told["filter"]:
            since.append(int(told["filter"].rpartition(" ")[2]))
        return False

    server = Registry(fails)
    answer = server._answer
    server._answer = lambda path, told: json.loads(  # type: ignore[method-assign]
        json.dumps(answer(path, told)).replace('"start_time": 1', f'"start_time": {2**62}')
    )
    async with asking(server) as rounds:
        await rounds.next()
        await rounds.next()
        assert max(since) <= rounds.stage.time.timestamp() * 1000


async def test_histories_that_fail_leave_the_others_and_end() -> None:
    def fails(path: str, told: Told) -> bool:
        return path.startswith("metrics/") and told.get("run_ids", "m1").startswith("m1")

    server = Registry(fails)
    answer = server._answer
    server._answer = lambda path, told: json.loads(  # type: ignore[method-assign]
        json.dumps(answer(path, told)).replace('"auc"', '"psi"')
    )
    async with asking(server, poll_interval=10) as rounds:
        for _ in range(MODELS * 2 // HISTORIES + 2):
            await rounds.next()
        drifts = rounds.of(Kind.DRIFT)
        assert len(drifts) >= MODELS * 2
        assert drifts["m000/2/psi"].trend == (0.2, 0.2)
        assert drifts["m100/2/psi"].trend == (0.5,)
        assert rounds.ails() == {"drift": Condition.PARTIAL}
        assert rounds.stage.pauses[-1] > 0, "it does not ask without a pause for ever"


async def test_a_server_that_falls_silent_is_not_asked_for_everything() -> None:
    asked = 0

    def respond(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        if "runs/search" in request.url.path:
            asked += 1
            raise httpx.ReadTimeout("hangs")
        return server(request)

    server = Registry()
    async with asking(respond, max_parallel=1) as rounds:
        await rounds.next()
        assert rounds.ails() == {"drift": Condition.UNREACHABLE}
        assert asked <= 2 * MAX_SILENT


@pytest.mark.parametrize("down", ["registry", "tracking"])
async def test_of_two_servers_one_fails_alone(down: str) -> None:
    servers = {name: Changeable(Registry()) for name in ("tracking", "registry")}
    stage, config = AppHarness(), MLflowSettings(tracking_uri="http://mlflow.test")
    async with AsyncExitStack() as stack:
        apis: list[MLflowApi] = []
        for server in servers.values():
            transport = httpx.MockTransport(server)
            client = http.open_client("http://mlflow.test/", transport=transport)
            apis.append(MLflowApi(await stack.enter_async_context(client), now=stage.now))
        rounds = Rounds(MLflowSource(config, stage, apis[0], apis[1], MLflowLogin()), stage)
        stack.push_async_callback(rounds.close)
        await rounds.next()
        assert rounds.ails() == {}
        servers[down].by = Registry(lambda path, told: True)
        await rounds.next()
        scopes = {"registry": {"models", "versions"}, "tracking": {"drift"}}[down]
        assert rounds.ails() == dict.fromkeys(scopes, Condition.UNREACHABLE)
        assert rounds.of(Kind.DRIFT)


async def test_experiments_that_break_off_leave_those_known() -> None:
    asked: list[int] = []

    def fails(path: str, told: Told) -> bool:
        if path == "runs/search":
            asked.append(len(told["experiment_ids"]))
        return False

    server = Registry(fails, page=2_000)
    async with asking(server) as rounds:
        await rounds.next()
        server.page = 2
        server.fails = lambda path, told: (
            (path == "experiments/search" and "page_token" in told) or fails(path, told)
        )
        await rounds.next()
        assert set(asked) == {3}
        assert rounds.ails()["drift"] is Condition.PARTIAL


async def test_experiments_that_cannot_be_had_at_all_leave_those_known() -> None:
    server = Registry()
    async with asking(server) as rounds:
        await rounds.next()
        server.fails = lambda path, told: path == "experiments/search"
        await rounds.next()
        assert rounds.ails()["drift"] is Condition.PARTIAL
        assert len(rounds.of(Kind.DRIFT)) == 1


async def test_a_point_that_is_told_twice_is_one() -> None:
    server = Registry()
    runs = server._runs

    def twice(path: str, told: Told) -> Told:
        answer = runs(path, told)
        if "metrics" in answer:
            answer["metrics"] = [*answer["metrics"], *answer["metrics"]]
        return answer

    server._runs = twice  # type: ignore[method-assign]
    async with asking(server) as rounds:
        await rounds.next()
        (drift,) = rounds.of(Kind.DRIFT).values()
        assert len(drift.trend) == 4, "two other tags have a run each, the last one two points"


async def test_a_history_that_is_doubtful_is_read_again_with_all_else() -> None:
    server = Registry()
    runs = server._runs

    def odd(path: str, told: Told) -> Told:
        answer = runs(path, told)
        if "metrics" in answer:
            answer["metrics"][0] = {"key": None, "value": {}}
        return answer

    server._runs = odd  # type: ignore[method-assign]
    async with asking(server) as rounds:
        await rounds.next()
        (drift,) = rounds.of(Kind.DRIFT).values()
        assert len(drift.trend) == 3, "one point of two cannot be read"
        server._runs = runs  # type: ignore[method-assign]
        await _forced(rounds)
        (drift,) = rounds.of(Kind.DRIFT).values()
        assert len(drift.trend) == 4


async def test_a_call_that_is_missing_for_a_while_is_used_again() -> None:
    server = Registry(lambda path, told: path == "metrics/get-history-bulk-interval")
    asked: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        path = request.url.path.partition("/mlflow/")[2]
        asked.append(path)
        if path == "metrics/get-history":
            return httpx.Response(200, json=server._runs("metrics/get-history-bulk-interval", {}))
        answer = server(request)
        return httpx.Response(404) if answer.status_code == 500 else answer

    async with asking(respond) as rounds:
        await rounds.next()
        assert asked.count("metrics/get-history") == 1
        server.fails = Registry().fails
        asked.clear()
        await _forced(rounds)
        assert asked.count("metrics/get-history-bulk-interval") == 1
        assert "metrics/get-history" not in asked
        asked.clear()
        await _forced(rounds)
        assert not [path for path in asked if "history" in path], "what is certain is kept"


async def test_a_detail_shows_what_could_be_read() -> None:
    server = Registry()
    async with asking(server) as rounds:
        await rounds.next()
        server.fails = lambda path, told: path == "runs/search"
        detail = await rounds.source.detail(rounds.ref(Kind.MODEL, "m007"))
        assert detail.record.name == "m007"
        (note,) = [one for one in detail.sections if one.title == "Not read"]
        assert isinstance(note, Facts)
        assert "runs/search" in note.facts[0].value


@pytest.mark.parametrize("broken", ["runs/get", "metrics/"])
async def test_a_detail_of_a_version_shows_what_could_be_read(broken: str) -> None:
    server = Registry()
    version = _versions("m007")[0]
    measured = _run("m007-1", psi=0.1)
    answer = server._answer

    def more(path: str, told: Told) -> Told:
        if path == "model-versions/get":
            return {"model_version": version}
        return {"run": measured} if path == "runs/get" else answer(path, told)

    server._answer = more  # type: ignore[method-assign]
    async with asking(server) as rounds:
        await rounds.next()
        server.fails = lambda path, told: path.startswith(broken)
        detail = await rounds.source.detail(rounds.ref(Kind.MODEL_VERSION, "m007/1"))
        (note,) = [one for one in detail.sections if one.title == "Not read"]
        assert isinstance(note, Facts)
        assert "500" in note.facts[0].value
        assert "auc" in str(detail.record.metrics) or broken == "metrics/"  # type: ignore[attr-defined]


async def test_a_detail_of_drift_shows_the_last_value_without_its_history() -> None:
    server = Registry()
    async with asking(server) as rounds:
        await rounds.next()
        server.fails = lambda path, told: path.startswith("metrics/")
        (ref,) = [ref for ref in rounds.records if ref.kind is Kind.DRIFT]
        detail = await rounds.source.detail(ref)
        assert [one.title for one in detail.sections][-1] == "Not read"


async def test_a_rollback_can_be_planned_without_the_runs_and_says_so() -> None:
    server = Registry()
    async with asking(server) as rounds:
        server.fails = lambda path, told: path in {"runs/search", "experiments/search"}
        plan = await rounds.source.plan(ask("m007", to="1"))
        warned = [one.text for one in plan.findings if one.severity is Severity.WARNING]
        assert any("not all could be read" in text and "500" in text for text in warned)
        server.fails = lambda path, told: path == "model-versions/search"
        with pytest.raises(Unreachable):
            await rounds.source.plan(ask("m007", to="1"))


# --- the helper --------------------------------------------------------------------------------


async def test_each_keeps_the_order_and_what_came() -> None:
    async def work(number: int) -> int:
        if number % 3 == 1:
            raise Unreachable(f"500 for {number}")
        return number

    found = await gather_bounded([lambda n=number: work(n) for number in range(9)], 2)  # type: ignore[misc]
    assert [one if isinstance(one, int) else None for one in found] == [
        0, None, 2, 3, None, 5, 6, None, 8
    ]  # fmt: skip


async def test_each_stops_where_nobody_is_let_in() -> None:
    asked: list[int] = []

    async def work(number: int) -> int:
        asked.append(number)
        raise Throttled("slow down")

    found = await gather_bounded([lambda n=number: work(n) for number in range(50)], 2)  # type: ignore[misc]
    assert len(asked) <= 2
    assert len(found) == 50
    assert all(isinstance(one, SourceError) for one in found)


def test_faults_are_told_once() -> None:
    assert partial_health([]) is None
    health = partial_health(["a is down", "a is down", "b is down", "c is down"])
    assert health is not None
    assert health.message == "a is down; and 2 more"
