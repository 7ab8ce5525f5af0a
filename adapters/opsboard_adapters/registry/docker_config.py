"""The logins of ``docker login``: its config file, and the credential helpers that it names.

The file is ``$DOCKER_CONFIG/config.json``, else ``~/.docker/config.json``. A registry's own helper
(``credHelpers``) comes first, then the common one (``credsStore``), then what the file itself holds
(``auths``), as in docker/cli, ``cli/config/configfile``. Nothing else of the file is used.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from opsboard.adapter import HostEnviron, Misconfigured
from opsboard.system.non_interactive import NonInteractiveError, run_non_interactive
from opsboard.text.encoding import ENCODING_HINT, NotTextError, read_text
from opsboard_adapters.registry.names import DOCKER_HUB, DOCKER_HUB_LOGIN, is_docker_hub

HELPER_SECONDS: Final = 30.0
"""How long a credential helper may take: some ask a cloud."""
_HELPER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_IDENTITY: Final = "<token>"
"""The user name by which a helper says that its secret is an identity token."""


@dataclass(frozen=True, slots=True)
class RegistryLogin:
    """A login; all empty for none. *origin* says where it is from."""

    username: str = ""
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)
    origin: str = ""

    def __bool__(self) -> bool:
        return bool(self.username or self.identity_token)

    @property
    def secrets(self) -> tuple[str, ...]:
        """All of it that must never be seen, in each form in which it is sent."""
        basic = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        return tuple(filter(None, (self.password, self.identity_token, self.password and basic)))


@dataclass(frozen=True, slots=True)
class DockerConfig:
    """What the config file says of logins."""

    file: Path
    auths: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    helpers: Mapping[str, str] = field(default_factory=dict)
    store: str = ""

    def registries(self) -> tuple[str, ...]:
        """Return the names of the registries that have a login here, each once."""
        return tuple(dict.fromkeys(_name(key) for key in (*self.auths, *self.helpers)))

    def helper_for(self, host: str) -> tuple[str, str]:
        """Return the helper that knows the login of *host*, and the address to ask it for."""
        for key, helper in self.helpers.items():
            if _name(key) == host:
                return helper, key
        if not self.store:
            return "", ""
        known = (key for key in self.auths if _name(key) == host)
        return self.store, next(known, DOCKER_HUB_LOGIN if host == DOCKER_HUB else host)

    def entry(self, host: str) -> Mapping[str, Any]:
        """Return what the file itself holds for *host*."""
        return next((entry for key, entry in self.auths.items() if _name(key) == host), {})

    def identity(self, host: str) -> str:
        """Return a text that changes whenever the login of *host* here does."""
        return repr((self.helper_for(host), sorted(self.entry(host).items())))


def config_file(host_environ: HostEnviron) -> Path:
    """Return where docker keeps its logins, whether the file exists or not."""
    folder = host_environ.env.get("DOCKER_CONFIG", "")
    return (Path(folder) if folder else host_environ.home / ".docker") / "config.json"


def read_config(host_environ: HostEnviron) -> DockerConfig:
    """Return docker's config; an empty one where there is none. Raises :exc:`Misconfigured`."""
    file = config_file(host_environ)
    try:
        read = json.loads(read_text(file))
    except OSError:
        return DockerConfig(file)
    except NotTextError as error:
        raise Misconfigured(f"docker's logins cannot be read: {file} {error}", ENCODING_HINT) from (
            None
        )
    except (ValueError, RecursionError):
        hint = "fix it, or log in again: run `docker login`"
        raise Misconfigured(f"docker's logins cannot be read: {file} is no JSON", hint) from None
    given = read if isinstance(read, dict) else {}
    auths = _mapping(given.get("auths"))
    helpers = _mapping(given.get("credHelpers"))
    store = given.get("credsStore")
    return DockerConfig(
        file,
        {key: entry for key, entry in auths.items() if isinstance(entry, dict)},
        {key: name for key, name in helpers.items() if isinstance(name, str) and name},
        store if isinstance(store, str) else "",
    )


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _name(key: str) -> str:
    """Return the registry that the *key* of a login is for: docker writes URLs and bare names."""
    host = key.partition("://")[2] or key
    host = host.partition("/")[0].lower()
    return DOCKER_HUB if is_docker_hub(host) else host


async def docker_login(host: str, host_environ: HostEnviron) -> RegistryLogin:
    """Return docker's login for the registry *host*; an empty one where there is none.

    May run a credential helper. Raises :exc:`Misconfigured`.
    """
    config = read_config(host_environ)
    helper, address = config.helper_for(host)
    if helper:
        login = await _from_helper(helper, address, host_environ.env)
        if login:
            return login
    return _from_entry(config.entry(host), config.file)


def _from_entry(entry: Mapping[str, Any], file: Path) -> RegistryLogin:
    username, password = _text(entry, "username"), _text(entry, "password")
    if encoded := _text(entry, "auth"):
        try:
            decoded = base64.b64decode(encoded, validate=True).decode().rstrip("\0")
        except (binascii.Error, ValueError):
            hint = "log in again: run `docker login`"
            raise Misconfigured(f"a login in {file} is damaged: it is no base64", hint) from None
        username, _, password = decoded.partition(":")
    token = _text(entry, "identitytoken")
    if not token and not (username and password):
        return RegistryLogin()
    return RegistryLogin(username, password, token, str(file))


def _text(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key)
    return value if isinstance(value, str) else ""


async def _from_helper(helper: str, address: str, env: Mapping[str, str]) -> RegistryLogin:
    """Return what ``docker-credential-<helper> get`` prints for *address*.

    A helper that knows no login ends with an error, as does one that is broken: then docker goes on
    without a login, and so does this.
    """
    if not _HELPER.fullmatch(helper):
        raise Misconfigured(
            f"docker's config names a credential helper {helper[:40]!r}, which is no name",
            "fix credHelpers or credsStore in it",
        )
    program = f"docker-credential-{helper}"
    try:
        answer = await run_non_interactive(
            (program, "get"), env, seconds=HELPER_SECONDS, stdin=address.encode()
        )
    except NonInteractiveError as error:
        raise Misconfigured(
            f"no login from docker's credential helper: {error}",
            f"install {program}, give username and password, or set docker_login = false",
        ) from None
    if answer.exit_code != 0:
        return RegistryLogin()
    return _printed(answer.output, program)


def _printed(output: bytes, program: str) -> RegistryLogin:
    try:
        read = json.loads(output)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise Misconfigured(f"{program} printed no JSON object", "is it a credential helper?")
    username, secret = _text(read, "Username"), _text(read, "Secret")
    if username == _IDENTITY:
        return RegistryLogin(identity_token=secret, origin=program)
    return RegistryLogin(username, secret, "", program) if secret else RegistryLogin()
