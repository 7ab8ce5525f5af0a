"""Where an answer sends its reader, and whether the login may go there.

A login, and all else that was sent with a request, goes to the same scheme, host and port alone;
or from http to https of the same host, at the usual ports of both. From there to another port, or
to a subdomain, is to another server: Go's ``http.Client`` and requests are less strict. Nothing
goes from https back to http, and nothing is followed that would carry a login of its own.
"""

from typing import Final

import httpx

from opsboard.adapter import Malformed

REDIRECT_STATUSES: Final = frozenset({301, 302, 303, 307, 308})
SAME_METHOD_STATUSES: Final = frozenset({307, 308})
"""Statuses after which a request is to be made again as it was (RFC 9110 §15.4.8, §15.4.9)."""
MAX_REDIRECTS: Final = 5
"""Redirects that are followed, one after another."""


LOCATION_EXTENSION: Final = "opsboard.location"
"""The extension of a response that holds its ``Location``."""


def hide_location(response: httpx.Response) -> None:
    """Take the ``Location`` of *response* out of the sight of httpx.

    It raises for an odd one, by the very errors that mean that a request has never left.
    """
    if (location := response.headers.pop("Location", None)) is not None:
        response.extensions[LOCATION_EXTENSION] = location


def location_of(response: httpx.Response) -> str:
    """Return the ``Location`` that *response* came with, or ``""``."""
    return str(response.extensions.get(LOCATION_EXTENSION) or response.headers.get("Location", ""))


def redirect_target(response: httpx.Response) -> httpx.URL | None:
    """Return the web address that *response* redirects to, if any that may be followed at all."""
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
    """Return where *response* leads to with the login, or ``None``."""
    here, there = response.request.url, redirect_target(response)
    if there is None or not (same_origin(here, there) or _made_safe(here, there)):
        return None
    return there


def same_origin(one: httpx.URL, other: httpx.URL) -> bool:
    """Tell whether both are of one scheme, host and port."""
    return (one.scheme, one.netloc) == (other.scheme, other.netloc)


def _made_safe(here: httpx.URL, there: httpx.URL) -> bool:
    """Tell whether *there* is https on the host of *here*, and both are at their usual ports."""
    upward = (here.scheme, there.scheme) == ("http", "https")
    return upward and here.host == there.host and here.port is None and there.port is None


def too_many_redirects(request: httpx.Request) -> Malformed:
    """Return the error for redirects that lead from *request* to no answer."""
    return Malformed(
        f"{request.method} {request.url.path}: redirected more than {MAX_REDIRECTS} times",
        "is the URL that of the API?",
    )


def redirected_request(response: httpx.Response, *, reads: bool) -> httpx.Request | None:
    """Return the request that comes after *response*, with all that was sent, or ``None``.

    What may change something is never sent on; *reads* says of a POST that it is a search. That
    is sent on as it is, or not at all: what made it harmless may stand in its query.
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
