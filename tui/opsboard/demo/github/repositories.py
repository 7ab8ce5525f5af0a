"""Repositories, workflows and environments as JSON."""

from datetime import datetime
from typing import Any, Final

from opsboard.demo.github.responses import FakeGitHubUrls
from opsboard.demo.github.users import node_id, user
from opsboard.demo.world.ci import DemoRepository, DemoWorkflow

READ_ONLY: Final = frozenset({"mobile-app"})
"""Repositories that the caller may only read."""
MAY_APPROVE: Final = ("freya", "dalia")
"""The required reviewers of production."""

_TEMPLATES: Final = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}


def stamp(at: datetime) -> str:
    """Return *at* as GitHub writes times."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def embedded(links: FakeGitHubUrls, repository: DemoRepository) -> dict[str, Any]:
    """Return a repository in the short form that runs embed."""
    url = links.repository(repository.full_name)
    return {
        "id": repository.id,
        "node_id": node_id("R", repository.id),
        "name": repository.name,
        "full_name": repository.full_name,
        "private": True,
        "owner": user(links, repository.owner),
        "html_url": links.page(repository.full_name),
        "description": repository.description,
        "fork": False,
        "url": url,
        **{name: url + template for name, template in _TEMPLATES.items()},
    }


def pushed_at(repository: DemoRepository, now: datetime) -> datetime:
    """Return when *repository* was last pushed to."""
    times = [run.created_at for run in repository.runs if run.event != "schedule"]
    return max((at for at in times if at <= now), default=repository.created_at)


def listed(links: FakeGitHubUrls, repository: DemoRepository, now: datetime) -> dict[str, Any]:
    """Return a repository as in a listing."""
    return {
        **embedded(links, repository),
        "default_branch": "main",
        "archived": False,
        "disabled": False,
        "visibility": "private",
        "pushed_at": stamp(pushed_at(repository, now)),
        "created_at": stamp(repository.created_at),
        "updated_at": stamp(pushed_at(repository, now)),
    }


def full(links: FakeGitHubUrls, repository: DemoRepository, now: datetime) -> dict[str, Any]:
    """Return a repository in the full form."""
    page = links.page(repository.full_name)
    counts = ("forks", "open_issues", "watchers")
    return {
        **listed(links, repository, now),
        **dict.fromkeys((*counts, *(f"{name}_count" for name in counts)), 0),
        **dict.fromkeys(("stargazers_count", "network_count", "subscribers_count"), 0),
        "clone_url": f"{page}.git",
        "git_url": f"{page}.git",
        "ssh_url": f"{page}.git",
        "svn_url": page,
        "mirror_url": None,
        "homepage": None,
        "language": "Python",
        "license": None,
        "size": 1024,
        "has_issues": True,
        "has_projects": False,
        "has_wiki": False,
        "has_pages": False,
        "has_discussions": False,
        "permissions": {
            "admin": False,
            "maintain": False,
            "push": repository.name not in READ_ONLY,
            "triage": repository.name not in READ_ONLY,
            "pull": True,
        },
    }


def workflow(
    links: FakeGitHubUrls, repository: DemoRepository, flow: DemoWorkflow
) -> dict[str, Any]:
    """Return a workflow."""
    page = links.page(repository.full_name)
    return {
        "id": flow.id,
        "node_id": node_id("W", flow.id),
        "name": flow.spec.name,
        "path": path_of(flow),
        "state": "active",
        "created_at": stamp(flow.created_at),
        "updated_at": stamp(flow.created_at),
        "url": f"{links.repository(repository.full_name)}/actions/workflows/{flow.id}",
        "html_url": f"{page}/blob/main/{path_of(flow)}",
        "badge_url": f"{page}/workflows/{flow.spec.name}/badge.svg",
    }


def path_of(flow: DemoWorkflow) -> str:
    """Return the path of the workflow's file."""
    return f".github/workflows/{flow.spec.file}"


def environment_id(repository: DemoRepository, name: str) -> int:
    """Return the number of the environment *name*."""
    return repository.id + (2 if name == "production" else 1)


def environment(links: FakeGitHubUrls, repository: DemoRepository, name: str) -> dict[str, Any]:
    """Return an environment. Production requires a reviewer."""
    number = environment_id(repository, name)
    rule = {
        "id": number + 2,
        "node_id": node_id("GA", number + 2),
        "type": "required_reviewers",
        "prevent_self_review": False,
        "reviewers": [{"type": "User", "reviewer": user(links, login)} for login in MAY_APPROVE],
    }
    return {
        "id": number,
        "node_id": node_id("EN", number),
        "name": name,
        "url": f"{links.repository(repository.full_name)}/environments/{name}",
        "html_url": f"{links.page(repository.full_name)}/deployments/{name}",
        "created_at": stamp(repository.created_at),
        "updated_at": stamp(repository.created_at),
        "protection_rules": [rule] if name == "production" else [],
        "deployment_branch_policy": None,
    }
