"""Discover the GitHub repository of the working directory: by its git remotes."""

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
"""Remotes that come first. The runs of the upstream repository matter more than those of a fork."""
_SCP = re.compile(r"^(?:[^@/\s]+@)?(?P<host>[^:/\s]+):(?!//)(?P<path>\S+)$")
_NAME = re.compile(r"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$")


@dataclass(frozen=True, slots=True)
class GitRemote:
    """A remote of the clone. *repository* is ``owner/name``."""

    name: str
    host: str
    repository: str


async def remotes(host_environ: HostEnviron) -> Sequence[GitRemote]:
    """Return the remotes of the working directory's clone, the preferred one first.

    git itself is asked, because it knows worktrees, includes and ``url.<base>.insteadOf``.
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
    """Return the remote with that *url*; ``None`` for a local path and other forms of URLs."""
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
    return GitRemote(name, _canonical_host(host.lower()), repository)


def _canonical_host(host: str) -> str:
    """Map GitHub's other host names, for SSH over the https port and for browsers, to
    github.com.
    """
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
    """Return the repository of the first remote that is on a GitHub host."""
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
