"""Runs, jobs and steps as JSON."""

import hashlib
from datetime import datetime
from typing import Any, Final

from opsboard.demo.github.repositories import (
    MAY_APPROVE,
    embedded,
    environment_id,
    path_of,
    stamp,
)
from opsboard.demo.github.responses import FakeGitHubUrls
from opsboard.demo.github.users import ME, node_id, user
from opsboard.demo.world.ci import (
    DemoCommit,
    DemoConclusion,
    DemoRunStatus,
    DemoWorkflowJob,
    DemoWorkflowRun,
    DemoWorkflowStep,
)
from opsboard.demo.world.logs import findings


def run(
    links: FakeGitHubUrls, one: DemoWorkflowRun, now: datetime, home: dict[str, Any]
) -> dict[str, Any]:
    """Return a run. *home* is its repository as JSON, which a page of runs shares."""
    status = one.status(now)
    name = one.repository.full_name
    url = f"{links.repository(name)}/actions/runs/{one.id}"
    suite = one.id + 1
    return {
        "id": one.id,
        "name": one.workflow.spec.name,
        "node_id": node_id("WFR", one.id),
        "head_branch": one.branch,
        "head_sha": one.commit.sha,
        "path": path_of(one.workflow),
        "display_title": one.title or one.commit.title,
        "run_number": one.number,
        "event": one.event,
        "status": status.value,
        "conclusion": one.conclusion.value if status is DemoRunStatus.COMPLETED else None,
        "workflow_id": one.workflow.id,
        "check_suite_id": suite,
        "check_suite_node_id": node_id("CS", suite),
        "url": url,
        "html_url": f"{links.page(name)}/actions/runs/{one.id}",
        "pull_requests": _pull_requests(links, one),
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.updated_at(now)),
        "actor": user(links, one.actor),
        "run_attempt": one.attempt,
        "referenced_workflows": [],
        "run_started_at": stamp(one.triggered_at or one.created_at),
        "triggering_actor": user(links, one.triggered_by or one.actor),
        "jobs_url": f"{url}/jobs",
        "logs_url": f"{url}/logs",
        "check_suite_url": f"{links.repository(name)}/check-suites/{suite}",
        "artifacts_url": f"{url}/artifacts",
        "cancel_url": f"{url}/cancel",
        "rerun_url": f"{url}/rerun",
        "previous_attempt_url": f"{url}/attempts/{one.attempt - 1}" if one.attempt > 1 else None,
        "workflow_url": f"{links.repository(name)}/actions/workflows/{one.workflow.id}",
        "head_commit": commit(one.commit),
        "repository": home,
        "head_repository": _fork(links, one, home) if one.fork else home,
    }


def _fork(links: FakeGitHubUrls, one: DemoWorkflowRun, home: dict[str, Any]) -> dict[str, Any]:
    """Return the repository that holds the commit of a run of a fork."""
    owner, _, name = one.fork.partition("/")
    own = f"/{one.repository.full_name}"
    moved = {
        key: value.replace(own, f"/{one.fork}") if isinstance(value, str) else value
        for key, value in home.items()
    }
    return {
        **moved,
        "id": home["id"] + 3,
        "node_id": node_id("R", home["id"] + 3),
        "name": name,
        "full_name": one.fork,
        "owner": user(links, owner),
        "fork": True,
    }


def _pull_requests(links: FakeGitHubUrls, one: DemoWorkflowRun) -> list[dict[str, Any]]:
    """Return the pull requests of a run, as GitHub names them: none for one from a fork."""
    if one.pull_request is None or one.fork:
        return []
    home = one.repository
    url = links.repository(home.full_name)
    repo = {"id": home.id, "url": url, "name": home.name}
    return [
        {
            "id": home.id * 1_000 + one.pull_request,
            "number": one.pull_request,
            "url": f"{url}/pulls/{one.pull_request}",
            "head": {"ref": one.branch, "sha": one.commit.sha, "repo": repo},
            "base": {"ref": "main", "sha": home.main[0].sha, "repo": repo},
        }
    ]


def alone(links: FakeGitHubUrls, one: DemoWorkflowRun, now: datetime) -> dict[str, Any]:
    """Return a run with its repository."""
    return run(links, one, now, embedded(links, one.repository))


def commit(one: DemoCommit) -> dict[str, Any]:
    """Return a commit."""
    who = {"name": one.author.capitalize(), "email": f"{one.author}@harbourside.example"}
    return {
        "id": one.sha,
        "tree_id": hashlib.sha256(one.sha.encode()).hexdigest()[:40],
        "message": one.title,
        "timestamp": stamp(one.at),
        "author": who,
        "committer": who,
    }


