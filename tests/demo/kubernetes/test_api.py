"""The demo's Kubernetes API, over real HTTP. Its clock stands still unless a test moves it."""

import json
from typing import Any

import httpx
import pytest

from opsboard.demo.app import build_app
from opsboard.demo.server import serve_in_thread
from opsboard.demo.world.seed_data import create_world
from tests.demo.kubernetes.cluster_client import AT, DEPLOYMENTS, ClusterClock, get, names

JSON_PATCH = "application/json-patch+json"


async def test_chunks_together_are_the_whole_list(api: httpx.AsyncClient) -> None:
    whole = await get(api, "api/v1/pods")
    told: list[str] = []
    token = ""
    while True:
        chunk = await get(api, "api/v1/pods", limit=7, **({"continue": token} if token else {}))
        assert len(chunk["items"]) <= 7
        told += names(chunk)
        if not (token := chunk["metadata"].get("continue", "")):
            break
    assert told == names(whole)
    assert len(told) > 40


async def test_the_same_seed_and_time_answer_byte_for_byte_the_same(
    api: httpx.AsyncClient,
) -> None:
    world, controllers = create_world(7, AT)
    with serve_in_thread(build_app(world, controllers, lambda: AT)) as other:
        for path in ("api/v1/pods", "apis/apps/v1/deployments", "api/v1/events"):
            twin = await api.get(f"{other}/clusters/production-eu/{path}")
            answer = await api.get(path)
            assert twin.content == answer.content
            assert twin.headers["date"] == answer.headers["date"] == "Tue, 24 Nov 2026 09:00:00 GMT"


async def test_selectors_choose(api: httpx.AsyncClient) -> None:
    found_by_label = await get(
        api, "api/v1/namespaces/shop/pods", labelSelector="app.kubernetes.io/name in (cart)"
    )
    assert len(found_by_label["items"]) == 3
    warnings = await get(api, "api/v1/events", fieldSelector="type=Warning")
    assert {item["type"] for item in warnings["items"]} == {"Warning"}
    assert (await api.get("api/v1/pods", params={"labelSelector": "a b c"})).status_code == 400


async def test_a_table_has_the_rows_that_kubectl_prints(api: httpx.AsyncClient) -> None:
    accept = "application/json;as=Table;v=v1;g=meta.k8s.io"
    answer = await api.get("api/v1/pods", headers={"Accept": accept})
    table = answer.json()
    assert table["kind"] == "Table"
    words = {row["cells"][2] for row in table["rows"]}
    assert {"Running", "CrashLoopBackOff"} <= words


async def _events(api: httpx.AsyncClient, path: str, **params: str | int) -> list[Any]:
    async with api.stream("GET", path, params={"watch": "true", **params}) as answer:
        return [json.loads(line) async for line in answer.aiter_lines()]


async def test_a_watch_tells_what_changed_since_the_list(
    api: httpx.AsyncClient, clock: ClusterClock
) -> None:
    before = await get(api, "api/v1/pods")
    clock.forward(600)
    after = await get(api, "api/v1/pods")
    version = before["metadata"]["resourceVersion"]
    events = await _events(api, "api/v1/pods", resourceVersion=version, timeoutSeconds=1)
    pods = {item["metadata"]["uid"]: item for item in before["items"]}
    for event in events:
        uid = event["object"]["metadata"]["uid"]
        if event["type"] == "DELETED":
            del pods[uid]
        else:
            assert (event["type"] == "ADDED") is (uid not in pods)
            pods[uid] = event["object"]
    assert events
    assert pods == {item["metadata"]["uid"]: item for item in after["items"]}


async def test_a_watch_from_nowhere_begins_with_everything(api: httpx.AsyncClient) -> None:
    whole = await get(api, "apis/apps/v1/deployments")
    events = await _events(api, "apis/apps/v1/deployments", timeoutSeconds=1)
    assert [event["object"]["metadata"]["name"] for event in events] == names(whole)


