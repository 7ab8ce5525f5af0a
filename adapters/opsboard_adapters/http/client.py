"""A client with bounded waits and bounded answers."""

import asyncio
import ssl
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Final

import httpx

from opsboard import __version__
from opsboard.adapter import Unreachable
from opsboard_adapters.http.bounds import Bounds
from opsboard_adapters.http.inflating import ACCEPTED
from opsboard_adapters.http.reading import bind

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
        """Bound what can be read of *response*."""
        bind(response, self.bounds)


def open_client(
    base_url: str,
    *,
    headers: dict[str, str] | None = None,
    auth: httpx.Auth | tuple[str, str] | None = None,
    ca_file: Path | None = None,
    verify: bool | ssl.SSLContext = True,
    proxy: str | None = None,
    max_connections: int | None = 10,
    seconds: float = SECONDS,
    bounds: Bounds | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Client:
    """Return a client for *base_url*, which may have a path; proxies come from the environment.

    *seconds* is how long the server may be silent before it is given up, *bounds* what it may
    answer at most. Cookies are never kept.

    Raises :exc:`SourceError` where *ca_file* cannot be used.
    """
    client = Client(
        base_url=base_url,
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": ACCEPTED, **(headers or {})},
        auth=auth,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        verify=_trust(ca_file) if verify is True else verify,
        proxy=proxy,
        timeout=httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS)),
        limits=httpx.Limits(max_connections=max_connections, keepalive_expiry=KEEP_ALIVE),
        transport=transport,
    )
    client.bounds = bounds or Bounds()
    client.event_hooks = {"request": [client.wind], "response": [client.bind]}
    return client


def bounds_of_client(client: httpx.AsyncClient) -> Bounds:
    """Return the bounds of *client*, the usual ones where it has none of its own."""
    return client.bounds if isinstance(client, Client) else Bounds()


@cache
def _usual_trust() -> ssl.SSLContext:
    """Return the context that trusts the usual authorities: reading them takes a while."""
    return httpx.create_ssl_context()


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    if ca_file is None:
        return _usual_trust()
    try:
        return ssl.create_default_context(cafile=str(ca_file.expanduser()))
    except (OSError, ssl.SSLError) as error:
        raise Unreachable(
            f"cannot use the CA file {ca_file}: {error.strerror or error}",
            "name a readable file with PEM certificates in ca_file",
        ) from None
