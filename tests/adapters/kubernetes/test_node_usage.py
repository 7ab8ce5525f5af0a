"""What nodes use, and what is asked for there, as columns of their table."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import ListingColumnType, Source
from opsboard.demo.serve import DemoOptions, create_demo
from opsboard.demo.server import serve_in_thread
from opsboard.records import Kind
from opsboard.testing.fakes import FakeContext
from opsboard.testing.recorder import Recorder, recording
from opsboard.views.listing_order import amount
from opsboard.views.listing_table import ListingTable
from opsboard_adapters.kubernetes import Kubernetes, node_metrics
from opsboard_adapters.kubernetes.node_columns import NAMES, node_cells
from opsboard_adapters.kubernetes.node_metrics import NodeUsage, V1Node, V1NodeStatus
from opsboard_adapters.kubernetes.pod_metrics import Usage
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from opsboard_adapters.kubernetes.structs import V1ObjectMeta, V1Quantities
from tests.adapters.kubernetes.scripted_cluster import (
    PODS,
    ScriptedCluster,
    page,
    pod,
    silence,
    status,
    stream,
    write_kubeconfig,
)
from tests.adapters.kubernetes.table_answers import (
    NAME,
    PHASE,
    change,
    group,
    groups,
    resource,
    row,
    tables,
)
from tests.adapters.kubernetes.test_listings import Opened, connected, opened, paused
from tests.patience import PATIENCE

NODES = "/api/v1/nodes"
METRICS = "list /apis/metrics.k8s.io/v1beta1/nodes"
GIB = 2.0**30
USED = ["CPU share", "Memory share", "CPU", "Memory"]
REQUESTED = ["CPU requested", "Memory requested"]


def node(name: str, cpu: str = "4", memory: str = "8Gi") -> dict[str, Any]:
    has = {"cpu": cpu, "memory": memory}
    return {"metadata": {"name": name}, "status": {"allocatable": has}}


def measured(name: str, cpu: str = "1500m", memory: str = "4Gi") -> dict[str, Any]:
    return {"metadata": {"name": name}, "usage": {"cpu": cpu, "memory": memory}}


def on(where: str, name: str, cpu: str = "250m", phase: str = "Running") -> dict[str, Any]:
    """Return a pod on the node *where* that asks for so much."""
    made = pod(name, phase=phase)
    made["spec"]["nodeName"] = where
    made["spec"]["containers"][0]["resources"] = {"requests": {"cpu": cpu}}
    return made


class Nodes(NamedTuple):
    """A cluster that answers tables and objects of its nodes as :attr:`script` says."""

    cluster: ScriptedCluster
    settings: KubernetesSettings

    def serve(self, names: list[str], *has: dict[str, Any]) -> None:
        listed = tables([NAME, PHASE], *(row(one, "Ready", namespace="") for one in names))
        objects = page(*has)

        async def answer(request: Any) -> Any:
            as_table = "as=Table" in request.headers.get("accept", "")
            return await (listed if as_table else objects)(request)

        self.cluster.script[f"list {NODES}"] = [answer]
        self.cluster.script[f"watch {NODES}"] = [silence]


@pytest.fixture
def nodes(cluster: ScriptedCluster, settings: KubernetesSettings) -> Nodes:
    cluster.script["list /apis"] = [groups()]
    one = resource("nodes", "Node", "no", scope="Cluster")
    cluster.script["list /api"] = [groups(group("", one, resource("pods", "Pod", "po")))]
    made = Nodes(cluster, settings)
    made.serve(["a", "b"], node("a"), node("b"))
    return made


def own(listing: Opened, name: str) -> list[str]:
    """Return the cells of a node that are not the server's; those that lack are blank."""
    found = next(one for one in listing.rows.values() if one.name == name)
    blank = [""] * (len(listing.columns) - len(found.cells))
    return [*found.cells[1:], *blank]


# --- cells ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "cells"),
    [
        (NodeUsage(), ("", "", "", "", "", "")),
        (
            NodeUsage(Usage(1.5, 4 * GIB), Usage(4.0, 8 * GIB), Usage(0.25, 0.0)),
            ("38%", "50%", "1.5 of 4", "4Gi of 8Gi", "250m (6%)", "0 (0%)"),
        ),
        (NodeUsage(Usage(1.5, None)), ("", "", "1.5", "", "", "")),
        (
            NodeUsage(has=Usage(128.0, 8 * GIB)),
            ("", "", "<unknown>", "<unknown>", "", ""),
        ),
        (NodeUsage(Usage(1.0, 1.0), Usage(0.0, None)), ("", "", "1 of 0m", "1", "", "")),
        (NodeUsage(Usage(1_234.0), Usage(2_000.0)), ("62%", "", "1234 of 2000", "", "", "")),
    ],
)
def test_cells_have_what_is_known(told: NodeUsage, cells: tuple[str, ...]) -> None:
    assert node_cells(told) == cells


