"""Logging in to a registry: tokens, passwords, docker's config and helpers, and where they go."""

import base64
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from opsboard.adapter import (
    ANYBODY,
    Forbidden,
    HostEnviron,
    Malformed,
    Misconfigured,
    Principal,
    Unauthenticated,
)
from opsboard.records import Status
from opsboard.testing import FakeClock, FakeContext, recording
from opsboard_adapters.registry.challenge import Challenge, challenge_of, token_url
from opsboard_adapters.registry.discover import discover
from opsboard_adapters.registry.docker_config import docker_login, read_config
from opsboard_adapters.registry.login import login_inputs
from opsboard_adapters.registry.settings import RegistrySettings
from tests.adapters.registry.images import REVISION, SHA
from tests.adapters.registry.scripted import HOST, Looked, ScriptedRegistry, looked

REALM = "https://auth.example/token"
PASSWORD = "correct-horse-battery"
NAMED: dict[str, Any] = {"repositories": ["shop/cart"]}
LOGIN: dict[str, Any] = {**NAMED, "username": "amara", "password": PASSWORD}


class TokenService:
    """Gives a registry that wants a token for each scope, and the tokens."""

    def __init__(self, registry: ScriptedRegistry, *, realm: str = REALM, life: int = 300) -> None:
        self.realm = realm
        self.life = life
        self.given: list[tuple[str, str]] = []
        self.asked: list[httpx.Request] = []
        self.refused = False
        self.accepted: Callable[[str], bool] = lambda token: token in [one for one, _ in self.given]
        registry.overrides.append(self)
        registry.repository().image("v1", labels={REVISION: SHA})

    def __call__(self, request: httpx.Request) -> httpx.Response | None:
        if request.url.copy_with(query=None) == httpx.URL(self.realm):
            return self._token(request)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.accepted(token):
            return None
        scope = "" if request.url.path == "/v2/" else ',scope="repository:shop/cart:pull"'
        challenge = f'Bearer realm="{self.realm}",service="registry.example"{scope}'
        return httpx.Response(401, headers={"WWW-Authenticate": challenge})

    def _token(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if self.refused:
            return httpx.Response(401, json={"details": "incorrect username or password"})
        form = parse_qs((request.content or request.url.query).decode())
        claims = base64.urlsafe_b64encode(json.dumps({"sub": "amara@example"}).encode()).decode()
        token = f"head.{claims.rstrip('=')}.signature{len(self.given)}"
        self.given.append((token, form.get("scope", [""])[0]))
        return httpx.Response(200, json={"token": token, "expires_in": self.life})


@pytest.fixture
def registry() -> ScriptedRegistry:
    return ScriptedRegistry()


# --- tokens ---------------------------------------------------------------------------------------


async def test_a_token_is_asked_for_once_for_each_scope(
    registry: ScriptedRegistry, tmp_path: Path
) -> None:
    service = TokenService(registry)
    async with looked(registry, tmp_path, **LOGIN) as found:
        await found.again()
        assert found.images["shop/cart:v1"].commit == SHA
        assert await found.source.principal() == Principal(name="amara@example")
        assert {PASSWORD, service.given[0][0]} <= found.context.concealed
    assert [scope for _, scope in service.given] == ["repository:shop/cart:pull", ""]
    basic = base64.b64encode(f"amara:{PASSWORD}".encode()).decode()
    assert service.asked[0].headers["Authorization"] == f"Basic {basic}"
    refused = [
        one
        for one in registry.requests
        if one.url.host == HOST and "Authorization" not in one.headers
    ]
    assert len(refused) == 1, "what the registry asked for once is done from the start"


async def test_without_a_login_a_token_is_had_too_and_anybody_asks(
    registry: ScriptedRegistry, tmp_path: Path
) -> None:
    service = TokenService(registry)
    async with looked(registry, tmp_path, **NAMED) as found:
        assert found.images["shop/cart:v1"].commit == SHA
        assert await found.source.principal() == ANYBODY
    assert "Authorization" not in service.asked[0].headers


async def test_an_identity_token_is_exchanged_by_a_form(
    registry: ScriptedRegistry, tmp_path: Path
) -> None:
    service = TokenService(registry)
    async with looked(registry, tmp_path, **NAMED, identity_token="refresh-me-0123") as found:
        assert found.images["shop/cart:v1"].commit == SHA
        assert "refresh-me-0123" in found.context.concealed
    form = parse_qs(service.asked[0].content.decode())
    assert service.asked[0].method == "POST"
    assert (form["grant_type"], form["refresh_token"]) == (["refresh_token"], ["refresh-me-0123"])


async def test_a_token_that_ends_is_renewed_before_it_is_refused(
    registry: ScriptedRegistry, tmp_path: Path
) -> None:
    service, clock = TokenService(registry, life=300), FakeClock()
    async with looked(
        registry, tmp_path, FakeContext(home=tmp_path, clock=clock), **LOGIN
    ) as found:
        clock.advance(280)
        await found.again()
        assert len(service.given) == 1
        clock.advance(15)
        await found.again()
    assert len(service.given) == 2
    assert len([one for one in registry.requests if "Authorization" not in one.headers]) == 1


async def test_a_token_that_is_refused_early_is_replaced_once(
    registry: ScriptedRegistry, tmp_path: Path
) -> None:
    service, clock = TokenService(registry), FakeClock()
    async with looked(
        registry, tmp_path, FakeContext(home=tmp_path, clock=clock), **LOGIN
    ) as found:
        service.accepted = lambda token: token == service.given[-1][0] and len(service.given) > 1
        clock.advance(60)
        await found.again()
        assert found.recorder.error is None
    assert len(service.given) == 2


async def test_tokens_that_are_never_good_enough_end_in_an_error_and_no_loop(
    registry: ScriptedRegistry, tmp_path: Path
) -> None:
    service = TokenService(registry)
    service.accepted = lambda token: False
    async with looked(registry, tmp_path, **LOGIN) as found:
        assert isinstance(found.error, Forbidden)
        assert "may not read this" in found.error.message
        assert PASSWORD not in repr(found.error.message + found.error.hint)
    assert len(registry.requests) <= 6


async def test_a_login_that_the_token_service_refuses_is_told(
    registry: ScriptedRegistry, tmp_path: Path
) -> None:
    service = TokenService(registry)
    service.refused = True
    async with looked(registry, tmp_path, **LOGIN) as found:
        assert isinstance(found.error, Unauthenticated)
        assert "refuses the login from the settings" in found.error.message
        checks = [check async for check in found.source.checks()]
    assert ("logged in", Status.FAILED) in {(one.subject, one.status) for one in checks}


async def test_without_a_login_what_is_private_says_so(
    registry: ScriptedRegistry, tmp_path: Path
) -> None:
    TokenService(registry).refused = True
    async with looked(registry, tmp_path, **NAMED) as found:
        assert isinstance(found.error, Forbidden)
        assert "docker login" in found.error.hint


async def test_a_password_is_sent_where_the_registry_wants_one(
    registry: ScriptedRegistry, tmp_path: Path
) -> None:
    registry.repository().image("v1", labels={REVISION: SHA})
    basic = f"Basic {base64.b64encode(f'amara:{PASSWORD}'.encode()).decode()}"

    def wants_password(request: httpx.Request) -> httpx.Response | None:
        if request.headers.get("Authorization") == basic:
            return None
        return httpx.Response(401, headers={"WWW-Authenticate": 'Basic realm="Registry"'})

    registry.overrides.append(wants_password)
    async with looked(registry, tmp_path, **LOGIN) as found:
        assert found.images["shop/cart:v1"].commit == SHA
        assert await found.source.principal() is None, "a password names nobody"


# --- where a login goes ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "realm",
    [
        "http://auth.example/token",
        f"http://{HOST}/token",
        "ftp://auth.example",
        "https://user@auth.example/",
    ],
)
async def test_no_login_goes_to_a_token_service_without_tls(
    registry: ScriptedRegistry, tmp_path: Path, realm: str
) -> None:
    service = TokenService(registry, realm=realm)
    async with looked(registry, tmp_path, **LOGIN) as found:
        assert isinstance(found.error, Malformed)
    assert not service.asked


