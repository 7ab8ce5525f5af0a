"""CPU and memory on the pages of pods and workloads: what is used, asked for and allowed."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from opsboard.adapter import Fact, Facts, Grid, GridRow, SourceError
from opsboard.kinds.usage import NEAR_LIMIT, cpu_text, memory_text
from opsboard.records import Pod, Status
from opsboard_adapters.kubernetes.client import ClusterClient
from opsboard_adapters.kubernetes.node_metrics import V1Node
from opsboard_adapters.kubernetes.parse.pod_resources import (
    Resources,
    container_resources,
    pod_resources,
)
from opsboard_adapters.kubernetes.pod_metrics import (
    Usage,
    read_one_node,
    read_one_pod,
    read_pod_metrics,
    usage_of,
)
from opsboard_adapters.kubernetes.protocol import PAGE_SIZE, ListRequest
from opsboard_adapters.kubernetes.quantities import parse_quantity
from opsboard_adapters.kubernetes.resources import PODS
from opsboard_adapters.kubernetes.structs import V1Pod
from opsboard_adapters.listing.completeness import SkippedRecords

TITLE: Final = "CPU and memory"
_UNTOLD: Final = "not told by this cluster"
_COLUMNS: Final = (
    "container", "cpu", "request", "limit", "memory", "request ", "limit ",
)  # fmt: skip


async def container_usage(client: ClusterClient, item: V1Pod) -> Grid:
    """Return what each container of a pod uses; where nobody says it, the rest is shown."""
    used, note = dict[str, Usage](), ""
    if item.status.phase == "Running":
        try:
            told = await read_one_pod(client, item.metadata.namespace, item.metadata.name)
            used = {
                one.name: Usage(parse_quantity(one.usage.cpu), parse_quantity(one.usage.memory))
                for one in told.containers
            }
        except SourceError:  # it is said of the source, once
            note = " (what is used is not told)"
    rows = []
    for container in (*item.spec.init_containers, *item.spec.containers):
        cpu, memory = container_resources(container)
        usage = used.get(container.name, Usage())
        cells = (
            container.name,
            cpu_text(usage.cpu), cpu_text(cpu.request), cpu_text(cpu.limit),
            memory_text(usage.memory), memory_text(memory.request), memory_text(memory.limit),
        )  # fmt: skip
        rows.append(GridRow(cells=cells, status=_near(usage.memory, memory)))
    return Grid(title=f"{TITLE}{note}", columns=_COLUMNS, rows=tuple(rows), empty="no containers")


def _near(used: float | None, of: Resources) -> Status | None:
    near = used is not None and of.limit and used >= NEAR_LIMIT * of.limit
    return Status.WARNING if near else None


async def usage_by_pod(
    client: ClusterClient, namespace: str, selector: str
) -> Mapping[str, Usage] | SourceError:
    """Return what the pods that *selector* selects use, by name, or why that is not known."""
    try:
        found = await read_pod_metrics(client, namespace, {"labelSelector": selector})
    except SourceError as error:
        return error
    return {one.metadata.name: usage_of(one) for one in found}


def workload_usage(pods: Sequence[Pod], used: Mapping[str, Usage] | SourceError) -> Facts:
    """Return what the pods of a workload use together, beside what they ask for and may use."""
    if isinstance(used, SourceError):
        return Facts(title=TITLE, facts=(Fact(label="used", value=_UNTOLD),))
    measured = [one for one in pods if one.name in used]
    facts = [Fact(label="measured", value=f"{len(measured)} of {len(pods)} pods")]
    for what, write in (("cpu", cpu_text), ("memory", memory_text)):
        amount = [getattr(used[one.name], what) for one in measured]
        total = sum(one for one in amount if one is not None)
        parts = [write(total) if any(one is not None for one in amount) else "not told"]
        for bound, said in (("request", "requested"), ("limit", "allowed")):
            bounds = [getattr(one, f"{what}_{bound}") for one in measured]
            if bounds and None not in bounds:
                whole = sum(bounds)
                share = f" ({total / whole:.0%})" if whole else ""
                parts.append(f"{write(whole)} {said}{share}")
        facts.append(Fact(label=what, value=", ".join(parts)))
    return Facts(title=TITLE, facts=tuple(facts))


# --- nodes ---------------------------------------------------------------------------------------


async def node_usage(client: ClusterClient, node: V1Node) -> Facts:
    """Return what is used on a node and asked for by its pods, of what it has for them."""
    name = node.metadata.name
    used, pods = await asyncio.gather(_used_on(client, name), _pods_on(client, name))
    has, facts = node.has, []
    for what, write in (("cpu", cpu_text), ("memory", memory_text)):
        whole, amount = getattr(has, what), getattr(used, what)
        parts = [f"{write(amount)} used{_share(amount, whole)}" if amount is not None else ""]
        if pods is not None:
            asked = sum(getattr(pod_resources(one.spec), what).request or 0.0 for one in pods)
            parts.append(f"{write(asked)} requested{_share(asked, whole)}")
        parts.append(f"{write(whole)} for pods" if whole else "")
        facts.append(Fact(label=what, value=", ".join(filter(None, parts))))
    if used == Usage():
        facts.append(Fact(label="used", value=_UNTOLD))
    return Facts(title=TITLE, facts=tuple(facts))


def _share(amount: float, whole: float | None) -> str:
    return f" ({amount / whole:.0%})" if whole else ""


async def _used_on(client: ClusterClient, name: str) -> Usage:
    try:
        return await read_one_node(client, name)
    except SourceError:
        return Usage()


async def _pods_on(client: ClusterClient, name: str) -> Sequence[V1Pod] | None:
    """Return the pods of a node that have not ended; ``None`` where they are not all known."""
    query = f"spec.nodeName={name},status.phase!=Succeeded,status.phase!=Failed"
    skips = SkippedRecords(name)
    listing = ListRequest(PODS.path(), V1Pod, skips, PODS.kind, {"fieldSelector": query})
    try:
        page = await client.list_page(listing, {"limit": PAGE_SIZE})
    except SourceError:
        return None
    return None if page.continue_token or skips.count else page.objects
