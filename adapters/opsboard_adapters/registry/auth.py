"""Signing requests to a registry: with a token for each scope, or with a password.

A registry answers 401 and says where tokens are to be had. A token is for one scope, such as
``repository:shop/cart:pull``, and is used until shortly before it ends. What a registry asked for
once is done from the start for the next request. No request is repeated more than
:data:`MAX_RENEWALS` times because of a 401.
"""

import asyncio
import base64
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
import msgspec

from opsboard.adapter import Forbidden, Malformed, SourceError, Unauthenticated
from opsboard_adapters import http
from opsboard_adapters.net.urls import check_header_value
from opsboard_adapters.registry.challenge import Challenge, challenge_of, token_url
from opsboard_adapters.registry.docker_config import RegistryLogin
from opsboard_adapters.registry.login import LoginProvider

MAX_RENEWALS: Final = 2
CLIENT_ID: Final = "opsboard"
_DEFAULT_LIFE: Final = 60.0
"""Seconds that a token lives where the service does not say, by the token specification."""
_LONGEST_LIFE: Final = 86_400.0
_FRESH: Final = timedelta(seconds=5)
"""How old a token is at most that has just been made: where it is refused, another one will be."""
_MARGIN: Final = 10.0
"""Seconds before its end from which on a token is not used any more."""

AskTokenService = Callable[[httpx.URL, dict[str, str], dict[str, str] | None], Awaitable[Any]]
"""Sends a GET, or a POST with a form, with headers; returns the JSON object that is answered."""


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    made_at: datetime
    ends_at: datetime

    def __repr__(self) -> str:
        return f"<token until {self.ends_at}>"


class Authorizer:
    """Signs the requests to one registry, at *registry*."""

    def __init__(
        self,
        registry: httpx.URL,
        provider: LoginProvider,
        ask: AskTokenService,
        *,
        now: Callable[[], datetime],
        register_secret: Callable[[str], None],
    ) -> None:
        self._registry = registry
        self._provider = provider
        self._ask = ask
        self._now = now
        self._register_secret = register_secret
        self._challenge: Challenge | None = None
        self._tokens: dict[str, _Token] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self.subject = ""
        """Who asks, as the token service has said; empty where it has not."""

    @property
    def login(self) -> RegistryLogin:
        return self._provider.login

    async def headers(self, scope: str) -> dict[str, str]:
        """Return the headers for a request in *scope*: none until the registry asks for some."""
        challenge = self._challenge
        if challenge is None:
            return {}
        if not challenge.bearer:
            return _basic(self.login)
        async with self._locks.setdefault(scope, asyncio.Lock()):
            token = self._tokens.get(scope)
            if token is None or token.ends_at <= self._now():
                token = await self._new_token(challenge, scope)
                self._tokens[scope] = token
        return {"Authorization": f"Bearer {token.text}"}

    async def renew(self, response: httpx.Response, scope: str, sent: Mapping[str, str]) -> bool:
        """Tell whether the request of *response*, a 401, is worth another try; *sent* was not good.

        Raises :exc:`SourceError` where the token service refuses.
        """
        challenge = challenge_of(response)
        if challenge is None:
            return False
        before, self._challenge = self._challenge, challenge
        stale = self._tokens.pop(scope, None)
        if not challenge.bearer and not self.login.username:
            return await self._provider.changed()
        if not sent or before is None or before.bearer != challenge.bearer:
            return True
        aged = stale is not None and self._now() - stale.made_at > _FRESH
        return aged or await self._provider.changed()

    def refusal(self, response: httpx.Response, host: str, what: str) -> SourceError:
        """Return the error for a 401 that stays: who asks is not known, or may not do this."""
        hint = f"log in: run `docker login {host}`, or give username and password in config"
        if self.login:
            login = f"the login from {self.login.origin}"
            challenge = challenge_of(response)
            if challenge is not None and challenge.bearer:
                return Forbidden(
                    f"{what}: {login} may not read this, or it does not exist",
                    "ask for permission to pull, or check the name in config",
                )
            return Unauthenticated(f"{what}: {host} refuses {login}", hint)
        return Forbidden(f"{what}: {host} shows this to nobody without a login", hint)

    async def _new_token(self, challenge: Challenge, scope: str) -> _Token:
        login = self.login
        url = token_url(challenge, self._registry, with_login=bool(login))
        query = {"service": challenge.service, "scope": scope}
        query = {key: value for key, value in query.items() if value}
        form: dict[str, str] | None = None
        headers: dict[str, str] = {}
        if login.identity_token:
            form = {
                "grant_type": "refresh_token",
                "client_id": CLIENT_ID,
                "refresh_token": login.identity_token,
                **query,
            }
        else:
            headers = _basic(login)
            account = {"account": login.username} if login.username else {}
            url = url.copy_merge_params({**query, **account})
        try:
            answer = await self._ask(url, headers, form)
        except (Unauthenticated, Forbidden) as error:
            raise self._refused(url, error) from None
        return self._read_token(answer, url)

    def _refused(self, url: httpx.URL, error: SourceError) -> SourceError:
        if not self.login:
            return Forbidden(
                f"the token service {url.host} gives no token without a login",
                "log in: run `docker login`, or give username and password in config",
            )
        return Unauthenticated(
            f"the token service {url.host} refuses the login from {self.login.origin}: "
            f"{error.message}",
            "log in again: run `docker login`, or fix the credentials in config",
        )

    def _read_token(self, answer: Any, url: httpx.URL) -> _Token:
        text = answer.get("token") or answer.get("access_token")
        if not isinstance(text, str) or not text:
            raise Malformed(
                f"the token service {url.host} answers without a token",
                "is the URL in config that of a registry?",
            )
        self._register_secret(text)
        check_header_value(text, f"the token from {url.host}")
        self.subject = _subject(text)
        life = answer.get("expires_in")
        known = life if isinstance(life, int | float) and math.isfinite(life) else _DEFAULT_LIFE
        seconds = min(max(known, _DEFAULT_LIFE), _LONGEST_LIFE) - _MARGIN
        return _Token(text, self._now(), self._now() + timedelta(seconds=seconds))


def _basic(login: RegistryLogin) -> dict[str, str]:
    if not login.username:
        return {}
    pair = base64.b64encode(f"{login.username}:{login.password}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def _subject(token: str) -> str:
    """Return who *token* is for, as the service that made it has said (RFC 7519 §4.1.2).

    Tokens need not be of that kind: then nobody is named.
    """
    parts = token.split(".")
    if len(parts) != 3:
        return ""
    try:
        claims = msgspec.json.decode(
            base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        )
    except (ValueError, RecursionError):
        return ""
    subject = claims.get("sub") if isinstance(claims, dict) else None
    return subject if isinstance(subject, str) else ""


async def ask_token_service(
    client: httpx.AsyncClient,
    url: httpx.URL,
    headers: dict[str, str],
    form: dict[str, str] | None,
    *,
    now: Callable[[], datetime],
) -> Any:
    """Return the JSON object that the token service at *url* answers. Changes nothing there."""
    request = (
        client.build_request("GET", url, headers=headers)
        if form is None
        else client.build_request("POST", url, headers=headers, data=form)
    )
    kind = http.ResponseKind.OBJECT
    return http.read_json(await http.send(client, request, now=now, kind=kind, reads=True))