@pytest.mark.parametrize(
    ("registry_url", "realm", "with_login", "good"),
    [
        ("https://a.example", "https://auth.elsewhere", True, True),
        ("https://a.example", "http://a.example/token", False, False),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5001/auth", True, True),
        ("http://127.0.0.1:5000", "https://auth.example/token", True, False),
        ("http://127.0.0.1:5000", "https://auth.example/token", False, True),
        ("http://127.0.0.1:5000", "http://auth.example/token", False, False),
        ("https://a.example", "/token", True, True),
    ],
)
def test_the_token_service_of_a_registry(
    registry_url: str, realm: str, with_login: bool, good: bool
) -> None:
    challenge = Challenge(bearer=True, realm=realm)
    if good:
        assert token_url(challenge, httpx.URL(registry_url), with_login=with_login).host
    else:
        with pytest.raises(Malformed):
            token_url(challenge, httpx.URL(registry_url), with_login=with_login)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('Basic realm="x"', Challenge(bearer=False)),
        ("Basic", Challenge(bearer=False)),
        (
            'Bearer realm="https://a/t",service="s",scope="a,b"',
            Challenge(True, "https://a/t", "s", "a,b"),
        ),
        (
            'bearer Realm=https://a/t, error="invalid_token"',
            Challenge(True, "https://a/t", error="invalid_token"),
        ),
        ('Basic realm="x", Bearer realm="https://a/t"', Challenge(True, "https://a/t")),
        ('Bearer realm="a\\"b"', Challenge(True, 'a"b')),
        ("Bearer service=only", None),
        ("Negotiate", None),
        ("", None),
    ],
)
def test_challenges(header: str, expected: Challenge | None) -> None:
    response = httpx.Response(401, headers={"WWW-Authenticate": header})
    assert challenge_of(response) == expected


