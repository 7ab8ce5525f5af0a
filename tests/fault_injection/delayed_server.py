"""A server that delays a request that changes something, until the client has given up.

A proxy or a queue does that: the request has been read, the client gives up or is killed, and the
server behind carries the request out later all the same.
"""

import asyncio
from concurrent.futures import Future

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.acting.asked import only_reads, read_whole
from tests.patience import PATIENCE


class DelayedServer:
    """Wraps *app*; once armed, delays one changing request at a path that ends in *at*.

    Its methods may be called from another event loop than the one that serves.
    """

    def __init__(self, app: ASGIApp, at: str = "") -> None:
        self._app = app
        self._at = at
        self._armed = False
        self._held: Future[None] = Future()
        self._fate: Future[bool] = Future()
        self._landed: Future[int] = Future()

    def arm(self, at: str = "") -> None:
        """Delay the next changing request at a path that ends in *at*."""
        self._armed, self._at = True, at
        self._held, self._fate, self._landed = Future(), Future(), Future()

    async def until_held(self) -> None:
        """Return once a request is being delayed."""
        await asyncio.wait_for(asyncio.wrap_future(self._held), PATIENCE)

    async def land(self) -> int:
        """Carry it out; return the status of the response, which no client receives."""
        self._fate.set_result(True)
        return await asyncio.wait_for(asyncio.wrap_future(self._landed), PATIENCE)

    def lose(self) -> None:
        """Drop it."""
        self._fate.set_result(False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.behave(self._app, scope, receive, send)

    async def behave(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve as a behaviour of the :class:`~tests.fault_injection.stage.FaultProxy` does."""
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
    """Return the status with which *app* answers, without a client."""
    status = 0

    async def unheard(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    await app(scope, receive, unheard)
    return status
