"""What no tidy world has, and every real one: work that was repeated, work that waits for somebody,
and a stranger's text that means to command the terminal of whoever reads it.

Chance is another one here, so that the rest of the world is the same with and without.
"""

from datetime import timedelta
from itertools import islice
from typing import Final

from opsboard.demo.world.chance import Chance
from opsboard.demo.world.clusters import Fate
from opsboard.demo.world.code import Commit, Conclusion, Repository, Run
from opsboard.demo.world.hands import Hands
from opsboard.demo.world.plans import plan
from opsboard.demo.world.workflows import CI, DEPLOY
from opsboard.demo.world.world import World

STRANGER: Final = "mallory"
HOSTILE_TITLE: Final = (
    "Speed up [bold red]everything[/] [link=https://thief.example]now[/link]"
    "\x1b]0;owned\x07\x1b[2J\x1b[31m\r\x9b5m \U0001f680"
)
"""Markup, a window's title, an erased screen, colours, an overwritten line, a C1 control."""
HOSTILE_BRANCH: Final = "fix/\u202egnp.tac\u2066\u200b[reverse]"
"""Written backwards from the middle, isolated, with something between that cannot be seen."""
REPEATED: Final = ("payments", "catalog")


def add_oddities(world: World) -> None:
    """Make *world* as odd as a real one."""
    usual, world.chance = world.chance, Chance("oddities")
    try:
        for name, age in zip(REPEATED, (timedelta(hours=1), timedelta(seconds=25)), strict=True):
            _repeat(world, world.repositories[name], age)
        _propose(world, world.repositories["mobile-app"])
        _wait(world, world.repositories["recommendations"])
    finally:
        world.chance = usual


def _repeat(world: World, repository: Repository, age: timedelta) -> None:
    """Let somebody have repeated what failed last."""
    failed = (
        run
        for run in reversed(repository.runs)
        if run.workflow.spec is CI and run.conclusion is Conclusion.FAILURE
    )
    for run in islice(failed, 1):
        at = max(world.now - age, run.ends_at + timedelta(seconds=90))
        Hands(world).rerun(run, world.chance.pick(("hana", "goran")), failed_only=True, at=at)


def _propose(world: World, repository: Repository) -> Run:
    """Let a stranger propose a change."""
    at = world.now - timedelta(minutes=9)
    commit = Commit(world.chance.hex(40), HOSTILE_TITLE, STRANGER, at)
    world.commits[commit.sha] = commit
    run = plan(
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


def _wait(world: World, repository: Repository) -> None:
    """Let a deployment to production wait for somebody's word, the one to staging done."""
    commit = world.delivery.commit(repository, world.now - timedelta(minutes=5))
    repository.head = commit
    plan(world, repository, CI, commit, commit.at)
    at = world.now - timedelta(seconds=95)
    run = plan(world, repository, DEPLOY, commit, at)
    world.delivery.release(run)
    for job in run.jobs:
        world.delivery.roll_out_with(job, Fate.GOOD)
