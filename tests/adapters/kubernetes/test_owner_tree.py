"""What owns an object and what it owns: by UIDs, whatever may be read, and never by names."""

from typing import Any

import pytest

from opsboard.adapter import ObjectTree
from opsboard.records import Kind, Ref, listed_ref
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.adapters.kubernetes.scripted_cluster import ScriptedCluster, page, status
from tests.adapters.kubernetes.table_answers import NAME, group, groups, resource, row, tables
from tests.adapters.kubernetes.test_listings import connected

READY = {"name": "Ready", "type": "string"}
DESIRED = {"name": "Desired", "type": "integer"}
APPS, CORE = "/apis/apps/v1/namespaces/shop", "/api/v1/namespaces/shop"
WEB = Ref("k8s", Kind.DEPLOYMENT, "test/shop/Deployment/web")


def owned(by: tuple[str, str, str], made: dict[str, Any], uid: str = "") -> dict[str, Any]:
    """Return *made* as owned by (apiVersion, kind, name), of that uid."""
    version, kind, name = by
    owner = {
        "apiVersion": version,
        "kind": kind,
        "name": name,
        "uid": uid or f"uid-{name}",
        "controller": True,
    }
    made["object"]["metadata"]["ownerReferences"] = [owner]
    return made


DEPLOYMENT, REPLICA_SET = ("apps/v1", "Deployment", "web"), ("apps/v1", "ReplicaSet", "web-1")


@pytest.fixture
def shop(cluster: ScriptedCluster) -> ScriptedCluster:
    """A Deployment with two ReplicaSets, one of which runs nothing, and two pods."""
    script = cluster.script
    pods = resource("pods", "Pod"), resource("nodes", "Node", scope="Cluster")
    script["list /api"] = [groups(group("", *pods, resource("services", "Service")))]
    apps = (resource("deployments", "Deployment"), resource("replicasets", "ReplicaSet"))
    rollouts = group("argoproj.io", resource("rollouts", "Rollout"))
    script["list /apis"] = [groups(group("apps", *apps), rollouts)]
    script[f"list {APPS}/deployments/web"] = [tables([NAME, READY], row("web", "1/2"))]
    first = owned(DEPLOYMENT, row("web-1", 2))
    script[f"list {APPS}/replicasets/web-1"] = [tables([NAME, DESIRED], first)]
    script[f"list {APPS}/replicasets"] = [
        tables(
            [NAME, DESIRED],
            first,
            owned(DEPLOYMENT, row("web-0", 0)),
            owned(DEPLOYMENT, row("other-1", 1), uid="of-another-web"),
        )
    ]
    one = owned(REPLICA_SET, row("web-1-a", "0/1"))
    script[f"list {CORE}/pods/web-1-a"] = [tables([NAME, READY], one)]
    script[f"list {CORE}/pods"] = [
        tables([NAME, READY], one, owned(REPLICA_SET, row("web-1-b", "1/1")), row("stray", "1/1"))
    ]
    event = {
        "metadata": {"name": "e", "namespace": "shop"},
        "involvedObject": {"kind": "Pod", "name": "web-1-a", "uid": "uid-web-1-a"},
        "reason": "BackOff",
        "message": "restarting",
        "type": "Warning",
        "lastTimestamp": "2026-01-15T08:30:00Z",
    }
    script[f"list {CORE}/events"] = [page(event), page()]
    return cluster


async def tree_of(settings: KubernetesSettings, ref: Ref) -> ObjectTree:
    async with connected(settings) as (source, _):
        return await source.tree(ref)


def lines(tree: ObjectTree) -> list[str]:
    return [f"{'  ' * one.depth}{one.kind} {one.name}" for one in tree.rows if one.kind != "Event"]


WHOLE = [
    "Deployment web",
    "  ReplicaSet web-1",
    "    Pod web-1-a",
    "    Pod web-1-b",
    "  ReplicaSet 1 idle",
]


async def test_a_workload_has_its_replica_sets_and_pods_below_it_and_their_events(
    shop: ScriptedCluster, settings: KubernetesSettings
) -> None:
    tree = await tree_of(settings, WEB)
    assert lines(tree) == WHOLE
    assert tree.notes == ()
    assert tree.rows[0].ref == WEB
    assert tree.rows[0].is_subject
    assert tree.rows[0].words == "ready 1/2"
    asked = [one.get("fieldSelector", "") for one in shop.asked[f"list {CORE}/events"]]
    assert asked[0] == "involvedObject.uid=uid-web"
    assert "involvedObject.uid=uid-web-1-a" in asked
    (event,) = (one for one in tree.rows if one.kind == "Event")
    assert (event.name, event.words) == ("BackOff", "restarting")
    assert event.ref == Ref("k8s", Kind.EVENT, "test/shop/e")


