"""Schedules of workflow runs: when jobs and steps start and end, and how they end."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from opsboard.demo.world.ci import (
    DemoCommit,
    DemoConclusion,
    DemoJobSpec,
    DemoRepository,
    DemoWorkflow,
    DemoWorkflowJob,
    DemoWorkflowRun,
    DemoWorkflowSpec,
    DemoWorkflowStep,
)
from opsboard.demo.world.workflows import SETUP_STEPS
from opsboard.demo.world.world import DemoWorld


def schedule_run(
    world: DemoWorld,
    repository: DemoRepository,
    spec: DemoWorkflowSpec,
    commit: DemoCommit,
    created_at: datetime,
    *,
    branch: str = "main",
    event: str = "",
    failing: str = "",
) -> DemoWorkflowRun:
    """Return a new run with all of its jobs. The job *failing* fails; later stages are skipped."""
    workflow = next(flow for flow in repository.workflows if flow.spec is spec)
    run = new_run(world, repository, workflow, commit, created_at)
    run.branch, run.event, run.actor = branch, event or spec.event, commit.author
    run.jobs = schedule_jobs(world, run, created_at, failing=failing)
    repository.runs.append(run)
    return run


def new_run(
    world: DemoWorld,
    repository: DemoRepository,
    workflow: DemoWorkflow,
    commit: DemoCommit,
    created_at: datetime,
) -> DemoWorkflowRun:
    """Return a run of *workflow* that has no jobs yet and is not listed in its repository."""
    workflow.run_count += 1
    return DemoWorkflowRun(
        id=world.next_id(),
        number=workflow.run_count,
        repository=repository,
        workflow=workflow,
        event="workflow_dispatch",
        branch="main",
        commit=commit,
        actor=commit.author,
        created_at=created_at,
    )


def schedule_jobs(
    world: DemoWorld,
    run: DemoWorkflowRun,
    at: datetime,
    *,
    failing: str = "",
    skipped: Collection[str] = (),
    reused: Mapping[str, DemoWorkflowJob] | None = None,
) -> tuple[DemoWorkflowJob, ...]:
    """Return the jobs of an attempt of *run* that starts at *at*.

    Jobs named in *skipped* are skipped without stopping later stages. Jobs in *reused* are those of
    an earlier attempt, by name, that are not run again.
    """
    jobs: list[DemoWorkflowJob] = []
    for stage in run.workflow.spec.stages:
        if any(_stops(job, skipped) for job in jobs):
            jobs += [_skipped(world, run, spec, at) for spec in stage]
            continue
        planned = [
            (reused or {}).get(spec.name)
            or (
                _skipped(world, run, spec, at)
                if spec.name in skipped
                else _plan_job(world, run, spec, at, fails=spec.name == failing)
            )
            for spec in stage
        ]
        jobs += planned
        at = max(at, *(job.ends_at for job in planned))
    for job in jobs:
        world.images.record_job(run, job)
    return tuple(jobs)


def _stops(job: DemoWorkflowJob, left_out: Collection[str]) -> bool:
    return job.conclusion is not DemoConclusion.SUCCESS and job.spec.name not in left_out


def _skipped(
    world: DemoWorld, run: DemoWorkflowRun, spec: DemoJobSpec, at: datetime
) -> DemoWorkflowJob:
    skipped = DemoConclusion.SKIPPED
    return DemoWorkflowJob(world.next_id(), run, spec, at, at, at, skipped, attempt=run.attempt)


def _plan_job(
    world: DemoWorld, run: DemoWorkflowRun, spec: DemoJobSpec, at: datetime, *, fails: bool
) -> DemoWorkflowJob:
    approval = world.rng.uniform(40, 240) if spec.environment == "production" else 0.0
    starts_at = at + timedelta(seconds=round(approval + world.rng.uniform(2, 15)))
    conclusion = DemoConclusion.FAILURE if fails else DemoConclusion.SUCCESS
    job = DemoWorkflowJob(
        world.next_id(),
        run,
        spec,
        queued_at=at,
        starts_at=starts_at,
        ends_at=starts_at,
        conclusion=conclusion,
        waits_since=at if approval else None,
        attempt=run.attempt,
    )
    job.steps = tuple(_plan_steps(world, job, fails=fails))
    job.ends_at = max(step.ends_at for step in job.steps)
    return job


def _plan_steps(
    world: DemoWorld, job: DemoWorkflowJob, *, fails: bool
) -> Sequence[DemoWorkflowStep]:
    steps: list[DemoWorkflowStep] = []
    at, last = job.starts_at, len(job.spec.steps)
    broken = last - 1 if fails else last + 1
    for number, name in enumerate(job.spec.steps, 1):
        frame = name in SETUP_STEPS or number == last
        seconds = 1.0 if frame else job.spec.seconds / (last - 3) * world.rng.uniform(0.7, 1.3)
        ends_at = at + timedelta(seconds=0 if broken < number < last else max(round(seconds), 1))
        steps.append(DemoWorkflowStep(number, name, at, ends_at, _step_end(number, broken, last)))
        at = ends_at
    return steps


def _step_end(number: int, broken: int, last: int) -> DemoConclusion:
    if number == broken:
        return DemoConclusion.FAILURE
    return DemoConclusion.SKIPPED if broken < number < last else DemoConclusion.SUCCESS
