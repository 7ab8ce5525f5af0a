"""Where the cluster forbids something, that is told with what to ask for; the rest lives."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from opsboard.adapter import Condition, Report, Source
from opsboard.demo.server import serve_in_thread
from opsboard.records import Kind
from opsboard.testing.fakes import FakeContext
from opsboard.testing.recorder import Recorder, recording
from opsboard_adapters.kubernetes import Kubernetes
from opsboard_adapters.kubernetes.access.clusters import usable_clusters
from opsboard_adapters.kubernetes.resources import WATCHED
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.adapters.kubernetes.scripted_cluster import (
    PODS,
    SCOPES,
    ScriptedCluster,
    status,
    write_kubeconfig,
)
from tests.adapters.kubernetes.test_contract import REAL, Place, real

USER = "opsboard-test-viewer"


@asynccontextmanager
async def _listening(settings: KubernetesSettings) -> AsyncIterator[tuple[Source, Recorder]]:
    async with (
        Kubernetes.connect(settings, FakeContext()) as source,
        recording(source) as recorder,
    ):
        yield source, recorder


def _forbidden(recorder: Recorder) -> dict[str, str]:
    """Return the scopes that are forbidden, with the fix of each."""
    return {
        str(change.scope): change.health.hint
        for change in recorder.changes
        if isinstance(change, Report) and change.health.condition is Condition.FORBIDDEN
    }


async def test_a_forbidden_resource_leaves_the_others_live(tmp_path: Path) -> None:
    cluster = ScriptedCluster()
    cluster.script[f"list {PODS}"] = [status(403, "pods is forbidden")]
    with serve_in_thread(cluster.app) as url:
        settings = KubernetesSettings(kubeconfig=write_kubeconfig(tmp_path, url))
        async with _listening(settings) as (_, recorder):
            await recorder.until(lambda: recorder.streaming == SCOPES - {"test/pods"})
            await recorder.until(lambda: bool(_forbidden(recorder)))
    assert _forbidden(recorder) == {
        "test/pods": "ask for get, list and watch on pods in all namespaces,"
        " or set namespaces in config"
    }


async def test_who_may_nothing_is_told_of_each_resource(tmp_path: Path) -> None:
    cluster = ScriptedCluster()
    for resource in WATCHED:
        cluster.script[f"list {resource.path('shop')}"] = [status(403)]
    with serve_in_thread(cluster.app) as url:
        settings = KubernetesSettings(
            kubeconfig=write_kubeconfig(tmp_path, url), namespaces=("shop",)
        )
        async with _listening(settings) as (_, recorder):
            await recorder.until(lambda: len(_forbidden(recorder)) == len(WATCHED))
    wanted = "ask for get, list and watch on deployments.apps in namespace shop"
    assert _forbidden(recorder)["test/shop/deployments"] == wanted


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    if not REAL:
        pytest.skip("OPSBOARD_TEST_KUBECONFIG names no cluster")
    async with real() as place:
        yield place


def _as_viewer(place: Place, folder: Path) -> KubernetesSettings:
    """Return the settings of somebody with no rights but those that the test gives."""
    (access,) = usable_clusters(place.settings, FakeContext().host_environ)
    config = {
        "current-context": "viewer",
        "clusters": [{"name": "test", "cluster": dict(access.cluster)}],
        "contexts": [{"name": "viewer", "context": {"cluster": "test", "user": "viewer"}}],
        "users": [{"name": "viewer", "user": {**access.user, "as": USER}}],
    }
    file = folder / "viewer"
    file.write_text(json.dumps(config))
    return KubernetesSettings(kubeconfig=file, namespaces=(place.namespace,))


async def _permit(place: Place, *resources: str) -> None:
    root = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{place.namespace}"
    rule = {"apiGroups": ["apps"], "resources": resources, "verbs": ["get", "list", "watch"]}
    await place.api.review(f"{root}/roles", {"metadata": {"name": "viewer"}, "rules": [rule]})
    group = "rbac.authorization.k8s.io"
    binding: dict[str, Any] = {
        "metadata": {"name": "viewer"},
        "roleRef": {"apiGroup": group, "kind": "Role", "name": "viewer"},
        "subjects": [{"apiGroup": group, "kind": "User", "name": USER}],
    }
    await place.api.review(f"{root}/rolebindings", binding)


@pytest.mark.cluster
@pytest.mark.parametrize("permitted", [("deployments",), ()], ids=["deployments", "nothing"])
async def test_a_real_role_is_respected(
    place: Place, tmp_path: Path, permitted: tuple[str, ...]
) -> None:
    if permitted:
        await _permit(place, *permitted)
    settings = _as_viewer(place, tmp_path)
    async with _listening(settings) as (source, recorder):
        refused = len(WATCHED) - len(permitted)
        await recorder.until(lambda: len(_forbidden(recorder)) == refused)
        await recorder.until(lambda: len(recorder.streaming) == len(permitted))
        found = recorder.of_kind(Kind.DEPLOYMENT)
        if permitted:
            detail = await source.detail(found[0].ref)
            assert any("pods" in getattr(part, "empty", "") for part in detail.sections)
    assert [record.name for record in found] == (["web"] if permitted else [])
    pods = _forbidden(recorder)[f"viewer/{place.namespace}/pods"]
    assert pods == f"ask for get, list and watch on pods in namespace {place.namespace}"
