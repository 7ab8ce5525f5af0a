"""Plans of workflow runs: which jobs and steps will run when, and how they will end."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from opsboard.demo.world.code import (
    Commit,
    Conclusion,
    JobSpec,
    Repository,
    Run,
    RunJob,
    Step,
    WorkflowSpec,
)
from opsboard.demo.world.world import World

_FRAME: Final = ("Set up job", "Check out")

CI: Final = WorkflowSpec(
    "ci",
    "ci.yml",
    "push",
    (
        (
            JobSpec("lint", (*_FRAME, "Install", "Lint", "Complete job"), 25),
            JobSpec("test (unit)", (*_FRAME, "Install", "Unit tests", "Complete job"), 70),
            JobSpec("test (api)", (*_FRAME, "Install", "API tests", "Complete job"), 95),
        ),
        (JobSpec("image", (*_FRAME, "Build image", "Push image", "Complete job"), 50),),
    ),
)
DEPLOY: Final = WorkflowSpec(
    "deploy",
    "deploy.yml",
    "workflow_run",
    (
        (
            JobSpec(
                "deploy to staging",
                (*_FRAME, "Apply manifests", "Wait for roll-out", "Smoke test", "Complete job"),
                60,
                "staging",
            ),
        ),
        (
            JobSpec(
                "deploy to production",
                (*_FRAME, "Apply manifests", "Wait for roll-out", "Complete job"),
                90,
                "production",
            ),
        ),
    ),
)
NIGHTLY: Final = WorkflowSpec(
    "nightly",
    "nightly.yml",
    "schedule",
    ((JobSpec("end to end", (*_FRAME, "Start browsers", "Journeys", "Complete job"), 240),),),
)
WORKFLOWS: Final = (CI, DEPLOY, NIGHTLY)


def plan(
    world: World,
    repository: Repository,
    spec: WorkflowSpec,
    commit: Commit,
    created_at: datetime,
    *,
    branch: str = "main",
    event: str = "",
    failing: str = "",
) -> Run:
    """Return a run with its whole plan; the job called *failing* fails, what follows is skipped."""
    workflow = next(flow for flow in repository.workflows if flow.spec is spec)
    workflow.runs += 1
    run = Run(
        id=world.next_id(),
        number=workflow.runs,
        repository=repository,
        workflow=workflow,
        event=event or spec.event,
        branch=branch,
        commit=commit,
        actor=commit.author,
        created_at=created_at,
    )
    run.jobs = tuple(_plan_jobs(world, run, failing))
    repository.runs.append(run)
    return run


def _plan_jobs(world: World, run: Run, failing: str) -> Sequence[RunJob]:
    jobs: list[RunJob] = []
    at = run.created_at
    for stage in run.workflow.spec.stages:
        if any(job.conclusion is not Conclusion.SUCCESS for job in jobs):
            jobs += [_skipped(world, run, spec, at) for spec in stage]
            continue
        planned = [_plan_job(world, run, spec, at, fails=spec.name == failing) for spec in stage]
        jobs += planned
        at = max(job.ends_at for job in planned)
    return jobs


def _skipped(world: World, run: Run, spec: JobSpec, at: datetime) -> RunJob:
    return RunJob(world.next_id(), run, spec, at, at, at, Conclusion.SKIPPED)


def _plan_job(world: World, run: Run, spec: JobSpec, at: datetime, *, fails: bool) -> RunJob:
    approval = world.chance.between(40, 240) if spec.environment == "production" else 0.0
    starts_at = at + timedelta(seconds=round(approval + world.chance.between(2, 15)))
    conclusion = Conclusion.FAILURE if fails else Conclusion.SUCCESS
    job = RunJob(
        world.next_id(),
        run,
        spec,
        queued_at=at,
        starts_at=starts_at,
        ends_at=starts_at,
        conclusion=conclusion,
        waits_from=at if approval else None,
    )
    job.steps = tuple(_plan_steps(world, job, fails=fails))
    job.ends_at = max(step.ends_at for step in job.steps)
    return job


def _plan_steps(world: World, job: RunJob, *, fails: bool) -> Sequence[Step]:
    steps: list[Step] = []
    at, last = job.starts_at, len(job.spec.steps)
    broken = last - 1 if fails else last + 1
    for number, name in enumerate(job.spec.steps, 1):
        frame = name in _FRAME or number == last
        seconds = 1.0 if frame else job.spec.seconds / (last - 3) * world.chance.between(0.7, 1.3)
        ends_at = at + timedelta(seconds=0 if broken < number < last else max(round(seconds), 1))
        steps.append(Step(number, name, at, ends_at, _step_end(number, broken, last)))
        at = ends_at
    return steps


def _step_end(number: int, broken: int, last: int) -> Conclusion:
    if number == broken:
        return Conclusion.FAILURE
    return Conclusion.SKIPPED if broken < number < last else Conclusion.SUCCESS