def job(links: FakeGitHubUrls, one: DemoWorkflowJob, now: datetime) -> dict[str, Any]:
    """Return a job, with its steps once it has started."""
    status = one.status(now)
    done = status is DemoRunStatus.COMPLETED
    at_work = one.steps and now >= one.starts_at
    api = links.repository(one.run.repository.full_name)
    page = links.page(one.run.repository.full_name)
    return {
        "id": one.id,
        "run_id": one.run.id,
        "workflow_name": one.run.workflow.spec.name,
        "head_branch": one.run.branch,
        "run_url": f"{api}/actions/runs/{one.run.id}",
        "run_attempt": one.attempt,
        "node_id": node_id("CR", one.id),
        "head_sha": one.run.commit.sha,
        "url": f"{api}/actions/jobs/{one.id}",
        "html_url": f"{page}/actions/runs/{one.run.id}/job/{one.id}",
        "status": status.value,
        "conclusion": one.conclusion.value if done else None,
        "created_at": stamp(one.queued_at),
        "started_at": stamp(one.starts_at if now >= one.starts_at else one.queued_at),
        "completed_at": stamp(one.ends_at) if done else None,
        "name": one.spec.name,
        "steps": [step(each, now) for each in one.steps] if at_work else [],
        "check_run_url": f"{api}/check-runs/{one.id}",
        "labels": ["ubuntu-24.04"],
        "runner_id": one.id % 40 if at_work else None,
        "runner_name": f"runner-{one.id % 40:02}" if at_work else None,
        "runner_group_id": 1 if at_work else None,
        "runner_group_name": "Default" if at_work else None,
    }


def step(one: DemoWorkflowStep, now: datetime) -> dict[str, Any]:
    """Return a step."""
    status = one.status(now)
    done = status is DemoRunStatus.COMPLETED
    return {
        "name": one.name,
        "status": status.value,
        "conclusion": one.conclusion.value if done else None,
        "number": one.number,
        "started_at": stamp(one.starts_at) if now >= one.starts_at else None,
        "completed_at": stamp(one.ends_at) if done else None,
    }


_ANNOTATION_LEVELS: Final = {"error": "failure", "warning": "warning", "notice": "notice"}


def annotations(links: FakeGitHubUrls, one: DemoWorkflowJob, now: datetime) -> list[dict[str, Any]]:
    """Return the annotations of a job that has failed."""
    if (
        one.status(now) is not DemoRunStatus.COMPLETED
        or one.conclusion is not DemoConclusion.FAILURE
    ):
        return []
    page = f"{links.page(one.run.repository.full_name)}/blob/{one.run.commit.sha}"
    return [
        {
            "path": finding.path,
            "blob_href": f"{page}/{finding.path}",
            "start_line": finding.line,
            "start_column": None,
            "end_line": finding.line,
            "end_column": None,
            "annotation_level": _ANNOTATION_LEVELS[finding.command],
            "title": "",
            "message": finding.message,
            "raw_details": "",
        }
        for failed in one.steps
        if failed.conclusion is DemoConclusion.FAILURE
        for finding in findings(failed)
    ]


def pending(links: FakeGitHubUrls, one: DemoWorkflowRun, now: datetime) -> list[dict[str, Any]]:
    """Return the deployments of a run that wait for a review."""
    return [
        {
            "environment": _place(links, one, each.spec.environment),
            "wait_timer": 0,
            "wait_timer_started_at": None,
            "current_user_can_approve": ME in MAY_APPROVE,
            "reviewers": [
                {"type": "User", "reviewer": user(links, login)} for login in MAY_APPROVE
            ],
        }
        for each in one.jobs
        if each.status(now) is DemoRunStatus.WAITING
    ]


def approvals(links: FakeGitHubUrls, one: DemoWorkflowRun) -> list[dict[str, Any]]:
    """Return the reviews of a run's deployments, the oldest first."""
    return [
        {
            "environments": [_place(links, one, name) for name in review.environments],
            "state": review.state,
            "user": user(links, review.user),
            "comment": review.comment,
        }
        for review in one.reviews
    ]


def _place(links: FakeGitHubUrls, one: DemoWorkflowRun, environment: str) -> dict[str, Any]:
    name, number = one.repository.full_name, environment_id(one.repository, environment)
    return {
        "id": number,
        "node_id": node_id("EN", number),
        "name": environment,
        "url": f"{links.repository(name)}/environments/{environment}",
        "html_url": f"{links.page(name)}/deployments/{environment}",
    }
