"""What no tidy world has, and every real one: work that was repeated, work that waits for somebody,
and a stranger's text that means to command the terminal of whoever reads it.

Chance is another one here, so that the rest of the world is the same with and without.
"""

from datetime import timedelta
from itertools import islice
from typing import Final

from opsboard.demo.world.ci import DemoCommit, DemoConclusion, DemoRepository, DemoWorkflowRun
from opsboard.demo.world.clusters import PodOutcome
from opsboard.demo.world.rng import SeededRandom
from opsboard.demo.world.run_schedule import schedule_run
from opsboard.demo.world.user_actions import UserActions
from opsboard.demo.world.workflows import CI, DEPLOY
from opsboard.demo.world.world import DemoWorld

OUTSIDER: Final = "mallory"
HOSTILE_TITLE: Final = (
    "Speed up [bold red]everything[/] [link=https://thief.example]now[/link]"
    "\x1b]0;owned\x07\x1b[2J\x1b[31m\r\x9b5m \U0001f680"
)
"""Markup, a window's title, an erased screen, colours, an overwritten line, a C1 control."""
HOSTILE_BRANCH: Final = "fix/\u202egnp.tac\u2066\u200b[reverse]"
"""Written backwards from the middle, isolated, with something between that cannot be seen."""
RERUN_REPOSITORIES: Final = ("payments", "catalog")


def add_edge_cases(world: DemoWorld) -> None:
    """Make *world* as odd as a real one."""
    usual, world.rng = world.rng, SeededRandom("oddities")
    try:
        for name, age in zip(
            RERUN_REPOSITORIES, (timedelta(hours=1), timedelta(seconds=25)), strict=True
        ):
            _repeat(world, world.repositories[name], age)
        _propose(world, world.repositories["mobile-app"])
        _wait(world, world.repositories["recommendations"])
    finally:
        world.rng = usual


def _repeat(world: DemoWorld, repository: DemoRepository, age: timedelta) -> None:
    """Let somebody have repeated what failed last."""
    failed = (
        run
        for run in reversed(repository.runs)
        if run.workflow.spec is CI and run.conclusion is DemoConclusion.FAILURE
    )
    for run in islice(failed, 1):
        at = max(world.now - age, run.ends_at + timedelta(seconds=90))
        UserActions(world).rerun(run, world.rng.choice(("hana", "goran")), failed_only=True, at=at)


def _propose(world: DemoWorld, repository: DemoRepository) -> DemoWorkflowRun:
    """Let a stranger propose a change."""
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
    run.pull_request = 666
    return run


def _wait(world: DemoWorld, repository: DemoRepository) -> None:
    """Let a deployment to production wait for somebody's word, the one to staging done."""
    commit = world.delivery.create_commit(repository, world.now - timedelta(minutes=5))
    repository.head = commit
    schedule_run(world, repository, CI, commit, commit.at)
    at = world.now - timedelta(seconds=95)
    run = schedule_run(world, repository, DEPLOY, commit, at)
    world.delivery.record_deployments(run)
    for job in run.jobs:
        world.delivery.schedule_rollout(job, PodOutcome.GOOD)
