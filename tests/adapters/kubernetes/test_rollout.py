"""Roll-outs are judged as ``kubectl rollout status`` judges them."""

from typing import Any

import pytest

from opsboard_adapters.kubernetes.parse import rollout
from opsboard_adapters.kubernetes.shapes import Workload, typed


def judge(kind: str, item: dict[str, Any]) -> rollout.Judgement:
    return rollout.judge(kind, typed(item, Workload))


def _deployment(**status: Any) -> dict[str, Any]:
    counts = {"replicas": 3, "updatedReplicas": 3, "availableReplicas": 3}
    return {
        "metadata": {"name": "web", "generation": 2},
        "spec": {"replicas": 3},
        "status": {"observedGeneration": 2, **counts, **status},
    }


def _stateful_set(partition: int | None = 0, **status: Any) -> dict[str, Any]:
    rolling = {} if partition is None else {"partition": partition}
    counts = {"replicas": 3, "readyReplicas": 3, "updatedReplicas": 3}
    revisions = {"currentRevision": "new", "updateRevision": "new"}
    return {
        "metadata": {"name": "web", "generation": 2},
        "spec": {
            "replicas": 3,
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": rolling},
        },
        "status": {"observedGeneration": 2, **counts, **revisions, **status},
    }


def _daemon_set(**status: Any) -> dict[str, Any]:
    counts = {"desiredNumberScheduled": 3, "updatedNumberScheduled": 3, "numberAvailable": 3}
    return {
        "metadata": {"name": "web", "generation": 2},
        "spec": {"updateStrategy": {"type": "RollingUpdate"}},
        "status": {"observedGeneration": 2, **counts, **status},
    }


@pytest.mark.parametrize(
    ("kind", "item"),
    [
        ("Deployment", _deployment()),
        ("StatefulSet", _stateful_set()),
        ("DaemonSet", _daemon_set()),
        # Two of three are above the partition, and these are done: kubectl says so.
        ("StatefulSet", _stateful_set(1, updatedReplicas=2, updateRevision="newer")),
        # The API fills in partition 0, and with a partition kubectl looks at nothing else.
        ("StatefulSet", _stateful_set(0, currentRevision="old")),
    ],
)
def test_done(kind: str, item: dict[str, Any]) -> None:
    assert judge(kind, item).done


@pytest.mark.parametrize(
    ("kind", "item"),
    [
        ("Deployment", _deployment(observedGeneration=1)),
        ("Deployment", _deployment(updatedReplicas=1)),
        ("Deployment", _deployment(replicas=4)),
        ("Deployment", _deployment(availableReplicas=2)),
        ("StatefulSet", _stateful_set(observedGeneration=0)),
        ("StatefulSet", _stateful_set(readyReplicas=2)),
        ("StatefulSet", _stateful_set(1, updatedReplicas=1)),
        ("StatefulSet", _stateful_set(0, updatedReplicas=2)),
        ("StatefulSet", _stateful_set(None, currentRevision="old")),
        ("DaemonSet", _daemon_set(observedGeneration=1)),
        ("DaemonSet", _daemon_set(updatedNumberScheduled=2)),
        ("DaemonSet", _daemon_set(numberAvailable=2)),
    ],
)
def test_under_way(kind: str, item: dict[str, Any]) -> None:
    verdict = judge(kind, item)
    assert not verdict.done
    assert not verdict.failed
    assert verdict.message


def test_a_deadline_that_has_passed_is_a_failure() -> None:
    late = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
    verdict = judge("Deployment", _deployment(updatedReplicas=1, conditions=[late]))
    assert verdict.failed
