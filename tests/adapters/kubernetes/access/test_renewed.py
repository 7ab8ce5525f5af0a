"""A login that was renewed in the kubeconfig is used, as soon as the old one is refused."""

import json
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme
from starlette.requests import Request
from starlette.responses import Response

from opsboard.adapter import Condition
from opsboard.demo.server import serve_in_thread
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.adapters.kubernetes.raw_server import Wire, listening
from tests.adapters.kubernetes.scripted_cluster import (
    PODS,
    Answer,
    ScriptedCluster,
    page,
    pod,
    status,
    write_kubeconfig,
)
from tests.adapters.kubernetes.test_bad_input import following

LIST = f"list {PODS}"


def _for(name: str, answer: Answer) -> Answer:
    """Return *answer* for those who come as *name*; all others are to log in."""

    async def given(request: Request) -> Response:
        known = request.headers.get("impersonate-user") == name
        return await (answer if known else status(401))(request)

    return given


def _rewrite(file: Path, **user: Any) -> None:
    document = json.loads(file.read_text())
    document["users"][0]["user"] = user
    file.write_text(json.dumps(document))


@pytest.mark.parametrize("broken_meanwhile", [False, True])
async def test_a_renewed_login_is_used(tmp_path: Path, broken_meanwhile: bool) -> None:
    """Whom one acts as stands for the login here: it is sent over plain HTTP, too."""
    cluster = ScriptedCluster()
    cluster.script[LIST] = [_for("new", page(pod("a")))]
    with serve_in_thread(cluster.app) as url:
        file = write_kubeconfig(tmp_path, url)
        _rewrite(file, **{"as": "old"})
        async with following(KubernetesSettings(kubeconfig=file)) as source:
            assert (await source.until_failed()).condition is Condition.UNAUTHENTICATED
            if broken_meanwhile:
                good = file.read_text()
                file.write_text("{")
                await source.go_on()
                await source.until(lambda: len(source.healths()) > 1)
                file.write_text(good)
            _rewrite(file, **{"as": "new"})
            await source.go_on()
            await source.until_pods("a")


async def test_a_context_that_leads_elsewhere_by_now_is_not_followed(tmp_path: Path) -> None:
    cluster, other = ScriptedCluster(), ScriptedCluster()
    cluster.script[LIST] = [status(401), page(pod("a"))]
    with serve_in_thread(cluster.app) as url, serve_in_thread(other.app) as elsewhere:
        file = write_kubeconfig(tmp_path, url)
        async with following(KubernetesSettings(kubeconfig=file)) as source:
            await source.until_failed()
            write_kubeconfig(tmp_path, elsewhere)
            await source.go_on()
            await source.until_pods("a")
    assert not other.asked


async def test_a_certificate_that_was_renewed_in_its_files_is_shown(tmp_path: Path) -> None:
    authority, wire = trustme.CA(), Wire(refusals=10_000)
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(trust)
    authority.configure_trust(trust)
    trust.verify_mode = ssl.CERT_REQUIRED
    authority.cert_pem.write_to_path(str(tmp_path / "ca.crt"))

    def write(name: str) -> None:
        issued = authority.issue_cert("me@opsboard.test", common_name=name)
        issued.cert_chain_pems[0].write_to_path(str(tmp_path / "me.crt"))
        issued.private_key_pem.write_to_path(str(tmp_path / "me.key"))

    write("first")
    async with listening(wire, trust) as url:
        file = write_kubeconfig(tmp_path, url)
        document = json.loads(file.read_text())
        document["clusters"][0]["cluster"]["certificate-authority"] = "ca.crt"
        file.write_text(json.dumps(document))
        _rewrite(file, **{"client-certificate": "me.crt", "client-key": "me.key"})
        async with following(KubernetesSettings(kubeconfig=file)) as source:
            assert (await source.until_failed()).condition is Condition.UNAUTHENTICATED
            assert set(wire.names) == {"first"}
            write("second")
            await source.go_on()
            await source.until(lambda: "second" in wire.names)
