"""A kubeconfig makes the request that kubectl makes of it, or is refused as kubectl refuses it.

What is expected was seen of kubectl 1.37. ``OPSBOARD_TEST_KUBECTL`` names a kubectl that the same
table is held against; without it, that half is skipped.
"""

import asyncio
import os
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from opsboard.adapter import HostEnviron, SourceError
from opsboard.testing.fakes import FakeContext
from opsboard_adapters.kubernetes.access.clusters import usable_clusters
from opsboard_adapters.kubernetes.client import open_cluster_client
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.adapters.kubernetes.access.cases import Case, Outcome, Refused, Sent
from tests.adapters.kubernetes.access.cases_of_clusters import (
    SERVERS,
    of_authority,
    of_base64,
    of_certificate,
)
from tests.adapters.kubernetes.access.cases_of_files import FILES
from tests.adapters.kubernetes.access.cases_of_plugins import PLUGINS
from tests.adapters.kubernetes.access.cases_of_users import USERS
from tests.adapters.kubernetes.access.recorder import Recorder, recording
from tests.patience import PATIENCE

KUBECTL = os.environ.get("OPSBOARD_TEST_KUBECTL", "")
ENVIRONMENT = {"PATH": "/usr/bin:/bin"}

AUTHORITY = trustme.CA()
CLIENT = AUTHORITY.issue_cert("me@opsboard.test", common_name="alice")
CA = AUTHORITY.cert_pem.bytes()
CERTIFICATE = CLIENT.cert_chain_pems[0].bytes()
KEY = CLIENT.private_key_pem.bytes()


def _locked(form: str) -> bytes:
    words = ["openssl", "pkey", "-aes256", "-passout", "pass:hunter2-hunter2", *form.split()]
    return subprocess.run(words, input=KEY, capture_output=True, check=True).stdout


LOCKED = {"PKCS #8": _locked(""), "traditional": _locked("-traditional")}
CASES: dict[str, Case] = {
    f"{what}: {name}": case
    for what, cases in {
        "user": USERS,
        "plugin": PLUGINS,
        "cluster": SERVERS,
        "CA": of_authority(CA),
        "CA data": of_base64(CA),
        "certificate": of_certificate(CERTIFICATE, KEY, LOCKED),
        "file": FILES,
    }.items()
    for name, case in cases.items()
}


@dataclass(frozen=True, slots=True)
class Ground:
    """A *folder* with the files of a case, and the server that it leads to."""

    folder: Path
    recorder: Recorder

    def lay(self, case: Case) -> dict[str, str]:
        """Write the files of *case*; return the environment that names them."""
        usual = {"ca.crt": CA, "cli.crt": CERTIFICATE, "cli.key": KEY, "token": b"from-file"}
        for name, content in {**usual, **case.files}.items():
            data: bytes = content.encode() if isinstance(content, str) else content
            file = self.folder / name
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(data.replace(b"PORT", str(self.recorder.port).encode()))
            if name == "config" and b"P\0O\0R\0T" in data:
                file.write_bytes(_wide(data, str(self.recorder.port)))
            file.chmod(0o700 if name in case.tools else 0o600)
        listed = case.listed.replace("FOLDER", str(self.folder))
        return {**ENVIRONMENT, "HOME": str(self.folder), "KUBECONFIG": listed}

    def heard(self) -> Sent:
        """Return the last request."""
        request = self.recorder.requests[-1]
        told = request.told("authorization", "impersonate-")
        return Sent(
            tuple(f"{name}: {value.encode('latin-1').decode()}" for name, value in told),
            request.tls,
            request.line.split()[1].partition("?")[0],
            request.shown,
            request.server_name,
        )


def _wide(data: bytes, port: str) -> bytes:
    """Return *data*, in UTF-16, with the *port* in it."""
    for encoding in ("utf-16-le", "utf-16-be"):
        data = data.replace("PORT".encode(encoding), port.encode(encoding))
    return data


@contextmanager
def serving() -> Iterator[Recorder]:
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("127.0.0.1", "localhost", "k.test").configure_cert(trust)
    AUTHORITY.configure_trust(trust)
    trust.verify_mode = ssl.CERT_OPTIONAL
    with recording(trust) as recorder:
        yield recorder


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    with serving() as recorder:
        yield recorder


@pytest.fixture
def ground(tmp_path: Path, recorder: Recorder) -> Ground:
    recorder.requests.clear()
    return Ground(tmp_path, recorder)


async def _ask(ground: Ground, env: dict[str, str]) -> None:
    here = HostEnviron(env=env, home=ground.folder, cwd=ground.folder)
    (access,) = usable_clusters(KubernetesSettings(), here)
    async with open_cluster_client(access, FakeContext(env=env), 5) as api:
        await api.get("/version")


async def _ours(ground: Ground, case: Case) -> Outcome:
    try:
        async with asyncio.timeout(PATIENCE):
            await _ask(ground, ground.lay(case))
    except SourceError as error:
        return Refused(f"{error.message} ({error.hint or 'NO WAY OUT'})")
    return ground.heard()


def _theirs(ground: Ground, case: Case) -> Outcome:
    done = subprocess.run(
        [KUBECTL, "--request-timeout=10s", "get", "--raw", "/version"],
        env=ground.lay(case),
        cwd=ground.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
        check=False,
    )
    return Refused(done.stderr) if done.returncode else ground.heard()


def _check(outcome: Outcome, expected: Outcome) -> None:
    if isinstance(expected, Refused) and isinstance(outcome, Refused):
        assert expected.words in outcome.words
    else:
        assert outcome == expected


@pytest.mark.parametrize("name", CASES)
async def test_a_kubeconfig_does_as_with_kubectl(
    name: str, ground: Ground, capfd: pytest.CaptureFixture[str]
) -> None:
    case = CASES[name]
    outcome = await _ours(ground, case)
    _check(outcome, case.expected)
    if isinstance(outcome, Refused):
        assert "NO WAY OUT" not in outcome.words
        assert "hunter2" not in outcome.words
        assert "fault of the adapter" not in outcome.words
    assert not ground.recorder.requests or isinstance(case.expected, Sent), "asked, and refused"
    assert "pass phrase" not in "".join(capfd.readouterr())


@pytest.mark.skipif(not KUBECTL, reason="OPSBOARD_TEST_KUBECTL names no kubectl")
@pytest.mark.parametrize("name", CASES)
def test_kubectl_does_so(name: str, ground: Ground) -> None:
    case = CASES[name]
    refused_by_both = isinstance(case.expected, Refused) and case.kubectl is None
    _check(_theirs(ground, case), Refused() if refused_by_both else case.as_kubectl)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.kubectl])
def test_where_it_does_otherwise_it_is_said_why(name: str) -> None:
    case = CASES[name]
    assert case.why or (isinstance(case.kubectl, Refused) and isinstance(case.expected, Refused))
