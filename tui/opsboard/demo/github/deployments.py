"""Deployments and their statuses as JSON."""

from datetime import datetime
from typing import Any

from opsboard.demo.github.repositories import stamp
from opsboard.demo.github.responses import FakeGitHubUrls
from opsboard.demo.github.users import node_id, user
from opsboard.demo.world.ci import DemoConclusion, DemoDeployment

BOT = "actions-harbour"
_SAID = {"pending": "Waiting for approval"}


def state_history(one: DemoDeployment, now: datetime) -> list[tuple[str, datetime]]:
    """Return state and time of each status of *one* up to *now*, the latest first."""
    states = [("queued", one.created_at)]
    if one.job.waits_since is not None:
        states.append(("pending", one.job.waits_since))
    states += [
        ("in_progress", one.job.starts_at),
        ("success" if one.job.conclusion.value == "success" else "failure", one.job.ends_at),
    ]
    if (at := superseded_at(one)) is not None:
        states.append(("inactive", at))
    return [(state, at) for state, at in reversed(states) if at <= now]


def superseded_at(one: DemoDeployment) -> datetime | None:
    """Return when a later success made *one* inactive; production is never marked so.

    https://docs.github.com/en/rest/deployments/statuses (``auto_inactive``)
    """
    if one.environment == "production" or one.job.conclusion is not DemoConclusion.SUCCESS:
        return None
    later = (
        other.job.ends_at
        for other in one.repository.deployments
        if other.environment == one.environment
        and other.job.conclusion is DemoConclusion.SUCCESS
        and other.job.ends_at > one.job.ends_at
    )
    return min(later, default=None)


def deployment(links: FakeGitHubUrls, one: DemoDeployment, now: datetime) -> dict[str, Any]:
    """Return a deployment."""
    api = links.repository(one.repository.full_name)
    url = f"{api}/deployments/{one.id}"
    reached = state_history(one, now)
    return {
        "url": url,
        "id": one.id,
        "node_id": node_id("DE", one.id),
        "task": "deploy",
        "original_environment": one.environment,
        "environment": one.environment,
        "description": one.commit.title,
        "created_at": stamp(one.created_at),
        "updated_at": stamp(reached[0][1] if reached else one.created_at),
        "statuses_url": f"{url}/statuses",
        "repository_url": api,
        "creator": user(links, BOT),
        "sha": one.commit.sha,
        "ref": "main",
        "payload": {},
        "transient_environment": False,
        "production_environment": one.environment == "production",
        "performed_via_github_app": None,
    }


def statuses(links: FakeGitHubUrls, one: DemoDeployment, now: datetime) -> list[dict[str, Any]]:
    """Return the statuses of a deployment, the latest first."""
    name = one.repository.full_name
    api = links.repository(name)
    url = f"{api}/deployments/{one.id}"
    log = f"{links.page(name)}/actions/runs/{one.job.run.id}/job/{one.job.id}"
    reached = state_history(one, now)
    return [
        {
            "url": f"{url}/statuses/{one.id * 10 + number}",
            "id": one.id * 10 + number,
            "node_id": node_id("DES", one.id * 10 + number),
            "state": state,
            "creator": user(links, BOT),
            "description": _SAID.get(state, ""),
            "environment": one.environment,
            "target_url": log,
            "created_at": stamp(at),
            "updated_at": stamp(at),
            "deployment_url": url,
            "repository_url": api,
            "environment_url": "",
            "log_url": log,
            "performed_via_github_app": None,
        }
        for number, (state, at) in zip(range(len(reached), 0, -1), reached, strict=True)
    ]
