"""What pods use, ask for and may use: on their records, in columns and on pages."""

import asyncio
import re
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import Condition, Facts, Grid, Source
from opsboard.kinds.usage import CPU, MEMORY, cpu_text, memory_text
from opsboard.records import Kind, Pod, Ref, Status, listed_ref
from opsboard.testing.fakes import FakeContext
from opsboard.testing.recorder import Recorder, recording
from opsboard_adapters.kubernetes import Kubernetes
from opsboard_adapters.kubernetes.pod_metrics import PodUsage, Usage
from opsboard_adapters.kubernetes.quantities import parse_quantity
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.adapters.kubernetes.metrics_server import FakeMetrics, metrics_of
from tests.adapters.kubernetes.scenes import Scene
from tests.adapters.kubernetes.scripted_cluster import PODS, ScriptedCluster, page, pod, status
from tests.adapters.kubernetes.test_listings import opened
from tests.adapters.kubernetes.test_pod_images import container, parsed
from tests.adapters.kubernetes.test_pod_images import pod as made_pod
from tests.adapters.kubernetes.test_verdicts import READY
from tests.adapters.kubernetes.workload_setup import (
    MERGE_PATCH,
    source_of,
    template,
    until,
    workload,
)
from tests.patience import PATIENCE

METRICS = "list /apis/metrics.k8s.io/v1beta1/pods"
SCOPE = "test/pods.metrics.k8s.io"
NOW = datetime(2026, 11, 27, tzinfo=UTC)
MIB = 2**20

# --- quantities and texts ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("100m", 0.1), ("1.5", 1.5), ("0", 0.0), ("2", 2.0), (2, 2.0), ("12345678n", 0.012345678),
        ("250u", 0.00025), ("256Mi", 256 * MIB), ("1Gi", 1024 * MIB), ("1G", 1e9), ("129e6", 129e6),
        ("129M", 129e6), ("1E3", 1000.0), ("1E", 1e18), ("1Ei", 2.0**60), (".5", 0.5), ("5.", 5.0),
        ("+1", 1.0), (" 1 ", 1.0),
        ("", None), ("x", None), ("1Q", None), ("-1", None), ("1e999", None), ("1 Mi", None),
        ("٣", None), ("1mi", None), ("NaN", None), ("inf", None),
    ],
)  # fmt: skip
def test_a_quantity_is_read_as_kubernetes_writes_it(text: Any, value: float | None) -> None:
    assert parse_quantity(text) == pytest.approx(value) if value else parse_quantity(text) == value


@given(st.text(max_size=12))
def test_no_text_breaks_it(text: str) -> None:
    found = parse_quantity(text)
    assert found is None or found >= 0


@pytest.mark.parametrize(
    ("cores", "said"),
    [
        (None, ""),
        (0.0, "0m"),
        (0.12, "120m"),
        (10 * 0.1, "1"),
        (sum([0.1] * 10), "1"),
        (2.345, "2.35"),
        (1234.0, "1234"),
    ],
)
def test_cores(cores: float | None, said: str) -> None:
    assert cpu_text(cores) == said


@pytest.mark.parametrize(
    ("size", "said"),
    [(None, ""), (0, "0"), (256 * MIB, "256Mi"), (1536 * MIB, "1.5Gi"), (1023.9 * MIB, "1Gi"),
     (1e-9, "0"), (999, "999"), (2**50 * 5, "5Pi")],
)  # fmt: skip
def test_memory(size: float | None, said: str) -> None:
    assert memory_text(size) == said


def _bounds(record: Any) -> tuple[Any, ...]:
    memory = tuple(
        one / MIB if one is not None else None
        for one in (record.memory_request, record.memory_limit)
    )
    return (record.cpu_request, record.cpu_limit, *memory)


def _asks(of_cpu: str = "", of_memory: str = "", **limits: str) -> dict[str, Any]:
    """Return a container that asks for so much, and has these limits."""
    requests = {key: value for key, value in (("cpu", of_cpu), ("memory", of_memory)) if value}
    return {"resources": {"requests": requests, "limits": limits}}


