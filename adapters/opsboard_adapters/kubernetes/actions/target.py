"""Where an act takes place, and what it is done to."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from opsboard.adapter import Malformed, Misconfigured, Plan, SourceError
from opsboard.records import Ref
from opsboard_adapters.kubernetes.client import ClusterClient
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.kubernetes.objects import ApiObject
from opsboard_adapters.kubernetes.resources import WATCHED, ApiResource
from opsboard_adapters.kubernetes.structs import V1Workload, to_struct

PLAN_ANNOTATION: Final = "opsboard.dev/plan"
"""The annotation that names the plan which has last changed an object."""

RESOURCES: Final = {resource.kind: resource for resource in WATCHED}


@dataclass(frozen=True, slots=True)
class ClusterConnection:
    """A cluster: how to ask it, whose it is, and the time."""

    client: ClusterClient
    cluster: ClusterContext
    now: Callable[[], datetime]
    pause: Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class TargetObject:
    """An object that something is done to, as it has been read."""

    resource: ApiResource
    item: ApiObject

    @property
    def meta(self) -> ApiObject:
        meta: ApiObject = self.item.get("metadata") or {}
        return meta

    @property
    def spec(self) -> ApiObject:
        spec: ApiObject = self.item.get("spec") or {}
        return spec

    @property
    def status(self) -> ApiObject:
        status: ApiObject = self.item.get("status") or {}
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
        return str((self.meta.get("annotations") or {}).get(PLAN_ANNOTATION) or "")

    @property
    def path(self) -> str:
        return self.resource.path(self.namespace, self.name)

    @property
    def template(self) -> ApiObject:
        """The pod template of a workload or a Job."""
        template: ApiObject = self.spec.get("template") or {}
        return template

    @property
    def workload(self) -> V1Workload:
        """It, where it is a workload, as far as it is judged."""
        return to_struct(self.item, V1Workload)

    def title(self, cluster: ClusterContext) -> str:
        """Return its name in full."""
        return f"{self.resource.kind} {self.namespace}/{self.name} in {cluster.name}"

    @property
    def address(self) -> dict[str, Any]:
        """What a plan needs to come back to it: see :func:`read_target`."""
        return {
            "resource": self.resource.kind,
            "namespace": self.namespace,
            "name": self.name,
            "uid": self.uid,
            "mark": self.mark,
        }


async def find(
    site: ClusterConnection, resource: ApiResource, namespace: str, name: str
) -> TargetObject:
    """Read an object. Raises :exc:`SourceError`."""
    item = await site.client.get(resource.path(namespace, name))
    try:
        to_struct(item, resource.struct)
    except Malformed as error:
        said = f"{resource.kind} {namespace}/{name} is of an odd shape: {error.message}"
        raise Malformed(said, "look at its YAML") from None
    return TargetObject(resource, item)


async def target_of(site: ClusterConnection, plan: Plan) -> TargetObject:
    """Read again what *plan* is about. Raises :exc:`SourceError`, NotFound where it is gone."""
    resource, namespace, name = (str(plan.payload[k]) for k in ("resource", "namespace", "name"))
    return await find(site, RESOURCES[resource], namespace, name)


def ref_of(site: ClusterConnection, resource: ApiResource, namespace: str, name: str) -> Ref:
    """Return the record that an object is on the board."""
    workload = resource.parse is None
    told = f"{resource.kind}/{name}" if workload else name
    return Ref(site.cluster.source, resource.record_kind, site.cluster.record_id(namespace, told))


def not_of_the_form(faults: dict[str, str]) -> SourceError:
    """Return the error for values that the form does not take."""
    said = "; ".join(f"{name} {fault}" for name, fault in faults.items())
    return Misconfigured(said, "fix the values")
