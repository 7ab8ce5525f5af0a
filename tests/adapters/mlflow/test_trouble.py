"""Whatever a server does wrong, it is said what, where and how to fix it; the rest stays live."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from opsboard.adapter import (
    Condition,
    Forbidden,
    Malformed,
    NotFound,
    SourceError,
    Throttled,
    Unauthenticated,
    Unreachable,
    Upsert,
)
from opsboard.records import Kind, Status
from opsboard_adapters import http
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.login import MLflowLogin
from opsboard_adapters.mlflow.settings import MLflowSettings
from opsboard_adapters.mlflow.source import MLflowSource
from tests.adapters.mlflow.rounds import AppHarness, Rounds, watching

Answers = Callable[[httpx.Request], httpx.Response]

GOOD: Mapping[str, Any] = {
    "registered-models/search": {
        "registered_models": [
            {
                "name": "m",
                "last_updated_timestamp": 1,
                "aliases": [{"alias": "champion", "version": "1"}],
            }
        ]
    },
    "model-versions/search": {
        "model_versions": [
            {"name": "m", "version": "1", "run_id": "r", "last_updated_timestamp": 1}
        ]
    },
    "experiments/search": {"experiments": [{"experiment_id": "0"}]},
    "runs/search": {
        "runs": [
            {
                "info": {"run_id": "r", "status": "FINISHED"},
                "data": {"metrics": [{"key": "psi", "value": 0.4, "timestamp": 1}]},
            }
        ]
    },
}


def _path(request: httpx.Request) -> str:
    return request.url.path.partition("/mlflow/")[2]


def well(request: httpx.Request) -> httpx.Response:
    """Answer as a small server would."""
    return httpx.Response(200, json=GOOD.get(_path(request), {}))


def but(prefix: str, answer: httpx.Response | Exception) -> Answers:
    """Answer well, except to paths that begin with *prefix*."""

    def respond(request: httpx.Request) -> httpx.Response:
        if not _path(request).startswith(prefix):
            return well(request)
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    return respond


class Changeable:
    """A server that takes to answering in another way."""

    def __init__(self, by: Answers) -> None:
        self.by = by

    def __call__(self, request: httpx.Request) -> httpx.Response:
        return self.by(request)


@asynccontextmanager
async def asking(answers: Answers, **settings: Any) -> AsyncIterator[Rounds]:
    """Watch a server that gives *answers*."""
    stage = AppHarness()
    config = MLflowSettings(tracking_uri="http://mlflow.test", **settings)
    transport = httpx.MockTransport(answers)
    async with http.open_client("http://mlflow.test/", transport=transport) as client:
        api = MLflowApi(client, now=stage.now, max_parallel=config.max_parallel)
        rounds = Rounds(MLflowSource(config, stage, api, api, MLflowLogin()), stage)
        try:
            yield rounds
        finally:
            await rounds.close()


LOGIN_PAGE = httpx.Response(200, html="<html><body>Sign in</body></html>")
REFUSED_HOST = httpx.Response(403, text="Invalid Host header - possible DNS rebinding attack")


async def test_the_small_server_is_well() -> None:
    async with asking(well) as rounds:
        await rounds.next()
        assert rounds.ails() == {}
        assert rounds.of(Kind.DRIFT)["m/1/psi"].status is Status.FAILED


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.ConnectError("refused"), Unreachable),
        (httpx.ReadTimeout("hangs"), Unreachable),
        (httpx.Response(500), Unreachable),
        (httpx.Response(503, text="down"), Unreachable),
        (httpx.Response(401, html="<h1>Unauthorized</h1>"), Unauthenticated),
    ],
)
async def test_all_of_it_fails(
    answer: httpx.Response | Exception, error: type[SourceError]
) -> None:
    async with asking(but("", answer)) as rounds:
        failure = await rounds.failure()
        assert isinstance(failure, error)
        assert "mlflow" in failure.message
        assert failure.hint
        checks = [check async for check in rounds.source.checks()]
        assert checks[-1].status is Status.FAILED
        assert checks[-1].hint


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(403, text="no"), Forbidden),
        (REFUSED_HOST, Forbidden),
        (httpx.Response(404, html="<p>none</p>"), NotFound),
        (httpx.Response(429, headers={"Retry-After": "30"}), Throttled),
        (LOGIN_PAGE, Malformed),
        (httpx.Response(200, content=b'{"registered_models": [{"na'), Malformed),
        (httpx.Response(200, content=b"[]"), Malformed),
    ],
)
async def test_each_part_fails_in_its_own_way(
    answer: httpx.Response, error: type[SourceError]
) -> None:
    async with asking(but("", answer)) as rounds:
        failure = await rounds.failure()
        assert type(failure) is error
        assert failure.hint


@pytest.mark.parametrize(
    ("prefix", "scope"),
    [
        ("registered-models", "models"),
        ("model-versions", "versions"),
        ("runs", "drift"),
        ("experiments", "drift"),
    ],
)
@pytest.mark.parametrize(
    ("answer", "condition"),
    [
        (httpx.Response(403, text="no"), Condition.FORBIDDEN),
        (httpx.Response(429), Condition.THROTTLED),
        (LOGIN_PAGE, Condition.BROKEN),
    ],
)
async def test_one_part_fails_and_the_others_live(
    prefix: str, scope: str, answer: httpx.Response, condition: Condition
) -> None:
    answering = Changeable(but(prefix, answer))
    async with asking(answering) as rounds:
        await rounds.next()
        assert rounds.ails() == {scope: condition}
        assert set(rounds.scopes) >= {"models", "versions", "drift"} - {scope}
        answering.by = well
        await rounds.next()
        assert rounds.ails() == {}
        assert rounds.of(Kind.MODEL)
        assert rounds.of(Kind.MODEL_VERSION)


async def test_a_run_that_trains_and_measures_is_told_once() -> None:
    (run,) = GOOD["runs/search"]["runs"]
    tagged = {**run, "data": {**run["data"], "tags": [{"key": "model_name", "value": "m"}]}}
    body = {"runs": [tagged]}
    async with asking(but("runs", httpx.Response(200, json=body))) as rounds:
        await rounds.next()
        (drift,) = rounds.of(Kind.DRIFT).values()
        assert drift.trend == (0.4,)


async def test_two_metrics_are_two_records_and_each_is_told_once() -> None:
    metrics = [{"key": key, "value": 0.4, "timestamp": 1} for key in ("psi", "drift_score")]
    told = [{"key": key, "value": "m"} for key in ("model_name", "mlflow.modelName")]
    runs = [
        {"info": {"run_id": run_id, "status": "FINISHED", "start_time": at},
         "data": {"metrics": metrics, "tags": told}}
        for at, run_id in enumerate(("r", "monitor-1", "monitor-2"))
    ]  # fmt: skip
    async with asking(but("runs", httpx.Response(200, json={"runs": runs}))) as rounds:
        changes = await rounds.next()
        assert rounds.of(Kind.DRIFT).keys() == {"m/1/psi", "m/1/drift_score"}
        upserts = [one for one in changes if isinstance(one, Upsert) and one.scope == "drift"]
        assert sum(len(one.records) for one in upserts) == 2
        assert all(len(one.trend) == 3 for one in rounds.of(Kind.DRIFT).values())


async def test_what_was_known_stays_when_the_server_goes() -> None:
    answering = Changeable(well)
    async with asking(answering) as rounds:
        await rounds.next()
        answering.by = but("", httpx.ConnectError("gone"))
        assert isinstance(await rounds.failure(), Unreachable)
        assert rounds.of(Kind.MODEL)
        answering.by = well
        await rounds.next()
        assert rounds.of(Kind.DRIFT)


async def test_a_foreign_host_is_told_how_to_mend_it() -> None:
    async with asking(but("", REFUSED_HOST)) as rounds:
        assert "--allowed-hosts" in (await rounds.failure()).hint


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"registered_models": "soon"}, "registered_models"),
        ({"registered_models": {"name": "m"}}, "registered_models"),
        ([], "no object"),
    ],
)
async def test_answers_of_another_shape_are_named(body: Any, fault: str) -> None:
    async with asking(but("registered-models", httpx.Response(200, json=body))) as rounds:
        await rounds.next()
        health = rounds.health["models"]
        assert health.condition is Condition.BROKEN
        assert "registered-models" in health.message
        assert fault in health.message
        assert "soon" not in health.message


async def test_a_page_token_that_repeats_is_no_endless_loop() -> None:
    body = {**GOOD["registered-models/search"], "next_page_token": "again"}
    async with asking(but("registered-models", httpx.Response(200, json=body))) as rounds:
        await rounds.next()
        assert "the listing has no end" in rounds.health["models"].message


async def test_a_server_without_intervals_has_its_history_paged() -> None:
    asked: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        asked.append(_path(request))
        if _path(request) == "metrics/get-history":
            points = [{"key": "psi", "value": n / 1000, "timestamp": n} for n in range(1, 401)]
            return httpx.Response(200, json={"metrics": points})
        return but("metrics/get-history-bulk", httpx.Response(404))(request)

    async with asking(respond) as rounds:
        await rounds.next()
        trend = rounds.of(Kind.DRIFT)["m/1/psi"].trend
        assert (len(trend), trend[0], trend[-1]) == (60, 0.001, 0.4)
        await rounds.source.detail(rounds.ref(Kind.DRIFT, "m/1/psi"))
        assert asked.count("metrics/get-history-bulk-interval") == 1


async def test_requests_under_way_are_bounded_and_paced() -> None:
    asked: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        asked.append(_path(request))
        return well(request)

    async with asking(respond, poll_interval=10) as rounds:
        await rounds.next()
        for _ in range(6):
            asked.clear()
            await rounds.next()
        assert len(asked) <= 7
        assert rounds.stage.pauses[0] == 10
        assert rounds.stage.pauses[-1] == 40


async def test_outside_text_is_cleaned() -> None:
    body = {"registered_models": [{"name": "m\x1b[31m\u202e", "description": "a\x1b]0;x\x07b"}]}
    async with asking(but("registered-models", httpx.Response(200, json=body))) as rounds:
        await rounds.next()
        (model,) = rounds.of(Kind.MODEL).values()
        assert "\x1b" not in repr(model)
        assert "\u202e" not in model.name


async def test_a_certificate_that_is_not_trusted(tmp_path: Path) -> None:
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        await writer.drain()
        writer.close()

    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    async with await asyncio.start_server(respond, "127.0.0.1", 0, ssl=tls) as server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with watching(url) as rounds:
            failure = await rounds.failure()
            assert isinstance(failure, Unreachable)
            assert "ca_file" in failure.hint
        async with watching(url, ca_file=ca_file) as rounds:
            await rounds.next()
            assert rounds.ails() == {}
        async with watching(url, insecure=True) as rounds:
            await rounds.next()
            assert rounds.ails() == {}
