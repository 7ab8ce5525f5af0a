"""Only pods that live, and are made of what is rolled out, are held against a roll-out."""

import asyncio
from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest

from opsboard.adapter import Facts
from opsboard.records import Deployment, Kind, Ref, Status
from opsboard.testing.fakes import FakeContext
from opsboard_adapters.kubernetes import structs
from opsboard_adapters.kubernetes.access.clusters import usable_clusters
from opsboard_adapters.kubernetes.actions import rollout_watch
from opsboard_adapters.kubernetes.actions.target import ClusterConnection, TargetObject
from opsboard_adapters.kubernetes.client import open_cluster_client
from opsboard_adapters.kubernetes.parse.pods import parse_pod
from opsboard_adapters.kubernetes.resources import DEPLOYMENTS
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from opsboard_adapters.kubernetes.structs import to_struct
from opsboard_adapters.kubernetes.workload_pods import WorkloadPods
from tests.adapters.kubernetes.pod_states import READY, STARTED, pod, up, waits
from tests.adapters.kubernetes.rollout_scenes import (
    CRASHES,
    EVICTED,
    FINE,
    NEW,
    NONE_UP,
    OLD,
    PROGRESSING,
    SCENES,
    STARTS,
    Object,
    Scene,
)
from tests.adapters.kubernetes.scripted_cluster import ScriptedCluster, page
from tests.adapters.kubernetes.test_contract import Place, following
from tests.adapters.kubernetes.test_printed import PLACE
from tests.adapters.kubernetes.test_verdicts import kubectl_agrees
from tests.adapters.kubernetes.test_verdicts import place as place  # noqa: PLC0414 - a fixture
from tests.patience import PATIENCE


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES)
def test_a_roll_out_is_judged_by_its_own_pods(scene: Scene) -> None:
    """Whatever comes first: pods and workloads are told by watches of their own."""
    steps: list[Callable[[WorkloadPods], list[Deployment]]] = [
        lambda troubles: [
            troubles.workload(scene.kind, to_struct(scene.workload(), structs.V1Workload)),
        ]
    ]
    steps += [_seen(item) for item in scene.objects()]
    for order in permutations(steps):
        troubles, told = WorkloadPods(PLACE), list[Deployment]()
        for step in order:
            told += step(troubles)
        assert (told[-1].status, told[-1].reason) == scene.expected


def _seen(item: Object) -> Callable[[WorkloadPods], list[Deployment]]:
    found = to_struct(item, structs.V1Pod)
    return lambda troubles: list(troubles.pod(found, parse_pod(PLACE, found)))


def test_the_younger_template_is_the_new_one_where_numbers_do_not_tell() -> None:
    scene = Scene(
        PROGRESSING,
        ((OLD, CRASHES), (NEW, STARTS)),
        spec={"replicas": 1},
        status={"replicas": 2, **NONE_UP},
    )
    troubles = WorkloadPods(PLACE)
    workload = to_struct(scene.workload(), structs.V1Workload)
    old, new = scene.objects()
    new["metadata"]["creationTimestamp"] = "2026-11-02T00:00:00Z"
    for item in (old, new):
        _seen(item)(troubles)
    assert troubles.workload("Deployment", workload).reason == "Progressing"
    old["metadata"]["creationTimestamp"] = "2026-11-03T00:00:00Z"
    (told,) = _seen(old)(troubles)
    assert told.reason == "CrashLoopBackOff"


# --- an act that is followed ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "told"),
    [
        pytest.param(EVICTED, "", id="evicted"),
        pytest.param(STARTS, "", id="starting"),
        pytest.param(CRASHES, "CrashLoopBackOff (container app: Error, exit code 1)", id="crashes"),
    ],
)
async def test_an_act_is_not_told_to_fail_by_a_pod_that_has_ended(
    cluster: ScriptedCluster, settings: KubernetesSettings, status: Object, told: str
) -> None:
    scene = Scene(PROGRESSING, ((NEW, status), (OLD, CRASHES)))
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "app"}]}}
    workload = scene.workload()
    workload["metadata"]["uid"] = "web"
    workload["spec"] |= {"template": template, "selector": {"matchLabels": {"a": "b"}}}
    cluster.script = {
        "list /api/v1/namespaces/shop/pods": [page(*scene.objects())],
        "list /apis/apps/v1/namespaces/shop/replicasets": [page(_replica_set(template))],
    }
    (access,) = usable_clusters(settings, FakeContext().host_environ)
    async with open_cluster_client(access, FakeContext()) as api:
        connection = ClusterConnection(api, PLACE, FakeContext().now)
        target = TargetObject(connection, DEPLOYMENTS, workload)
        assert await rollout_watch._pod_problem(target) == told


