"""Sockets and servers on loopback for an ASGI application."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
from starlette.applications import Starlette

HOST: Final = "127.0.0.1"
START_SECONDS: Final = 30.0
STOP_SECONDS: Final = 5.0


def listen(port: int = 0) -> socket.socket:
    """Return a socket that listens on loopback; port 0 is any free one. Raises OSError."""
    # Only with the protocol named does asyncio switch off Nagle's algorithm: 40 ms an answer.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((HOST, port))
        sock.listen(256)
    except OSError:
        sock.close()
        raise
    return sock


def url_of(sock: socket.socket) -> str:
    """Return the URL at which *sock* is served."""
    return f"http://{HOST}:{sock.getsockname()[1]}"


def make_server(app: Starlette) -> uvicorn.Server:
    """Return a uvicorn server of *app* that logs nothing and stops within a second."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            log_level="critical",
            access_log=False,
            date_header=False,
            server_header=False,
            timeout_graceful_shutdown=1,
            timeout_keep_alive=75,  # as the real servers do
        )
    )


@contextmanager
def serve_in_thread(app: Starlette, port: int = 0) -> Iterator[str]:
    """Serve *app* from another thread while the context lasts; yield its URL."""
    sock = listen(port)
    server = make_server(app)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [sock]}, name="demo-world", daemon=True
    )
    thread.start()
    try:
        _wait_until_started(server, thread)
        yield url_of(sock)
    finally:
        server.should_exit = True
        thread.join(STOP_SECONDS)
        sock.close()


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    end = time.monotonic() + START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > end:
            raise RuntimeError("the demo's server did not start")
        time.sleep(0.005)