# --- docker login ---------------------------------------------------------------------------------


def _environ(tmp_path: Path, config: object, **env: str) -> HostEnviron:
    folder = tmp_path / ".docker"
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    return HostEnviron(env={"PATH": str(tmp_path / "bin"), **env}, home=tmp_path, cwd=tmp_path)


def _auth(username: str, password: str) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{username}:{password}".encode()).decode()}


def _helper(tmp_path: Path, name: str, script: str) -> None:
    program = tmp_path / "bin" / f"docker-credential-{name}"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IEXEC)


@pytest.mark.parametrize(
    "key", ["registry.example", "https://registry.example", "https://registry.example/v2/"]
)
async def test_the_file_of_docker_is_read(tmp_path: Path, key: str) -> None:
    environ = _environ(
        tmp_path, {"auths": {"other.example": _auth("x", "y"), key: _auth("amara", "p:w")}}
    )
    login = await docker_login("registry.example", environ)
    assert (login.username, login.password) == ("amara", "p:w")
    assert "p:w" not in repr(login)
    assert not await docker_login("unknown.example", environ)


async def test_docker_hub_is_known_by_its_old_address(tmp_path: Path) -> None:
    environ = _environ(tmp_path, {"auths": {"https://index.docker.io/v1/": _auth("amara", "pw")}})
    settings = RegistrySettings(url="docker.io", repositories=("nginx", "acme/cart"))
    assert (await docker_login(settings.host, environ)).username == "amara"
    assert settings.api_url == "https://registry-1.docker.io"
    assert settings.name == "docker.io"
    assert settings.named_repositories == ("library/nginx", "acme/cart")


