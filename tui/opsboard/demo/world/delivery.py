"""The controller of delivery: commits are pushed, built, and deployed to staging and production."""

from datetime import datetime, timedelta
from typing import Final

from opsboard.demo.world.ci import (
    DemoCommit,
    DemoConclusion,
    DemoDeployment,
    DemoRepository,
    DemoWorkflowJob,
    DemoWorkflowRun,
)
from opsboard.demo.world.clusters import DemoWorkload, PodOutcome
from opsboard.demo.world.company import BOT, BRANCHES, COMMIT_TITLES, PEOPLE
from opsboard.demo.world.rollouts import RolloutController
from opsboard.demo.world.run_schedule import schedule_run
from opsboard.demo.world.workflows import CI, DEPLOY, NIGHTLY
from opsboard.demo.world.world import DemoWorld

APPLY_STEP: Final = 2
"""The index of the step of a deploying job that changes the cluster."""

_TAG_SUFFIXES: Final = {PodOutcome.PULL_FAILED: "-arm64"}
"""What a release that cannot be pulled has behind its tag: nobody has pushed that."""

DEPLOYER: Final = "kubectl-client-side-apply"
"""The field manager of the workflow that deploys."""

RUNS_KEPT: Final = 400
"""Runs that a repository keeps, beside those that the world's scale asks for."""


