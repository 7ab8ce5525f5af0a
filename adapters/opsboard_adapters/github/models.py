"""GitHub's JSON as structs: only the fields that are used, decoded leniently.

Each is named after the schema in GitHub's OpenAPI description, with ``GitHub`` in front: Workflow
Run is :class:`GitHubRun`, Job is :class:`GitHubJob`. Old Enterprise servers lack fields and new
ones add values, so only the identity is required. An invalid value counts as absent, except in
*strict_fields*, which say what a thing is or what its status is.

https://docs.github.com/en/rest, https://github.com/github/rest-api-description
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar, TypeAlias, TypeVar

from msgspec import Meta, Raw, ValidationError
from msgspec.structs import force_setattr

from opsboard.adapter import Malformed
from opsboard_adapters.http.decoding import describe_error
from opsboard_adapters.http.lenient import LenientStruct, convert_leniently
from opsboard_adapters.times import as_utc

FullName: TypeAlias = Annotated[str, Meta(pattern=r"\A(?!\.{1,2}/)[\w.-]+/(?!\.{1,2}\Z)[\w.-]+\Z")]
"""``owner/name``, which goes into paths: never ``.`` or ``..``."""


class GitHubStruct(LenientStruct, frozen=True, gc=False):
    """The base of all structs. The *time_fields* are in UTC, or ``None``."""

    time_fields: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        for name in self.time_fields:
            at = getattr(self, name)
            if (known := as_utc(at)) is not at:
                force_setattr(self, name, known)


class GitHubUser(GitHubStruct, frozen=True, gc=False):
    login: str = ""
    id: int = 0


class GitHubHeadCommit(GitHubStruct, frozen=True, gc=False):
    message: str = ""


class GitHubRepositoryName(GitHubStruct, frozen=True, gc=False):
    """A repository as runs embed it: of these fields, only its present name is used."""

    full_name: FullName


class GitHubRunPullRequest(GitHubStruct, frozen=True, gc=False):
    """A pull request as runs embed it. *base* says in which repository it is."""

    number: int
    base: dict[str, Any] | None = None


class GitHubRun(GitHubStruct, frozen=True, gc=False):
    strict_fields: ClassVar[frozenset[str]] = frozenset({"status", "conclusion"})
    time_fields: ClassVar[tuple[str, ...]] = ("created_at", "updated_at", "run_started_at")

    id: int
    name: str | None = None
    path: str | None = None
    workflow_id: int | None = None
    run_number: int = 0
    run_attempt: int | None = None
    event: str | None = None
    status: str | None = None
    conclusion: str | None = None
    head_branch: str | None = None
    head_sha: str | None = None
    head_commit: GitHubHeadCommit | None = None
    display_title: str | None = None
    html_url: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    run_started_at: datetime | None = None
    actor: GitHubUser | None = None
    triggering_actor: GitHubUser | None = None
    pull_requests: tuple[GitHubRunPullRequest, ...] | None = None
    repository: GitHubRepositoryName | None = None
    head_repository: GitHubRepositoryName | None = None


class GitHubStep(GitHubStruct, frozen=True, gc=False):
    strict_fields: ClassVar[frozenset[str]] = frozenset({"status", "conclusion"})
    time_fields: ClassVar[tuple[str, ...]] = ("started_at", "completed_at")

    number: int = 0
    name: str = ""
    status: str | None = None
    conclusion: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None


class GitHubJob(GitHubStruct, frozen=True, gc=False):
    strict_fields: ClassVar[frozenset[str]] = frozenset({"status", "conclusion"})
    time_fields: ClassVar[tuple[str, ...]] = ("created_at", "started_at", "completed_at")

    id: int
    run_id: int = 0
    run_attempt: int | None = None
    name: str = ""
    status: str | None = None
    conclusion: str | None = None
    html_url: str | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    runner_name: str | None = None
    runner_group_name: str | None = None
    labels: tuple[str, ...] = ()
    steps: tuple[GitHubStep, ...] | None = None


class GitHubAnnotation(GitHubStruct, frozen=True, gc=False):
    path: str | None = None
    start_line: int | None = None
    start_column: int | None = None
    annotation_level: str | None = None
    title: str | None = None
    message: str | None = None


class GitHubDeployment(GitHubStruct, frozen=True, gc=False):
    """A deployment. Its states are in :class:`GitHubDeploymentStatus`."""

    strict_fields: ClassVar[frozenset[str]] = frozenset({"environment"})
    time_fields: ClassVar[tuple[str, ...]] = ("created_at", "updated_at")

    id: int
    environment: str = ""
    ref: str | None = None
    sha: str | None = None
    task: str | None = None
    description: str | None = None
    creator: GitHubUser | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    payload: Any = None
    repository_url: str | None = None


class GitHubDeploymentStatus(GitHubStruct, frozen=True, gc=False):
    strict_fields: ClassVar[frozenset[str]] = frozenset({"state"})
    time_fields: ClassVar[tuple[str, ...]] = ("created_at",)

    state: str = ""
    description: str | None = None
    creator: GitHubUser | None = None
    created_at: datetime | None = None
    target_url: str | None = None
    log_url: str | None = None
    environment_url: str | None = None


class GitHubReviewer(GitHubStruct, frozen=True, gc=False):
    type: str = ""
    reviewer: dict[str, Any] | None = None

    @property
    def name(self) -> str:
        found = self.reviewer or {}
        return str(found.get("login") or found.get("slug") or found.get("name") or self.type)


class GitHubProtectionRule(GitHubStruct, frozen=True, gc=False):
    type: str = ""
    wait_timer: int | None = None
    reviewers: tuple[GitHubReviewer, ...] | None = None


class GitHubEnvironment(GitHubStruct, frozen=True, gc=False):
    strict_fields: ClassVar[frozenset[str]] = frozenset({"name", "protection_rules"})

    id: int = 0
    name: str = ""
    html_url: str | None = None
    protection_rules: tuple[GitHubProtectionRule, ...] | None = None


class GitHubPendingDeployment(GitHubStruct, frozen=True, gc=False):
    strict_fields: ClassVar[frozenset[str]] = frozenset({"environment"})

    environment: GitHubEnvironment
    reviewers: tuple[GitHubReviewer, ...] | None = None
    current_user_can_approve: bool | None = None


class GitHubRepository(GitHubStruct, frozen=True, gc=False):
    time_fields: ClassVar[tuple[str, ...]] = ("pushed_at",)

    full_name: FullName
    archived: bool = False
    disabled: bool = False
    pushed_at: datetime | None = None


class GitHubPermissions(GitHubStruct, frozen=True, gc=False):
    """What the user may do in a repository, whatever the token may."""

    admin: bool = False
    push: bool = False


class GitHubFullRepository(GitHubRepository, frozen=True, gc=False):
    """A repository as it is returned by itself, with more fields than in a listing."""

    default_branch: str = "main"
    permissions: GitHubPermissions | None = None


class GitHubCommitMessage(GitHubStruct, frozen=True, gc=False):
    message: str = ""


class GitHubCommit(GitHubStruct, frozen=True, gc=False):
    sha: str
    commit: GitHubCommitMessage = GitHubCommitMessage()
    author: GitHubUser | None = None

    @property
    def title(self) -> str:
        return self.commit.message.partition("\n")[0]


class GitHubComparison(GitHubStruct, frozen=True, gc=False):
    """How two commits stand to each other. The commits between them are not listed in full."""

    status: str = ""
    ahead_by: int | None = None
    behind_by: int | None = None


class GitHubContent(GitHubStruct, frozen=True, gc=False):
    """A file of a repository."""

    sha: str
    size: int = 0
    content: str | None = None
    encoding: str | None = None


class GitHubWorkflow(GitHubStruct, frozen=True, gc=False):
    strict_fields: ClassVar[frozenset[str]] = frozenset({"path", "state"})

    id: int
    name: str = ""
    path: str = ""
    state: str = ""


class GitHubApproval(GitHubStruct, frozen=True, gc=False):
    """A review of deployments that waited."""

    strict_fields: ClassVar[frozenset[str]] = frozenset({"state"})

    state: str = ""
    comment: str | None = None
    user: GitHubUser | None = None
    environments: tuple[GitHubEnvironment, ...] = ()


class GitHubDispatchResult(GitHubStruct, frozen=True, gc=False):
    """The run that a dispatch has begun."""

    workflow_run_id: int
    html_url: str | None = None


class GitHubPage(GitHubStruct, frozen=True, gc=False):
    """A page of a listing that GitHub returns as an object. The items are decoded one by one."""

    total_count: int = 0
    workflow_runs: list[Raw] | None = None
    jobs: list[Raw] | None = None
    environments: list[Raw] | None = None


def name_of_run(values: Any, _number: int) -> str:
    """Return a name for a run that cannot be decoded; *values* may be of any type."""
    return f"run {values['id']}"


def name_of_job(values: Any, _number: int) -> str:
    """Return a name for a job that cannot be decoded."""
    return f"job {values['name']}"


def name_of_deployment(values: Any, _number: int) -> str:
    """Return a name for a deployment that cannot be decoded."""
    return f"deployment {values['id']}"


def name_of_repository(values: Any, _number: int) -> str:
    """Return a name for a repository that cannot be decoded."""
    return f"repository {values['name']}"


def name_of_environment(values: Any, _number: int) -> str:
    """Return a name for an environment that cannot be decoded."""
    return f"environment {values['id']}"


S = TypeVar("S", bound=GitHubStruct)


def parse(struct: type[S], value: Any) -> S:
    """Return *value*, which is modified, as *struct*. Raises :exc:`Malformed`."""
    try:
        return convert_leniently(value, struct)
    except ValidationError as error:
        raise Malformed(
            f"GitHub's {_noun(struct)} cannot be read: {describe_error(error)}",
            "is the URL that of a GitHub API?",
        ) from None


def parse_all(struct: type[S], values: Sequence[Any] | None) -> tuple[S, ...]:
    """Return all *values* as *struct*. Raises :exc:`Malformed` if a single one is invalid: use it
    where a decision must take all of them into account.
    """
    if values is not None and not isinstance(values, list | tuple):
        raise Malformed(
            f"GitHub's list of {_noun(struct)}s is no list",
            "is the URL that of a GitHub API?",
        )
    return tuple(parse(struct, value) for value in values or ())


def _noun(struct: type[GitHubStruct]) -> str:
    """Return what *struct* is called in a sentence: ``pending deployment``."""
    words = re.findall("[A-Z][a-z]+", struct.__name__.removeprefix("GitHub"))
    return " ".join(words).lower()
