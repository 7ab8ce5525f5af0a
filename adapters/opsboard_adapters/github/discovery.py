"""The repository on a GitHub host that a local clone belongs to, as git tells it.

Find the GitHub repository of the clone that the user is in.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from opsboard.adapter import Discovery, HostEnviron, Misconfigured
from opsboard.system.non_interactive import NonInteractiveError, run_non_interactive
from opsboard_adapters.github import login
from opsboard_adapters.github.settings import PUBLIC_HOST, GitHubSettings, is_cloud, token_variables
from opsboard_adapters.net.urls import split_url

_TIMEOUT: Final = 5.0
_PREFERRED: Final = ("upstream", "github", "origin")
"""A fork's runs are of less interest than those of what it was forked from."""
_SCP = re.compile(r"^(?:[^@/\s]+@)?(?P<host>[^:/\s]+):(?!//)(?P<path>\S+)$")
_NAME = re.compile(r"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$")


@dataclass(frozen=True, slots=True)
class GitRemote:
    """A remote of the clone. *repository* is ``owner/name``."""

    name: str
    host: str
    repository: str


async def remotes(host_environ: HostEnviron) -> Sequence[GitRemote]:
    """Return the remotes of the clone at hand, the one of most interest first.

    git itself is asked, since it knows worktrees, includes and ``url.<base>.insteadOf``.
    """
    output = await _git(host_environ, "remote", "-v")
    found: dict[str, GitRemote] = {}
    for line in output.split("\n"):
        words = line.split()
        if len(words) >= 2 and (remote := parse_remote(words[0], words[1])):
            found.setdefault(remote.name, remote)
    return sorted(found.values(), key=_rank)


def _rank(remote: GitRemote) -> int:
    known = remote.name in _PREFERRED
    return _PREFERRED.index(remote.name) if known else len(_PREFERRED)


def parse_remote(name: str, url: str) -> GitRemote | None:
    """Return the remote that *url* means, or ``None`` for a path or a URL of another shape."""
    if "://" in url:
        parts = split_url(url)
        host, path = parts.hostname or "", parts.path
        if parts.scheme in {"http", "https"} and parts.port:
            host = f"{host}:{parts.port}"
    elif match := _SCP.match(url):
        host, path = match["host"], match["path"]
    else:
        return None
    repository = path.strip("/").removesuffix(".git")
    if not host or not _NAME.match(repository):
        return None
    return GitRemote(name, _plain(host.lower()), repository)


def _plain(host: str) -> str:
    """Undo the names of the same host for other ports and browsers."""
    return "github.com" if host in {"ssh.github.com", "www.github.com"} else host


async def _git(host_environ: HostEnviron, *arguments: str) -> str:
    env = {**host_environ.env, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        answer = await run_non_interactive(
            ("git", *arguments), env, seconds=_TIMEOUT, cwd=host_environ.cwd
        )
    except NonInteractiveError:
        return ""
    return answer.output.decode("utf-8", "replace") if answer.exit_code == 0 else ""


async def discover(host_environ: HostEnviron) -> Sequence[Discovery]:
    """Return the repository of the leading git remote that is on a GitHub host."""
    known = login.known_hosts(host_environ)
    for remote in await remotes(host_environ):
        if is_cloud(remote.host) or remote.host in known:
            return (_discovery(remote, host_environ),)
    return ()


def _discovery(remote: GitRemote, host_environ: HostEnviron) -> Discovery:
    because = f"git remote '{remote.name}' ({remote.repository} on {remote.host})"
    try:
        found = login.own_login(remote.host, host_environ)
    except Misconfigured as error:
        return Discovery("github", because, None, f"{error.message}: {error.hint}")
    if not found:
        variable = token_variables(remote.host)[0]
        hint = f"log in: run `gh auth login --hostname {remote.host}`, or set {variable}"
        return Discovery("github", because, None, hint)
    given: dict[str, object] = {"repositories": (remote.repository,)}
    if remote.host != PUBLIC_HOST:
        given["host"] = remote.host
    return Discovery("github", because, GitHubSettings.model_validate(given))