def _replica_set(template: Object) -> Object:
    labels = {"pod-template-hash": "222"}
    metadata = {
        "name": NEW,
        "namespace": "shop",
        "labels": labels,
        "annotations": {"deployment.kubernetes.io/revision": "2"},
        "ownerReferences": [{"kind": "Deployment", "name": "web", "uid": "web"}],
    }
    return {"metadata": metadata, "spec": {"template": template}}


# --- on a true control plane ---------------------------------------------------------------------


@pytest.fixture
async def web(place: Place) -> Place:
    """A Deployment that has been rolled out."""
    async with following(place) as (_, recorder):
        await _until(place, lambda: recorder.records.get(_ref(place)), FINE, _serve)
    return place


def _ref(place: Place) -> Ref:
    return Ref("clusters", Kind.DEPLOYMENT, place.id)


async def _pods(place: Place) -> list[Object]:
    answer = await place.api.get(f"/api/v1/namespaces/{place.namespace}/pods")
    return sorted(answer.get("items") or (), key=lambda item: str(item["metadata"]["name"]))


async def _counted(place: Place, available: int) -> None:
    """Wait until ReplicaSet and Deployment count so many pods of three as *available*."""
    async with asyncio.timeout(PATIENCE):
        while await _availability(place) != (3, [available], available):  # noqa: ASYNC110 - polled
            await asyncio.sleep(0.05)


async def _availability(place: Place) -> tuple[int, list[int], int]:
    """Return how many pods there are, and how many each ReplicaSet and the Deployment count."""
    sets = await place.api.get(f"/apis/apps/v1/namespaces/{place.namespace}/replicasets")
    deployment = await place.api.get(place.path)
    return (
        len(await _pods(place)),
        [item["status"].get("availableReplicas", 0) for item in sets["items"]],
        deployment["status"].get("availableReplicas", 0),
    )


async def _put(place: Place, item: Object, status: Object) -> None:
    path = f"/api/v1/namespaces/{place.namespace}/pods/{item['metadata']['name']}/status"
    body = [{"op": "add", "path": "/status", "value": status}]
    headers = {"Content-Type": "application/json-patch+json"}
    await place.api._client.patch(path, json=body, headers=headers)


async def _serve(place: Place) -> None:
    """Let all pods serve that have not ended."""
    for item in await _pods(place):
        if item["status"].get("phase") == "Pending":
            await _put(place, item, pod("Running", up("web"), on=READY))


async def _wait(place: Place) -> None:
    """Let new pods be as they are."""


async def _until(
    place: Place, look: Callable[[], object], expected: tuple[Status, str], step: Any
) -> None:
    seen: object = None
    try:
        async with asyncio.timeout(PATIENCE):
            while not (isinstance(seen, Deployment) and (seen.status, seen.reason) == expected):
                await step(place)
                await asyncio.sleep(0.05)
                seen = look()
    except TimeoutError:
        raise AssertionError(f"{seen!r} instead of {expected}") from None


@pytest.mark.cluster
async def test_a_true_deployment_is_well_with_an_evicted_pod(web: Place) -> None:
    first, *_ = await _pods(web)
    await _put(web, first, EVICTED)
    await _counted(web, 1)  # the third is made, and does not serve yet
    await _serve(web)
    await _counted(web, 2)
    async with following(web) as (source, recorder):
        await _until(web, lambda: recorder.records.get(_ref(web)), FINE, _serve)
        names = [item["metadata"]["name"] for item in await _pods(web)]
        assert first["metadata"]["name"] in names
        assert len(names) == 3
        await kubectl_agrees(web, "deployment/web", "successfully rolled out")
        detail = await source.detail(_ref(web))
    assert (detail.record.status, detail.record.reason) == FINE
    facts = next(one for one in detail.sections if isinstance(one, Facts)).facts
    assert ("pods not counted", "1 ended (Evicted)") in [(one.label, one.value) for one in facts]


@pytest.mark.cluster
async def test_a_true_roll_out_is_not_blamed_on_what_it_replaces(web: Place) -> None:
    for item in await _pods(web):
        await _put(web, item, pod("Running", waits("CrashLoopBackOff", "web"), on=STARTED))
    async with following(web) as (_, recorder):
        bad = (Status.FAILED, "CrashLoopBackOff")
        await _until(web, lambda: recorder.records.get(_ref(web)), bad, _wait)
        container = {"name": "web", "image": "registry.example/web:2"}
        await web.patch({"spec": {"template": {"spec": {"containers": [container]}}}})
        await _until(web, lambda: recorder.records.get(_ref(web)), PROGRESSING, _wait)
        await kubectl_agrees(web, "deployment/web", "Waiting for")
        await _until(web, lambda: recorder.records.get(_ref(web)), FINE, _serve)
