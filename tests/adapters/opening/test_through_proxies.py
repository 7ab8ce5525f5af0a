"""Sources behind a proxy: it is used where it is meant, and named where it fails."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from opsboard.adapter import Adapter, Health, LogQuery, SourceError
from opsboard.records import Kind, Ref
from opsboard_adapters.github import GitHub, GitHubSettings
from opsboard_adapters.github.source import connect
from opsboard_adapters.kubernetes.adapter import Kubernetes
from opsboard_adapters.mlflow import MLflow
from opsboard_adapters.registry import Registry
from tests.adapters.github.support import context
from tests.adapters.opening import check_told, told_of
from tests.ports import silent_port

SECRET = "s3cret-0123456789"
ADAPTERS = pytest.mark.parametrize(
    "adapter",
    [GitHub, MLflow, Kubernetes, Registry],
    ids=["github", "mlflow", "kubernetes", "registry"],
)
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[str]]


async def _asked(
    adapter: type[Adapter[Any]], url: str, folder: Path, cluster: dict[str, str] | None = None
) -> Health:
    """Return the trouble that a source for *url* has."""
    values: dict[str, Any] = {"tracking_uri": url}
    if adapter is GitHub:
        values = {"api_url": url, "host": "x.test", "repositories": ["o/r"], "token": "t0ken"}
    if adapter is Registry:
        values = {"url": url, "repositories": ["shop/cart"], "insecure": True}
    if adapter is Kubernetes:
        document = {
            "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "k"}}],
            "clusters": [{"name": "k", "cluster": {"server": url, **(cluster or {})}}],
        }
        (folder / "config").write_text(json.dumps(document))
        values = {"kubeconfig": str(folder / "config")}
    return await told_of(adapter, values, {}, folder)


async def _http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
    """Refuse what a proxy is asked; return the first line of it, and its login."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
    login = [line for line in head.split("\r\n") if line.lower().startswith("proxy-authorization")]
    return " ".join([head.partition("\r\n")[0], *login])


async def _socks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
    """Refuse what a SOCKS proxy is asked (RFC 1928); return where it was to connect to."""
    _, count = await reader.readexactly(2)
    await reader.readexactly(count)
    writer.write(b"\x05\x00")
    *_, length = await reader.readexactly(5)
    host = await reader.readexactly(length)
    port = int.from_bytes(await reader.readexactly(2))
    writer.write(b"\x05\x02\x00\x01\x00\x00\x00\x00\x00\x00")  # not allowed by the ruleset
    return f"{host.decode()}:{port}"


@asynccontextmanager
async def _proxy(talk: Talk) -> AsyncIterator[tuple[int, list[str]]]:
    """Serve a proxy that refuses; yield its port and what it was asked."""
    asked: list[str] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked.append(await talk(reader, writer))
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], asked


@ADAPTERS
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_is_not_there_is_named(
    adapter: type[Adapter[Any]], scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, port = f"{scheme.upper()}_PROXY", silent_port()
    monkeypatch.setenv(name, f"me:{SECRET}@127.0.0.1:{port}")
    health = await _asked(adapter, f"{scheme}://server.invalid", tmp_path)
    check_told(health, SECRET)
    assert health.message.endswith(
        f"cannot reach {scheme}://server.invalid through the proxy http://127.0.0.1:{port} ({name})"
        ": Connection refused"
    )
    assert f"Mend or unset {name}, or name server.invalid in NO_PROXY" in health.hint


@ADAPTERS
async def test_a_proxy_that_refuses_is_named(
    adapter: type[Adapter[Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with _proxy(_http) as (port, asked):
        for name in ("HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://me:{SECRET}@127.0.0.1:{port}")
        plain = await _asked(adapter, "http://server.invalid", tmp_path)
        tunnelled = await _asked(adapter, "https://server.invalid", tmp_path)
    for health, variable in ((plain, "HTTP_PROXY"), (tunnelled, "HTTPS_PROXY")):
        check_told(health, SECRET)
        assert f"through the proxy http://127.0.0.1:{port} ({variable})" in health.message
        assert "407" in health.message
        assert "give its login with the proxy" in health.hint
    assert asked[0].startswith("GET http://server.invalid/"), "the proxy looks the name up"
    assert any(line.startswith("CONNECT server.invalid:443") for line in asked)
    assert all("Proxy-Authorization: Basic" in line for line in asked)


@ADAPTERS
async def test_a_socks_proxy_is_spoken_to(
    adapter: type[Adapter[Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with _proxy(_socks) as (port, asked):
        monkeypatch.setenv("HTTPS_PROXY", f"socks5://127.0.0.1:{port}")
        health = await _asked(adapter, "https://server.invalid", tmp_path)
    check_told(health)
    assert f"through the proxy socks5://127.0.0.1:{port} (HTTPS_PROXY)" in health.message
    assert asked[0] == "server.invalid:443", "the proxy looks the name up"


async def test_the_proxy_of_a_cluster_beats_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    async with _proxy(_http) as (port, asked):
        cluster = {"proxy-url": f"http://me:{SECRET}@127.0.0.1:{port}"}
        health = await _asked(Kubernetes, "http://127.0.0.1:1", tmp_path, cluster)
    check_told(health, SECRET)
    assert f"through the proxy http://127.0.0.1:{port} (proxy-url of the cluster 'k')" in (
        health.message
    )
    assert asked[0].startswith("GET http://127.0.0.1:1/"), "though it is loopback, as client-go"
    assert "NO_PROXY" not in health.hint


@ADAPTERS
async def test_this_machine_is_reached_without_one(
    adapter: type[Adapter[Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with _proxy(_http) as (port, asked):
        for name in ("HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        health = await _asked(adapter, f"http://127.0.0.1:{silent_port()}", tmp_path)
    check_told(health)
    assert "proxy http" not in health.message
    assert not asked


@ADAPTERS
async def test_a_variable_that_does_not_count_is_told(
    adapter: type[Adapter[Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("all_proxy", f"http://me:{SECRET}@127.0.0.1:1")
    health = await _asked(adapter, "https://server.invalid", tmp_path)
    check_told(health, SECRET)
    assert "all_proxy is not used" in health.hint
    assert "set HTTPS_PROXY" in health.hint


async def test_each_address_has_its_own_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The API is on this machine, and the storage host that it leads to is not."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        body = b'{"id": 7, "name": "test", "status": "completed"}'
        moved = b"302 Found\r\nLocation: http://storage.invalid/blob" if b"/logs " in head else b""
        writer.write(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n" % (moved or b"200 OK", len(body)))
        writer.write(body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server, _proxy(_http) as (port, asked):
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        settings = GitHubSettings(api_url=url, repositories=("o/r",))
        async with connect(settings, context(tmp_path)) as source:
            with pytest.raises(SourceError, match=r"/blob through the proxy .*: 407"):
                _ = [
                    line
                    async for line in source.logs(
                        Ref("github", Kind.BUILD_JOB, "o/r/7"), LogQuery()
                    )
                ]
    assert asked == ["GET http://storage.invalid/blob HTTP/1.1"]
