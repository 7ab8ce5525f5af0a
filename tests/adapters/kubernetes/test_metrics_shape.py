"""The metrics APIs that tests ask have the shape of the true one (metrics-server 0.6 and later).

What they are held to is an answer of the API itself, as *Resource metrics pipeline* of the
Kubernetes documentation and issues of metrics-server quote it: kinds, fields, and how quantities,
times and the window are written.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import httpx
import pytest

from opsboard.demo.kubernetes.metrics import node_metrics, pod_metrics
from opsboard.demo.world.seed_data import create_world
from tests.adapters.kubernetes.metrics_server import FakeMetrics

QUANTITIES: Final = {"cpu": re.compile(r"\d+(n|u|m)?"), "memory": re.compile(r"\d+(Ki|Mi|Gi)?")}
TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
WINDOW: Final = re.compile(r"(\d+m)?\d+(\.\d+)?s")
"""A metav1.Duration, as Go writes one: ``20.046s``, ``1m0s``."""
AT: Final = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


async def _of_the_stand_in() -> dict[str, Any]:
    metrics = FakeMetrics("shop")
    metrics.usage["cart-1"] = {"app": ("7338891n", "14520Ki")}
    metrics.nodes["node-1"] = ("64628397n", "1243248Ki")
    transport = httpx.ASGITransport(metrics.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://metrics.test") as api:
        root = "/apis/metrics.k8s.io/v1beta1"
        served = (await api.get(root)).json()["resources"]
        assert [(one["name"], one["kind"], one["namespaced"]) for one in served] == [
            ("nodes", "NodeMetrics", False),
            ("pods", "PodMetrics", True),
        ]
        one = (await api.get(f"{root}/nodes/node-1")).json()
        assert one.pop("kind") == "NodeMetrics"
        lists = {name: (await api.get(f"{root}/{name}")).json() for name in ("nodes", "pods")}
        assert one.pop("apiVersion") == lists["nodes"]["apiVersion"]
        assert one.keys() == lists["nodes"]["items"][0].keys()
        missing = await api.get(f"{root}/nodes/another")
        assert (missing.status_code, missing.json()["reason"]) == (404, "NotFound")
        return lists


async def _of_the_demo() -> dict[str, Any]:
    world, _ = create_world(7, AT)
    cluster = next(iter(world.clusters.values()))
    return {"nodes": node_metrics(cluster, AT), "pods": pod_metrics(cluster, AT, {})}


@pytest.mark.parametrize("answers", [_of_the_stand_in, _of_the_demo])
async def test_lists_are_as_metrics_server_has_them(answers: Any) -> None:
    lists = await answers()
    for name, kind in (("nodes", "NodeMetricsList"), ("pods", "PodMetricsList")):
        found = lists[name]
        assert (found["kind"], found["apiVersion"]) == (kind, "metrics.k8s.io/v1beta1")
        assert found.keys() == {"kind", "apiVersion", "metadata", "items"}
        assert found["items"]
        for item in found["items"]:
            own = "usage" if name == "nodes" else "containers"
            assert item.keys() == {"metadata", "timestamp", "window", own}
            known = {"name", "creationTimestamp", "labels"}
            known |= {"namespace"} if name == "pods" else set()
            assert {"name"} <= item["metadata"].keys() <= known
            assert TIME.fullmatch(item["timestamp"])
            assert WINDOW.fullmatch(item["window"])
            for usage in _usages(item):
                assert usage.keys() == QUANTITIES.keys()
                assert all(QUANTITIES[key].fullmatch(value) for key, value in usage.items())


def _usages(item: dict[str, Any]) -> Iterator[dict[str, str]]:
    if "usage" in item:
        yield item["usage"]
    for container in item.get("containers", ()):
        assert container.keys() == {"name", "usage"}
        yield container["usage"]
