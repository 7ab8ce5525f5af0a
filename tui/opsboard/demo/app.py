"""The application that serves one world: each fake server under a path of its own.

GitHub is served under ``/api/v3``, each cluster under ``/clusters/NAME``, MLflow under ``/mlflow``,
the container registry under ``/registry``, states of Terraform under ``/terraform``.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from email.utils import format_datetime
from typing import Final, TypeAlias

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from opsboard.demo import github, kubernetes, mlflow, registry, terraform
from opsboard.demo.world.controllers import WorldControllers
from opsboard.demo.world.world import DemoWorld

TICK_SECONDS: Final = 0.25
"""Seconds between two moves of the world while no request comes; watches depend on them."""

Now: TypeAlias = Callable[[], datetime]


def build_app(world: DemoWorld, controllers: WorldControllers, now: Now) -> Starlette:
    """Return the application that serves *world*, whose time follows *now*."""

    @asynccontextmanager
    async def advancing(app: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(_advance(world, now))
        yield
        task.cancel()

    return Starlette(
        routes=[
            *kubernetes.routes(world, controllers),
            *github.routes(world, controllers.user_actions),
            *mlflow.routes(world, controllers.training),
            *registry.routes(world),
            *terraform.routes(world),
        ],
        middleware=[Middleware(WorldClockMiddleware, world=world, now=now)],
        lifespan=advancing,
    )


async def _advance(world: DemoWorld, now: Now) -> None:
    while True:
        world.advance(now())
        await asyncio.sleep(TICK_SECONDS)


class WorldClockMiddleware:
    """Moves the world to the present before each request, and sets ``Date`` to the world's time."""

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

        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"date", date)]
            await send(message)

        await self.app(scope, receive, send_dated)
