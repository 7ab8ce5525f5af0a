"""What the adapters that speak HTTP share: a client, and honest errors.

:func:`open_client` makes an :class:`httpx.AsyncClient` with bounded waits; :func:`send` makes one
request and turns whatever goes wrong into a :class:`~opsboard.adapter.SourceError` that says
what, where and how to mend it; :func:`read_json` refuses an answer that is no JSON object, for
instance the HTML of a login page that a proxy returned with status 200.
"""

import os
import socket
import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import httpx
from pydantic_core import from_json

from opsboard import __version__
from opsboard.adapter import (
    Forbidden,
    Malformed,
    NotFound,
    Permit,
    SourceError,
    Throttled,
    Unauthenticated,
    Unreachable,
)
from opsboard.adapter.permit import demand

SECONDS: Final = 20.0
CONNECT_SECONDS: Final = 10.0
USER_AGENT: Final = f"opsboard/{__version__}"
KEEP_ALIVE: Final = 60.0
"""Seconds that an idle connection is kept: longer than between two polls, since each handshake is
dear, and shorter than what routers forget a connection in."""
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110 §9.2.1)."""
EXCERPT: Final = 200
"""Characters of an error body that are quoted."""


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
    transport: httpx.AsyncBaseTransport | None = None,
) -> httpx.AsyncClient:
    """Return a client for *base_url*, which may have a path; proxies come from the environment.

    *seconds* is how long the server may be silent before it is given up.

    Raises :exc:`SourceError` where *ca_file* cannot be used.
    """
    return httpx.AsyncClient(
        base_url=base_url,
        headers={"User-Agent": USER_AGENT, **(headers or {})},
        auth=auth,
        verify=_trust(ca_file) if verify is True else verify,
        proxy=proxy,
        timeout=httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS)),
        limits=httpx.Limits(max_connections=max_connections, keepalive_expiry=KEEP_ALIVE),
        transport=transport,
    )


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


async def send(
    client: httpx.AsyncClient,
    request: httpx.Request,
    *,
    now: Callable[[], datetime],
    accept: frozenset[int] = frozenset({200}),
    stream: bool = False,
    reads: bool = False,
    permit: Permit | None = None,
) -> httpx.Response:
    """Return the answer to *request* if its status is in *accept*; raise SourceError otherwise.

    What may change something is sent with an open *permit* only (:exc:`NotPermitted`); *reads*
    says that a POST is a search or a review, or that a request is a dry run.
    """
    if request.method not in SAFE and not reads:
        demand(permit, f"{request.method} {request.url.path}")
    where = f"{request.url.scheme}://{request.url.netloc.decode('ascii', 'replace')}"
    try:
        response = await client.send(request, stream=stream)
    except httpx.TimeoutException:
        raise Unreachable(
            f"{where} did not answer in time", "is the server overloaded, or a firewall in between?"
        ) from None
    except httpx.HTTPError as error:
        raise unreachable(where, error) from None
    except httpx.InvalidURL as error:
        raise Unreachable(f"{where} is no usable URL: {error}", "mend the URL in config") from None
    if response.status_code in accept:
        return response
    if stream:
        await _drain(response)
    raise refusal(response, now())


async def _drain(response: httpx.Response) -> None:
    try:
        await response.aread()
    except httpx.HTTPError:
        pass
    finally:
        await response.aclose()


def unreachable(where: str, error: Exception) -> Unreachable:
    """Return the error for a transport failure at *where*, with a mend that fits its cause."""
    cause = _root_cause(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Unreachable(
            f"{where} shows a certificate that is not trusted: {cause.verify_message}",
            "name the server's CA in ca_file, or check that this is the server you mean",
        )
    if isinstance(cause, ssl.SSLError):
        return Unreachable(f"TLS with {where} failed: {cause.reason or cause}", "is it https?")
    return Unreachable(
        f"cannot reach {where}: {_said(cause)}",
        "check the URL, the network and proxy settings (HTTPS_PROXY, NO_PROXY)",
    )


def _said(cause: BaseException) -> str:
    """Return what the system says of *cause*, in its words and without its numbers."""
    if isinstance(cause, socket.gaierror) and cause.strerror:
        return cause.strerror
    if isinstance(cause, OSError) and cause.errno:
        return os.strerror(cause.errno)
    return str(cause) or type(cause).__name__


def _root_cause(error: BaseException) -> BaseException:
    while (deeper := error.__cause__ or error.__context__) is not None:
        error = deeper
    return error


def refusal(response: httpx.Response, now: datetime) -> SourceError:
    """Return the error that an unwelcome status stands for."""
    status = response.status_code
    request = response.request
    what = f"{request.method} {request.url.path}: {status} {response.reason_phrase}".strip()
    said = _excerpt(response)
    repeats = said.rstrip(".").casefold() == response.reason_phrase.casefold()
    message = f"{what}: {said}" if said and not repeats else what
    if status == 429:
        return Throttled(message, "wait; asking less often helps", retry_at(response, now))
    if 300 <= status < 400:
        target = response.headers.get("Location", "elsewhere")
        return Malformed(f"{what}: redirected to {target}", "is the URL that of the API?")
    error, mend = _REFUSALS.get(min(status, 500), _UNEXPECTED)
    return error(message, mend)


_REFUSALS: Final[dict[int, tuple[type[SourceError], str]]] = {
    401: (Unauthenticated, "log in again, or mend the credentials in config"),
    403: (Forbidden, "ask for permission to read this, or use another login"),
    404: (NotFound, "check the name and URL in config, and that this login may see it"),
    500: (Unreachable, "the server is in trouble; asked again by itself"),
}
_UNEXPECTED: Final[tuple[type[SourceError], str]] = (
    Malformed,
    "is the URL in config that of the API?",
)


def retry_at(response: httpx.Response, now: datetime) -> datetime | None:
    """Return when ``Retry-After`` (seconds or a date, RFC 9110 §10.2.3) allows the next request."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdigit():
        return now + timedelta(seconds=min(int(value), 86_400))
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return at if at.tzinfo else None


