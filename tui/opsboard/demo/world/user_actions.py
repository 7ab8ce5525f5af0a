"""What people do by hand: re-run, cancel, dispatch, approve and reject workflow runs."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from opsboard.demo.world.ci import (
    DemoCommit,
    DemoConclusion,
    DemoRepository,
    DemoReview,
    DemoRunStatus,
    DemoWorkflow,
    DemoWorkflowJob,
    DemoWorkflowRun,
)
from opsboard.demo.world.clusters import PodOutcome
from opsboard.demo.world.delivery import DeliveryController
from opsboard.demo.world.models import DemoTrainingRun
from opsboard.demo.world.run_schedule import new_run, schedule_jobs
from opsboard.demo.world.training import TrainingController
from opsboard.demo.world.world import DemoWorld

ACTION_DELAY: Final = timedelta(seconds=3)
"""How long GitHub takes to carry out a request."""
REPEATED_FAILURE_RATE: Final = 0.25
"""The probability that a failed job fails again when it is re-run."""
_PARAMETERS: Final = ("epochs", "learning_rate")


class UserActions:
    """Applies what people ask for to workflow runs. One per world: it knows what it started."""

    def __init__(
        self, world: DemoWorld, delivery: DeliveryController, training: TrainingController
    ) -> None:
        self.world = world
        self._delivery = delivery
        self._training_controller = training
        self._training: dict[int, DemoTrainingRun] = {}

    def rerun(
        self,
        run: DemoWorkflowRun,
        actor: str,
        *,
        failed_only: bool = False,
        at: datetime | None = None,
    ) -> None:
        """Start the next attempt of *run*, with all jobs or only those that did not succeed.

        It starts now, or *at* a time in the past.
        """
        good = {job.spec.name: job for job in run.jobs if job.conclusion is DemoConclusion.SUCCESS}
        self._next_attempt(run, actor, at or self.world.now, kept=good if failed_only else None)

    def rerun_job(self, job: DemoWorkflowJob, actor: str) -> None:
        """Start the next attempt of the run of *job* with that job and those of later stages."""
        before: dict[str, DemoWorkflowJob] = {}
        jobs = {one.spec.name: one for one in job.run.jobs}
        for stage in job.run.workflow.spec.stages:
            before |= {spec.name: jobs[spec.name] for spec in stage if spec.name != job.spec.name}
            if any(spec.name == job.spec.name for spec in stage):
                break
        self._next_attempt(job.run, actor, self.world.now, kept=before)

    def _next_attempt(
        self,
        run: DemoWorkflowRun,
        actor: str,
        now: datetime,
        *,
        kept: Mapping[str, DemoWorkflowJob] | None,
    ) -> None:
        """Start the next attempt of *run*; jobs in *kept* are not run again."""
        run.previous_attempts.append(replace(run, previous_attempts=[]))
        failed = next((j for j in run.jobs if j.conclusion is DemoConclusion.FAILURE), None)
        left_out = _left_out(run)
        run.attempt += 1
        run.triggered_by, run.triggered_at = actor, now
        run.jobs = schedule_jobs(
            self.world,
            run,
            now,
            failing=self._failing(run, failed),
            skipped=left_out,
            reused=kept,
        )
        self._apply_run(run)

    def create_dispatched_run(
        self,
        repository: DemoRepository,
        flow: DemoWorkflow,
        branch: str,
        head: DemoCommit,
        actor: str,
    ) -> DemoWorkflowRun:
        """Return a run of *flow* that *actor* dispatches now; :meth:`start` starts it."""
        run = new_run(self.world, repository, flow, head, self.world.now)
        run.branch, run.actor = branch, actor
        return run

    def start(self, run: DemoWorkflowRun, inputs: Mapping[str, str]) -> None:
        """Start a dispatched *run* with the values of its *inputs*."""
        run.inputs = dict(inputs)
        run.title = run.workflow.spec.run_name.format_map(inputs) or run.workflow.spec.name
        run.jobs = schedule_jobs(self.world, run, self.world.now, skipped=_left_out(run))
        run.repository.runs.append(run)
        self._apply_run(run)

    def cancel(self, run: DemoWorkflowRun) -> None:
        """Cancel *run*: running jobs end soon, others never start."""
        end = self.world.now + ACTION_DELAY
        for job in run.jobs:
            if job.status(self.world.now) is not DemoRunStatus.COMPLETED:
                _cut(job, self.world.now, end)
        if training := self._training.get(run.id):
            self._training_controller.fail_run(training)

    def review(
        self, run: DemoWorkflowRun, environments: Collection[str], review: DemoReview
    ) -> list[DemoWorkflowJob]:
        """Apply *review* to the jobs of *run* that wait for *environments*; return these jobs."""
        now = self.world.now
        waiting = [
            job
            for job in run.jobs
            if job.status(now) is DemoRunStatus.WAITING and job.spec.environment in environments
        ]
        run.reviews.append(review)
        for job in waiting:
            if review.state == "approved":
                self._proceed(run, job)
            else:
                _reject(run, job, now)
        return waiting

    def _proceed(self, run: DemoWorkflowRun, job: DemoWorkflowJob) -> None:
        """Let *job* start soon, and the jobs after it as much earlier."""
        earlier = job.starts_at - (self.world.now + ACTION_DELAY)
        for other in run.jobs:
            if other is job or other.queued_at >= job.ends_at:
                _shift(other, earlier, whole=other is not job)
                if other.spec.environment and other.steps and run.inputs.get("dry_run") != "true":
                    outcome = self._delivery.outcome_of(other)
                    self._delivery.schedule_rollout(other, outcome, urgent=True)

    def _failing(self, run: DemoWorkflowRun, failed: DemoWorkflowJob | None) -> str:
        """Return the name of the job that fails in the next attempt, or ``""``."""
        if failed is None:
            return ""
        if failed.spec.environment:
            bad = self._delivery.outcome_of(failed) is not PodOutcome.GOOD
        else:
            bad = self.world.rng.chance(REPEATED_FAILURE_RATE)
        return failed.spec.name if bad else ""

    def _apply_run(self, run: DemoWorkflowRun) -> None:
        self._delivery.record_deployments(run)
        if run.inputs.get("dry_run") != "true":
            self._delivery.roll_out(run)
        if "model" in run.inputs and run.jobs[0].attempt == run.attempt:
            self._train_with(run, run.attempt)

    def _train_with(self, run: DemoWorkflowRun, attempt: int) -> None:
        """Train the model from the step ``Train`` to the end of ``Register model``."""
        train, register = (
            next(step for step in run.jobs[0].steps if step.name == name)
            for name in ("Train", "Register model")
        )
        seconds = (register.ends_at - train.starts_at).total_seconds()
        parameters = {name: run.inputs[name] for name in _PARAMETERS if run.inputs.get(name)}

        def act() -> None:
            if run.attempt == attempt and train in run.jobs[0].steps:
                name = run.inputs["model"]
                self._training[run.id] = self._training_controller.retrain(
                    name, parameters, seconds=seconds
                )

        self.world.event_queue.call_at(train.starts_at, act)


def _left_out(run: DemoWorkflowRun) -> Collection[str]:
    """Return the names of the jobs that deploy to another environment than the input of *run*."""
    wanted = run.inputs.get("environment")
    jobs = [job for stage in run.workflow.spec.stages for job in stage]
    return {job.name for job in jobs if wanted and job.environment not in {"", wanted}}


def _cut(job: DemoWorkflowJob, now: datetime, end: datetime) -> None:
    job.steps = tuple(step for step in job.steps if step.starts_at <= now)
    job.conclusion = DemoConclusion.CANCELLED
    job.queued_at, job.starts_at = min(job.queued_at, now), min(job.starts_at, now)
    job.ends_at = end if job.steps else now
    for step in job.steps:
        if step.ends_at > now:
            step.ends_at, step.conclusion = end, DemoConclusion.CANCELLED


def _reject(run: DemoWorkflowRun, job: DemoWorkflowJob, now: datetime) -> None:
    job.steps, job.conclusion = (), DemoConclusion.FAILURE
    after = [other for other in run.jobs if other.queued_at >= job.ends_at]
    job.starts_at = job.ends_at = now
    for other in after:
        other.steps, other.conclusion, other.waits_since = (), DemoConclusion.SKIPPED, None
        other.queued_at = other.starts_at = other.ends_at = now


def _shift(job: DemoWorkflowJob, earlier: timedelta, *, whole: bool) -> None:
    job.starts_at -= earlier
    job.ends_at -= earlier
    for step in job.steps:
        step.starts_at -= earlier
        step.ends_at -= earlier
    if whole:
        job.queued_at -= earlier
        if job.waits_since is not None:
            job.waits_since -= earlier
