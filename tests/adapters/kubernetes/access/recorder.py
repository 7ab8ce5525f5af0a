"""A cluster that speaks HTTP and TLS on one port, and keeps what each request brought.

It runs in threads, so that a real kubectl, which is another process, can ask it as well.
"""

import json
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_BODY = json.dumps({"gitVersion": "v1.30.0", "kind": "List", "metadata": {}, "items": []}).encode()
_HANDSHAKE = b"\x16"
"""The first byte of a TLS connection (RFC 8446 §5.1)."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came in: *shown* is the name in the client's certificate."""

    tls: bool
    line: str
    headers: tuple[tuple[str, str], ...]
    shown: str = ""
    server_name: str = ""

    def told(self, *names: str) -> tuple[tuple[str, str], ...]:
        """Return the headers whose names begin so, sorted, the names in small letters."""
        wanted = tuple(name.lower() for name in names)
        small = ((name.lower(), value) for name, value in self.headers)
        return tuple(sorted(pair for pair in small if pair[0].startswith(wanted)))


@dataclass
class Recorder:
    """What came in so far, on loopback."""

    port: int = 0
    requests: list[Request] = field(default_factory=list)


@contextmanager
def recording(trust: ssl.SSLContext) -> Iterator[Recorder]:
    """Answer on a port of its own while the context lasts; TLS is spoken by *trust*."""
    recorder, names = Recorder(), threading.local()

    def note(
        connection: ssl.SSLSocket | ssl.SSLObject, name: str | None, _: ssl.SSLContext
    ) -> None:
        names.last = name or ""

    trust.sni_callback = note

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            names.last = ""
            with suppress(OSError):
                self._talk(self.request)

        def _talk(self, plain: socket.socket) -> None:
            plain.settimeout(10)
            tls = plain.recv(1, socket.MSG_PEEK) == _HANDSHAKE
            spoken = trust.wrap_socket(plain, server_side=True) if tls else plain
            shown = _common_name(spoken) if isinstance(spoken, ssl.SSLSocket) else ""
            with spoken, spoken.makefile("rwb") as stream:
                while head := _head(stream):
                    line, *rest = head
                    pairs = tuple(_pair(one) for one in rest)
                    recorder.requests.append(Request(tls, line, pairs, shown, names.last))
                    size = next((int(v) for n, v in pairs if n.lower() == "content-length"), 0)
                    stream.read(size)
                    start = f"HTTP/1.1 200 OK\r\nContent-Length: {len(_BODY)}\r\n"
                    kind = "Content-Type: application/json\r\n\r\n"
                    stream.write(start.encode() + kind.encode() + _BODY)
                    stream.flush()

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler, bind_and_activate=True)
    server.daemon_threads = True
    recorder.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield recorder
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _head(stream: object) -> list[str]:
    lines: list[str] = []
    while line := stream.readline().decode("latin-1").rstrip("\r\n"):  # type: ignore[attr-defined]
        lines.append(line)
    return lines


def _pair(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name, value.strip()


def _common_name(connection: ssl.SSLSocket) -> str:
    subject = (connection.getpeercert() or {}).get("subject", ())
    return next((pair[0][1] for pair in subject if pair[0][0] == "commonName"), "")
