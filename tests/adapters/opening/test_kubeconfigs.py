"""Odd kubeconfigs: wrong types, null, locked keys, plugins that fail or print junk."""

import json
from pathlib import Path
from typing import Any

import pytest

from opsboard_adapters.kubernetes.access.exec_plugin import VERSIONS
from opsboard_adapters.kubernetes.adapter import Kubernetes
from tests.adapters.opening import check_told, told_of

SECRET = "s3cret-0123456789"
SERVER = "https://127.0.0.1:1"
PLUGIN = {"apiVersion": VERSIONS[0], "command": "/bin/true", "interactiveMode": "Never"}


def _config(cluster: Any = None, user: Any = None, context: Any = None, **top: Any) -> str:
    document = {
        "current-context": "c",
        "contexts": [{"name": "c", "context": context or {"cluster": "k", "user": "me"}}],
        "clusters": [{"name": "k", "cluster": {"server": SERVER} if cluster is None else cluster}],
        "users": [{"name": "me", "user": user}],
        **top,
    }
    return json.dumps(document)


def _in_cluster(**values: Any) -> str:
    return _config({"server": SERVER, **values})


def _plugin(**values: Any) -> str:
    return _config(user={"exec": {**PLUGIN, **values}})


def _printing(word: str) -> str:
    return _plugin(command="/bin/sh", args=["-c", f"printf %s '{word}'"])


ODD: dict[str, str] = {
    "empty": "",
    "a list": "[]",
    "a text": "x",
    "not YAML": "{",
    "an odd date": "x: 2026-99-99",
    "nested": "[" * 5_000,
    "NUL": "x: \x00",
    "contexts a number": _config(contexts=5),
    "contexts a text": _config(contexts="x"),
    "contexts null": _config(contexts=None),
    "contexts of null": _config(contexts=[None]),
    "clusters a table": _config(clusters={"k": {}}),
    "current-context a list": _config(**{"current-context": []}),
    "current-context unknown": _config(**{"current-context": "other"}),
    "context's cluster a list": _config(context={"cluster": ["k"]}),
    "context's user a number": _config(context={"cluster": "k", "user": 5}),
    "namespace a table": _config(context={"cluster": "k", "namespace": {}}),
    "cluster null": _config(cluster={}),
    "server null": _config(cluster={"server": None}),
    "server a number": _config(cluster={"server": 5}),
    "server odd": _config(cluster={"server": "http://["}),
    "server without a scheme": _config(cluster={"server": "host:6443"}),
    "server with a login": _config(cluster={"server": f"https://me:{SECRET}@x"}),
    "CA a number": _in_cluster(**{"certificate-authority": 5}),
    "CA a folder": _in_cluster(**{"certificate-authority": "/"}),
    "CA endless": _in_cluster(**{"certificate-authority": "/dev/zero"}),
    "CA missing": _in_cluster(**{"certificate-authority": "/none/such"}),
    "CA no base64": _in_cluster(**{"certificate-authority-data": "!!!"}),
    "CA no PEM": _in_cluster(**{"certificate-authority-data": "w7zDvMO8"}),
    "CA a list": _in_cluster(**{"certificate-authority-data": []}),
    "insecure a text": _in_cluster(**{"insecure-skip-tls-verify": "yes"}),
    "proxy odd": _in_cluster(**{"proxy-url": "http://["}),
    "proxy of a scheme": _in_cluster(**{"proxy-url": "gopher://x"}),
    "proxy a number": _in_cluster(**{"proxy-url": 5}),
    "user a text": _config(user="x"),
    "token a number": _config(user={"token": 12345678}),
    "token of two lines": _config(user={"token": f"{SECRET}\nx"}),
    "token an umlaut": _config(user={"token": f"{SECRET}\u00fc"}),
    "token file a list": _config(user={"tokenFile": []}),
    "token file a folder": _config(user={"tokenFile": "/"}),
    "token file endless": _config(user={"tokenFile": "/dev/zero"}),
    "as a table": _config(user={"as": {}, "token": SECRET}),
    "as an umlaut": _config(user={"as": "\u00fc", "token": SECRET}),
    "certificate no base64": _config(user={"client-certificate-data": "!", "client-key-data": "!"}),
    "certificate no PEM": _config(
        user={"client-certificate-data": "AAAA", "client-key-data": "AA=="}
    ),
    "certificate without key": _config(user={"client-certificate": "/etc/hostname"}),
    "exec a text": _config(user={"exec": "x"}),
    "exec a list": _config(user={"exec": []}),
    "exec empty": _config(user={"exec": {"apiVersion": VERSIONS[0]}}),
    "exec of another version": _plugin(apiVersion="v9"),
    "exec args a text": _plugin(args="x"),
    "exec args numbers": _plugin(args=[1]),
    "exec args with a NUL": _plugin(args=["\x00"]),
    "exec env a table": _plugin(env={"A": "b"}),
    "exec env without a name": _plugin(env=[{"value": "x"}]),
    "exec env odd": _plugin(env=[{"name": "A=B", "value": "x\x00"}]),
    "exec missing": _plugin(command="no-such-plugin"),
    "exec a folder": _plugin(command="/"),
    "exec failing": _plugin(command="/bin/false"),
    "exec silent": _plugin(),
    "exec junk": _printing("junk"),
    "exec a number": _printing("5"),
    "exec nested": _plugin(
        command="/bin/sh", args=["-c", "head -c 100000 /dev/zero | tr '\\0' '['"]
    ),
    "exec token a number": _printing('{"status":{"token":5}}'),
    "exec token of two lines": _printing(f'{{"status":{{"token":"{SECRET}\\\\nx"}}}}'),
    "exec expiry odd": _printing('{"status":{"token":"x","expirationTimestamp":5}}'),
    "exec no status": _printing("{}"),
}


@pytest.mark.parametrize("kind", ODD)
async def test_an_odd_kubeconfig(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(ODD[kind])
    file.chmod(0o600)
    env = {"PATH": "/usr/bin:/bin"}
    health = await told_of(Kubernetes, {"kubeconfig": str(file)}, env, tmp_path)
    check_told(health, SECRET)


async def test_a_plugins_expiry_without_a_zone_is_one(tmp_path: Path) -> None:
    answer = '{"status":{"token":"x","expirationTimestamp":"2026-01-01T00:00:00"}}'
    file = tmp_path / "config"
    file.write_text(_printing(answer))
    file.chmod(0o600)
    health = await told_of(Kubernetes, {"kubeconfig": str(file)}, {"PATH": "/bin"}, tmp_path)
    check_told(health)
    assert health.condition == "unreachable", "it got as far as to ask"
