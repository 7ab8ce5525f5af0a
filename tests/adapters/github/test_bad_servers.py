"""Whatever the server does wrong, the user reads what, where and how to fix it."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme

from opsboard.adapter import Condition, LogLine, LogQuery, Report, SourceError
from opsboard.records import Kind, Ref
from opsboard_adapters.github.settings import GitHubSettings
from opsboard_adapters.github.source import connect
from tests.adapters.github.support import FakeContext, context, news
from tests.ports import silent_port

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def _answers(status: str, body: bytes = b"{}", *headers: str, length: int | None = None) -> Handler:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {length or len(body)}", *headers, "", ""]
    raw = "\r\n".join(lines).encode() + body

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        await writer.drain()
        writer.close()

    return answer


@asynccontextmanager
async def _server(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    server = await asyncio.start_server(handler, "127.0.0.1", 0, ssl=tls)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}/api/v3"


async def _first_word(url: str, tmp_path: Path, **settings: float) -> Report:
    ctx = context(tmp_path, GH_ENTERPRISE_TOKEN="s3cret")
    told = {"api_url": url, "repositories": ["o/r"], "deployments": False, **settings}
    async with connect(GitHubSettings.model_validate(told), ctx) as source:
        change = await anext(news(source))
    assert isinstance(change, Report)
    return change


@pytest.mark.parametrize(
    ("handler", "condition", "message"),
    [
        (_answers("401 Unauthorized"), Condition.UNAUTHENTICATED, "401"),
        (_answers("403 Forbidden"), Condition.FORBIDDEN, "403"),
        (_answers("404 Not Found"), Condition.BROKEN, "404"),
        (_answers("429 Too Many Requests"), Condition.THROTTLED, "rate limit"),
        (_answers("403 No", b"{}", "Retry-After: 9"), Condition.THROTTLED, "rate limit"),
        (_answers("502 Bad Gateway"), Condition.UNREACHABLE, "502"),
        (_answers("200 OK", b"<html>Sign in</html>"), Condition.BROKEN, "web page"),
        (_answers("200 OK", b'{"workflow_runs": [{"id"'), Condition.BROKEN, "not valid JSON"),
        (_answers("200 OK", b'{"a"', length=90), Condition.UNREACHABLE, "cannot reach"),
        (_answers("200 OK", b"[]"), Condition.BROKEN, "no object"),
        (_answers("200 OK", b"{}"), Condition.BROKEN, "no workflow_runs"),
        (_answers("200 OK", b'{"workflow_runs": null}'), Condition.BROKEN, "no workflow_runs"),
        (_answers("200 OK", b'{"workflow_runs": "x"}'), Condition.BROKEN, "expected array"),
        (_answers("200 OK", b'{"workflow_runs": {"id": 7}}'), Condition.BROKEN, "expected array"),
    ],
)
async def test_bad_answers(
    handler: Handler, condition: Condition, message: str, tmp_path: Path
) -> None:
    async with _server(handler) as url:
        report = await _first_word(url, tmp_path)
    assert report.scope == "runs:o/r"
    assert report.health.condition is condition
    assert message in report.health.message
    assert report.health.hint
    assert "s3cret" not in repr(report)


async def test_nobody_is_there(tmp_path: Path) -> None:
    report = await _first_word(f"http://127.0.0.1:{silent_port()}", tmp_path)
    assert report.health.condition is Condition.UNREACHABLE


async def test_a_hanging_server(tmp_path: Path) -> None:
    released = asyncio.Event()

    async def hang(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await released.wait()
        writer.close()

    async with _server(hang) as url:
        report = await _first_word(url, tmp_path, timeout=0.1)
        released.set()
    assert "did not answer in time" in report.health.message


async def test_a_certificate_of_a_stranger(tmp_path: Path) -> None:
    ca = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(tls)
    async with _server(_answers("200 OK"), tls) as url:
        report = await _first_word(url, tmp_path)
    assert report.health.condition is Condition.UNREACHABLE
    assert "ca_file" in report.health.hint


async def _read(settings: GitHubSettings, ctx: FakeContext) -> list[LogLine]:
    ref = Ref("github", Kind.BUILD_JOB, "o/r/7")
    async with connect(settings, ctx) as source:
        return [line async for line in source.logs(ref, LogQuery())]


async def test_the_token_stays_at_home(tmp_path: Path) -> None:
    """A log is fetched from where GitHub points to, and that host never sees the token."""
    seen: list[bytes] = []

    async def storage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        body = b"\xef\xbb\xbf2026-01-15T09:00:00.1234567Z hello\r\n"
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()

    async with _server(storage) as elsewhere:

        async def github(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = await reader.readuntil(b"\r\n\r\n")
            assert b"Bearer s3cret" in head
            if b"/logs " in head:
                writer.write(f"HTTP/1.1 302 Found\r\nLocation: {elsewhere}/blob\r\n".encode())
                writer.write(b"Content-Length: 0\r\n\r\n")
            else:
                body = b'{"id": 7, "name": "test", "status": "completed"}'
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
            writer.close()

        async with _server(github) as url:
            ctx = context(tmp_path, GH_ENTERPRISE_TOKEN="s3cret")
            lines = await _read(GitHubSettings(api_url=url, repositories=("o/r",)), ctx)
    assert [line.text for line in lines] == ["hello"]
    assert lines[0].at is not None
    assert lines[0].at.microsecond == 123456
    assert len(seen) == 1
    assert b"s3cret" not in seen[0]
    assert b"authorization" not in seen[0].lower()


async def test_a_log_that_expired(tmp_path: Path) -> None:
    async with _server(_answers("410 Gone")) as url:
        settings = GitHubSettings(api_url=url, repositories=("o/r",))
        with pytest.raises(SourceError) as caught:
            await _read(settings, context(tmp_path))
    assert "limited time" in caught.value.hint
