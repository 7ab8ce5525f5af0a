"""Where a response redirects to, and whether credentials may be sent there.

Credentials, and everything else sent with a request, go only to the same scheme, host and port, or
from http to https on the same host with default ports. Another port or a subdomain is another
server: Go's ``http.Client`` and requests are less strict. Redirects from https to http are never
followed, nor any with credentials in the URL.
"""

from typing import Final

import httpx

from opsboard.adapter import Malformed

REDIRECT_STATUSES: Final = frozenset({301, 302, 303, 307, 308})
SAME_METHOD_STATUSES: Final = frozenset({307, 308})
"""Statuses after which the request is repeated with its method and body (RFC 9110 §15.4.8,
§15.4.9).
"""
MAX_REDIRECTS: Final = 5
"""Redirects in a row that are followed."""


LOCATION_EXTENSION: Final = "opsboard.location"
"""Response extension that holds its ``Location``."""


def hide_location(response: httpx.Response) -> None:
    """Move the ``Location`` of *response* to an extension, out of httpx's sight.

    For an invalid one, httpx raises the very errors that mean that a request was never sent.
    """
    if (location := response.headers.pop("Location", None)) is not None:
        response.extensions[LOCATION_EXTENSION] = location


def location_of(response: httpx.Response) -> str:
    """Return the ``Location`` of *response*, or ``""``."""
    return str(response.extensions.get(LOCATION_EXTENSION) or response.headers.get("Location", ""))


def redirect_target(response: httpx.Response) -> httpx.URL | None:
    """Return the URL that *response* redirects to, or ``None`` where it must not be followed."""
    location = location_of(response)
    if response.status_code not in REDIRECT_STATUSES or not location:
        return None
    here = response.request.url
    try:
        there = here.join(location).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError, TypeError):
        return None
    down = here.scheme == "https" and there.scheme != "https"
    if there.scheme not in {"http", "https"} or not there.host or there.userinfo or down:
        return None
    return there


def trusted_target(response: httpx.Response) -> httpx.URL | None:
    """Return where *response* redirects to with credentials, or ``None``."""
    here, there = response.request.url, redirect_target(response)
    if there is None or not (same_origin(here, there) or _is_https_upgrade(here, there)):
        return None
    return there


def same_origin(one: httpx.URL, other: httpx.URL) -> bool:
    """Tell whether both URLs have the same scheme, host and port."""
    return (one.scheme, one.netloc) == (other.scheme, other.netloc)


def _is_https_upgrade(here: httpx.URL, there: httpx.URL) -> bool:
    """Tell whether *there* is https on the host of *here*, both at their default ports."""
    upward = (here.scheme, there.scheme) == ("http", "https")
    return upward and here.host == there.host and here.port is None and there.port is None


def too_many_redirects(request: httpx.Request) -> Malformed:
    """Return the error for redirects that lead from *request* to no answer."""
    return Malformed(
        f"{request.method} {request.url.path}: redirected more than {MAX_REDIRECTS} times",
        "is the URL that of the API?",
    )


def redirected_request(response: httpx.Response, *, reads: bool) -> httpx.Request | None:
    """Return the request to send after *response*, or ``None``.

    What may change something is never sent on. *reads* says that a POST is a search: it is sent on
    unchanged or not at all, because its query may be what makes it harmless.
    """
    request, there = response.request, trusted_target(response)
    if there is None:
        return None
    if request.method not in {"GET", "HEAD"}:
        as_it_is = response.status_code in SAME_METHOD_STATUSES and there.query == request.url.query
        if not (reads and request.method == "POST" and as_it_is):
            return None
    headers = request.headers.copy()
    headers.pop("Host", None)
    return httpx.Request(
        request.method,
        there,
        headers=headers,
        content=request.content,
        extensions=dict(request.extensions),
    )
