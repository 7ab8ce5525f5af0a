"""Lines of a log or a watch: ended by LF alone, never too long, never a wait without end."""

import asyncio
import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsboard.adapter import Malformed, Unreachable
from opsboard_adapters import http
from opsboard_adapters.http.body import ELLIPSIS, LineSplitter
from tests.adapters.http.wire import Handler, answers, drips, get, raw, serving

GZIP = "Content-Encoding: gzip"


async def _lines(
    handler: Handler,
    *,
    longest: int = 100,
    cut: bool = True,
    silence: float = 5,
    seconds: float | None = None,
    kind: http.ResponseKind = http.ResponseKind.STREAM,
) -> list[bytes]:
    async with serving(handler) as client:
        response = await get(client, kind, stream=True)
        try:
            found = http.iter_lines(
                response,
                max_bytes=longest,
                truncate=cut,
                idle_timeout=silence,
                total_seconds=seconds,
            )
            return [line async for line in found]
        finally:
            await response.aclose()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", []),
        (b"a\nb\n", [b"a", b"b"]),
        (b"a\r\nb", [b"a", b"b"]),
        (b"\n\n", [b"", b""]),
        ("a\u2028b\u0085c\x0bd\x0ce\rf\n".encode(), ["a\u2028b\u0085c\x0bd\x0ce\rf".encode()]),
        (b"x" * 100 + b"\ny\n", [b"x" * 100, b"y"]),
        (b"x" * 101 + b"\ny\n", [b"x" * 100 + ELLIPSIS, b"y"]),
        ("ä".encode() * 80 + b"\n", ["ä".encode() * 50 + ELLIPSIS]),
        (b"x" + "ä".encode() * 80, [b"x" + "ä".encode() * 49 + ELLIPSIS]),
    ],
)
async def test_lines(body: bytes, expected: list[bytes]) -> None:
    assert await _lines(answers(raw(body))) == expected
    assert await _lines(answers(raw(gzip.compress(body), GZIP))) == expected


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=300)),
    st.integers(1, 50),
)
@settings(deadline=None)
def test_however_the_text_is_cut_into_chunks(texts: list[str], step: int) -> None:
    whole = "".join(f"{text}\n" for text in texts).encode()
    splitter = LineSplitter(40, cut=True, what="it")
    found = [
        line for at in range(0, len(whole), step) for line in splitter.split(whole[at : at + step])
    ]
    assert splitter.rest() is None
    assert len(found) == len(texts)
    for line, text in zip(found, texts, strict=True):
        told = text.encode()
        if len(told) > 40:
            assert line.endswith(ELLIPSIS)
            assert told.startswith(line.removesuffix(ELLIPSIS))
        else:
            assert line == told.removesuffix(b"\r")


async def test_a_line_without_end_takes_no_memory_and_ends() -> None:
    with pytest.raises(Malformed, match="more than"):
        await _lines(drips(raw(length=10**12), b"x" * 100_000), kind=http.ResponseKind.LOG)


async def test_an_event_that_is_too_long_is_a_fault() -> None:
    with pytest.raises(Malformed, match="a line of more than"):
        await _lines(answers(raw(b"x" * 101)), cut=False)


async def test_a_line_that_drips_is_silence() -> None:
    """Bytes alone are no sign of life: only lines are."""
    with pytest.raises(Unreachable, match="GET /thing: it has fallen silent"):
        await _lines(drips(raw(length=10**9), b"x"), silence=0.3)


async def test_all_of_a_log_has_its_time_too() -> None:
    with pytest.raises(Unreachable):
        await _lines(drips(raw(length=10**9), b"line\n"), seconds=0.3)


async def test_a_connection_that_breaks_is_told() -> None:
    with pytest.raises(Unreachable, match="cannot reach"):
        await _lines(answers(raw(b"a\nb", length=100)))


async def test_what_came_before_a_fault_is_kept() -> None:
    async with serving(answers(raw(b"a\nb", length=100))) as client:
        response = await get(client, http.ResponseKind.STREAM, stream=True)
        found = http.iter_lines(response, max_bytes=10, truncate=True, idle_timeout=5)
        assert await anext(found) == b"a"
        with pytest.raises(Unreachable):
            await anext(found)
        await response.aclose()
    await asyncio.sleep(0)
