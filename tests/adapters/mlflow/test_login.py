"""Logging in by password or token, at a server that has a certificate of its own CA."""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import trustme
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from opsboard.adapter import Unauthenticated, Unreachable
from opsboard.demo.app import build_app
from opsboard.demo.server import listen
from opsboard.demo.world.controllers import WorldControllers
from opsboard.demo.world.world import DemoWorld
from opsboard.records import Kind, Status
from tests.adapters.mlflow.rounds import watching
from tests.patience import PATIENCE

TOKEN = "a-token-0123456789"
PASSWORD = "pass:word 0123456789"
BASIC = "Basic " + b64encode(f"ann:{PASSWORD}".encode()).decode()
PAGE = b"<h1>Unauthorized</h1>"


class Guard:
    """Lets only those through to *app* who bring one of the right headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope.get("headers", []))
        brought = headers.get(b"authorization", b"").decode()
        if scope["type"] != "http" or brought in {f"Bearer {TOKEN}", BASIC}:
            await self.app(scope, receive, send)
            return
        kind = [(b"content-type", b"text/html")]
        await send({"type": "http.response.start", "status": 401, "headers": kind})
        await send({"type": "http.response.body", "body": PAGE})


@contextmanager
def _served(app: ASGIApp, certificate: Path) -> Iterator[str]:
    config = uvicorn.Config(app, log_level="critical", ssl_certfile=certificate)
    server = uvicorn.Server(config)
    sock = listen()
    thread = Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{sock.getsockname()[1]}/mlflow"
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        sock.close()


@pytest.fixture(scope="module")
def ca_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ca") / "ca.pem"


@pytest.fixture(scope="module")
def url(founded: tuple[DemoWorld, WorldControllers], ca_file: Path) -> Iterator[str]:
    """The URL of a server that wants a login, its certificate signed by *ca_file*."""
    world, controllers = founded
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(ca_file))
    certificate = ca_file.with_name("server.pem")
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_and_cert_chain_pem.write_to_path(str(certificate))
    with _served(Guard(build_app(world, controllers, lambda: world.now)), certificate) as served:
        yield served


@pytest.mark.parametrize(
    ("login", "kind"),
    [
        ({"token": TOKEN}, "with a token"),
        ({"username": "ann", "password": PASSWORD}, "with user 'ann'"),
    ],
)
async def test_a_login_that_is_right(
    login: dict[str, Any], kind: str, url: str, ca_file: Path, world: DemoWorld
) -> None:
    async with watching(url, ca_file=ca_file, **login) as rounds:
        await rounds.next()
        assert rounds.ails() == {}
        assert rounds.of(Kind.MODEL).keys() == world.models.keys()
        checks = {check.subject: check async for check in rounds.source.checks()}
        assert checks["logged in"].message == kind


@pytest.mark.parametrize(
    "login", [{}, {"token": "wrong-0123456789"}, {"username": "ann", "password": "wrong-0123456"}]
)
async def test_a_login_that_is_wrong(login: dict[str, Any], url: str, ca_file: Path) -> None:
    async with watching(url, ca_file=ca_file, **login) as rounds:
        error = await rounds.failure()
        assert isinstance(error, Unauthenticated)
        assert "401" in error.message
        assert "wrong-0" not in f"{error.message} {error.hint}"
        assert PAGE.decode() not in error.message
        checks = {check.subject: check async for check in rounds.source.checks()}
        assert checks["logged in"].status is Status.FAILED


async def test_nothing_is_sent_to_a_server_that_is_not_trusted(url: str) -> None:
    async with watching(url, token=TOKEN) as rounds:
        error = await rounds.failure()
        assert isinstance(error, Unreachable)
        assert "ca_file" in error.hint
