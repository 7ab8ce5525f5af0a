"""Pull requests, their reviews, and the checks of commits as JSON.

Nothing is drawn for them: what a reviewer has said, and whether it could be merged, follow from the
number and from the runs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from opsboard.demo.github.repositories import MAY_APPROVE, full, stamp
from opsboard.demo.github.responses import FakeGitHubUrls
from opsboard.demo.github.users import node_id, user
from opsboard.demo.world.ci import (
    DemoCommit,
    DemoConclusion,
    DemoRepository,
    DemoRunStatus,
    DemoWorkflowJob,
    DemoWorkflowRun,
)
from opsboard.demo.world.commits import pull_request_of

_APP: Final = 15_368
"""The id of GitHub Actions among the apps."""
_STATUS: Final = "https://ci.harbourside.example/security"


@dataclass(frozen=True, slots=True)
class OpenOrMerged:
    """A pull request of *number*: from *branch*, whose head is *head*; merged as *merged*."""

    number: int
    head: DemoCommit
    branch: str
    opened_at: datetime
    merged: DemoCommit | None = None


def find(home: DemoRepository, number: int, now: datetime) -> OpenOrMerged | None:
    """Return the pull request *number* of *home*."""
    runs = [run for run in home.runs if run.pull_request == number and run.created_at <= now]
    if runs:
        first, last = min(runs, key=_made), max(runs, key=_made)
        if last.fork:
            return None  # it is of a fork, which this demo has no pages for
        return OpenOrMerged(number, last.commit, last.branch, first.created_at)
    for commit in home.main:
        pull = pull_request_of(commit)
        if pull is not None and pull.number == number and commit.at <= now:
            opened = pull.head.at - timedelta(hours=1)
            return OpenOrMerged(number, pull.head, pull.branch, opened, pull.merge_commit)
    return None


def _made(run: DemoWorkflowRun) -> datetime:
    return run.created_at


def pull_request(
    links: FakeGitHubUrls, home: DemoRepository, one: OpenOrMerged, now: datetime
) -> dict[str, Any]:
    """Return a pull request in its full form."""
    name, api = home.full_name, links.repository(home.full_name)
    url, issue = f"{api}/pulls/{one.number}", f"{api}/issues/{one.number}"
    page = f"{links.page(name)}/pull/{one.number}"
    number = home.id * 1_000 + one.number
    merged = one.merged
    title = (merged or one.head).title
    changed = _chance(one, 40) + 1
    return {
        "id": number,
        "node_id": node_id("PR", number),
        "url": url,
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "issue_url": issue,
        "commits_url": f"{url}/commits",
        "review_comments_url": f"{url}/comments",
        "review_comment_url": f"{api}/pulls/comments{{/number}}",
        "comments_url": f"{issue}/comments",
        "statuses_url": f"{api}/statuses/{one.head.sha}",
        "number": one.number,
        "state": "closed" if merged else "open",
        "locked": False,
        "active_lock_reason": None,
        "title": title,
        "user": user(links, one.head.author),
        "body": f"{title}.",
        "labels": [],
        "milestone": None,
        "created_at": stamp(one.opened_at),
        "updated_at": stamp(merged.at if merged else one.head.at),
        "closed_at": stamp(merged.at) if merged else None,
        "merged_at": stamp(merged.at) if merged else None,
        "merge_commit_sha": merged.sha if merged else None,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [user(links, login) for login in _asked(one)],
        "requested_teams": [],
        "head": _branch(links, home, one.branch, one.head.sha, now),
        "base": _branch(links, home, "main", home.main[0].sha, now),
        "_links": {
            key: {"href": value}
            for key, value in {
                "self": url,
                "html": page,
                "issue": issue,
                "comments": f"{issue}/comments",
                "review_comments": f"{url}/comments",
                "review_comment": f"{api}/pulls/comments{{/number}}",
                "commits": f"{url}/commits",
                "statuses": f"{api}/statuses/{one.head.sha}",
            }.items()
        },
        "author_association": "MEMBER",
        "auto_merge": None,
        "draft": not merged and _chance(one, 9) == 0,
        "merged": merged is not None,
        "mergeable": None if merged else _chance(one, 5) != 0,
        "rebaseable": None if merged else _chance(one, 5) != 0,
        "mergeable_state": "unknown" if merged else _mergeable_state(home, one, now),
        "merged_by": user(links, MAY_APPROVE[0]) if merged else None,
        "comments": 0,
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": 1 + _chance(one, 3),
        "additions": changed * 3,
        "deletions": changed,
        "changed_files": 1 + changed // 7,
    }


def _branch(
    links: FakeGitHubUrls, home: DemoRepository, ref: str, sha: str, now: datetime
) -> dict[str, Any]:
    owner = user(links, home.owner)
    return {
        "label": f"{home.owner}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": owner,
        "repo": {**full(links, home, now), "has_downloads": False},
    }


def _chance(one: OpenOrMerged, among: int) -> int:
    return int(sha256(one.head.sha.encode()).hexdigest()[:6], 16) % among


def _asked(one: OpenOrMerged) -> Sequence[str]:
    """Return who has been asked for a review, and has given none yet."""
    return () if one.merged or _chance(one, 2) else MAY_APPROVE[1:]


def _mergeable_state(home: DemoRepository, one: OpenOrMerged, now: datetime) -> str:
    if _chance(one, 9) == 0:
        return "draft"
    if _chance(one, 5) == 0:
        return "dirty"
    done = [job for job in jobs_at(home, one.head.sha, now) if _is_done(job, now)]
    if any(job.conclusion is DemoConclusion.FAILURE for job in done):
        return "unstable"
    return "blocked" if _asked(one) else "clean"


def reviews(links: FakeGitHubUrls, home: DemoRepository, one: OpenOrMerged) -> list[dict[str, Any]]:
    """Return the reviews of a pull request, the first one first."""
    said = ("APPROVED", "COMMENTED", "CHANGES_REQUESTED")[0 if one.merged else _chance(one, 3)]
    page = f"{links.page(home.full_name)}/pull/{one.number}"
    url = f"{links.repository(home.full_name)}/pulls/{one.number}"
    number = home.id * 1_000 + one.number
    review_page = f"{page}#pullrequestreview-{number}"
    return [
        {
            "id": number,
            "node_id": node_id("PRR", number),
            "user": user(links, MAY_APPROVE[0]),
            "body": "",
            "state": said,
            "html_url": review_page,
            "pull_request_url": url,
            "_links": {"html": {"href": review_page}, "pull_request": {"href": url}},
            "submitted_at": stamp(one.head.at + timedelta(minutes=20)),
            "commit_id": one.head.sha,
            "author_association": "MEMBER",
        }
    ]


# --- checks --------------------------------------------------------------------------------------


def jobs_at(home: DemoRepository, sha: str, now: datetime) -> Iterator[DemoWorkflowJob]:
    """Yield the jobs of all runs of a commit, each of its latest attempt."""
    for run in home.runs:
        if run.commit.sha == sha and run.created_at <= now:
            yield from run.jobs


def _is_done(job: DemoWorkflowJob, now: datetime) -> bool:
    return job.status(now) is DemoRunStatus.COMPLETED


def check_run(links: FakeGitHubUrls, job: DemoWorkflowJob, now: datetime) -> dict[str, Any]:
    """Return the check run of *job*, which has the same id."""
    api = links.repository(job.run.repository.full_name)
    page = f"{links.page(job.run.repository.full_name)}/actions/runs/{job.run.id}/job/{job.id}"
    status, done = job.status(now), _is_done(job, now)
    url = f"{api}/check-runs/{job.id}"
    known = {DemoRunStatus.COMPLETED, DemoRunStatus.IN_PROGRESS}
    return {
        "id": job.id,
        "name": job.spec.name,
        "node_id": node_id("CR", job.id),
        "head_sha": job.run.commit.sha,
        "external_id": str(job.id),
        "url": url,
        "html_url": page,
        "details_url": page,
        "status": status.value if status in known else "queued",
        "conclusion": job.conclusion.value if done else None,
        "started_at": stamp(job.starts_at),
        "completed_at": stamp(job.ends_at) if done else None,
        "output": {
            "title": None,
            "summary": None,
            "text": None,
            "annotations_count": 0,
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": job.run.id + 1},
        "app": {
            "id": _APP,
            "slug": "github-actions",
            "node_id": node_id("A", _APP),
            "owner": user(links, "github"),
            "name": "GitHub Actions",
            "description": "Automate your workflow from idea to production",
            "external_url": "https://help.github.com/en/actions",
            "html_url": f"{links.web}/apps/github-actions",
            "created_at": "2018-07-30T09:30:17Z",
            "updated_at": "2024-04-10T20:33:16Z",
            "permissions": {},
            "events": [],
        },
        "pull_requests": [],
    }


def combined_status(
    links: FakeGitHubUrls, home: DemoRepository, sha: str, now: datetime
) -> dict[str, Any]:
    """Return what services beside the checks say of a commit: one that scans it."""
    api = links.repository(home.full_name)
    number = int(sha[:6], 16)
    return {
        "state": "success",
        "statuses": [
            {
                "url": f"{api}/statuses/{sha}",
                "avatar_url": None,
                "id": number,
                "node_id": node_id("SC", number),
                "state": "success",
                "description": "no findings",
                "target_url": f"{_STATUS}/{sha[:7]}",
                "context": "security/scan",
                "required": None,
                "created_at": stamp(now),
                "updated_at": stamp(now),
            }
        ],
        "sha": sha,
        "total_count": 1,
        "repository": full(links, home, now),
        "commit_url": f"{api}/commits/{sha}",
        "url": f"{api}/commits/{sha}/status",
    }
