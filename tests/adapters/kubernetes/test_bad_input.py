"""What may go wrong between the board and a cluster, and what must not follow from it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from opsboard.adapter import Condition, Health, Malformed, Report, SourceError
from opsboard.adapter import Request as Asked
from opsboard.records import Kind, Ref
from opsboard.testing.fakes import FakeContext
from opsboard.testing.recorder import Recorder, recording
from opsboard_adapters.kubernetes import Kubernetes, client
from opsboard_adapters.kubernetes.pod_metrics import MEASURE_INTERVAL
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.adapters.kubernetes.scripted_cluster import (
    PODS,
    SCOPES,
    Answer,
    ScriptedCluster,
    event,
    page,
    pod,
    silence,
    status,
    stream,
    text,
    write_kubeconfig,
)
from tests.patience import PATIENCE

LIST, WATCH = f"list {PODS}", f"watch {PODS}"


class Following:
    """A source that is listened to."""

    def __init__(self, recorder: Recorder, context: FakeContext) -> None:
        self.recorder = recorder
        self.context = context

    @property
    def pods(self) -> set[str]:
        return {record.name for record in self.recorder.of_kind(Kind.POD)}

    def healths(self, scope: str = "test/pods") -> list[Health]:
        return [
            change.health
            for change in self.recorder.changes
            if isinstance(change, Report) and change.scope == scope
            if change.health.condition is not Condition.STARTING
        ]

    async def until_failed(self) -> Health:
        await self.recorder.until(lambda: bool(self.healths()) or self.recorder.error is not None)
        return self.healths()[0]

    async def until_pods(self, *names: str) -> None:
        await self.until(lambda: self.pods == set(names))

    async def until(self, happened: Callable[[], bool]) -> None:
        await self.recorder.until(happened)

    async def go_on(self) -> None:
        """End the pause that the source makes, as soon as it makes one."""
        await self.until_pausing()
        self.context.refresh()

    async def until_pausing(self) -> None:
        async with asyncio.timeout(PATIENCE):
            while not self.context.pausing:  # noqa: ASYNC110 - the pause tells nobody
                await asyncio.sleep(0.005)


class UnmeasuredContext(FakeContext):
    """A context in which what pods use is asked once: the pause after that is none of a watch."""

    async def pause(self, seconds: float) -> None:
        if seconds == MEASURE_INTERVAL:
            await asyncio.Event().wait()
        await super().pause(seconds)


@asynccontextmanager
async def following(settings: KubernetesSettings) -> AsyncIterator[Following]:
    context = UnmeasuredContext()
    async with Kubernetes.connect(settings, context) as source, recording(source) as recorder:
        yield Following(recorder, context)


REFUSALS = [
    pytest.param(status(401), Condition.UNAUTHENTICATED, id="401"),
    pytest.param(status(403, "pods is forbidden"), Condition.FORBIDDEN, id="403"),
    pytest.param(status(404), Condition.BROKEN, id="404"),
    pytest.param(status(429, **{"Retry-After": "7"}), Condition.THROTTLED, id="429"),
    pytest.param(status(500), Condition.UNREACHABLE, id="500"),
    pytest.param(status(503), Condition.UNREACHABLE, id="503"),
    pytest.param(text('{"items": [{"metadata'), Condition.BROKEN, id="truncated JSON"),
    pytest.param(text("not json at all"), Condition.BROKEN, id="invalid JSON"),
    pytest.param(text('["a list"]'), Condition.BROKEN, id="JSON of another shape"),
    pytest.param(
        text("<html>Log in</html>", "text/html"), Condition.BROKEN, id="login page with 200"
    ),
]


@pytest.mark.parametrize(("answer", "condition"), REFUSALS)
async def test_a_fault_of_one_resource_is_told_and_the_others_stay_live(
    cluster: ScriptedCluster, settings: KubernetesSettings, answer: Answer, condition: Condition
) -> None:
    cluster.script[LIST] = [answer, page(pod("a"))]
    async with following(settings) as source:
        health = await source.until_failed()
        assert health.condition is condition
        assert health.message
        assert health.hint
        assert "canary-token" not in health.message + health.hint
        await source.until(lambda: source.recorder.streaming == SCOPES - {"test/pods"})
        await source.go_on()
        await source.until_pods("a")
        await source.until(lambda: source.healths()[-1].condition is Condition.LIVE)


@pytest.mark.parametrize("code", [400, 401, 403, 404, 406, 409, 410, 415, 422, 429, 500, 503])
async def test_whatever_is_said_to_who_looks_at_one_object_is_a_sentence(
    cluster: ScriptedCluster, settings: KubernetesSettings, code: int
) -> None:
    cluster.script["list /api/v1/namespaces/shop/pods/a"] = [status(code)]
    context = FakeContext()
    async with Kubernetes.connect(settings, context) as source:
        for look in (source.detail, source.raw):
            with pytest.raises(SourceError) as caught:
                await look(Ref(context.name, Kind.POD, "test/shop/a"))
            assert str(code) in caught.value.message
            assert caught.value.hint


@pytest.mark.parametrize("odd", ['"spec": "x"', '"spec": {"template": []}', '"metadata": "x"'])
async def test_an_act_on_an_object_of_an_odd_shape_is_told_so(
    cluster: ScriptedCluster, settings: KubernetesSettings, odd: str
) -> None:
    cluster.script["list /apis/apps/v1/namespaces/shop/deployments/web"] = [
        text(f'{{"kind": "Deployment", {odd}}}'.replace("[]", "[1]"))
    ]
    context = FakeContext()
    ref = Ref(context.name, Kind.DEPLOYMENT, "test/shop/Deployment/web")
    async with Kubernetes.connect(settings, context) as source:
        with pytest.raises(Malformed, match="odd shape"):
            await source.form(Asked(action="rollback", ref=ref))


async def test_retry_after_is_handed_on(
    cluster: ScriptedCluster, settings: KubernetesSettings
) -> None:
    cluster.script[LIST] = [status(429, **{"Retry-After": "7"})]
    async with following(settings) as source:
        health = await source.until_failed()
        assert health.until is not None
        assert 0 < (health.until - source.context.now()).total_seconds() <= 7


async def test_an_empty_cluster_is_live_and_empty(
    cluster: ScriptedCluster, settings: KubernetesSettings
) -> None:
    async with following(settings) as source:
        await source.until(lambda: source.recorder.streaming == SCOPES)
        assert source.recorder.complete == SCOPES
        assert not source.recorder.records
        assert not source.recorder.troubles


async def test_where_nobody_listens_is_unreachable(tmp_path: Path) -> None:
    settings = KubernetesSettings(kubeconfig=write_kubeconfig(tmp_path, "http://127.0.0.1:9"))
    async with following(settings) as source:
        health = await source.recorder.until_troubled()
        assert health.condition is Condition.UNREACHABLE
        assert "127.0.0.1:9" in health.message


async def test_a_list_comes_in_pages(
    cluster: ScriptedCluster, settings: KubernetesSettings
) -> None:
    cluster.script[LIST] = [page(pod("a"), more="two"), page(pod("b"))]
    async with following(settings) as source:
        await source.until(lambda: "test/pods" in source.recorder.complete)
        assert source.pods == {"a", "b"}
    assert cluster.asked[LIST][1]["continue"] == "two"


async def test_a_watch_begins_where_the_list_ended_and_is_taken_up_where_it_ended(
    cluster: ScriptedCluster, settings: KubernetesSettings
) -> None:
    cluster.script[LIST] = [page(pod("a"), version=10)]
    cluster.script[WATCH] = [
        stream(event("ADDED", pod("b", 11)), event("DELETED", pod("a", 12))),
        stream(event("BOOKMARK", {"metadata": {"resourceVersion": "20"}})),
        silence,
    ]
    async with following(settings) as source:
        await source.until_pods("b")
        await source.until(lambda: len(cluster.asked[WATCH]) >= 3)
    assert [query["resourceVersion"] for query in cluster.asked[WATCH][:3]] == ["10", "12", "20"]
    assert len(cluster.asked[LIST]) == 1
    assert cluster.asked[WATCH][0]["allowWatchBookmarks"] == "true"


async def test_a_watch_that_dies_half_way_loses_nothing(
    cluster: ScriptedCluster, settings: KubernetesSettings
) -> None:
    cluster.script[LIST] = [page(pod("a"), version=10)]
    cluster.script[WATCH] = [
        stream(event("ADDED", pod("b", 11)), '{"type":"ADDED","object":{"metad'),
        stream(event("ADDED", pod("c", 12)), ends=False),
    ]
    async with following(settings) as source:
        await source.until_failed()
        assert source.pods == {"a", "b"}
        await source.go_on()
        await source.until_pods("a", "b", "c")
    assert cluster.asked[WATCH][1]["resourceVersion"] == "11"


@pytest.mark.parametrize(
    "gone",
    [
        pytest.param(status(410), id="as a status"),
        pytest.param(stream(event("ERROR", {"kind": "Status", "code": 410})), id="as an event"),
    ],
)
async def test_410_gone_leads_to_a_new_list_without_ghosts(
    cluster: ScriptedCluster, settings: KubernetesSettings, gone: Answer
) -> None:
    cluster.script[LIST] = [page(pod("a"), pod("b")), page(pod("b"), pod("c"), version=50)]
    cluster.script[WATCH] = [gone, silence]
    async with following(settings) as source:
        await source.until_pods("b", "c")
        await source.until(lambda: len(cluster.asked[WATCH]) >= 2)
    assert [query["resourceVersion"] for query in cluster.asked[WATCH]] == ["10", "50"]


async def test_a_continue_token_that_expires_mid_list_leaves_no_ghosts(
    cluster: ScriptedCluster, settings: KubernetesSettings
) -> None:
    cluster.script[LIST] = [page(pod("ghost"), more="two"), status(410), page(pod("a"))]
    async with following(settings) as source:
        await source.until(lambda: "test/pods" in source.recorder.complete)
        assert source.pods == {"a"}


async def test_a_server_that_says_410_for_ever_is_not_asked_without_end(
    cluster: ScriptedCluster, settings: KubernetesSettings
) -> None:
    cluster.script[WATCH] = [status(410)]
    async with following(settings) as source:
        await source.until_pausing()
        asked = len(cluster.asked[LIST])
        assert asked < 5


async def test_a_watch_that_falls_silent_is_taken_for_dead(
    cluster: ScriptedCluster, settings: KubernetesSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "WATCH_READ_TIMEOUT", 0.2)
    cluster.script[LIST] = [page(pod("a"))]
    async with following(settings) as source:
        health = await source.until_failed()
        assert health.condition is Condition.UNREACHABLE
        assert source.pods == {"a"}


FAILURES = {
    "a status 500": status(500),
    "a status 400": status(400),
    "a status 403": status(403),
    "an error of any code": stream(event("ERROR", {"kind": "Status", "code": 500})),
    "an error without a code": stream(event("ERROR", {"message": "too large resource version"})),
    "an error that is no status": stream(event("ERROR", {"code": "x"})),
    "an event cut short": stream('{"type":"ADDED","object":{"metad'),
}


@pytest.mark.parametrize("kind", FAILURES)
async def test_a_watch_that_fails_twice_at_one_version_lists_anew(
    cluster: ScriptedCluster, settings: KubernetesSettings, kind: str
) -> None:
    cluster.script[LIST] = [page(pod("a")), page(pod("b"), version=50)]
    cluster.script[WATCH] = [FAILURES[kind], FAILURES[kind], silence]
    async with following(settings) as source:
        for times in (1, 2):
            await source.until(lambda: len(cluster.asked[WATCH]) >= times)  # noqa: B023
            await source.go_on()
        await source.until_pods("b")
        await source.until(lambda: len(cluster.asked[WATCH]) == 3)
    assert [query["resourceVersion"] for query in cluster.asked[WATCH]] == ["10", "10", "50"]
    assert len(cluster.asked[LIST]) == 2


async def test_a_watch_that_is_told_to_wait_stays_at_its_version(
    cluster: ScriptedCluster, settings: KubernetesSettings
) -> None:
    """No version is to blame for that, and a list would cost the server more."""
    cluster.script[WATCH] = [status(429), status(429), status(429), silence]
    async with following(settings) as source:
        for times in (1, 2, 3):
            await source.until(lambda: len(cluster.asked[WATCH]) >= times)  # noqa: B023
            await source.go_on()
        await source.until(lambda: len(cluster.asked[WATCH]) == 4)
    assert len(cluster.asked[LIST]) == 1


@pytest.mark.parametrize("step", [1, 7, 4096])
async def test_only_a_line_feed_ends_an_event(
    cluster: ScriptedCluster, settings: KubernetesSettings, step: int
) -> None:
    """Other ends of lines stand in annotations as they are, wherever the text is cut in two."""
    notes = {"p": "a\u0085b\u2028c\u2029d\u00e9\U0001f680"}
    lines = [
        json.dumps(event("ADDED", pod(f"p{at}", 11 + at) | {"notes": notes}), ensure_ascii=False)
        for at in range(3)
    ]
    body = "\r\n".join([*lines, ""]).encode()

    async def parts() -> AsyncIterator[bytes]:
        for at in range(0, len(body), step):
            yield body[at : at + step]
        await asyncio.Event().wait()

    async def watch(_: Request) -> Response:
        return StreamingResponse(parts(), media_type="application/json")

    cluster.script[LIST] = [page(pod("a"))]
    cluster.script[WATCH] = [watch]
    async with following(settings) as source:
        await source.until_pods("a", "p0", "p1", "p2")
        assert not source.healths()
    assert len(cluster.asked[WATCH]) == 1
