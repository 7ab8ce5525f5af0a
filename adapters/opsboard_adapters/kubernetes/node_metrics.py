"""What is used of the nodes of a cluster and asked for there, of what they have for pods.

What is used is told by the metrics API (``metrics.k8s.io``), where a cluster has it; what a node
has is its ``status.allocatable`` (*Reserve Compute Resources for System Daemons* in the Kubernetes
documentation), and what is asked for is the sum over the pods that the board knows there.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

from opsboard.adapter import SourceError, Throttled, Unauthenticated
from opsboard_adapters import http
from opsboard_adapters.kubernetes.client import ClusterClient
from opsboard_adapters.kubernetes.informer import ResourceInformer
from opsboard_adapters.kubernetes.pager import pages
from opsboard_adapters.kubernetes.pod_metrics import (
    GROUP,
    MEASURE_INTERVAL,
    PodUsage,
    Usage,
    V1NodeMetrics,
    why_unmeasured,
)
from opsboard_adapters.kubernetes.protocol import PAGE_SIZE, ListRequest
from opsboard_adapters.kubernetes.quantities import parse_quantity
from opsboard_adapters.kubernetes.resources import api_path
from opsboard_adapters.kubernetes.structs import ApiStruct, V1Object, V1Quantities
from opsboard_adapters.listing.completeness import SkippedRecords

RESOURCE: Final = "nodes.metrics.k8s.io"
MAX_NODES: Final = 5_000
"""Nodes of a cluster of which it is shown; Kubernetes itself supports as many."""
NODES_PER_PAGE: Final = 100
"""A node is large: it names each image that it has."""
ALLOCATABLE_ROUNDS: Final = 10
"""Measurements after which it is asked again what the nodes have; a new node is asked at once."""
_PODS_AT_ONCE: Final = 5_000
_ENDED: Final = frozenset({"Succeeded", "Failed"})

Requests = Callable[[], Awaitable[Mapping[str, Usage] | None]]
"""Returns what the pods of each node ask for; ``None`` where not all pods are known."""


class V1NodeStatus(ApiStruct, frozen=True):
    """What a node has for pods."""

    allocatable: V1Quantities = V1Quantities()
    capacity: V1Quantities = V1Quantities()


class V1Node(V1Object, frozen=True):
    """A Node, as far as it tells what it has."""

    status: V1NodeStatus = V1NodeStatus()

    @property
    def has(self) -> Usage:
        """What is there for pods; all there is, where the node does not tell that."""
        told, whole = self.status.allocatable, self.status.capacity
        return Usage(
            parse_quantity(told.cpu or whole.cpu), parse_quantity(told.memory or whole.memory)
        )


class NodeUsage(NamedTuple):
    """What is *used* of a node and *requested* by its pods, of what it *has* for them."""

    used: Usage = Usage()
    has: Usage = Usage()
    requested: Usage = Usage()


@dataclass(frozen=True, slots=True)
class NodesMeasured:
    """What is known by now of some nodes, by name; the others are as before.

    *note* says what is missing; *last* that the rest of a measurement is told with it.
    """

    nodes: Mapping[str, NodeUsage]
    note: str
    last: bool


async def read_node_metrics(client: ClusterClient) -> Mapping[str, Usage]:
    """Return what is used of each node, by name. Raises :exc:`SourceError`."""
    path = api_path(GROUP, "nodes")
    listing = ListRequest(path, V1NodeMetrics, SkippedRecords(path), "NodeMetrics")
    found = (await client.list_page(listing, {})).objects
    return {
        one.metadata.name: Usage(parse_quantity(one.usage.cpu), parse_quantity(one.usage.memory))
        for one in found
    }


async def read_allocatable(client: ClusterClient) -> Mapping[str, Usage]:
    """Return what each node has for pods, of the first :data:`MAX_NODES`.

    Raises :exc:`SourceError`.
    """
    path, found = api_path("/api/v1", "nodes"), dict[str, Usage]()
    listing = ListRequest(path, V1Node, SkippedRecords(path), "Node", page_size=NODES_PER_PAGE)
    async with aclosing(pages(client, listing)) as chunks:
        async for page in chunks:
            for node in page.objects[: MAX_NODES - len(found)]:
                found[node.metadata.name] = node.has
            if len(found) >= MAX_NODES:
                break
    return found


class KnownPods:
    """The pods of a cluster that the board watches, as *informers* do, with their *usage*."""

    def __init__(self, informers: Sequence[ResourceInformer], usage: PodUsage) -> None:
        self._informers = [one for one in informers if one.resource.kind == "Pod"]
        self._usage = usage

    async def requests(self) -> Mapping[str, Usage] | None:
        """Return what the pods of each node ask for that have not ended.

        ``None`` where not all pods of the cluster are known: a part of a sum is no sum.
        """
        if not self._are_all():
            return None
        sums = dict[str, Usage]()
        for at, pod in enumerate(self._usage.records, 1):
            if at % _PODS_AT_ONCE == 0:
                await asyncio.sleep(0)
            if pod.node and pod.phase not in _ENDED:
                cpu, memory = sums.get(pod.node, _NOTHING)
                sums[pod.node] = Usage(
                    (cpu or 0.0) + (pod.cpu_request or 0.0),
                    (memory or 0.0) + (pod.memory_request or 0.0),
                )
        return sums if self._are_all() else None

    def _are_all(self) -> bool:
        everywhere = [one for one in self._informers if not one.namespace]
        return bool(everywhere) and all(one.is_whole for one in everywhere)


_NOTHING: Final = Usage(0.0, 0.0)


class NodeMeter:
    """Measures the nodes of a cluster now and then.

    *connect* returns its client, with the login that it has by now; *requests* what is asked for;
    *pause* sleeps.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[ClusterClient]],
        requests: Requests,
        pause: Callable[[float], Awaitable[None]],
    ) -> None:
        self._connect, self._requests, self._pause = connect, requests, pause
        self._told: Mapping[str, NodeUsage] = {}
        self._has: Mapping[str, Usage] = {}
        self._lacking: frozenset[str] = frozenset()
        """Measured nodes of which it is not known what they have, though it was asked."""
        self._rounds = 0

    async def events(self) -> AsyncGenerator[NodesMeasured, None]:
        """Yield what is measured, then what changes, without end."""
        while True:
            found, note = await self._measured()
            for part, last in self._changes(found):
                yield NodesMeasured(part, note, last)
            self._told = found
            await self._pause(MEASURE_INTERVAL)

    def _changes(
        self, found: Mapping[str, NodeUsage]
    ) -> Iterator[tuple[Mapping[str, NodeUsage], bool]]:
        """Yield the nodes that change in parts, at least one; and whether it is the last one."""
        gone = self._told.keys() - found.keys()
        changed = [item for item in found.items() if self._told.get(item[0]) != item[1]]
        rest = iter([*changed, *((name, NodeUsage()) for name in gone)])
        part = dict(islice(rest, PAGE_SIZE))
        while following := dict(islice(rest, PAGE_SIZE)):
            yield part, False
            part = following
        yield part, True

    async def _measured(self) -> tuple[Mapping[str, NodeUsage], str]:
        """Return all that is known of the nodes, and what is to be said of what is missing.

        A cluster that cannot be reached says so of its table.
        """
        try:
            client = await self._connect()
        except SourceError:
            return {}, ""
        try:
            used = await read_node_metrics(client)
        except SourceError as error:
            why, hint = why_unmeasured(error, RESOURCE, None)
            return {}, _note(error, f"CPU and memory are not shown: {why} ({hint})")
        if not used:  # of a server that has only just started
            return {}, ""
        note = await self._ask_what_they_have(client, used)
        names = list(dict.fromkeys((*self._has, *used)))
        if len(names) > MAX_NODES:
            note = f"CPU and memory of {MAX_NODES:,} of {len(names):,} nodes are shown"
        return await self._together(names[:MAX_NODES], used), note

    async def _ask_what_they_have(self, client: ClusterClient, used: Mapping[str, Usage]) -> str:
        """Ask what the nodes have where it is time to; return why that is not known."""
        unknown = used.keys() - self._has.keys()
        due = self._rounds % ALLOCATABLE_ROUNDS == 0 or not unknown <= self._lacking
        self._rounds = 1 if due else self._rounds + 1
        if not due:
            return ""
        try:
            self._has = await read_allocatable(client)
        except SourceError as error:
            self._has, self._rounds = {}, 0
            return _note(error, f"what nodes have for pods is not known: {error.message}")
        self._lacking = frozenset(used.keys() - self._has.keys())
        return ""

    async def _together(
        self, names: Sequence[str], used: Mapping[str, Usage]
    ) -> Mapping[str, NodeUsage]:
        requests = await self._requests()
        return {
            name: NodeUsage(
                used.get(name, Usage()),
                self._has.get(name, Usage()),
                Usage() if requests is None else requests.get(name, _NOTHING),
            )
            for name in names
        }


def _note(error: SourceError, said: str) -> str:
    """Return what is *said* of *error*, unless the table of the nodes says it too."""
    return "" if isinstance(error, Unauthenticated | http.NotConnected | Throttled) else said
