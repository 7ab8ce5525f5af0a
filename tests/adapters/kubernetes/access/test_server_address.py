"""The addresses of servers, beside those that a real kubectl is held against."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import Misconfigured
from opsboard_adapters.kubernetes.access.clusters import ServerAddress, server_address

SECRET = "s3cret-0123456789"


def _address(server: str, cluster: dict[str, Any] | None = None, **user: str) -> ServerAddress:
    return server_address({"server": server, **(cluster or {})}, user, "the cluster 'c' in F")


@pytest.mark.parametrize(
    ("server", "url"),
    [
        ("[::1]:6443", "http://[::1]:6443"),
        ("https://[fd00::1]:6443", "https://[fd00::1]:6443"),
        ("https://[fd00::1]", "https://[fd00::1]"),
        ("HTTPS://K.test:6443/A/", "https://K.test:6443/A"),
        ("https://k.test:", "https://k.test"),
        ("k.test", "http://k.test"),
        ("https://k.test/api/..", "https://k.test"),
        ("https://k.test/../../a", "https://k.test/a"),
        ("https://k.test/\u00e4", "https://k.test/%C3%A4"),
    ],
)
def test_an_address(server: str, url: str) -> None:
    assert _address(server) == ServerAddress(url)


@pytest.mark.parametrize(
    "more",
    [
        {"certificate-authority": "ca.crt"},
        {"certificate-authority-data": "QUFB"},
        {"insecure-skip-tls-verify": True},
    ],
    ids=str,
)
def test_without_a_scheme_what_speaks_of_tls_is_asked_over_tls(more: dict[str, Any]) -> None:
    assert _address("k.test:1", more).url == "https://k.test:1"
    assert _address("http://k.test:1", more).url == "http://k.test:1"


NONE = [
    "http://[", "https://[::1", "https://:1", "https://", "http:///a", "https://a b", "https://a\n",
    "https://k.test:0", "https://k.test:x", "k.test:1/a", "::1", "https://" + "a" * 300,
    f"ftp://me:{SECRET}@x", f"me:{SECRET}@x:1/a", f"https://me:{SECRET}@",
]  # fmt: skip


@pytest.mark.parametrize("server", NONE, ids=ascii)
def test_what_is_none_is_refused_and_not_repeated(server: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        _address(server)
    assert "the cluster 'c' in F" in caught.value.message
    assert SECRET not in caught.value.message + caught.value.hint


def test_a_login_is_no_part_of_an_address() -> None:
    found = _address(f"https://me:{SECRET}%2F@k.test:1/a")
    assert found == ServerAddress("https://k.test:1/a", ("me", f"{SECRET}/"))
    assert _address(f"me:{SECRET}@k.test:1").url == "http://k.test:1"


@given(st.text(max_size=30))
def test_any_text_is_an_address_or_is_refused(server: str) -> None:
    try:
        found = _address(server)
    except Misconfigured:
        return
    assert found.url.startswith(("http://", "https://"))
    assert found.url == found.url.strip()
