"""One login never sees the last known board of another: a kubeconfig's source is its login too."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from opsboard.adapter import HostEnviron
from opsboard.config.resolved_source import ResolvedSource
from opsboard.startup.login_fingerprint import LoginFingerprint
from opsboard.startup.login_keys import fingerprint_logins
from opsboard.testing.login import undeclared_reads
from opsboard_adapters.kubernetes import Kubernetes
from opsboard_adapters.kubernetes.access.clusters import usable_clusters
from opsboard_adapters.kubernetes.settings import KubernetesSettings

SETTINGS = KubernetesSettings(contexts=("mine",))


def _write(file: Path, user: dict[str, Any], **more: object) -> None:
    config = {
        "current-context": "mine",
        "contexts": [
            {"name": name, "context": {"cluster": "k", "user": name}} for name in ("mine", "other")
        ],
        "clusters": [{"name": "k", "cluster": {"server": "https://k.test"}}],
        "users": [{"name": "mine", "user": user}, {"name": "other", "user": {"token": "o"}}],
        **more,
    }
    file.write_text(json.dumps(config))  # JSON is YAML
    file.chmod(0o600)


@pytest.fixture
def around(tmp_path: Path) -> HostEnviron:
    return HostEnviron(env={"KUBECONFIG": str(tmp_path / "config")}, home=tmp_path, cwd=tmp_path)


def _login(around: HostEnviron) -> tuple[str, LoginFingerprint]:
    source = ResolvedSource("k8s", Kubernetes, SETTINGS)
    keys, fingerprint = fingerprint_logins([source], around)
    assert fingerprint is not None
    return keys["k8s"], fingerprint


def test_another_token_under_the_same_name_is_another_login(around: HostEnviron) -> None:
    _write(around.home / "config", {"token": "alice"})
    key, fingerprint = _login(around)
    assert _login(around)[0] == key
    _write(around.home / "config", {"token": "bob"})
    assert not fingerprint.matches(around)
    assert _login(around)[0] != key


def test_another_current_context_leaves_the_board_of_a_named_one(around: HostEnviron) -> None:
    _write(around.home / "config", {"token": "alice"})
    key, fingerprint = _login(around)
    _write(around.home / "config", {"token": "alice"}, **{"current-context": "other"})
    assert not fingerprint.matches(around), "the settings have to be read before that is known"
    assert _login(around)[0] == key


@pytest.mark.parametrize(
    "user",
    [
        {"tokenFile": "login"},
        {"client-certificate": "login", "client-key": "key"},
        {"client-certificate": "cert", "client-key": "login"},
    ],
)
def test_a_file_that_the_user_names_is_part_of_the_login(
    around: HostEnviron, user: dict[str, str]
) -> None:
    _write(around.home / "config", user)
    for name in ("login", "key", "cert"):
        (around.home / name).write_text("alice")
    key, fingerprint = _login(around)
    (around.home / "login").write_text("bob")
    assert not fingerprint.matches(around)
    assert _login(around)[0] != key


def test_an_exec_plugin_logs_in_by_the_variables_of_its_cloud(around: HostEnviron) -> None:
    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": "aws", "args": ["eks"]}
    _write(around.home / "config", {"exec": {**plugin, "interactiveMode": "Never"}})
    key, fingerprint = _login(around)
    other = HostEnviron({**around.env, "AWS_PROFILE": "production"}, around.home, around.cwd)
    assert not fingerprint.matches(other)
    assert _login(other)[0] != key


def test_a_kubeconfig_of_the_working_folder_is_another_one_elsewhere(tmp_path: Path) -> None:
    around = []
    for name in ("here", "there"):
        folder = tmp_path / name
        folder.mkdir()
        _write(folder / "config", {"tokenFile": "token"})
        (folder / "token").write_text(f"of {name}")
        around.append(HostEnviron(env={"KUBECONFIG": "config"}, home=tmp_path, cwd=folder))
    key, fingerprint = _login(around[0])
    assert fingerprint.matches(around[0])
    assert not fingerprint.matches(around[1]), "the same text, and another token beside it"
    assert _login(around[1])[0] != key


@pytest.mark.parametrize("user", [{"token": "t"}, {"tokenFile": "login"}])
async def test_all_that_a_login_is_read_from_is_declared(
    around: HostEnviron, user: dict[str, str]
) -> None:
    _write(around.home / "config", user)
    (around.home / "login").write_text("alice")

    async def log_in(source: ResolvedSource, environ: HostEnviron) -> None:
        for cluster in usable_clusters(SETTINGS, environ):
            if file := cluster.user.get("tokenFile"):
                await asyncio.to_thread(Path(file).read_text)

    source = ResolvedSource("k8s", Kubernetes, SETTINGS)
    assert await undeclared_reads(source, around, log_in) == []