@given(
    used=st.floats(0, 2**50),
    has=st.none() | st.floats(0.001, 2**50),
    cores=st.floats(0, 100_000),
)
def test_every_cell_begins_with_the_number_that_it_is_sorted_by(
    used: float, has: float | None, cores: float
) -> None:
    cells = node_cells(NodeUsage(Usage(cores, used), Usage(has, has), Usage(cores, used)))
    numbers = dict(zip(NAMES, map(amount, cells), strict=True))
    for name, exact in (("CPU", cores), ("Memory", used), ("CPU requested", cores)):
        assert numbers[name] == pytest.approx(exact, rel=0.01, abs=0.001 if "CPU" in name else 1)
    if has is not None:
        assert numbers["Memory share"] == pytest.approx(used / has, rel=0.01, abs=0.006)


@pytest.mark.parametrize(
    ("allocatable", "capacity", "has"),
    [
        (("3920m", "7Gi"), ("4", "8Gi"), (3.92, 7 * GIB)),
        (("", ""), ("4", "8Gi"), (4.0, 8 * GIB)),
        (("", ""), ("", "odd"), (None, None)),
    ],
)
def test_a_node_has_what_is_allocatable(
    allocatable: tuple[str, str], capacity: tuple[str, str], has: tuple[Any, Any]
) -> None:
    told = V1NodeStatus(V1Quantities(*allocatable), V1Quantities(*capacity))
    assert V1Node(V1ObjectMeta("a"), told).has == has


# --- the table -----------------------------------------------------------------------------------


async def test_nodes_have_what_is_used_and_are_measured_again(nodes: Nodes) -> None:
    third = page(measured("b", cpu="3", memory="7Gi"), measured("c"))
    nodes.cluster.script[METRICS] = [page(measured("a")), third]
    nodes.serve(["a", "b", "c"], node("a"), node("b"), node("c"))
    async with connected(nodes.settings) as (source, context), opened(source, "nodes") as listing:
        await listing.until_complete()
        assert listing.columns == ["Phase", *USED]  # and no column without a figure
        assert own(listing, "a") == ["38%", "50%", "1.5 of 4", "4Gi of 8Gi"]
        assert own(listing, "b") == ["", "", "<unknown>", "<unknown>"]
        assert listing.notes == ()
        await paused(context)
        context.refresh()
        while own(listing, "b")[2] != "3 of 4":
            await listing.next()
        assert own(listing, "a")[2] == "<unknown>"
        assert own(listing, "c")[0] == "38%"
    columns = next(one.columns for one in reversed(listing.told) if one.columns)
    assert {one.type for one in columns[1:]} == {ListingColumnType.NUMBER}
    assert not any(one.wide for one in columns)
    table = ListingTable("nodes", scoped=False)
    for update in listing.told:
        table.take("k8s", update)
    by_id = {one.id: one for one in table.pane.columns}
    ordered = sorted(table.records.values(), key=by_id["memory-share"].key, reverse=False)
    assert [one.name for one in ordered][:2] == ["c", "b"]
    assert [by_id[name].number(ordered[1]) for name in ("cpu", "memory")] == [3.0, 7 * GIB]  # type: ignore[misc]
    lists = [one for one in nodes.cluster.asked[f"list {NODES}"] if one.get("limit") == "100"]
    assert len(lists) == 1, "what nodes have is not asked with each measurement"


async def test_a_node_that_joins_is_asked_what_it_has(nodes: Nodes) -> None:
    nodes.cluster.script[METRICS] = [page(measured("a")), page(measured("a"), measured("new"))]
    joins = change("ADDED", row("new", "Ready", namespace=""), 11)
    nodes.cluster.script[f"watch {NODES}"] = [stream(joins, ends=False)]
    async with connected(nodes.settings) as (source, context), opened(source, "nodes") as listing:
        while "new" not in listing.names or not listing.complete:
            await listing.next()
        assert own(listing, "new") == ["", "", "", ""]
        nodes.serve([], node("a"), node("new", cpu="2"))
        await paused(context)
        context.refresh()
        while own(listing, "new")[2] != "1.5 of 2":
            await listing.next()


@pytest.mark.parametrize(
    ("code", "said", "hint"),
    [
        (404, "the cluster has no metrics API", "metrics-server is what usually serves it"),
        (403, "403", "(ask for list on nodes.metrics.k8s.io)"),
        (503, "503", "metrics-server is what usually serves it"),
        (500, "500", "metrics-server is what usually serves it"),
    ],
)
async def test_without_figures_there_are_no_columns_and_it_is_told_once(
    nodes: Nodes, code: int, said: str, hint: str
) -> None:
    nodes.cluster.script[METRICS] = [status(code, "no"), status(code, "no"), page(measured("a"))]
    async with connected(nodes.settings) as (source, context), opened(source, "nodes") as listing:
        await listing.until_complete()
        assert listing.columns == ["Phase"]
        (note,) = listing.notes
        assert note.startswith("test: CPU and memory are not shown: ")
        assert said in note
        assert hint in note
        while len(listing.columns) == 1:
            await paused(context)
            context.refresh()
            await listing.next()
        assert listing.notes == ()
        assert len([one for one in listing.told if one.notes == (note,)]) == 1


