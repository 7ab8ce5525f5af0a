"""A proxy before a real registry, which lets requests through, or answers them itself."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from opsboard.demo.server import serve_in_thread

_PASSED_ON = ("content-type", "docker-content-digest", "etag", "link")


class Gate:
    """Answers by :attr:`answer`, where that returns something; else as the registry does.

    With :attr:`tokens`, it asks for one with each request, gives one to anybody, and accepts the
    last one, as often as :attr:`uses` says from then on.
    """

    def __init__(self, registry: str) -> None:
        self.answer: Callable[[Request], Response | None] = lambda _: None
        self.seen: list[str] = []
        self.tokens = False
        self.gives_tokens = True
        self.given = 0
        self.uses = 1_000_000
        self._client = httpx.AsyncClient(base_url=registry, trust_env=False, verify=False)  # noqa: S501 - loopback

    async def respond(self, request: Request) -> Response:
        """Answer *request*."""
        if request.url.path == "/token":
            return self._token()
        self.seen.append(f"{request.method} {request.url.path}")
        if self.tokens and (refusal := self._refusal(request)) is not None:
            return refusal
        return self.answer(request) or await self._registrys(request)

    def _token(self) -> Response:
        if not self.gives_tokens:
            return _error(401, "UNAUTHORIZED", "the account is locked")
        self.given += 1
        self.uses = 1_000_000
        return JSONResponse({"token": f"token-{self.given}", "expires_in": 300})

    def _refusal(self, request: Request) -> Response | None:
        if request.headers.get("authorization") == f"Bearer token-{self.given}" and self.uses:
            self.uses -= 1
            return None
        realm = request.url.replace(path="/token", query="")
        challenge = f'Bearer realm="{realm}",service="registry"'
        return _error(401, "UNAUTHORIZED", "token expired", **{"WWW-Authenticate": challenge})

    async def _registrys(self, request: Request) -> Response:
        path = f"{request.url.path}?{request.url.query}".rstrip("?")
        headers = {
            name: text
            for name, text in request.headers.items()
            if name in {"accept", "if-none-match"}
        }
        answered = await self._client.request(request.method, path, headers=headers)
        kept = {name: answered.headers[name] for name in _PASSED_ON if name in answered.headers}
        return Response(answered.content, answered.status_code, kept)


def too_many(seconds: int) -> Response:
    """Return what a registry says that wants nothing more to be asked for so many *seconds*."""
    return _error(429, "TOOMANYREQUESTS", "slow down", **{"Retry-After": str(seconds)})


def _error(status: int, code: str, message: str, **headers: str) -> Response:
    return JSONResponse({"errors": [{"code": code, "message": message}]}, status, headers)


@contextmanager
def gate_before(registry: str) -> Iterator[tuple[Gate, str]]:
    """Serve a gate before the *registry* at that URL; yield it, and its own URL."""
    gate = Gate(registry)
    routes = [Route("/{path:path}", gate.respond, methods=["GET", "HEAD"])]
    with serve_in_thread(Starlette(routes=routes)) as url:
        yield gate, url
