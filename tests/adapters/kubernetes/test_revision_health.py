"""Which revision was healthy, as far as a cluster tells."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from opsboard.demo.server import serve_in_thread
from opsboard.testing.fakes import FakeContext
from opsboard_adapters.kubernetes.access.clusters import usable_clusters
from opsboard_adapters.kubernetes.actions.target import ClusterConnection, TargetObject
from opsboard_adapters.kubernetes.client import open_cluster_client
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.kubernetes.parse.workloads import REVISION_ANNOTATION
from opsboard_adapters.kubernetes.resources import WORKLOADS
from opsboard_adapters.kubernetes.revisions import (
    RevisionHealth,
    WorkloadRevision,
    last_healthy,
    list_revisions_with_health,
    with_health,
)
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.adapters.kubernetes.scripted_cluster import ScriptedCluster, page, write_kubeconfig
from tests.adapters.kubernetes.workload_setup import NO_CLUSTER

DEADLINE = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}


def _revisions(*numbers: int) -> list[WorkloadRevision]:
    """Return revisions, the newest first, which is the current one."""
    kept: dict[str, Any] = {"spec": {"template": {}}}
    return [
        WorkloadRevision(
            number, {**kept, "metadata": {"name": f"web-{number}"}}, str(number), index == 0
        )
        for index, number in enumerate(numbers)
    ]


def _target(kind: str = "Deployment", *, done: bool = True, **status: Any) -> TargetObject:
    counts = {"replicas": 3, "updatedReplicas": 3 if done else 1, "availableReplicas": 3}
    item = {
        "metadata": {"name": "web", "generation": 2},
        "spec": {"replicas": 3},
        "status": {"observedGeneration": 2, **counts, **status},
    }
    return TargetObject(NO_CLUSTER, WORKLOADS[kind], item)


def _told(
    target: TargetObject, revisions: list[WorkloadRevision], ready: dict[int, int]
) -> dict[int, RevisionHealth]:
    return {one.number: one.health for one in with_health(target, revisions, Counter(ready))}


def _default(target: TargetObject, revisions: list[WorkloadRevision], ready: dict[int, int]) -> int:
    found = last_healthy(with_health(target, revisions, Counter(ready)))
    assert found is not None
    return found.number


def test_after_a_good_roll_out_it_is_the_one_before() -> None:
    revisions, ready = _revisions(9, 8, 7), {9: 3}
    assert _told(_target(), revisions, ready) == {
        9: RevisionHealth.HEALTHY,
        8: RevisionHealth.UNKNOWN,
        7: RevisionHealth.UNKNOWN,
    }
    assert _default(_target(), revisions, ready) == 8


def test_in_a_bad_roll_out_it_is_the_one_that_still_serves() -> None:
    target = _target(done=False, conditions=[DEADLINE])
    revisions, ready = _revisions(9, 8, 7), {8: 2}
    assert _told(target, revisions, ready)[9] is RevisionHealth.NEVER
    assert _default(target, revisions, ready) == 8


def test_what_came_in_between_and_never_served_is_passed_over() -> None:
    target = _target(done=False)
    revisions, ready = _revisions(9, 8, 7, 6), {7: 2}
    told = _told(target, revisions, ready)
    assert told[8] is RevisionHealth.NEVER
    assert (told[7], told[6]) == (RevisionHealth.HEALTHY, RevisionHealth.UNKNOWN)
    assert _default(target, revisions, ready) == 7


def test_a_current_one_with_some_ready_pods_is_not_yet_healthy() -> None:
    target = _target(done=False)
    assert _told(target, _revisions(9, 8), {9: 1, 8: 2})[9] is RevisionHealth.UNKNOWN


def test_a_stateful_set_says_itself_which_was_rolled_out_last() -> None:
    target = _target("StatefulSet", done=False, readyReplicas=2, currentRevision="web-6")
    revisions = _revisions(9, 8, 6)
    assert _told(target, revisions, {})[6] is RevisionHealth.HEALTHY
    assert _default(target, revisions, {}) == 6


def test_a_workload_of_no_replicas_tells_nothing() -> None:
    target = _target(replicas=0, updatedReplicas=0, availableReplicas=0)
    target.item["spec"]["replicas"] = 0
    assert set(_told(target, _revisions(2, 1), {}).values()) == {RevisionHealth.UNKNOWN}


@pytest.mark.parametrize("numbers", [(), (3,)])
def test_without_another_there_is_no_default(numbers: tuple[int, ...]) -> None:
    assert last_healthy(with_health(_target(), _revisions(*numbers), Counter())) is None


LABELS = {
    "ReplicaSet": ({"pod-template-hash": "abc"}, {"pod-template-hash": "abc"}),
    "of a StatefulSet": ({}, {"controller-revision-hash": "web-1"}),
    "of a DaemonSet": ({"controller-revision-hash": "abc"}, {"controller-revision-hash": "abc"}),
}


@pytest.mark.parametrize(("own", "pods"), LABELS.values(), ids=LABELS)
def test_the_pods_of_a_revision_are_known(own: dict[str, str], pods: dict[str, str]) -> None:
    kept = {"metadata": {"name": "web-1", "labels": own}, "spec": {}}
    revision = WorkloadRevision(1, kept, "")
    assert revision.runs({"metadata": {"labels": pods}})
    assert not revision.runs({"metadata": {"labels": {"controller-revision-hash": "other"}}})
    assert not revision.runs({"metadata": {}})


def test_what_came_between_two_that_serve_never_replaced_the_older_one() -> None:
    """It is the oldest that serves which tells: all that came after it never took its place."""
    target = _target(done=False)
    revisions, ready = _revisions(9, 8, 7, 6, 5, 4), {8: 1, 5: 1}
    told = _told(target, revisions, ready)
    assert {number: told[number] for number in (8, 7, 6, 5, 4)} == {
        8: RevisionHealth.HEALTHY,
        7: RevisionHealth.NEVER,
        6: RevisionHealth.NEVER,
        5: RevisionHealth.HEALTHY,
        4: RevisionHealth.UNKNOWN,
    }


def _pod(revision: int, index: int) -> dict[str, Any]:
    labels = {"app": "web", "pod-template-hash": f"web-{revision}"}
    return {
        "metadata": {"name": f"web-{revision}-{index}", "namespace": "shop", "labels": labels},
        "status": {"conditions": [{"type": "Ready", "status": "True"}]},
    }


def _kept(revision: int) -> dict[str, Any]:
    return {
        "metadata": {
            "name": f"web-{revision}",
            "annotations": {REVISION_ANNOTATION: str(revision)},
            "ownerReferences": [{"uid": "u"}],
        },
        "spec": {"template": {"spec": {"containers": [{"image": f"web:{revision}"}]}}},
    }


async def test_the_pods_and_revisions_of_all_pages_tell(tmp_path: Path) -> None:
    """The only pods of the revision to go back to stand on the last of three pages."""
    cluster = ScriptedCluster()
    pods = "/api/v1/namespaces/shop/pods"
    sets = "/apis/apps/v1/namespaces/shop/replicasets"
    cluster.script[f"list {pods}"] = [
        page(*(_pod(9, index) for index in range(3)), more="2"),
        page(*(_pod(9, index) for index in range(3, 6)), more="3"),
        page(_pod(7, 0)),
    ]
    cluster.script[f"list {sets}"] = [page(_kept(9), _kept(8), more="2"), page(_kept(7))]
    with serve_in_thread(cluster.app) as url:
        settings = KubernetesSettings(kubeconfig=write_kubeconfig(tmp_path, url))
        context = FakeContext()
        (access,) = usable_clusters(settings, context.host_environ)
        async with open_cluster_client(access, context) as api:
            place = ClusterContext("k8s", "test", "test", timedelta(0), lambda *_: "")
            connection = ClusterConnection(api, place, context.now)
            item = {**_target(done=False).item, "spec": {"selector": {"matchLabels": {"a": "b"}}}}
            item["metadata"] = {"name": "web", "namespace": "shop", "uid": "u"}
            target = TargetObject(connection, WORKLOADS["Deployment"], item)
            found = await list_revisions_with_health(target)
    assert [one.number for one in found] == [9, 8, 7]
    assert {one.number: one.health for one in found}[7] is RevisionHealth.HEALTHY
    assert [asked.get("continue") for asked in cluster.asked[f"list {pods}"]] == [None, "2", "3"]
