"""Requests that change something: sent once, and honest about a response that did not come.

What a response says about the request (RFC 9110 §15):

- an expected 2xx: it was done. A web page instead comes from a proxy and says nothing, and neither
  does a 2xx that was not expected.
- 301, 307, 308: it was not done here. Any other redirect may come after it was done.
- 4xx: it was not done, except for those by which a proxy says that its own wait timed out.
- 5xx, or no response: it may have been done.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import httpx

from opsboard.adapter import (
    Malformed,
    NotSent,
    OutcomeUnknown,
    Permit,
    SourceError,
    Unreachable,
)
from opsboard_adapters import http

_ANY: Final = frozenset(range(100, 600))
_MOVED: Final = frozenset({301, 307, 308})
_PROXY_TIMEOUTS: Final = frozenset({408, 444, 460, 499})
"""408 Request Timeout, and codes of nginx and AWS load balancers for a connection that was closed
early.
"""


async def send_mutation(
    client: httpx.AsyncClient,
    request: httpx.Request,
    *,
    now: Callable[[], datetime],
    permit: Permit,
    accept: frozenset[int] = frozenset({200}),
) -> httpx.Response:
    """Send *request*, which changes something; return the response if its status is in *accept*.

    Raises :exc:`OutcomeUnknown` where it may have been done and the response does not say so, and
    :exc:`NotSent` where nothing was sent. Any other error means that the server refused it.
    """
    try:
        response = await http.send(
            client, request, now=now, accept=_ANY, kind=http.ResponseKind.OBJECT, permit=permit
        )
    except http.NotConnected as error:
        raise NotSent(error.message, error.hint) from None
    except (Unreachable, http.UnreadableResponse) as error:
        raise _uncertain(error) from None
    status = response.status_code
    if _leaves_open(response, expected=status in accept):
        raise _uncertain(http.status_error(response, now()))
    if status in accept:
        return response
    raise definite_refusal(http.status_error(response, now()))


def _leaves_open(response: httpx.Response, *, expected: bool) -> bool:
    """Tell whether *response* leaves open if the request was done."""
    status = response.status_code
    if response.is_success:
        return not expected or http.looks_like_html(response)
    if 400 <= status < 500:
        return status in _PROXY_TIMEOUTS
    return status not in _MOVED


def definite_refusal(error: SourceError) -> SourceError:
    """Return *error*, by which a server refused a change, as one that leaves no doubt."""
    in_doubt = isinstance(error, Unreachable | Malformed) and not isinstance(error, NotSent)
    return SourceError(error.message, error.hint, error.until) if in_doubt else error


def _uncertain(error: SourceError) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"it may have been done, or not: {error.message}", "look at it before you try again"
    )
