"""Find the GitHub repository of the clone that the user is in."""

from collections.abc import Sequence

from opsboard.adapter import Discovery, HostEnviron, Misconfigured
from opsboard_adapters.github import hosts, login
from opsboard_adapters.github.remotes import GitRemote, remotes
from opsboard_adapters.github.settings import GitHubSettings


async def discover(host_environ: HostEnviron) -> Sequence[Discovery]:
    """Return the repository of the leading git remote that is on a GitHub host."""
    known = login.known_hosts(host_environ)
    for remote in await remotes(host_environ):
        if hosts.is_cloud(remote.host) or remote.host in known:
            return (_discovery(remote, host_environ),)
    return ()


def _discovery(remote: GitRemote, host_environ: HostEnviron) -> Discovery:
    because = f"git remote '{remote.name}' ({remote.repository} on {remote.host})"
    try:
        found = login.own_login(remote.host, host_environ)
    except Misconfigured as error:
        return Discovery("github", because, None, f"{error.message}: {error.hint}")
    if not found:
        variable = hosts.token_variables(remote.host)[0]
        hint = f"log in: run `gh auth login --hostname {remote.host}`, or set {variable}"
        return Discovery("github", because, None, hint)
    given: dict[str, object] = {"repositories": (remote.repository,)}
    if remote.host != hosts.PUBLIC_HOST:
        given["host"] = remote.host
    return Discovery("github", because, GitHubSettings.model_validate(given))
