"""What a registry says in ``WWW-Authenticate``, and where a login may be sent because of it.

RFC 9110 §11.6.1, and https://distribution.github.io/distribution/spec/auth/token/.
"""

import re
from dataclasses import dataclass
from typing import Final

import httpx

from opsboard.adapter import Malformed

_SCHEME: Final = re.compile(
    r"\s*(?P<scheme>[A-Za-z][A-Za-z0-9_-]*)\s+(?=[A-Za-z_]+\s*=)|\s*Basic\b"
)
_PARAMETER: Final = re.compile(
    r'\s*(?P<name>[A-Za-z_]+)\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s,"]+))\s*,?'
)
_LONGEST: Final = 8_192


@dataclass(frozen=True, slots=True)
class Challenge:
    """How to log in: *bearer* by a token from *realm*, else by user name and password."""

    bearer: bool
    realm: str = ""
    service: str = ""
    scope: str = ""
    error: str = ""


def challenge_of(response: httpx.Response) -> Challenge | None:
    """Return the challenge in *response*, a token before a password; ``None`` without any."""
    found: list[Challenge] = []
    for header in response.headers.get_list("WWW-Authenticate"):
        found += _parsed(header[:_LONGEST])
    return min(found, key=lambda one: not one.bearer, default=None)


def _parsed(header: str) -> list[Challenge]:
    found: list[Challenge] = []
    at = 0
    while match := _SCHEME.match(header, at):
        scheme, at = (match["scheme"] or "basic").lower(), match.end()
        values: dict[str, str] = {}
        while parameter := _PARAMETER.match(header, at):
            quoted = parameter["quoted"]
            value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else parameter["bare"]
            values[parameter["name"].lower()], at = value, parameter.end()
        if scheme == "bearer" and values.get("realm"):
            known = (values.get(name, "") for name in ("realm", "service", "scope", "error"))
            found.append(Challenge(True, *known))
        elif scheme == "basic":
            found.append(Challenge(bearer=False))
    return found


def token_url(challenge: Challenge, registry: httpx.URL, *, with_login: bool) -> httpx.URL:
    """Return the URL of the token service, if a request may be sent there.

    A login goes there over https only, as to the registry itself; the registry decides where its
    token service is, and is believed where it is reached over https. A registry that is spoken to
    over plain http could be anybody: for it, a token service must be on its own host. Without a
    login, any https URL will do. Raises :exc:`Malformed`.
    """
    try:
        realm = registry.join(challenge.realm)
    except (httpx.InvalidURL, ValueError, TypeError):
        realm = httpx.URL("")
    hint = "ask who runs the registry: its token service must be reached over https"
    if realm.scheme not in {"http", "https"} or not realm.host or realm.userinfo:
        raise Malformed("the registry names a token service that is no URL", hint)
    at_home = realm.host == registry.host
    if realm.scheme == "http" and not (at_home and registry.scheme == "http"):
        raise Malformed(
            f"the registry names a token service without TLS, {realm.host}: no login is sent there",
            hint,
        )
    if with_login and registry.scheme == "http" and not at_home:
        raise Malformed(
            f"the registry is spoken to over plain http, and names a token service elsewhere, "
            f"{realm.host}: no login is sent there",
            "give the registry's https URL",
        )
    return realm
