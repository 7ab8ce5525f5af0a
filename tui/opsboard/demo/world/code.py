"""Repositories, commits, and the runs of their workflows.

A run is a plan: when it is made, it is known when each of its jobs and steps will begin and end,
and how. What it looks like at a time follows from that alone.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class RunStatus(StrEnum):
    """The words are GitHub's."""

    QUEUED = "queued"
    WAITING = "waiting"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"


class Conclusion(StrEnum):
    """The words are GitHub's."""

    SUCCESS = "success"
    FAILURE = "failure"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit."""

    sha: str
    title: str
    author: str
    at: datetime


@dataclass(frozen=True, slots=True)
class JobSpec:
    """A job as its workflow has it. With *environment*, it deploys there."""

    name: str
    steps: tuple[str, ...]
    seconds: float
    environment: str = ""


@dataclass(frozen=True, slots=True)
class InputSpec:
    """An input of a workflow that is begun by hand. *type* is GitHub's word."""

    name: str
    type: str = "string"
    description: str = ""
    default: str = ""
    required: bool = False
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkflowSpec:
    """A workflow: stages one after the other, the jobs of a stage at the same time.

    With *inputs*, it can be begun by hand; *run_name* is the title of such a run then, with
    ``{name}`` for the value of an input.
    """

    name: str
    file: str
    event: str
    stages: tuple[tuple[JobSpec, ...], ...]
    inputs: tuple[InputSpec, ...] = ()
    run_name: str = ""


@dataclass(eq=False, slots=True)
class Workflow:
    """A workflow of a repository."""

    id: int
    spec: WorkflowSpec
    created_at: datetime
    runs: int = 0


@dataclass(eq=False, slots=True)
class Repository:
    """A repository with its runs and releases, the newest last."""

    id: int
    owner: str
    name: str
    description: str
    created_at: datetime
    workflows: tuple[Workflow, ...]
    head: Commit
    runs: list["Run"] = field(default_factory=list)
    releases: list["Release"] = field(default_factory=list)

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"


@dataclass(eq=False, slots=True)
class Step:
    """A step of a job."""

    number: int
    name: str
    starts_at: datetime
    ends_at: datetime
    conclusion: Conclusion

    def status(self, now: datetime) -> RunStatus:
        return _status(self.starts_at, self.ends_at, now)


@dataclass(eq=False, slots=True)
class RunJob:
    """A job of a run. It waits for approval from *waits_from*, where that is set."""

    id: int
    run: "Run"
    spec: JobSpec
    queued_at: datetime
    starts_at: datetime
    ends_at: datetime
    conclusion: Conclusion
    steps: tuple[Step, ...] = ()
    waits_from: datetime | None = None
    attempt: int = 1
    applied: bool = False
    """Whether what it deploys has been rolled out."""

    def status(self, now: datetime) -> RunStatus:
        if self.waits_from is not None and self.waits_from <= now < self.starts_at:
            return RunStatus.WAITING
        return _status(self.starts_at, self.ends_at, now)


def _status(starts_at: datetime, ends_at: datetime, now: datetime) -> RunStatus:
    if now < starts_at:
        return RunStatus.QUEUED
    return RunStatus.IN_PROGRESS if now < ends_at else RunStatus.COMPLETED


@dataclass(frozen=True, slots=True)
class Review:
    """Somebody's word on deployments that waited: ``approved`` or ``rejected``."""

    environments: tuple[str, ...]
    state: str
    user: str
    comment: str


@dataclass(eq=False, slots=True)
class Run:
    """A run of a workflow. *jobs* holds those of the latest attempt, *earlier* those before.

    *begun_by* and *begun_at* are those of the latest attempt, where it is not the first.
    """

    id: int
    number: int
    repository: Repository
    workflow: Workflow
    event: str
    branch: str
    commit: Commit
    actor: str
    created_at: datetime
    jobs: tuple[RunJob, ...] = ()
    attempt: int = 1
    pull_request: int | None = None
    title: str = ""
    inputs: dict[str, str] = field(default_factory=dict)
    begun_by: str = ""
    begun_at: datetime | None = None
    earlier: list["Run"] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)

    @property
    def starts_at(self) -> datetime:
        return min(job.starts_at for job in self.jobs)

    @property
    def ends_at(self) -> datetime:
        return max(job.ends_at for job in self.jobs)

    def status(self, now: datetime) -> RunStatus:
        """Return how far it is at *now*."""
        states = {job.status(now) for job in self.jobs}
        if states == {RunStatus.COMPLETED}:
            return RunStatus.COMPLETED
        if RunStatus.IN_PROGRESS in states:
            return RunStatus.IN_PROGRESS
        if RunStatus.WAITING in states:
            return RunStatus.WAITING
        return RunStatus.QUEUED if now < self.starts_at else RunStatus.IN_PROGRESS

    @property
    def conclusion(self) -> Conclusion:
        """How it ends; not yet known to anyone before it has."""
        ends = {job.conclusion for job in self.jobs}
        for bad in (Conclusion.CANCELLED, Conclusion.FAILURE):
            if bad in ends:
                return bad
        return Conclusion.SUCCESS

    def updated_at(self, now: datetime) -> datetime:
        """Return when it last changed, as seen at *now*."""
        times = [self.created_at]
        for job in self.jobs:
            times += [job.starts_at, job.ends_at, *(step.ends_at for step in job.steps)]
        return max(time for time in times if time <= max(now, self.created_at))


@dataclass(eq=False, slots=True)
class Release:
    """A deployment as the CI server sees it: *job* brings *commit* to *environment*."""

    id: int
    repository: Repository
    environment: str
    commit: Commit
    job: RunJob
    created_at: datetime

    def state(self, now: datetime) -> str:
        """Return GitHub's word for how it is at *now*."""
        status = self.job.status(now)
        if status is RunStatus.COMPLETED:
            return "success" if self.job.conclusion is Conclusion.SUCCESS else "failure"
        return {RunStatus.IN_PROGRESS: "in_progress", RunStatus.WAITING: "waiting"}.get(
            status, "queued"
        )
