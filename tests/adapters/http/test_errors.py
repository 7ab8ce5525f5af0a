"""Whatever a server or a network does wrong, the user reads what, where and how to fix it."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import trustme

from opsboard.adapter import (
    Forbidden,
    Malformed,
    Misconfigured,
    NotFound,
    SourceError,
    Throttled,
    Unauthenticated,
    Unreachable,
)
from opsboard_adapters import http

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def _server(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    server = await asyncio.start_server(handler, "127.0.0.1", 0, ssl=tls)
    async with server:
        scheme = "https" if tls else "http"
        yield f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def _answers(raw: bytes) -> Handler:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        await writer.drain()
        writer.close()

    return answer


def _raw(status: str, body: bytes = b"", *headers: str, length: int | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}"]
    return "\r\n".join([*lines, *headers, "", ""]).encode() + body


async def _get(handler: Handler) -> httpx.Response:
    async with _server(handler) as url, http.open_client(url) as client:
        return await http.send(client, client.build_request("GET", "/thing"), now=lambda: NOW)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("401 Unauthorized", Unauthenticated),
        ("403 Forbidden", Forbidden),
        ("404 Not Found", NotFound),
        ("429 Too Many Requests", Throttled),
        ("500 Internal Server Error", Unreachable),
        ("503 Service Unavailable", Unreachable),
        ("302 Found", Malformed),
        ("418 I'm a teapot", Malformed),
    ],
)
async def test_refusals(status: str, error: type[SourceError]) -> None:
    with pytest.raises(error) as caught:
        await _get(_answers(_raw(status, b'{"message": "because"}')))
    assert f"GET /thing: {status}" in caught.value.message
    assert "because" in caught.value.message or status.startswith("302")
    assert caught.value.hint


@pytest.mark.parametrize(
    ("body", "hint"),
    [(b'{"message": "no such comparator"}', "correct the filter"), (b"<p>no", "URL in config")],
)
async def test_a_question_that_the_api_turns_down_is_not_laid_to_the_url(
    body: bytes, hint: str
) -> None:
    with pytest.raises(Malformed) as caught:
        await _get(_answers(_raw("400 Bad Request", body)))
    assert hint in caught.value.hint


async def test_a_page_as_error_body_is_not_quoted() -> None:
    body = b"<html><body>Sign in to Example</body></html>"
    with pytest.raises(Unauthenticated) as caught:
        await _get(_answers(_raw("401 Unauthorized", body, "Content-Type: text/html")))
    assert "Sign in" not in caught.value.message


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("30", NOW + timedelta(seconds=30)),
        ("Thu, 15 Jan 2026 09:01:00 GMT", NOW + timedelta(minutes=1)),
        ("soon", None),
        ("99999999999", NOW + timedelta(hours=1)),
    ],
)
async def test_retry_after(value: str, expected: datetime | None) -> None:
    with pytest.raises(Throttled) as caught:
        await _get(_answers(_raw("429 Too Many Requests", b"", f"Retry-After: {value}")))
    assert caught.value.until == expected


async def test_nobody_listens() -> None:
    async with _server(_answers(b"")) as url:
        pass
    async with http.open_client(url) as client:
        said = f"^cannot reach {url}: Connection refused$"
        with pytest.raises(Unreachable, match=said) as caught:
            await http.send(client, client.build_request("GET", "/"), now=lambda: NOW)
    assert "HTTPS_PROXY" in caught.value.hint


async def test_a_name_that_nobody_knows() -> None:
    url = "http://nobody.invalid"
    async with http.open_client(url) as client:
        with pytest.raises(Unreachable, match=r"^cannot reach http://nobody\.invalid: [A-Z]"):
            await http.send(client, client.build_request("GET", "/"), now=lambda: NOW)


async def test_a_hanging_server() -> None:
    released = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await released.wait()
        writer.close()

    async with _server(hang) as url, http.open_client(url, timeout=0.1) as client:
        request = client.build_request("GET", "/")
        with pytest.raises(Unreachable, match="did not answer in time"):
            await http.send(client, request, now=lambda: NOW)
        released.set()


async def test_a_body_cut_short() -> None:
    with pytest.raises(Unreachable, match="cannot reach"):
        await _get(_answers(_raw("200 OK", b'{"a": ', length=100)))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"a": ', "not valid JSON"),
        (b"[]", "no object"),
        (b"<!DOCTYPE html><p>Log in", "got a web page"),
        (b"", "not valid JSON"),
    ],
)
async def test_bodies_that_are_no_json_object(body: bytes, message: str) -> None:
    response = await _get(_answers(_raw("200 OK", body)))
    with pytest.raises(Malformed, match=message):
        http.read_json(response)


async def test_a_good_body() -> None:
    response = await _get(_answers(_raw("200 OK", b'{"a": 1}')))
    assert http.read_json(response) == {"a": 1}


async def test_tls(tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))

    async with _server(_answers(_raw("200 OK", b"{}")), context) as url:
        async with http.open_client(url) as stranger:
            request = stranger.build_request("GET", "/")
            with pytest.raises(Unreachable, match="certificate that is not trusted") as caught:
                await http.send(stranger, request, now=lambda: NOW)
            assert "ca_file" in caught.value.hint
        async with http.open_client(url, ca_file=ca_file) as friend:
            request = friend.build_request("GET", "/")
            assert (await http.send(friend, request, now=lambda: NOW)).status_code == 200


async def test_plain_http_where_tls_is_expected() -> None:
    async def speaks_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with (
        _server(speaks_at_once) as url,
        http.open_client(url.replace("http:", "https:")) as client,
    ):
        request = client.build_request("GET", "/")
        with pytest.raises(Unreachable, match=r"TLS with https://127\.0\.0\.1"):
            await http.send(client, request, now=lambda: NOW)


@pytest.mark.parametrize("content", [None, "not a certificate"])
def test_an_unusable_ca_file(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(Misconfigured, match="the CA file"):
        http.open_client("https://127.0.0.1", ca_file=file)


async def test_what_is_no_http_is_quoted_in_part() -> None:
    with pytest.raises(Unreachable) as caught:
        await _get(_answers(b"x" * 20_000 + b"\r\n\r\n"))
    assert "cannot reach" in caught.value.message
    assert "xxx..." in caught.value.message
    assert len(caught.value.message) < 400
