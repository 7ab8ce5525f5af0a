"""Requests that change something: sent once, and honest about an answer that did not come."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import httpx

from opsboard.adapter import Permit, Uncertain, Unreachable
from opsboard_adapters import http

NEVER_ARRIVED: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)
"""Failures before anything of a request has been sent."""


async def change(
    client: httpx.AsyncClient,
    request: httpx.Request,
    *,
    now: Callable[[], datetime],
    permit: Permit,
    accept: frozenset[int] = frozenset({200}),
) -> httpx.Response:
    """Return the answer to *request*, which changes something, if its status is in *accept*.

    Raises :exc:`Uncertain` where it may have arrived and there is no answer that can be read, or a
    5xx, which says nothing of what was done before it. Any other error means that nothing was done.
    """
    try:
        return await http.send(
            client, request, now=now, accept=accept, kind=http.Answer.OBJECT, permit=permit
        )
    except (Unreachable, http.Unreadable) as error:
        if isinstance(error.__context__, NEVER_ARRIVED):
            raise
        raise Uncertain(
            f"it may have been done, or not: {error.message}", "look at it before you try again"
        ) from None
