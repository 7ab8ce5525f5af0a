"""The HTTP client of an adapter: timeouts, response limits, proxies, no cookies."""

import asyncio
import ssl
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Final

import httpx

from opsboard import __version__
from opsboard.adapter import Misconfigured, SourceError
from opsboard_adapters.http.body import limit_body
from opsboard_adapters.http.decompression import ACCEPTED
from opsboard_adapters.http.limits import ResponseLimits
from opsboard_adapters.http.proxy_transport import ProxyTransport
from opsboard_adapters.http.redirects import hide_location
from opsboard_adapters.net import trust, urls
from opsboard_adapters.net.proxies import Proxy

DEFAULT_TIMEOUT: Final = 20.0
CONNECT_TIMEOUT: Final = 10.0
USER_AGENT: Final = f"opsboard/{__version__}"
KEEP_ALIVE: Final = 60.0
"""Seconds that an idle connection is kept open: longer than the pause between two polls, because
TLS handshakes are expensive, and shorter than the idle timeout of typical routers.
"""
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing on the server (RFC 9110 §9.2.1)."""
TIMEOUT_EXTENSION: Final = "opsboard.clock"
"""Request extension that holds the :class:`asyncio.Timeout` of its response."""
PATIENCE_EXTENSION: Final = "opsboard.patience"
"""Request extension with the seconds until a response must have come, where they are not those of
the client: who follows a log waits for its first line.
"""


def patience(client: httpx.AsyncClient, request: httpx.Request) -> float:
    """Return within how many seconds *request* has to be answered."""
    return float(request.extensions.get(PATIENCE_EXTENSION, limits_of_client(client).seconds))


class BoundedClient(httpx.AsyncClient):
    """An :class:`httpx.AsyncClient` that limits its responses by *response_limits*."""

    response_limits: ResponseLimits = ResponseLimits()

    async def start_timeout(self, request: httpx.Request) -> None:
        """Restart the response's timeout when the signed request is about to be sent."""
        clock = request.extensions.get(TIMEOUT_EXTENSION)
        if isinstance(clock, asyncio.Timeout):
            clock.reschedule(asyncio.get_running_loop().time() + patience(self, request))

    async def limit_response(self, response: httpx.Response) -> None:
        """Limit what can be read of *response*, and set its ``Location`` aside for
        :mod:`.redirects`.
        """
        hide_location(response)
        limit_body(response, self.response_limits)


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
    timeout: float = DEFAULT_TIMEOUT,
    response_limits: ResponseLimits | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> BoundedClient:
    """Return a client for *base_url*, which may have a path.

    Requests go through *proxy*, or else through the proxy that the environment names for each
    address. *proxy_trust* is the TLS context for an https proxy. *timeout* is how many seconds the
    server may be silent; *response_limits* bound each response. Cookies are never kept.

    Raises :exc:`~opsboard.adapter.Misconfigured` where the URL, *ca_file*, a header or a proxy of
    the environment cannot be used.
    """
    for name, value in (headers or {}).items():
        urls.check_header_value(value, f"the header {name}")
    if verify is True:
        verify = trust.default_context() if ca_file is None else trust.context_of_ca_file(ca_file)
    limits = httpx.Limits(max_connections=max_connections, keepalive_expiry=KEEP_ALIVE)
    try:
        transport = transport or _proxied(
            base_url, ProxyTransport(proxy, verify=verify, limits=limits, trust_of=proxy_trust)
        )
        client = BoundedClient(
            base_url=base_url,
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": ACCEPTED, **(headers or {})},
            auth=auth,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            trust_env=False,
            timeout=httpx.Timeout(timeout, connect=min(timeout, CONNECT_TIMEOUT)),
            transport=transport,
        )
    except SourceError:
        raise
    except Exception as error:  # a library may raise anything for an invalid URL
        raise Misconfigured(
            f"no connection can be set up: {type(error).__name__}: {error}", "check the URL"
        ) from None
    client.response_limits = response_limits or ResponseLimits()
    client.event_hooks = {"request": [client.start_timeout], "response": [client.limit_response]}
    return client


def _proxied(base_url: str, transport: ProxyTransport) -> ProxyTransport:
    """Return *transport*, after checking that the proxy for *base_url* can be used."""
    transport.proxy_for(httpx.URL(base_url))
    return transport


def limits_of_client(client: httpx.AsyncClient) -> ResponseLimits:
    """Return the response limits of *client*, or the defaults where it is not a
    :class:`BoundedClient`.
    """
    return client.response_limits if isinstance(client, BoundedClient) else ResponseLimits()
