"""What a pod asks for and what it may use: CPU in cores, memory in bytes.

Source: ``PodRequests`` and ``PodLimits`` of ``k8s.io/component-helpers/resource``: the containers
and sidecars together, or what an init container takes beside the sidecars before it, if that is
more; with the overhead of the runtime. The limit is that of what runs: a pod with one container
without a limit has none.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from opsboard_adapters.kubernetes.quantities import parse_quantity
from opsboard_adapters.kubernetes.structs import (
    V1PodContainer,
    V1PodSpec,
    V1Quantities,
    V1ResourceRequirements,
)


class Resources(NamedTuple):
    """Amounts of one thing: *request* and *limit*, ``None`` for none."""

    request: float | None = None
    limit: float | None = None


class PodResources(NamedTuple):
    """What is asked for and allowed of each."""

    cpu: Resources = Resources()
    memory: Resources = Resources()


def pod_resources(spec: V1PodSpec) -> PodResources:
    """Return what a pod asks for and may use. Equal pods share what is returned."""
    containers = tuple(one.resources for one in spec.containers)
    init = tuple((one.resources, one.is_sidecar) for one in spec.init_containers)
    return _resources(containers, init, spec.overhead)


def container_resources(container: V1PodContainer) -> PodResources:
    """Return what a container asks for and may use."""
    told = container.resources
    return PodResources(
        Resources(parse_quantity(told.requests.cpu), parse_quantity(told.limits.cpu)),
        Resources(parse_quantity(told.requests.memory), parse_quantity(told.limits.memory)),
    )


@lru_cache(4_096)
def _resources(
    containers: tuple[V1ResourceRequirements, ...],
    init: tuple[tuple[V1ResourceRequirements, bool], ...],
    overhead: V1Quantities,
) -> PodResources:
    running = (*containers, *(one for one, sidecar in init if sidecar))
    requests = [(one.requests, sidecar) for one, sidecar in init]
    cpu, memory = (
        Resources(
            _request([read(one.requests) for one in containers],
                     [(read(one), sidecar) for one, sidecar in requests], read(overhead)),
            _limit([read(one.limits) for one in running], read(overhead)),
        )
        for read in (_cpu, _memory)
    )  # fmt: skip
    return PodResources(cpu, memory)


def _cpu(told: V1Quantities) -> float | None:
    return parse_quantity(told.cpu)


def _memory(told: V1Quantities) -> float | None:
    return parse_quantity(told.memory)


def _request(
    running: Sequence[float | None],
    init: Sequence[tuple[float | None, bool]],
    overhead: float | None,
) -> float | None:
    """Return what a pod asks for. *init* has for each whether it is a sidecar."""
    if not any(running) and not any(amount for amount, _ in init):
        return None
    beside = most = 0.0
    for amount, sidecar in init:
        most = max(most, beside + (amount or 0.0))
        beside += (amount or 0.0) if sidecar else 0.0
    together = beside + sum(amount or 0.0 for amount in running)
    return max(together, most) + (overhead or 0.0)


def _limit(running: Sequence[float | None], overhead: float | None) -> float | None:
    """Return what a pod that runs may use, ``None`` where one of its containers has no limit."""
    known = [amount for amount in running if amount is not None]
    if not known or len(known) < len(running):
        return None
    return sum(known) + (overhead or 0.0)