async def test_a_helper_is_asked_by_its_standard_input(tmp_path: Path) -> None:
    _helper(
        tmp_path,
        "fake",
        'read address; echo "{\\"Username\\":\\"amara\\",\\"Secret\\":\\"for $address by $1\\"}"',
    )
    for config in (
        {"credHelpers": {"registry.example": "fake"}, "credsStore": "missing"},
        {"credsStore": "fake", "auths": {"registry.example": {}}},
    ):
        login = await docker_login(
            "registry.example",
            _environ(
                tmp_path,
                config,
            ),
        )
        assert (login.username, login.password) == ("amara", "for registry.example by get")
        assert login.origin == "docker-credential-fake"


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("echo 'credentials not found in native keychain'; exit 1", ""),
        ("echo '{}'", ""),
        ("echo nonsense", "printed no JSON object"),
        ("echo '[]'", "printed no JSON object"),
    ],
)
async def test_a_helper_that_knows_nothing(tmp_path: Path, script: str, says: str) -> None:
    _helper(tmp_path, "fake", script)
    environ = _environ(tmp_path, {"credsStore": "fake"})
    if says:
        with pytest.raises(Misconfigured, match=says):
            await docker_login("registry.example", environ)
    else:
        assert not await docker_login("registry.example", environ)


@pytest.mark.parametrize("name", ["../evil", "a b", "", "-x", "missing"])
async def test_a_helper_that_is_no_program_is_told(tmp_path: Path, name: str) -> None:
    environ = _environ(tmp_path, {"credHelpers": {"registry.example": name}})
    if not name:
        assert not await docker_login("registry.example", environ)
        return
    with pytest.raises(Misconfigured) as caught:
        await docker_login("registry.example", environ)
    assert caught.value.hint


async def test_an_identity_token_of_a_helper_is_one(tmp_path: Path) -> None:
    _helper(tmp_path, "fake", 'echo \'{"Username":"<token>","Secret":"refresh-me"}\'')
    login = await docker_login("registry.example", _environ(tmp_path, {"credsStore": "fake"}))
    assert (login.username, login.identity_token) == ("", "refresh-me")


async def test_a_helper_is_run_again_once_its_token_is_refused(
    registry: ScriptedRegistry, tmp_path: Path
) -> None:
    registry.repository().image("v1", labels={REVISION: SHA})
    count = tmp_path / "count"
    _helper(
        tmp_path,
        "fake",
        f"echo x >> {count}; n=$(/usr/bin/wc -l < {count}); "
        'echo "{\\"Username\\":\\"AWS\\",\\"Secret\\":\\"token-number-$n\\"}"',
    )
    environ = _environ(tmp_path, {"credHelpers": {HOST: "fake"}})
    good = ["token-number-1"]

    def ends(request: httpx.Request) -> httpx.Response | None:
        sent = request.headers.get("Authorization", "Basic ").removeprefix("Basic ")
        if base64.b64decode(sent).decode().removeprefix("AWS:") in good:
            return None
        return httpx.Response(401, headers={"WWW-Authenticate": 'Basic realm="ecr"'})

    registry.overrides.append(ends)
    clock = FakeClock()
    context = FakeContext(home=tmp_path, env=environ.env, clock=clock)
    async with looked(registry, tmp_path, context, **NAMED) as found:
        good[:] = ["token-number-2"]
        clock.advance(12 * 3600)
        await found.again()
        assert found.recorder.error is None
        assert {"token-number-1", "token-number-2"} <= found.context.concealed
    assert count.read_text() == "x\nx\n"