async def test_from_a_pod_the_way_leads_up(
    shop: ScriptedCluster, settings: KubernetesSettings
) -> None:
    tree = await tree_of(settings, Ref("k8s", Kind.POD, "test/shop/web-1-a"))
    assert lines(tree) == ["Deployment web", "  ReplicaSet web-1", "    Pod web-1-a"]
    assert [one.name for one in tree.rows if one.is_subject] == ["web-1-a"]


async def test_who_may_only_list_replica_sets_sees_the_owner_all_the_same(
    shop: ScriptedCluster, settings: KubernetesSettings
) -> None:
    shop.script[f"list {APPS}/replicasets/web-1"] = [status(403, "no")]
    shop.script[f"list {APPS}/replicasets"] = [
        tables([NAME, DESIRED], owned(DEPLOYMENT, row("web-1", 2)))
    ]
    tree = await tree_of(settings, Ref("k8s", Kind.POD, "test/shop/web-1-a"))
    assert lines(tree) == ["Deployment web", "  ReplicaSet web-1", "    Pod web-1-a"]
    asked = shop.asked[f"list {APPS}/replicasets"]
    assert asked == [{"fieldSelector": "metadata.name=web-1"}]


async def test_an_owner_of_the_same_name_and_another_uid_is_none(
    shop: ScriptedCluster, settings: KubernetesSettings
) -> None:
    again = row("web-1", 2)
    again["object"]["metadata"]["uid"] = "made-again"
    shop.script[f"list {APPS}/replicasets/web-1"] = [tables([NAME, DESIRED], again)]
    tree = await tree_of(settings, Ref("k8s", Kind.POD, "test/shop/web-1-a"))
    assert lines(tree) == ["Pod web-1-a"]
    assert tree.notes == ("the owner ReplicaSet web-1 is gone; another has its name",)


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        (status(404), "the owner ReplicaSet web-1 is gone"),
        (status(500, "no"), "ReplicaSet web-1: "),
    ],
)
async def test_an_owner_that_cannot_be_read_is_said(
    shop: ScriptedCluster, settings: KubernetesSettings, answer: Any, note: str
) -> None:
    shop.script[f"list {APPS}/replicasets/web-1"] = [answer]
    tree = await tree_of(settings, Ref("k8s", Kind.POD, "test/shop/web-1-a"))
    assert lines(tree) == ["Pod web-1-a"]
    assert note in tree.notes[0]


async def test_what_may_not_be_listed_is_said_and_hides_nothing_else(
    shop: ScriptedCluster, settings: KubernetesSettings
) -> None:
    shop.script[f"list {CORE}/pods"] = [status(403, "no pods for you")]
    tree = await tree_of(settings, WEB)
    assert lines(tree)[:2] == ["Deployment web", "  ReplicaSet web-1"]
    assert any(note.startswith("pods: ") for note in tree.notes)


async def test_a_custom_resource_owns_whatever_says_so(
    shop: ScriptedCluster, settings: KubernetesSettings
) -> None:
    path = "/apis/argoproj.io/v1/namespaces/shop/rollouts"
    rollout = ("argoproj.io/v1alpha1", "Rollout", "canary")  # it is asked for at another version
    shop.script[f"list {path}/canary"] = [tables([NAME], row("canary"))]
    shop.script[f"list {APPS}/replicasets"] = [tables([NAME], owned(rollout, row("canary-1")))]
    by_set = ("apps/v1", "ReplicaSet", "canary-1")
    shop.script[f"list {CORE}/pods"] = [tables([NAME], owned(by_set, row("canary-1-a")))]
    shop.script[f"list {CORE}/services"] = [tables([NAME], owned(rollout, row("canary-svc")))]
    ref = listed_ref("k8s", "rollouts.argoproj.io", "test/shop/canary")
    tree = await tree_of(settings, ref)
    assert lines(tree) == [
        "Rollout canary",
        "  ReplicaSet canary-1",
        "    Pod canary-1-a",
        "  Service canary-svc",
    ]
    assert tree.rows[0].ref == ref


async def test_owners_that_own_each_other_come_to_an_end(
    shop: ScriptedCluster, settings: KubernetesSettings
) -> None:
    path = "/apis/argoproj.io/v1/namespaces/shop/rollouts"
    a = owned(("argoproj.io/v1", "Rollout", "b"), row("a"))
    b = owned(("argoproj.io/v1", "Rollout", "a"), row("b"))
    shop.script[f"list {path}/a"] = [tables([NAME], a)]
    shop.script[f"list {path}/b"] = [tables([NAME], b)]
    shop.script[f"list {path}"] = [tables([NAME], a, b)]
    tree = await tree_of(settings, listed_ref("k8s", "rollouts.argoproj.io", "test/shop/a"))
    assert len(tree.rows) <= 4