@pytest.mark.parametrize(
    ("containers", "init", "expected"),
    [
        ([{}], [], (None, None, None, None)),
        ([_asks("100m", "256Mi", cpu="1", memory="512Mi")], [], (0.1, 1.0, 256, 512)),
        ([_asks("100m", "256Mi", cpu="1"), _asks("200m", cpu="2")], [], (0.3, 3.0, 256, None)),
        # one without a limit may use all there is
        ([_asks("100m", cpu="1"), _asks("200m")], [], (0.3, None, None, None)),
        # an init container that needs more alone than all others together
        ([_asks("100m")], [_asks("500m")], (0.5, None, None, None)),
        ([_asks("100m", cpu="1")], [_asks("50m")], (0.1, 1.0, None, None)),
        # a sidecar runs beside them, and beside the init containers after it
        ([_asks("100m", cpu="1")], [{**_asks("50m", cpu="2"), "restartPolicy": "Always"}],
         (0.15, 3.0, None, None)),
        ([_asks("100m")], [{**_asks("50m"), "restartPolicy": "Always"}, _asks("200m")],
         (0.25, None, None, None)),
        ([{"resources": None}], [], (None, None, None, None)),
        ([_asks("odd", "256Mi")], [], (None, None, 256, None)),
    ],
)  # fmt: skip
def test_what_a_pod_asks_for_and_may_use(
    containers: list[Any], init: list[Any], expected: tuple[Any, ...]
) -> None:
    item = made_pod(
        "a",
        containers=[container(f"c{n}", **one) for n, one in enumerate(containers)],
        init=[container(f"i{n}", **one) for n, one in enumerate(init)],
    )
    assert _bounds(parsed(item)) == pytest.approx(expected)


# --- columns -------------------------------------------------------------------------------------

POD = Pod(source="k", id="p", name="p", cluster="c", namespace="shop")


@pytest.mark.parametrize(
    ("record", "cpu", "memory"),
    [
        (POD, "", ""),
        (replace(POD, cpu=0.12, memory=200.0 * MIB), "120m", "200Mi"),
        (replace(POD, cpu=0.12, cpu_request=0.2), "120m/200m", ""),
        (replace(POD, cpu=0.12, cpu_request=0.2, cpu_limit=1.0), "120m/1", ""),
        (replace(POD, memory_limit=512.0 * MIB), "", "-/512Mi"),
    ],
)
def test_a_cell_has_what_is_used_and_of_what(record: Pod, cpu: str, memory: str) -> None:
    assert (CPU.show(record, NOW).text, MEMORY.show(record, NOW).text) == (cpu, memory)


def test_memory_near_its_limit_is_a_warning_and_cpu_is_not() -> None:
    near = replace(POD, cpu=1.0, cpu_limit=1.0, memory=95.0, memory_limit=100.0)
    assert MEMORY.show(near, NOW).status is Status.WARNING
    assert CPU.show(near, NOW).status is None
    assert MEMORY.show(replace(near, memory=80.0), NOW).status is None
    assert MEMORY.show(replace(near, memory_limit=None), NOW).status is None


# --- what is measured ----------------------------------------------------------------------------


def test_only_what_differs_noticeably_is_another_record() -> None:
    usage = PodUsage()
    usage.applied(POD)
    place = POD.namespace, POD.name
    (first,) = usage.take("", {place: Usage(0.1, 100.0)})
    assert (first.cpu, first.memory) == (0.1, 100.0)
    assert not usage.take("", {place: Usage(0.102, 101.0)})
    (later,) = usage.take("shop", {place: Usage(0.12, 101.0)})
    assert later.cpu == 0.12
    assert usage.applied(replace(POD, restarts=1)) == replace(later, restarts=1)
    assert not usage.take("other", {})
    (gone,) = usage.take("", {})
    assert (gone.cpu, gone.memory) == (None, None)
    usage.forget(POD)
    assert not usage.take("", {place: Usage(0.1, 100.0)})


def _said(recorder: Recorder) -> list[Any]:
    reports = [one for one in recorder.changes if getattr(one, "scope", "") == SCOPE]
    return [getattr(one, "health", None) for one in reports]


@pytest.mark.parametrize(
    ("code", "said"), [(404, "no metrics API"), (403, "403"), (503, "503"), (500, "500")]
)
async def test_where_it_is_not_there_it_is_said_once_and_taken_back(
    cluster: ScriptedCluster, settings: KubernetesSettings, code: int, said: str
) -> None:
    usage = {"containers": [{"name": "main", "usage": {"cpu": "100m", "memory": "1Mi"}}]}
    measured = {"metadata": {"name": "a", "namespace": "shop"}, **usage}
    cluster.script[f"list {PODS}"] = [page(pod("a"))]
    cluster.script[METRICS] = [status(code, "no"), status(code, "no"), page(measured)]
    context = FakeContext("clusters")
    async with Kubernetes.connect(settings, context) as source, recording(source) as recorder:
        await recorder.until(lambda: bool(_said(recorder)))
        (health,) = _said(recorder)
        assert health.condition is Condition.LIVE
        assert health.message.startswith("what pods use is not shown: ")
        assert said in health.message
        assert health.hint
        asked = cluster.asked[METRICS]
        while len(asked) < 3:
            seen = len(asked)
            again = _asked_again(asked, context)
            await until(again, lambda count, seen=seen: count > seen)  # type: ignore[misc]
        record = Ref("clusters", Kind.POD, "test/shop/a")
        await recorder.until(lambda: getattr(recorder.records.get(record), "cpu", None) == 0.1)
        assert [one.message for one in _said(recorder)] == [health.message, ""]
        assert recorder.troubles == []


