"""What a pod takes of each resource, with what a LimitRange adds to it.

Source: *Resource Management for Pods and Containers* in the Kubernetes documentation, and
``PodRequests`` of ``k8s.io/component-helpers/resource``: what runs together, or what an init
container takes beside the sidecars before it, if that is more; what the pod says for all of them
goes before that. A request that is left out is the limit.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from opsboard_adapters.kubernetes.objects import ApiObject
from opsboard_adapters.kubernetes.quantities import parse_quantity

Amounts = dict[str, float]
"""Resource (``cpu``, ``memory``, ``nvidia.com/gpu``) -> cores, bytes or pieces."""

_BYTES: Final = ("memory", "storage", "ephemeral-storage", "hugepages")
_UNITS: Final = ((1024.0**3, "Gi"), (1024.0**2, "Mi"), (1024.0, "Ki"))


class Taken(NamedTuple):
    """What a container, or a pod, requests and may use at most."""

    requests: Amounts
    limits: Amounts


class Defaults(NamedTuple):
    """What a LimitRange gives to containers that do not say."""

    limits: Mapping[str, float]
    requests: Mapping[str, float]


NO_DEFAULTS: Final = Defaults({}, {})


def quantities(found: object) -> Amounts:
    """Return those of *found* that are quantities."""
    if not isinstance(found, Mapping):
        return {}
    read = {str(name): parse_quantity(value) for name, value in found.items()}
    return {name: value for name, value in read.items() if value is not None}


def taken_by_container(container: ApiObject, defaults: Defaults = NO_DEFAULTS) -> Taken:
    """Return what *container* takes, or a pod where that says it for all of its own."""
    resources = container.get("resources") or {}
    own, asked = quantities(resources.get("limits")), quantities(resources.get("requests"))
    requests = {**defaults.requests, **own, **asked}
    return Taken(requests, {**defaults.limits, **own})


def taken_by_pod(spec: ApiObject, defaults: Defaults = NO_DEFAULTS) -> Taken:
    """Return what a pod of *spec* takes, overhead included."""
    return Taken(_together(spec, defaults, 0), _together(spec, defaults, 1))


def _together(spec: ApiObject, defaults: Defaults, part: int) -> Amounts:
    """Return what a pod takes of *part* of :class:`Taken`."""
    total, most = Amounts(), Amounts()
    for one in spec.get("initContainers") or ():
        takes = taken_by_container(one, defaults)[part]
        for name, value in takes.items():
            most[name] = max(most.get(name, 0.0), total.get(name, 0.0) + value)
        if one.get("restartPolicy") == "Always":  # a sidecar, which goes on
            _add(total, takes)
    for one in spec.get("containers") or ():
        _add(total, taken_by_container(one, defaults)[part])
    total = {name: max(total.get(name, 0.0), most.get(name, 0.0)) for name in (*total, *most)}
    total |= taken_by_container(spec)[part]
    overhead = quantities(spec.get("overhead"))
    _add(total, {name: overhead[name] for name in total.keys() & overhead.keys()})
    return total


def _add(total: Amounts, more: Amounts) -> None:
    for name, value in more.items():
        total[name] = total.get(name, 0.0) + value


def amount_text(resource: str, value: float) -> str:
    """Return an amount as people write it: ``500m``, ``1.5Gi``, ``2``."""
    if any(word in resource for word in _BYTES):
        for size, unit in _UNITS:
            if value >= size:
                return f"{value / size:.4g}{unit}"
        return f"{value:.0f}"
    if value and value < 1:
        return f"{value * 1000:.4g}m"
    return f"{value:.4g}"
