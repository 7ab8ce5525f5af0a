"""The HTTPS server: what an API server asks of a kubelet."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

import trustme

from tests.adapters.kubernetes.kubelet.containers import (
    Container,
    InnerProcess,
    ServedPod,
    seconds_ago,
)
from tests.adapters.kubernetes.kubelet.spdy import SpdyConnection, SpdyStream

SUCCESS = {"metadata": {}, "status": "Success"}

_LET_GO: Final = 5.0
"""Seconds that a client is given to close what it has read to its end."""


@dataclass
class KubeletRequest:
    """A request, its head read."""

    method: str
    path: list[str]
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def first(self, name: str) -> str:
        return self.query.get(name, [""])[0]

    async def answer(self, status: str, body: str = "") -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body.encode())}\r\n"
        await self.send(
            f"{head}Content-Type: text/plain\r\nConnection: close\r\n\r\n{body}".encode()
        )

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def upgrade(self) -> SpdyConnection:
        offered = self.headers.get("x-stream-protocol-version", "").split(",")
        lines = [
            "HTTP/1.1 101 Switching Protocols",
            "Connection: Upgrade",
            "Upgrade: SPDY/3.1",
            f"X-Stream-Protocol-Version: {offered[0].strip()}",
        ]
        await self.send("\r\n".join([*lines, "", ""]).encode())
        return SpdyConnection(self.reader, self.writer)


@dataclass
class Kubelet:
    """The pods of a node, by namespace and name, and what was asked."""

    pods: dict[tuple[str, str], ServedPod] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    port: int = 0

    def add(self, namespace: str, pod: str, *containers: str) -> ServedPod:
        served = ServedPod({name: Container() for name in containers})
        self.pods[namespace, pod] = served
        return served

    @asynccontextmanager
    async def serving(self, folder: Path) -> AsyncIterator["Kubelet"]:
        """Serve on a port of 127.0.0.1 with a certificate that nobody knows."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, target, _ = head[0].split(" ")
            fields = (line.partition(":") for line in head[1:] if line)
            parts = urlsplit(target)
            request = KubeletRequest(
                method,
                parts.path.strip("/").split("/"),
                parse_qs(parts.query, keep_blank_values=True),
                _first_of_each((name.lower(), value.strip()) for name, _, value in fields),
                reader,
                writer,
            )
            upgrade = request.headers.get("upgrade", "")
            self.asked.append(f"{method} {target} {upgrade}".strip())
            await self._answer(request)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            with suppress(Exception):
                writer.close()

    async def _answer(self, request: KubeletRequest) -> None:
        what, *path = request.path
        pod = self.pods.get((path[0], path[1])) if len(path) > 1 else None
        if pod is None:
            await request.answer("404 Not Found", "pod does not exist")
        elif what == "portForward":
            await _forward(request, pod)
        elif (container := pod.containers.get(path[-1])) is None:
            await request.answer("404 Not Found", f"container {path[-1]} not found")
        elif what == "containerLogs":
            await _log(request, container)
        elif what in {"exec", "attach"}:
            await _exec(request, container)
        else:
            await request.answer("404 Not Found", what)