def _asked_again(asked: list[Any], context: FakeContext) -> Any:
    """Return what counts *asked*, and asks for more: nobody may wait yet who could hear it."""

    async def look() -> int:
        context.refresh()
        return len(asked)

    return look


# --- on clusters ---------------------------------------------------------------------------------


def _serving(scene: Scene) -> AbstractAsyncContextManager[FakeMetrics | None]:
    return metrics_of(scene.ground) if scene.real else nullcontext()


async def test_records_and_pages_have_what_is_used(scene: Scene) -> None:
    ground = scene.ground
    name = "web" if scene.real else "cart"
    async with _serving(scene) as metrics:
        if metrics is not None:
            await _run(scene, metrics)
        async with source_of(ground) as source, recording(source) as recorder:

            def pods() -> list[Pod]:
                found = (one for one in recorder.of_kind(Kind.POD) if isinstance(one, Pod))
                own = [one for one in found if one.owner == f"Deployment/{name}"]
                return [one for one in own if one.cpu and one.namespace == ground.namespace]

            await recorder.until(lambda: len(pods()) >= 2)
            one = pods()[0]
            assert one.memory
            assert one.memory_request or one.memory_limit
            grid = _section(await source.detail(one.ref), Grid, "CPU and memory")
            assert grid.rows[0].cells[1] == cpu_text(one.cpu) or not scene.real
            detail = await source.detail(ground.ref("Deployment", name))
            facts = _section(detail, Facts, "CPU and memory")
            told = {fact.label: fact.value for fact in facts.facts}
            assert told["measured"].endswith("pods")
            assert told["cpu"] not in {"", "not told"}
            table = _section(detail, Grid, "Pods")
            assert any(row.cells[table.columns.index("cpu")] for row in table.rows)


async def test_the_page_of_a_node_has_what_is_used_and_asked_for(scene: Scene) -> None:
    ground = scene.ground
    async with _serving(scene) as metrics:
        name = await _node(scene)
        if metrics is not None:
            metrics.nodes[name] = ("1500000000n", "4194304Ki")
        ref = listed_ref("clusters", "nodes", f"{ground.cluster}//{name}")
        try:
            async with source_of(ground) as source:
                facts = _section(await source.detail(ref), Facts, "CPU and memory")
                shares = await _shares(source, name)
        finally:
            if scene.real:
                await ground.client.delete(f"/api/v1/nodes/{name}")
    told = {fact.label: fact.value for fact in facts.facts}
    assert all(re.fullmatch(r"\d+%", share) for share in shares), shares
    if scene.real:
        assert shares == ["38%", "50%"]
        assert told["cpu"] == "1.5 used (38%), 250m requested (6%), 4 for pods"
        assert told["memory"] == "4Gi used (50%), 0 requested (0%), 8Gi for pods"
    else:
        assert "used" in told["cpu"]
        assert told["memory"].endswith("30Gi for pods")


async def _shares(source: Source, name: str) -> list[str]:
    """Return what the table of nodes says of CPU and memory of one."""
    async with asyncio.timeout(PATIENCE), opened(source, "nodes") as listing:
        await listing.until_complete()
    [row] = [one for one in listing.rows.values() if one.name == name]
    return [row.cells[listing.columns.index(f"{what} share")] for what in ("CPU", "Memory")]


async def _node(scene: Scene) -> str:
    """Return the name of a node with a pod that asks for a quarter of a core."""
    ground = scene.ground
    if not scene.real:
        found = (await ground.client.get("/api/v1/nodes")).json()
        return str(found["items"][0]["metadata"]["name"])
    name = f"node-{ground.namespace}"
    answer = await ground.client.post("/api/v1/nodes", json={"metadata": {"name": name}})
    assert answer.status_code == 201, answer.text
    has = {"cpu": "4", "memory": "8Gi"}
    answer = await ground.client.patch(
        f"/api/v1/nodes/{name}/status",
        json={"status": {"allocatable": has, "capacity": has}},
        headers={"Content-Type": MERGE_PATCH},
    )
    assert answer.status_code == 200, answer.text
    asks = {"name": "web", "image": "web:1", "resources": {"requests": {"cpu": "250m"}}}
    body = {"metadata": {"name": "web"}, "spec": {"nodeName": name, "containers": [asks]}}
    await ground.create("Pod", body)
    return name


def _section(detail: Any, kind: type[Any], title: str) -> Any:
    return next(
        one for one in detail.sections if isinstance(one, kind) and one.title.startswith(title)
    )


async def _run(scene: Scene, metrics: FakeMetrics) -> None:
    """Let two pods run, and measure them."""
    ground = scene.ground
    await ground.create("Deployment", workload("Deployment", template=template(1)))
    made = await until(lambda: ground.list("Pod"), lambda seen: len(seen) == 2)
    await ground.put_pods(READY)
    for number, one in enumerate(made, 1):
        metrics.usage[one["metadata"]["name"]] = {"main": (f"{number * 50_000_000}n", "32768Ki")}
