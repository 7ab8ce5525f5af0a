"""Raw servers: what they answer is put on the wire as it is."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Final

import httpx

from opsboard.testing.fakes import ClosedPermit
from opsboard_adapters import http

NOW: Final = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
SMALL: Final = http.ResponseLimits(page=200_000, object=100_000, log=300_000, seconds=5, pages=3)


class OpenPermit(ClosedPermit):
    """A permit that needs no guard, since nothing real is changed."""

    @property
    def is_open(self) -> bool:
        return True


def raw(
    body: bytes = b"", *headers: str, status: str = "200 OK", length: int | None = None
) -> bytes:
    """Return an answer as it is on the wire."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}"]
    return "\r\n".join([*lines, *headers, "", ""]).encode() + body


def answers(*raws: bytes) -> Handler:
    """Give each of *raws* to one connection, the last one to all others."""
    left = list(raws)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(left.pop(0) if len(left) > 1 else left[0])
        with suppress(ConnectionError):
            await writer.drain()
        writer.close()

    return answer


def drips(begin: bytes, drop: bytes = b" ") -> Handler:
    """Send *begin*, and then *drop* after *drop* for ever."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(begin)
        try:
            while not writer.is_closing():
                writer.write(drop)
                await writer.drain()
                await asyncio.sleep(0.02)
        except ConnectionError:
            pass

    return answer


@asynccontextmanager
async def serving(
    handler: Handler, bounds: http.ResponseLimits = SMALL
) -> AsyncIterator[http.BoundedClient]:
    """Serve by *handler*; yield a client of that server."""
    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await handler(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        async with http.open_client(url, response_limits=bounds) as client:
            yield client
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def get(
    client: http.BoundedClient,
    kind: http.ResponseKind = http.ResponseKind.PAGE,
    *,
    stream: bool = False,
) -> httpx.Response:
    """Ask for a thing."""
    request = client.build_request("GET", "/thing")
    return await http.send(client, request, now=lambda: NOW, kind=kind, stream=stream)
