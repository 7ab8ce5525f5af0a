"""The conformance suite, on the demo's registry."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar

from opsboard.demo.app import build_app
from opsboard.demo.server import serve_in_thread
from opsboard.demo.world.company import REGISTRY
from opsboard.demo.world.seed_data import create_world
from opsboard.records import Kind
from opsboard.testing import CANARY, HOSTILE_TEXT, AdapterConformance, World
from opsboard_adapters.registry import Registry, RegistrySettings
from tests.ports import silent_port

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


class TestRegistry(AdapterConformance):
    adapter = Registry
    kinds_in_world: ClassVar[frozenset[Kind]] = frozenset({Kind.IMAGE})
    not_login: ClassVar[frozenset[str]] = frozenset({"XDG_CACHE_HOME"})

    @asynccontextmanager
    async def world(self) -> AsyncIterator[World]:
        world, controllers = create_world(7, AT)
        image = next(world.images.pushed("ml/forecasting", AT))
        image.facts = replace(image.facts, branch=HOSTILE_TEXT)
        vars(image).pop("content", None)  # made of the facts before
        with serve_in_thread(build_app(world, controllers, lambda: AT)) as url:
            settings = RegistrySettings.model_validate(
                {
                    "url": f"{url}/registry",
                    "registry_name": REGISTRY,
                    "repositories": ["shop/cart", "ml/*", "platform/base", "payments/ledger"],
                }
            )
            yield World(settings, hostile=True)

    @asynccontextmanager
    async def refusing_world(self) -> AsyncIterator[World]:
        body = f'{{"errors": [{{"code": "DENIED", "message": "no such user: {CANARY}"}}]}}'
        head = (
            "HTTP/1.1 401 Unauthorized\r\n"
            'WWW-Authenticate: Basic realm="a registry"\r\n'
            f"Content-Length: {len(body)}\r\n\r\n"
        )

        async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write((head + body).encode())
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(refuse, "127.0.0.1", 0)
        async with server:
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            settings = {"url": url, "username": "amara", "password": CANARY}
            yield World(RegistrySettings.model_validate(settings))

    def unreachable(self) -> RegistrySettings:
        url = f"http://127.0.0.1:{silent_port()}"
        return RegistrySettings.model_validate({"url": url})
