"""A client with bounded waits and bounded answers."""

import asyncio
import ssl
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Final

import httpx

from opsboard import __version__
from opsboard.adapter import Misconfigured, SourceError
from opsboard_adapters import endpoints, trust
from opsboard_adapters.http.bounds import Bounds
from opsboard_adapters.http.inflating import ACCEPTED
from opsboard_adapters.http.proxied import Proxied
from opsboard_adapters.http.reading import bind
from opsboard_adapters.http.redirects import put_aside
from opsboard_adapters.proxies import Proxy

SECONDS: Final = 20.0
CONNECT_SECONDS: Final = 10.0
USER_AGENT: Final = f"opsboard/{__version__}"
KEEP_ALIVE: Final = 60.0
"""Seconds that an idle connection is kept: longer than between two polls, since each handshake is
dear, and shorter than what routers forget a connection in."""
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110 §9.2.1)."""
CLOCK: Final = "opsboard.clock"
"""The extension of a request that holds the :class:`asyncio.Timeout` of its answer."""


class Client(httpx.AsyncClient):
    """A client that knows the *bounds* of the answers that it gets."""

    bounds: Bounds = Bounds()

    async def wind(self, request: httpx.Request) -> None:
        """Let the time of an answer begin now, when its request is signed and sent."""
        clock = request.extensions.get(CLOCK)
        if isinstance(clock, asyncio.Timeout):
            clock.reschedule(asyncio.get_running_loop().time() + self.bounds.seconds)

    async def bind(self, response: httpx.Response) -> None:
        """Bound what can be read of *response*, and keep its redirect for :mod:`.redirects`."""
        put_aside(response)
        bind(response, self.bounds)


def open_client(
    base_url: str,
    *,
    headers: dict[str, str] | None = None,
    auth: httpx.Auth | tuple[str, str] | None = None,
    ca_file: Path | None = None,
    verify: bool | ssl.SSLContext = True,
    proxy: Proxy | None = None,
    proxy_trust: ssl.SSLContext | None = None,
    max_connections: int | None = 10,
    seconds: float = SECONDS,
    bounds: Bounds | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Client:
    """Return a client for *base_url*, which may have a path.

    It goes through *proxy*, or else through what the environment names for each address; a proxy
    that speaks TLS is trusted by *proxy_trust*, else as all servers are.
    *seconds* is how long the server may be silent before it is given up, *bounds* what it may
    answer at most. Cookies are never kept.

    Raises :exc:`~opsboard.adapter.Misconfigured` where URL, *ca_file*, a header, or a proxy of the
    environment cannot be used.
    """
    for name, value in (headers or {}).items():
        endpoints.header_value(value, f"the header {name}")
    if verify is True:
        verify = trust.usual() if ca_file is None else trust.of_file(ca_file)
    limits = httpx.Limits(max_connections=max_connections, keepalive_expiry=KEEP_ALIVE)
    try:
        transport = transport or _proxied(
            base_url, Proxied(proxy, verify=verify, limits=limits, trust_of=proxy_trust)
        )
        client = Client(
            base_url=base_url,
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": ACCEPTED, **(headers or {})},
            auth=auth,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            trust_env=False,
            timeout=httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS)),
            transport=transport,
        )
    except SourceError:
        raise
    except Exception as error:  # whatever a library makes of an odd URL
        raise Misconfigured(
            f"no connection can be set up: {type(error).__name__}: {error}", "check the URL"
        ) from None
    client.bounds = bounds or Bounds()
    client.event_hooks = {"request": [client.wind], "response": [client.bind]}
    return client


def _proxied(base_url: str, transport: Proxied) -> Proxied:
    """Return *transport*; an odd proxy for *base_url* is told before anything is asked."""
    transport.proxy_for(httpx.URL(base_url))
    return transport


def bounds_of_client(client: httpx.AsyncClient) -> Bounds:
    """Return the bounds of *client*, the usual ones where it has none of its own."""
    return client.bounds if isinstance(client, Client) else Bounds()
