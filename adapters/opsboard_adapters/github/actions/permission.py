"""Whether the login may do it, as far as GitHub tells before it is tried.

A classic token has scopes, which come with every answer; what a fine-grained token or an app may
do is told nowhere, so that only what the login itself may do is known of them.
"""

from typing import Final

from opsboard.adapter import Finding, Permission
from opsboard_adapters.github.actions.format import blocker
from opsboard_adapters.github.reader import RepositoryAccess

_ENOUGH: Final = frozenset({"repo", "public_repo"})
Permitted = tuple[Permission, str]


def permission(standing: RepositoryAccess, *, authenticated: bool) -> Permitted:
    """Return whether runs of the repository may be changed, and why, or why that is not known."""
    home, scopes = standing.repository, standing.scopes
    if not authenticated:
        return Permission.DENIED, "nobody is logged in: `gh auth login`, or set GH_TOKEN"
    if home.permissions is not None and not (home.permissions.push or home.permissions.admin):
        return Permission.DENIED, f"this login may only read {home.full_name}, and not write"
    if scopes is not None and not scopes & _ENOUGH:
        has = ", ".join(sorted(scopes)) or "none"
        return Permission.DENIED, f"the token needs the scope repo, and has {has}"
    if scopes is None:
        return Permission.UNKNOWN, (
            "a fine-grained token or an app does not say what it may: it needs Actions, write"
        )
    if home.permissions is None:
        return Permission.UNKNOWN, "the server does not say what this login may"
    return Permission.ALLOWED, f"may write {home.full_name}, by a token with the scope repo"


def cautions_of(standing: RepositoryAccess) -> tuple[Finding, ...]:
    """Return what stands against any change of the repository."""
    home = standing.repository
    if home.archived:
        return (blocker(f"{home.full_name} is archived: nothing runs there any more"),)
    return (blocker(f"{home.full_name} is disabled by GitHub"),) if home.disabled else ()
