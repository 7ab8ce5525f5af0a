"""One request, and its answer: sent, read within bounds, and refused with an honest error."""

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
from opsboard_adapters.http.client import SAFE_METHODS, TIMEOUT_EXTENSION, limits_of_client
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
class _Wanted:
    """What is asked for: statuses that are welcome, the *kind* of answer, whether it only *reads*.

    A redirect that is not welcome is followed, as far as :mod:`.redirects` lets it be.
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
    """Return the answer to *request* if its status is in *accept*; raise SourceError otherwise.

    What may change something is sent with an open *permit* only (:exc:`NotPermitted`); *reads*
    says that a POST is a search or a review, or that a request is a dry run. *kind* is that of
    the answer expected, and decides how large it may be. Where it is a *stream*, the caller reads
    it (:func:`~opsboard_adapters.http.body.lines`) and closes it.
    """
    _check(request, reads=reads, permit=permit)
    if not stream:
        return await fetch(
            client, request, _itself, now=now, accept=accept, kind=kind, reads=reads, permit=permit
        )
    try:
        return await _opened(client, request, _Wanted(accept, kind, reads), now=now)
    except SourceError as error:
        raise _light(error)  # noqa: B904 - it is the same


async def _opened(
    client: httpx.AsyncClient,
    request: httpx.Request,
    wanted: _Wanted,
    *,
    now: Callable[[], datetime],
) -> httpx.Response:
    """Return the head of an answer that is welcome."""
    with MemoryReservation() as place:
        response = await _answered(client, request, wanted, place, read=False)
        if response.status_code in wanted.accept:
            return response
        raise status_error(await _answered_badly(response), now())


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
    """Return what *read* makes of the answer to *request*. Errors and arguments as :func:`send`.

    The answer counts as being in memory until *read* is through with it: decode there what may be
    large.
    """
    _check(request, reads=reads, permit=permit)
    try:
        return await _fetched(client, request, decode, _Wanted(accept, kind, reads), now=now)
    except SourceError as error:
        raise _light(error)  # noqa: B904 - it is the same


async def _fetched(
    client: httpx.AsyncClient,
    request: httpx.Request,
    read: Callable[[httpx.Response], Awaitable[T]],
    wanted: _Wanted,
    *,
    now: Callable[[], datetime],
) -> T:
    try:
        return await _made_use_of(client, request, read, wanted, now)
    except SourceError as error:
        raise lightened(error) from None


def lightened(error: SourceError) -> SourceError:
    """Return *error* without its frames: an error may be kept for long, and they hold a body."""
    one: BaseException | None = error
    while one is not None:
        one.__traceback__ = None
        one = one.__cause__ or one.__context__
    return error


async def _made_use_of(
    client: httpx.AsyncClient,
    request: httpx.Request,
    read: Callable[[httpx.Response], Awaitable[T]],
    wanted: _Wanted,
    now: Callable[[], datetime],
) -> T:
    with MemoryReservation() as place:
        response = await _answered(client, request, wanted, place)
        if response.status_code not in wanted.accept:
            raise status_error(response, now())
        return await read(response)


def _light(error: SourceError) -> SourceError:
    """Return *error* without the calls that it came by, which hold the answer that it is about.

    An error is kept for as long as its source fails, and one that is part of a cycle until the
    garbage collector looks at everything: 32 MiB a time.
    """
    one: BaseException | None = error
    while one is not None:
        one.__traceback__ = None
        one = one.__context__
    return error


async def _itself(response: httpx.Response) -> httpx.Response:
    return response


def _check(request: httpx.Request, *, reads: bool, permit: Permit | None) -> None:
    if request.method not in SAFE_METHODS and not reads:
        require_permit(permit, f"{request.method} {request.url.path}")


async def _answered(
    client: httpx.AsyncClient,
    request: httpx.Request,
    wanted: _Wanted,
    place: MemoryReservation,
    *,
    read: bool = True,
) -> httpx.Response:
    """Return the answer, be it a refusal; its head alone unless it is to be *read*."""
    seconds = limits_of_client(client).seconds
    request.extensions = {**request.extensions, KIND_EXTENSION: wanted.kind}
    try:
        async with asyncio.timeout(seconds) as clock:
            request.extensions[TIMEOUT_EXTENSION] = clock
            with place.evictable_by(clock):
                response = await _followed(client, request, wanted)
                return await _whole(response, place) if read else response
    except TimeoutError:
        raise _too_slow(request, seconds, place) from None
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
    except Exception as error:  # whatever else a library raises on the way, a proxy's port say
        raise unexpected_error(server_of(request), error) from None
    finally:
        request.extensions.pop(TIMEOUT_EXTENSION, None)


async def _followed(
    client: httpx.AsyncClient, request: httpx.Request, wanted: _Wanted
) -> httpx.Response:
    """Return the head of the answer, of the server to which others lead with the login."""
    response = await _sent(client, request)
    for _ in range(redirects.MAX_REDIRECTS):
        if response.status_code in wanted.accept:
            return response
        following = redirects.redirected_request(response, reads=wanted.reads)
        if following is None:
            return response
        await response.aclose()
        response = await _sent(client, following)
    if (
        response.status_code in redirects.REDIRECT_STATUSES
        and response.status_code not in wanted.accept
    ):
        await response.aclose()
        raise redirects.too_many_redirects(request)
    return response


async def _sent(client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
    """Return the head of the answer. What changes nothing is sent once more if need be.

    A server may close an idle connection at the moment at which a request is put on it. Nobody
    knows whether a request got there before: what may change something is never sent again.
    """
    try:
        return await client.send(request, stream=True)
    except _HUNG_UP as error:
        if request.method not in SAFE_METHODS or not _without_answer(error):
            raise
    return await client.send(request, stream=True)


def _without_answer(error: httpx.TransportError) -> bool:
    """Tell whether the peer hung up before it answered, rather than to have talked nonsense."""
    return not isinstance(error, httpx.RemoteProtocolError) or "disconnected" in str(error)


async def _whole(response: httpx.Response, place: MemoryReservation) -> httpx.Response:
    """Return *response* with its body read."""
    with BytesIO() as body:  # hands its content over without a copy, and lets go of it at once
        try:
            async for part in response.aiter_bytes():
                await place.grow(len(part))
                body.write(part)
        except UnreadableResponse:
            if response.status_code < 300:
                raise  # a refusal says enough by its status
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
        extensions=_kept(response),
    )


def _kept(response: httpx.Response) -> dict[str, Any]:
    """Return what is known of *response* beside its headers, and not of its connection."""
    names = ("reason_phrase", redirects.LOCATION_EXTENSION)
    return {name: response.extensions[name] for name in names if name in response.extensions}


async def _answered_badly(response: httpx.Response) -> httpx.Response:
    """Return *response* with as much of its body as can be had."""
    try:
        async with asyncio.timeout(_PATIENCE):
            await response.aread()
    except (httpx.HTTPError, SourceError, TimeoutError):
        return httpx.Response(
            response.status_code,
            headers=response.headers,
            request=response.request,
            extensions=_kept(response),
        )
    finally:
        await response.aclose()
    return response


_PATIENCE: Final = 5.0
"""Seconds for the reason of a refusal."""


def _too_slow(request: httpx.Request, seconds: float, place: MemoryReservation) -> SourceError:
    where, what = server_of(request), f"{request.method} {request.url.path}"
    if place.evicted:
        return Unreachable(
            f"{where} answers {what} too slowly, and others wait", "is the server overloaded?"
        )
    return Unreachable(
        f"{where} has not answered {what} to the end within {seconds:g} s",
        "is the server overloaded, or a firewall in between? answer_timeout allows more",
    )
