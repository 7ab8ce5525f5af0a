"""Users and the organisation as JSON."""

import base64
import zlib
from typing import Any

from opsboard.demo.github.responses import FakeGitHubUrls
from opsboard.demo.world.company import OWNER
from opsboard.demo.world.world import DemoWorld

ME = "dalia"
"""The user to whom any token belongs."""


def node_id(kind: str, number: int) -> str:
    """Return a global node id, which GraphQL uses."""
    return f"{kind}_{base64.urlsafe_b64encode(str(number).encode()).decode().rstrip('=')}"


def user(links: FakeGitHubUrls, login: str) -> dict[str, Any]:
    """Return a user or the organisation in the short form that other objects embed."""
    number = zlib.crc32(login.encode()) % 10_000_000
    url = f"{links.api}/users/{login}"
    return {
        "login": login,
        "id": number,
        "node_id": node_id("U", number),
        "avatar_url": f"{links.web}/avatars/u/{number}?v=4",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{links.web}/{login}",
        "followers_url": f"{url}/followers",
        "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{url}/subscriptions",
        "organizations_url": f"{url}/orgs",
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events{{/privacy}}",
        "received_events_url": f"{url}/received_events",
        "type": "Organization" if login == OWNER else "User",
        "site_admin": False,
    }


def profile(links: FakeGitHubUrls, world: DemoWorld, login: str) -> dict[str, Any]:
    """Return a user in full."""
    founded = stamp_of(world)
    return {
        **user(links, login),
        "name": login.capitalize(),
        "company": OWNER,
        "blog": "",
        "location": None,
        "email": None,
        "hireable": None,
        "bio": None,
        "public_repos": 0,
        "public_gists": 0,
        "followers": 3,
        "following": 3,
        "created_at": founded,
        "updated_at": founded,
    }


def organisation(links: FakeGitHubUrls, world: DemoWorld) -> dict[str, Any]:
    """Return the organisation in full."""
    embedded = user(links, OWNER)
    url = f"{links.api}/orgs/{OWNER}"
    founded = stamp_of(world)
    return {
        **{key: embedded[key] for key in ("login", "id", "node_id", "avatar_url", "html_url")},
        "url": url,
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events",
        "hooks_url": f"{url}/hooks",
        "issues_url": f"{url}/issues",
        "members_url": f"{url}/members{{/member}}",
        "public_members_url": f"{url}/public_members{{/member}}",
        "description": "Goods from the harbour",
        "has_organization_projects": False,
        "has_repository_projects": False,
        "public_repos": len(world.repositories),
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "type": "Organization",
        "created_at": founded,
        "updated_at": founded,
        "archived_at": None,
    }


def stamp_of(world: DemoWorld) -> str:
    """Return the time at which the world began, as GitHub writes times."""
    return world.created_at.strftime("%Y-%m-%dT%H:%M:%SZ")
