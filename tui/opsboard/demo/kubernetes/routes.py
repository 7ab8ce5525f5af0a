"""The routes of the clusters: ``/clusters/NAME/`` is the root of an API server."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from opsboard.demo.kubernetes import discovery
from opsboard.demo.kubernetes.answers import Refusal, answer, refuse
from opsboard.demo.kubernetes.listing import list_objects, read_query
from opsboard.demo.kubernetes.mirror import Mirror
from opsboard.demo.kubernetes.orders import check_precondition, order
from opsboard.demo.kubernetes.patching import apply_patch
from opsboard.demo.kubernetes.podlogs import pod_log
from opsboard.demo.kubernetes.resources import Resource, find
from opsboard.demo.kubernetes.store import Entry
from opsboard.demo.kubernetes.watching import watch_objects
from opsboard.demo.world.clusters import Cluster, Pod, Workload
from opsboard.demo.world.rollouts import Rollouts
from opsboard.demo.world.world import World

Handler: TypeAlias = Callable[[Request], Awaitable[Response]]


def routes(world: World, rollouts: Rollouts) -> list[BaseRoute]:
    """Return the routes of all clusters of *world*."""
    return [
        Mount(f"/clusters/{cluster.name}", routes=ClusterApi(world, rollouts, cluster).routes)
        for cluster in world.clusters.values()
    ]


class ClusterApi:
    """The API server of one cluster."""

    def __init__(self, world: World, rollouts: Rollouts, cluster: Cluster) -> None:
        self.world = world
        self.rollouts = rollouts
        self.cluster = cluster
        self.mirror = Mirror(world, cluster)

    @property
    def routes(self) -> list[BaseRoute]:
        """All that it answers to."""
        reviews = [
            Route("/apis/authentication.k8s.io/v1/selfsubjectreviews", self.who, methods=["POST"]),
            Route(
                "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                self.may,
                methods=["POST"],
            ),
        ]
        plain = [
            Route("/version", self.version),
            Route("/livez", self.alive),
            Route("/readyz", self.alive),
            Route("/api", self.api_versions),
            Route("/apis", self.api_groups),
        ]
        return [*plain, *reviews, *self._tree("/api/v1"), *self._tree("/apis/{group}/{version}")]

    def _tree(self, root: str) -> list[BaseRoute]:
        in_namespace = f"{root}/namespaces/{{namespace}}/{{plural}}"
        get, patch = _guarded(self.get), _guarded(self.patch)
        return [
            Route(root, self.api_resources),
            Route(f"{in_namespace}/{{name}}/log", _guarded(self.log)),
            Route(f"{in_namespace}/{{name}}", get),
            Route(f"{in_namespace}/{{name}}", patch, methods=["PATCH"]),
            Route(in_namespace, _guarded(self.list)),
            Route(f"{root}/{{plural}}", _guarded(self.list)),
            Route(f"{root}/{{plural}}/{{name}}", get),
        ]

    # --- about itself ---

    async def version(self, request: Request) -> Response:
        return answer(discovery.version(self.cluster))

    async def alive(self, request: Request) -> Response:
        return PlainTextResponse("ok")

    async def api_versions(self, request: Request) -> Response:
        return answer(discovery.api_versions())

    async def api_groups(self, request: Request) -> Response:
        return answer(discovery.api_groups())

    async def api_resources(self, request: Request) -> Response:
        return answer(discovery.api_resources(*_group_version(request)))

    async def who(self, request: Request) -> Response:
        return answer(discovery.self_review(), 201)

    async def may(self, request: Request) -> Response:
        return answer(discovery.access_review(from_json(await request.body())), 201)

    # --- about what it holds ---

    async def list(self, request: Request) -> Response:
        """List or watch."""
        resource = self._resource(request)
        namespace = request.path_params.get("namespace", "")
        accept = request.headers.get("accept", "")
        query = read_query(resource, namespace, request.query_params, accept)
        store = self.mirror.store
        if request.query_params.get("watch") in {"true", "1"}:
            return watch_objects(query, store, request.query_params, lambda: self.world.now)
        return list_objects(query, store.shelves[resource], store.version, self.world.now)

    async def get(self, request: Request) -> Response:
        """Answer with one object."""
        return Response(self._entry(request).body, media_type="application/json")

    async def patch(self, request: Request) -> Response:
        """Patch a workload; with ``dryRun=All`` only say what it would be."""
        entry = self._entry(request)
        content_type = request.headers.get("content-type", "").partition(";")[0]
        before = entry.object
        after = apply_patch(content_type, before, from_json(await request.body()))
        check_precondition(before, after)
        if request.query_params.get("dryRun"):
            return answer(after)
        order(self.rollouts, self._workload(request), before, after)
        return Response(self._entry(request).body, media_type="application/json")

    async def log(self, request: Request) -> Response:
        """Answer with the log of a pod."""
        self._entry(request)
        return pod_log(self._pod(request), request.query_params, lambda: self.world.now)

    def _resource(self, request: Request) -> Resource:
        group, version = _group_version(request)
        resource = find(group, version, request.path_params["plural"])
        if resource is None:
            raise Refusal(404, "the server could not find the requested resource")
        return resource

    def _entry(self, request: Request) -> Entry:
        resource, name = self._resource(request), request.path_params["name"]
        key = request.path_params.get("namespace", ""), name
        entry = self.mirror.store.shelves[resource].entries.get(key)
        if entry is None:
            what = f"{resource.plural}.{resource.group}" if resource.group else resource.plural
            raise Refusal(404, f'{what} "{name}" not found')
        return entry

    def _workload(self, request: Request) -> Workload:
        namespace, name = request.path_params["namespace"], request.path_params["name"]
        workload = self.cluster.workload(namespace, name)
        if workload is None:
            raise Refusal(405, "the demo lets only workloads be patched")
        return workload

    def _pod(self, request: Request) -> Pod:
        key = request.path_params["namespace"], request.path_params["name"]
        for pod in self.cluster.pods.values():
            if (pod.namespace, pod.name) == key:
                return pod
        raise Refusal(404, f'pods "{key[1]}" not found')


def _group_version(request: Request) -> tuple[str, str]:
    return request.path_params.get("group", ""), request.path_params.get("version", "v1")


def _guarded(handler: Handler) -> Handler:
    """Return *handler* with its refusals as answers."""

    async def guarded(request: Request) -> Response:
        try:
            return await handler(request)
        except Refusal as refusal:
            return refuse(refusal)
        except ValueError as error:
            return refuse(Refusal(400, f"cannot read the body: {error}"))

    return guarded
