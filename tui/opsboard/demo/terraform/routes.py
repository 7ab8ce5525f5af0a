"""The routes of the fake server of states."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from hashlib import md5
from typing import Any, Final

from pydantic_core import from_json, to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from opsboard.demo.terraform.state_document import VERSION, state_document
from opsboard.demo.world.states import DemoStateLock
from opsboard.demo.world.world import DemoWorld

MOUNT: Final = "/terraform"
_JSON: Final = "application/json"
_STATE_METHODS: Final = ("GET", "POST", "DELETE")
_LOCK_METHODS: Final = ("GET", "LOCK", "UNLOCK", "POST", "DELETE")


def routes(world: DemoWorld) -> list[BaseRoute]:
    """Return the routes that serve the states of *world*, all below ``/terraform``."""
    server = FakeStateServer(world)
    return [
        Mount(
            MOUNT,
            routes=[
                Route("/state/{name}", server.state, methods=_STATE_METHODS),
                Route("/state/{name}/lock", server.lock, methods=_LOCK_METHODS),
            ],
        )
    ]


@dataclass(frozen=True, slots=True)
class StoredState:
    """A state that a client has written."""

    body: bytes
    written_at: datetime


class FakeStateServer:
    """Answers for the states of *world*, and for those that clients write beside them.

    A state of the world is moved by the world alone: nobody else may lock or write it.
    """

    def __init__(self, world: DemoWorld) -> None:
        self._world = world
        self._written: dict[str, StoredState] = {}
        self._locks: dict[str, dict[str, Any]] = {}

    async def state(self, request: Request) -> Response:
        name = request.path_params["name"]
        if request.method == "GET":
            return self._read(request, name)
        if name in self._world.states:
            return Response(status_code=403)
        held = self._locks.get(name)
        if held is not None and request.query_params.get("ID", held["ID"]) != held["ID"]:
            return _locked(held)
        if request.method == "POST":
            self._written[name] = StoredState(await request.body(), self._world.now)
        else:
            self._written.pop(name, None)
        return Response(status_code=200)

    async def lock(self, request: Request) -> Response:
        """Tell who holds the lock, take it, or release it."""
        name = request.path_params["name"]
        held = self._held(name)
        if request.method == "GET":
            return Response(to_json(held), 200, media_type=_JSON) if held else Response("", 404)
        if name in self._world.states:
            return _locked(held) if held else Response(status_code=403)
        if request.method in {"LOCK", "POST"}:
            if held is not None:
                return _locked(held)
            self._locks[name] = from_json(await request.body())
        else:
            self._locks.pop(name, None)
        return Response(status_code=200)

    def _read(self, request: Request, name: str) -> Response:
        stored = self._written.get(name)
        known = self._world.states.get(name)
        if known is not None:
            document = state_document(known, str(request.base_url).rstrip("/").removesuffix(MOUNT))
            stored = StoredState(to_json(document, indent=2), known.written_at)
        if stored is None:
            return Response(status_code=404)
        etag = f'"{md5(stored.body, usedforsecurity=False).hexdigest()}"'
        headers = {"ETag": etag, "Last-Modified": format_datetime(stored.written_at, usegmt=True)}
        if request.headers.get("If-None-Match") == etag:
            return Response(status_code=304, headers=headers)
        return Response(stored.body, headers=headers, media_type=_JSON)

    def _held(self, name: str) -> dict[str, Any] | None:
        state = self._world.states.get(name)
        if state is not None:
            return _lock_info(state.lock) if state.lock is not None else None
        return self._locks.get(name)


def _locked(held: dict[str, Any]) -> Response:
    return Response(to_json(held), 423, media_type=_JSON)


def _lock_info(lock: DemoStateLock) -> dict[str, Any]:
    """Return *lock* as Terraform sends it (``internal/states/statemgr/locker.go``)."""
    return {
        "ID": lock.id,
        "Operation": "OperationTypeApply",
        "Info": "",
        "Who": lock.who,
        "Version": VERSION,
        "Created": lock.since.isoformat().replace("+00:00", "Z"),
        "Path": "",
    }
