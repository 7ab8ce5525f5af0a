"""Responses of the fake GitHub: URLs that lead back here, pages, ETags, and the rate limit."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from opsboard.demo.world.world import DemoWorld

MOUNT = "/api/v3"
"""Where an Enterprise Server has its API."""
PUBLIC_API = "api.github.com"
"""The host of GitHub's own API, for clients whose connection is redirected here."""
_STORAGE = {"127.0.0.1": "localhost"}


@dataclass(frozen=True, slots=True)
class FakeGitHubUrls:
    """URLs for responses, from the host that the client has used."""

    web: str

    @classmethod
    def from_request(cls, request: Request) -> "FakeGitHubUrls":
        return cls(f"{request.url.scheme}://{request.url.netloc}")

    @property
    def storage(self) -> str:
        """The storage host: this server under another name, so that clients see another host."""
        here = urlsplit(self.web)
        port = f":{here.port}" if here.port else ""
        return f"{here.scheme}://{_STORAGE.get(here.hostname or '', '127.0.0.1')}{port}"

    @property
    def api(self) -> str:
        return self.web if self.web.endswith(f"//{PUBLIC_API}") else self.web + MOUNT

    def repository(self, full_name: str) -> str:
        """Return the API's URL of a repository."""
        return f"{self.api}/repos/{full_name}"

    def page(self, full_name: str) -> str:
        """Return the page of a repository in a browser."""
        return f"{self.web.replace(PUBLIC_API, 'github.com')}/{full_name}"


LIMIT: Final = 5_000
VERSION: Final = "3.19.2"
_HOUR: Final = timedelta(hours=1)
T = TypeVar("T")


class FakeGitHubRateLimit:
    """The primary rate limit: requests used in this hour of the world's time.

    *resource* is what it is for: GraphQL has one of its own.
    """

    def __init__(self, world: DemoWorld, resource: str = "core") -> None:
        self._world = world
        self._resource = resource
        self._resets_at = world.now + _HOUR
        self.used = 0

    def spend(self, count: int) -> None:
        """Count *count* requests."""
        while self._world.now >= self._resets_at:
            self._resets_at += _HOUR
            self.used = 0
        self.used = min(self.used + count, LIMIT)

    @property
    def exhausted(self) -> bool:
        self.spend(0)
        return self.used >= LIMIT

    def as_json(self) -> dict[str, int]:
        """Return the limit as ``/rate_limit`` does."""
        self.spend(0)
        reset = int(self._resets_at.timestamp())
        left = LIMIT - self.used
        return {"limit": LIMIT, "used": self.used, "remaining": left, "reset": reset}

    def headers(self) -> dict[str, str]:
        """Return the ``X-RateLimit-*`` headers of a response."""
        headers = {f"X-RateLimit-{name.capitalize()}": str(n) for name, n in self.as_json().items()}
        return {**headers, "X-RateLimit-Resource": self._resource}


def json_response(
    request: Request,
    allowance: FakeGitHubRateLimit,
    body: object,
    link: str = "",
    status: int = 200,
) -> Response:
    """Return *body* as a response, or 304 where its ETag is known; with a token, a 304 is free."""
    content = json.dumps(body, separators=(",", ":")).encode()
    etag = f'W/"{hashlib.sha256(content).hexdigest()}"'
    known = request.headers.get("If-None-Match", "")
    same = etag in {tag.strip() for tag in known.split(",")}
    allowance.spend(0 if same and "Authorization" in request.headers else 1)
    headers = {
        **allowance.headers(),
        "ETag": etag,
        "Cache-Control": "private, max-age=60, s-maxage=60",
        "Vary": "Accept, Authorization, Cookie, X-GitHub-OTP",
        "X-GitHub-Enterprise-Version": VERSION,
        "X-GitHub-Media-Type": "github.v3; format=json",
        "X-OAuth-Scopes": "read:org, repo",
    }
    if link:
        headers["Link"] = link
    if same:
        return Response(status_code=304, headers=headers)
    return Response(content, status, headers, media_type="application/json; charset=utf-8")


def error_response(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    """Return an error response in GitHub's form."""
    body = {"message": message, "documentation_url": "", "status": str(status)}
    return Response(json.dumps(body), status, headers, media_type="application/json; charset=utf-8")


def paginate(request: Request, everything: Sequence[T]) -> tuple[Sequence[T], str]:
    """Return the page that *request* asks for, and its ``Link`` header."""
    size = min(max(_number(request, "per_page", 30), 1), 100)
    page = max(_number(request, "page", 1), 1)
    last = max(-(-len(everything) // size), 1)
    targets: dict[str, int] = {}
    if page > 1:
        targets |= {"prev": page - 1, "first": 1}
    if page < last:
        targets |= {"next": page + 1, "last": last}
    here = FakeGitHubUrls.from_request(request).web + request.url.path
    found = [
        f'<{here}?{request.url.include_query_params(page=n).query}>; rel="{name}"'
        for name, n in targets.items()
    ]
    return everything[(page - 1) * size : page * size], ", ".join(found)


def _number(request: Request, name: str, otherwise: int) -> int:
    value = request.query_params.get(name, "")
    return int(value) if value.isdecimal() else otherwise


def rate_limit(allowance: FakeGitHubRateLimit) -> dict[str, Any]:
    """Return all rate limits; only ``core`` is used by the demo."""
    core = allowance.as_json()
    untouched = {"limit": 30, "used": 0, "remaining": 30, "reset": core["reset"]}
    resources = {"core": core, "search": untouched, "graphql": {**untouched}}
    return {"resources": resources, "rate": core}
