"""Edge cases that every real company has and a simulation would not produce.

Failed runs that somebody has re-run, a deployment that waits for approval, and a pull request
whose title tries to control the terminal of whoever reads it.

They draw from a generator of their own, so that the rest of the world is the same without them.
"""

from datetime import timedelta
from itertools import islice
from typing import Final

from opsboard.demo.world.ci import DemoCommit, DemoConclusion, DemoRepository, DemoWorkflowRun
from opsboard.demo.world.clusters import PodOutcome
from opsboard.demo.world.controllers import WorldControllers
from opsboard.demo.world.rng import SeededRandom
from opsboard.demo.world.run_schedule import schedule_run
from opsboard.demo.world.workflows import CI, DEPLOY
from opsboard.demo.world.world import DemoWorld

OUTSIDER: Final = "mallory"
HOSTILE_TITLE: Final = (
    "Speed up [bold red]everything[/] [link=https://thief.example]now[/link]"
    "\x1b]0;owned\x07\x1b[2J\x1b[31m\r\x9b5m \U0001f680"
)
"""Markup, a window title, a cleared screen, colours, an overwritten line, a C1 control."""
HOSTILE_BRANCH: Final = "fix/\u202egnp.tac\u2066\u200b[reverse]"
"""A right-to-left override, an isolate and a zero-width space."""
_SEED: Final = "oddities"  # another text would make other ids than the screenshots show
RERUN_REPOSITORIES: Final = ("payments", "catalog")


def add_edge_cases(world: DemoWorld, controllers: WorldControllers) -> None:
    """Add the edge cases to *world*."""
    usual, world.rng = world.rng, SeededRandom(_SEED)
    try:
        for name, age in zip(
            RERUN_REPOSITORIES, (timedelta(hours=1), timedelta(seconds=25)), strict=True
        ):
            _rerun_failed(world, controllers, world.repositories[name], age)
        _open_hostile_pull_request(world, world.repositories["mobile-app"])
        _wait_for_approval(world, controllers, world.repositories["recommendations"])
    finally:
        world.rng = usual


def _rerun_failed(
    world: DemoWorld, controllers: WorldControllers, repository: DemoRepository, age: timedelta
) -> None:
    """Re-run the last failed CI run of *repository*, *age* ago."""
    failed = (
        run
        for run in reversed(repository.runs)
        if run.workflow.spec is CI and run.conclusion is DemoConclusion.FAILURE
    )
    for run in islice(failed, 1):
        at = max(world.now - age, run.ends_at + timedelta(seconds=90))
        actor = world.rng.choice(("hana", "goran"))
        controllers.user_actions.rerun(run, actor, failed_only=True, at=at)


def _open_hostile_pull_request(world: DemoWorld, repository: DemoRepository) -> DemoWorkflowRun:
    """Add a pull request by somebody outside of the company, with hostile text."""
    at = world.now - timedelta(minutes=9)
    commit = DemoCommit(world.rng.hex(40), HOSTILE_TITLE, OUTSIDER, at)
    world.commits[commit.sha] = commit
    run = schedule_run(
        world,
        repository,
        CI,
        commit,
        at,
        branch=HOSTILE_BRANCH,
        event="pull_request",
        failing="lint",
    )
    repository.push(commit, on_main=False)
    run.pull_request = 666
    run.fork = f"{OUTSIDER}/{repository.name}"
    return run


def _wait_for_approval(
    world: DemoWorld, controllers: WorldControllers, repository: DemoRepository
) -> None:
    """Add a deployment that is done in staging and waits for approval in production."""
    commit = controllers.delivery.create_commit(repository, world.now - timedelta(minutes=5))
    repository.push(commit)
    schedule_run(world, repository, CI, commit, commit.at)
    at = world.now - timedelta(seconds=95)
    run = schedule_run(world, repository, DEPLOY, commit, at)
    controllers.delivery.record_deployments(run)
    for job in run.jobs:
        controllers.delivery.schedule_rollout(job, PodOutcome.GOOD)
