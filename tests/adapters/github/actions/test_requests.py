"""The plans of all actions: each thing is asked once, and the executor is named."""

from collections import Counter
from collections.abc import Callable

import pytest

from opsboard.adapter import RETRAIN, Request
from opsboard.records import Kind, Ref
from tests.adapters.github.actions.stage import OWNER, AppHarness

ENVIRONMENT = Ref("github", Kind.DEPLOYMENT, f"{OWNER}/storefront/production")
MODEL = Ref("mlflow", Kind.MODEL, "fraud-detector")
RECIPE = {"repository": f"{OWNER}/ml-models", "workflow": "train.yml"}
PLANS: dict[str, Callable[[AppHarness], Request]] = {
    "rerun": lambda stage: Request(action="rerun", ref=_ended(stage, "success")),
    "rerun-failed": lambda stage: Request(action="rerun-failed", ref=_ended(stage, "failure")),
    "cancel": lambda stage: Request(action="cancel", ref=_waiting(stage)),
    "approve": lambda stage: Request(action="approve", ref=_waiting(stage)),
    "reject": lambda stage: Request(action="reject", ref=_waiting(stage)),
    "dispatch": lambda stage: Request(action="dispatch", ref=_ended(stage, "success")),
    "dispatch elsewhere": lambda stage: Request(
        action="dispatch", ref=_ended(stage, "success"), values={"ref": "main"}
    ),
    "rollback": lambda stage: Request(action="rollback", ref=ENVIRONMENT),
    "retrain": lambda stage: Request(action=RETRAIN, ref=MODEL, recipe=RECIPE),
}
"""Requests that plan all actions, in the demo's world."""


def _ended(stage: AppHarness, conclusion: str) -> Ref:
    return stage.ended("storefront", "ci", conclusion)


def _waiting(stage: AppHarness) -> Ref:
    for repository in stage.world.repositories:
        try:
            return stage.build(
                repository, lambda run: run.status(stage.world.now).value == "waiting"
            )
        except ValueError:
            continue
    raise AssertionError("nothing waits in this world")


@pytest.mark.parametrize("name", PLANS)
async def test_a_plan_asks_for_nothing_twice(name: str, stage: AppHarness) -> None:
    request = PLANS[name](stage)
    stage.wire.sent.clear()
    await stage.source.plan(request)
    asked = Counter(str(sent.url) for sent in stage.wire.sent)
    assert asked
    assert {url: times for url, times in asked.items() if times > 1} == {}


@pytest.mark.parametrize("name", PLANS)
async def test_a_plan_that_is_made_again_sees_the_world_as_it_is_by_then(
    name: str, stage: AppHarness
) -> None:
    request = PLANS[name](stage)
    await stage.source.plan(request)
    stage.wire.sent.clear()
    await stage.source.plan(request)
    assert stage.wire.sent, "the answers of the plan before are not taken for granted"


@pytest.mark.parametrize("name", PLANS)
async def test_a_plan_names_its_executor(name: str, stage: AppHarness) -> None:
    """As the first version's plans did, on record and in the JSON."""
    plan = await stage.source.plan(PLANS[name](stage))
    assert plan.executor == plan.by == "github"
