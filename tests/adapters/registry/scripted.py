"""A registry in this process that does what a test tells it to, over the real transport's types."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from opsboard.adapter import Report, Source, SourceError
from opsboard.records import Image
from opsboard.testing import FakeContext, Recorder, recording
from opsboard_adapters.registry import RegistrySettings
from opsboard_adapters.registry.source import connect
from tests.adapters.registry.images import Blobs, digest
from tests.patience import PATIENCE

HOST = "registry.example"
Override = Callable[[httpx.Request], httpx.Response | None]


@dataclass
class ScriptedRegistry:
    """Holds *repositories*, answers by the specification, and lets *overrides* answer first."""

    repositories: dict[str, Blobs] = field(default_factory=dict)
    overrides: list[Override] = field(default_factory=list)
    referrers: dict[str, list[dict[str, Any]]] | None = None
    catalog: bool = True
    requests: list[httpx.Request] = field(default_factory=list)

    def repository(self, name: str = "shop/cart") -> Blobs:
        return self.repositories.setdefault(name, Blobs())

    def answer(self, method: str, path: str, response: httpx.Response) -> None:
        """Answer requests whose path matches *path* by *response*."""

        def override(request: httpx.Request) -> httpx.Response | None:
            fits = request.method == method and re.fullmatch(path, request.url.path)
            if not fits:
                return None
            return httpx.Response(
                response.status_code, headers=response.headers, content=response.content
            )

        self.overrides.append(override)

    def paths(self) -> list[str]:
        return [f"{one.method} {one.url.path}" for one in self.requests]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        for override in self.overrides:
            if (answer := override(request)) is not None:
                return answer
        return self.respond(request)

    def respond(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == "/v2/":
            return httpx.Response(200, json={})
        if path == "/v2/_catalog":
            names = {"repositories": list(self.repositories)}
            return httpx.Response(200, json=names) if self.catalog else error(401, "UNAUTHORIZED")
        match = re.fullmatch(r"/v2/(.+)/(tags/list|manifests|blobs|referrers)(?:/(.+))?", path)
        if match is None or match[1] not in self.repositories:
            return error(404, "NAME_UNKNOWN")
        return self._in_repository(request, self.repositories[match[1]], match[2], match[3])

    def _in_repository(
        self, request: httpx.Request, held: Blobs, what: str, reference: str
    ) -> httpx.Response:
        if what == "manifests":
            return self._manifest(request, held, reference)
        if what == "referrers":
            return self._referrers(reference)
        if what == "blobs":
            found = held.blobs.get(reference)
            return httpx.Response(200, content=found) if found else error(404, "BLOB_UNKNOWN")
        return httpx.Response(200, json={"tags": list(held.tags)})

    def _referrers(self, subject: str) -> httpx.Response:
        if self.referrers is None:
            return httpx.Response(404, text="404 page not found\n")
        listed = self.referrers.get(subject, [])
        return httpx.Response(200, json={"schemaVersion": 2, "manifests": listed})

    def _manifest(self, request: httpx.Request, held: Blobs, reference: str) -> httpx.Response:
        found = held.manifests.get(held.tags.get(reference, reference))
        if found is None or found[0] not in request.headers["Accept"]:
            return error(404, "MANIFEST_UNKNOWN")
        kind, content = found
        headers = {"Content-Type": kind, "Docker-Content-Digest": digest(content)}
        body = b"" if request.method == "HEAD" else content
        return httpx.Response(200, headers=headers, content=body)


def error(status: int, code: str, **headers: str) -> httpx.Response:
    body = {"errors": [{"code": code, "message": code.lower().replace("_", " ")}]}
    return httpx.Response(status, json=body, headers=headers)


@dataclass
class Looked:
    """A source that has looked once, and what it has told; it looks again when it is asked to."""

    source: Source
    context: FakeContext
    recorder: Recorder

    @property
    def images(self) -> dict[str, Image]:
        """All images that are told, by their names."""
        found = (one for one in self.recorder.records.values() if isinstance(one, Image))
        return {one.name: one for one in found}

    @property
    def troubles(self) -> list[str]:
        """What scopes have said of themselves beside being well, each once."""
        found = [one.health for one in self.recorder.changes if isinstance(one, Report)]
        return list(dict.fromkeys(health.message for health in found if health.message))

    @property
    def error(self) -> SourceError:
        """What has ended the stream."""
        assert isinstance(self.recorder.error, SourceError), self.recorder.error
        return self.recorder.error

    async def settle(self, rounds: int = 1) -> None:
        """Wait until it has paused *rounds* times, or ended."""

        def done() -> bool:
            return len(self.context.pauses) >= rounds and self.context.pausing > 0

        async with asyncio.timeout(PATIENCE):
            while not done() and self.recorder.error is None:
                await asyncio.sleep(0)
                await self.recorder.nudge()

    async def again(self) -> None:
        """Let it look once more, as a user's refresh does."""
        rounds = len(self.context.pauses) + 1
        self.context.refresh()
        await self.settle(rounds)


@asynccontextmanager
async def looked(
    registry: Callable[[httpx.Request], httpx.Response],
    home: Path,
    context: FakeContext | None = None,
    **settings: Any,
) -> AsyncIterator[Looked]:
    """Connect to *registry*, and look once."""
    given = RegistrySettings.model_validate({"url": f"https://{HOST}", **settings})
    ctx = context or FakeContext(home=home)
    transport = httpx.MockTransport(registry)
    async with (
        connect(given, ctx, transport=transport) as source,
        recording(source) as recorder,
    ):
        found = Looked(source, ctx, recorder)
        await found.settle()
        yield found
