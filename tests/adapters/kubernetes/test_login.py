"""The ways into a cluster, over real connections: plugins, certificates, tokens, proxies."""

import asyncio
import json
import ssl
import subprocess
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

from opsboard.adapter import HostEnviron, Misconfigured, SourceError, Unauthenticated, Unreachable
from opsboard.testing.fakes import FakeClock, FakeContext
from opsboard_adapters.kubernetes.access import clusters, exec_plugin, kubeconfig
from opsboard_adapters.kubernetes.access.clusters import ClusterAccess
from opsboard_adapters.kubernetes.client import ClusterClient, open_cluster_client
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.adapters.kubernetes.raw_server import Wire, listening
from tests.patience import PATIENCE

SOON = "2026-01-15T09:01:00Z"  # a minute after the fake clock's beginning


def _server_tls(authority: trustme.CA, *, ask: bool = False) -> ssl.SSLContext:
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(trust)
    if ask:
        authority.configure_trust(trust)
        trust.verify_mode = ssl.CERT_REQUIRED
    return trust


AUTHORITY = trustme.CA()
TLS = _server_tls(AUTHORITY)
MODE = {"interactiveMode": "Never"}
NOBODY = "https://127.0.0.1:9"


def _access(server: str, cluster: dict[str, Any] | None = None, **user: Any) -> ClusterAccess:
    return ClusterAccess("test", server, "test", "me", "default", cluster or {}, user)


def _secure(server: str, **user: Any) -> ClusterAccess:
    """Return the way to *server*, which speaks :data:`TLS`: no login is sent without."""
    data = b64encode(AUTHORITY.cert_pem.bytes()).decode()
    return _access(server, {"certificate-authority-data": data}, **user)


def _plugin(folder: Path, script: str, **extra: Any) -> dict[str, Any]:
    file = folder / "plugin"
    file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    file.chmod(0o755)
    return {"command": str(file), "apiVersion": exec_plugin.VERSIONS[0], **MODE, **extra}


def _answer(**status: str) -> str:
    return json.dumps({"kind": "ExecCredential", "status": status})


def _counting(folder: Path, status: str) -> str:
    """Return a script that answers with *status*, ``N`` in it being the number of the call."""
    count = f"echo >> {folder}/calls; N=$(wc -l < {folder}/calls | tr -d ' ')"
    return f"{count}\ncat <<END\n{status}\nEND"


async def _ask(access: ClusterAccess, context: FakeContext | None = None) -> None:
    async with open_cluster_client(access, context or FakeContext()) as api:
        await api.get("/api")


async def _refused(access: ClusterAccess) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await _ask(access)
    assert caught.value.hint
    return caught.value


async def test_a_plugins_token_is_sent_and_renewed_when_it_expires(tmp_path: Path) -> None:
    status = _answer(token="token-$N", expirationTimestamp=SOON)
    user = {"exec": _plugin(tmp_path, _counting(tmp_path, status))}
    clock, wire = FakeClock(), Wire()
    context = FakeContext(clock=clock)
    async with (
        listening(wire, TLS) as url,
        open_cluster_client(_secure(url, **user), context) as api,
    ):
        await api.get("/api")
        await api.get("/api")
        clock.advance(61)
        await api.get("/api")
    used = [head.lower().partition("authorization: bearer ")[2].split()[0] for head in wire.heads]
    assert used == ["token-1", "token-1", "token-2"]
    assert {"token-1", "token-2"} <= context.concealed


async def test_a_refused_token_is_asked_for_anew_once(tmp_path: Path) -> None:
    plugin = _plugin(tmp_path, _counting(tmp_path, _answer(token="token-$N")))
    wire = Wire(refusals=1)
    async with listening(wire, TLS) as url:
        await _ask(_secure(url, exec=plugin))
        assert len(wire.heads) == 2
        wire.refusals = 9
        error = await _refused(_secure(url, exec=plugin))
    assert isinstance(error, Unauthenticated)
    assert len(wire.heads) == 4


