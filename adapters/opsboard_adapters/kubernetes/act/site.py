"""Where an act takes place, and what it is done to."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from opsboard.adapter import Malformed, Misconfigured, Plan, SourceError
from opsboard.records import Ref
from opsboard_adapters.kubernetes.api import ClusterApi
from opsboard_adapters.kubernetes.parse.common import Object, Place
from opsboard_adapters.kubernetes.resources import FOLLOWED, Resource
from opsboard_adapters.kubernetes.shapes import Workload, typed

MARK: Final = "opsboard.dev/plan"
"""The annotation that names the plan which has last changed an object."""

RESOURCES: Final = {resource.name: resource for resource in FOLLOWED}


@dataclass(frozen=True, slots=True)
class Site:
    """A cluster: how to ask it, whose it is, and the time."""

    api: ClusterApi
    place: Place
    now: Callable[[], datetime]
    pause: Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Target:
    """An object that something is done to, as it has been read."""

    resource: Resource
    item: Object

    @property
    def meta(self) -> Object:
        meta: Object = self.item.get("metadata") or {}
        return meta

    @property
    def spec(self) -> Object:
        spec: Object = self.item.get("spec") or {}
        return spec

    @property
    def status(self) -> Object:
        status: Object = self.item.get("status") or {}
        return status

    @property
    def namespace(self) -> str:
        return str(self.meta.get("namespace") or "")

    @property
    def name(self) -> str:
        return str(self.meta.get("name") or "")

    @property
    def uid(self) -> str:
        return str(self.meta.get("uid") or "")

    @property
    def version(self) -> str:
        """The resource version."""
        return str(self.meta.get("resourceVersion") or "")

    @property
    def mark(self) -> str:
        """The plan that has last changed it."""
        return str((self.meta.get("annotations") or {}).get(MARK) or "")

    @property
    def path(self) -> str:
        return self.resource.path(self.namespace, self.name)

    @property
    def template(self) -> Object:
        """The pod template of a workload or a Job."""
        template: Object = self.spec.get("template") or {}
        return template

    @property
    def workload(self) -> Workload:
        """It, where it is a workload, as far as it is judged."""
        return typed(self.item, Workload)

    def title(self, place: Place) -> str:
        """Return its name in full."""
        return f"{self.resource.name} {self.namespace}/{self.name} in {place.cluster}"

    @property
    def address(self) -> dict[str, Any]:
        """What a plan needs to come back to it: see :func:`read_target`."""
        return {
            "resource": self.resource.name,
            "namespace": self.namespace,
            "name": self.name,
            "uid": self.uid,
            "mark": self.mark,
        }


async def find(site: Site, resource: Resource, namespace: str, name: str) -> Target:
    """Read an object. Raises :exc:`SourceError`."""
    item = await site.api.get(resource.path(namespace, name))
    try:
        typed(item, resource.shape)
    except Malformed as error:
        said = f"{resource.name} {namespace}/{name} is of an odd shape: {error.message}"
        raise Malformed(said, "look at its YAML") from None
    return Target(resource, item)


async def target_of(site: Site, plan: Plan) -> Target:
    """Read again what *plan* is about. Raises :exc:`SourceError`, NotFound where it is gone."""
    resource, namespace, name = (str(plan.payload[k]) for k in ("resource", "namespace", "name"))
    return await find(site, RESOURCES[resource], namespace, name)


def ref_of(site: Site, resource: Resource, namespace: str, name: str) -> Ref:
    """Return the record that an object is on the board."""
    workload = resource.parse is None
    told = f"{resource.name}/{name}" if workload else name
    return Ref(site.place.source, resource.kind, site.place.identity(namespace, told))


def not_of_the_form(faults: dict[str, str]) -> SourceError:
    """Return the error for values that the form does not take."""
    said = "; ".join(f"{name} {fault}" for name, fault in faults.items())
    return Misconfigured(said, "mend the values")
