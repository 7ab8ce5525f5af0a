"""Send one request and read its response within limits; every failure becomes a clear error."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Final, TypeVar

import httpx

from opsboard.adapter import Permit, SourceError, Unreachable
from opsboard.adapter.permit import require_permit
from opsboard_adapters.http import redirects
from opsboard_adapters.http.body import KIND_EXTENSION
from opsboard_adapters.http.client import SAFE_METHODS, TIMEOUT_EXTENSION, patience
from opsboard_adapters.http.errors import (
    NotConnected,
    server_of,
    status_error,
    transport_error,
    transport_error_class,
    unexpected_error,
)
from opsboard_adapters.http.limits import ResponseKind, UnreadableResponse
from opsboard_adapters.http.memory import MemoryReservation

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Expected:
    """What is expected: *accept*-ed statuses, the *kind* of response, and whether the request only
    *reads*.

    A redirect whose status is not accepted is followed as far as :mod:`.redirects` allows.
    """

    accept: frozenset[int]
    kind: ResponseKind
    reads: bool


OK: Final = frozenset({200})
_HUNG_UP: Final = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)


async def send(
    client: httpx.AsyncClient,
    request: httpx.Request,
    *,
    now: Callable[[], datetime],
    accept: frozenset[int] = OK,
    stream: bool = False,
    kind: ResponseKind = ResponseKind.PAGE,
    reads: bool = False,
    permit: Permit | None = None,
) -> httpx.Response:
    """Return the response to *request* if its status is in *accept*; raise SourceError otherwise.

    Requests that may change something need an open *permit* (:exc:`NotPermitted` without). *reads*
    says that a POST is a search or a review, or that a request is a dry run. *kind* decides how
    large the response may be. With *stream*, the caller reads the body
    (:func:`~opsboard_adapters.http.body.iter_lines`) and closes it.
    """
    _check(request, reads=reads, permit=permit)
    if not stream:
        return await fetch(
            client, request, _itself, now=now, accept=accept, kind=kind, reads=reads, permit=permit
        )
    try:
        return await _opened(client, request, _Expected(accept, kind, reads), now=now)
    except SourceError as error:
        raise without_traceback(error)  # noqa: B904 - it is the same


async def _opened(
    client: httpx.AsyncClient,
    request: httpx.Request,
    expected: _Expected,
    *,
    now: Callable[[], datetime],
) -> httpx.Response:
    """Return the open response, with its body still to be read."""
    with MemoryReservation() as reservation:
        response = await _answered(client, request, expected, reservation, read=False)
        if response.status_code in expected.accept:
            return response
        raise status_error(await _read_error(response), now())


async def fetch(
    client: httpx.AsyncClient,
    request: httpx.Request,
    decode: Callable[[httpx.Response], Awaitable[T]],
    *,
    now: Callable[[], datetime],
    accept: frozenset[int] = OK,
    kind: ResponseKind = ResponseKind.PAGE,
    reads: bool = False,
    permit: Permit | None = None,
) -> T:
    """Return what *decode* makes of the response to *request*. Errors and arguments as for
    :func:`send`.

    The response counts towards the memory limit until *decode* is done: decode large responses
    there.
    """
    _check(request, reads=reads, permit=permit)
    try:
        return await _decoded(client, request, decode, _Expected(accept, kind, reads), now)
    except SourceError as error:
        raise without_traceback(error)  # noqa: B904 - it is the same


async def _decoded(
    client: httpx.AsyncClient,
    request: httpx.Request,
    read: Callable[[httpx.Response], Awaitable[T]],
    expected: _Expected,
    now: Callable[[], datetime],
) -> T:
    with MemoryReservation() as reservation:
        response = await _answered(client, request, expected, reservation)
        if response.status_code not in expected.accept:
            raise status_error(response, now())
        return await read(response)


def without_traceback(error: SourceError) -> SourceError:
    """Return *error* without its tracebacks, whose frames keep the response in memory.

    An error is kept for as long as its source fails, and one in a reference cycle until the next
    full garbage collection: up to 32 MiB each.
    """
    one: BaseException | None = error
    while one is not None:
        one.__traceback__ = None
        one = one.__cause__ or one.__context__
    return error


async def _itself(response: httpx.Response) -> httpx.Response:
    return response


def _check(request: httpx.Request, *, reads: bool, permit: Permit | None) -> None:
    if request.method not in SAFE_METHODS and not reads:
        require_permit(permit, f"{request.method} {request.url.path}")


async def _answered(
    client: httpx.AsyncClient,
    request: httpx.Request,
    expected: _Expected,
    reservation: MemoryReservation,
    *,
    read: bool = True,
) -> httpx.Response:
    """Return the response, of any status; without its body unless *read*."""
    seconds = patience(client, request)
    request.extensions = {**request.extensions, KIND_EXTENSION: expected.kind}
    try:
        async with asyncio.timeout(seconds) as clock:
            request.extensions[TIMEOUT_EXTENSION] = clock
            with reservation.evictable_by(clock):
                response = await _followed(client, request, expected)
                return await _whole(response, reservation) if read else response
    except TimeoutError:
        raise _too_slow(request, seconds, reservation) from None
    except httpx.TimeoutException as error:
        raise transport_error_class(error)(
            f"{server_of(request)} did not answer in time",
            "is the server overloaded, or a firewall in between?",
        ) from None
    except httpx.HTTPError as error:
        raise transport_error(server_of(request), error, request) from None
    except SourceError:
        raise
    except httpx.InvalidURL as error:
        raise NotConnected(
            f"{server_of(request)} is no usable URL: {error}", "fix the URL in config"
        ) from None
    except Exception as error:  # a library may raise anything, for instance for a proxy's port
        raise unexpected_error(server_of(request), error) from None
    finally:
        request.extensions.pop(TIMEOUT_EXTENSION, None)


async def _followed(
    client: httpx.AsyncClient, request: httpx.Request, expected: _Expected
) -> httpx.Response:
    """Return the response without its body, after trusted redirects."""
    response = await _sent(client, request)
    for _ in range(redirects.MAX_REDIRECTS):
        if response.status_code in expected.accept:
            return response
        following = redirects.redirected_request(response, reads=expected.reads)
        if following is None:
            return response
        await response.aclose()
        response = await _sent(client, following)
    if (
        response.status_code in redirects.REDIRECT_STATUSES
        and response.status_code not in expected.accept
    ):
        await response.aclose()
        raise redirects.too_many_redirects(request)
    return response


async def _sent(client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
    """Return the response without its body. Safe requests are sent once more if needed.

    A server may close an idle connection at the moment a request is written to it. Nobody knows
    whether the request arrived, so one that may change something is never sent twice.
    """
    try:
        return await client.send(request, stream=True)
    except _HUNG_UP as error:
        if request.method not in SAFE_METHODS or not _without_answer(error):
            raise
    return await client.send(request, stream=True)


def _without_answer(error: httpx.TransportError) -> bool:
    """Tell whether the server closed the connection before it answered, instead of answering
    nonsense.
    """
    return not isinstance(error, httpx.RemoteProtocolError) or "disconnected" in str(error)


async def _whole(response: httpx.Response, reservation: MemoryReservation) -> httpx.Response:
    """Return *response* with its body read."""
    with BytesIO() as body:  # returns its content without a copy
        try:
            async for part in response.aiter_bytes():
                await reservation.grow(len(part))
                body.write(part)
        except UnreadableResponse:
            if response.status_code < 300:
                raise  # the status of an error says enough
        finally:
            await response.aclose()
        content = body.getvalue()
    headers = response.headers.copy()
    for name in ("Content-Length", "Transfer-Encoding"):
        headers.pop(name, None)
    return httpx.Response(
        response.status_code,
        headers=headers,
        content=content,
        request=response.request,
        extensions=_extensions_of(response),
    )


def _extensions_of(response: httpx.Response) -> dict[str, Any]:
    """Return the extensions of *response* that are needed later: not those of its connection."""
    names = ("reason_phrase", redirects.LOCATION_EXTENSION)
    return {name: response.extensions[name] for name in names if name in response.extensions}


async def _read_error(response: httpx.Response) -> httpx.Response:
    """Return an error *response* with as much of its body as arrives in time."""
    try:
        async with asyncio.timeout(_ERROR_BODY_SECONDS):
            await response.aread()
    except (httpx.HTTPError, SourceError, TimeoutError):
        return httpx.Response(
            response.status_code,
            headers=response.headers,
            request=response.request,
            extensions=_extensions_of(response),
        )
    finally:
        await response.aclose()
    return response


_ERROR_BODY_SECONDS: Final = 5.0
"""Seconds for the body of an error response."""


def _too_slow(
    request: httpx.Request, seconds: float, reservation: MemoryReservation
) -> SourceError:
    where, what = server_of(request), f"{request.method} {request.url.path}"
    if reservation.evicted:
        return Unreachable(
            f"{where} answers {what} too slowly, and others wait", "is the server overloaded?"
        )
    return Unreachable(
        f"{where} has not answered {what} to the end within {seconds:g} s",
        "is the server overloaded, or a firewall in between? answer_timeout allows more",
    )