class DeliveryController:
    """Pushes commits now and then; builds them, deploys what was built, and rolls it out."""

    def __init__(self, world: DemoWorld, rollouts: RolloutController) -> None:
        self.world = world
        self.rollouts = rollouts

    def start(self) -> None:
        """Schedule pushes and nightly runs from now on."""
        self._push_later()
        self._nightly_later()

    def create_commit(self, repository: DemoRepository, at: datetime) -> DemoCommit:
        """Return a new commit of *repository*, by a random person or the bot."""
        chance = self.world.rng
        bot = chance.chance(0.1)
        made = DemoCommit(
            sha=chance.hex(40),
            title="Update dependencies" if bot else chance.choice(COMMIT_TITLES),
            author=BOT if bot else chance.choice(PEOPLE),
            at=at - timedelta(seconds=20),
        )
        self.world.commits[made.sha] = made
        return made

    def push(self, repository: DemoRepository, at: datetime) -> DemoWorkflowRun:
        """Push a commit at *at* to main or a branch; return the CI run that it triggers."""
        chance = self.world.rng
        on_branch = chance.chance(0.4)
        commit = self.create_commit(repository, at)
        failing = chance.choice(("lint", "test (unit)", "test (api)", "test (api)"))
        run = schedule_run(
            self.world,
            repository,
            CI,
            commit,
            at,
            branch=chance.choice(BRANCHES) if on_branch else "main",
            event="pull_request" if on_branch else "push",
            failing=failing if chance.chance(0.15) else "",
        )
        if on_branch:
            run.pull_request = chance.randint(200, 900)
        repository.push(commit, on_main=not on_branch)
        return run

    def deploy(
        self, repository: DemoRepository, commit: DemoCommit, at: datetime, fate: PodOutcome
    ) -> DemoWorkflowRun:
        """Return a run that deploys *commit* to staging and then to production."""
        failing = "" if fate is PodOutcome.GOOD else "deploy to staging"
        run = schedule_run(self.world, repository, DEPLOY, commit, at, failing=failing)
        self.record_deployments(run)
        return run

    def record_deployments(self, run: DemoWorkflowRun) -> None:
        """Record the deployments of the latest attempt of *run*, one per deploying job."""
        at = run.triggered_at or run.created_at
        run.repository.deployments += [
            DemoDeployment(
                self.world.next_id(), run.repository, job.spec.environment, run.commit, job, at
            )
            for job in run.jobs
            if job.attempt == run.attempt and _deploys(job)
        ]

    def roll_out(self, run: DemoWorkflowRun) -> None:
        """Schedule the roll-outs of a *run* that a person has triggered."""
        for job in run.jobs:
            if job.attempt == run.attempt and _deploys(job):
                self.schedule_rollout(job, self.outcome_of(job), urgent=True)

    def outcome_of(self, job: DemoWorkflowJob) -> PodOutcome:
        """Return the outcome of the commit of *job* when it was last rolled out there."""
        for workload in self._services_of(job.run.repository, job.spec.environment):
            for revision in workload.revisions:
                if (
                    revision.commit == job.run.commit.sha
                    and revision.outcome is not PodOutcome.GOOD
                ):
                    return revision.outcome
        return PodOutcome.GOOD

    def _push_later(self) -> None:
        self.world.event_queue.call_later(self.world.rng.uniform(12, 40), self._push_now)

    def _push_now(self) -> None:
        repository = self.world.rng.choice(list(self.world.repositories.values()))
        run = self.push(repository, self.world.now)
        self._forget_old(repository)
        if run.branch == "main" and run.conclusion is DemoConclusion.SUCCESS:
            self.world.event_queue.call_at(
                run.ends_at, lambda: self._deploy_now(repository, run.commit)
            )
        self._push_later()

    def _nightly_later(self) -> None:
        self.world.event_queue.call_later(900, self._nightly_now)

    def _nightly_now(self) -> None:
        repository = self.world.repositories["storefront"]
        failing = "end to end" if self.world.rng.chance(0.3) else ""
        schedule_run(
            self.world, repository, NIGHTLY, repository.head, self.world.now, failing=failing
        )
        self._nightly_later()

    def _deploy_now(self, repository: DemoRepository, commit: DemoCommit) -> None:
        if not self._services_of(repository, "staging"):
            return
        chance = self.world.rng
        fate = (
            chance.choice((PodOutcome.CRASH, PodOutcome.PULL_FAILED))
            if chance.chance(0.12)
            else PodOutcome.GOOD
        )
        for job in self.deploy(repository, commit, self.world.now, fate).jobs:
            if _deploys(job):
                self.schedule_rollout(job, fate)

    def schedule_rollout(
        self, job: DemoWorkflowJob, fate: PodOutcome, *, urgent: bool = False
    ) -> None:
        """Roll out what *job* deploys when it applies its manifests, once.

        Call it again when the times of the job have changed. An *urgent* roll-out also replaces a
        failing revision; another one leaves that alone.
        """
        applying = job.steps[APPLY_STEP]

        def act() -> None:
            if job.applied or applying not in job.steps or self.world.now < applying.ends_at:
                return  # done, cancelled, or scheduled again for later
            job.applied = True
            for workload in self._services_of(job.run.repository, job.spec.environment):
                self._roll_out(workload, job.run.commit, fate, urgent=urgent)

        self.world.event_queue.call_at(applying.ends_at, act)

    def _roll_out(
        self, workload: DemoWorkload, commit: DemoCommit, fate: PodOutcome, *, urgent: bool
    ) -> None:
        good = workload.wanted_revision
        if good.outcome is not PodOutcome.GOOD and not urgent:
            return  # it fails already: somebody is working on it
        workload.template_manager = DEPLOYER
        self.rollouts.release(
            workload,
            f"{workload.service.image}:{commit.sha[:7]}{_TAG_SUFFIXES.get(fate, '')}",
            commit=commit.sha,
            cause=commit.title,
            fate=fate,
        )
        if fate is not PodOutcome.GOOD:
            self.world.event_queue.call_later(
                240, lambda: self._roll_back_if_failing(workload, commit, good.number)
            )

    def _roll_back_if_failing(
        self, workload: DemoWorkload, commit: DemoCommit, number: int
    ) -> None:
        """Roll back to revision *number* if *commit* is still wanted: an operator would."""
        if workload.wanted_revision.commit != commit.sha:
            return
        for revision in workload.revisions:
            if revision.number == number:
                self.rollouts.roll_back(workload, revision)
                return

    def _services_of(self, repository: DemoRepository, environment: str) -> list[DemoWorkload]:
        return [
            workload
            for cluster in self.world.clusters.values()
            if cluster.environment == environment
            for workload in cluster.workloads.values()
            if workload.service.repository == repository.name
        ]

    def _forget_old(self, repository: DemoRepository) -> None:
        kept = RUNS_KEPT + self.world.scale.builds
        del repository.runs[:-kept]
        del repository.deployments[:-RUNS_KEPT]


def _deploys(job: DemoWorkflowJob) -> bool:
    return bool(job.spec.environment) and job.conclusion is not DemoConclusion.SKIPPED
