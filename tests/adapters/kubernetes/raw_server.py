"""A server that shows what came over the wire: request heads and client certificates."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_BODY = b'{"kind": "List", "metadata": {}, "items": []}'


@dataclass
class Wire:
    """What came in. Answers 200, or 401 as often as :attr:`refusals` says, or never."""

    port: int = 0
    heads: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    refusals: int = 0
    date: str = ""
    silent: bool = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            while await self._one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        shown = writer.get_extra_info("peercert") or {}
        self.names += [
            pair[0][1] for pair in shown.get("subject", ()) if pair[0][0] == "commonName"
        ]
        if self.silent:
            await reader.read()
            return False
        status = "401 Unauthorized" if self.refusals else "200 OK"
        self.refusals = max(0, self.refusals - 1)
        date = f"Date: {self.date}\r\n" if self.date else ""
        start = f"HTTP/1.1 {status}\r\n{date}Content-Length: {len(_BODY)}\r\n\r\n"
        writer.write(start.encode() + _BODY)
        await writer.drain()
        return "connection: close" not in head.lower()


@asynccontextmanager
async def listening(wire: Wire, trust: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Serve *wire* on loopback; yield its URL."""
    server = await asyncio.start_server(wire.serve, "127.0.0.1", 0, ssl=trust)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield f"{'https' if trust else 'http'}://127.0.0.1:{wire.port}"
    finally:
        server.close()
