"""The parts of GitHub's answers that are used, read leniently.

Old Enterprise servers lack fields, new ones add words. Only an identity is demanded.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from opsboard.adapter import Malformed


class Shape(BaseModel):
    """A JSON object of which only some fields matter."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Actor(Shape):
    login: str = ""


class HeadCommit(Shape):
    message: str = ""


class Run(Shape):
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
    head_commit: HeadCommit | None = None
    display_title: str | None = None
    html_url: str | None = None
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    run_started_at: AwareDatetime | None = None
    actor: Actor | None = None
    triggering_actor: Actor | None = None


class Step(Shape):
    number: int = 0
    name: str = ""
    status: str | None = None
    conclusion: str | None = None
    started_at: AwareDatetime | None = None
    completed_at: AwareDatetime | None = None


class Job(Shape):
    id: int
    run_id: int = 0
    run_attempt: int | None = None
    name: str = ""
    status: str | None = None
    conclusion: str | None = None
    html_url: str | None = None
    created_at: AwareDatetime | None = None
    started_at: AwareDatetime | None = None
    completed_at: AwareDatetime | None = None
    runner_name: str | None = None
    runner_group_name: str | None = None
    labels: tuple[str, ...] = ()
    steps: tuple[Step, ...] | None = None


class Annotation(Shape):
    path: str | None = None
    start_line: int | None = None
    annotation_level: str | None = None
    message: str | None = None


class Deployed(Shape):
    """A deployment."""

    id: int
    environment: str = ""
    ref: str | None = None
    sha: str | None = None
    task: str | None = None
    description: str | None = None
    creator: Actor | None = None
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None


class DeploymentStatus(Shape):
    state: str = ""
    description: str | None = None
    creator: Actor | None = None
    created_at: AwareDatetime | None = None
    target_url: str | None = None
    log_url: str | None = None
    environment_url: str | None = None


class Reviewer(Shape):
    type: str = ""
    reviewer: dict[str, Any] | None = None

    @property
    def name(self) -> str:
        found = self.reviewer or {}
        return str(found.get("login") or found.get("slug") or found.get("name") or self.type)


class Rule(Shape):
    type: str = ""
    wait_timer: int | None = None
    reviewers: tuple[Reviewer, ...] | None = None


class Environment(Shape):
    id: int = 0
    name: str = ""
    html_url: str | None = None
    protection_rules: tuple[Rule, ...] | None = None


class PendingDeployment(Shape):
    environment: Environment
    reviewers: tuple[Reviewer, ...] | None = None
    current_user_can_approve: bool | None = None


class Repository(Shape):
    full_name: str
    archived: bool = False
    disabled: bool = False
    pushed_at: datetime | None = None


class Permissions(Shape):
    """What the login may do in a repository, whatever its token may."""

    admin: bool = False
    push: bool = False


class Home(Repository):
    """A repository by itself."""

    default_branch: str = "main"
    permissions: Permissions | None = None


class CommitText(Shape):
    message: str = ""


class Commit(Shape):
    sha: str
    commit: CommitText = CommitText()
    author: Actor | None = None

    @property
    def title(self) -> str:
        return self.commit.message.partition("\n")[0]


class Content(Shape):
    """A file of a repository."""

    sha: str
    size: int = 0
    content: str | None = None
    encoding: str | None = None


class Workflow(Shape):
    id: int
    name: str = ""
    path: str = ""
    state: str = ""


class Approval(Shape):
    """What somebody said to a deployment that waited."""

    state: str = ""
    comment: str | None = None
    user: Actor | None = None
    environments: tuple[Environment, ...] = ()


class Dispatched(Shape):
    """Which run a dispatch has begun."""

    workflow_run_id: int
    html_url: str | None = None


S = TypeVar("S", bound=Shape)


def read(shape: type[S], value: object) -> S:
    """Return *value* as *shape*. Raises :exc:`Malformed`."""
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Malformed(
            f"GitHub's {shape.__name__.lower()} is of an unknown shape: {where}: {first['msg']}",
            "is the URL that of a GitHub API?",
        ) from None


def read_all(shape: type[S], values: Sequence[Any] | None) -> tuple[S, ...]:
    """Return all *values* as *shape*. Raises :exc:`Malformed`."""
    if values is not None and not isinstance(values, list | tuple):
        raise Malformed(
            f"GitHub's list of {shape.__name__.lower()}s is no list",
            "is the URL that of a GitHub API?",
        )
    return tuple(read(shape, value) for value in values or ())
