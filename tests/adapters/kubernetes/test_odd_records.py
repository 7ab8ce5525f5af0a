"""One odd object, event, context or namespace hides no other."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from opsboard.adapter import Condition, Health, Misconfigured, Report, Skipped
from opsboard.demo.server import serve_in_thread
from opsboard.records import Kind, Ref, Status
from opsboard.testing.fakes import FakeContext
from opsboard_adapters.kubernetes import Kubernetes
from opsboard_adapters.kubernetes.resources import CONFIGS, INFERENCE_SERVICES, WATCHED
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
    stream,
    text,
    write_kubeconfig,
)
from tests.adapters.kubernetes.test_bad_input import Following, following

LIST, WATCH = f"list {PODS}", f"watch {PODS}"
DEPTH = 50_000
"""Brackets within brackets that no Python follows: 3.11 gives up at 1,000, 3.13 at 10,000."""

BOOKMARK = event("BOOKMARK", {"metadata": {"resourceVersion": "30"}})


def _changed(item: dict[str, Any], **paths: Any) -> dict[str, Any]:
    """Return *item* with the values at *paths*, for instance ``spec__containers``."""
    made: dict[str, Any] = json.loads(json.dumps(item))
    for path, value in paths.items():
        *outer, last = path.split("__")
        inner = made
        for key in outer:
            inner = inner.setdefault(key, {})
        inner[last] = value
    return made


SETS = "/apis/apps/v1/statefulsets"
EXPIRED = event("ERROR", {"kind": "Status", "code": 410, "message": "too old"})


def _owned(name: str, owner: str) -> dict[str, Any]:
    """Return a pod of the StatefulSet *owner* that cannot be started."""
    waiting = {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}
    by = {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": owner, "controller": True}
    made = _changed(pod(name, phase="Pending"), metadata__ownerReferences=[by])
    made["status"]["containerStatuses"] = [{"name": "main", "ready": False, "state": waiting}]
    return made


def _set_of(name: str) -> dict[str, Any]:
    made = _changed(pod(name), spec={"replicas": 1}, status={"replicas": 1, "readyReplicas": 1})
    return {**made, "kind": "StatefulSet", "apiVersion": "apps/v1"}


def _told(source: Following, scope: str = "test/pods") -> list[Skipped]:
    return [
        one for one in source.recorder.changes if isinstance(one, Skipped) and one.scope == scope
    ]


MENDED = {
    "null for a list": _changed(pod("odd"), spec__containers=None),
    "null for an object": _changed(pod("odd"), status=None),
    "null for a text": _changed(pod("odd"), spec__nodeName=None, metadata__namespace=None),
    "null in a list": _changed(pod("odd"), spec__containers=[None, {"name": "main"}]),
    "a lone surrogate": _changed(pod("odd"), status__message="\ud800"),
    "an unknown phase": _changed(pod("odd"), status__phase="Dreaming"),
    "a time that is none": _changed(pod("odd"), metadata__creationTimestamp="soon"),
    "a time before all times": _changed(
        pod("odd"), metadata__creationTimestamp="0001-01-01T00:00:00+23:59"
    ),
    "NaN where nobody looks": _changed(pod("odd"), spec__x=float("nan")),
    "a number in words": _changed(pod("odd"), metadata__generation="5"),
}

LEFT_OUT = {
    "a text for a list": (_changed(pod("odd"), spec__containers="one"), "Pod shop/odd: "),
    "a list for an object": (_changed(pod("odd"), status=[]), "Pod shop/odd: status: expected"),
    "a number for a text": (_changed(pod("odd"), spec__nodeName=5), "Pod shop/odd: spec.nodeName"),
    "no name": (_changed(pod("odd"), metadata__name=None), ""),
    "an empty name": (_changed(pod("odd"), metadata__name=""), ""),
    "no metadata": ({"spec": {}}, ""),
}


@pytest.mark.parametrize("item", MENDED.values(), ids=MENDED)
async def test_what_is_odd_where_it_does_no_harm_is_shown(
    cluster: ScriptedCluster, settings: KubernetesSettings, item: dict[str, Any]
) -> None:
    cluster.script[LIST] = [_raw_page(pod("a"), item, pod("z"))]
    async with following(settings) as source:
        await source.until_pods("a", "odd", "z")
        await source.until(lambda: source.recorder.streaming == SCOPES)
        assert _told(source) == []


@pytest.mark.parametrize(("item", "says"), LEFT_OUT.values(), ids=LEFT_OUT)
async def test_what_cannot_be_read_is_left_out_counted_and_named(
    cluster: ScriptedCluster, settings: KubernetesSettings, item: dict[str, Any], says: str
) -> None:
    cluster.script[LIST] = [_raw_page(pod("a"), item, pod("z"))]
    async with following(settings) as source:
        await source.until(lambda: source.recorder.streaming == SCOPES)
        assert source.pods == {"a", "z"}
        (told,) = _told(source)
        assert (told.count, told.total) == (1, 3)
        assert says in told.sentence
        assert not source.healths()


@pytest.mark.parametrize("scope", sorted(SCOPES))
async def test_so_it_is_with_all_kinds(
    cluster: ScriptedCluster, settings: KubernetesSettings, scope: str
) -> None:
    (resource,) = (one for one in (*WATCHED, *CONFIGS) if scope == f"test/{one.plural}")
    good = {"metadata": {"name": "a", "namespace": "shop", "resourceVersion": "1"}}
    odd: dict[str, Any]
    odd = {"metadata": {"name": "odd", "namespace": "shop"}, "spec": 5, "involvedObject": 5}
    if resource.metadata_only:
        odd = {"metadata": {"name": "odd", "namespace": "shop", "managedFields": 5}}
    cluster.script[f"list {resource.path()}"] = [_raw_page(good, odd)]
    async with following(settings) as source:
        await source.until(lambda: source.recorder.streaming == SCOPES)
        (told,) = _told(source, scope)
        assert (told.count, told.total) == (1, 2)
        assert " shop/odd: " in told.sentence
        assert len(source.recorder.records) == 1


def _raw_page(*items: dict[str, Any]) -> Answer:
    body = {"metadata": {"resourceVersion": "10"}, "items": list(items)}
    return text(json.dumps(body))


async def test_an_object_nested_too_deeply_is_left_out(
    cluster: ScriptedCluster, settings: KubernetesSettings
) -> None:
    deep = json.dumps(_changed(pod("deep"), spec__x="?")).replace('"?"', "[" * DEPTH + "]" * DEPTH)
    body = f'{{"metadata": {{"resourceVersion": "10"}}, "items": [{json.dumps(pod("a"))}, {deep}]}}'
    cluster.script[LIST] = [text(body)]
    async with following(settings) as source:
        await source.until(lambda: source.recorder.streaming == SCOPES)
        assert source.pods == {"a"}
        (told,) = _told(source)
        assert "nested too deeply" in told.sentence


async def test_an_odd_event_is_left_out_and_the_watch_goes_on(
    cluster: ScriptedCluster, settings: KubernetesSettings
) -> None:
    cluster.script[LIST] = [page(pod("a"), pod("b"))]
    odd = _changed(pod("b", 12), spec__containers="one")
    cluster.script[WATCH] = [
        stream(event("ADDED", pod("c", 11)), event("MODIFIED", odd), event("ADDED", pod("d", 13))),
        silence,
    ]
    async with following(settings) as source:
        await source.until_pods("a", "c", "d")
        await source.until(lambda: len(cluster.asked[WATCH]) == 2)
        (told,) = _told(source)
        assert told.sentence.startswith("1 of 2 records could not be read: Pod shop/b: spec.contai")
        assert not source.healths()
    assert len(cluster.asked[LIST]) == 1
    assert cluster.asked[WATCH][1]["resourceVersion"] == "13"


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(event("MODIFIED", pod("b", 14)), id="readable again"),
        pytest.param(event("DELETED", pod("b", 14)), id="gone"),
        pytest.param(
            event("DELETED", _changed(pod("b", 14), spec__containers="one")), id="gone, and odd"
        ),
    ],
)
async def test_it_is_taken_back_when_it_is_true_no_more(
    cluster: ScriptedCluster, settings: KubernetesSettings, after: dict[str, Any]
) -> None:
    odd = _changed(pod("b", 12), spec__containers="one")
    cluster.script[LIST] = [_raw_page(pod("a"), odd)]
    cluster.script[WATCH] = [stream(after, ends=False)]
    async with following(settings) as source:
        await source.until(lambda: len(_told(source)) == 2)
        assert [told.count for told in _told(source)] == [1, 0]


async def test_an_event_that_does_not_say_where_to_go_on_leads_to_one_new_list(
    cluster: ScriptedCluster, settings: KubernetesSettings
) -> None:
    cluster.script[LIST] = [page(pod("a")), page(pod("a"), pod("b"), version=50)]
    cluster.script[WATCH] = [stream(event("MODIFIED", {"metadata": 5})), silence]
    async with following(settings) as source:
        await source.until_pods("a", "b")
        await source.until(lambda: len(cluster.asked[WATCH]) == 2)
    assert cluster.asked[WATCH][1]["resourceVersion"] == "50"
    assert len(cluster.asked[LIST]) == 2


ODD_LINES = {
    "nested too deeply": '{"type": "MODIFIED", "object": ' + "[" * DEPTH + "]" * DEPTH + "}\n",
    "no JSON": '{"type": "MODIFIED", "object": nothing}\n',
    "no event": "17\n",
    "no object": '{"type": "MODIFIED"}\n',
    "no type": '{"object": {}}\n',
    "too long": "x" * (9 << 20) + "\n",
}


@pytest.mark.parametrize("line", ODD_LINES.values(), ids=ODD_LINES)
async def test_an_event_that_stays_unreadable_leads_to_a_new_list(
    cluster: ScriptedCluster, settings: KubernetesSettings, line: str
) -> None:
    """The server tells it again and again to who goes on where the watch broke off."""
    cluster.script[LIST] = [page(pod("a")), page(pod("a"), pod("b"), version=50)]
    cluster.script[WATCH] = [stream(line), stream(line), silence]
    async with following(settings) as source:
        await source.until(lambda: source.recorder.streaming >= SCOPES - {"test/pods"})
        for pauses in (1, 2):
            await source.go_on()
            await source.until(lambda: len(cluster.asked[WATCH]) > pauses)  # noqa: B023
        await source.until(lambda: len(cluster.asked[WATCH]) == 3)
    assert [query["resourceVersion"] for query in cluster.asked[WATCH]] == ["10", "10", "50"]


@pytest.mark.parametrize("odd", ["nothing but a name", "no name either"])
async def test_events_that_lead_nowhere_are_not_asked_for_without_pause(
    cluster: ScriptedCluster, settings: KubernetesSettings, odd: str
) -> None:
    """Each watch tells the same, without a version to go on from, and hangs up."""
    metadata = {"name": "b", "namespace": "shop"} if odd == "nothing but a name" else {}
    cluster.script[LIST] = [page(pod("a"))]
    cluster.script[WATCH] = [stream(event("ADDED", {**pod("b"), "metadata": metadata}))]
    async with following(settings) as source:
        await source.until_pausing()


async def test_a_type_of_event_that_nobody_knows_is_passed_over(
    cluster: ScriptedCluster, settings: KubernetesSettings
) -> None:
    cluster.script[LIST] = [page(pod("a"))]
    cluster.script[WATCH] = [stream(event("DREAMT", pod("x", 11)), event("ADDED", pod("b", 12)))]
    async with following(settings) as source:
        await source.until_pods("a", "b")


async def test_a_page_larger_than_was_asked_for(
    cluster: ScriptedCluster, settings: KubernetesSettings
) -> None:
    cluster.script[LIST] = [page(*[pod(f"p{number}") for number in range(1_200)])]
    async with following(settings) as source:
        await source.until(lambda: "test/pods" in source.recorder.complete)
        assert len(source.pods) == 1_200


@pytest.mark.parametrize("cycle", [1, 2, 10_000])
async def test_a_list_without_end_is_told_and_what_was_read_is_shown(
    cluster: ScriptedCluster, settings: KubernetesSettings, cycle: int
) -> None:
    number = 0

    async def endless(_: Request) -> Response:
        nonlocal number
        number += 1
        metadata = {"resourceVersion": "5", "continue": f"page {number % cycle}"}
        return JSONResponse({"metadata": metadata, "items": [pod(f"p{number}")]})

    cluster.script[LIST] = [endless]
    settings = settings.model_copy(update={"max_pages": 4})
    async with following(settings) as source:
        health = await source.until_failed()
        assert health.condition is Condition.BROKEN
        assert "no end" in health.message
        assert source.pods
        assert "test/pods" not in source.recorder.complete
    assert number <= 5


def _two_contexts(folder: Path, url: str, **other: Any) -> Path:
    file = write_kubeconfig(folder, url)
    body = json.loads(file.read_text())
    body["clusters"].append({"name": "other", "cluster": other})
    body["contexts"].append({"name": "other", "context": {"cluster": "other", "user": "me"}})
    file.write_text(json.dumps(body))
    return file


@pytest.mark.parametrize(
    ("context", "other"),
    [
        pytest.param("nowhere", {}, id="a context that does not exist"),
        pytest.param("other", {}, id="a cluster without a server"),
        pytest.param("other", {"server": "http://127.0.0.1:9"}, id="a server that is not there"),
        pytest.param("other", {"server": "http://[::::1"}, id="a URL that is none"),
        pytest.param("other", {"server": "ftp://x"}, id="a protocol that is none"),
        pytest.param("other", {"server": 5}, id="a number for a URL"),
        pytest.param("other", {"server": "https://x", "proxy-url": "gopher://y"}, id="a proxy"),
        pytest.param(
            "other",
            {"server": "https://x", "certificate-authority-data": "?"},
            id="a CA that is none",
        ),
    ],
)
async def test_a_wrong_context_takes_down_no_other(
    cluster: ScriptedCluster, tmp_path: Path, context: str, other: dict[str, Any]
) -> None:
    cluster.script[LIST] = [page(pod("a"))]
    with serve_in_thread(cluster.app) as url:
        file = _two_contexts(tmp_path, url, **other)
        settings = KubernetesSettings(kubeconfig=file, contexts=(context, "test"))
        async with following(settings) as source:
            await source.until(lambda: source.recorder.streaming == SCOPES)
            assert source.pods == {"a"}
            await source.until(lambda: bool(_failures(source, context)))
            assert _failures(source, context)[0].message
            assert not _failures(source, "test")


def _failures(source: Following, context: str) -> list[Health]:
    return [
        change.health
        for change in source.recorder.changes
        if isinstance(change, Report) and (change.scope or "").partition("/")[0] == context
        if change.health.condition.status is Status.FAILED
    ]


async def test_a_context_that_is_mended_is_followed(
    cluster: ScriptedCluster, tmp_path: Path
) -> None:
    with serve_in_thread(cluster.app) as url:
        file = _two_contexts(tmp_path, url)
        settings = KubernetesSettings(kubeconfig=file, contexts=("other", "test"))
        async with following(settings) as source:
            await source.until(lambda: bool(source.healths("other")))
            _two_contexts(tmp_path, url, server=url)
            await source.go_on()
            await source.until(lambda: "other/pods" in source.recorder.streaming)


async def test_where_no_context_is_right_the_source_says_so(tmp_path: Path) -> None:
    file = write_kubeconfig(tmp_path, "http://127.0.0.1:9")
    settings = KubernetesSettings(kubeconfig=file, contexts=("nowhere", "neither"))
    async with following(settings) as source:
        await source.until(lambda: source.recorder.error is not None)
        assert isinstance(source.recorder.error, Misconfigured)


@pytest.mark.parametrize("namespace", ["no/where", "..", "a b", "x" * 300, "\x00", "ä?limit=1"])
async def test_a_wrong_namespace_takes_down_no_other(
    cluster: ScriptedCluster, settings: KubernetesSettings, namespace: str
) -> None:
    cluster.script["list /api/v1/namespaces/shop/pods"] = [page(pod("a"))]
    settings = settings.model_copy(update={"namespaces": (namespace, "shop")})
    async with following(settings) as source:
        await source.until(lambda: "test/shop/pods" in source.recorder.streaming)
        assert "a" in source.pods
    for asked in cluster.asked.keys() - {f"list {INFERENCE_SERVICES.group_path}"}:
        assert asked.endswith("s")
        assert "/../" not in asked


async def test_the_detail_of_an_odd_object_is_a_sentence(
    cluster: ScriptedCluster, settings: KubernetesSettings
) -> None:
    path = "/api/v1/namespaces/shop/pods/odd"
    body = json.dumps(_changed(pod("odd"), spec__containers="one"))
    cluster.script[f"list {path}"] = [text(body)]
    async with Kubernetes.connect(settings, FakeContext()) as source:
        with pytest.raises(Exception, match=r"GET .*/odd: spec\.containers: expected array"):
            await source.detail(Ref("s", Kind.POD, "test/shop/odd"))


async def test_a_pod_that_vanished_unseen_troubles_its_workload_no_more(
    cluster: ScriptedCluster, settings: KubernetesSettings
) -> None:
    cluster.script = {
        f"list {SETS}": [page(_set_of("web"))],
        LIST: [page(_owned("web-0", "web")), page()],
        WATCH: [stream(BOOKMARK, EXPIRED), silence],
    }

    def reasons() -> list[str]:
        return [one.reason for one in source.recorder.of_kind(Kind.DEPLOYMENT)]

    async with following(settings) as source:
        await source.until(lambda: reasons() == ["ImagePullBackOff"])
        await source.until(lambda: len(cluster.asked[LIST]) == 2 and not source.pods)
        await source.until(lambda: reasons() == [""])


async def test_a_workload_that_vanished_unseen_does_not_come_back_by_a_pod(
    cluster: ScriptedCluster, settings: KubernetesSettings
) -> None:
    relisted = asyncio.Event()

    async def later(request: Request) -> Response:
        await relisted.wait()
        return await stream(event("ADDED", _owned("web-0", "web")), ends=False)(request)

    cluster.script = {
        f"list {SETS}": [page(_set_of("web")), page()],
        f"watch {SETS}": [stream(BOOKMARK, EXPIRED), silence],
        WATCH: [later],
    }
    async with following(settings) as source:
        await source.until(lambda: len(cluster.asked[f"watch {SETS}"]) == 2)
        await source.until(lambda: not source.recorder.of_kind(Kind.DEPLOYMENT))
        relisted.set()
        await source.until_pods("web-0")
        assert not source.recorder.of_kind(Kind.DEPLOYMENT)
