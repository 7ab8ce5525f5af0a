"""What pods use, by the metrics API (``metrics.k8s.io``), where a cluster has it.

Its lists have no pages and no watches, so they are read now and then. A cluster without it, or one
where it may not be read or is down, shows the rest all the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Final, NamedTuple

import msgspec

from opsboard.adapter import Condition, Forbidden, Health, NotFound, SourceError
from opsboard.records import Pod
from opsboard_adapters.kubernetes.client import ClusterClient
from opsboard_adapters.kubernetes.permissions import permission_hint
from opsboard_adapters.kubernetes.protocol import ListRequest, Parameters
from opsboard_adapters.kubernetes.quantities import parse_quantity
from opsboard_adapters.kubernetes.resources import api_path
from opsboard_adapters.kubernetes.structs import ApiStruct, V1Object, V1Quantities
from opsboard_adapters.listing.completeness import SkippedRecords

GROUP: Final = "/apis/metrics.k8s.io/v1beta1"
RESOURCE: Final = "pods.metrics.k8s.io"
MEASURE_INTERVAL: Final = 45.0
"""Seconds between two questions what is used: most servers measure it about as often."""
NOTICEABLE: Final = 0.05
"""Share by which a measurement differs from the one that is shown before it is shown."""

Place = tuple[str, str]
"""Namespace and name of a pod."""


class V1ContainerMetrics(ApiStruct, frozen=True):
    """What a container uses."""

    name: str = ""
    usage: V1Quantities = V1Quantities()


class V1PodMetrics(V1Object, frozen=True):
    """PodMetrics: what the containers of a pod use, over a *window* that ends at *timestamp*."""

    timestamp: str | None = None
    window: str = ""
    containers: Annotated[tuple[V1ContainerMetrics, ...], msgspec.Meta(max_length=1_000)] = ()


class V1NodeMetrics(V1Object, frozen=True):
    """NodeMetrics: what all that runs on a node uses."""

    usage: V1Quantities = V1Quantities()


class Usage(NamedTuple):
    """CPU in cores and memory in bytes; ``None`` where it is not told."""

    cpu: float | None = None
    memory: float | None = None


def usage_of(item: V1PodMetrics) -> Usage:
    """Return what a pod uses: what its containers do together."""
    cpu = [parse_quantity(one.usage.cpu) for one in item.containers]
    memory = [parse_quantity(one.usage.memory) for one in item.containers]
    return Usage(_sum(cpu), _sum(memory))


def _sum(amounts: Iterable[float | None]) -> float | None:
    known = [one for one in amounts if one is not None]
    return sum(known) if known else None


async def read_pod_metrics(
    client: ClusterClient, namespace: str, parameters: Parameters | None = None
) -> Sequence[V1PodMetrics]:
    """Return what the pods of *namespace*, or of all (``""``), use. Raises :exc:`SourceError`."""
    path = api_path(GROUP, "pods", namespace)
    listing = ListRequest(path, V1PodMetrics, SkippedRecords(path), "PodMetrics", parameters or {})
    return (await client.list_page(listing, {})).objects


async def read_one_pod(client: ClusterClient, namespace: str, name: str) -> V1PodMetrics:
    """Return what one pod uses. Raises :exc:`SourceError`."""
    return await client.get_struct(api_path(GROUP, "pods", namespace, name), V1PodMetrics)


async def read_one_node(client: ClusterClient, name: str) -> Usage:
    """Return what is used on a node. Raises :exc:`SourceError`."""
    found = await client.get_struct(api_path(GROUP, "nodes", "", name), V1NodeMetrics)
    return Usage(parse_quantity(found.usage.cpu), parse_quantity(found.usage.memory))


def missing(error: SourceError, namespace: str) -> Health:
    """Return the health that says once why nothing is known of what pods use."""
    said, hint = why_unmeasured(error, RESOURCE, namespace)
    return Health(
        condition=Condition.LIVE, message=f"what pods use is not shown: {said}", hint=hint
    )


def why_unmeasured(error: SourceError, resource: str, namespace: str | None) -> tuple[str, str]:
    """Return why *resource* of the metrics API is not known, and what to do about it."""
    hint = "metrics-server is what usually serves it; all else is shown without"
    if isinstance(error, Forbidden):
        hint = permission_hint(resource, namespace, "list")
    said = "the cluster has no metrics API" if isinstance(error, NotFound) else error.message
    return said, hint


class PodUsage:
    """What is known of the pods of a cluster: their records, and what they were found to use."""

    def __init__(self) -> None:
        self._usage: dict[Place, Usage] = {}
        self._records: dict[Place, Pod] = {}

    @property
    def records(self) -> Sequence[Pod]:
        """The records of all pods that are known by now."""
        return list(self._records.values())

    def applied(self, record: Pod) -> Pod:
        """Note *record* and return it with what the pod uses."""
        place = record.namespace, record.name
        usage = self._usage.get(place)
        if usage is not None:
            record = replace(record, cpu=usage.cpu, memory=usage.memory)
        self._records[place] = record
        return record

    def forget(self, record: Pod) -> None:
        """Keep a pod no longer."""
        self._records.pop((record.namespace, record.name), None)
        self._usage.pop((record.namespace, record.name), None)

    def retain(self, namespace: str, existing: Iterable[Place]) -> None:
        """Forget the pods of *namespace*, or of all (``""``), that are not *existing*."""
        kept = set(existing)
        for place in [one for one in self._records if namespace in {"", one[0]}]:
            if place not in kept:
                self._records.pop(place)
                self._usage.pop(place, None)

    def take(self, namespace: str, measured: Mapping[Place, Usage]) -> list[Pod]:
        """Take in all that was *measured* in *namespace*, or in all; return the records that
        change by it. Nothing is known of a pod that was not measured, such as one that has ended.
        """
        changed = []
        for place, record in self._records.items():
            if namespace not in {"", place[0]}:
                continue
            usage = measured.get(place, Usage())
            if not _differs(usage.cpu, record.cpu) and not _differs(usage.memory, record.memory):
                continue
            self._usage[place] = usage
            changed.append(replace(record, cpu=usage.cpu, memory=usage.memory))
        for pod in changed:
            self._records[pod.namespace, pod.name] = pod
        return changed


def _differs(now: float | None, shown: float | None) -> bool:
    if now is None or shown is None:
        return now is not shown
    return abs(now - shown) > NOTICEABLE * max(now, shown)
