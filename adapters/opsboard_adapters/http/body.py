"""Response bodies within limits: bytes after decompression, and lines."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Final, cast

import httpx

from opsboard.adapter import Malformed, SourceError, Unreachable
from opsboard_adapters.http.concurrency import LoopYielder
from opsboard_adapters.http.decompression import decompress, decompressors
from opsboard_adapters.http.errors import request_line, transport_error
from opsboard_adapters.http.limits import (
    ERROR_BYTES,
    MIB,
    ResponseKind,
    ResponseLimits,
    UnreadableResponse,
)
from opsboard_adapters.http.memory import MemoryReservation
from opsboard_adapters.http.proxy_transport import via_proxy

KIND_EXTENSION: Final = "opsboard.answer"
"""Request extension that holds the expected :class:`ResponseKind`."""
MAX_LINE_BYTES: Final = 64 * 1024
"""Bytes of a log line; longer lines are truncated."""
ELLIPSIS: Final = "…".encode()


class TruncatedLine(bytes):
    """A line that was too long, up to where it was cut, and an ellipsis."""

    omitted: int
    """How many of its bytes are left out."""


def omitted_bytes(line: bytes) -> int:
    """Return how many bytes of *line* were left out when it was read: mostly none."""
    return line.omitted if isinstance(line, TruncatedLine) else 0


def limit_body(response: httpx.Response, bounds: ResponseLimits) -> None:
    """Make *response* never yield more than *bounds* allow, whoever the reader is.

    An error's body ends early; any other that is too large raises :exc:`UnreadableResponse`.
    """
    kind = ResponseKind(response.request.extensions.get(KIND_EXTENSION, ResponseKind.PAGE))
    failed = response.status_code >= 300
    what = request_line(response)
    codings = response.headers.pop("Content-Encoding", "")
    response.stream = _LimitedBody(
        cast("httpx.AsyncByteStream", response.stream),  # the client is asynchronous
        codings="" if response.request.method == "HEAD" else codings,
        most=ERROR_BYTES if failed else bounds.size(kind),
        cut=failed,
        what=what,
    )


class _LimitedBody(httpx.AsyncByteStream):
    """A body that ends (*cut*), or raises, after *most* bytes."""

    def __init__(
        self, inner: httpx.AsyncByteStream, *, codings: str, most: int | None, cut: bool, what: str
    ) -> None:
        self._inner = inner
        self._codings = codings
        self._most = most
        self._cut = cut
        self._what = what

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chain = decompressors(self._codings, self._what)
        came = size = 0
        turns = LoopYielder()
        async for chunk in self._inner:
            came += len(chunk)
            self._check(came)
            await turns.processed(0)
            for piece in decompress(chunk, chain):
                size += len(piece)
                if self._cut and self._most is not None and size >= self._most:
                    yield piece[: len(piece) - (size - self._most)]
                    return
                self._check(size)
                yield piece
                await turns.processed(len(piece))
        if not all(one.complete for one in chain):
            raise Unreachable(f"{self._what}: the answer was cut short", "retried automatically")

    def _check(self, size: int) -> None:
        if self._most is not None and size > self._most and not self._cut:
            raise too_large(self._what, self._most)

    async def aclose(self) -> None:
        await self._inner.aclose()


def too_large(what: str, most: int) -> SourceError:
    """Return the error for a response of more than *most* bytes."""
    return UnreadableResponse(
        f"{what}: the answer has more than {most / MIB:,.3g} MiB",
        "is the URL that of the API? max_page_mib, max_object_mib and max_log_mib allow more",
    )


async def iter_lines(
    response: httpx.Response,
    *,
    max_bytes: int,
    truncate: bool,
    idle_timeout: float | None,
    total_seconds: float | None = None,
) -> AsyncGenerator[bytes, None]:
    """Yield the lines of an open *response*, without their line ends. Only LF ends a line.

    A line of more than *max_bytes* is a :class:`TruncatedLine`, or raises :exc:`Malformed` without
    *truncate*. Raises :exc:`Unreachable` where no line is completed for *idle_timeout* seconds,
    where the whole takes more than *total_seconds*, and where the connection breaks.
    """
    what = request_line(response)
    loop = asyncio.get_running_loop()
    end = None if total_seconds is None else loop.time() + total_seconds
    splitter = LineSplitter(max_bytes, cut=truncate, what=what)
    chunks = response.aiter_bytes()
    turns = LoopYielder()
    with MemoryReservation() as reservation:
        due = _earlier(end, idle_timeout)
        while True:
            try:
                async with asyncio.timeout_at(due) as clock:
                    with reservation.evictable_by(clock):
                        chunk = await anext(chunks, None)
                        await reservation.grow(len(chunk or b""))
            except TimeoutError:
                raise _too_slow(what, reservation) from None
            except httpx.HTTPError as error:
                raise transport_error(
                    f"{what}{via_proxy(response.request)}", error, response.request
                ) from None
            if chunk is None:
                break
            whole = splitter.split(chunk)
            if whole:
                reservation.reset()
                due = _earlier(end, idle_timeout)
            for line in whole:
                yield line
                await turns.processed(len(line))
    if (rest := splitter.rest()) is not None:
        yield rest


def _earlier(end: float | None, silence: float | None) -> float | None:
    now = asyncio.get_running_loop().time()
    times = [at for at in (end, None if silence is None else now + silence) if at is not None]
    return min(times, default=None)


def _too_slow(what: str, reservation: MemoryReservation) -> SourceError:
    said = (
        "the answer is too slow, and others wait" if reservation.evicted else "it has fallen silent"
    )
    return Unreachable(f"{what}: {said}", "is the server overloaded, or a firewall in between?")


class LineSplitter:
    """Splits chunks into lines, and buffers at most one line."""

    def __init__(self, longest: int, *, cut: bool, what: str) -> None:
        self._longest = longest
        self._cut = cut
        self._what = what
        self._begun = bytearray()
        self._dropped = 0

    def split(self, chunk: bytes) -> list[bytes]:
        """Return the lines that end in *chunk*."""
        first, *others = chunk.split(b"\n")
        self._add(first)
        if not others:
            return []
        found = [self._take()]
        *whole, last = others
        for line in whole:
            self._add(line)
            found.append(self._take())
        self._add(last)
        return found

    def rest(self) -> bytes | None:
        """Return the last line where no LF ends it."""
        return self._take() if self._begun else None

    def _add(self, part: bytes) -> None:
        room = self._longest - len(self._begun)
        if len(part) > room and not self._cut:
            self._begun.clear()  # the error may be kept, and its traceback with this buffer
            raise Malformed(
                f"{self._what}: a line of more than {self._longest / MIB:,.3g} MiB",
                "is the URL that of the API?",
            )
        self._begun += part[: max(room, 0)]
        self._dropped += max(len(part) - max(room, 0), 0)

    def _take(self) -> bytes:
        line = bytes(self._begun)
        if self._dropped:
            whole = line.decode("utf-8", "ignore").encode()
            line = TruncatedLine(whole + ELLIPSIS)
            line.omitted = self._dropped + len(self._begun) - len(whole)
        self._begun.clear()
        self._dropped = 0
        return line if isinstance(line, TruncatedLine) else line.removesuffix(b"\r")
