"""Repositories, commits, and the runs of their workflows.

When a run is created, start, end and conclusion of each of its jobs and steps are fixed. Its status
at a time follows from these alone, so nothing has to be updated while it runs.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class DemoRunStatus(StrEnum):
    """Values as in GitHub's REST API."""

    QUEUED = "queued"
    WAITING = "waiting"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"


class DemoConclusion(StrEnum):
    """Values as in GitHub's REST API."""

    SUCCESS = "success"
    FAILURE = "failure"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class DemoCommit:
    """A commit."""

    sha: str
    title: str
    author: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DemoJobSpec:
    """A job as its workflow declares it. With *environment*, it deploys there."""

    name: str
    steps: tuple[str, ...]
    seconds: float
    environment: str = ""


@dataclass(frozen=True, slots=True)
class DemoInputSpec:
    """An input of ``workflow_dispatch``; *type* is spelt as in the workflow file."""

    name: str
    type: str = "string"
    description: str = ""
    default: str = ""
    required: bool = False
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DemoWorkflowSpec:
    """A workflow: stages run one after the other, the jobs of a stage at the same time.

    With *inputs*, it can be dispatched by hand; *run_name* is the title of such a run, with
    ``{name}`` for the value of an input.
    """

    name: str
    file: str
    event: str
    stages: tuple[tuple[DemoJobSpec, ...], ...]
    inputs: tuple[DemoInputSpec, ...] = ()
    run_name: str = ""


@dataclass(eq=False, slots=True)
class DemoWorkflow:
    """A workflow of a repository."""

    id: int
    spec: DemoWorkflowSpec
    created_at: datetime
    run_count: int = 0


@dataclass(eq=False, slots=True)
class DemoRepository:
    """A repository with its workflow runs and deployments, the newest last.

    *main* are the commits of its default branch, the oldest first. *branched_at* says for the SHA
    of a commit on another branch how many of them it contains.
    """

    id: int
    owner: str
    name: str
    description: str
    created_at: datetime
    workflows: tuple[DemoWorkflow, ...]
    head: DemoCommit
    main: list[DemoCommit] = field(default_factory=list)
    branched_at: dict[str, int] = field(default_factory=dict)
    runs: list["DemoWorkflowRun"] = field(default_factory=list)
    deployments: list["DemoDeployment"] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.main = [self.head]

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"

    def push(self, commit: DemoCommit, *, on_main: bool = True) -> None:
        """Add a *commit* to the default branch, or to another one that begins at its head."""
        if on_main:
            self.main.append(commit)
            self.head = commit
        else:
            self.branched_at[commit.sha] = len(self.main)


@dataclass(eq=False, slots=True)
class DemoWorkflowStep:
    """A step of a job."""

    number: int
    name: str
    starts_at: datetime
    ends_at: datetime
    conclusion: DemoConclusion

    def status(self, now: datetime) -> DemoRunStatus:
        return _status(self.starts_at, self.ends_at, now)


@dataclass(eq=False, slots=True)
class DemoWorkflowJob:
    """A job of a run. With *waits_since*, it waits for approval from then until it starts."""

    id: int
    run: "DemoWorkflowRun"
    spec: DemoJobSpec
    queued_at: datetime
    starts_at: datetime
    ends_at: datetime
    conclusion: DemoConclusion
    steps: tuple[DemoWorkflowStep, ...] = ()
    waits_since: datetime | None = None
    attempt: int = 1
    applied: bool = False
    """Whether its deployment has been rolled out to the cluster."""

    def status(self, now: datetime) -> DemoRunStatus:
        if self.waits_since is not None and self.waits_since <= now < self.starts_at:
            return DemoRunStatus.WAITING
        return _status(self.starts_at, self.ends_at, now)


def _status(starts_at: datetime, ends_at: datetime, now: datetime) -> DemoRunStatus:
    if now < starts_at:
        return DemoRunStatus.QUEUED
    return DemoRunStatus.IN_PROGRESS if now < ends_at else DemoRunStatus.COMPLETED


@dataclass(frozen=True, slots=True)
class DemoReview:
    """A review of deployments that waited; *state* is ``approved`` or ``rejected``."""

    environments: tuple[str, ...]
    state: str
    user: str
    comment: str


@dataclass(eq=False, slots=True)
class DemoWorkflowRun:
    """A run of a workflow; *jobs* are those of the latest attempt.

    *previous_attempts* are copies of the run as it was at each attempt before. *triggered_by* and
    *triggered_at* are set for the latest attempt if it is not the first.
    """

    id: int
    number: int
    repository: DemoRepository
    workflow: DemoWorkflow
    event: str
    branch: str
    commit: DemoCommit
    actor: str
    created_at: datetime
    jobs: tuple[DemoWorkflowJob, ...] = ()
    attempt: int = 1
    pull_request: int | None = None
    fork: str = ""
    """The repository that holds its commit, where that is another one."""
    title: str = ""
    inputs: dict[str, str] = field(default_factory=dict)
    triggered_by: str = ""
    triggered_at: datetime | None = None
    previous_attempts: list["DemoWorkflowRun"] = field(default_factory=list)
    reviews: list[DemoReview] = field(default_factory=list)

    @property
    def starts_at(self) -> datetime:
        return min(job.starts_at for job in self.jobs)

    @property
    def ends_at(self) -> datetime:
        return max(job.ends_at for job in self.jobs)

    def status(self, now: datetime) -> DemoRunStatus:
        """Return the status at *now*."""
        states = {job.status(now) for job in self.jobs}
        if states == {DemoRunStatus.COMPLETED}:
            return DemoRunStatus.COMPLETED
        if DemoRunStatus.IN_PROGRESS in states:
            return DemoRunStatus.IN_PROGRESS
        if DemoRunStatus.WAITING in states:
            return DemoRunStatus.WAITING
        return DemoRunStatus.QUEUED if now < self.starts_at else DemoRunStatus.IN_PROGRESS

    @property
    def conclusion(self) -> DemoConclusion:
        """How it ends. Not to be shown before :attr:`ends_at`."""
        ends = {job.conclusion for job in self.jobs}
        for bad in (DemoConclusion.CANCELLED, DemoConclusion.FAILURE):
            if bad in ends:
                return bad
        return DemoConclusion.SUCCESS

    def updated_at(self, now: datetime) -> datetime:
        """Return the time of its last change up to *now*."""
        times = [self.created_at]
        for job in self.jobs:
            times += [job.starts_at, job.ends_at, *(step.ends_at for step in job.steps)]
        return max(time for time in times if time <= max(now, self.created_at))


@dataclass(eq=False, slots=True)
class DemoDeployment:
    """A deployment as GitHub lists it: *job* deploys *commit* to *environment*."""

    id: int
    repository: DemoRepository
    environment: str
    commit: DemoCommit
    job: DemoWorkflowJob
    created_at: datetime

    def state(self, now: datetime) -> str:
        """Return the state at *now*, as in a GitHub deployment status."""
        status = self.job.status(now)
        if status is DemoRunStatus.COMPLETED:
            return "success" if self.job.conclusion is DemoConclusion.SUCCESS else "failure"
        return {DemoRunStatus.IN_PROGRESS: "in_progress", DemoRunStatus.WAITING: "waiting"}.get(
            status, "queued"
        )
