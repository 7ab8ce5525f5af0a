"""Logins, kubeconfigs and certificates as Windows writes them, and in no encoding at all."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import trustme

from opsboard.adapter import HostEnviron, Misconfigured
from opsboard.config.resolved_source import ResolvedSource
from opsboard.startup.login_keys import login_key
from opsboard_adapters.github import GitHub, GitHubSettings
from opsboard_adapters.github import login as github
from opsboard_adapters.github.discovery import discover
from opsboard_adapters.kubernetes.access import clusters, exec_plugin, kubeconfig, tls
from opsboard_adapters.kubernetes.access.exec_plugin import VERSIONS
from opsboard_adapters.kubernetes.access.login import KubernetesLogin
from opsboard_adapters.mlflow import login as mlflow
from opsboard_adapters.mlflow.settings import MLflowSettings
from opsboard_adapters.net import trust
from opsboard_adapters.registry.docker_config import docker_login
from tests.adapters.github.support import NOW, FakeContext

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32")
WINDOWS_1252 = "# Jürgen\n".encode("cp1252")

HOSTS = "github.com:\n    user: zoë\n    oauth_token: gho_it\n"
CREDENTIALS = "[mlflow]\nmlflow_tracking_username = zoë\nmlflow_tracking_password = it\n"
DOCKER_CONFIG = '{"auths": {"registry.example": {"username": "zoë", "password": "it"}}}'
KUBECONFIG = "contexts:\n- name: zoë\n  context: {cluster: k}\ncurrent-context: zoë\n"


def _write(file: Path, text: str, encoding: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.replace("\n", "\r\n").encode(encoding))
    return file


def _around(home: Path, **env: str) -> HostEnviron:
    return HostEnviron(env, home, home)


async def _gh(home: Path) -> str:
    settings = GitHubSettings.model_validate({"repositories": ["o/r"]})
    found = await github.resolve(settings, FakeContext(_around(home)))
    return f"{found.user} {found.token}"


async def _mlflow(home: Path) -> str:
    settings = MLflowSettings(tracking_uri="http://x", login_from_environment=True)
    found = await mlflow.resolve(settings, FakeContext(_around(home)))
    return f"{found.username} {found.password}"


async def _docker(home: Path) -> str:
    found = await docker_login("registry.example", _around(home))
    return f"{found.username} {found.password}"


async def _kubeconfig(home: Path) -> str:
    loaded = kubeconfig.load([home / ".kube/config"])
    return f"{loaded.current_context} {loaded.contexts['zoë'].values['cluster']}"


async def _token_file(home: Path) -> str:
    login = KubernetesLogin(
        {"tokenFile": str(home / "token")},
        {},
        env={},
        now=lambda: NOW,
        register_secret=lambda _: None,
    )
    found = await login.credential()
    assert found is not None
    return found.token


async def _service_account(home: Path) -> str:
    (home / "token").touch()
    around = _around(home, KUBERNETES_SERVICE_HOST="10.0.0.1")
    return clusters.in_cluster(around, home).namespace


Reader = Callable[[Path], Awaitable[str]]
FILES: dict[str, tuple[str, Reader, str]] = {
    ".config/gh/hosts.yml": (HOSTS, _gh, "zoë gho_it"),
    ".mlflow/credentials": (CREDENTIALS, _mlflow, "zoë it"),
    ".docker/config.json": (DOCKER_CONFIG, _docker, "zoë it"),
    ".kube/config": (KUBECONFIG, _kubeconfig, "zoë k"),
    "token": ("t0ken\n", _token_file, "t0ken"),
    "namespace": ("shop\n", _service_account, "shop"),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("encoding", ENCODINGS)
async def test_a_file_of_windows_is_read(name: str, encoding: str, tmp_path: Path) -> None:
    text, read, told = FILES[name]
    _write(tmp_path / name, text, encoding)
    assert await read(tmp_path) == told


@pytest.mark.parametrize("name", FILES)
async def test_a_file_that_is_no_text_is_named(name: str, tmp_path: Path) -> None:
    text, read, _ = FILES[name]
    file = _write(tmp_path / name, text, "utf-8")
    file.write_bytes(WINDOWS_1252 + text.encode("cp1252"))
    with pytest.raises(Misconfigured) as caught:
        await read(tmp_path)
    assert str(file) in caught.value.message
    assert "is not UTF-8 text (line 1, byte 4)" in caught.value.message
    assert caught.value.hint == "save it as UTF-8"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_authorities_in_a_file_of_windows(encoding: str, tmp_path: Path) -> None:
    pem = trustme.CA().cert_pem.bytes().decode()
    file = _write(tmp_path / "ca.pem", f"# Zoë's\n{pem}", encoding)
    assert len(trust.context_of_ca_file(file).get_ca_certs()) == 1


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_client_certificate_in_a_file_of_windows(encoding: str, tmp_path: Path) -> None:
    issued = trustme.CA().issue_cert("me@example.test")
    parts = (issued.cert_chain_pems[0], issued.private_key_pem)
    certificate, key = (
        str(_write(tmp_path / str(at), part.bytes().decode(), encoding))
        for at, part in enumerate(parts)
    )
    tls.tls_context({}, {"client-certificate": certificate, "client-key": key})


@pytest.mark.parametrize("encoding", ENCODINGS)
async def test_a_plugin_of_windows(encoding: str, tmp_path: Path) -> None:
    answer = json.dumps({"status": {"token": "t0ken"}})
    file = _write(tmp_path / "answer", f"{answer}\n", encoding)
    plugin = {"apiVersion": VERSIONS[0], "command": "cat", "args": [str(file)]}
    found = await exec_plugin.run_plugin(plugin, {}, {"PATH": "/usr/bin:/bin"})
    assert found.token == "t0ken"


async def test_a_login_of_gh_that_is_no_text_stops_no_discovery(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/HEAD").write_text("ref: refs/heads/main\n")
    (tmp_path / ".git/config").write_bytes(
        b'\xef\xbb\xbf[core]\r\n\trepositoryformatversion = 0\r\n[remote "origin"]\r\n'
        b"\turl = https://github.com/acme/shop.git\r\n"
    )
    for folder in ("objects", "refs"):
        (tmp_path / ".git" / folder).mkdir()
    hosts = _write(tmp_path / ".config/gh/hosts.yml", HOSTS, "utf-16")
    around = _around(tmp_path, PATH="/usr/bin:/bin")
    (found,) = await discover(around)
    assert found.settings == GitHubSettings.model_validate({"repositories": ["acme/shop"]})
    hosts.write_bytes(WINDOWS_1252)
    (found,) = await discover(around)
    assert found.settings is None
    assert str(hosts) in found.hint
    settings = GitHubSettings.model_validate({"repositories": ["o/r"]})
    assert login_key(ResolvedSource("ci", GitHub, settings), around)
