"""Servers that kill whoever is about to change something, at the worst of moments."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Literal

import httpx
from starlette.responses import StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from opsboard.acting.actor import current_actor
from opsboard.acting.audit.log import AuditLog
from opsboard.collect.context import SystemClock
from opsboard.demo.server import listen, make_server, url_of
from tests.acting.asked import only_reads, read_whole
from tests.patience import PATIENCE

When = Literal["before", "after"]
BOUND = 2 * PATIENCE
"""Seconds that a program is given, which itself waits for its sources as long as a test does."""


class Deadly:
    """Kills *victim* once, *when* it has asked for a change: before it is made, or after.

    Changes at paths that do not end in *at* are let pass: marks that are left before the act.
    """

    def __init__(self, app: ASGIApp, when: When, at: str = "") -> None:
        self._app = app
        self._when = when
        self._at = at
        self.victim = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body, again = await read_whole(scope, receive)
        spared = only_reads(scope, body) or not scope["path"].endswith(self._at)
        if spared or not self.victim:
            await self._app(scope, again, send)
            return
        if self._when == "after":
            await self._app(scope, again, _unheard)
        os.kill(self.victim, signal.SIGKILL)
        self.victim = 0


async def _unheard(_: Message) -> None:
    """What the server answers, and nobody hears any more."""


def passing_on(client: httpx.AsyncClient) -> ASGIApp:
    """Return an application that passes everything on to the server of *client*."""

    async def passed(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body, again = await read_whole(scope, receive)
        query = scope["query_string"].decode()
        kept = {b"content-type", b"accept"}
        headers = [(name, value) for name, value in scope["headers"] if name in kept]
        target = scope["path"].lstrip("/") + (f"?{query}" if query else "")
        request = client.build_request(scope["method"], target, content=body, headers=headers)
        answer = await client.send(request, stream=True)
        told = {"Content-Type": answer.headers.get("Content-Type", "application/json")}
        response = StreamingResponse(answer.aiter_bytes(), answer.status_code, headers=told)
        try:
            await response(scope, again, send)
        finally:
            await answer.aclose()

    return passed


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[str]:
    """Serve *app* in this loop; yield its URL."""
    sock = listen()
    server = make_server(app)  # type: ignore[arg-type]
    task = asyncio.create_task(server.serve(sockets=[sock]))
    try:
        yield url_of(sock)
    finally:
        server.should_exit = server.force_exit = True
        await task
        sock.close()


class Program:
    """Runs opsboard as a process of its own, with one home."""

    def __init__(self, config: Path, home: Path) -> None:
        self._config = config
        self._env = {**os.environ, "HOME": str(home), "XDG_STATE_HOME": str(home / "state")}

    def grow_older(self, seconds: float) -> None:
        """Let what is on record have happened *seconds* earlier: as if that time had passed."""
        folder = Path(self._env["XDG_STATE_HOME"]) / "opsboard"
        trail = AuditLog(folder, current_actor({}), SystemClock())
        entries = trail.entries()
        for file in folder.glob("audit.*"):
            file.unlink()
        for entry in entries:
            trail.append(entry.model_copy(update={"at": entry.at - timedelta(seconds=seconds)}))

    async def start(self, *words: str) -> Process:
        """Return it, running."""
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "opsboard", "--config", str(self._config), *words),
            env=self._env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
        )

    async def __call__(self, *words: str, prey_of: Deadly | None = None) -> tuple[int, str, str]:
        """Return exit code, output and complaints; *prey_of* is who kills it."""
        process = await self.start(*words)
        if prey_of is not None:
            prey_of.victim = process.pid
        out, err = await asyncio.wait_for(process.communicate(), BOUND)
        assert process.returncode is not None
        return process.returncode, out.decode(), err.decode()
