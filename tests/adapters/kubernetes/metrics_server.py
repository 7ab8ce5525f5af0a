"""A small metrics API of our own, which a true API server asks by an APIService.

The Service of the APIService is of type ``ExternalName`` and leads to this machine, so that no
cluster network is needed; the API server checks the certificate for ``NAME.NAMESPACE.svc``.
"""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import trustme
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.adapters.kubernetes.workload_setup import Ground, until

GROUP = "metrics.k8s.io"
VERSION = f"{GROUP}/v1beta1"
API_SERVICE = f"/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.{GROUP}"
NAME = "metrics"


class FakeMetrics:
    """What the pods of a namespace use: *usage* has CPU and memory by pod and container; *nodes*
    has that of the nodes, and a node that is not among them has begun only now.

    Kinds, fields and units are those of metrics-server 0.6: quantities in nano-cores and KiB, a
    window in seconds, labels and creation time (which is that of the answer) in the metadata.
    """

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.usage: dict[str, dict[str, tuple[str, str]]] = {}
        self.nodes: dict[str, tuple[str, str]] = {}
        root = f"/apis/{GROUP}/v1beta1"
        self.app = Starlette(
            routes=[
                Route(root, self._resources),
                Route(f"{root}/pods", self._list),
                Route(f"{root}/namespaces/{namespace}/pods", self._list),
                Route(f"{root}/namespaces/{namespace}/pods/{{name}}", self._one),
                Route(f"{root}/nodes", self._node_list),
                Route(f"{root}/nodes/{{name}}", self._node),
            ]
        )

    async def _resources(self, _: Request) -> Response:
        verbs = ["get", "list"]
        resources = [
            {"name": name, "singularName": "", "namespaced": scoped, "kind": kind, "verbs": verbs}
            for name, kind, scoped in (
                ("nodes", "NodeMetrics", False),
                ("pods", "PodMetrics", True),
            )
        ]
        body = {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": VERSION}
        return JSONResponse({**body, "resources": resources})

    async def _list(self, _: Request) -> Response:
        return _list_of("PodMetrics", [self._of(name) for name in self.usage])

    async def _one(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self.usage:
            return _missing(f'podmetrics.metrics.k8s.io "{self.namespace}/{name}" not found')
        return _object("PodMetrics", self._of(name))

    async def _node_list(self, _: Request) -> Response:
        return _list_of("NodeMetrics", [self._of_node(name) for name in self.nodes])

    async def _node(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self.nodes:
            return _missing(f'nodemetrics.metrics.k8s.io "{name}" not found')
        return _object("NodeMetrics", self._of_node(name))

    def _of(self, name: str) -> dict[str, Any]:
        containers = [
            {"name": container, "usage": {"cpu": cpu, "memory": memory}}
            for container, (cpu, memory) in self.usage[name].items()
        ]
        return {**_measured(name, namespace=self.namespace), "containers": containers}

    def _of_node(self, name: str) -> dict[str, Any]:
        cpu, memory = self.nodes[name]
        return {**_measured(name), "usage": {"cpu": cpu, "memory": memory}}


def _measured(name: str, **more: str) -> dict[str, Any]:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    metadata = {"name": name, **more, "creationTimestamp": now, "labels": {"beta": "no"}}
    return {"metadata": metadata, "timestamp": now, "window": "20.046s"}


def _object(kind: str, body: dict[str, Any]) -> Response:
    return JSONResponse({"kind": kind, "apiVersion": VERSION, **body})


def _list_of(kind: str, items: list[dict[str, Any]]) -> Response:
    return _object(f"{kind}List", {"metadata": {}, "items": items})


def _missing(message: str) -> Response:
    body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
    return JSONResponse({**body, "reason": "NotFound", "code": 404, "message": message}, 404)


@asynccontextmanager
async def metrics_of(ground: Ground) -> AsyncIterator[FakeMetrics]:
    """Serve the metrics API of *ground*'s cluster, until it is left."""
    metrics, authority = FakeMetrics(ground.namespace), trustme.CA()
    host = f"{NAME}.{ground.namespace}.svc"
    async with _serving(metrics.app, authority.issue_cert(host, "localhost")) as port:
        await _register(ground, port, authority.cert_pem.bytes())
        try:
            yield metrics
        finally:
            await ground.client.delete(API_SERVICE)


@asynccontextmanager
async def _serving(app: Starlette, certificate: trustme.LeafCert) -> AsyncIterator[int]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off")
    config.load()
    config.ssl = context
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server.serve())

    async def started() -> bool:
        return server.started

    try:
        await until(started, bool)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


async def _register(ground: Ground, port: int, authority: bytes) -> None:
    """Have the API server ask for the group at *port* of this machine."""
    service = {"metadata": {"name": NAME}, "spec": {"type": "ExternalName",
               "externalName": "localhost", "ports": [{"port": port}]}}  # fmt: skip
    answer = await ground.client.post(
        f"/api/v1/namespaces/{ground.namespace}/services", json=service
    )
    assert answer.status_code == 201, answer.text
    reference = {"namespace": ground.namespace, "name": NAME, "port": port}
    body = {
        "metadata": {"name": f"v1beta1.{GROUP}"},
        "spec": {
            "group": GROUP,
            "version": "v1beta1",
            "groupPriorityMinimum": 100,
            "versionPriority": 100,
            "service": reference,
            "caBundle": base64.b64encode(authority).decode(),
        },
    }
    await ground.client.delete(API_SERVICE)  # of a run that was cut off
    answer = await ground.client.post(API_SERVICE.rpartition("/")[0], json=body)
    assert answer.status_code == 201, answer.text

    async def look() -> tuple[int, str]:
        found = await ground.client.get(f"/apis/{GROUP}/v1beta1/pods")
        return found.status_code, found.text[:200]

    await until(look, lambda seen: seen[0] == 200)