async def test_streamed_lists_end_in_a_marked_bookmark(api: httpx.AsyncClient) -> None:
    events = await _events(
        api,
        "apis/apps/v1/deployments",
        sendInitialEvents="true",
        allowWatchBookmarks="true",
        timeoutSeconds=1,
    )
    first = next(event for event in events if event["type"] != "ADDED")
    assert first["type"] == "BOOKMARK"
    assert first["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


async def test_a_roll_back_by_patch_mends_the_bad_roll_out(
    api: httpx.AsyncClient, clock: ClusterClock
) -> None:
    before = await get(api, f"{DEPLOYMENTS}/checkout")
    reasons = [item["reason"] for item in before["status"]["conditions"]]
    assert "ProgressDeadlineExceeded" in reasons
    sets = await get(
        api,
        "apis/apps/v1/namespaces/shop/replicasets",
        labelSelector="app.kubernetes.io/name=checkout",
    )
    by_revision = {
        int(item["metadata"]["annotations"]["deployment.kubernetes.io/revision"]): item
        for item in sets["items"]
    }
    template = by_revision[sorted(by_revision)[-2]]["spec"]["template"]
    del template["metadata"]["labels"]["pod-template-hash"]
    patch = [{"op": "replace", "path": "/spec/template", "value": template}]
    headers = {"Content-Type": JSON_PATCH}
    answer = await api.patch(f"{DEPLOYMENTS}/checkout", json=patch, headers=headers)
    assert answer.status_code == 200, answer.text
    clock.forward(120)
    after = await get(api, f"{DEPLOYMENTS}/checkout")
    assert after["status"]["readyReplicas"] == after["spec"]["replicas"]
    number = int(after["metadata"]["annotations"]["deployment.kubernetes.io/revision"])
    assert number == max(by_revision) + 1


async def test_a_patch_of_another_version_is_a_conflict(api: httpx.AsyncClient) -> None:
    patch = {"metadata": {"resourceVersion": "1"}, "spec": {"replicas": 9}}
    headers = {"Content-Type": "application/merge-patch+json"}
    answer = await api.patch(f"{DEPLOYMENTS}/cart", json=patch, headers=headers)
    assert answer.status_code == 409
    assert (await get(api, f"{DEPLOYMENTS}/cart"))["spec"]["replicas"] == 3


async def test_a_dry_run_changes_nothing(api: httpx.AsyncClient) -> None:
    answer = await api.patch(
        f"{DEPLOYMENTS}/cart",
        params={"dryRun": "All"},
        json={"spec": {"replicas": 9}},
        headers={"Content-Type": "application/merge-patch+json"},
    )
    assert answer.json()["spec"]["replicas"] == 9
    assert (await get(api, f"{DEPLOYMENTS}/cart"))["spec"]["replicas"] == 3


async def test_a_log_has_the_lines_asked_for(api: httpx.AsyncClient) -> None:
    pods = await get(
        api, "api/v1/namespaces/shop/pods", labelSelector="app.kubernetes.io/name=cart"
    )
    path = f"api/v1/namespaces/shop/pods/{names(pods)[0]}/log"
    short = (await api.get(path, params={"tailLines": 3})).text.splitlines()
    long = (await api.get(path, params={"tailLines": 10})).text.splitlines()
    assert len(short) == 3
    assert long[-3:] == short
    assert (await api.get(path, params={"previous": "true"})).status_code == 400


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("api/v1/namespaces/shop/pods/no-such", 'pods "no-such" not found'),
        (f"{DEPLOYMENTS}/no-such", 'deployments.apps "no-such" not found'),
        ("api/v1/unicorns", "the server could not find the requested resource"),
    ],
)
async def test_what_is_not_there_is_said_as_kubernetes_says_it(
    api: httpx.AsyncClient, path: str, message: str
) -> None:
    answer = await api.get(path)
    assert answer.status_code == 404
    assert answer.json()["kind"] == "Status"
    assert answer.json()["message"] == message
