"""No answer takes more memory or time than it may, whatever the server does."""

import asyncio
import gc
import gzip
import tracemalloc
import zlib
from collections.abc import Callable

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsboard.adapter import Forbidden, Malformed, OutcomeUnknown, SourceError, Unreachable
from opsboard_adapters import http
from opsboard_adapters.http import mutations
from opsboard_adapters.http.decompression import PIECE_BYTES, decompress, decompressors
from tests.adapters.http.wire import (
    NOW,
    SMALL,
    Handler,
    OpenPermit,
    answers,
    drips,
    get,
    raw,
    serving,
)

GZIP = "Content-Encoding: gzip"
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "identity": bytes,
}
ZEROS = b"\0" * 3_000_000


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """Return 100 KiB of gzip that inflate to 100 MB."""
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    return b"".join([*(packer.compress(b" " * 1_000_000) for _ in range(100)), packer.flush()])


async def test_a_gzip_bomb_is_told_and_never_inflated(bomb: bytes) -> None:
    assert len(bomb) < SMALL.page
    async with serving(answers(raw(bomb, GZIP))) as client:
        tracemalloc.start()
        try:
            with pytest.raises(
                Malformed, match=r"GET /thing: the answer has more than 0\.19"
            ) as told:
                await get(client)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert "max_page_mib" in told.value.hint
    assert peak < 10 * SMALL.page


def _json_of(response: httpx.Response) -> object:
    return http.read_json(response)


@pytest.mark.parametrize("body", [b"[%s" % (b" " * 190_000), b" " * 300_000], ids=["odd", "large"])
@pytest.mark.parametrize("status", ["200 OK", "500 Internal Server Error"])
async def test_an_error_does_not_keep_the_answer_that_it_is_about(body: bytes, status: str) -> None:
    async def read(response: httpx.Response) -> object:
        return _json_of(response)

    kept: list[Exception] = []
    async with serving(answers(raw(body, status=status))) as client:
        gc.disable()
        tracemalloc.start()
        try:
            for _ in range(20):
                request = client.build_request("GET", "/thing")
                with pytest.raises(SourceError) as told:
                    await http.fetch(client, request, read, now=lambda: NOW)
                kept.append(told.value)
            size, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
            gc.enable()
    assert len(kept) == 20
    assert size < 10 * len(body)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        pytest.param(ZEROS, (), id="plain"),
        pytest.param(gzip.compress(ZEROS), (GZIP,), id="gzip"),
        pytest.param(gzip.compress(ZEROS[:150_000]) * 20, (GZIP,), id="many members"),
        pytest.param(
            gzip.compress(gzip.compress(ZEROS)), ("Content-Encoding: gzip, gzip",), id="twice"
        ),
        pytest.param(zlib.compress(ZEROS), ("Content-Encoding: deflate",), id="deflate"),
        pytest.param(b"", ("Transfer-Encoding: chunked",), id="chunked"),
    ],
)
async def test_what_is_too_large_is_refused(body: bytes, headers: tuple[str, ...]) -> None:
    answer = raw(body, *headers)
    if not body:
        chunk = b"%x\r\n%s\r\n" % (50_000, ZEROS[:50_000])
        answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk * 20
    async with serving(answers(answer)) as client:
        with pytest.raises(http.UnreadableResponse, match="the answer has more than"):
            await get(client)


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, gzip, gzip", "x" * 10_000])
async def test_a_coding_that_nobody_asked_for_is_refused(coding: str) -> None:
    async with serving(answers(raw(b"{}", f"Content-Encoding: {coding}"))) as client:
        with pytest.raises(http.UnreadableResponse, match="which was not asked for") as told:
            await get(client)
    assert len(told.value.message) < 300


async def test_only_what_can_be_bounded_is_asked_for() -> None:
    asked: list[bytes] = []

    async def note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(raw(b"{}"))

    async with serving(note) as client:
        await get(client)
    assert b"accept-encoding: gzip\r\n" in asked[0].lower()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        pytest.param(gzip.compress(b"{}")[:-9], "cut short", id="cut short"),
        pytest.param(b"no gzip", "damaged", id="damaged"),
        pytest.param(gzip.compress(b"", 9) * 1_500, "parts", id="thousands of empty members"),
    ],
)
async def test_damaged_compression_is_told(body: bytes, says: str) -> None:
    async with serving(answers(raw(body, GZIP))) as client:
        with pytest.raises((http.UnreadableResponse, Unreachable), match=says):
            await get(client)


@given(
    parts=st.lists(st.binary(max_size=200_000), max_size=4),
    cuts=st.lists(st.integers(1, 5_000), min_size=1, max_size=50),
    coding=st.sampled_from(["gzip", "deflate", "gzip, gzip", "identity", "deflate, gzip"]),
)
@settings(deadline=None, max_examples=60)
def test_what_is_inflated_is_what_was_packed(
    parts: list[bytes], cuts: list[int], coding: str
) -> None:
    packed = b"".join(parts)
    for name in coding.split(", "):
        packed = PACKERS[name](packed)
    chain, found, at = decompressors(coding, "it"), [], 0
    for number in range(len(packed)):
        cut = cuts[number % len(cuts)]
        pieces = list(decompress(packed[at : at + cut], chain))
        assert coding == "identity" or all(len(piece) <= PIECE_BYTES for piece in pieces)
        found += pieces
        at += cut
        if at >= len(packed):
            break
    assert b"".join(found) == b"".join(parts)
    assert all(one.complete for one in chain)