async def test_what_is_no_longer_told_is_shown_no_longer(nodes: Nodes) -> None:
    nodes.cluster.script[METRICS] = [page(measured("a")), status(503, "down")]
    async with connected(nodes.settings) as (source, context), opened(source, "nodes") as listing:
        await listing.until_complete()
        await paused(context)
        context.refresh()
        await listing.until_noted("503")
        assert own(listing, "a") == ["", "", "", ""]


async def test_of_very_many_nodes_the_first_ones_are_shown(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node_metrics, "MAX_NODES", 2)
    nodes.serve(["a", "b", "c"], node("a"), node("b"), node("c"))
    nodes.cluster.script[METRICS] = [page(*(measured(one) for one in "abc"))]
    async with connected(nodes.settings) as (source, _), opened(source, "nodes") as listing:
        await listing.until_complete()
    assert listing.notes == ("test: CPU and memory of 2 of 3 nodes are shown",)
    assert own(listing, "b")[0] == "38%"
    assert own(listing, "c") == ["", "", "", ""]


async def test_nodes_are_in_no_namespace_that_rights_could_be_asked_for_in(nodes: Nodes) -> None:
    nodes.cluster.script[f"list {NODES}"] = [status(403, "no")]
    async with connected(nodes.settings) as (source, _), opened(source, "nodes") as listing:
        await listing.until_noted("(ask for list and watch on nodes)")


async def test_other_listings_ask_for_no_figures(nodes: Nodes) -> None:
    async with connected(nodes.settings) as (source, _), opened(source, "pods") as listing:
        await listing.until_complete()
    assert METRICS not in nodes.cluster.asked


# --- what is asked for ---------------------------------------------------------------------------


@asynccontextmanager
async def watched(settings: KubernetesSettings) -> AsyncIterator[tuple[Source, Recorder]]:
    context = FakeContext("k8s")
    async with Kubernetes.connect(settings, context) as source, recording(source) as recorder:
        yield source, recorder


async def test_requests_are_the_sum_over_all_pods_that_have_not_ended(nodes: Nodes) -> None:
    nodes.cluster.script[METRICS] = [page(measured("a"), measured("b"))]
    nodes.cluster.script[f"list {PODS}"] = [
        page(
            on("a", "one"), on("a", "two", "750m"), on("a", "done", "2", "Succeeded"),
            on("a", "failed", "2", "Failed"), on("", "waits", "3", "Pending"),
        )
    ]  # fmt: skip
    async with watched(nodes.settings) as (source, recorder):
        await recorder.until(lambda: len(recorder.of_kind(Kind.POD)) == 5)
        async with opened(source, "nodes") as listing:
            await listing.until_complete()
    assert listing.columns == ["Phase", *USED, *REQUESTED]
    assert own(listing, "a")[4:] == ["1 (25%)", "0 (0%)"]
    assert own(listing, "b")[4:] == ["0m (0%)", "0 (0%)"]


@pytest.mark.parametrize("lacks", ["all namespaces", "one pod"])
async def test_a_part_of_the_pods_is_no_sum(nodes: Nodes, lacks: str) -> None:
    settings, path = nodes.settings, PODS
    if lacks == "all namespaces":
        settings = settings.model_copy(update={"namespaces": ("shop",)})
        path = "/api/v1/namespaces/shop/pods"
    odd: dict[str, Any] = {"metadata": {"name": "odd", "namespace": "shop"}, "spec": 3}
    odd |= {} if lacks == "one pod" else {"spec": {}}
    nodes.cluster.script[METRICS] = [page(measured("a"))]
    nodes.cluster.script[f"list {path}"] = [page(on("a", "one"), odd)]
    async with watched(settings) as (source, recorder):
        await recorder.until(lambda: bool(recorder.of_kind(Kind.POD)))
        async with opened(source, "nodes") as listing:
            await listing.until_complete()
    assert listing.columns == ["Phase", *USED]


async def test_the_nodes_of_the_demo_have_all_columns(tmp_path: Any) -> None:
    _, app = create_demo(DemoOptions(at=datetime.now(UTC)))
    with serve_in_thread(app) as url:
        file = write_kubeconfig(tmp_path, f"{url}/clusters/production-eu", token="")
        async with watched(KubernetesSettings(kubeconfig=file)) as (source, recorder):
            await recorder.until(lambda: bool(recorder.of_kind(Kind.POD)))
            async with asyncio.timeout(PATIENCE), opened(source, "nodes") as listing:
                await listing.until_complete()
    assert listing.columns[-6:] == list(NAMES)
    assert listing.notes == ()
    for one in listing.rows.values():
        assert all(map(amount, one.cells[-6:-2])), one.cells
        assert one.cells[-4].endswith(" of 7.6")
