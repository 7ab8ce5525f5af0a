"""The object that an action changes, its cluster, and the reads that planning needs.

All reads go through :class:`ClusterConnection`, whose memo asks a server once for each path: form,
draft, precondition, dry run and sending of one plan see the same state.
"""

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from opsboard.adapter import Malformed, ProgramHost, Unsupported
from opsboard.adapter.actions import Draft, ReadMemo
from opsboard.records import Kind, Ref
from opsboard_adapters.kubernetes.access.clusters import ClusterAccess
from opsboard_adapters.kubernetes.client import ClusterClient
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.kubernetes.kubectl import Kubectl
from opsboard_adapters.kubernetes.objects import ApiObject, selector_query
from opsboard_adapters.kubernetes.pager import list_all
from opsboard_adapters.kubernetes.parse.declarations import PLAN_ANNOTATION
from opsboard_adapters.kubernetes.resources import BY_API_KIND, PODS, ApiResource, locate
from opsboard_adapters.kubernetes.structs import V1Workload, to_struct

"""The annotation with the id of the plan that last changed an object. Persisted: never renamed."""

T = TypeVar("T")
P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class ClusterConnection:
    """A cluster to act on. With a *memo*, each path is read once; *now* is the clock."""

    client: ClusterClient
    cluster: ClusterContext
    now: Callable[[], datetime]
    memo: ReadMemo | None = None

    async def get(self, path: str, **extra: Any) -> dict[str, Any]:
        """Return the object at *path*; do not change it. Raises :exc:`SourceError`."""
        return await self._once(("get", path), lambda: self.client.get(path, **extra))

    async def list_all(self, path: str, selector: ApiObject | None = None) -> list[dict[str, Any]]:
        """Return all objects of the collection at *path* that a label *selector* selects.

        Do not change them. Raises :exc:`SourceError`.
        """
        query = None if selector is None else selector_query(selector)
        parameters = {} if query is None else {"labelSelector": query}
        return await self._once(
            ("list", path, query), lambda: list_all(self.client, path, parameters)
        )

    async def _once(self, key: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        if self.memo is None:
            return await read()
        return await self.memo.once((self.cluster.name, key), read)


@dataclass(frozen=True, slots=True)
class ActionClusters:
    """The clusters of a source, for its actions: what :class:`.Action` calls the client.

    *connect* opens the cluster of that name, *only_cluster* names the one there is; both raise
    :exc:`SourceError`. *kubectl* is run by *programs* where somebody wants to be let in, with what
    *access* returns for a cluster as long as the kubeconfig leads there; *debug_image* is what a
    container to debug with is made of.
    """

    connect: Callable[[str], Awaitable[tuple[ClusterClient, ClusterContext]]]
    only_cluster: Callable[[], str]
    now: Callable[[], datetime]
    kubectl: Kubectl
    access: Callable[[str], Awaitable[ClusterAccess]]
    programs: ProgramHost
    debug_image: str = ""
    memo: ReadMemo | None = None

    def with_memo(self, memo: ReadMemo) -> "ActionClusters":
        """Return the same clusters, each path of which is read once."""
        return replace(self, memo=memo)

    async def connection(self, name: str) -> ClusterConnection:
        """Return the connection to the cluster called *name*."""
        client, cluster = await self.connect(name)
        return ClusterConnection(client, cluster, self.now, self.memo)

    async def find_ref(self, ref: Ref) -> "TargetObject":
        """Return the object behind a record."""
        depth = 3 if ref.kind is Kind.DEPLOYMENT else 2
        connection = await self.connection(ref.id.rsplit("/", depth)[0])
        return await find_target(connection, *locate(ref))

    async def find(self, payload: "TargetPayload") -> "TargetObject":
        """Return the object that a plan is about, as it is now; :exc:`NotFound` if it is gone."""
        connection = await self.connection(payload.cluster)
        resource = BY_API_KIND[payload.resource]
        return await find_target(connection, resource, payload.namespace, payload.name)


@dataclass(frozen=True, kw_only=True)
class TargetPayload:
    """Which object a plan changes. *resource* is the API's kind; *mark* is the plan before it.

    Kept in the audit trail: fields are never renamed.
    """

    resource: str
    namespace: str
    name: str
    uid: str
    cluster: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class TargetObject:
    """An object as it was read from its cluster."""

    connection: ClusterConnection
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
        """The id of the plan that last changed it, or ``""``."""
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
    def pod_labels(self) -> dict[str, str]:
        """The labels of the pods made of its template."""
        return dict((self.template.get("metadata") or {}).get("labels") or {})

    @property
    def workload(self) -> V1Workload:
        """A Deployment, StatefulSet or DaemonSet as a struct."""
        return to_struct(self.item, V1Workload)

    @property
    def title(self) -> str:
        """Kind, namespace, name and cluster: ``Deployment shop/cart in prod``."""
        cluster = self.connection.cluster.name
        return f"{self.resource.kind} {self.namespace}/{self.name} in {cluster}"

    @property
    def ref(self) -> Ref:
        """The record that it is on the board."""
        return record_ref(self.connection, self.resource, self.namespace, self.name)

    @property
    def address(self) -> dict[str, str]:
        """The fields of :class:`TargetPayload`."""
        return {
            "resource": self.resource.kind,
            "namespace": self.namespace,
            "name": self.name,
            "uid": self.uid,
            "cluster": self.connection.cluster.name,
            "mark": self.mark,
        }

    async def pods(self) -> list[dict[str, Any]]:
        """Return the pods that its selector selects. Raises :exc:`SourceError`."""
        selector = self.spec.get("selector") or {}
        return await self.connection.list_all(PODS.path(self.namespace), selector)

    def draft(self, payload: P, **more: Any) -> Draft[P]:
        """Return a draft that names this object as its target; *more* are its other fields."""
        cluster = self.connection.cluster
        return Draft(
            payload=payload,
            target=self.title,
            name=self.name,
            environment=cluster.environment(self.namespace),
            environments=cluster.environments(self.namespace),
            target_id=self.uid,
            **more,
        )


async def find_target(
    connection: ClusterConnection, resource: ApiResource, namespace: str, name: str
) -> TargetObject:
    """Return the object called *name*. Raises :exc:`SourceError`."""
    if resource.kind not in BY_API_KIND:
        raise Unsupported(f"{resource.kind} {namespace}/{name} is not changed from here")
    item = await connection.get(resource.path(namespace, name))
    try:
        to_struct(item, resource.struct)
    except Malformed as error:
        said = f"{resource.kind} {namespace}/{name} is of an odd shape: {error.message}"
        raise Malformed(said, "look at its YAML") from None
    return TargetObject(connection, resource, item)


def record_ref(
    connection: ClusterConnection, resource: ApiResource, namespace: str, name: str
) -> Ref:
    """Return the record that an object is on the board."""
    workload = resource.parse is None
    local = f"{resource.kind}/{name}" if workload else name
    cluster = connection.cluster
    return Ref(cluster.source, resource.record_kind, cluster.record_id(namespace, local))
