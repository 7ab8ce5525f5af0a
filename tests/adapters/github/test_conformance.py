"""The suite for any adapter, on the demo's GitHub over loopback."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from opsboard.demo.app import build_app
from opsboard.demo.server import serve_in_thread
from opsboard.demo.world.company import OWNER
from opsboard.demo.world.seed_data import create_world
from opsboard.records import Kind
from opsboard.testing import CANARY, HOSTILE_TEXT, AdapterConformance, World
from opsboard_adapters.github import GitHub, GitHubSettings
from tests.ports import silent_port

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)


def _settings(url: str, token: str) -> GitHubSettings:
    return GitHubSettings.model_validate(
        {
            "api_url": f"{url}/api/v3",
            "organisations": [OWNER],
            "repositories": [f"{OWNER}/storefront"],
            "token": token,
        }
    )


class TestGitHub(AdapterConformance):
    adapter = GitHub
    kinds_in_world = frozenset({Kind.BUILD, Kind.DEPLOYMENT})

    @asynccontextmanager
    async def world(self) -> AsyncIterator[World]:
        world, controllers = create_world(7, NOW)
        world.advance(later := NOW + timedelta(minutes=10))
        run = world.repositories["storefront"].runs[-1]
        run.commit = replace(run.commit, title=HOSTILE_TEXT)
        with serve_in_thread(build_app(world, controllers, lambda: later)) as url:
            yield World(_settings(url, "demo"), hostile=True)

    @asynccontextmanager
    async def refusing_world(self) -> AsyncIterator[World]:
        body = f'{{"message": "no such token: {CANARY}"}}'
        head = f"HTTP/1.1 401 Unauthorized\r\nContent-Length: {len(body)}\r\n\r\n"

        async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write((head + body).encode())
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(refuse, "127.0.0.1", 0)
        async with server:
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            yield World(_settings(url, CANARY))

    def unreachable(self) -> GitHubSettings:
        return _settings(f"http://127.0.0.1:{silent_port()}", "demo")
