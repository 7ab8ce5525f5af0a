"""What is sent to a cluster, and what can happen on the way."""

from collections.abc import Awaitable, Callable

import httpx

from opsboard.adapter import Source
from opsboard_adapters.kubernetes.source import KubernetesSource
from tests.adapters.kubernetes.scenes import Scene


async def client_of(source: Source, scene: Scene) -> httpx.AsyncClient:
    """Return the client by which *source* asks the cluster."""
    assert isinstance(source, KubernetesSource)
    api, _ = await source._clusters.connect(scene.ground.cluster)
    return api._client


async def writes_of(source: Source, scene: Scene) -> list[httpx.Request]:
    """Return the list of what is sent from now on that would change something."""
    client = await client_of(source, scene)
    sent: list[httpx.Request] = []

    async def note(request: httpx.Request) -> None:
        if not reads(request):
            sent.append(request)

    client.event_hooks["request"].append(note)
    return sent


def reads(request: httpx.Request) -> bool:
    if request.method in {"GET", "HEAD"} or request.url.path.endswith("accessreviews"):
        return True
    dry = request.url.params.get("dryRun") == "All"
    return dry or (request.method == "DELETE" and b'"dryRun":["All"]' in request.content)


Forward = Callable[[httpx.Request], Awaitable[httpx.Response]]
Trouble = Callable[[httpx.Request, Forward], Awaitable[httpx.Response]]


class Troubled(httpx.AsyncBaseTransport):
    """Has *trouble* with the first request that would change something."""

    def __init__(self, inner: httpx.AsyncBaseTransport, trouble: Trouble) -> None:
        self._inner = inner
        self._trouble: Trouble | None = trouble

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        trouble = self._trouble
        if trouble is None or reads(request):
            return await self._inner.handle_async_request(request)
        self._trouble = None
        return await trouble(request, self._inner.handle_async_request)


async def cut_before(request: httpx.Request, forward: Forward) -> httpx.Response:
    """The connection is cut before the server has read it."""
    raise httpx.ReadError("cut", request=request)


async def cut_after(request: httpx.Request, forward: Forward) -> httpx.Response:
    """The server does it, but its answer is lost."""
    await _taken(await forward(request))
    raise httpx.RemoteProtocolError("cut", request=request)


async def _taken(response: httpx.Response) -> None:
    said = await response.aread()
    assert response.status_code < 300, said


async def in_trouble_before(request: httpx.Request, forward: Forward) -> httpx.Response:
    """Something in between answers 503."""
    return httpx.Response(503, request=request, json={"message": "no endpoints"})


async def in_trouble_after(request: httpx.Request, forward: Forward) -> httpx.Response:
    """The server does it, and something in between answers 504."""
    await _taken(await forward(request))
    return httpx.Response(504, request=request, text="gateway time-out")


async def silent_after(request: httpx.Request, forward: Forward) -> httpx.Response:
    """The server does it, and is not heard of in time."""
    await _taken(await forward(request))
    raise httpx.ReadTimeout("silent", request=request)


async def refused_connection(request: httpx.Request, forward: Forward) -> httpx.Response:
    """Nobody listens."""
    raise httpx.ConnectError("refused", request=request)


async def trouble(source: Source, scene: Scene, what: Trouble) -> None:
    """Let *source* have that trouble with what it sends next."""
    client = await client_of(source, scene)
    client._transport = Troubled(client._transport, what)
