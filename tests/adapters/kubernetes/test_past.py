"""Which revision was healthy, as far as a cluster tells."""

from collections import Counter
from typing import Any

import pytest

from opsboard_adapters.kubernetes.act.past import Health, Revision, judged, last_healthy
from opsboard_adapters.kubernetes.act.site import Target
from opsboard_adapters.kubernetes.resources import WORKLOADS

DEADLINE = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}


def _revisions(*numbers: int) -> list[Revision]:
    """Return revisions, the newest first, which is the current one."""
    kept: dict[str, Any] = {"spec": {"template": {}}}
    return [
        Revision(number, {**kept, "metadata": {"name": f"web-{number}"}}, str(number), index == 0)
        for index, number in enumerate(numbers)
    ]


def _target(kind: str = "Deployment", *, done: bool = True, **status: Any) -> Target:
    counts = {"replicas": 3, "updatedReplicas": 3 if done else 1, "availableReplicas": 3}
    item = {
        "metadata": {"name": "web", "generation": 2},
        "spec": {"replicas": 3},
        "status": {"observedGeneration": 2, **counts, **status},
    }
    return Target(WORKLOADS[kind], item)


def _told(target: Target, revisions: list[Revision], ready: dict[int, int]) -> dict[int, Health]:
    return {one.number: one.health for one in judged(target, revisions, Counter(ready))}


def _default(target: Target, revisions: list[Revision], ready: dict[int, int]) -> int:
    found = last_healthy(judged(target, revisions, Counter(ready)))
    assert found is not None
    return found.number


def test_after_a_good_roll_out_it_is_the_one_before() -> None:
    revisions, ready = _revisions(9, 8, 7), {9: 3}
    assert _told(_target(), revisions, ready) == {
        9: Health.WAS,
        8: Health.UNKNOWN,
        7: Health.UNKNOWN,
    }
    assert _default(_target(), revisions, ready) == 8


def test_in_a_bad_roll_out_it_is_the_one_that_still_serves() -> None:
    target = _target(done=False, conditions=[DEADLINE])
    revisions, ready = _revisions(9, 8, 7), {8: 2}
    assert _told(target, revisions, ready)[9] is Health.NEVER
    assert _default(target, revisions, ready) == 8


def test_what_came_in_between_and_never_served_is_passed_over() -> None:
    target = _target(done=False)
    revisions, ready = _revisions(9, 8, 7, 6), {7: 2}
    told = _told(target, revisions, ready)
    assert told[8] is Health.NEVER
    assert (told[7], told[6]) == (Health.WAS, Health.UNKNOWN)
    assert _default(target, revisions, ready) == 7


def test_a_current_one_with_some_ready_pods_is_not_yet_healthy() -> None:
    target = _target(done=False)
    assert _told(target, _revisions(9, 8), {9: 1, 8: 2})[9] is Health.UNKNOWN


def test_a_stateful_set_says_itself_which_was_rolled_out_last() -> None:
    target = _target("StatefulSet", done=False, readyReplicas=2, currentRevision="web-6")
    revisions = _revisions(9, 8, 6)
    assert _told(target, revisions, {})[6] is Health.WAS
    assert _default(target, revisions, {}) == 6


def test_a_workload_of_no_replicas_tells_nothing() -> None:
    target = _target(replicas=0, updatedReplicas=0, availableReplicas=0)
    target.item["spec"]["replicas"] = 0
    assert set(_told(target, _revisions(2, 1), {}).values()) == {Health.UNKNOWN}


@pytest.mark.parametrize("numbers", [(), (3,)])
def test_without_another_there_is_no_default(numbers: tuple[int, ...]) -> None:
    assert last_healthy(judged(_target(), _revisions(*numbers), Counter())) is None


LABELS = {
    "ReplicaSet": ({"pod-template-hash": "abc"}, {"pod-template-hash": "abc"}),
    "of a StatefulSet": ({}, {"controller-revision-hash": "web-1"}),
    "of a DaemonSet": ({"controller-revision-hash": "abc"}, {"controller-revision-hash": "abc"}),
}


@pytest.mark.parametrize(("own", "pods"), LABELS.values(), ids=LABELS)
def test_the_pods_of_a_revision_are_known(own: dict[str, str], pods: dict[str, str]) -> None:
    kept = {"metadata": {"name": "web-1", "labels": own}, "spec": {}}
    revision = Revision(1, kept, "")
    assert revision.runs({"metadata": {"labels": pods}})
    assert not revision.runs({"metadata": {"labels": {"controller-revision-hash": "other"}}})
    assert not revision.runs({"metadata": {}})
