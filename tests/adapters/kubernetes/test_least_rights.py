"""The rights that docs/permissions.md lists are enough, and each of them is needed."""

import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from docs.permissions import VIEW, VIEW_CONFIGS, roles

from opsboard.adapter import ListingQuery
from opsboard.records import Kind, Status
from opsboard.testing.fakes import FakeContext
from opsboard.testing.recorder import recording
from opsboard_adapters.kubernetes import Kubernetes
from opsboard_adapters.kubernetes.access.clusters import usable_clusters
from opsboard_adapters.kubernetes.resources import CONFIGS, WATCHED
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.adapters.kubernetes.scenes import Scene, real_scene
from tests.adapters.kubernetes.test_contract import REAL
from tests.adapters.kubernetes.test_listings import opened
from tests.adapters.kubernetes.workload_setup import until

ROOT = "/apis/rbac.authorization.k8s.io/v1"


def test_the_page_names_every_resource_that_is_watched() -> None:
    view, configs = roles()[VIEW], roles()[VIEW_CONFIGS]
    named = {(group, plural) for rule in view["rules"] for group in rule["apiGroups"]
             for plural in rule["resources"]}  # fmt: skip
    assert {(one.api_group, one.plural) for one in WATCHED} <= named
    (rule,) = configs["rules"]
    assert rule["resources"] == [one.plural for one in CONFIGS]
    verbs = {verb for role in (view, configs) for rule in role["rules"] for verb in rule["verbs"]}
    assert verbs == {"get", "list", "watch"}


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    if not REAL:
        pytest.skip("OPSBOARD_TEST_KUBECONFIG names no cluster")
    async with real_scene() as scene:
        yield scene


async def _login_with(
    scene: Scene, folder: Path, wanted: Sequence[dict[str, Any]]
) -> tuple[KubernetesSettings, list[str]]:
    """Return the settings of somebody who has the roles *wanted*, and what was made for that."""
    ground, made = scene.ground, list[str]()
    user = f"user-{ground.namespace}"
    for role in wanted:
        name = f"{role['metadata']['name']}-{ground.namespace}"
        body = {**role, "metadata": {"name": name}}
        group = "rbac.authorization.k8s.io"
        binding = {
            "metadata": {"name": name},
            "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": name},
            "subjects": [{"apiGroup": group, "kind": "User", "name": user}],
        }
        for plural, item in (("clusterroles", body), ("clusterrolebindings", binding)):
            answer = await ground.client.post(f"{ROOT}/{plural}", json=item)
            assert answer.status_code == 201, answer.text
            made.append(f"{ROOT}/{plural}/{name}")
    (access,) = usable_clusters(scene.settings, FakeContext().host_environ)
    config = {
        "current-context": access.name,
        "clusters": [{"name": "c", "cluster": {**access.cluster, "server": access.server}}],
        "contexts": [{"name": access.name, "context": {"cluster": "c", "user": "u"}}],
        "users": [{"name": "u", "user": {**access.user, "as": user}}],
    }
    file = folder / "least"
    file.write_text(json.dumps(config))

    async def look() -> int:  # a role takes a while to be known
        who = {"Impersonate-User": user}
        return (await ground.client.get("/api/v1/pods?limit=1", headers=who)).status_code

    await until(look, lambda seen: seen == 200)
    return KubernetesSettings(kubeconfig=file), made


@pytest.mark.cluster
@pytest.mark.parametrize("with_configs", [True, False])
async def test_they_are_enough(scene: Scene, tmp_path: Path, with_configs: bool) -> None:
    names = (VIEW, VIEW_CONFIGS) if with_configs else (VIEW,)
    settings, made = await _login_with(scene, tmp_path, [roles()[name] for name in names])
    try:
        async with Kubernetes.connect(settings, FakeContext("clusters")) as source:
            checks = [check async for check in source.checks()]
            async with recording(source) as recorder:
                complete = len(WATCHED) + (len(CONFIGS) if with_configs else 0)
                await recorder.until(lambda: len(recorder.complete) >= complete)
                assert recorder.troubles == []
                assert bool(recorder.of_kind(Kind.CONFIG)) <= with_configs
    finally:
        for path in made:
            await scene.ground.client.delete(path)
    bad = {check.subject.rpartition(" ")[2] for check in checks if check.status is not Status.OK}
    assert bad == (set() if with_configs else {"configmaps", "secrets"})
    assert Status.FAILED not in {check.status for check in checks}
    if not with_configs:
        hints = [check.hint for check in checks if check.status is Status.WARNING]
        assert all('config_changes = "off"' in hint for hint in hints)


@pytest.mark.cluster
async def test_what_they_do_not_hold_is_named_in_place_of_the_table(
    scene: Scene, tmp_path: Path
) -> None:
    """Nodes may not be listed with them; pods may, and their owners are found by lists alone."""
    settings, made = await _login_with(scene, tmp_path, [roles()[VIEW]])
    try:
        async with Kubernetes.connect(settings, FakeContext("clusters")) as source:
            async with opened(source, "nodes") as nodes:
                await nodes.until_noted("may not list nodes")
            assert "ask for list and watch on nodes" in nodes.notes[0]
            query = ListingQuery(namespaces=(scene.ground.namespace,))
            async with opened(source, "deployments.apps", query) as found:
                await found.until_complete()
            assert found.notes == ()
            for row in found.rows.values():
                assert row.ref is not None
                tree = await source.tree(row.ref)
                assert [one.kind for one in tree.rows if one.is_subject] == ["Deployment"]
                assert not [note for note in tree.notes if "replicasets" in note]
    finally:
        for path in made:
            await scene.ground.client.delete(path)
