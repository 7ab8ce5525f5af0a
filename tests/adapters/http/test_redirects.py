"""A redirect is followed with the login on the same server alone, and never with a change."""

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

import httpx
import pytest

from opsboard.adapter import Malformed, NotPermitted, NotSent, OutcomeUnknown, SourceError
from opsboard_adapters import http
from opsboard_adapters.http import mutations, redirects
from tests.adapters.http.wire import NOW, OpenPermit

HERE = "https://server.test/api/thing?page=1"
SECRETS = {
    "Authorization": "Bearer s3cret",
    "Impersonate-User": "ann",
    "X-Organisation": "acme",
    "Cookie": "session=s3cret",
}
Rules = Mapping[str, httpx.Response | tuple[int, str]]


class Servers:
    """All servers there are: each address answers, or redirects with a status to another."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        rule = self.rules.get(str(request.url), httpx.Response(200, json={"at": str(request.url)}))
        if isinstance(rule, tuple):
            return httpx.Response(rule[0], headers={"Location": rule[1], "Set-Cookie": "a=b"})
        return rule

    @property
    def urls(self) -> list[str]:
        return [str(request.url) for request in self.asked]

    def client(self, base: str = "https://server.test", **more: Any) -> http.BoundedClient:
        transport = httpx.MockTransport(self)
        return http.open_client(base, headers=SECRETS, transport=transport, **more)


async def _get(client: http.BoundedClient, url: str = HERE) -> httpx.Response:
    return await http.send(client, client.build_request("GET", url), now=lambda: NOW)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    ("location", "reached"),
    [
        ("https://server.test/elsewhere?a=b", "https://server.test/elsewhere?a=b"),
        ("/elsewhere#there", "https://server.test/elsewhere"),
        ("other", "https://server.test/api/other"),
        ("?page=2", "https://server.test/api/thing?page=2"),
        ("//SERVER.test:443/x", "https://server.test/x"),
        ("\\\\other.test/x", "https://server.test/api/\\\\other.test/x"),
    ],
)
async def test_on_the_same_server_all_that_was_sent_is_sent_again(
    status: int, location: str, reached: str
) -> None:
    servers = Servers({HERE: (status, location)})
    async with servers.client() as client:
        answer = await _get(client)
    assert answer.json() == {"at": reached}
    for request in servers.asked:
        assert {name: request.headers[name] for name in SECRETS} == SECRETS
        assert request.headers["Host"] == "server.test"
        assert request.headers["Cookie"] == SECRETS["Cookie"], "none of the answers' is kept"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location",
    [
        "https://other.test/x",
        "https://server.test.evil.test/x",
        "https://api.server.test/x",
        "https://server.test:8443/x",
        "http://server.test/x",
        "http://server.test:443/x",
        "//other.test/x",
        "https://me:pw@server.test/x",
        "ftp://server.test/x",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://[",
        "http://server.test:port/",
        "",
    ],
)
async def test_nothing_is_sent_to_another_server(status: int, location: str) -> None:
    servers = Servers({HERE: (status, location)})
    async with servers.client() as client:
        with pytest.raises(SourceError) as caught:
            await _get(client)
    assert servers.urls == [HERE]
    assert f"{status}" in caught.value.message
    assert "s3cret" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize(
    ("here", "there", "kept"),
    [
        ("http://server.test/x", "https://server.test/x", True),
        ("http://server.test:80/x", "https://SERVER.test:443/x", True),
        ("http://server.test:8080/x", "https://server.test/x", False),
        ("http://server.test/x", "https://server.test:8443/x", False),
        ("http://server.test/x", "https://www.server.test/x", False),
        ("https://server.test/x", "http://server.test/x", False),
        ("http://[::1]:8080/x", "http://[::1]:8080/y", True),
        ("http://[::1]:8080/x", "http://127.0.0.1:8080/y", False),
        ("http://localhost/x", "http://127.0.0.1/x", False),
    ],
)
async def test_the_same_server_made_safe_is_the_same(here: str, there: str, kept: bool) -> None:
    servers = Servers({str(httpx.URL(here)): (301, there)})
    async with servers.client(here) as client:
        if kept:
            await _get(client, here)
        else:
            with pytest.raises(Malformed, match="301"):
                await _get(client, here)
    assert len(servers.asked) == 1 + kept


async def test_a_login_that_is_signed_is_signed_anew() -> None:
    class Signing(httpx.Auth):
        def auth_flow(self, request: httpx.Request) -> Any:
            request.headers["X-Signed"] = str(request.url)
            yield request

    servers = Servers({HERE: (307, "/x")})
    async with servers.client(auth=Signing()) as client:
        await _get(client)
    assert [request.headers["X-Signed"] for request in servers.asked] == servers.urls


async def test_redirects_come_to_an_end() -> None:
    servers = Servers({HERE: (302, HERE)})
    async with servers.client() as client:
        with pytest.raises(Malformed, match="redirected more than 5 times"):
            await _get(client)
    assert len(servers.asked) == 1 + redirects.MAX_REDIRECTS


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("location", ["/x", "https://other.test", "http://[", "javascript:x", ""])
async def test_a_change_is_sent_once_and_nowhere_else(
    method: str, status: int, location: str
) -> None:
    servers = Servers({HERE: (status, location)})
    async with servers.client() as client:
        request = client.build_request(method, HERE, json={"do": "it"})
        with pytest.raises(SourceError, match=f"{status}") as caught:
            await mutations.send_mutation(client, request, now=lambda: NOW, permit=OpenPermit())
        assert isinstance(caught.value, OutcomeUnknown) == (status in {302, 303})
        assert not isinstance(caught.value, NotSent)
        with pytest.raises(SourceError):
            await http.send(client, request, now=lambda: NOW, permit=OpenPermit())
        with pytest.raises(NotPermitted):
            await http.send(client, request, now=lambda: NOW)
    assert set(servers.urls) == {HERE}


@pytest.mark.parametrize(
    ("status", "location", "followed"),
    [
        (307, "https://server.test/new?page=1", True),
        (308, "https://server.test/new?page=1", True),
        (307, "https://server.test/new", False),
        (308, "https://other.test/new?page=1", False),
        (301, "https://server.test/new?page=1", False),
        (302, "https://server.test/new?page=1", False),
        (303, "https://server.test/new?page=1", False),
    ],
)
async def test_a_search_is_sent_on_as_it_is_or_not_at_all(
    status: int, location: str, followed: bool
) -> None:
    servers = Servers({HERE: (status, location)})
    async with servers.client() as client:
        request = client.build_request("POST", HERE, json={"filter": "x"})
        with nullcontext() if followed else pytest.raises(Malformed):
            await http.send(client, request, now=lambda: NOW, reads=True)
    assert len(servers.asked) == 1 + followed
    last = servers.asked[-1]
    assert (last.method, last.content) == ("POST", servers.asked[0].content)
