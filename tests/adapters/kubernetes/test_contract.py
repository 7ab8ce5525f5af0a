"""The same holds on the demo's cluster and on a real API server."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from opsboard.adapter import Facts, Grid, Source
from opsboard.records import Deployment, Kind, Ref, Status
from opsboard.testing.fakes import FakeContext
from opsboard.testing.recorder import Recorder, recording
from opsboard_adapters.kubernetes import Kubernetes
from opsboard_adapters.kubernetes.access.clusters import usable_clusters
from opsboard_adapters.kubernetes.client import ClusterClient, open_cluster_client
from opsboard_adapters.kubernetes.parse.pods import FATAL_WAITING_REASONS
from opsboard_adapters.kubernetes.resources import CONFIGS, WATCHED, ApiResource
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.adapters.kubernetes.scripted_cluster import write_kubeconfig
from tests.adapters.kubernetes.workload_setup import until
from tests.patience import PATIENCE
from tests.quiet_demo import quiet_demo

REAL = os.environ.get("OPSBOARD_TEST_KUBECONFIG", "")


class Place(NamedTuple):
    """A cluster, and a Deployment in it that a test may change."""

    settings: KubernetesSettings
    api: ClusterClient
    cluster: str
    namespace: str
    name: str

    @property
    def path(self) -> str:
        return f"/apis/apps/v1/namespaces/{self.namespace}/deployments/{self.name}"

    @property
    def id(self) -> str:
        return f"{self.cluster}/{self.namespace}/Deployment/{self.name}"

    async def patch(self, body: dict[str, Any]) -> None:
        headers = {"Content-Type": "application/merge-patch+json"}
        answer = await self.api._client.patch(self.path, json=body, headers=headers)
        assert answer.status_code == 200, answer.text


@pytest.fixture(
    params=["demo", pytest.param("real", marks=pytest.mark.cluster)],
)
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    if request.param == "real" and not REAL:
        pytest.skip("OPSBOARD_TEST_KUBECONFIG names no cluster")
    made = real() if request.param == "real" else _demo(tmp_path)
    async with made as place:
        yield place


@asynccontextmanager
async def _demo(folder: Path) -> AsyncIterator[Place]:
    with quiet_demo() as demo:
        file = write_kubeconfig(folder, f"{demo.url}/clusters/production-eu", token="")
        settings = KubernetesSettings(kubeconfig=file)
        async with _api(settings) as (api, cluster):
            yield Place(settings, api, cluster, "shop", "storefront")


@asynccontextmanager
async def real() -> AsyncIterator[Place]:
    settings = KubernetesSettings(kubeconfig=Path(REAL))
    namespace = f"opsboard-test-{uuid4().hex[:8]}"
    async with _api(settings) as (api, cluster):
        await api.review("/api/v1/namespaces", {"metadata": {"name": namespace}})
        try:
            await api.review(f"/apis/apps/v1/namespaces/{namespace}/deployments", _deployment())
            yield Place(settings, api, cluster, namespace, "web")
        finally:
            await api._client.delete(f"/api/v1/namespaces/{namespace}")


@asynccontextmanager
async def _api(settings: KubernetesSettings) -> AsyncIterator[tuple[ClusterClient, str]]:
    context = FakeContext()
    (access,) = usable_clusters(settings, context.host_environ)
    async with open_cluster_client(access, context) as api:
        yield api, access.name


def _deployment() -> dict[str, Any]:
    labels = {"app": "web"}
    container = {"name": "web", "image": "registry.example/web:1"}
    return {
        "metadata": {"name": "web"},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }


@asynccontextmanager
async def following(place: Place) -> AsyncIterator[tuple[Source, Recorder]]:
    context = FakeContext("clusters")
    async with (
        Kubernetes.connect(place.settings, context) as source,
        recording(source) as recorder,
    ):
        await recorder.until(lambda: len(recorder.streaming) == len(WATCHED) + len(CONFIGS))
        yield source, recorder


def _record(recorder: Recorder, place: Place) -> Deployment:
    record = recorder.records[Ref("clusters", Kind.DEPLOYMENT, place.id)]
    assert isinstance(record, Deployment)
    return record


async def test_every_object_of_every_resource_is_a_record(place: Place) -> None:
    async with following(place) as (_, recorder):
        await recorder.until(lambda: Ref("clusters", Kind.DEPLOYMENT, place.id) in recorder.records)
        for resource in WATCHED:
            if resource.record_kind in {Kind.EVENT, Kind.POD, Kind.JOB}:
                continue  # these move by themselves
            await until(
                partial(_counts, place, recorder, resource), lambda seen: len(set(seen)) == 1
            )


async def _counts(place: Place, recorder: Recorder, resource: ApiResource) -> tuple[int, int]:
    """Return how many objects there are, and how many records: others may make some meanwhile."""
    answer = await place.api.get(resource.path())
    scope = recorder.scopes.get(f"{place.cluster}/{resource.plural}", set())
    return len(answer.get("items") or ()), len(scope)


async def test_what_is_changed_is_seen(place: Place) -> None:
    async with following(place) as (_, recorder):
        await place.patch({"spec": {"replicas": 7}})
        await recorder.until(lambda: _record(recorder, place).desired == 7)
        assert _record(recorder, place).status is not Status.OK
        prefix = f"{place.cluster}/{place.namespace}/{place.name}-"
        await recorder.until(
            lambda: (
                len([pod for pod in recorder.of_kind(Kind.POD) if pod.id.startswith(prefix)]) >= 7
            )
        )


async def test_a_new_image_is_a_new_revision(place: Place) -> None:
    async with following(place) as (source, recorder):
        known = Ref("clusters", Kind.DEPLOYMENT, place.id)
        await recorder.until(
            lambda: known in recorder.records and bool(_record(recorder, place).revision)
        )  # the controller writes it a while after the Deployment is made
        before = int(_record(recorder, place).revision)
        item = await place.api.get(place.path)
        (container,) = item["spec"]["template"]["spec"]["containers"]
        changed = {**container, "image": "registry.example/new:2"}
        await place.patch({"spec": {"template": {"spec": {"containers": [changed]}}}})
        await recorder.until(lambda: _record(recorder, place).revision == str(before + 1))
        assert _record(recorder, place).images == ("registry.example/new:2",)
        async with asyncio.timeout(PATIENCE):
            cells = await _cells(source, place, "registry.example/new:2")
            while not cells:
                await asyncio.sleep(0.05)
                cells = await _cells(source, place, "registry.example/new:2")
        assert cells[0].startswith(str(before + 1))


async def _cells(source: Source, place: Place, image: str) -> tuple[str, ...]:
    """Return the row of the revisions that has *image* in it, or none."""
    detail = await source.detail(Ref("clusters", Kind.DEPLOYMENT, place.id))
    grids = [section for section in detail.sections if isinstance(section, Grid)]
    revisions = next(grid for grid in grids if "revision" in grid.title.lower())
    for row in revisions.rows:
        if any(image in cell for cell in row.cells):
            return row.cells
    return ()


async def test_a_detail_leads_to_the_pods(place: Place) -> None:
    async with following(place) as (source, recorder):
        await recorder.until(lambda: _record(recorder, place).desired >= 2)
        async with asyncio.timeout(PATIENCE):
            pods = await _pods(source, place)
            while len(pods) < 2:  # a controller that is busy makes them a while later
                await asyncio.sleep(0.05)
                pods = await _pods(source, place)
        assert (await source.detail(pods[0])).record.ref == pods[0]


async def _pods(source: Source, place: Place) -> list[Ref]:
    """Return the pods that the detail of the workload leads to."""
    detail = await source.detail(Ref("clusters", Kind.DEPLOYMENT, place.id))
    assert any(isinstance(section, Facts) for section in detail.sections)
    grids = [section for section in detail.sections if isinstance(section, Grid)]
    refs = [row.ref for grid in grids for row in grid.rows if row.ref is not None]
    return [ref for ref in refs if ref.kind is Kind.POD]


async def test_raw_is_the_object_without_noise(place: Place) -> None:
    async with Kubernetes.connect(place.settings, FakeContext("clusters")) as source:
        raw = await source.raw(Ref("clusters", Kind.DEPLOYMENT, place.id))
    assert raw["metadata"]["name"] == place.name
    assert "managedFields" not in raw["metadata"]


async def test_every_check_is_passed(place: Place) -> None:
    async with Kubernetes.connect(place.settings, FakeContext("clusters")) as source:
        checks = [check async for check in source.checks()]
    assert len(checks) >= 2 + len(WATCHED) + len(CONFIGS)
    assert {check.status for check in checks} == {Status.OK}


async def test_the_demos_bad_roll_out_says_why(tmp_path: Path) -> None:
    async with _demo(tmp_path) as place:
        bad = place._replace(name="checkout")
        async with following(bad) as (_, recorder):
            await recorder.until(lambda: _record(recorder, bad).reason in FATAL_WAITING_REASONS)
            assert _record(recorder, bad).status.severity >= Status.WARNING.severity
