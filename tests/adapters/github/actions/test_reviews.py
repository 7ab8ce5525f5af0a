"""Approving and rejecting what waits, on the demo's GitHub."""

import json
from typing import Any

import pytest

from opsboard.adapter import (
    NotFound,
    Permission,
    PreconditionFailed,
    ReconcileOutcome,
    Request,
    Verdict,
)
from opsboard.demo.world.ci import DemoReview
from opsboard.records import Kind, Ref
from tests.adapters.github.actions.stage import AppHarness


def _waiting(stage: AppHarness) -> Ref:
    """Return a run that waits for approval of production, and for four minutes at most."""
    ref = stage.ended("catalog", "deploy", "success")
    stage.the_run(ref).inputs = {"environment": "production"}
    stage.controllers.user_actions.rerun(stage.the_run(ref), "freya")
    return ref


async def test_approved(stage: AppHarness) -> None:
    ref = _waiting(stage)
    form = await stage.form("approve", ref)
    assert [one.name for one in form.inputs] == ["environment", "reason"]
    assert form.inputs[0].default == "production"
    plan = await stage.plan("approve", ref, reason="looked at staging")
    assert (plan.before, plan.after) == ("waiting for approval", "approved")
    assert (plan.environment, plan.disruptive) == ("production", True)
    assert plan.target.startswith("production in run deploy #")
    assert plan.permission is Permission.ALLOWED
    receipt = await stage.execute(plan)
    (sent,) = stage.wire.posted
    comment = json.loads(sent.content)["comment"]
    assert comment == f"looked at staging (opsboard {plan.id})"
    steps = await stage.observe(plan, receipt)
    assert steps[-1].verdict is Verdict.SUCCEEDED
    assert steps[-1].message == "approved: the run is in_progress"
    assert (await stage.reconcile(plan)).outcome is ReconcileOutcome.DONE


async def test_rejected(stage: AppHarness) -> None:
    ref = _waiting(stage)
    plan = await stage.plan("reject", ref, reason="not today")
    assert any("the run fails, and its later jobs are not run" in one.text for one in plan.findings)
    steps = await stage.observe(plan, await stage.execute(plan))
    assert steps[-1].message == "rejected: the run ended: failure"
    assert steps[-1].verdict is Verdict.SUCCEEDED


async def test_somebody_else_was_quicker(stage: AppHarness) -> None:
    ref = _waiting(stage)
    plan = await stage.plan("approve", ref)
    theirs = DemoReview(("production",), "rejected", "freya", "no")
    stage.controllers.user_actions.review(stage.the_run(ref), ("production",), theirs)
    with pytest.raises(PreconditionFailed, match="does not wait for approval any more"):
        await stage.execute(plan)
    assert not stage.wire.posted
    assert (await stage.reconcile(plan)).outcome is ReconcileOutcome.NOT_DONE


async def test_nothing_waits(stage: AppHarness) -> None:
    with pytest.raises(NotFound, match="waits for approval"):
        await stage.plan("approve", stage.ended("catalog", "deploy", "success"))


async def test_who_is_no_reviewer(stage: AppHarness, monkeypatch: Any) -> None:
    monkeypatch.setattr("opsboard.demo.github.runs.MAY_APPROVE", ("freya",))
    plan = await stage.plan("approve", _waiting(stage))
    assert plan.permission is Permission.DENIED
    assert plan.permission_note == "this login is no reviewer: freya are asked"


async def test_an_unknown_environment(stage: AppHarness) -> None:
    request = Request(action="approve", ref=_waiting(stage), values={"environment": "moon"})
    with pytest.raises(Exception, match="environment is one of: production"):
        await stage.source.plan(request)


async def test_from_the_deployment_that_waits(stage: AppHarness) -> None:
    _waiting(stage)
    ref = Ref("github", Kind.DEPLOYMENT, "harbourside/catalog/production")
    assert [one.name for one in (await stage.form("approve", ref)).inputs] == [
        "environment", "reason",
    ]  # fmt: skip
    plan = await stage.plan("approve", ref)
    assert plan.payload["names"] == ["production"]
    steps = await stage.observe(plan, await stage.execute(plan))
    assert steps[-1].verdict is Verdict.SUCCEEDED
    with pytest.raises(NotFound, match="waits for approval"):
        await stage.plan("approve", ref)
