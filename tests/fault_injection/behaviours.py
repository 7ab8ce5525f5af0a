"""Wrong behaviours of a server, as wrappers of an ASGI application that would answer right."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from opsboard.adapter import Condition

Behaviour: TypeAlias = Callable[[ASGIApp, Scope, Receive, Send], Awaitable[None]]

LOGIN_PAGE = b"<!DOCTYPE html><html><body>Sign in to Example</body></html>"


class Cut(Exception):
    """Raised in a server to have the connection cut where it is."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A wrong *behaviour*, the condition that it puts a source in, and what the user reads."""

    name: str
    behaviour: Behaviour
    condition: Condition
    says: str

    def __str__(self) -> str:
        return self.name


async def _start(send: Send, status: int, *headers: tuple[str, str]) -> None:
    raw = [(name.lower().encode(), value.encode()) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": raw})


def _asker(scope: Scope) -> bytes:
    """Return the caller's credentials, which a careless server quotes in its errors."""
    headers: dict[bytes, bytes] = dict(scope["headers"])
    return headers.get(b"authorization", b"nobody")


def refusing(status: int, *headers: tuple[str, str]) -> Behaviour:
    """Refuse all requests, and quote the caller's credentials."""

    async def refuse(_app: ASGIApp, scope: Scope, _receive: Receive, send: Send) -> None:
        await _start(send, status, ("Content-Type", "application/json"), *headers)
        body = b'{"message": "no, %s, not for you"}' % _asker(scope)
        await send({"type": "http.response.body", "body": body})

    return refuse


def telling(body: bytes, kind: str = "application/json") -> Behaviour:
    """Answer everything with *body* and status 200."""

    async def tell(_app: ASGIApp, _scope: Scope, _receive: Receive, send: Send) -> None:
        await _start(send, 200, ("Content-Type", kind))
        await send({"type": "http.response.body", "body": body})

    return tell


async def truncating(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the first half of the right answer, as if it were the whole."""
    await _start(send, 200, ("Content-Type", "application/json"))
    body = await _answer(app, scope, receive)
    await send({"type": "http.response.body", "body": body[: len(body) // 2]})


async def cutting(_app: ASGIApp, _scope: Scope, _receive: Receive, send: Send) -> None:
    """Announce a long body, send its start, and close the connection."""
    await _start(send, 200, ("Content-Type", "application/json"), ("Content-Length", "10000"))
    await send({"type": "http.response.body", "body": b'{"items": [', "more_body": True})
    raise Cut


async def hanging(_app: ASGIApp, _scope: Scope, receive: Receive, _send: Send) -> None:
    """Accept the request, and never answer."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _is_watch(scope: Scope) -> bool:
    return b"watch=true" in scope["query_string"]


async def breaking_watches(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Cut each watch in the middle of an event."""
    if not _is_watch(scope):
        await app(scope, receive, send)
        return
    await _start(send, 200, ("Content-Type", "application/json"))
    await send({"type": "http.response.body", "body": b'{"type": "ADD', "more_body": True})
    raise Cut


async def dated_without_a_zone(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer right, but with a ``Date`` without a time zone (RFC 5322, section 3.3)."""

    async def dated(message: Message) -> None:
        if message["type"] == "http.response.start":
            others = [header for header in message["headers"] if header[0] != b"date"]
            message["headers"] = [*others, (b"date", b"Thu, 15 Jan 2026 09:30:00 -0000")]
        await send(message)

    await app(scope, receive, dated)


async def with_nothing(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer right, as an empty cluster, organisation or registry."""
    if _is_watch(scope):
        await _start(send, 200, ("Content-Type", "application/json"))
        await hanging(app, scope, receive, send)
        return
    empty = b"{}"
    if scope["path"].startswith("/clusters/"):
        empty = b'{"kind": "List", "metadata": {"resourceVersion": "5"}, "items": []}'
    elif scope["path"].endswith("/repos"):
        empty = b"[]"
    await telling(empty)(app, scope, receive, send)


async def _answer(app: ASGIApp, scope: Scope, receive: Receive) -> bytes:
    parts: list[bytes] = []

    async def keep(message: Message) -> None:
        parts.append(message.get("body", b""))

    await app(scope, receive, keep)
    return b"".join(parts)


FAULTS = (
    Fault("401", refusing(401), Condition.UNAUTHENTICATED, "401"),
    Fault("403", refusing(403), Condition.FORBIDDEN, "403"),
    Fault("404", refusing(404), Condition.BROKEN, "404"),
    Fault("429", refusing(429, ("Retry-After", "600")), Condition.THROTTLED, ""),
    Fault("503", refusing(503), Condition.UNREACHABLE, "503"),
    Fault("truncated", truncating, Condition.BROKEN, "not valid JSON"),
    Fault("invalid", telling(b'{"items": nothing}'), Condition.BROKEN, "not valid JSON"),
    Fault("array", telling(b"17"), Condition.BROKEN, "JSON, but no"),
    Fault("login page", telling(LOGIN_PAGE, "text/html"), Condition.BROKEN, "got a web page"),
    Fault("cut", cutting, Condition.UNREACHABLE, ""),
    Fault("hanging", hanging, Condition.UNREACHABLE, "did not answer in time"),
)