async def test_who_logs_in_with_docker_meanwhile_is_let_in(
    registry: ScriptedRegistry, tmp_path: Path
) -> None:
    registry.repository().image("v1", labels={REVISION: SHA})
    basic = f"Basic {_auth('amara', 'new-password')['auth']}"

    def wants_login(request: httpx.Request) -> httpx.Response | None:
        if request.headers.get("Authorization") == basic:
            return None
        return httpx.Response(401, headers={"WWW-Authenticate": 'Basic realm="r"'})

    registry.overrides.append(wants_login)
    clock = FakeClock()
    environ = _environ(tmp_path, {"auths": {HOST: _auth("amara", "old-password")}})
    context = FakeContext(home=tmp_path, env=environ.env, clock=clock)
    async with looked(registry, tmp_path, context, **NAMED) as found:
        assert isinstance(found.error, Unauthenticated)
        _environ(tmp_path, {"auths": {HOST: _auth("amara", "new-password")}})
        clock.advance(90)
        async with recording(found.source) as recorder:
            again = Looked(found.source, context, recorder)
            await again.settle()
            assert again.images["shop/cart:v1"].commit == SHA
    assert {"old-password", "new-password"} <= context.concealed


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        '{"auths": []}',
        '{"auths": {"a": 1}, "credHelpers": {"b": 2}, "credsStore": {}}',
    ],
)
async def test_odd_files_hold_no_login(tmp_path: Path, text: str) -> None:
    environ = _environ(tmp_path, {})
    (tmp_path / ".docker" / "config.json").write_text(text)
    if text:
        assert not await docker_login("registry.example", environ)
        return
    with pytest.raises(Misconfigured, match="no JSON"):
        read_config(environ)


async def test_a_damaged_login_is_told(tmp_path: Path) -> None:
    environ = _environ(tmp_path, {"auths": {"registry.example": {"auth": "no base64!"}}})
    with pytest.raises(Misconfigured, match="damaged"):
        await docker_login("registry.example", environ)


def test_the_login_of_another_registry_changes_nothing(tmp_path: Path) -> None:
    settings = RegistrySettings(url=HOST)

    def identity(**auths: object) -> str:
        return login_inputs(settings, _environ(tmp_path, {"auths": auths})).identity

    own = _auth("amara", "one")
    before = identity(**{HOST: own})
    assert identity(**{HOST: own, "other.example": _auth("x", "y")}) == before
    assert identity(**{HOST: _auth("amara", "two")}) != before


def test_a_login_is_never_used_for_a_registry_that_goes_by_its_name() -> None:
    settings = RegistrySettings(url="https://mirror.example", registry_name="registry.example")
    assert (settings.name, settings.host) == ("registry.example", "mirror.example")


def test_discovery_offers_what_can_be_listed_and_says_what_is_missing(tmp_path: Path) -> None:
    auths = {
        name: _auth("amara", "pw") for name in ("ghcr.io", "harbor.example:8443", "not a host")
    }
    config = {"auths": auths, "credHelpers": {"1234.dkr.ecr.eu-west-1.amazonaws.com": "ecr-login"}}
    found = {one.name: one for one in discover(_environ(tmp_path, config))}
    settings = found["harbor.example:8443"].settings
    assert isinstance(settings, RegistrySettings)
    assert settings.api_url == "https://harbor.example:8443"
    for name in ("ghcr.io", "1234.dkr.ecr.eu-west-1.amazonaws.com", "not a host"):
        assert found[name].settings is None
        assert found[name].hint
    assert "pw" not in repr(found)


# --- settings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"url": "http://registry.example"}, "plain http"),
        ({"url": "https://amara:pw@registry.example"}, "no login in it"),
        ({"url": "https://registry.example/?x"}, "without anything behind"),
        ({"url": "x", "repositories": ["shop/cart:v1"]}, "repository alone"),
        ({"url": "x", "repositories": ["Shop/Cart"]}, "repository alone"),
        ({"url": "x", "username": "amara"}, "belong together"),
        ({"url": "x", "password": "pw"}, "belong together"),
        ({"url": "x", "username": "a", "password": "b", "identity_token": "c"}, "either"),
        ({"url": "x", "registry_name": "https://x"}, "name alone"),
    ],
)
def test_settings_that_cannot_work(given: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        RegistrySettings.model_validate(given)


async def test_doctor_warns_of_what_is_insecure(registry: ScriptedRegistry, tmp_path: Path) -> None:
    registry.repository().image("v1")
    async with looked(registry, tmp_path, url="http://registry.example", insecure=True) as found:
        checks = {one.subject: one async for one in found.source.checks()}
    assert checks["secure"].status is Status.WARNING
    assert checks["shop/cart"].message == "1 tag can be read"
