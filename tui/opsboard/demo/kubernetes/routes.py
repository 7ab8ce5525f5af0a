"""The routes of the fake API servers: ``/clusters/NAME/`` is the root of one."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from opsboard.demo.kubernetes import discovery, metrics
from opsboard.demo.kubernetes.lists import (
    asks_for_metadata,
    asks_for_table,
    list_objects,
    metadata_of,
    read_query,
    row_of,
)
from opsboard.demo.kubernetes.pod_logs import pod_log
from opsboard.demo.kubernetes.protobuf import read_protobuf
from opsboard.demo.kubernetes.resources import PODS, FakeApiResource, find
from opsboard.demo.kubernetes.responses import FakeKubernetesError, error_response, json_response
from opsboard.demo.kubernetes.store import StoredObject
from opsboard.demo.kubernetes.store_sync import FakeStoreSync
from opsboard.demo.kubernetes.tables import table
from opsboard.demo.kubernetes.watches import watch_objects
from opsboard.demo.kubernetes.writes import FakeKubernetesWriter, check_supported
from opsboard.demo.world.clusters import DemoCluster, DemoPod
from opsboard.demo.world.controllers import WorldControllers
from opsboard.demo.world.world import DemoWorld

EVERY: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
Handler: TypeAlias = Callable[[Request], Awaitable[Response]]


def routes(world: DemoWorld, controllers: WorldControllers) -> list[BaseRoute]:
    """Return the routes of all clusters of *world*."""
    return [
        Mount(
            f"/clusters/{cluster.name}",
            routes=FakeKubernetesApi(world, controllers, cluster).routes,
        )
        for cluster in world.clusters.values()
    ]


class FakeKubernetesApi:
    """The API server of one cluster."""

    def __init__(
        self, world: DemoWorld, controllers: WorldControllers, cluster: DemoCluster
    ) -> None:
        self.world = world
        self.cluster = cluster
        self.sync = FakeStoreSync(world, cluster)
        self.writer = FakeKubernetesWriter(controllers, cluster, self.sync)

    @property
    def routes(self) -> list[BaseRoute]:
        """The routes of this server, below its root."""
        reviews = [
            Route(f"/apis/{review}", _guarded(reply), methods=["POST"])
            for review, reply in (
                ("authentication.k8s.io/v1/selfsubjectreviews", self.who),
                ("authorization.k8s.io/v1/selfsubjectaccessreviews", self.may),
                ("authorization.k8s.io/v1/selfsubjectrulesreviews", self.rules),
            )
        ]
        plain = [
            Route("/version", self.version),
            Route("/livez", self.alive),
            Route("/readyz", self.alive),
            Route("/api", self.api_versions),
            Route("/apis", self.api_groups),
            Route("/openapi/v2", self.openapi_v2),
            Route("/openapi/v3", self.openapi_v3),
        ]
        measured = f"/apis/{metrics.GROUP_VERSION}"
        used = [
            Route(f"{measured}/nodes", _guarded(self.node_metrics)),
            Route(f"{measured}/nodes/{{name}}", _guarded(self.one_node)),
            Route(f"{measured}/pods", _guarded(self.pod_metrics)),
            Route(f"{measured}/namespaces/{{namespace}}/pods", _guarded(self.pod_metrics)),
            Route(f"{measured}/namespaces/{{namespace}}/pods/{{name}}", _guarded(self.one_metrics)),
        ]
        trees = [*self._tree("/api/v1"), *self._tree("/apis/{group}/{version}")]
        return [
            *plain,
            *reviews,
            *used,
            *trees,
            Route("/{path:path}", _guarded(self.unknown), methods=EVERY),
        ]

    def _tree(self, root: str) -> list[BaseRoute]:
        in_namespace = f"{root}/namespaces/{{namespace}}/{{plural}}"
        get = _guarded(self.get)
        scale = f"{in_namespace}/{{name}}/scale"
        return [
            Route(root, self.api_resources),
            Route(f"{in_namespace}/{{name}}/log", _guarded(self.log)),
            Route(f"{in_namespace}/{{name}}", get),
            Route(f"{in_namespace}/{{name}}", _guarded(self.patch), methods=["PATCH"]),
            Route(f"{in_namespace}/{{name}}", _guarded(self.delete), methods=["DELETE"]),
            Route(scale, _guarded(self.scale)),
            Route(scale, _guarded(self.patch_scale), methods=["PATCH"]),
            Route(in_namespace, _guarded(self.create), methods=["POST"]),
            Route(in_namespace, _guarded(self.list)),
            Route(f"{root}/{{plural}}", _guarded(self.list)),
            Route(f"{root}/{{plural}}/{{name}}", get),
        ]

    # --- discovery and reviews ---

    async def version(self, request: Request) -> Response:
        return json_response(discovery.version(self.cluster))

    async def alive(self, request: Request) -> Response:
        return PlainTextResponse("ok")

    async def api_versions(self, request: Request) -> Response:
        if _wants_aggregated(request):
            return _aggregated(core=True)
        return json_response(discovery.api_versions())

    async def api_groups(self, request: Request) -> Response:
        if _wants_aggregated(request):
            return _aggregated(core=False)
        return json_response(discovery.api_groups())

    async def api_resources(self, request: Request) -> Response:
        return json_response(discovery.api_resources(*_group_version(request)))

    async def openapi_v2(self, request: Request) -> Response:
        """Answer with an empty document: valid protobuf, by which clients validate nothing."""
        return Response(b"", media_type=discovery.OPENAPI_V2)

    async def openapi_v3(self, request: Request) -> Response:
        return json_response(discovery.openapi_v3())

    async def unknown(self, request: Request) -> Response:
        """Refuse what is not served at all, such as ``exec`` or a PUT."""
        path = request.url.path.removeprefix(request.scope.get("root_path", ""))
        code = 404 if request.method == "GET" else 405
        raise FakeKubernetesError(code, f"the demo does not serve {request.method} {path}")

    async def who(self, request: Request) -> Response:
        return json_response(discovery.self_review(), 201)

    async def may(self, request: Request) -> Response:
        asked = await _body(request)
        return json_response(discovery.access_review(asked, _user(request)), 201)

    async def rules(self, request: Request) -> Response:
        asked = await _body(request)
        return json_response(discovery.rules_review(asked, _user(request)), 201)

    # --- reads ---

    async def list(self, request: Request) -> Response:
        """List or watch."""
        resource = self._resource(request)
        namespace = request.path_params.get("namespace", "")
        accept = request.headers.get("accept", "")
        query = read_query(resource, namespace, request.query_params, accept)
        store = self.sync.store
        if request.query_params.get("watch") in {"true", "1"}:
            return watch_objects(query, store, request.query_params, lambda: self.world.now)
        return list_objects(query, store.resources[resource], store.version, self.world.now)

    async def get(self, request: Request) -> Response:
        """Answer with one object, or with its table row."""
        entry = self._entry(request)
        if asks_for_metadata(request.headers.get("accept", "")):
            return Response(metadata_of(entry), media_type="application/json")
        if asks_for_table(request.headers.get("accept", "")):
            kind, version = self._resource(request).kind, str(entry.version)
            return json_response(table(kind, version, [row_of(entry)], self.world.now, ""))
        return Response(entry.json, media_type="application/json")

    # --- metrics ---

    async def node_metrics(self, request: Request) -> Response:
        return json_response(metrics.node_metrics(self.cluster, self.world.now))

    async def one_node(self, request: Request) -> Response:
        name = request.path_params["name"]
        return json_response(metrics.metrics_of_node(self.cluster, self.world.now, name))

    async def pod_metrics(self, request: Request) -> Response:
        entries = self.sync.store.resources[PODS].objects.values()
        labels = {entry.object["metadata"]["uid"]: dict(entry.labels) for entry in entries}
        namespace = request.path_params.get("namespace", "")
        selector = request.query_params.get("labelSelector", "")
        found = metrics.pod_metrics(self.cluster, self.world.now, labels, namespace, selector)
        return json_response(found)

    async def one_metrics(self, request: Request) -> Response:
        place = request.path_params["namespace"], request.path_params["name"]
        return json_response(metrics.metrics_of_pod(self.cluster, self.world.now, *place))

    # --- writes ---

    async def patch(self, request: Request) -> Response:
        """Patch a workload or a CronJob; with ``dryRun=All``, only answer with the result."""
        self._permit(request, "patch")
        entry, patch = self._entry(request), await _body(request)
        who = request.query_params.get("fieldManager", "unknown")
        result = self.writer.patch(
            entry, _content_type(request), patch, dry=_is_dry(request), who=who
        )
        return json_response(result) if result is not None else await self.get(request)

    async def scale(self, request: Request) -> Response:
        """Answer with the scale of a workload."""
        return json_response(self.writer.scale_of(self._entry(request)))

    async def patch_scale(self, request: Request) -> Response:
        """Patch the scale of a workload."""
        self._permit(request, "patch")
        entry, patch = self._entry(request), await _body(request)
        who = request.query_params.get("fieldManager", "unknown")
        made = self.writer.scale(
            entry, _content_type(request), patch, dry=_is_dry(request), who=who
        )
        return json_response(made)

    async def create(self, request: Request) -> Response:
        """Create a Job."""
        self._permit(request, "create")
        check_supported(self._resource(request), "create")
        body = await _body(request)
        if not isinstance(body, dict):
            raise FakeKubernetesError(400, "the body is no object")
        namespace = request.path_params["namespace"]
        result = self.writer.create_job(namespace, body, dry=_is_dry(request))
        if result is not None:
            return json_response(result, 201)
        key = namespace, body["metadata"]["name"]
        made = self.sync.store.resources[self._resource(request)].objects[key]
        return Response(made.json, 201, media_type="application/json")

    async def delete(self, request: Request) -> Response:
        """Delete a pod."""
        self._permit(request, "delete")
        check_supported(self._resource(request), "delete")
        return json_response(self.writer.delete_pod(self._entry(request), await _body(request)))

    # --- helpers ---

    def _permit(self, request: Request, verb: str) -> None:
        """Raise :exc:`FakeKubernetesError` (403) where the caller may not do *verb*."""
        if not discovery.may(_user(request), verb):
            resource = self._resource(request)
            what = f'resource "{resource.plural}" in API group "{resource.group}"'
            reason = f'is forbidden: User "{_user(request)}" cannot {verb} {what}'
            raise FakeKubernetesError(403, f"{resource.plural} {reason}")

    async def log(self, request: Request) -> Response:
        """Answer with the log of a pod."""
        self._entry(request)
        return pod_log(self._pod(request), request.query_params, lambda: self.world.now)

    def _resource(self, request: Request) -> FakeApiResource:
        group, version = _group_version(request)
        resource = find(group, version, request.path_params["plural"])
        if resource is None:
            raise FakeKubernetesError(404, "the server could not find the requested resource")
        return resource

    def _entry(self, request: Request) -> StoredObject:
        resource, name = self._resource(request), request.path_params["name"]
        key = request.path_params.get("namespace", ""), name
        entry = self.sync.store.resources[resource].objects.get(key)
        if entry is None:
            what = f"{resource.plural}.{resource.group}" if resource.group else resource.plural
            raise FakeKubernetesError(404, f'{what} "{name}" not found')
        return entry

    def _pod(self, request: Request) -> DemoPod:
        key = request.path_params["namespace"], request.path_params["name"]
        for pod in self.cluster.pods.values():
            if (pod.namespace, pod.name) == key:
                return pod
        raise FakeKubernetesError(404, f'pods "{key[1]}" not found')


def _group_version(request: Request) -> tuple[str, str]:
    return request.path_params.get("group", ""), request.path_params.get("version", "v1")


def _aggregated(*, core: bool) -> Response:
    """Return aggregated discovery, by whose content type clients know it."""
    made = json_response(discovery.aggregated(core=core))
    made.headers["Content-Type"] = discovery.AGGREGATED
    return made


def _wants_aggregated(request: Request) -> bool:
    """Return whether the first of what the client accepts is aggregated discovery, v2."""
    first = request.headers.get("accept", "").partition(",")[0]
    return "as=APIGroupDiscoveryList" in first and "v=v2" in first.split(";")


def _user(request: Request) -> str:
    """Return the impersonated user, or ``""``."""
    return request.headers.get("impersonate-user", "")


async def _body(request: Request) -> Any:
    """Return the body, JSON or protobuf, decoded. Raises :exc:`FakeKubernetesError`."""
    body = await request.body()
    if body and "protobuf" in _content_type(request):
        return read_protobuf(body)
    return from_json(body) if body else {}


def _is_dry(request: Request) -> bool:
    return bool(request.query_params.get("dryRun"))


def _content_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0]


def _guarded(handler: Handler) -> Handler:
    """Return *handler* with its errors turned into responses."""

    async def guarded(request: Request) -> Response:
        try:
            return await handler(request)
        except FakeKubernetesError as error:
            return error_response(error)
        except ValueError as error:
            return error_response(FakeKubernetesError(400, f"cannot read the body: {error}"))

    return guarded