def read_json(response: httpx.Response) -> dict[str, Any]:
    """Return the JSON object in *response*. Raises :exc:`Malformed` for anything else."""
    body = _read(response)
    if not isinstance(body, dict):
        raise Malformed(f"{_asked(response)}: JSON, but no object", "is the URL that of the API?")
    return body


def read_array(response: httpx.Response) -> list[Any]:
    """Return the JSON array in *response*. Raises :exc:`Malformed` for anything else."""
    body = _read(response)
    if not isinstance(body, list):
        raise Malformed(f"{_asked(response)}: JSON, but no array", "is the URL that of the API?")
    return body


def _asked(response: httpx.Response) -> str:
    return f"{response.request.method} {response.request.url.path}"


def _read(response: httpx.Response) -> Any:
    try:
        return from_json(response.content)
    except ValueError as error:
        if looks_like_html(response):
            raise Malformed(
                f"{_asked(response)}: got a web page, not an API answer",
                "a login page or proxy is in between: check the URL, and log in to the proxy",
            ) from None
        raise Malformed(
            f"{_asked(response)}: not valid JSON ({error})", "asked again by itself"
        ) from None


def looks_like_html(response: httpx.Response) -> bool:
    """Tell whether the body is a web page, whatever its declared type."""
    declared = response.headers.get("Content-Type", "")
    return "html" in declared or response.content.lstrip()[:1] == b"<"


def _excerpt(response: httpx.Response) -> str:
    if looks_like_html(response):
        return ""
    try:
        body = from_json(response.content)
    except ValueError:
        return response.text[:EXCERPT].strip()
    message = body.get("message") if isinstance(body, dict) else None
    return str(message)[:EXCERPT] if message else ""