def _first_of_each(fields: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the first value of each field: of the protocols offered, the best."""
    found: dict[str, str] = {}
    for name, value in fields:
        found.setdefault(name, value)
    return found


# --- logs ----------------------------------------------------------------------------------------


async def _log(request: KubeletRequest, container: Container) -> None:
    log = container.previous if request.first("previous") == "true" else container.log
    if log is None:
        _, _, pod, name = request.path
        said = f'previous terminated container "{name}" in pod "{pod}" not found'
        await request.answer("400 Bad Request", said)
        return
    tail, since = request.first("tailLines"), request.first("sinceTime")
    seconds = request.first("sinceSeconds")
    lines = log.read(
        follow=request.first("follow") == "true",
        tail=int(tail) if tail else None,
        since=datetime.fromisoformat(since)
        if since
        else (seconds_ago(seconds) if seconds else None),
        timestamps=request.first("timestamps") == "true",
    )
    await request.send(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    async for line in lines:
        await request.send(b"%x\r\n%b\r\n" % (len(line), line))
    await request.send(b"0\r\n\r\n")


# --- exec and attach -----------------------------------------------------------------------------


async def _exec(request: KubeletRequest, container: Container) -> None:
    """Run the command on this host, on a terminal of its own; without one, its output is mixed."""
    wanted = {"error"} | {
        kind
        for kind, flag in (("stdin", "input"), ("stdout", "output"), ("stderr", "error"))
        if request.first(flag) in {"1", "true"}
    }
    if request.first("tty") in {"1", "true"}:
        wanted = (wanted | {"resize"}) - {"stderr"}
    connection = await request.upgrade()
    reading = asyncio.create_task(connection.run())
    streams: dict[str, SpdyStream] = {}
    while not wanted <= streams.keys():
        if (stream := await connection.opened.get()) is None:
            return
        streams[stream.headers["streamtype"]] = stream
    words = tuple(request.query.get("command", ["sh"]))
    container.ran.append(words)
    status = await _run(words, streams, reading)
    await streams["error"].send(json.dumps(status).encode(), last=True)
    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(reading, _LET_GO)


async def _run(
    words: tuple[str, ...], streams: Mapping[str, SpdyStream], reading: "asyncio.Task[None]"
) -> object:
    try:
        process = await InnerProcess.start(words)
    except OSError as error:
        return {"status": "Failure", "message": str(error), "reason": "InternalError"}
    tasks = [asyncio.create_task(_feed(process, streams))]
    if "resize" in streams:
        tasks.append(asyncio.create_task(_sizes(process, streams["resize"])))
    reading.add_done_callback(lambda _: process.hang_up())
    async for data in process.output():
        if "stdout" in streams:
            await streams["stdout"].send(data)
    code = await process.end()
    for task in tasks:
        task.cancel()
    if "stdout" in streams:
        await streams["stdout"].send(b"", last=True)
    if not code:
        return SUCCESS
    return {
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: exit status {code}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }


async def _feed(process: InnerProcess, streams: Mapping[str, SpdyStream]) -> None:
    if (stdin := streams.get("stdin")) is not None:
        while data := await stdin.incoming.read(4_096):
            process.write(data)


async def _sizes(process: InnerProcess, stream: SpdyStream) -> None:
    decoder, text = json.JSONDecoder(), ""
    while data := await stream.incoming.read(4_096):
        text += data.decode()
        while text := text.lstrip():
            try:
                size, end = decoder.raw_decode(text)
            except ValueError:
                break
            text = text[end:]
            process.resize(size["Width"], size["Height"])


# --- port-forward --------------------------------------------------------------------------------


async def _forward(request: KubeletRequest, pod: ServedPod) -> None:
    """Join each pair of streams with a port of this host."""
    connection = await request.upgrade()
    reading = asyncio.create_task(connection.run())
    errors: dict[str, SpdyStream] = {}
    tasks: set[asyncio.Task[None]] = set()
    while (stream := await connection.opened.get()) is not None:
        key = stream.headers["requestid"]
        if stream.headers["streamtype"] == "error":
            errors[key] = stream
            continue
        port = pod.ports.get(int(stream.headers["port"]), 0)
        tasks.add(asyncio.create_task(_join(stream, errors[key], port)))
    for task in tasks:
        task.cancel()
    await reading


async def _join(stream: SpdyStream, error: SpdyStream, port: int) -> None:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        await error.send(b"connection refused", last=True)
        return

    async def inwards() -> None:
        while data := await stream.incoming.read(65_536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()

    sending = asyncio.create_task(inwards())
    while data := await reader.read(65_536):
        await stream.send(data)
    await stream.send(b"", last=True)
    await error.send(b"", last=True)
    sending.cancel()
    writer.close()
