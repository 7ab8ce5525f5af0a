"""What an answer says of a request that changes something: done, not done, or neither."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from opsboard.adapter import (
    Forbidden,
    Malformed,
    NotFound,
    NotSent,
    OutcomeUnknown,
    SourceError,
    Throttled,
    Unauthenticated,
    Unreachable,
)
from opsboard_adapters import http
from opsboard_adapters.http.mutations import send_mutation
from tests.adapters.http.wire import NOW, OpenPermit, answers, raw, serving

JSON = "Content-Type: application/json"
PAGE = b"<!DOCTYPE html><html><body>Sign in</body></html>"


async def _changed(client: http.BoundedClient) -> int:
    request = client.build_request("PATCH", "/x", json={})
    answer = await send_mutation(client, request, now=lambda: NOW, permit=OpenPermit())
    return answer.status_code


async def _answered(status: int, body: bytes = b'{"message": "so"}', *headers: str) -> int:
    """Send a change to a server that gives one answer; return its status."""
    answer = raw(body, JSON, *headers, status=f"{status} So")
    async with serving(answers(answer)) as client:
        return await _changed(client)


async def test_what_was_expected_was_done() -> None:
    assert await _answered(200, b"{}") == 200


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, PAGE),
        *((status, b"{}") for status in (202, 206, 299)),
        *((status, b"") for status in (300, 302, 303, 304, 305, 399)),
        *((status, b"{}") for status in (408, 444, 460, 499)),
        *((status, b"{}") for status in (500, 501, 502, 503, 504, 520, 599)),
    ],
)
async def test_what_does_not_say_so_leaves_it_open(status: int, body: bytes) -> None:
    with pytest.raises(OutcomeUnknown, match="may have been done, or not"):
        await _answered(status, body)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        *((status, SourceError) for status in (301, 307, 308, 400, 405, 409, 412, 415, 422, 451)),
        (401, Unauthenticated),
        (403, Forbidden),
        (404, NotFound),
        (429, Throttled),
    ],
)
async def test_what_the_server_has_refused_was_not_done(
    status: int, error: type[SourceError]
) -> None:
    with pytest.raises(error) as caught:
        await _answered(status)
    assert not isinstance(caught.value, OutcomeUnknown | Unreachable | Malformed), (
        "no doubt is left"
    )


def _hang_up(after: bytes) -> Callable[..., Awaitable[None]]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(after)
        writer.close()

    return answer


@pytest.mark.parametrize("after", [b"", b"HTTP/1.1 200 OK\r\n", raw(b"{", JSON, length=100)])
async def test_an_answer_that_is_cut_leaves_it_open(after: bytes) -> None:
    async with serving(_hang_up(after)) as client:
        with pytest.raises(OutcomeUnknown):
            await _changed(client)


async def test_what_never_left_was_not_done() -> None:
    async with http.open_client("http://127.0.0.1:1") as client:
        with pytest.raises(NotSent):
            await _changed(client)
