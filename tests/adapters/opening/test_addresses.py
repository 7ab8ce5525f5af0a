"""Odd addresses, tokens, proxies and files with authorities."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from opsboard.adapter import Adapter
from opsboard_adapters.github import GitHub
from opsboard_adapters.mlflow import MLflow
from opsboard_adapters.net import trust
from opsboard_adapters.registry import Registry
from tests.adapters.opening import check_told, told_of
from tests.ports import silent_port

SECRET = "s3cret-0123456789"

URLS = [
    "http://[",
    "http://]",
    "http://[::1",
    "http://ex ample",
    "https://",
    "http:///path",
    "ftp://x",
    "x",
    "//x",
    "http://x:99999",
    "http://x:0",
    "http://x:port",
    "http://x:-1",
    "http://x\x00y",
    "http://x\ny",
    "http://x/\x1b[31m",
    "http://x?query=1",
    "http://x/#there",
    "http://" + "a" * 300,
    "http://" + "a" * 70 + ".test",
    "http://a..b",
    "http://-\u2028-",
    "http://x_\u00fc\ud800",
    "http://%zz",
    "http://b\u00fccher.invalid",
    "http://\u4f8b\u3048.invalid",
    "http://\u202ex",
]

TOKENS = [
    f"{SECRET}\nsecond line",
    f"\n{SECRET}",
    f"{SECRET}\r\nX-Evil: 1",
    f"{SECRET}\x00",
    f"{SECRET}\x1b[31m",
    f"{SECRET}\u00fc",
    f"{SECRET}\U0001f600",
    f"{SECRET}\ud800",
    f"{SECRET}\x7f",
    f" {SECRET}",
    SECRET * 61_681,  # a megabyte
]


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    trust.default_context.cache_clear()
    yield
    trust.default_context.cache_clear()


def _nobody() -> str:
    """Return a URL at which nobody listens."""
    return f"http://127.0.0.1:{silent_port()}"


def _settings(adapter: type[Adapter[Any]], url: str, **more: Any) -> dict[str, Any]:
    if adapter is GitHub:
        return {"api_url": url, "host": "x.test", "repositories": ["o/r"], **more}
    if adapter is Registry:
        more = {"identity_token" if key == "token" else key: more[key] for key in more}
        return {"url": url, "repositories": ["shop/cart"], "insecure": True, **more}
    return {"tracking_uri": url, **more}


ADAPTERS = pytest.mark.parametrize(
    "adapter", [GitHub, MLflow, Registry], ids=["github", "mlflow", "registry"]
)


@ADAPTERS
@pytest.mark.parametrize("url", URLS, ids=ascii)
async def test_an_odd_address(adapter: type[Adapter[Any]], url: str, tmp_path: Path) -> None:
    check_told(await told_of(adapter, _settings(adapter, url), {}, tmp_path))


@ADAPTERS
async def test_a_login_in_an_address_is_never_repeated(
    adapter: type[Adapter[Any]], tmp_path: Path
) -> None:
    for url in (
        f"http://me:{SECRET}@127.0.0.1:1",
        f"http://me:{SECRET}@[",
        f"http://me:{SECRET}@x:p",
    ):
        check_told(await told_of(adapter, _settings(adapter, url), {}, tmp_path), SECRET)


@ADAPTERS
@pytest.mark.parametrize("token", TOKENS, ids=lambda token: ascii(token)[:40])
async def test_an_odd_token(adapter: type[Adapter[Any]], token: str, tmp_path: Path) -> None:
    settings = _settings(adapter, _nobody(), token=token)
    health = await told_of(adapter, settings, {}, tmp_path)
    check_told(health, SECRET)
    assert "token" in health.message


@pytest.mark.parametrize("token", [TOKENS[0], TOKENS[5]], ids=ascii)
async def test_the_variable_that_an_odd_token_is_from_is_named(token: str, tmp_path: Path) -> None:
    settings = {"api_url": _nobody(), "repositories": ["o/r"], "host": "github.com"}
    health = await told_of(GitHub, settings, {"GITHUB_TOKEN": token}, tmp_path)
    check_told(health, SECRET)
    assert "the token from GITHUB_TOKEN" in health.message
    assert "position" in health.message


async def test_a_password_that_is_no_text(tmp_path: Path) -> None:
    env = {"MLFLOW_TRACKING_USERNAME": "me", "MLFLOW_TRACKING_PASSWORD": f"{SECRET}\udcff"}
    settings = _settings(MLflow, _nobody(), login_from_environment=True)
    check_told(await told_of(MLflow, settings, env, tmp_path), SECRET)


@pytest.mark.parametrize("uri", ["http://[", "http://x:port", "\ud800", "http://\x00"], ids=ascii)
async def test_an_odd_address_in_the_environment(uri: str, tmp_path: Path) -> None:
    settings = _settings(MLflow, _nobody())
    health = await told_of(MLflow, settings, {"MLFLOW_TRACKING_URI": uri}, tmp_path)
    check_told(health)
    assert health.condition == "unreachable", "that one is not meant"


PROXIES = [
    "foo",
    "socks4://127.0.0.1:1",
    "http://[::1",
    ":0",
    "http://",
    "http://x:99999",
    "http://x:port",
    "ftp://x",
    "http://ex ample",
    "//x",
    "http://b\u00fccher.invalid:1",
    f"http://me:{SECRET}@[",
    f"{SECRET}://x",
]


@ADAPTERS
@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY"])
@pytest.mark.parametrize("proxy", PROXIES, ids=ascii)
async def test_an_odd_proxy(
    adapter: type[Adapter[Any]],
    name: str,
    proxy: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(name, proxy)
    health = await told_of(adapter, _settings(adapter, "http://server.invalid"), {}, tmp_path)
    check_told(health, SECRET)
    assert name in health.message


@ADAPTERS
async def test_a_socks_proxy_without_the_library(
    adapter: type[Adapter[Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("opsboard_adapters.net.urls.find_spec", lambda _: None)
    monkeypatch.setenv("HTTPS_PROXY", f"socks5://me:{SECRET}@127.0.0.1:1")
    health = await told_of(adapter, _settings(adapter, "https://server.invalid"), {}, tmp_path)
    check_told(health, SECRET)
    assert "HTTPS_PROXY names a SOCKS proxy" in health.message
    assert "httpx[socks]" in health.hint


@ADAPTERS
@pytest.mark.parametrize("value", ["[", "http://[", "x y", "\u00fc", "a..b", ":", "::::", "/"])
async def test_an_odd_no_proxy(
    adapter: type[Adapter[Any]], value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", value)
    monkeypatch.setenv("HTTP_PROXY", _nobody())
    health = await told_of(adapter, _settings(adapter, "http://server.invalid"), {}, tmp_path)
    check_told(health)
    assert "through the proxy" in health.message, "what is not understood is passed over"


def _files(folder: Path) -> dict[str, str]:
    (folder / "empty").touch()
    (folder / "binary").write_bytes(bytes(range(256)))
    (folder / "text").write_text("no certificate")
    (folder / "cut").write_text("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")
    (folder / "locked").write_text(
        "-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n"
        "MIIB\n-----END CERTIFICATE-----\n"
    )
    os.mkfifo(folder / "pipe")
    names = ("empty", "binary", "text", "cut", "locked", "pipe", "missing", ".")
    return {name: str(folder / name) for name in names} | {
        "endless": "/dev/zero",
        "nobody's": "~nobody-has-this-name/ca.pem",
        "nul": "/x\x00y",
    }


FILES = [
    "empty", "binary", "text", "cut", "locked", "pipe", "missing", ".", "endless",
    "nobody's", "nul",
]  # fmt: skip


@ADAPTERS
@pytest.mark.parametrize("kind", FILES)
async def test_a_file_that_holds_no_authority(
    adapter: type[Adapter[Any]], kind: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    settings = _settings(adapter, _nobody(), ca_file=_files(tmp_path)[kind])
    health = await told_of(adapter, settings, {}, tmp_path)
    check_told(health)
    assert "CA file" in health.message
    assert "pass phrase" not in "".join(capfd.readouterr())


@ADAPTERS
@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSLKEYLOGFILE"])
async def test_odd_authorities_of_the_environment(
    adapter: type[Adapter[Any]], name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, str(tmp_path))
    health = await told_of(adapter, _settings(adapter, _nobody()), {}, tmp_path)
    check_told(health)
    assert name in health.hint
