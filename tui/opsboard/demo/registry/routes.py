"""The routes of the fake registry."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from opsboard.demo.registry.content import FakeRegistryContent
from opsboard.demo.world.image_content import DemoBlob
from opsboard.demo.world.world import DemoWorld

MOUNT: Final = "/registry"
_VERSION: Final = {"Docker-Distribution-Api-Version": "registry/2.0"}
_PAGE: Final = 100


def routes(world: DemoWorld) -> list[BaseRoute]:
    """Return the routes that serve the images of *world*, all below ``/registry``."""
    server = FakeRegistry(FakeRegistryContent(world))
    return [
        Mount(
            MOUNT,
            routes=[
                Route("/v2/", server.version),
                Route("/v2/_catalog", server.catalog),
                Route("/v2/{name:path}/tags/list", server.tags),
                Route("/v2/{name:path}/manifests/{reference}", server.manifest),
                Route("/v2/{name:path}/blobs/{digest}", server.blob),
                Route("/{path:path}", server.other),
            ],
        )
    ]


class FakeRegistry:
    """Answers requests for what *content* holds."""

    def __init__(self, content: FakeRegistryContent) -> None:
        self._content = content

    async def version(self, _request: Request) -> Response:
        return JSONResponse({}, headers=_VERSION)

    async def catalog(self, request: Request) -> Response:
        """Answer a page of the names: at most ``n``, those behind ``last``."""
        size = _page_size(request.query_params.get("n"))
        if size is None:
            return _error(400, "PAGINATION_NUMBER_INVALID", "invalid number of results requested")
        last = request.query_params.get("last", "")
        names = [name for name in self._content.repositories() if name > last]
        headers = dict(_VERSION)
        if len(names) > size:
            path = f"{request.scope['root_path']}/v2/_catalog"
            following = f"{path}?last={quote(names[size - 1], safe='')}&n={size}"
            headers["Link"] = f'<{following}>; rel="next"'
        return JSONResponse({"repositories": names[:size]}, headers=headers)

    async def tags(self, request: Request) -> Response:
        name = request.path_params["name"]
        tags = self._content.tags(name)
        if tags is None:
            return _error(404, "NAME_UNKNOWN", "repository name not known to registry")
        return JSONResponse({"name": name, "tags": list(tags)}, headers=_VERSION)

    async def manifest(self, request: Request) -> Response:
        found = self._content.manifest(
            request.path_params["name"], request.path_params["reference"]
        )
        if found is None or not _accepts(request, found):
            return _error(404, "MANIFEST_UNKNOWN", "manifest unknown")
        return _answer(request, found)

    async def blob(self, request: Request) -> Response:
        found = self._content.blob(request.path_params["name"], request.path_params["digest"])
        if found is None:
            return _error(404, "BLOB_UNKNOWN", "blob unknown to registry")
        return _answer(request, DemoBlob("application/octet-stream", found.data))

    async def other(self, _request: Request) -> Response:
        return Response("404 page not found\n", 404, media_type="text/plain")


def _page_size(text: str | None) -> int | None:
    """Return how many names a page has; ``None`` for a number that makes no sense."""
    if text is None:
        return _PAGE
    return int(text) if text.isdigit() and int(text) > 0 else None


def _accepts(request: Request, blob: DemoBlob) -> bool:
    accepted: Sequence[str] = [
        one.strip() for header in request.headers.getlist("Accept") for one in header.split(",")
    ]
    return blob.media_type in accepted


def _answer(request: Request, blob: DemoBlob) -> Response:
    """Answer the bytes of *blob*, or that they are as the client has them."""
    etag = f'"{blob.digest}"'
    headers = {**_VERSION, "Docker-Content-Digest": blob.digest, "ETag": etag}
    if request.headers.get("If-None-Match") in {etag, blob.digest}:
        return Response(status_code=304, headers=headers)
    return Response(blob.data, headers=headers, media_type=blob.media_type)


def _error(status: int, code: str, message: str) -> Response:
    body = {"errors": [{"code": code, "message": message, "detail": None}]}
    return JSONResponse(body, status, headers=_VERSION)
