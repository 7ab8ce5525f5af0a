"""Clusters behind the proxy that their kubeconfig names: SOCKS, tunnels, and proxies over TLS."""

import asyncio
import json
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from opsboard.adapter import HostEnviron, Misconfigured, SourceError, Unreachable
from opsboard.testing.fakes import FakeContext
from opsboard_adapters.kubernetes.access.clusters import usable_clusters
from opsboard_adapters.kubernetes.client import open_cluster_client
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.adapters.kubernetes.access.recorder import Recorder, recording
from tests.adapters.kubernetes.access.relay import (
    REFUSED,
    Relay,
    junk,
    relaying,
    silence,
)
from tests.patience import PATIENCE

PASSWORD = "hunter2-hunter2"
AUTHORITY = trustme.CA()


def _tls(*names: str) -> ssl.SSLContext:
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert(*names).configure_cert(trust)
    return trust


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    with recording(_tls("k.test")) as recorder:
        yield recorder


@pytest.fixture(autouse=True)
def forgotten(recorder: Recorder) -> None:
    recorder.requests.clear()


async def _ask(folder: Path, server: str, seconds: float = 20, **cluster: str) -> None:
    """Ask *server*, as a kubeconfig says that is in *folder*; underlines stand for hyphens."""
    AUTHORITY.cert_pem.write_to_path(str(folder / "ca.crt"))
    told = {name.replace("_", "-"): value for name, value in cluster.items()}
    document = {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [
            {"name": "c", "cluster": {"server": server, "certificate-authority": "ca.crt", **told}}
        ],
        "users": [{"name": "u", "user": {"token": "tt"}}],
    }
    (folder / "config").write_text(json.dumps(document))
    here = HostEnviron(env={"KUBECONFIG": str(folder / "config")}, home=folder, cwd=folder)
    (access,) = usable_clusters(KubernetesSettings(), here)
    async with (
        asyncio.timeout(PATIENCE),
        open_cluster_client(access, FakeContext(), seconds) as api,
    ):
        await api.get("/version")


async def _refused(folder: Path, server: str, seconds: float = 20, **cluster: str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await _ask(folder, server, seconds, **cluster)
    said = caught.value.message + caught.value.hint
    assert caught.value.hint
    assert PASSWORD not in said
    assert "fault of the adapter" not in said
    return caught.value


@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "SOCKS5"])
@pytest.mark.parametrize("server", ["https://k.test:6443", "http://k.test:8080"])
async def test_socks_leads_there_and_looks_names_up(
    tmp_path: Path, recorder: Recorder, scheme: str, server: str
) -> None:
    relay = Relay(recorder.port)
    async with relaying(relay.socks, recorder.port) as host:
        await _ask(tmp_path, server, proxy_url=f"{scheme}://{host}")
    assert relay.asked == [("k.test", int(server.rpartition(":")[2]))]
    (request,) = recorder.requests
    assert request.tls is server.startswith("https")
    assert bool(request.told("authorization")) is request.tls


async def test_socks_is_logged_in_to(tmp_path: Path, recorder: Recorder) -> None:
    relay = Relay(recorder.port, login=("me", PASSWORD + "/"))
    async with relaying(relay.socks, recorder.port) as host:
        await _ask(tmp_path, "https://k.test", proxy_url=f"socks5://me:{PASSWORD}%2F@{host}")
        assert len(recorder.requests) == 1
        wrong = f"socks5://me:{PASSWORD}@{host}"
        error = await _refused(tmp_path, "https://k.test", proxy_url=wrong)
        none = await _refused(tmp_path, "https://k.test", proxy_url=f"socks5://{host}")
    for one in (error, none):
        assert isinstance(one, Unreachable)
        assert "proxy" in one.message
    assert len(recorder.requests) == 1


async def test_socks_that_refuses_is_told(tmp_path: Path, recorder: Recorder) -> None:
    relay = Relay(recorder.port, reply=REFUSED)
    async with relaying(relay.socks) as host:
        error = await _refused(tmp_path, "https://k.test", proxy_url=f"socks5://{host}")
    assert isinstance(error, Unreachable)
    assert f"through the proxy socks5://{host}" in error.message


@pytest.mark.parametrize("greeting", [junk, silence], ids=["junk", "silence"])
async def test_what_speaks_no_socks_is_given_up(tmp_path: Path, greeting: object) -> None:
    speak = junk if greeting is junk else silence
    async with relaying(speak) as host:
        proxy = f"socks5://me:{PASSWORD}@{host}"
        error = await _refused(tmp_path, "https://k.test", 0.3, proxy_url=proxy)
    assert isinstance(error, Unreachable)
    assert host in error.message


@pytest.mark.parametrize("kind", ["connect", "socks"])
async def test_the_servers_other_name_counts_behind_a_proxy(
    tmp_path: Path, recorder: Recorder, kind: str
) -> None:
    relay = Relay(recorder.port)
    speak, scheme = (relay.socks, "socks5") if kind == "socks" else (relay.connect, "http")
    async with relaying(speak, recorder.port) as host:
        url = f"{scheme}://{host}"
        await _ask(tmp_path, "https://10.0.0.1", proxy_url=url, tls_server_name="k.test")
        error = await _refused(tmp_path, "https://10.0.0.1", proxy_url=url)
    assert relay.asked[0] == ("10.0.0.1", 443)
    assert [request.server_name for request in recorder.requests] == ["k.test"]
    assert "not trusted" in error.message


async def test_a_proxy_over_tls_is_trusted_as_the_cluster_is(
    tmp_path: Path, recorder: Recorder
) -> None:
    relay = Relay(recorder.port)
    async with relaying(relay.connect, recorder.port, _tls("127.0.0.1")) as host:
        proxy = f"https://{host}"
        await _ask(tmp_path, "https://10.0.0.1", proxy_url=proxy, tls_server_name="k.test")
    assert [request.server_name for request in recorder.requests] == ["k.test"]


@pytest.mark.parametrize(
    "proxy", ["socks4://127.0.0.1:1", "127.0.0.1:1", "proxy", "http://", f"ftp://me:{PASSWORD}@x"]
)
async def test_a_proxy_that_cannot_be_is_refused_by_name(tmp_path: Path, proxy: str) -> None:
    error = await _refused(tmp_path, "https://k.test", proxy_url=proxy)
    assert isinstance(error, Misconfigured)
    assert "proxy-url of the cluster 'c'" in error.message
