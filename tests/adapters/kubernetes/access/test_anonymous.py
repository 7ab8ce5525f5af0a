"""A cluster that is asked without a login, for want of one or of TLS: it is told, and none goes.

``clientcmd`` of client-go reads the login for TLS alone, and kubectl says nothing of it.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from opsboard.adapter import (
    Check,
    Condition,
    Forbidden,
    HostEnviron,
    Misconfigured,
    Report,
    Unauthenticated,
)
from opsboard.demo.server import serve_in_thread
from opsboard.records import Status
from opsboard.testing.fakes import FakeContext
from opsboard.testing.recorder import recording
from opsboard_adapters.kubernetes import Kubernetes
from opsboard_adapters.kubernetes.access.clusters import ClusterAccess, usable_clusters
from opsboard_adapters.kubernetes.client import open_cluster_client
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.adapters.kubernetes.raw_server import Wire, listening
from tests.adapters.kubernetes.scripted_cluster import (
    CANARY,
    PODS,
    ScriptedCluster,
    status,
    write_kubeconfig,
)


async def _checks(file: Path) -> list[Check]:
    settings = KubernetesSettings(kubeconfig=file)
    async with Kubernetes.connect(settings, FakeContext("clusters")) as source:
        return [check async for check in source.checks()]


async def test_doctor_warns_of_a_login_that_is_not_sent(tmp_path: Path) -> None:
    with serve_in_thread(ScriptedCluster().app) as url:
        (check,) = [
            check
            for check in await _checks(write_kubeconfig(tmp_path, url))
            if check.subject == "test: login"
        ]
    assert check.status is Status.WARNING
    assert "asked without a login" in check.message
    assert f"{url} is plain HTTP" in check.message
    assert "https://" in check.hint
    assert CANARY not in check.message + check.hint


async def test_doctor_says_nothing_where_none_is_to_be_sent(tmp_path: Path) -> None:
    with serve_in_thread(ScriptedCluster().app) as url:
        checks = await _checks(write_kubeconfig(tmp_path, url, token=""))
    assert "test: login" not in {check.subject for check in checks}


async def test_the_cluster_is_live_and_says_so(tmp_path: Path) -> None:
    with serve_in_thread(ScriptedCluster().app) as url:
        settings = KubernetesSettings(kubeconfig=write_kubeconfig(tmp_path, url))
        async with (
            Kubernetes.connect(settings, FakeContext("clusters")) as source,
            recording(source) as recorder,
        ):
            await recorder.until(lambda: bool(_live(recorder.changes)))
            (health,) = _live(recorder.changes)
    assert health.message.startswith("asked without a login")
    assert health.hint


def _live(changes: Any) -> list[Any]:
    return [
        change.health
        for change in changes
        if isinstance(change, Report) and change.scope == "test"
        if change.health.condition is Condition.LIVE
    ]


async def test_a_server_that_wants_a_login_over_plain_http(tmp_path: Path) -> None:
    wire = Wire(refusals=1)
    async with listening(wire) as url:
        (access,) = usable_clusters(
            KubernetesSettings(kubeconfig=write_kubeconfig(tmp_path, url)), _here(tmp_path)
        )
        async with open_cluster_client(access, FakeContext()) as api:
            with pytest.raises(Unauthenticated, match="is plain HTTP, so the login of") as caught:
                await api.get("/api")
    assert caught.value.hint.startswith("write https://")
    assert CANARY not in wire.heads[0]


async def test_what_nobody_may_see_says_why_it_is_nobody(tmp_path: Path) -> None:
    cluster = ScriptedCluster()
    cluster.script[f"list {PODS}"] = [status(403, 'User "system:anonymous" cannot list pods')]
    with serve_in_thread(cluster.app) as url:
        (access,) = usable_clusters(
            KubernetesSettings(kubeconfig=write_kubeconfig(tmp_path, url)), _here(tmp_path)
        )
        async with open_cluster_client(access, FakeContext()) as api:
            with pytest.raises(Forbidden, match="system:anonymous") as caught:
                await api.get(PODS)
    assert "is plain HTTP" in caught.value.message
    assert caught.value.hint.startswith("write https://")


def _here(folder: Path) -> HostEnviron:
    return HostEnviron(env={}, home=folder, cwd=folder)


LOGINS: dict[str, dict[str, Any]] = {
    "token": {"token": "secret-0"},
    "tokenFile": {"tokenFile": "/none/such"},
    "password": {"username": "me", "password": "secret-0"},
    "exec": {"exec": {"command": "/none/such", "apiVersion": "any"}},
    "auth-provider": {"auth-provider": {"name": "any"}},
    "certificate": {"client-certificate": "/none/such", "client-key": "/none/such"},
}


@pytest.mark.parametrize("kind", LOGINS)
async def test_no_way_in_sends_a_login_over_plain_http(kind: str) -> None:
    """Whoever makes the way in: there is no check to forget."""
    wire = Wire()
    async with listening(wire) as url:
        access = ClusterAccess("test", url, "test", "me", "default", {}, LOGINS[kind])
        assert access.anonymous_health is not None
        async with open_cluster_client(access, FakeContext()) as api:
            await api.get("/api")
    (head,) = wire.heads
    assert "authorization" not in head.lower()
    assert "secret-0" not in head


@pytest.mark.parametrize(("user", "said"), [({}, "'me' has no login"), ({"as": "bob"}, "'me'")])
def test_over_tls_the_want_of_a_login_is_told(user: dict[str, str], said: str) -> None:
    access = ClusterAccess("test", "https://k.test", "test", "me", "default", {}, user)
    assert access.anonymous_health is not None
    assert said in access.anonymous_health.message
    assert (
        ClusterAccess("test", "http://k.test", "test", "me", "default", {}, user).anonymous_health
        is None
    )
    known = ClusterAccess("test", "https://k.test", "test", "me", "default", {}, {"token": "t"})
    assert known.anonymous_health is None


def test_one_context_without_its_user_takes_down_no_other(tmp_path: Path) -> None:
    file = write_kubeconfig(tmp_path, "https://k.test")
    document = json.loads(file.read_text())
    lost = {"name": "lost", "context": {"cluster": "test", "user": "nobody"}}
    document["contexts"].append(lost)
    file.write_text(json.dumps(document))
    settings = KubernetesSettings(kubeconfig=file, contexts=("lost", "test"))
    assert [way.name for way in usable_clusters(settings, _here(tmp_path))] == ["test"]
    with pytest.raises(Misconfigured, match=r"the user 'nobody' in .* is not there"):
        usable_clusters(KubernetesSettings(kubeconfig=file, contexts=("lost",)), _here(tmp_path))
