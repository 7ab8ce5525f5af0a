"""However small the pieces of an answer are, the others of the loop have their turn in between."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable
from contextlib import suppress
from typing import Any

import httpx
import pytest

from opsboard_adapters import http
from opsboard_adapters.http.body import limit_body
from opsboard_adapters.http.concurrency import MAX_PIECES_PER_TURN, LoopYielder
from opsboard_adapters.http.decoding import JsonStruct, decode_each
from opsboard_adapters.listing.completeness import SkippedRecords

MANY = 5_000


class _Arrived(httpx.AsyncByteStream):
    """A body of which all has come already: reading it waits for nothing."""

    def __init__(self, *chunks: bytes) -> None:
        self._chunks = chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk


class Record(JsonStruct, frozen=True):
    """Whatever it is."""

    name: str = ""


def _response(*chunks: bytes, coding: str = "identity") -> httpx.Response:
    request = httpx.Request("GET", "http://server/thing")
    headers = {"Content-Encoding": coding}
    response = httpx.Response(200, headers=headers, stream=_Arrived(*chunks), request=request)
    limit_body(response, http.ResponseLimits())
    return response


async def _turns_beside(work: Awaitable[Any]) -> int:
    """Return how many turns another task has had while *work* was done."""
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    task = asyncio.create_task(other())
    await asyncio.sleep(0)
    await work
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return turns


async def _lines_of(response: httpx.Response) -> None:
    async for _ in http.iter_lines(response, max_bytes=100, truncate=True, idle_timeout=None):
        pass


@pytest.mark.parametrize("chunk", [b"x", b""])
async def test_a_body_in_chunks_of_a_byte(chunk: bytes) -> None:
    response = _response(*[chunk] * MANY)
    assert await _turns_beside(response.aread()) >= MANY // MAX_PIECES_PER_TURN - 1


async def test_chunks_that_inflate_to_nothing() -> None:
    nothing = gzip.compress(b"") * 500
    response = _response(*(nothing[at : at + 1] for at in range(len(nothing))), coding="gzip")
    assert await _turns_beside(response.aread()) >= len(nothing) // MAX_PIECES_PER_TURN - 1
    assert response.content == b""


async def test_lines_without_letters() -> None:
    response = _response(b"\n" * MANY)
    assert await _turns_beside(_lines_of(response)) >= MANY // MAX_PIECES_PER_TURN - 1


@pytest.mark.parametrize("item", [b"{}", b"5"], ids=["good", "odd"])
async def test_records_without_content(item: bytes) -> None:
    work = decode_each(
        [item] * MANY, Record, SkippedRecords("scope"), lambda _, number: f"{number}"
    )
    assert await _turns_beside(work) >= MANY // MAX_PIECES_PER_TURN - 1


async def test_large_pieces_count_by_their_size() -> None:
    turns = LoopYielder(max_bytes=10)

    async def work() -> None:
        for _ in range(MANY):
            await turns.processed(11)

    assert await _turns_beside(work()) >= MANY - 1
