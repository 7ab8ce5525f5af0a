"""Roll-outs are judged as ``kubectl rollout status`` judges them.

Where ``OPSBOARD_TEST_KUBECTL`` names one, it is asked about the same objects.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opsboard.demo.server import serve_in_thread
from opsboard_adapters.kubernetes.parse.workloads import (
    RolloutStatus,
    replaces_pods,
    rollout_status,
)
from opsboard_adapters.kubernetes.structs import V1Workload, to_struct
from tests.adapters.kubernetes.scripted_cluster import (
    ScriptedCluster,
    event,
    page,
    stream,
    text,
    write_kubeconfig,
)
from tests.patience import PATIENCE

KUBECTL = os.environ.get("OPSBOARD_TEST_KUBECTL", "")
PLURALS = {"Deployment": "deployments", "StatefulSet": "statefulsets", "DaemonSet": "daemonsets"}


def judge(kind: str, item: dict[str, Any]) -> RolloutStatus:
    return rollout_status(kind, to_struct(item, V1Workload))


def _deployment(**status: Any) -> dict[str, Any]:
    counts = {"replicas": 3, "updatedReplicas": 3, "availableReplicas": 3}
    return {
        "metadata": {"name": "web", "generation": 2},
        "spec": {"replicas": 3},
        "status": {"observedGeneration": 2, **counts, **status},
    }


def _stateful_set(partition: int | None = 0, **status: Any) -> dict[str, Any]:
    rolling = {} if partition is None else {"rollingUpdate": {"partition": partition}}
    counts = {"replicas": 3, "readyReplicas": 3, "updatedReplicas": 3}
    revisions = {"currentRevision": "new", "updateRevision": "new"}
    return {
        "metadata": {"name": "web", "generation": 2},
        "spec": {"replicas": 3, "updateStrategy": {"type": "RollingUpdate", **rolling}},
        "status": {"observedGeneration": 2, **counts, **revisions, **status},
    }


def _daemon_set(**status: Any) -> dict[str, Any]:
    counts = {"desiredNumberScheduled": 3, "updatedNumberScheduled": 3, "numberAvailable": 3}
    return {
        "metadata": {"name": "web", "generation": 2},
        "spec": {"updateStrategy": {"type": "RollingUpdate"}},
        "status": {"observedGeneration": 2, **counts, **status},
    }


ROLLING_ODDLY = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}}


def _with(item: dict[str, Any], strategy: dict[str, Any], **status: Any) -> dict[str, Any]:
    spec = {**item["spec"], "updateStrategy": strategy}
    return {**item, "spec": spec, "status": {**item["status"], **status}}


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
        # Servers of old tell nothing of updates, and have no strategy.
        ("StatefulSet", _with(_stateful_set(), {}, observedGeneration=0, updatedReplicas=0)),
        ("StatefulSet", _with(_stateful_set(), {"type": "OnDelete"}, observedGeneration=0)),
        ("StatefulSet", _with(_stateful_set(), {"type": "OnDelete"}, updatedReplicas=1)),
        ("StatefulSet", _with(_stateful_set(), ROLLING_ODDLY, currentRevision="old")),
        ("DaemonSet", _with(_daemon_set(numberReady=3), {"type": "OnDelete"})),
        (
            "DaemonSet",
            _with(_daemon_set(numberReady=3), {"type": "OnDelete"}, observedGeneration=1),
        ),
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


def test_one_pod_is_said_to_be_one() -> None:
    assert judge("StatefulSet", _stateful_set(readyReplicas=2)).message == (
        "waiting for 1 pod to be ready"
    )


def test_a_deadline_that_has_passed_is_a_failure() -> None:
    late = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
    verdict = judge("Deployment", _deployment(updatedReplicas=1, conditions=[late]))
    assert verdict.failed


# --- the real kubectl ----------------------------------------------------------------------------

NUMBERS = st.sampled_from([None, 0, 1, 2, 3])
REVISIONS = st.sampled_from([None, "old", "new"])
LATE = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
STRATEGIES = st.sampled_from(
    [
        None,
        {},
        {"type": "OnDelete"},
        {"type": "RollingUpdate"},
        {"type": "RollingUpdate", "rollingUpdate": {}},
        {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
        {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}},
        ROLLING_ODDLY,
    ]
)
LISTED = event(
    "BOOKMARK",
    {
        "metadata": {
            "resourceVersion": "10",
            "annotations": {"k8s.io/initial-events-end": "true"},
        }
    },
)
"""What ends the list that a watch begins with."""

COUNTS = {
    "Deployment": ("replicas", "updatedReplicas", "availableReplicas", "readyReplicas"),
    "StatefulSet": ("replicas", "updatedReplicas", "readyReplicas", "currentReplicas"),
    "DaemonSet": (
        "desiredNumberScheduled",
        "updatedNumberScheduled",
        "numberAvailable",
        "numberReady",
    ),
}


@st.composite
def _any_workload(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    kind = draw(st.sampled_from(sorted(COUNTS)))
    status: dict[str, Any] = {name: draw(NUMBERS) for name in COUNTS[kind]}
    status |= {"observedGeneration": draw(st.sampled_from([None, 0, 1, 2, 2, 2, 3]))}
    spec: dict[str, Any] = {"replicas": draw(st.integers(0, 3))}
    if kind == "Deployment":
        status["conditions"] = draw(st.sampled_from([None, [], [LATE]]))
    else:
        spec["updateStrategy"] = draw(STRATEGIES)
        status |= {"currentRevision": draw(REVISIONS), "updateRevision": draw(REVISIONS)}
    item = {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": "web", "namespace": "shop", "generation": 2},
        "spec": {name: value for name, value in spec.items() if value is not None},
        "status": {name: value for name, value in status.items() if value is not None},
    }
    return kind, item


@pytest.fixture
def asked(cluster: ScriptedCluster) -> ScriptedCluster:
    """Return a cluster that says of itself what kubectl asks before all else."""
    group = {"groupVersion": "apps/v1", "version": "v1"}
    groups = [{"name": "apps", "versions": [group], "preferredVersion": group}]
    resources = [
        {"name": plural, "singularName": kind.lower(), "namespaced": True, "kind": kind}
        | {"verbs": ["get", "list", "watch"]}
        for kind, plural in PLURALS.items()
    ]
    cluster.script |= {
        "list /api": [text(json.dumps({"kind": "APIVersions", "versions": ["v1"]}))],
        "list /apis": [text(json.dumps({"kind": "APIGroupList", "groups": groups}))],
        "list /api/v1": [_resources("v1", [])],
        "list /apis/apps/v1": [_resources("apps/v1", resources)],
    }
    return cluster


def _resources(version: str, resources: list[dict[str, Any]]) -> Any:
    told = {"kind": "APIResourceList", "groupVersion": version, "resources": resources}
    return text(json.dumps(told))


@pytest.fixture
def kubeconfig(asked: ScriptedCluster, tmp_path: Path) -> Iterator[Path]:
    if not KUBECTL:
        pytest.skip("OPSBOARD_TEST_KUBECTL names no kubectl")
    with serve_in_thread(asked.app) as url:
        yield write_kubeconfig(tmp_path, url)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(told=_any_workload())
def test_kubectl_says_the_same(
    cluster: ScriptedCluster, kubeconfig: Path, told: tuple[str, dict[str, Any]]
) -> None:
    kind, item = told
    root = f"/apis/apps/v1/namespaces/shop/{PLURALS[kind]}"
    cluster.script[f"list {root}"] = [page(item)]
    cluster.script[f"list {root}/web"] = [text(json.dumps(item))]
    cluster.script[f"watch {root}"] = [stream(event("ADDED", item), LISTED, ends=False)]
    words = ("-n", "shop", "rollout", "status", f"{kind.lower()}/web", "--watch=false")
    environment = {"HOME": str(kubeconfig.parent), "KUBECONFIG": str(kubeconfig)}
    done = subprocess.run(
        [KUBECTL, *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    said = done.stdout + done.stderr
    judgement = judge(kind, item)
    if "only available for RollingUpdate" in said:
        assert not replaces_pods(to_struct(item, V1Workload))
    elif "exceeded its progress deadline" in said:
        assert judgement.failed
    else:
        assert done.returncode == 0, said
        waits = said.lower().startswith("waiting for")
        assert (judgement.done, judgement.failed) == (not waits, False), said