@pytest.mark.parametrize("wbits", [zlib.MAX_WBITS | 16, zlib.MAX_WBITS, -zlib.MAX_WBITS])
@pytest.mark.parametrize("more", [0, 1, 2, 117, 257, 258])
def test_nothing_stays_behind_where_a_piece_ends(wbits: int, more: int) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    plain = b"\0" * (2 * PIECE_BYTES + more)
    packed = packer.compress(plain) + packer.flush()
    chain = decompressors("gzip" if wbits > zlib.MAX_WBITS else "deflate", "GET /thing")
    assert b"".join(decompress(packed, chain)) == plain
    assert chain[0].complete


async def test_of_an_error_only_the_begin_is_read(bomb: bytes) -> None:
    async with serving(answers(raw(bomb, GZIP, status="403 Forbidden"))) as client:
        with pytest.raises(Forbidden, match="GET /thing: 403 Forbidden"):
            await get(client)


async def test_an_error_in_an_unknown_coding_is_still_that_error() -> None:
    answer = raw(b"???", "Content-Encoding: br", status="403 Forbidden")
    async with serving(answers(answer)) as client:
        with pytest.raises(Forbidden, match="GET /thing: 403 Forbidden"):
            await get(client)


@pytest.mark.parametrize("stream", [False, True])
async def test_who_is_asked_to_log_in_reads_no_bomb(bomb: bytes, stream: bool) -> None:
    """httpx itself reads the body of a 401 before it signs anew."""

    class Twice(httpx.Auth):
        def auth_flow(self, request: httpx.Request):  # type: ignore[no-untyped-def]
            yield request
            yield request

    refused = raw(bomb, GZIP, "Connection: close", status="401 Unauthorized")
    async with serving(answers(refused, raw(b"{}"))) as client:
        client.auth = Twice()
        tracemalloc.start()
        try:
            response = await get(client, stream=stream)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        await response.aclose()
    assert response.status_code == 200
    assert peak < 2_000_000


@pytest.mark.parametrize(
    "begin",
    [
        pytest.param(b"", id="before the status"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: ", id="in a header"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n{", id="in the body"),
    ],
)
async def test_a_drip_ends_with_the_time_of_an_answer(begin: bytes) -> None:
    bounds = http.ResponseLimits(seconds=0.3)
    async with serving(drips(begin, b"x" if begin else b"H"), bounds) as client:
        with pytest.raises(
            Unreachable, match=r"not answered GET /thing to the end within 0\.3 s"
        ) as told:
            await get(client)
    assert "answer_timeout" in told.value.hint


async def test_a_head_without_end_is_refused() -> None:
    async with serving(answers(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1_000_000)) as client:
        with pytest.raises(Unreachable):
            await get(client)


async def test_what_was_changed_is_uncertain_where_the_answer_is_unreadable(bomb: bytes) -> None:
    async with serving(answers(raw(bomb, GZIP))) as client:
        request = client.build_request("PATCH", "/thing", content=b"")
        with pytest.raises(OutcomeUnknown, match="it may have been done"):
            await mutations.send_mutation(client, request, now=lambda: NOW, permit=OpenPermit())


async def test_cookies_are_not_kept() -> None:
    async with serving(answers(raw(b"{}", "Set-Cookie: a=b"))) as client:
        await get(client)
        assert not list(client.cookies.jar)


def _hanging_up(times: int, asked: list[bytes]) -> Handler:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        if len(asked) > times:
            writer.write(raw(b"{}", "Connection: close"))

    return answer


async def test_a_get_on_a_closed_connection_is_tried_once_more() -> None:
    asked: list[bytes] = []
    async with serving(_hanging_up(1, asked)) as client:
        assert (await get(client)).status_code == 200
    assert len(asked) == 2


async def test_who_talks_nonsense_is_not_asked_again() -> None:
    asked: list[bytes] = []

    async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
        await writer.drain()
        writer.close()

    async with serving(nonsense) as client:
        with pytest.raises(Unreachable):
            await get(client)
    assert len(asked) == 1


async def test_a_get_is_not_tried_for_a_third_time() -> None:
    asked: list[bytes] = []
    async with serving(_hanging_up(5, asked)) as client:
        with pytest.raises(Unreachable, match="disconnected"):
            await get(client)
    assert len(asked) == 2


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
async def test_what_may_change_something_is_never_sent_again(method: str) -> None:
    asked: list[bytes] = []
    async with serving(_hanging_up(1, asked)) as client:
        request = client.build_request(method, "/thing", content=b"")
        with pytest.raises(OutcomeUnknown):
            await mutations.send_mutation(client, request, now=lambda: NOW, permit=OpenPermit())
    assert len(asked) == 1
