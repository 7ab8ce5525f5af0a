"""What GitHub's REST API says of pull requests, as far as it is read.

https://docs.github.com/en/rest/pulls/pulls, /pulls/reviews, /checks/runs, /commits/statuses
"""

from datetime import datetime
from typing import Any, ClassVar

from msgspec import Raw

from opsboard.records import PullRequestState
from opsboard_adapters.github.models import GitHubRepositoryName, GitHubStruct, GitHubUser


class GitHubNamed(GitHubStruct, frozen=True, gc=False):
    name: str = ""


class GitHubBranch(GitHubStruct, frozen=True, gc=False):
    ref: str = ""
    sha: str = ""
    repo: GitHubRepositoryName | None = None


class GitHubPull(GitHubStruct, frozen=True, gc=False):
    time_fields: ClassVar[tuple[str, ...]] = ("created_at", "updated_at", "merged_at")

    number: int
    title: str = ""
    state: str = ""
    draft: bool | None = None
    merged: bool | None = None
    mergeable: bool | None = None
    mergeable_state: str | None = None
    merge_commit_sha: str | None = None
    merged_by: GitHubUser | None = None
    user: GitHubUser | None = None
    html_url: str | None = None
    head: GitHubBranch | None = None
    base: GitHubBranch | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    merged_at: datetime | None = None
    commits: int | None = None
    additions: int | None = None
    deletions: int | None = None
    changed_files: int | None = None
    labels: tuple[GitHubNamed, ...] | None = None
    requested_reviewers: tuple[GitHubUser, ...] | None = None
    requested_teams: tuple[GitHubNamed, ...] | None = None
    auto_merge: dict[str, Any] | None = None

    @property
    def record_state(self) -> PullRequestState:
        """The state as records have it: GitHub calls a merged one closed."""
        if self.merged or self.merged_at is not None:
            return PullRequestState.MERGED
        return PullRequestState.OPEN if self.state == "open" else PullRequestState.CLOSED


class GitHubReview(GitHubStruct, frozen=True, gc=False):
    time_fields: ClassVar[tuple[str, ...]] = ("submitted_at",)

    user: GitHubUser | None = None
    state: str = ""
    submitted_at: datetime | None = None


class GitHubApp(GitHubStruct, frozen=True, gc=False):
    slug: str = ""
    name: str = ""


class GitHubCheckRun(GitHubStruct, frozen=True, gc=False):
    strict_fields: ClassVar[frozenset[str]] = frozenset({"status", "conclusion"})
    time_fields: ClassVar[tuple[str, ...]] = ("started_at", "completed_at")

    id: int
    name: str = ""
    status: str | None = None
    conclusion: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    app: GitHubApp | None = None


class GitHubCommitStatus(GitHubStruct, frozen=True, gc=False):
    """What a service beside the checks says of a commit. *state*: error, failure, pending, ..."""

    strict_fields: ClassVar[frozenset[str]] = frozenset({"state"})
    time_fields: ClassVar[tuple[str, ...]] = ("updated_at",)

    context: str = ""
    state: str = ""
    description: str | None = None
    updated_at: datetime | None = None


class GitHubCheckPage(GitHubStruct, frozen=True, gc=False):
    """A page of check runs, or what all services say of a commit: the items are decoded singly."""

    total_count: int = 0
    check_runs: list[Raw] | None = None
    statuses: list[Raw] | None = None
