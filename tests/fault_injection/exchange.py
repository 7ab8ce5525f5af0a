"""An HTTP/1.1 server that can break the protocol, which no ordinary server lets a handler do.

A handler gets an :class:`Exchange`: the request, the application that would answer it right, and
the connection, to which any bytes may be written and which may be reset.
"""

import asyncio
import socket
import struct
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeAlias
from urllib.parse import unquote

from starlette.types import ASGIApp, Message

Headers: TypeAlias = list[tuple[bytes, bytes]]
Later: TypeAlias = Callable[[float, Callable[[], Awaitable[Any]]], None]
Handler: TypeAlias = Callable[["Exchange"], Awaitable[None]]

_BODILESS = frozenset({204, 304})


class Hangup(Exception):
    """Raised by a handler to close the connection, or where the client has closed it."""


@dataclass(slots=True)
class Answer:
    """A complete response, which may be changed before it is written."""

    status: int
    headers: Headers
    body: bytes

    def header(self, name: str) -> str:
        """Return the value of the header *name*, or ``""``."""
        key = name.lower().encode()
        return next((value.decode("latin-1") for one, value in self.headers if one == key), "")

    def set(self, name: str, value: str) -> None:
        """Let the header *name* have *value*, and no other."""
        self.drop(name)
        self.headers.append((name.lower().encode(), value.encode("latin-1")))

    def drop(self, name: str) -> None:
        """Leave the header *name* out."""
        key = name.lower().encode()
        self.headers = [header for header in self.headers if header[0] != key]


class _Reader(asyncio.StreamReader):
    """Knows when the client has hung up, also while nobody reads."""

    def __init__(self) -> None:
        super().__init__()
        self.gone = asyncio.Event()

    def feed_eof(self) -> None:
        super().feed_eof()
        self.gone.set()

    def set_exception(self, exc: Any) -> None:
        super().set_exception(exc)
        self.gone.set()


@dataclass(slots=True)
class Exchange:
    """A request, the *app* that answers it right, and the connection that it came by."""

    app: ASGIApp
    method: str
    target: str
    headers: Headers
    body: bytes
    reader: _Reader
    writer: asyncio.StreamWriter
    keep_alive: bool = True
    later: Later | None = None
    """Schedules a callback after so many seconds of the server's world."""

    @property
    def path(self) -> str:
        return unquote(self.target.partition("?")[0])

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]

    def header(self, name: str) -> str:
        """Return the value of the request's header *name*, or ``""``."""
        key = name.lower().encode()
        return next((value.decode("latin-1") for one, value in self.headers if one == key), "")

    @property
    def client_gone(self) -> bool:
        """Whether the client has hung up."""
        return self.reader.gone.is_set()

    # --- what is right ---------------------------------------------------------------------------

    async def answer(self) -> Answer:
        """Return the right answer, whole."""
        async with aclosing(self.parts()) as parts:
            start = await anext(parts)
            body = b"".join([part["body"] async for part in parts])
        return Answer(start["status"], list(start["headers"]), body)

    async def parts(self) -> AsyncGenerator[Message, None]:
        """Yield the start of the right answer, then its body in parts, as they come."""
        queue: asyncio.Queue[Message | None] = asyncio.Queue(16)
        task = asyncio.create_task(self._run(queue))
        try:
            while (message := await queue.get()) is not None:
                if message["type"] == "http.response.start":
                    yield message
                elif message.get("body"):
                    yield {"body": message["body"]}
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self, queue: "asyncio.Queue[Message | None]") -> None:
        given = False

        async def receive() -> Message:
            nonlocal given
            if not given:
                given = True
                return {"type": "http.request", "body": self.body, "more_body": False}
            await self.reader.gone.wait()
            return {"type": "http.disconnect"}

        try:
            await self.app(self._scope(), receive, queue.put)
        finally:
            await queue.put(None)

    def _scope(self) -> dict[str, Any]:
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": self.method,
            "scheme": "http",
            "path": self.path,
            "raw_path": self.target.partition("?")[0].encode(),
            "query_string": self.query.encode(),
            "root_path": "",
            "headers": self.headers,
            "server": ("127.0.0.1", 80),
            "client": ("127.0.0.1", 0),
        }

    # --- the wire --------------------------------------------------------------------------------

    async def pass_on(self) -> None:
        """Answer right, as the parts come."""
        async with aclosing(self.parts()) as parts:
            start = await anext(parts)
            headers = list(start["headers"])
            chunked = start["status"] not in _BODILESS and not _has(headers, b"content-length")
            await self.start(start["status"], headers, chunked=chunked)
            if self.method == "HEAD":
                return  # RFC 9110, section 9.3.2
            async for part in parts:
                await self.write(chunk(part["body"]) if chunked else part["body"])
            if chunked:
                await self.write(chunk(b""))

    async def tell(self, answer: Answer) -> None:
        """Answer with *answer*, whose length is told as it is."""
        if answer.status not in _BODILESS:
            answer.set("Content-Length", str(len(answer.body)))
        await self.start(answer.status, answer.headers)
        if self.method != "HEAD":
            await self.write(answer.body)

    async def start(self, status: int, headers: Headers, *, chunked: bool = False) -> None:
        """Write the status line and *headers*."""
        await self.write(head(status, headers, chunked=chunked))

    async def write(self, data: bytes) -> None:
        """Write *data* as it is. Raises :exc:`Hangup` where nobody takes it any more."""
        if self.client_gone:
            raise Hangup
        self.writer.write(data)
        try:
            await self.writer.drain()
        except OSError:
            raise Hangup from None

    async def wait_gone(self, seconds: float) -> None:
        """Send nothing until the client hangs up, for *seconds* at most."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.reader.gone.wait(), seconds)

    async def pause(self, seconds: float) -> None:
        """Wait; raise :exc:`Hangup` where the client hangs up meanwhile."""
        await self.wait_gone(seconds)
        if self.client_gone:
            raise Hangup

    def reset(self) -> None:
        """Reset the connection (RST), as a crash or a firewall does."""
        sock = self.writer.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()
        raise Hangup


def head(status: int, headers: Headers, *, chunked: bool = False) -> bytes:
    """Return a status line and *headers* as they are written."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Odd"
    lines = [f"HTTP/1.1 {status} {phrase}".encode()]
    lines += [b"%s: %s" % header for header in headers]
    if chunked:
        lines.append(b"transfer-encoding: chunked")
    return b"\r\n".join(lines) + b"\r\n\r\n"


