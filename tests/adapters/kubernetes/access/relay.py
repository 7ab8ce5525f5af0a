"""Proxies on loopback that lead every connection to one port: SOCKS 5 (RFC 1928) and CONNECT."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

NO_LOGIN, WITH_LOGIN, NONE_FITS = b"\x00", b"\x02", b"\xff"
GRANTED, REFUSED = b"\x00", b"\x05"
_ADDRESS = b"\x00\x01" + bytes(6)

Speak = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bool]]


@dataclass
class Relay:
    """Leads to *port*. Takes those who log in as *login* (user and password), if it has one."""

    port: int
    login: tuple[str, str] | None = None
    reply: bytes = GRANTED
    asked: list[tuple[str, int]] = field(default_factory=list)
    """Hosts and ports as they were asked for: names are looked up here."""

    async def socks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Greet in SOCKS 5; return whether the way is free."""
        _, count = await reader.readexactly(2)
        offered = await reader.readexactly(count)
        wanted = NO_LOGIN if self.login is None else WITH_LOGIN
        if wanted not in offered:
            writer.write(b"\x05" + NONE_FITS)
            return False
        writer.write(b"\x05" + wanted)
        if self.login is not None and not await self._logged_in(reader, writer):
            return False
        kind = (await reader.readexactly(4))[3]
        host = await _host(reader, kind)
        self.asked.append((host, int.from_bytes(await reader.readexactly(2), "big")))
        writer.write(b"\x05" + self.reply + _ADDRESS)
        return self.reply == GRANTED

    async def _logged_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Take user and password (RFC 1929)."""
        await reader.readexactly(1)
        pair = [await _counted(reader), await _counted(reader)]
        right = tuple(pair) == self.login
        writer.write(b"\x01" + (b"\x00" if right else b"\x01"))
        return right

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Take a CONNECT (RFC 9110 §9.3.6); return whether the way is free."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        host, _, port = head.split()[1].rpartition(":")
        self.asked.append((host, int(port)))
        writer.write(b"HTTP/1.1 200 Go on\r\n\r\n")
        return True


async def _counted(reader: asyncio.StreamReader) -> str:
    (count,) = await reader.readexactly(1)
    return (await reader.readexactly(count)).decode()


async def _host(reader: asyncio.StreamReader, kind: int) -> str:
    if kind == 3:
        return await _counted(reader)
    return ".".join(map(str, await reader.readexactly(4)))


async def silence(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> bool:
    """Never say a word."""
    await asyncio.Event().wait()
    return False


async def junk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Speak no protocol that is known."""
    writer.write(b"\x00\x01\x02junk")
    return False


@asynccontextmanager
async def relaying(
    speak: Speak, port: int = 0, trust: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """Serve a proxy that greets by *speak*, and leads to *port*; yield its host and port."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            if await speak(reader, writer):
                await _joined(reader, writer, port)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=trust)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tasks:
            task.cancel()


async def _joined(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    there, back = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_poured(reader, back))
            group.create_task(_poured(there, writer))
    finally:
        back.close()


async def _poured(source: asyncio.StreamReader, into: asyncio.StreamWriter) -> None:
    while data := await source.read(65_536):
        into.write(data)
        await into.drain()
    into.close()
