"""A server that holds up what would change something, and lets it land when nobody waits any more.

As a proxy or a queue does it: the request has been read whole, the client gives up or is killed,
and the server behind carries it out all the same, later.
"""

import asyncio
from concurrent.futures import Future
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.acting.asked import only_reads, read_whole

BOUND: Final = 60.0
"""Seconds that a test waits for a request to come, or to land."""


class DelayedServer:
    """Stands before *app*, and holds up one change at a path that ends in *at*, once it is armed.

    May be told what to do from the thread of another loop than that which serves.
    """

    def __init__(self, app: ASGIApp, at: str = "") -> None:
        self._app = app
        self._at = at
        self._armed = False
        self._held: Future[None] = Future()
        self._fate: Future[bool] = Future()
        self._landed: Future[int] = Future()

    def arm(self, at: str = "") -> None:
        """Hold up the next change, at a path that ends in *at*."""
        self._armed, self._at = True, at
        self._held, self._fate, self._landed = Future(), Future(), Future()

    async def until_held(self) -> None:
        """Return once a request is held up."""
        await asyncio.wait_for(asyncio.wrap_future(self._held), BOUND)

    async def land(self) -> int:
        """Let it arrive; return the status that the server answers, which nobody hears."""
        self._fate.set_result(True)
        return await asyncio.wait_for(asyncio.wrap_future(self._landed), BOUND)

    def lose(self) -> None:
        """Let it never arrive."""
        self._fate.set_result(False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.behave(self._app, scope, receive, send)

    async def behave(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve as a behaviour of the saboteur does (:mod:`tests.fault_injection.stage`)."""
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        body, again = await read_whole(scope, receive)
        if not self._armed or only_reads(scope, body) or not scope["path"].endswith(self._at):
            await app(scope, again, send)
            return
        self._armed = False
        self._held.set_result(None)
        if await asyncio.wrap_future(self._fate):
            self._landed.set_result(await _status(app, scope, again))


async def _status(app: ASGIApp, scope: Scope, receive: Receive) -> int:
    """Return the status with which *app* answers to nobody."""
    status = 0

    async def unheard(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    await app(scope, receive, unheard)
    return status