@pytest.mark.parametrize(
    ("script", "said"),
    [
        pytest.param("echo secret >&2; exit 3", "exit code 3", id="fails"),
        pytest.param("echo no JSON", "no ExecCredential", id="prints something else"),
        pytest.param(f"echo '{_answer()}'", "gave no credential", id="gives nothing"),
    ],
)
async def test_a_plugin_that_fails_is_told(tmp_path: Path, script: str, said: str) -> None:
    error = await _refused(_access(NOBODY, exec=_plugin(tmp_path, script)))
    assert isinstance(error, Unauthenticated)
    assert said in error.message
    assert "secret" not in error.message + error.hint


async def test_a_plugin_that_is_not_installed_is_told(tmp_path: Path) -> None:
    plugin = {"command": str(tmp_path / "aws"), "apiVersion": exec_plugin.VERSIONS[0]}
    error = await _refused(_access(NOBODY, exec=plugin))
    assert "exec plugin: cannot run" in error.message
    assert "install it" in error.hint
    hinted = await _refused(_access(NOBODY, exec={**plugin, "installHint": "get aws\n from x"}))
    assert hinted.hint.endswith(": get aws from x")


async def test_a_plugin_that_hangs_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exec_plugin, "TIMEOUT", 0.2)
    plugin = _plugin(tmp_path, "exec sleep 600")
    async with asyncio.timeout(PATIENCE):
        error = await _refused(_access(NOBODY, exec=plugin))
    assert "did not finish" in error.message


async def test_a_plugin_is_told_of_the_cluster(tmp_path: Path) -> None:
    ca = tmp_path / "ca.crt"
    trustme.CA().cert_pem.write_to_path(str(ca))
    script = f"echo \"$KUBERNETES_EXEC_INFO\" > {tmp_path}/info; echo '{_answer(token='t')}'"
    plugin = _plugin(tmp_path, script, provideClusterInfo=True)
    cluster = {"server": "https://k.test", "certificate-authority": str(ca)}
    await exec_plugin.run_plugin(plugin, cluster, {})
    told = json.loads((tmp_path / "info").read_text())["spec"]["cluster"]
    assert told["server"] == "https://k.test"
    assert told["certificate-authority-data"]


def _pem(authority: trustme.CA, name: str) -> tuple[str, str]:
    issued = authority.issue_cert("me@opsboard.test", common_name=name)
    return issued.cert_chain_pems[0].bytes().decode(), issued.private_key_pem.bytes().decode()


def _cluster(folder: Path, authority: trustme.CA) -> dict[str, Any]:
    authority.cert_pem.write_to_path(str(folder / "ca.crt"))
    return {"certificate-authority": str(folder / "ca.crt")}


async def test_a_wrong_ca_is_told(tmp_path: Path) -> None:
    cluster = _cluster(tmp_path, trustme.CA())
    async with listening(Wire(), _server_tls(trustme.CA())) as url:
        error = await _refused(_access(url, cluster))
    assert isinstance(error, Unreachable)
    assert "not trusted" in error.message


async def test_a_client_certificate_is_shown(tmp_path: Path) -> None:
    authority, wire = trustme.CA(), Wire()
    certificate, key = _pem(authority, "alice")
    (tmp_path / "me.crt").write_text(certificate)
    (tmp_path / "me.key").write_text(key)
    user = {
        "client-certificate": str(tmp_path / "me.crt"),
        "client-key": str(tmp_path / "me.key"),
    }
    async with listening(wire, _server_tls(authority, ask=True)) as url:
        await _ask(_access(url, _cluster(tmp_path, authority), **user))
    assert wire.names == ["alice"]


