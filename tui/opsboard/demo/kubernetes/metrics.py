"""The metrics API (``metrics.k8s.io``): what pods and nodes use, as metrics-server tells it.

The figures follow from the uid and the minute, so that they do not disturb the rest of the world.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final
from zlib import crc32

from opsboard.demo.kubernetes.lists import parse
from opsboard.demo.kubernetes.objects.metadata import stamp
from opsboard.demo.kubernetes.resources import NODE_METRICS
from opsboard.demo.kubernetes.responses import FakeKubernetesError
from opsboard.demo.world.clusters import DemoCluster, DemoJob, DemoPod, DemoPodState

GROUP_VERSION: Final = NODE_METRICS.api_version
_RUNNING: Final = frozenset({DemoPodState.READY, DemoPodState.STARTING})
_WINDOW: Final = "15s"
_MIB: Final = 1024


def pod_metrics(
    cluster: DemoCluster,
    now: datetime,
    labels: dict[str, dict[str, str]],
    namespace: str = "",
    selector: str = "",
) -> dict[str, Any]:
    """Return the metrics of the pods of *namespace*, or of all, whose *labels* fit *selector*.

    *labels* are those of the pods by uid. Raises :exc:`ValueError` for an odd selector.
    """
    fits = parse(selector)
    items = [
        _of_pod(pod, now)
        for pod in cluster.pods.values()
        if pod.state in _RUNNING
        and namespace in {"", pod.namespace}
        and fits(labels.get(pod.uid, {}))
    ]
    return {"kind": "PodMetricsList", "apiVersion": GROUP_VERSION, "metadata": {}, "items": items}


def metrics_of_pod(
    cluster: DemoCluster, now: datetime, namespace: str, name: str
) -> dict[str, Any]:
    """Return the metrics of one pod. Raises :exc:`FakeKubernetesError` where there are none."""
    for pod in cluster.pods.values():
        if (pod.namespace, pod.name) == (namespace, name) and pod.state in _RUNNING:
            return {"kind": "PodMetrics", "apiVersion": GROUP_VERSION, **_of_pod(pod, now)}
    raise FakeKubernetesError(404, f'podmetrics.metrics.k8s.io "{namespace}/{name}" not found')


def node_metrics(cluster: DemoCluster, now: datetime) -> dict[str, Any]:
    """Return the metrics of the nodes."""
    items = [_of_node(cluster, name, now) for name in cluster.nodes]
    return {"kind": "NodeMetricsList", "apiVersion": GROUP_VERSION, "metadata": {}, "items": items}


def metrics_of_node(cluster: DemoCluster, now: datetime, name: str) -> dict[str, Any]:
    """Return the metrics of one node. Raises :exc:`FakeKubernetesError` where there is none."""
    if name not in cluster.nodes:
        raise FakeKubernetesError(404, f'nodemetrics.metrics.k8s.io "{name}" not found')
    return {"kind": "NodeMetrics", "apiVersion": GROUP_VERSION, **_of_node(cluster, name, now)}


def _of_pod(pod: DemoPod, now: datetime) -> dict[str, Any]:
    cpu, memory = _usage(pod, now)
    name = "task" if isinstance(pod.owner, DemoJob) else pod.owner.name
    return {
        "metadata": {"name": pod.name, "namespace": pod.namespace},
        "timestamp": stamp(now),
        "window": _WINDOW,
        "containers": [{"name": name, "usage": _quantities(cpu, memory)}],
    }


def _of_node(cluster: DemoCluster, name: str, now: datetime) -> dict[str, Any]:
    used = list(_on_node(cluster, name, now))
    total = _quantities(sum(cpu for cpu, _ in used), sum(memory for _, memory in used))
    return {
        "metadata": {"name": name},
        "timestamp": stamp(now),
        "window": _WINDOW,
        "usage": total,
    }


def _on_node(cluster: DemoCluster, name: str, now: datetime) -> Iterator[tuple[int, int]]:
    for pod in cluster.pods.values():
        if pod.node == name and pod.state in _RUNNING:
            yield _usage(pod, now)


def _usage(pod: DemoPod, now: datetime) -> tuple[int, int]:
    """Return thousandths of a core and MiB: those of a pod move a little from minute to minute."""
    base = crc32(pod.uid.encode())
    moved = crc32(f"{pod.uid} {int(now.timestamp()) // 60}".encode())
    return 15 + base % 70 + moved % 15, 90 + (base >> 8) % 130 + (moved >> 8) % 12


def _quantities(cpu: int, memory: int) -> dict[str, str]:
    return {"cpu": f"{cpu * 1_000_000}n", "memory": f"{memory * _MIB}Ki"}
