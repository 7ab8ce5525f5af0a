"""ConfigMaps and Secrets: seen by their metadata, never by their values."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from opsboard.adapter import Condition
from opsboard.demo.world.configs import SECRET_VALUE
from opsboard.records import ConfigObject, Deployment, Kind, Ref
from opsboard.testing.fakes import FakeContext
from opsboard.testing.recorder import Recorder, recording
from opsboard_adapters.kubernetes import Kubernetes
from opsboard_adapters.kubernetes.protocol import METADATA_ACCEPT, METADATA_LIST_ACCEPT
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.adapters.kubernetes.scenes import Scene
from tests.adapters.kubernetes.scripted_cluster import (
    ScriptedCluster,
    event,
    page,
    status,
    stream,
)
from tests.adapters.kubernetes.workload_setup import Ground, source_of

MAPS, SECRETS = "/api/v1/configmaps", "/api/v1/secrets"
CANARY = "canary-value-of-a-secret"


def config(name: str = "web", time: str = "2026-11-27T07:00:00Z", **more: Any) -> dict[str, Any]:
    """Return a ConfigMap as metadata; its annotation repeats what must not be seen."""
    applied = json.dumps({"data": {"PASSWORD": CANARY}})
    owned: dict[str, Any] = {"f:data": {".": {}, "f:A": {}, "f:B": {}}}
    return {
        "metadata": {
            "name": name,
            "namespace": "shop",
            "resourceVersion": "5",
            "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": applied,
                **more.pop("annotations", {}),
            },
            "managedFields": [
                {"manager": "kubectl-edit", "time": time, "fieldsV1": owned},
                {
                    "manager": "labeller",
                    "time": "2026-11-27T09:00:00Z",
                    "fieldsV1": {"f:metadata": {"f:labels": {"f:x": {}}}},
                },
            ],
            **more,
        }
    }


def found(recorder: Recorder) -> dict[str, ConfigObject]:
    records = recorder.of_kind(Kind.CONFIG)
    return {one.id: one for one in records if isinstance(one, ConfigObject)}


@pytest.fixture
async def recorder(
    cluster: ScriptedCluster, settings: KubernetesSettings
) -> AsyncIterator[Recorder]:
    async with (
        Kubernetes.connect(settings, FakeContext("clusters")) as source,
        recording(source) as recorder,
    ):
        yield recorder


async def test_a_change_is_told_by_who_owns_an_entry(
    cluster: ScriptedCluster, recorder: Recorder
) -> None:
    cluster.script[f"list {MAPS}"] = [page(config())]
    later = config(time="2026-11-27T08:00:00Z")
    cluster.script[f"watch {MAPS}"] = [stream(event("MODIFIED", later), ends=False)]
    id_ = "test/shop/ConfigMap/web"
    await recorder.until(
        lambda: id_ in found(recorder) and found(recorder)[id_].version[11:13] == "08"
    )
    record = found(recorder)[id_]
    assert (record.manager, record.keys, record.object) == ("kubectl-edit", ("A", "B"), "ConfigMap")
    assert record.changed_at is not None
    assert record.changed_at.hour == 8  # not 9: a label is no configuration
    assert CANARY not in repr(recorder.changes)


def _hour(recorder: Recorder, id_: str) -> str:
    record = found(recorder).get(id_)
    return record.version[11:13] if record else ""


async def test_how_replicas_elect_a_leader_is_no_configuration(
    cluster: ScriptedCluster, recorder: Recorder
) -> None:
    leader = config("lock", annotations={"control-plane.alpha.kubernetes.io/leader": "{}"})
    cluster.script[f"list {MAPS}"] = [page(leader, config())]
    again = event("MODIFIED", leader)
    cluster.script[f"watch {MAPS}"] = [stream(again, event("ADDED", config("last")), ends=False)]
    await recorder.until(lambda: "test/shop/ConfigMap/last" in found(recorder))
    assert {one.name for one in found(recorder).values()} == {"web", "last"}


async def test_without_the_right_it_is_said_once_and_all_else_goes_on(
    cluster: ScriptedCluster, recorder: Recorder
) -> None:
    cluster.script[f"list {SECRETS}"] = [status(403, "no")]
    cluster.script[f"list {MAPS}"] = [page(config())]
    await recorder.until(
        lambda: bool(found(recorder)) and len(cluster.asked[f"list {SECRETS}"]) > 0
    )
    await recorder.until(lambda: bool(_said(recorder)))
    assert recorder.troubles == []
    (said,) = _said(recorder)
    assert said.condition is Condition.LIVE
    assert said.message.startswith("no secrets are shown: ")
    assert "secrets" in said.hint


def _said(recorder: Recorder) -> list[Any]:
    reports = [one for one in recorder.changes if getattr(one, "scope", "") == "test/secrets"]
    healths = [getattr(one, "health", None) for one in reports]
    return [one for one in healths if one is not None and one.message]


async def test_what_is_not_shown_is_not_asked_for(
    cluster: ScriptedCluster, settings: KubernetesSettings
) -> None:
    off = settings.model_copy(update={"config_changes": "off"})
    async with (
        Kubernetes.connect(off, FakeContext("clusters")) as source,
        recording(source) as recorder,
    ):
        await recorder.until(lambda: len(recorder.complete) >= 7)
    assert not cluster.asked[f"list {MAPS}"]
    assert not cluster.asked[f"list {SECRETS}"]


def test_only_metadata_is_asked_for() -> None:
    for accept in (METADATA_ACCEPT, METADATA_LIST_ACCEPT):
        assert "PartialObjectMetadata" in accept
        assert "," not in accept  # a second choice would be the whole object


# --- on the demo and on a real API server --------------------------------------------------------


async def _prepare(scene: Scene) -> tuple[Ground, str, str]:
    """Return where a ConfigMap and a Secret are, and their names."""
    if not scene.real:
        ground = Ground(scene.settings, scene.ground.client, scene.ground.cluster, "payments")
        return ground, "payments-config", "payments-credentials"
    ground = scene.ground
    root = f"/api/v1/namespaces/{ground.namespace}"
    for plural, body in (
        ("configmaps", {"metadata": {"name": "web-config"}, "data": {"A": CANARY}}),
        ("secrets", {"metadata": {"name": "web-login"}, "stringData": {"PASSWORD": CANARY}}),
    ):
        answer = await ground.client.post(f"{root}/{plural}?fieldManager=tester", json=body)
        assert answer.status_code == 201, answer.text
    return ground, "web-config", "web-login"


async def test_a_secret_is_a_name_with_the_names_of_its_entries(scene: Scene) -> None:
    ground, name, secret = await _prepare(scene)
    prefix = f"{ground.cluster}/{ground.namespace}"
    ids = {f"{prefix}/ConfigMap/{name}", f"{prefix}/Secret/{secret}"}
    async with source_of(ground) as source, recording(source) as recorder:
        await recorder.until(lambda: ids <= found(recorder).keys())
        records = found(recorder)
        login = records[f"{prefix}/Secret/{secret}"]
        assert login.keys == ("PASSWORD",)
        assert login.changed_at is not None
        assert login.manager
        assert not [one for one in records.values() if one.name == "kube-root-ca.crt"]
        assert not [one for one in records.values() if one.name.startswith("sh.helm.release")]
        for id_ in ids:
            ref = Ref("clusters", Kind.CONFIG, id_)
            shown = f"{await source.detail(ref)!r} {await source.raw(ref)!r}"
            assert CANARY not in shown
            assert SECRET_VALUE not in shown
        told = repr(recorder.changes)
    assert CANARY not in told
    assert SECRET_VALUE not in told


async def test_an_entry_that_is_changed_is_another_version(scene: Scene) -> None:
    if not scene.real:
        pytest.skip("nobody patches a ConfigMap of the demo")
    ground, name, _ = await _prepare(scene)
    id_ = f"{ground.cluster}/{ground.namespace}/ConfigMap/{name}"
    path = f"/api/v1/namespaces/{ground.namespace}/configmaps/{name}?fieldManager=second"
    headers = {"Content-Type": "application/merge-patch+json"}
    async with source_of(ground) as source, recording(source) as recorder:
        await recorder.until(lambda: id_ in found(recorder))
        before = found(recorder)[id_]
        labels = {"metadata": {"labels": {"x": "y"}}}
        await ground.client.patch(path, json=labels, headers=headers)
        await ground.client.patch(path, json={"data": {"B": "2"}}, headers=headers)
        await recorder.until(lambda: found(recorder)[id_].keys == ("A", "B"))
        after = found(recorder)[id_]
    assert "second" in after.manager.split(" or ")
    assert dict(after.owners)["B"] == "second"
    assert before.changed_at is not None
    assert after.changed_at is not None
    assert after.changed_at >= before.changed_at


async def test_the_workload_that_reads_it_states_it(scene: Scene) -> None:
    if scene.real:
        pytest.skip("the demo's workloads read theirs")
    async with source_of(scene.ground) as source, recording(source) as recorder:
        ref = scene.ground.ref("Deployment", "cart")
        await recorder.until(lambda: ref in recorder.records and bool(found(recorder)))
        record = recorder.records[ref]
        assert isinstance(record, Deployment)
        (named,) = [one.identity for one in record.inputs if one.type == "resource"]
        await recorder.until(
            lambda: any(one.name == "cart-config" for one in found(recorder).values())
        )
        (config_map,) = [one for one in found(recorder).values() if one.name == "cart-config"]
    assert config_map.outputs[0].identity == named