def chunk(data: bytes) -> bytes:
    """Return *data* as a chunk (RFC 9112, section 7.1); an empty one is the last."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def _has(headers: Headers, name: bytes) -> bool:
    return any(one == name for one, _ in headers)


# --- serving -------------------------------------------------------------------------------------


@asynccontextmanager
async def serving(app: ASGIApp, handler: Handler) -> AsyncIterator[str]:
    """Serve on loopback, each exchange by *handler*; yield the URL."""
    loop = asyncio.get_running_loop()
    tasks: set[asyncio.Task[None]] = set()

    def connected(reader: _Reader, writer: asyncio.StreamWriter) -> None:
        task = loop.create_task(_serve(app, handler, reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    def protocol() -> asyncio.StreamReaderProtocol:
        reader = _Reader()
        return asyncio.StreamReaderProtocol(reader, lambda _, writer: connected(reader, writer))

    server = await loop.create_server(protocol, "127.0.0.1", 0, backlog=256)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _serve(
    app: ASGIApp, handler: Handler, reader: _Reader, writer: asyncio.StreamWriter
) -> None:
    """Serve a connection until either side closes it."""
    try:
        while (exchange := await _read(app, reader, writer)) is not None:
            await handler(exchange)
            if not exchange.keep_alive:
                return
    except (Hangup, OSError, asyncio.IncompleteReadError):
        return
    finally:
        writer.close()


async def _read(app: ASGIApp, reader: _Reader, writer: asyncio.StreamWriter) -> Exchange | None:
    """Return the next request of a connection, or ``None`` at its end."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = raw[:-4].split(b"\r\n")
    method, target, _ = first.decode("latin-1").split(" ", 2)
    headers = [
        (name.strip().lower(), value.strip())
        for name, _, value in (line.partition(b":") for line in lines)
    ]
    length = next((int(value) for name, value in headers if name == b"content-length"), 0)
    body = await reader.readexactly(length) if length else b""
    return Exchange(app, method, target, headers, body, reader, writer)
