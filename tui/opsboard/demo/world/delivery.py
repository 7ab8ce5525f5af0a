"""Delivery: commits are pushed, built, and brought to staging and production."""

from datetime import datetime, timedelta
from typing import Final

from opsboard.demo.world.clusters import Fate, Workload
from opsboard.demo.world.code import Commit, Conclusion, Release, Repository, Run, RunJob
from opsboard.demo.world.company import BOT, BRANCHES, PEOPLE, SUBJECTS
from opsboard.demo.world.plans import plan
from opsboard.demo.world.rollouts import Rollouts
from opsboard.demo.world.workflows import CI, DEPLOY, NIGHTLY
from opsboard.demo.world.world import World

APPLYING: Final = 2
"""The place of the step that changes what runs, among those of a job that deploys."""

RUNS_KEPT: Final = 400
"""Runs that a repository keeps, beyond those that a scale asks for."""


class Delivery:
    """Lets people push, and lets what they push go its way."""

    def __init__(self, world: World, rollouts: Rollouts) -> None:
        self.world = world
        self.rollouts = rollouts

    def begin(self) -> None:
        """Let work begin: from now on, somebody pushes every so often."""
        self._push_later()
        self._nightly_later()

    def commit(self, repository: Repository, at: datetime) -> Commit:
        """Make a commit, the new head of *repository*."""
        chance = self.world.chance
        bot = chance.happens(0.1)
        made = Commit(
            sha=chance.hex(40),
            title="Update dependencies" if bot else chance.pick(SUBJECTS),
            author=BOT if bot else chance.pick(PEOPLE),
            at=at - timedelta(seconds=20),
        )
        self.world.commits[made.sha] = made
        return made

    def push(self, repository: Repository, at: datetime) -> Run:
        """Push a commit at *at*, and plan its run."""
        chance = self.world.chance
        aside = chance.happens(0.4)
        commit = self.commit(repository, at)
        failing = chance.pick(("lint", "test (unit)", "test (api)", "test (api)"))
        run = plan(
            self.world,
            repository,
            CI,
            commit,
            at,
            branch=chance.pick(BRANCHES) if aside else "main",
            event="pull_request" if aside else "push",
            failing=failing if chance.happens(0.15) else "",
        )
        if aside:
            run.pull_request = chance.count(200, 900)
        else:
            repository.head = commit
        return run

    def deploy(self, repository: Repository, commit: Commit, at: datetime, fate: Fate) -> Run:
        """Plan the run that brings *commit* to staging and then to production."""
        failing = "" if fate is Fate.GOOD else "deploy to staging"
        run = plan(self.world, repository, DEPLOY, commit, at, failing=failing)
        self.release(run)
        return run

    def release(self, run: Run) -> None:
        """Enter the releases that the jobs of *run* are, at its latest attempt."""
        at = run.begun_at or run.created_at
        run.repository.releases += [
            Release(self.world.next_id(), run.repository, job.spec.environment, run.commit, job, at)
            for job in run.jobs
            if job.attempt == run.attempt and _deploys(job)
        ]

    def roll_out(self, run: Run) -> None:
        """Have the jobs of *run* change what runs, as somebody has asked for by hand."""
        for job in run.jobs:
            if job.attempt == run.attempt and _deploys(job):
                self.roll_out_with(job, self.fate_of(job), urgent=True)

    def fate_of(self, job: RunJob) -> Fate:
        """Return what became of what *job* deploys when it was rolled out last."""
        for workload in self._services_of(job.run.repository, job.spec.environment):
            for revision in workload.revisions:
                if revision.commit == job.run.commit.sha and revision.fate is not Fate.GOOD:
                    return revision.fate
        return Fate.GOOD

    def _push_later(self) -> None:
        self.world.agenda.after(self.world.chance.between(12, 40), self._push_now)

    def _push_now(self) -> None:
        repository = self.world.chance.pick(list(self.world.repositories.values()))
        run = self.push(repository, self.world.now)
        self._forget_old(repository)
        if run.branch == "main" and run.conclusion is Conclusion.SUCCESS:
            self.world.agenda.at(run.ends_at, lambda: self._deploy_now(repository, run.commit))
        self._push_later()

    def _nightly_later(self) -> None:
        self.world.agenda.after(900, self._nightly_now)

    def _nightly_now(self) -> None:
        repository = self.world.repositories["storefront"]
        failing = "end to end" if self.world.chance.happens(0.3) else ""
        plan(self.world, repository, NIGHTLY, repository.head, self.world.now, failing=failing)
        self._nightly_later()

    def _deploy_now(self, repository: Repository, commit: Commit) -> None:
        if not self._services_of(repository, "staging"):
            return
        chance = self.world.chance
        fate = chance.pick((Fate.CRASH, Fate.PULL)) if chance.happens(0.12) else Fate.GOOD
        for job in self.deploy(repository, commit, self.world.now, fate).jobs:
            if _deploys(job):
                self.roll_out_with(job, fate)

    def roll_out_with(self, job: RunJob, fate: Fate, *, urgent: bool = False) -> None:
        """Roll out what *job* deploys when it applies its manifests, and not twice.

        Called again where the times of the job have changed. What is *urgent* is rolled out
        even over what burns.
        """
        applying = job.steps[APPLYING]

        def act() -> None:
            if job.applied or applying not in job.steps or self.world.now < applying.ends_at:
                return  # done already, cancelled, or put off
            job.applied = True
            for workload in self._services_of(job.run.repository, job.spec.environment):
                self._roll_out(workload, job.run.commit, fate, urgent=urgent)

        self.world.agenda.at(applying.ends_at, act)

    def _roll_out(self, workload: Workload, commit: Commit, fate: Fate, *, urgent: bool) -> None:
        good = workload.revision
        if good.fate is not Fate.GOOD and not urgent:
            return  # somebody is at it; nothing is rolled out over a fire
        self.rollouts.release(
            workload,
            f"{workload.service.image}:{commit.sha[:7]}",
            commit=commit.sha,
            cause=commit.title,
            fate=fate,
        )
        if fate is not Fate.GOOD:
            self.world.agenda.after(240, lambda: self._mend(workload, commit, good.number))

    def _mend(self, workload: Workload, commit: Commit, number: int) -> None:
        """Have an operator of staging roll back what does not start."""
        if workload.revision.commit != commit.sha:
            return
        for revision in workload.revisions:
            if revision.number == number:
                self.rollouts.roll_back(workload, revision)
                return

    def _services_of(self, repository: Repository, environment: str) -> list[Workload]:
        return [
            workload
            for cluster in self.world.clusters.values()
            if cluster.environment == environment
            for workload in cluster.workloads.values()
            if workload.service.repository == repository.name
        ]

    def _forget_old(self, repository: Repository) -> None:
        kept = RUNS_KEPT + self.world.scale.builds
        del repository.runs[:-kept]
        del repository.releases[:-RUNS_KEPT]


def _deploys(job: RunJob) -> bool:
    return bool(job.spec.environment) and job.conclusion is not Conclusion.SKIPPED
