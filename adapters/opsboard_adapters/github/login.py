"""The login: a token from the settings, from the environment, or from gh."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from opsboard.adapter import Context, HostEnviron, LoginInputs, Misconfigured
from opsboard.system.secrets import SecretSource
from opsboard.text.encoding import ENCODING_HINT, NotTextError, read_text, strip_secret
from opsboard_adapters.github.settings import GitHubSettings, token_variables
from opsboard_adapters.login_secret import resolve_secret
from opsboard_adapters.net.urls import check_header_value

_WANTED: Final = "GitHub token"


@dataclass(frozen=True, slots=True)
class GitHubLogin:
    """A token and its origin. *keyring* means that gh has it, in the system's keyring."""

    token: str = ""
    origin: str = ""
    user: str = ""
    keyring: bool = False

    def __repr__(self) -> str:
        return f"<Login from {self.origin or 'nowhere'}>"

    def __bool__(self) -> bool:
        return bool(self.token) or self.keyring


async def resolve(settings: GitHubSettings, context: Context) -> GitHubLogin:
    """Return the login for *settings*, registered as a secret. Without any, requests are
    anonymous.
    """
    login = await _resolve(settings, context.host_environ)
    if login.token:
        context.register_secret(login.token)
        check_header_value(login.token, f"the token from {login.origin}")
    return login


async def _resolve(settings: GitHubSettings, host_environ: HostEnviron) -> GitHubLogin:
    env = host_environ.env
    if settings.token is not None:
        token = await resolve_secret(settings.token, _WANTED, env, "fix `token` in config")
        return GitHubLogin(token, "the settings")
    found = own_login(settings.web_host, host_environ)
    if not found.keyring:
        return found
    ask_gh = SecretSource(command=("gh", "auth", "token", "--hostname", settings.web_host))
    hint = f"run `gh auth login --hostname {settings.web_host}`, or set GH_TOKEN"
    return GitHubLogin(await resolve_secret(ask_gh, _WANTED, env, hint), "gh", found.user)


def login_inputs(settings: GitHubSettings, host_environ: HostEnviron) -> LoginInputs:
    """Return where :func:`resolve` looks for a token, where *settings* have none."""
    if settings.token is not None:
        return LoginInputs()
    variables = (*token_variables(settings.web_host), "GH_CONFIG_DIR", "XDG_CONFIG_HOME")
    return LoginInputs(variables=variables, files=(gh_hosts_file(host_environ),))


def own_login(host: str, host_environ: HostEnviron) -> GitHubLogin:
    """Return the login that the user has for *host* outside of the config. Runs no command.

    Raises :exc:`Misconfigured` where gh's file cannot be read.
    """
    for variable in token_variables(host):
        if token := strip_secret(host_environ.env.get(variable, "")):
            return GitHubLogin(token, variable)
    return _from_gh(host, host_environ)


def known_hosts(host_environ: HostEnviron) -> frozenset[str]:
    """Return the hosts that gh is logged in to, and ``GH_HOST``."""
    named = host_environ.env.get("GH_HOST", "").strip().lower()
    with suppress(Misconfigured):
        return frozenset({*_gh_hosts(host_environ), *([named] if named else ())})
    return frozenset({named} if named else ())


def _from_gh(host: str, host_environ: HostEnviron) -> GitHubLogin:
    entry = _gh_hosts(host_environ).get(host)
    if not entry:
        return GitHubLogin()
    user = str(entry.get("user") or "")
    users = entry.get("users")
    own = users.get(user) if isinstance(users, dict) else None
    token = entry.get("oauth_token") or (own.get("oauth_token") if isinstance(own, dict) else None)
    if token:
        return GitHubLogin(strip_secret(str(token)), "gh", user)
    return GitHubLogin(origin="gh", user=user, keyring=bool(user or users))


def _gh_hosts(host_environ: HostEnviron) -> dict[str, dict[str, Any]]:
    file = gh_hosts_file(host_environ)
    try:
        text = read_text(file)
    except OSError:
        return {}
    except NotTextError as error:
        raise Misconfigured(f"gh's logins cannot be read: {file} {error}", ENCODING_HINT) from None
    import yaml  # noqa: PLC0415 - before the first frame, only where gh has a file

    try:
        read = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):  # invalid dates raise ValueError
        hint = "fix it, or log in again: run `gh auth login`"
        raise Misconfigured(f"gh's logins cannot be read: {file} is not valid YAML", hint) from None
    if not isinstance(read, dict):
        return {}
    return {str(host).lower(): entry for host, entry in read.items() if isinstance(entry, dict)}


def gh_hosts_file(host_environ: HostEnviron) -> Path:
    """Return the file in which gh keeps its logins, whether it exists or not."""
    return _gh_folder(host_environ) / "hosts.yml"


def _gh_folder(host_environ: HostEnviron) -> Path:
    env = host_environ.env
    if own := env.get("GH_CONFIG_DIR"):
        return Path(own)
    if config := env.get("XDG_CONFIG_HOME"):
        return Path(config) / "gh"
    return host_environ.home / ".config" / "gh"
