"""The copy of a kubeconfig that kubectl is given leads where the original led, and nowhere else."""

import asyncio
import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from opsboard.adapter import HostEnviron
from opsboard.records.identity import workload
from opsboard.testing.fakes import FakeContext
from opsboard_adapters.kubernetes.access.clusters import ClusterAccess, usable_clusters
from opsboard_adapters.kubernetes.access.kubeconfig import kubeconfig_files
from opsboard_adapters.kubernetes.access.pinned_kubeconfig import (
    leads_elsewhere,
    pinned_kubeconfig,
    user_text,
)
from opsboard_adapters.kubernetes.client import open_cluster_client
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.adapters.kubernetes.access.cases import Sent
from tests.adapters.kubernetes.access.recorder import Recorder
from tests.adapters.kubernetes.access.test_as_kubectl import (
    CASES,
    KUBECTL,
    Ground,
    serving,
)
from tests.patience import PATIENCE

SENT = [name for name, case in CASES.items() if isinstance(case.expected, Sent)]
"""The kubeconfigs that lead anywhere."""


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    with serving() as recorder:
        yield recorder


def _pinned(ground: Ground, name: str) -> tuple[Path, dict[str, str]]:
    """Pin the kubeconfig of the case *name*, and spoil the original; return the copy, and what
    environment it is used in."""
    env = ground.lay(CASES[name])
    here = HostEnviron(env=env, home=ground.folder, cwd=ground.folder)
    (access,) = usable_clusters(KubernetesSettings(), here)
    elsewhere = ground.folder / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    copy = elsewhere / "pinned"
    copy.write_bytes(pinned_kubeconfig(access))
    for file in kubeconfig_files(None, here):
        if file.is_relative_to(ground.folder) and file.is_file():
            file.unlink()  # /dev/null is one as well, and not ours
    return copy, env


async def _asked(copy: Path, env: dict[str, str]) -> None:
    here = HostEnviron(env=env, home=copy.parent, cwd=copy.parent)
    (access,) = usable_clusters(KubernetesSettings(kubeconfig=copy), here)
    async with open_cluster_client(access, FakeContext(env=env), 10) as api:
        await api.get("/version")


async def test_a_copy_makes_the_same_request_without_the_original(
    tmp_path: Path, recorder: Recorder
) -> None:
    for at, name in enumerate(SENT):
        (folder := tmp_path / str(at)).mkdir()
        recorder.requests.clear()
        ground = Ground(folder, recorder)
        copy, env = _pinned(ground, name)
        async with asyncio.timeout(PATIENCE):
            await _asked(copy, env)
        assert ground.heard() == CASES[name].expected, name


@pytest.mark.skipif(not KUBECTL, reason="OPSBOARD_TEST_KUBECTL names no kubectl")
@pytest.mark.parametrize("name", [name for name in SENT if CASES[name].kubectl is None])
def test_kubectl_makes_the_same_request_of_the_copy(
    name: str, tmp_path: Path, recorder: Recorder
) -> None:
    recorder.requests.clear()
    ground = Ground(tmp_path, recorder)
    copy, env = _pinned(ground, name)
    words = ["--kubeconfig", str(copy), "--request-timeout=10s", "get", "--raw", "/version"]
    subprocess.run(
        [KUBECTL, *words], env=env, cwd=copy.parent, stdin=subprocess.DEVNULL, check=True
    )
    assert ground.heard() == CASES[name].expected


ACCESS = ClusterAccess(
    name="prod",
    server="https://prod.test:6443",
    cluster_name="prod-eu",
    user_name="alice",
    namespace="shop",
    cluster={"server": "https://me:pw@prod.test:6443", "certificate-authority": "/ca.crt"},
    user={"token": "first"},
)


def _copy(access: ClusterAccess) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(pinned_kubeconfig(access))
    return found


def test_a_copy_holds_one_cluster_and_no_more_of_the_login_than_is_used() -> None:
    provider = {"name": "oidc", "config": {"id-token": "i", "refresh-token": "r"}}
    oidc = replace(ACCESS, user={"auth-provider": provider})
    [user] = _copy(oidc)["users"]
    assert user["user"] == {"auth-provider": {"name": "oidc", "config": {"id-token": "i"}}}
    assert provider["config"] == {"id-token": "i", "refresh-token": "r"}, "that is not ours"
    [cluster] = _copy(oidc)["clusters"]
    assert cluster["cluster"]["server"] == "https://prod.test:6443"
    plain = replace(ACCESS, server="http://prod.test", user={"token": "t", "as": "bob"})
    assert [one["user"] for one in _copy(plain)["users"]] == [{"as": "bob"}]
    told = {"name": "client.authentication.k8s.io/exec", "extension": {"region": "eu"}}
    noted = {"name": "minikube.sigs.k8s.io", "extension": {"last-update": "today"}}
    with_notes = replace(ACCESS, cluster={**ACCESS.cluster, "extensions": [noted, told]})
    [cluster] = _copy(with_notes)["clusters"]
    assert cluster["cluster"]["extensions"] == [told]


@pytest.mark.parametrize(
    ("changed", "how"),
    [
        ({"server": "https://dev.test"}, "leads to https://dev.test as alice"),
        ({"user_name": "bob"}, "leads to https://prod.test:6443 as bob"),
        ({"user_name": ""}, "as no user"),
        ({"cluster_name": "dev"}, "has another cluster"),
        ({"cluster": {"certificate-authority": "/b"}}, "has another certificate-authority"),
        ({"cluster": {**ACCESS.cluster, "proxy-url": "http://p"}}, "has another proxy-url"),
        ({"cluster": {**ACCESS.cluster, "tls-server-name": "x"}}, "another tls-server-name"),
        ({"cluster": {**ACCESS.cluster, "insecure-skip-tls-verify": True}}, "insecure-skip"),
        ({"namespace": "payments"}, ""),
        ({"user": {"token": "second"}}, ""),
        ({"cluster": {**ACCESS.cluster, "extensions": [{"name": "minikube"}]}}, ""),
    ],
)
def test_what_leads_elsewhere_is_said_and_what_is_only_renewed_is_not(
    changed: dict[str, Any], how: str
) -> None:
    said = leads_elsewhere(ACCESS, replace(ACCESS, **changed))
    assert how in said
    assert bool(said) is bool(how)


def test_it_is_said_as_whom_without_a_secret() -> None:
    assert user_text(ACCESS) == "alice"
    assert user_text(replace(ACCESS, user_name="", user={"as": "bob"})) == "no user, acting as bob"
    acted = {"as": "bob", "as-uid": "7", "as-groups": ["a", "b"], "as-user-extra": {"scopes": []}}
    told = "alice, acting as bob (uid 7; groups a, b; extra scopes)"
    assert user_text(replace(ACCESS, user=acted)) == told, "what was granted may be by a group"


@pytest.mark.parametrize(
    ("key", "value"),
    [("proxy-url", "socks5://me:pw@bastion-b:1080"), ("tls-server-name", "b.internal")],
)
def test_the_same_address_by_another_way_is_another_cluster(key: str, value: str) -> None:
    """Two sites use the same private address: pods of one are none of the other's workloads."""
    other = replace(ACCESS, cluster={**ACCESS.cluster, key: value})
    plain, through = (
        workload(one.place, "shop", "Deployment", "checkout", "name") for one in (ACCESS, other)
    )
    assert plain is not None
    assert through is not None
    assert plain.scope == "https://prod.test:6443"
    assert through.scope.startswith("https://prod.test:6443/")
    assert "pw" not in through.scope
