"""Plans of workflow runs: which jobs and steps will run when, and how they will end."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from opsboard.demo.world.code import (
    Commit,
    Conclusion,
    JobSpec,
    Repository,
    Run,
    RunJob,
    Step,
    Workflow,
    WorkflowSpec,
)
from opsboard.demo.world.workflows import FRAME
from opsboard.demo.world.world import World


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
    run = begin(world, repository, workflow, commit, created_at)
    run.branch, run.event, run.actor = branch, event or spec.event, commit.author
    run.jobs = plan_jobs(world, run, created_at, failing=failing)
    repository.runs.append(run)
    return run


def begin(
    world: World, repository: Repository, workflow: Workflow, commit: Commit, created_at: datetime
) -> Run:
    """Return a run of *workflow* that has no jobs yet, and is not known to anybody."""
    workflow.runs += 1
    return Run(
        id=world.next_id(),
        number=workflow.runs,
        repository=repository,
        workflow=workflow,
        event="workflow_dispatch",
        branch="main",
        commit=commit,
        actor=commit.author,
        created_at=created_at,
    )


def plan_jobs(
    world: World,
    run: Run,
    at: datetime,
    *,
    failing: str = "",
    left_out: Collection[str] = (),
    kept: Mapping[str, RunJob] | None = None,
) -> tuple[RunJob, ...]:
    """Return the jobs of *run*, the first of which begin at *at*.

    Those that are *left_out* are skipped, which stops nothing; those that are *kept* have been
    done before, and are not done again.
    """
    jobs: list[RunJob] = []
    for stage in run.workflow.spec.stages:
        if any(_stops(job, left_out) for job in jobs):
            jobs += [_skipped(world, run, spec, at) for spec in stage]
            continue
        planned = [
            (kept or {}).get(spec.name)
            or (
                _skipped(world, run, spec, at)
                if spec.name in left_out
                else _plan_job(world, run, spec, at, fails=spec.name == failing)
            )
            for spec in stage
        ]
        jobs += planned
        at = max(at, *(job.ends_at for job in planned))
    return tuple(jobs)


def _stops(job: RunJob, left_out: Collection[str]) -> bool:
    return job.conclusion is not Conclusion.SUCCESS and job.spec.name not in left_out


def _skipped(world: World, run: Run, spec: JobSpec, at: datetime) -> RunJob:
    skipped = Conclusion.SKIPPED
    return RunJob(world.next_id(), run, spec, at, at, at, skipped, attempt=run.attempt)


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
        attempt=run.attempt,
    )
    job.steps = tuple(_plan_steps(world, job, fails=fails))
    job.ends_at = max(step.ends_at for step in job.steps)
    return job


def _plan_steps(world: World, job: RunJob, *, fails: bool) -> Sequence[Step]:
    steps: list[Step] = []
    at, last = job.starts_at, len(job.spec.steps)
    broken = last - 1 if fails else last + 1
    for number, name in enumerate(job.spec.steps, 1):
        frame = name in FRAME or number == last
        seconds = 1.0 if frame else job.spec.seconds / (last - 3) * world.chance.between(0.7, 1.3)
        ends_at = at + timedelta(seconds=0 if broken < number < last else max(round(seconds), 1))
        steps.append(Step(number, name, at, ends_at, _step_end(number, broken, last)))
        at = ends_at
    return steps


def _step_end(number: int, broken: int, last: int) -> Conclusion:
    if number == broken:
        return Conclusion.FAILURE
    return Conclusion.SKIPPED if broken < number < last else Conclusion.SUCCESS
