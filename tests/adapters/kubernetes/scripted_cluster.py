"""Clusters to talk to: one that does as a script says, and the way into any."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

Answer: TypeAlias = Callable[[Request], Awaitable[Response]]

PODS = "/api/v1/pods"
CANARY = "canary-token"
SCOPES = frozenset(
    f"test/{plural}"
    for plural in (
        "deployments",
        "statefulsets",
        "daemonsets",
        "pods",
        "jobs",
        "cronjobs",
        "events",
        "configmaps",
        "secrets",
    )
)


class ScriptedCluster:
    """Answers with empty lists and silent watches, but where :attr:`script` knows better.

    The keys are ``"list PATH"`` and ``"watch PATH"``; each answer is given once, the last for
    ever. :attr:`asked` has the queries of each.
    """

    def __init__(self) -> None:
        self.script: dict[str, list[Answer]] = {}
        self.asked: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
        self.app = Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "POST"])])

    async def _answer(self, request: Request) -> Response:
        watch = request.query_params.get("watch") == "true"
        key = f"{'watch' if watch else 'list'} {request.url.path}"
        self.asked[key].append(dict(request.query_params))
        answers = self.script.get(key) or [silence if watch else page()]
        answer = answers[0] if len(answers) == 1 else answers.pop(0)
        return await answer(request)


def pod(name: str, version: int = 1, phase: str = "Running") -> dict[str, Any]:
    """Return a pod."""
    return {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {
            "name": name,
            "namespace": "shop",
            "uid": f"uid-{name}",
            "resourceVersion": str(version),
            "creationTimestamp": "2026-11-24T08:00:00Z",
        },
        "spec": {"containers": [{"name": "main", "image": "example:1"}]},
        "status": {"phase": phase},
    }


def page(*items: dict[str, Any], version: int = 10, more: str = "") -> Answer:
    """Return an answer that is a list, or the first part of one."""
    metadata = {"resourceVersion": str(version), **({"continue": more} if more else {})}

    async def answer(_: Request) -> Response:
        return JSONResponse({"kind": "List", "metadata": metadata, "items": list(items)})

    return answer


def status(code: int, message: str = "no", **headers: str) -> Answer:
    """Return an answer that is a refusal."""

    async def answer(_: Request) -> Response:
        body = {"kind": "Status", "status": "Failure", "message": message, "code": code}
        return JSONResponse(body, code, headers=headers)

    return answer


def text(body: str, media_type: str = "application/json") -> Answer:
    """Return an answer that is *body*, with status 200."""

    async def answer(_: Request) -> Response:
        return Response(body, media_type=media_type)

    return answer


def stream(*events: dict[str, Any] | str, ends: bool = True) -> Answer:
    """Return an answer that is a watch; a string is sent as it is."""

    async def lines() -> AsyncIterator[bytes]:
        for event in events:
            yield (event if isinstance(event, str) else json.dumps(event) + "\n").encode()
        if not ends:
            await asyncio.Event().wait()

    async def answer(_: Request) -> Response:
        return StreamingResponse(lines(), media_type="application/json")

    return answer


silence = stream(ends=False)


def event(kind: str, item: dict[str, Any]) -> dict[str, Any]:
    """Return a watch event."""
    return {"type": kind, "object": item}


def write_kubeconfig(folder: Path, url: str, token: str = CANARY) -> Path:
    """Write a kubeconfig whose only context, ``test``, leads to *url*."""
    file = folder / "kubeconfig"
    body = {
        "current-context": "test",
        "clusters": [{"name": "test", "cluster": {"server": url}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "me"}}],
        "users": [{"name": "me", "user": {"token": token}}],
    }
    file.write_text(json.dumps(body), encoding="utf-8")
    return file