def _locked(key: str, form: str) -> str:
    """Return *key*, protected by a passphrase, in PKCS #8 or in OpenSSL's own older form."""
    words = ["openssl", "pkey", "-aes256", "-passout", "pass:hunter2-hunter2", *form.split()]
    return subprocess.run(words, input=key, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("form", ["", "-traditional"], ids=["PKCS #8", "traditional"])
@pytest.mark.parametrize("from_plugin", [False, True], ids=["kubeconfig", "plugin"])
async def test_nobody_is_asked_for_the_passphrase_of_a_key(
    tmp_path: Path, form: str, from_plugin: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    """OpenSSL would ask on the terminal, and hold up the loop of all sources until then."""
    certificate, key = _pem(trustme.CA(), "alice")
    locked = _locked(key, form)
    assert "ENCRYPTED" in locked
    answer = _answer(clientCertificateData=certificate, clientKeyData=locked)
    (tmp_path / "answer").write_text(answer)
    user: dict[str, Any] = {"exec": _plugin(tmp_path, f"cat {tmp_path}/answer")}
    if not from_plugin:
        data = {"certificate": certificate, "key": locked}
        user = {f"client-{k}-data": b64encode(v.encode()).decode() for k, v in data.items()}
    error = await _refused(_access(NOBODY, **user))
    assert isinstance(error, Misconfigured)
    assert "passphrase" in error.message
    assert "openssl pkey" in error.hint
    assert "pass phrase" not in "".join(capfd.readouterr())


async def test_a_plugin_that_asks_at_the_terminal_finds_none(tmp_path: Path) -> None:
    asks = f"(echo Password: >/dev/tty; read word </dev/tty) 2>{tmp_path}/told && echo asked"
    plugin = _plugin(tmp_path, f"{asks}; exit 1")
    error = await _refused(_access(NOBODY, exec=plugin))
    assert isinstance(error, Unauthenticated)
    assert "ask nothing" in error.hint
    assert "/dev/tty" in (tmp_path / "told").read_text()


async def test_a_plugins_certificate_is_renewed_with_its_connections(tmp_path: Path) -> None:
    authority, wire, clock = trustme.CA(), Wire(), FakeClock()
    for number, name in enumerate(("first", "second"), start=1):
        certificate, key = _pem(authority, name)
        status = {"clientCertificateData": certificate, "clientKeyData": key}
        answer = _answer(**status, expirationTimestamp=SOON)
        (tmp_path / f"answer-{number}").write_text(answer)
    count = f"echo >> {tmp_path}/calls; N=$(wc -l < {tmp_path}/calls | tr -d ' ')"
    user = {"exec": _plugin(tmp_path, f"{count}\ncat {tmp_path}/answer-$N")}
    context = FakeContext(clock=clock, env={"PATH": "/usr/bin:/bin"})
    async with listening(wire, _server_tls(authority, ask=True)) as url:
        access = _access(url, _cluster(tmp_path, authority), **user)
        async with open_cluster_client(access, context) as api:
            await api.get("/api")
            clock.advance(61)
            await api.get("/api")
    assert wire.names == ["first", "second"]


async def test_a_token_file_is_read_again_after_a_minute(tmp_path: Path) -> None:
    file, clock, wire = tmp_path / "token", FakeClock(), Wire()
    file.write_text("old\n")
    async with (
        listening(wire, TLS) as url,
        open_cluster_client(_secure(url, tokenFile=str(file)), FakeContext(clock=clock)) as api,
    ):
        await api.get("/api")
        file.write_text("new\n")
        await api.get("/api")
        clock.advance(61)
        await api.get("/api")
    assert [("Bearer new" in head) for head in wire.heads] == [False, False, True]


async def test_proxy_url_leads_through_the_proxy() -> None:
    proxy = Wire()
    async with listening(proxy) as url:
        await _ask(_access("http://cluster.test", {"proxy-url": url}, token="t"))
    assert proxy.heads[0].startswith("GET http://cluster.test/api ")


async def test_a_server_that_hangs_is_given_up() -> None:
    async with (
        asyncio.timeout(PATIENCE),
        listening(Wire(silent=True)) as url,
        open_cluster_client(_access(url), FakeContext(), seconds=0.2) as api,
    ):
        with pytest.raises(Unreachable, match="did not answer in time"):
            await api.get("/api/v1/pods")


@asynccontextmanager
async def _five_minutes_ahead(clock: FakeClock) -> AsyncIterator[ClusterClient]:
    """Open the API of a server whose clock stands still, so far ahead of *clock* at its start."""
    wire = Wire(date=format_datetime(clock.now() + timedelta(minutes=5), usegmt=True))
    async with (
        listening(wire) as url,
        open_cluster_client(_access(url), FakeContext(clock=clock)) as api,
    ):
        yield api


async def test_the_servers_clock_is_compared() -> None:
    clock = FakeClock()
    async with _five_minutes_ahead(clock) as api:
        await api.get("/api")
        assert api.clock_skew == timedelta(minutes=5)


def test_in_cluster_is_the_pods_service_account(tmp_path: Path) -> None:
    env = {"KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "6443"}
    here = HostEnviron(env=env, home=tmp_path, cwd=tmp_path)
    with pytest.raises(Misconfigured):
        clusters.in_cluster(here, tmp_path)
    (tmp_path / "token").write_text("t")
    (tmp_path / "namespace").write_text("shop\n")
    access = clusters.in_cluster(here, tmp_path)
    assert access.server == "https://[fd00::1]:6443"
    assert access.namespace == "shop"
    assert access.user == {"tokenFile": str(tmp_path / "token")}


def test_of_several_kubeconfigs_the_first_to_say_it_wins(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    first, second = tmp_path / "a" / "first", tmp_path / "second"
    plugin = {"command": "./bin/login", "apiVersion": exec_plugin.VERSIONS[0], **MODE}
    context = {"name": "c", "context": {"cluster": "k", "user": "me"}}
    users = [{"name": "me", "user": {"exec": plugin}}]
    first.write_text(json.dumps({"contexts": [context], "users": users}))
    entries = [{"name": "k", "cluster": {"server": "https://k.test"}}]
    other = [{"name": "me", "user": {"token": "of the second"}}]
    second.write_text(json.dumps({"current-context": "c", "clusters": entries, "users": other}))
    missing = tmp_path / "missing"
    here = HostEnviron(
        env={"KUBECONFIG": f"{first}:{missing}:{second}"}, home=tmp_path, cwd=tmp_path
    )
    (access,) = clusters.usable_clusters(KubernetesSettings(), here)
    assert (access.name, access.server) == ("c", "https://k.test")
    assert "token" not in access.user
    assert access.user["exec"]["command"] == str(tmp_path / "a" / "bin" / "login")
    assert kubeconfig.kubeconfig_files(None, here) == (first, missing, second)


def test_a_kubeconfig_that_others_may_write_to_names_no_program(tmp_path: Path) -> None:
    file = tmp_path / "kube.json"
    plugin = {"command": "login", "apiVersion": exec_plugin.VERSIONS[0]}
    entries = [{"name": "k", "cluster": {"server": "https://k.test"}}]
    users = [
        {"name": "me", "user": {"exec": plugin}},
        {"name": "plain", "user": {"token": "t"}},
    ]
    contexts = [
        {"name": name, "context": {"cluster": "k", "user": name}} for name in ("me", "plain")
    ]
    told = {"contexts": contexts, "users": users, "clusters": entries}
    file.write_text(json.dumps(told))
    file.chmod(0o602)
    known = kubeconfig.load((file,))
    assert kubeconfig.resolve(known, "plain", (file,)).user == {"token": "t"}
    with pytest.raises(Misconfigured, match="which program to run: everybody may write") as raised:
        kubeconfig.resolve(known, "me", (file,))
    assert raised.value.hint == f"chmod go-w {file}"
    file.chmod(0o600)
    assert kubeconfig.resolve(known, "me", (file,)).user == {"exec": plugin}


async def test_the_noise_of_a_clock_that_is_off_moves_no_time() -> None:
    clock = FakeClock()
    async with _five_minutes_ahead(clock) as api:
        await api.get("/api")
        clock.advance(3)  # an answer that was under way for three seconds
        await api.get("/api")
        assert api.clock_skew == timedelta(minutes=5)
        clock.advance(60)
        await api.get("/api")
        assert api.clock_skew == timedelta(minutes=5) - timedelta(seconds=63)
