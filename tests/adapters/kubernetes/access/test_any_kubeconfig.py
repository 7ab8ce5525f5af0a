"""Whatever stands in a kubeconfig, it is a way into a cluster or a trouble that is told."""

import asyncio
import ssl
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import HostEnviron, SourceError
from opsboard.testing.fakes import FakeContext
from opsboard_adapters.kubernetes.access import tls
from opsboard_adapters.kubernetes.access.clusters import usable_clusters
from opsboard_adapters.kubernetes.access.kubeconfig_schema import CLUSTER, CONTEXT, USER
from opsboard_adapters.kubernetes.access.yaml_document import NotYamlError, first_document
from opsboard_adapters.kubernetes.client import open_cluster_client
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.adapters.kubernetes.access.cases import config
from tests.patience import PATIENCE

SECRET = "s3cret-0123456789"

NAMES = st.sampled_from([
    "", "c", "u", "x", "/", "/dev/null", "\x00", "\u00fc", "a\nb", "%", "QUFB", "!!", "~", "..",
    "https://127.0.0.1:1", "http://127.0.0.1:1", "127.0.0.1:1", "https://[", "https://a b", "://",
    "socks5://127.0.0.1:1", "client.authentication.k8s.io/v1", "Never", "oidc", "gcp",
])  # fmt: skip
"""What may stand in errors: names, paths and addresses."""

SECRETS = st.sampled_from([SECRET, f"{SECRET}\nx", f"{SECRET}\u00fc", "e30.e30.e30"])
ADDRESSES = st.sampled_from([f"{scheme}://me:{SECRET}@127.0.0.1:1" for scheme in
                             ("https", "http", "socks5", "ftp")])  # fmt: skip
SECRET_KEYS = {
    "token": SECRETS,
    "password": SECRETS,
    "client-key-data": SECRETS,
    "certificate-authority-data": SECRETS,
    "server": ADDRESSES,
    "proxy-url": ADDRESSES,
}
SCALARS = st.one_of(NAMES, st.none(), st.booleans(), st.integers(), st.just(1.5))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(NAMES, SCALARS), inner, max_size=3)
    ),
    max_leaves=4,
)


def _tables(shape: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Return tables with the keys of *shape*, most of whose values are right."""
    return st.fixed_dictionaries(
        {}, optional={key: _fitting(wanted, key) for key, wanted in shape.items()}
    )


def _fitting(wanted: Any, key: str = "") -> st.SearchStrategy[Any]:
    if isinstance(wanted, list):
        return st.one_of(st.lists(_fitting(wanted[0]), max_size=2), VALUES)
    if isinstance(wanted, dict):
        return st.one_of(_tables(wanted), VALUES)
    return st.one_of(NAMES, SECRET_KEYS.get(key, NAMES), VALUES)


DOCUMENTS = st.fixed_dictionaries({
    "current-context": st.just("c"),
    "contexts": st.lists(
        st.fixed_dictionaries({"name": st.just("c"), "context": st.one_of(
            st.just({"cluster": "c", "user": "u"}), _tables(CONTEXT), VALUES
        )}),
        min_size=1, max_size=1,
    ),
    "clusters": st.lists(
        st.fixed_dictionaries({"name": st.just("c"), "cluster": _tables(CLUSTER)}),
        min_size=1, max_size=1,
    ),
    "users": st.lists(
        st.fixed_dictionaries({"name": st.just("u"), "user": _tables(USER)}),
        min_size=1, max_size=1,
    ),
})  # fmt: skip


async def _open(folder: Path) -> None:
    env = {"KUBECONFIG": str(folder / "config"), "PATH": "/none"}
    for access in usable_clusters(
        KubernetesSettings(), HostEnviron(env=env, home=folder, cwd=folder)
    ):
        async with (
            asyncio.timeout(PATIENCE),
            open_cluster_client(access, FakeContext(env=env), 0.5) as api,
        ):
            await api.get("/version")


def _come_to(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "config"
        file.write_bytes(content)
        file.chmod(0o600)
        said, hint = "", "not needed"
        try:
            asyncio.run(_open(Path(folder)))
        except SourceError as error:
            said, hint = error.message, error.hint
        assert hint, said
        assert SECRET not in said + hint
        assert "fault of the adapter" not in said + hint


@given(DOCUMENTS)
def test_any_document(document: dict[str, Any]) -> None:
    _come_to(yaml.safe_dump(document, allow_unicode=True).encode("utf-8", "surrogatepass"))


@given(st.binary(max_size=80), st.integers(0, 400))
def test_any_bytes_in_a_good_one(odd: bytes, at: int) -> None:
    good = config(server="http://127.0.0.1:1", cluster="").encode()
    _come_to(good[:at] + odd + good[at:])


@given(st.text(alphabet="[]{}:,-?*&!|>'\"%@`#~ \n\tabc01.<_", max_size=60))
def test_any_text_has_a_first_document_or_is_no_yaml(text: str) -> None:
    found, line = None, 0
    try:
        found = first_document(text)
    except NotYamlError as error:
        line = error.line
    assert 0 <= line <= text.count("\n") + 2
    assert found is None or isinstance(found, dict | list | str | bool | int | float)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(max_size=8), inner)),
)


@given(JSON)
def test_what_is_quoted_as_json_is_read_as_it_was(value: Any) -> None:
    text = yaml.safe_dump(value, default_style='"', allow_unicode=False)
    assert first_document(text) == value


def test_a_laugh_a_billion_times_is_short() -> None:
    rows = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    found = first_document("\n".join(rows))
    assert len(found) == 60


@pytest.mark.parametrize("part", ["[", "{a: ", "- ", "? ", "{[", "&a [", "!x {"])
def test_what_is_nested_too_deeply_takes_nothing_down(part: str) -> None:
    """libyaml's own composer ends the process, by the stack of C."""
    with pytest.raises(NotYamlError):
        first_document(part * 100_000)
    assert first_document("[" * 90 + "]" * 90)


@pytest.mark.parametrize("line", [1, 3, 7])
def test_the_line_of_a_fault_is_told(line: int) -> None:
    with pytest.raises(NotYamlError) as caught:
        first_document("a: b\n" * (line - 1) + "\x07: c\n")
    assert caught.value.line == line


def test_no_rule_of_python_beyond_those_of_go() -> None:
    """Clusters have authorities that Python 3.13 would refuse: without key identifiers, say."""
    flags = tls.tls_context({}, {}).verify_flags
    assert not flags & ssl.VERIFY_X509_STRICT
    assert flags & ssl.VERIFY_X509_PARTIAL_CHAIN
