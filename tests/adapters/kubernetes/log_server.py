"""A cluster with one Deployment, ``shop``'s ``web``, whose pods write what a test says.

It resumes a log as the kubelet does: by whole seconds.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from opsboard.adapter import LogLine, LogQuery, Source
from opsboard.demo.server import serve_in_thread
from opsboard.records import Kind, Ref
from opsboard.testing.fakes import FakeContext
from opsboard_adapters.kubernetes import Kubernetes
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.adapters.kubernetes.scripted_cluster import write_kubeconfig
from tests.patience import PATIENCE

START = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
WEB = Ref("example", Kind.DEPLOYMENT, "test/shop/Deployment/web")
LABELS = {"app": "web"}
FOLLOW = LogQuery(follow=True)


@dataclass
class WrittenLog:
    """The log of one instance of a container: what was written when, and whether it goes on."""

    lines: list[tuple[datetime, str]] = field(default_factory=list)
    ended: bool = False

    def write(self, text: str, seconds: float = 0.0) -> None:
        """Write *text*, *seconds* after the start."""
        self.lines.append((START + timedelta(seconds=seconds), text))


@dataclass
class ServedPod:
    """A pod as the server has it."""

    name: str
    containers: dict[str, WrittenLog]
    status: dict[str, dict[str, Any]] = field(default_factory=dict)
    previous: dict[str, WrittenLog] = field(default_factory=dict)
    init: tuple[str, ...] = ()
    phase: str = "Running"
    uid: str = ""
    on_a_node: bool = True

    def object(self, version: int) -> dict[str, Any]:
        """Return it as the API does."""

        def status(name: str) -> dict[str, Any]:
            return {
                "name": name,
                "ready": True,
                "state": {"running": {}},
                **self.status.get(name, {}),
            }

        apps = [name for name in self.containers if name not in self.init]
        return {
            "kind": "Pod",
            "apiVersion": "v1",
            "metadata": {
                "name": self.name,
                "namespace": "shop",
                "uid": self.uid or f"uid-{self.name}",
                "resourceVersion": str(version),
                "creationTimestamp": "2026-11-27T08:00:00Z",
                "labels": LABELS,
            },
            "spec": {
                "containers": [{"name": name} for name in apps],
                "initContainers": [{"name": name} for name in self.init],
            },
            "status": {
                "phase": self.phase,
                "containerStatuses": [status(name) for name in apps if self.on_a_node],
                "initContainerStatuses": [status(name) for name in self.init if self.on_a_node],
            },
        }


class LogServer:
    """Serves :attr:`pods`. What is written reaches those who follow at once."""

    def __init__(self) -> None:
        self.pods: dict[str, ServedPod] = {}
        self.asked: list[dict[str, str]] = []
        self.open = 0
        self.most_open = 0
        self.refuse_watch = self.refuse_logs = self.refuse_login = False
        self._version = 1
        self._events: list[dict[str, Any]] = []
        self._breaks = 0
        inside = "/api/v1/namespaces/shop/pods"
        self.app = Starlette(
            routes=[
                Route("/apis/apps/v1/namespaces/shop/deployments/web", self._deployment),
                Route(inside, self._list),
                Route(f"{inside}/{{name}}", self._get),
                Route(f"{inside}/{{name}}/log", self._log),
            ]
        )

    def add(self, name: str, *containers: str, **extra: Any) -> ServedPod:
        """Add a pod with *containers*, which are ``main`` alone if none are named."""
        logs = {one: WrittenLog() for one in containers or ("main",)}
        pod = self.pods[name] = ServedPod(name, logs, **extra)
        self.changed(pod, "ADDED")
        return pod

    def changed(self, pod: ServedPod, kind: str = "MODIFIED") -> None:
        """Tell those who watch."""
        self._version += 1
        self._events.append({"type": kind, "object": pod.object(self._version)})

    def delete(self, name: str) -> None:
        """Delete a pod: its logs end."""
        pod = self.pods.pop(name)
        for log in pod.containers.values():
            log.ended = True
        self.changed(pod, "DELETED")

    def hang_up(self) -> None:
        """Break all connections that follow a log, in the middle of a line."""
        self._breaks += 1

    async def _deployment(self, _: Request) -> Response:
        meta = {"name": "web", "namespace": "shop", "uid": "uid-web", "resourceVersion": "1"}
        return JSONResponse(
            {"metadata": meta, "spec": {"selector": {"matchLabels": LABELS}}, "status": {}}
        )

    async def _list(self, request: Request) -> Response:
        if request.query_params.get("watch") == "true":
            if self.refuse_watch:
                return _refusal(403, "pods is forbidden: no watch")
            since = int(request.query_params["resourceVersion"])
            return StreamingResponse(self._watch(since), media_type="application/json")
        items = [pod.object(self._version) for pod in self.pods.values()]
        meta = {"resourceVersion": str(self._version)}
        return JSONResponse({"kind": "List", "metadata": meta, "items": items})

    async def _watch(self, since: int) -> AsyncIterator[bytes]:
        sent = 0
        while True:
            for event in self._events[sent:]:
                sent += 1
                if int(event["object"]["metadata"]["resourceVersion"]) > since:
                    yield json.dumps(event).encode() + b"\n"
            await asyncio.sleep(0.01)

    async def _get(self, request: Request) -> Response:
        pod = self.pods.get(request.path_params["name"])
        if pod is None:
            return _refusal(404, "pods not found")
        return JSONResponse(pod.object(self._version))

    async def _log(self, request: Request) -> Response:
        asked = dict(request.query_params)
        self.asked.append({"pod": request.path_params["name"], **asked})
        if self.refuse_login:
            return _refusal(401, "Unauthorized")
        if self.refuse_logs:
            return _refusal(403, "pods/log is forbidden")
        pod = self.pods.get(request.path_params["name"])
        return _refusal(404, "pods not found") if pod is None else self._log_of(pod, asked)

    def _log_of(self, pod: ServedPod, asked: dict[str, str]) -> Response:
        if not pod.on_a_node:
            return Response(status_code=204)  # as the API server answers by itself
        name = asked["container"]
        log = (pod.previous if asked.get("previous") == "true" else pod.containers).get(name)
        if log is None:
            return _refusal(400, f"previous terminated container {name!r} not found")
        if "waiting" in pod.status.get(name, {}).get("state", {}) and not log.lines:
            return _refusal(400, f"container {name!r} is waiting to start")
        return StreamingResponse(self._lines(log, asked), media_type="text/plain")

    async def _lines(self, log: WrittenLog, asked: dict[str, str]) -> AsyncIterator[bytes]:
        lines = log.lines
        if "sinceTime" in asked:
            since = datetime.fromisoformat(asked["sinceTime"])
            lines = [line for line in lines if line[0] >= since]
        start = max(len(lines) - int(asked.get("tailLines", len(lines))), 0)
        sent = len(log.lines) - len(lines) + start
        breaks = self._breaks
        self.open += 1
        self.most_open = max(self.open, self.most_open)
        try:
            while True:
                for at, text in log.lines[sent:]:
                    sent += 1
                    yield f"{at:%Y-%m-%dT%H:%M:%S.%f}000Z {text}\n".encode()
                if asked.get("follow") != "true" or log.ended:
                    return
                if breaks != self._breaks:
                    raise ConnectionResetError
                await asyncio.sleep(0.01)
        finally:
            self.open -= 1


def _refusal(code: int, message: str) -> Response:
    body = {"kind": "Status", "status": "Failure", "message": message, "code": code}
    return JSONResponse(body, code)


class FollowedLog:
    """What a reader has seen of a log so far."""

    def __init__(self, source: Source, ref: Ref, query: LogQuery) -> None:
        self.lines: list[LogLine] = []
        self._reading = asyncio.create_task(self._read(source, ref, query))

    @property
    def texts(self) -> list[str]:
        """The texts of the lines, without what the board says itself."""
        return [line.text for line in self.lines if not line.text.startswith("(")]

    @property
    def notes(self) -> list[str]:
        """What the board says itself."""
        return [line.text for line in self.lines if line.text.startswith("(")]

    @property
    def ended(self) -> bool:
        """Whether the log has ended."""
        return self._reading.done()

    async def _read(self, source: Source, ref: Ref, query: LogQuery) -> None:
        async for line in source.logs(ref, query):
            self.lines.append(line)

    async def close(self) -> None:
        """Read no more."""
        self._reading.cancel()
        with suppress(asyncio.CancelledError):
            await self._reading


@asynccontextmanager
async def connected(server: LogServer, folder: Path) -> AsyncIterator[tuple[Source, FakeContext]]:
    """Serve *server*, and yield a source of it."""
    with serve_in_thread(server.app) as url:
        settings = KubernetesSettings(kubeconfig=write_kubeconfig(folder, url))
        context = FakeContext()
        async with Kubernetes.connect(settings, context) as source:
            yield source, context


@asynccontextmanager
async def following(
    source: Source, ref: Ref = WEB, query: LogQuery = FOLLOW
) -> AsyncIterator[FollowedLog]:
    """Yield what comes of the log of *ref*."""
    log = FollowedLog(source, ref, query)
    try:
        yield log
    finally:
        await log.close()


async def until(true: Callable[[], object], context: FakeContext | None = None) -> None:
    """Wait until *true* is; all pauses of *context* are short."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not true():
                if context is not None:
                    context.refresh()
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError("it never became true") from None
