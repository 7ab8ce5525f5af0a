"""Repositories, commits, and the runs of their workflows.

A run is a plan: when it is made, it is known when each of its jobs and steps will begin and end,
and how. What it looks like at a time follows from that alone.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class DemoRunStatus(StrEnum):
    """The words are GitHub's."""

    QUEUED = "queued"
    WAITING = "waiting"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"


class DemoConclusion(StrEnum):
    """The words are GitHub's."""

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
    """A job as its workflow has it. With *environment*, it deploys there."""

    name: str
    steps: tuple[str, ...]
    seconds: float
    environment: str = ""


@dataclass(frozen=True, slots=True)
class DemoInputSpec:
    """An input of a workflow that is begun by hand. *type* is GitHub's word."""

    name: str
    type: str = "string"
    description: str = ""
    default: str = ""
    required: bool = False
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DemoWorkflowSpec:
    """A workflow: stages one after the other, the jobs of a stage at the same time.

    With *inputs*, it can be begun by hand; *run_name* is the title of such a run then, with
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
    """A repository with its runs and releases, the newest last."""

    id: int
    owner: str
    name: str
    description: str
    created_at: datetime
    workflows: tuple[DemoWorkflow, ...]
    head: DemoCommit
    runs: list["DemoWorkflowRun"] = field(default_factory=list)
    deployments: list["DemoDeployment"] = field(default_factory=list)

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"


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
    """A job of a run. It waits for approval from *waits_from*, where that is set."""

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
    """Whether what it deploys has been rolled out."""

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
    """Somebody's word on deployments that waited: ``approved`` or ``rejected``."""

    environments: tuple[str, ...]
    state: str
    user: str
    comment: str


@dataclass(eq=False, slots=True)
class DemoWorkflowRun:
    """A run of a workflow. *jobs* holds those of the latest attempt, *earlier* those before.

    *begun_by* and *begun_at* are those of the latest attempt, where it is not the first.
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
        """Return how far it is at *now*."""
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
        """How it ends; not yet known to anyone before it has."""
        ends = {job.conclusion for job in self.jobs}
        for bad in (DemoConclusion.CANCELLED, DemoConclusion.FAILURE):
            if bad in ends:
                return bad
        return DemoConclusion.SUCCESS

    def updated_at(self, now: datetime) -> datetime:
        """Return when it last changed, as seen at *now*."""
        times = [self.created_at]
        for job in self.jobs:
            times += [job.starts_at, job.ends_at, *(step.ends_at for step in job.steps)]
        return max(time for time in times if time <= max(now, self.created_at))


@dataclass(eq=False, slots=True)
class DemoDeployment:
    """A deployment as the CI server sees it: *job* brings *commit* to *environment*."""

    id: int
    repository: DemoRepository
    environment: str
    commit: DemoCommit
    job: DemoWorkflowJob
    created_at: datetime

    def state(self, now: datetime) -> str:
        """Return GitHub's word for how it is at *now*."""
        status = self.job.status(now)
        if status is DemoRunStatus.COMPLETED:
            return "success" if self.job.conclusion is DemoConclusion.SUCCESS else "failure"
        return {DemoRunStatus.IN_PROGRESS: "in_progress", DemoRunStatus.WAITING: "waiting"}.get(
            status, "queued"
        )
