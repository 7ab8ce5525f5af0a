"""Which proxy an address is reached through, as Go has it.

The expected values are those of ``httpproxy.Config.ProxyFunc`` (golang.org/x/net v0.62, and
as ``net/http`` of Go 1.27 has it), which has been asked each of these.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import Misconfigured
from opsboard_adapters.net.proxies import (
    EnvironmentProxies,
    NoProxy,
    Proxy,
    ignored_variable,
    named_proxy,
)

PROXY = "http://proxy.test:3128"


def _url(env: dict[str, str], scheme: str, host: str, port: int | None = None) -> str:
    proxy = EnvironmentProxies(env).for_address(scheme, host, port)
    return proxy.url if proxy is not None else ""


@pytest.mark.parametrize(
    ("env", "scheme", "url"),
    [
        ({"HTTP_PROXY": PROXY}, "http", PROXY),
        ({"HTTP_PROXY": PROXY}, "https", ""),
        ({"HTTPS_PROXY": PROXY}, "https", PROXY),
        ({"HTTPS_PROXY": PROXY}, "http", ""),
        ({"http_proxy": PROXY}, "http", PROXY),
        ({"https_proxy": PROXY}, "https", PROXY),
        ({"HTTP_PROXY": PROXY, "http_proxy": "http://other:1"}, "http", PROXY),
        ({"HTTP_PROXY": "", "http_proxy": PROXY}, "http", PROXY),
        ({"Http_Proxy": PROXY}, "http", ""),
        ({"ALL_PROXY": PROXY, "all_proxy": PROXY}, "http", ""),
        ({"HTTP_PROXY": PROXY, "REQUEST_METHOD": ""}, "http", PROXY),
        ({"HTTPS_PROXY": PROXY, "no_proxy": "*"}, "https", ""),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "", "no_proxy": "*"}, "https", ""),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "x", "no_proxy": "*"}, "https", PROXY),
        ({"HTTPS_PROXY": "proxy.test:3128"}, "https", PROXY),
        ({"HTTPS_PROXY": "10.9.9.9:3128"}, "https", "http://10.9.9.9:3128"),
        ({"HTTPS_PROXY": "me:pw@proxy.test:3128"}, "https", "http://me:pw@proxy.test:3128"),
        ({"HTTPS_PROXY": "socks5://proxy.test:1080"}, "https", "socks5://proxy.test:1080"),
        ({"HTTPS_PROXY": "https://proxy.test"}, "https", "https://proxy.test"),
    ],
)
def test_the_variable_of_the_scheme_counts(env: dict[str, str], scheme: str, url: str) -> None:
    assert _url(env, scheme, "server.test") == url


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"],
)  # fmt: skip
def test_this_machine_is_never_reached_through_a_proxy(host: str) -> None:
    for proxy in (PROXY, "http://["):
        assert not _url({"HTTP_PROXY": proxy, "HTTPS_PROXY": proxy}, "http", host, 8080)
        assert not _url({"HTTP_PROXY": proxy, "HTTPS_PROXY": proxy}, "https", host)


COVERED = [
    ("*", "anything.test", 443),
    ("x,*", "10.0.0.1", 443),
    (" , * ,", "fd00::1", 443),
    ("10.0.0.1", "10.0.0.1", 443),
    ("::ffff:10.0.0.1", "10.0.0.1", 443),
    ("10.0.0.1", "::ffff:10.0.0.1", 443),
    ("10.0.0.1:443", "10.0.0.1", 443),
    ("10.0.0.1:", "10.0.0.1", 443),
    ("10.0.0.0/8", "10.255.0.1", 443),
    ("10.1.2.3/8", "10.255.0.1", 443),
    ("::ffff:10.0.0.0/104", "10.1.2.3", 443),
    ("0.0.0.0/0", "8.8.8.8", 443),
    ("fd00::1", "fd00::1", 443),
    ("FD00::0001", "fd00::1", 443),
    ("[fd00::1]:443", "fd00::1", 443),
    ("fd07:b51a:cc66:f0::/64", "fd07:b51a:cc66:f0::5", 443),
    ("localhost,fd07:b51a:cc66:f0::/64", "fd07:b51a:cc66:f0::5", 443),
    ("::/0", "fe80::1%eth0", 443),
    ("example.com", "example.com", 443),
    ("example.com", "a.example.com", 443),
    ("EXAMPLE.com", "example.com", 443),
    ("  example.com\t", "example.com", 443),
    (".example.com", "a.b.example.com", 443),
    ("*.example.com", "a.example.com", 443),
    ("example.com:443", "a.example.com", 443),
    ("*.example.com:443", "a.example.com", 443),
    ("com", "example.com", 443),
    ("b\u00fccher.de", "xn--bcher-kva.de", 443),
    ("B\u00dcCHER.de", "a.xn--bcher-kva.de", 443),
    ("xn--bcher-kva.de", "xn--bcher-kva.de", 443),
    ("[,[],]:80,x y,a..b,:,::::,http://a,10.0.0.0/33,example.com", "example.com", 443),
]
NOT_COVERED = [
    ("", "example.com", 443),
    ("10.0.0.1", "10.0.0.2", 443),
    ("10.0.0.1:80", "10.0.0.1", 443),
    ("10.0.0.0/8", "11.0.0.1", 443),
    ("10.0.0.0/255.0.0.0", "10.0.0.1", 443),
    ("010.0.0.1", "10.0.0.1", 443),
    ("::/0", "10.0.0.1", 443),
    ("0.0.0.0/0", "fd00::1", 443),
    ("0.0.0.0/0", "example.com", 443),
    ("[fd00::1]", "fd00::1", 443),
    ("[fd00::1", "fd00::1", 443),
    ("[fd00::1]:80", "fd00::1", 443),
    ("fe80::1%eth0", "fe80::1%eth0", 443),
    (".example.com", "example.com", 443),
    ("*.example.com", "example.com", 443),
    ("*example.com", "aexample.com", 443),
    ("example.com", "notexample.com", 443),
    ("example.com", "example.com.", 443),
    ("example.com:80", "example.com", 443),
    ("example.com:https", "example.com", 443),
    ("http://example.com", "example.com", 443),
    ("example.com/", "example.com", 443),
    ("*:443", "example.com", 443),
    (":443", "example.com", 443),
    ("localhost", "foo.test", 443),
]


@pytest.mark.parametrize(("listed", "host", "port"), COVERED, ids=ascii)
def test_what_no_proxy_lists_is_reached_straight(listed: str, host: str, port: int) -> None:
    assert NoProxy(listed).covers(host, port)


@pytest.mark.parametrize(("listed", "host", "port"), NOT_COVERED, ids=ascii)
def test_what_it_does_not_list_is_not(listed: str, host: str, port: int) -> None:
    assert not NoProxy(listed).covers(host, port)


@given(st.lists(st.text(max_size=12) | st.sampled_from([entry for entry, _, _ in COVERED])))
def test_an_odd_entry_takes_nothing_from_the_others(entries: list[str]) -> None:
    listed = ",".join([*entries, "example.com"])
    assert NoProxy(listed).covers("example.com", 443)


def test_a_proxy_tells_no_login() -> None:
    proxy = named_proxy(" me:s3cret@proxy.test:3128\r", "HTTPS_PROXY")
    assert str(proxy) == "http://proxy.test:3128 (HTTPS_PROXY)"
    assert "s3cret" not in repr(proxy)
    assert proxy == Proxy("http://me:s3cret@proxy.test:3128", "HTTPS_PROXY")


@pytest.mark.parametrize("url", ["http://", "ftp://me:s3cret@x", "//x", "http://me:s3cret@x:p"])
def test_a_proxy_that_cannot_be_used_is_told_where_it_would_be(url: str) -> None:
    proxies = EnvironmentProxies({"HTTPS_PROXY": url, "NO_PROXY": "example.com"})
    assert proxies.for_address("https", "example.com", None) is None
    assert proxies.for_address("http", "server.test", None) is None
    with pytest.raises(Misconfigured, match="the proxy in HTTPS_PROXY cannot be used") as caught:
        proxies.for_address("https", "server.test", None)
    assert "s3cret" not in f"{caught.value.message}{caught.value.hint}"


def test_the_variable_that_is_not_looked_at_is_known() -> None:
    assert (ignored_variable({}), ignored_variable({"all_proxy": PROXY})) == ("", "all_proxy")
