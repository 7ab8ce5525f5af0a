"""What a cluster remembers itself: revisions by their creation, and who asks."""

import json
from pathlib import Path
from typing import Any

import pytest

from opsboard.adapter import Past, PastRecord
from opsboard.records import Deployment, Kind, Ref
from opsboard.testing.fakes import FakeContext
from opsboard.testing.recorder import Recorder, recording
from opsboard_adapters.kubernetes import Kubernetes
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.adapters.kubernetes.scenes import Scene
from tests.adapters.kubernetes.scripted_cluster import ScriptedCluster, page, status, text
from tests.adapters.kubernetes.workload_setup import source_of

REVISIONS = "list /apis/apps/v1/replicasets"
STATEFUL = "list /apis/apps/v1/controllerrevisions"


def _told(recorder: Recorder) -> list[PastRecord]:
    pasts = [change for change in recorder.changes if isinstance(change, Past)]
    return [record for past in pasts for record in past.records]


def _revision(
    name: str, created: str, owner: str, image: str, **annotations: str
) -> dict[str, Any]:
    return {
        "metadata": {
            "name": name,
            "namespace": "shop",
            "creationTimestamp": created,
            "annotations": {
                f"deployment.kubernetes.io/{key.replace('_', '-')}": value
                for key, value in annotations.items()
            },
            "ownerReferences": [{"kind": owner, "name": "web", "controller": True}],
        },
        "spec": {"template": {"spec": {"containers": [{"name": "web", "image": image}]}}},
    }


async def _past_of(settings: KubernetesSettings, expected: int) -> list[PastRecord]:
    async with (
        Kubernetes.connect(settings, FakeContext("clusters")) as source,
        recording(source) as recorder,
    ):
        await recorder.until(lambda: len(_told(recorder)) >= expected)
        return _told(recorder)


async def test_a_replica_set_says_when_its_template_was_first_rolled_out(
    cluster: ScriptedCluster, settings: KubernetesSettings
) -> None:
    """After a rollback it has another number; its creation is that of the first roll-out."""
    cluster.script[REVISIONS] = [
        page(
            _revision("web-1", "2026-11-01T10:00:00Z", "Deployment", "web:1", revision="5",
                      revision_history="3"),
            _revision("web-2", "2026-11-02T10:00:00Z", "Deployment", "web:2", revision="4"),
            _revision("web-3", "2026-11-03T10:00:00Z", "Rollout", "web:3", revision="1"),
        )
    ]  # fmt: skip
    first, second = await _past_of(settings, 2)
    assert isinstance(first.record, Deployment)
    assert first.ref == Ref("clusters", Kind.DEPLOYMENT, "test/shop/Deployment/web")
    assert (first.record.revision, first.at.isoformat()) == ("3", "2026-11-01T10:00:00+00:00")
    assert first.record.deployed_at is None
    assert "not the last" in first.rule
    assert [one.value for one in first.record.inputs if one.type == "image-tag"] == ["1"]
    assert isinstance(second.record, Deployment)
    assert second.record.revision == "4"


async def test_a_controller_revision_has_no_number_of_then(
    cluster: ScriptedCluster, settings: KubernetesSettings
) -> None:
    item = _revision("web-abc", "2026-11-01T10:00:00Z", "StatefulSet", "web:1")
    cluster.script[STATEFUL] = [page({**item, "data": {"spec": item.pop("spec")}, "revision": 7})]
    (only,) = await _past_of(settings, 1)
    assert isinstance(only.record, Deployment)
    assert (only.record.revision, only.record.images) == ("abc", ("web:1",))


async def test_without_the_right_nothing_is_said_of_it(
    cluster: ScriptedCluster, settings: KubernetesSettings
) -> None:
    cluster.script[REVISIONS] = [status(403, "forbidden")]
    async with (
        Kubernetes.connect(settings, FakeContext("clusters")) as source,
        recording(source) as recorder,
    ):
        await recorder.until(lambda: bool(cluster.asked[REVISIONS]) and len(recorder.complete) >= 7)
        assert recorder.troubles == []
        assert _told(recorder) == []


async def test_the_past_of_a_cluster_is_that_of_its_revisions(scene: Scene) -> None:
    ground, name = await scene.workload("Deployment")
    sets = [
        one for one in await ground.list("ReplicaSet")
        if one["metadata"]["ownerReferences"][0]["name"] == name
    ]  # fmt: skip
    assert len(sets) >= 3
    ref = ground.ref("Deployment", name)
    async with source_of(ground) as source, recording(source) as recorder:
        await recorder.until(lambda: sum(one.ref == ref for one in _told(recorder)) >= len(sets))
        told = [one for one in _told(recorder) if one.ref == ref]
    templates = [one["spec"]["template"]["spec"] for one in sets]
    images = {container["image"] for spec in templates for container in spec["containers"]}
    assert {image for one in told for image in getattr(one.record, "images", ())} == images
    assert all(getattr(one.record, "deployed_at", None) is None for one in told)


# --- who asks ------------------------------------------------------------------------------------


async def test_the_history_belongs_to_the_server_and_the_user_that_it_names(scene: Scene) -> None:
    async with source_of(scene.ground) as source:
        principal = await source.principal()
        assert principal is not None
        assert principal.name
        assert source.address == str(scene.ground.client.base_url).rstrip("/")


@pytest.mark.parametrize(
    ("answers", "name"),
    [
        ({"v1": {"status": {"userInfo": {"username": "ada", "uid": "u-1"}}}}, "ada"),
        ({"v1beta1": {"status": {"userInfo": {"username": "ada"}}}}, "ada"),
        ({}, None),
    ],
)
async def test_an_old_server_is_asked_in_the_old_way(
    cluster: ScriptedCluster, settings: KubernetesSettings, answers: Any, name: str | None
) -> None:
    for version in ("v1", "v1beta1"):
        path = f"list /apis/authentication.k8s.io/{version}/selfsubjectreviews"
        answer = answers.get(version)
        cluster.script[path] = [text(json.dumps(answer)) if answer else status(404)]
    async with Kubernetes.connect(settings, FakeContext("clusters")) as source:
        found = await source.principal()
    assert (found.name if found else None) == name


async def test_who_may_not_ask_has_no_name(
    cluster: ScriptedCluster, settings: KubernetesSettings
) -> None:
    cluster.script["list /apis/authentication.k8s.io/v1/selfsubjectreviews"] = [status(403)]
    async with Kubernetes.connect(settings, FakeContext("clusters")) as source:
        assert await source.principal() is None


async def test_a_source_without_a_kubeconfig_opens_and_says_so(tmp_path: Path) -> None:
    settings = KubernetesSettings(kubeconfig=tmp_path / "none")
    async with Kubernetes.connect(settings, FakeContext("clusters")) as source:
        assert source.address == ""
