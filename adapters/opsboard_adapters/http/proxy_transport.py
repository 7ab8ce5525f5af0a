"""The transport that sends each request through the proxy for its address, and names it in
errors.
"""

import asyncio
import os
import ssl
from typing import Any, Final

import httpx

from opsboard.adapter import Misconfigured
from opsboard_adapters.net import trust
from opsboard_adapters.net.proxies import EnvironmentProxies, Proxy, ignored_variable

PROXY_EXTENSION: Final = "opsboard.proxy"
"""Request extension that holds the :class:`Proxy` that it is sent through."""


_GREETING: Final = "socks.setup_socks5_connection"
"""httpcore's trace event for the SOCKS handshake."""


class ProxyTransport(httpx.AsyncBaseTransport):
    """Sends each request through *proxy*, or else through the proxy that the environment names.

    A redirect may lead to an address with another proxy, or none.
    """

    def __init__(
        self,
        proxy: Proxy | None,
        *,
        verify: bool | ssl.SSLContext,
        limits: httpx.Limits,
        trust_of: ssl.SSLContext | None = None,
    ) -> None:
        self._proxy = proxy
        self._environment = EnvironmentProxies(os.environ)
        self._verify = verify
        self._limits = limits
        self._trust_of_proxy = trust_of
        self._transports: dict[Proxy | None, httpx.AsyncHTTPTransport] = {}

    def proxy_for(self, url: httpx.URL) -> Proxy | None:
        """Return the proxy for *url*, or ``None``. Raises :exc:`Misconfigured` where it cannot be
        used.
        """
        if self._proxy is not None:
            return self._proxy
        return self._environment.for_address(url.scheme, url.raw_host.decode("ascii"), url.port)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        proxy = self.proxy_for(request.url)
        request.extensions[PROXY_EXTENSION] = proxy
        if proxy not in self._transports:
            self._transports[proxy] = self._open(proxy)
        way = self._transports[proxy]
        if proxy is not None and proxy.url.lower().startswith("socks"):
            return await _send_via_socks(way, request)
        return await way.handle_async_request(request)

    async def aclose(self) -> None:
        for way in self._transports.values():
            await way.aclose()

    def _open(self, proxy: Proxy | None) -> httpx.AsyncHTTPTransport:
        try:
            return httpx.AsyncHTTPTransport(
                verify=self._verify,
                limits=self._limits,
                proxy=None if proxy is None else self._httpx_proxy(proxy),
                trust_env=False,
            )
        except (httpx.InvalidURL, ValueError, ImportError) as error:
            raise Misconfigured(
                f"the proxy {proxy} cannot be used: {type(error).__name__}", "fix it, or unset it"
            ) from None

    def _httpx_proxy(self, proxy: Proxy) -> httpx.Proxy:
        url = httpx.URL(proxy.url)
        if url.scheme != "https":
            return httpx.Proxy(url)
        return httpx.Proxy(url, ssl_context=self._trust_of_proxy or trust.default_context())


async def _send_via_socks(way: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
    """Send *request*; give up on a SOCKS proxy that does not complete its handshake.

    httpcore would wait for it without limit. Raises :exc:`httpx.ConnectTimeout`.
    """
    seconds = request.extensions.get("timeout", {}).get("connect")
    own_trace = request.extensions.pop("trace", None)
    try:
        async with asyncio.timeout(None) as clock:

            async def watch(event: str, info: dict[str, Any]) -> None:
                if own_trace is not None:
                    await own_trace(event, info)
                if event == f"{_GREETING}.started" and seconds is not None:
                    clock.reschedule(asyncio.get_running_loop().time() + seconds)
                elif event == f"{_GREETING}.complete":
                    clock.reschedule(None)

            request.extensions["trace"] = watch
            return await way.handle_async_request(request)
    except TimeoutError:
        if not clock.expired():
            raise
        raise httpx.ConnectTimeout("the proxy keeps silent", request=request) from None
    finally:
        del request.extensions["trace"]
        if own_trace is not None:
            request.extensions["trace"] = own_trace


def via_proxy(request: httpx.Request) -> str:
    """Return ``" through the proxy ..."`` where *request* was sent through one, else ``""``."""
    proxy = request.extensions.get(PROXY_EXTENSION)
    return f" through the proxy {proxy}" if isinstance(proxy, Proxy) else ""


PROXY_LOGIN_HINT: Final = "give its login with the proxy: http://user:password@host:port"


def proxy_hint(request: httpx.Request, error: Exception) -> str:
    """Return what to do where *request* failed with *error* before it arrived."""
    proxy = request.extensions.get(PROXY_EXTENSION)
    if isinstance(error, httpx.ProxyError) and str(error).startswith("407"):
        return PROXY_LOGIN_HINT
    if isinstance(proxy, Proxy):
        without = f", or name {request.url.host} in NO_PROXY" if proxy.ambient else ""
        return f"is the proxy up, and may it go there? Mend or unset {proxy.named}{without}"
    if variable := ignored_variable(os.environ):
        return (
            f"check the URL and the network; {variable} is not used, as kubectl and gh have it: "
            f"set {request.url.scheme.upper()}_PROXY"
        )
    return "check the URL, the network and proxy settings (HTTPS_PROXY, NO_PROXY)"
