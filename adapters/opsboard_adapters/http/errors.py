"""Failed requests as errors that say what failed, where, and how to fix it."""

import os
import socket
import ssl
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

import httpx
import msgspec

from opsboard.adapter import (
    Forbidden,
    Malformed,
    NotFound,
    SourceError,
    Throttled,
    Unauthenticated,
    Unreachable,
)
from opsboard_adapters.http.proxy_transport import PROXY_LOGIN_HINT, proxy_hint, via_proxy
from opsboard_adapters.http.redirects import location_of

EXCERPT_CHARS: Final = 200
"""Characters of an error response that are quoted."""


NEVER_ARRIVED: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)
"""Failures before any byte of a request was sent.

A proxy error comes from ``CONNECT`` or a SOCKS handshake, which precede the request; a proxy for
plain HTTP answers with a status instead.
"""


class NotConnected(Unreachable):
    """No connection was made, so nothing of the request was sent."""


def server_of(request: httpx.Request) -> str:
    """Return which server *request* is for, and through which proxy it goes."""
    netloc = request.url.netloc.decode("ascii", "replace")
    return f"{request.url.scheme}://{netloc}{via_proxy(request)}"


def transport_error(where: str, error: Exception, request: httpx.Request) -> Unreachable:
    """Return the error for a transport failure at *where*, with a hint that fits its cause."""
    cause, kind = _root_cause(error), transport_error_class(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return kind(
            f"{where} shows a certificate that is not trusted: {cause.verify_message}",
            "name the server's CA in ca_file (in a kubeconfig: certificate-authority), "
            "or check that this is the server you mean",
        )
    if isinstance(cause, ssl.SSLError):
        return kind(f"TLS with {where} failed: {cause.reason or cause}", "is it https?")
    return kind(f"cannot reach {where}: {_describe(cause)}", proxy_hint(request, error))


def transport_error_class(error: Exception) -> type[Unreachable]:
    """Return the class for a transport failure: :class:`NotConnected` where nothing was sent."""
    return NotConnected if isinstance(error, NEVER_ARRIVED) else Unreachable


def unexpected_error(where: str, error: Exception) -> Unreachable:
    """Return the error for an exception that no HTTP library should have raised."""
    cause = _root_cause(error)
    return Unreachable(
        f"asking {where} broke off: {type(cause).__name__}: {_describe(cause)}",
        "check the URL, and the proxy settings (HTTPS_PROXY, NO_PROXY); retried automatically",
    )


def _describe(cause: BaseException) -> str:
    """Return the system's description of *cause*, without error numbers.

    A protocol error may quote all that the server has sent: it is cut.
    """
    if isinstance(cause, socket.gaierror) and cause.strerror:
        return cause.strerror
    if isinstance(cause, OSError) and cause.errno:
        return os.strerror(cause.errno)
    return _excerpt_of(str(cause) or type(cause).__name__)


def _root_cause(error: BaseException) -> BaseException:
    while (deeper := error.__cause__ or error.__context__) is not None:
        error = deeper
    return error


def status_error(response: httpx.Response, now: datetime) -> SourceError:
    """Return the error that an unexpected status stands for."""
    status = response.status_code
    request = response.request
    proxied = (
        via_proxy(request) if request.url.scheme == "http" else ""
    )  # the proxy itself may have answered
    asked_for = f"{request.method} {request.url.path}{proxied}"
    what = f"{asked_for}: {status} {response.reason_phrase}".strip()
    excerpt = _excerpt(response)
    repeats = excerpt.rstrip(".").casefold() == response.reason_phrase.casefold()
    message = f"{what}: {excerpt}" if excerpt and not repeats else what
    if status == 429:
        return Throttled(message, "wait; asking less often helps", retry_after(response, now))
    if 300 <= status < 400:
        target = (location_of(response) or "elsewhere")[:EXCERPT_CHARS]
        return Malformed(
            f"{what}: redirected to {target}",
            "is the URL that of the API? A login is taken to no other server, and a change nowhere",
        )
    error, hint = _REFUSALS.get(min(status, 500), _UNEXPECTED)
    if status in _NOT_ACCEPTED and _told(response):
        hint = "the server does not accept what it was asked for: correct the filter or the name"
    return error(message, hint)


_REFUSALS: Final[dict[int, tuple[type[SourceError], str]]] = {
    401: (Unauthenticated, "log in again, or fix the credentials in config"),
    403: (Forbidden, "ask for permission to read this, or use another login"),
    407: (Unauthenticated, PROXY_LOGIN_HINT),
    404: (NotFound, "check the name and URL in config, and that this login may see it"),
    410: (NotFound, "it existed once, and is no longer kept"),
    500: (Unreachable, "the server has an error of its own; retried automatically"),
}
_UNEXPECTED: Final[tuple[type[SourceError], str]] = (
    Malformed,
    "is the URL in config that of the API?",
)

_NOT_ACCEPTED: Final = frozenset({400, 422})
"""Statuses by which an API itself, where it says why in JSON, turns down what it was asked."""


def request_line(response: httpx.Response) -> str:
    """Return method and path of the request, such as ``GET /thing``."""
    return f"{response.request.method} {response.request.url.path}"


def _excerpt_of(said: str) -> str:
    """Return the beginning of what somebody said; what is cut off is told by an ellipsis."""
    said = said.strip()
    return said if len(said) <= EXCERPT_CHARS else f"{said[:EXCERPT_CHARS].rstrip()}..."


def looks_like_html(response: httpx.Response) -> bool:
    """Tell whether the body is a web page, whatever its declared type."""
    declared = response.headers.get("Content-Type", "")
    return "html" in declared or response.content.lstrip()[:1] == b"<"


def _excerpt(response: httpx.Response) -> str:
    if looks_like_html(response):
        return ""
    if (told := _told(response)) is not None:
        return told
    return _excerpt_of(response.content[: 8 * EXCERPT_CHARS].decode("utf-8", "replace"))


def _told(response: httpx.Response) -> str | None:
    """Return what an API says in JSON of why it does not answer; ``None`` of what is no JSON."""
    try:
        body = msgspec.json.decode(response.content)
    except (ValueError, RecursionError):
        return None
    message = body.get("message") if isinstance(body, dict) else None
    return _excerpt_of(str(message)) if message else ""


LONGEST_WAIT: Final = timedelta(hours=1)
"""A longer wait than this is never taken over from a server.

One request an hour costs nobody anything, and who has been told nonsense is back within one.
"""
_MOST_DIGITS: Final = 18
_MOST_LETTERS: Final = 100


def retry_after(response: httpx.Response, now: datetime) -> datetime | None:
    """Return when ``Retry-After`` (seconds or a date, RFC 9110 §10.2.3) allows the next request.

    The result is between *now* and :data:`LONGEST_WAIT` later; ``None`` where the header makes no
    sense.
    """
    value = response.headers.get("Retry-After", "").strip()
    seconds = parse_digits(value)
    if seconds is not None:
        return now + min(timedelta(seconds=min(seconds, 10**6)), LONGEST_WAIT)
    at = parse_http_date(value)
    return None if at is None else min(max(at, now), now + LONGEST_WAIT)


def parse_digits(text: str) -> int | None:
    """Return the number in *text*, ASCII digits only, capped at 10**18; ``None`` for anything
    else.
    """
    digits = text.strip().lstrip("0") or "0"
    if not text.strip().isdigit() or not text.strip().isascii():
        return None
    return int(digits) if len(digits) <= _MOST_DIGITS else 10**_MOST_DIGITS


def parse_http_date(text: str) -> datetime | None:
    """Return an HTTP date (RFC 9110 §5.6.7); ``None`` where it is invalid or names no zone."""
    try:
        at = parsedate_to_datetime(text[:_MOST_LETTERS])
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        return None  # the parser raises any of these for an invalid date
    return at if at.tzinfo else None
