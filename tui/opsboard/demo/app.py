"""One application for the whole world: every API under a path of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from email.utils import format_datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Final, TypeAlias

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from opsboard.demo.kubernetes import routes as kubernetes_routes
from opsboard.demo.world.seed_data import WorldControllers
from opsboard.demo.world.world import DemoWorld

TICK_SECONDS: Final = 0.25
"""How often the world is moved while nobody asks, for the sake of watches."""

Now: TypeAlias = Callable[[], datetime]


def build_app(world: DemoWorld, stories: WorldControllers, now: Now) -> Starlette:
    """Return the application that tells *world*, which it moves along with *now*."""

    @asynccontextmanager
    async def moving(app: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(_move(world, now))
        yield
        task.cancel()

    return Starlette(
        routes=_routes(world, stories),
        middleware=[Middleware(WorldClockMiddleware, world=world, now=now)],
        lifespan=moving,
    )


def _routes(world: DemoWorld, stories: WorldControllers) -> list[BaseRoute]:
    found = kubernetes_routes(world, stories)
    for package in ("opsboard.demo.github", "opsboard.demo.mlflow"):
        if find_spec(package) is not None:
            found += import_module(package).routes(world)
    return found


async def _move(world: DemoWorld, now: Now) -> None:
    while True:
        world.advance(now())
        await asyncio.sleep(TICK_SECONDS)


class WorldClockMiddleware:
    """Moves the world before each request, and dates each answer by the world's time."""

    def __init__(self, app: ASGIApp, world: DemoWorld, now: Now) -> None:
        self.app = app
        self.world = world
        self.now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        self.world.advance(self.now())
        date = format_datetime(self.world.now, usegmt=True).encode()

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"date", date)]
            await send(message)

        await self.app(scope, receive, dated)
