"""Servers of states on loopback: for the HTTP backend, and for S3."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Answer:
    """What is answered."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Asked:
    """What was asked for."""

    method: str
    target: str
    headers: dict[str, str]


@asynccontextmanager
async def serving(answer: Callable[[Asked], Answer]) -> AsyncIterator[tuple[str, list[Asked]]]:
    """Serve what *answer* says; yield the URL, and what has been asked for."""
    asked: list[Asked] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.splitlines()
        method, target, _ = first.split()
        pairs = (line.partition(": ") for line in lines if line)
        one = Asked(method, target, {name.lower(): value for name, _, value in pairs})
        asked.append(one)
        told = answer(one)
        headers = {"Content-Length": str(len(told.body)), "Connection": "close", **told.headers}
        text = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"HTTP/1.1 {told.status} X\r\n{text}\r\n".encode() + told.body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked


def basic(username: str, password: str) -> str:
    """Return the header of basic auth."""
    return f"Basic {b64encode(f'{username}:{password}'.encode()).decode()}"
