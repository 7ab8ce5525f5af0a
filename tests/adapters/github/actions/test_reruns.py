"""Re-running and cancelling runs, on the demo's GitHub."""

import pytest

from opsboard.adapter import (
    NotFound,
    NotPermitted,
    Permission,
    PreconditionFailed,
    ReconcileOutcome,
    Severity,
    Verdict,
)
from opsboard.adapter.permit import issue_permit
from opsboard.demo.world.ci import DemoConclusion
from opsboard.records import Kind, Ref
from opsboard_adapters.github.actions.describe import MAX_ATTEMPTS
from tests.adapters.github.actions.stage import AppHarness


async def test_a_rerun_from_plan_to_verdict(stage: AppHarness) -> None:
    ref = stage.ended("storefront", "ci", "success")
    plan = await stage.plan("rerun", ref)
    assert (plan.before, plan.after) == ("attempt 1, success", "attempt 2")
    assert plan.target.startswith("run ci #")
    assert plan.name == plan.target.split(" of ")[0].removeprefix("run ")
    assert {change.name for change in plan.changes} == {
        "lint", "test (unit)", "test (api)", "image",
    }  # fmt: skip
    assert plan.permission is Permission.ALLOWED
    assert not plan.blockers
    assert not plan.disruptive
    said = {fact.label: fact.value for fact in plan.facts}
    assert said["commit"].startswith(stage.the_run(ref).commit.sha[:7])
    assert "2 to do it" in said["requests"]
    assert "5000 left this hour" in said["requests"]
    receipt = await stage.execute(plan)
    assert receipt.produced == ref
    assert [request.url.path.rpartition("/")[2] for request in stage.wire.posted] == ["rerun"]
    steps = await stage.observe(plan, receipt)
    assert steps[-1].verdict is Verdict.SUCCEEDED
    assert (steps[-1].done, steps[-1].total) == (4, 4)
    assert any(0 < one.done < 4 for one in steps)
    assert stage.the_run(ref).attempt == 2
    assert (await stage.reconcile(plan)).outcome is ReconcileOutcome.DONE


async def test_what_fails_again_says_where(stage: AppHarness) -> None:
    ref = stage.ended("checkout", "deploy", "failure")
    plan = await stage.plan("rerun-failed", ref)
    assert [change.name for change in plan.changes] == ["deploy to production"]
    assert plan.environment == "production"
    assert plan.disruptive
    findings = " ".join(one.text for one in plan.findings)
    assert "deploys to" in findings
    assert "production waits for approval once more, by freya, dalia" in findings
    steps = await stage.observe(plan, await stage.execute(plan))
    assert any("waiting for approval of production by freya, dalia" in s.message for s in steps)
    assert steps[-1].verdict is Verdict.FAILED
    assert "deploy to production at 'Wait for roll-out'" in steps[-1].message


async def test_nothing_failed(stage: AppHarness) -> None:
    plan = await stage.plan("rerun-failed", stage.ended("storefront", "ci", "success"))
    assert plan.blockers == ("none of its jobs failed",)


async def test_detailed_logging_is_asked_for(stage: AppHarness) -> None:
    ref = stage.ended("storefront", "ci", "success")
    await stage.execute(await stage.plan("rerun", ref, debug="true"))
    assert stage.wire.posted[0].content == b'{"enable_debug_logging":true}'


async def test_a_run_that_goes_on_is_not_run_again(stage: AppHarness) -> None:
    ref = stage.ended("storefront", "ci", "success")
    stage.controllers.user_actions.rerun(stage.the_run(ref), "freya")
    plan = await stage.plan("rerun", ref)
    assert plan.blockers == ("it has not ended yet: queued",)


async def test_a_run_of_a_month_ago(stage: AppHarness) -> None:
    ref = stage.ended("storefront", "ci", "success")
    stage.the_run(ref).created_at -= 31 * (stage.ctx.time - stage.ctx.time.replace(hour=9, day=14))
    (why,) = (await stage.plan("rerun", ref)).blockers
    assert "up to 30 days" in why


async def test_as_often_as_github_does_it(stage: AppHarness) -> None:
    ref = stage.ended("storefront", "ci", "success")
    stage.the_run(ref).attempt = MAX_ATTEMPTS
    (why,) = (await stage.plan("rerun", ref)).blockers
    assert "50 times" in why


async def test_what_else_goes_on_and_what_has_moved(stage: AppHarness) -> None:
    ref = stage.build(
        "storefront", lambda one: one.branch == "main" and one.workflow.spec.name == "ci"
    )
    run = stage.the_run(ref)
    stage.run(600)
    other = stage.controllers.delivery.push(run.repository, stage.world.now)
    other.branch, run.repository.head = "main", other.commit
    stage.run(1)
    plan = await stage.plan("rerun", ref)
    told = {one.text: one.severity for one in plan.findings}
    (waits,) = [text for text in told if f"#{other.number} (queued)" in text]
    assert told[waits] is Severity.WARNING
    assert any(f"main has moved on to {other.commit.sha[:7]}" in text for text in told)


async def test_the_race_is_refused(stage: AppHarness) -> None:
    ref = stage.ended("storefront", "ci", "success")
    plan = await stage.plan("rerun", ref)
    stage.controllers.user_actions.rerun(stage.the_run(ref), "freya")
    with pytest.raises(
        PreconditionFailed, match="at attempt 2, queued now, and was at attempt 1, success"
    ):
        await stage.execute(plan)
    assert not stage.wire.posted


async def test_the_race_that_only_the_server_sees(stage: AppHarness) -> None:
    """Somebody is quicker in the moment between the look and the order."""
    ref = stage.ended("storefront", "ci", "success")
    plan = await stage.plan("rerun", ref)

    def quicker(request: object) -> None:
        if getattr(request, "method", "") == "POST":
            stage.controllers.user_actions.rerun(stage.the_run(ref), "freya")

    stage.wire.tamper = quicker
    with pytest.raises(PreconditionFailed, match="already running"):
        await stage.execute(plan)
    assert stage.the_run(ref).attempt == 2


async def test_gone(stage: AppHarness) -> None:
    ref = stage.ended("storefront", "ci", "success")
    plan = await stage.plan("rerun", ref)
    run = stage.the_run(ref)
    run.repository.runs.remove(run)
    with pytest.raises(PreconditionFailed, match="is gone"):
        await stage.execute(plan)
    with pytest.raises(NotFound):
        await stage.plan("rerun", ref)


async def test_somebody_else_has_run_it_again(stage: AppHarness) -> None:
    ref = stage.ended("storefront", "ci", "success")
    plan = await stage.plan("rerun", ref)
    assert (await stage.reconcile(plan)).outcome is ReconcileOutcome.NOT_DONE
    stage.controllers.user_actions.rerun(stage.the_run(ref), "freya")
    settled = await stage.reconcile(plan)
    assert (settled.outcome, settled.message) == (
        ReconcileOutcome.NOT_DONE, "attempt 2 was begun by freya, and not from here",
    )  # fmt: skip


async def test_what_is_held_up_may_become_a_later_attempt(stage: AppHarness) -> None:
    """Another was quicker; once that has ended, what was held up lands all the same."""
    ref = stage.ended("storefront", "ci", "success")
    plan = await stage.plan("rerun", ref)
    run = stage.the_run(ref)
    stage.controllers.user_actions.rerun(run, "freya")
    seen = await stage.reconcile(plan)
    assert (seen.outcome, seen.final) == (ReconcileOutcome.NOT_DONE, False)
    stage.run(900)
    stage.controllers.user_actions.rerun(run, "dalia")
    settled = await stage.reconcile(plan)
    assert (settled.outcome, settled.message) == (
        ReconcileOutcome.DONE,
        "attempt 3 was begun by dalia",
    )
    assert settled.receipt is not None
    assert settled.receipt.produced == ref
    stage.controllers.user_actions.cancel(run)
    steps = await stage.observe(plan, settled.receipt)
    assert steps[-1].message == "ended: cancelled", "it is attempt 3 that is followed"


async def test_a_later_attempt_does_not_hide_ours(stage: AppHarness) -> None:
    ref = stage.ended("storefront", "ci", "success")
    plan = await stage.plan("rerun", ref)
    receipt = await stage.execute(plan)
    user_actions, run = stage.controllers.user_actions, stage.the_run(ref)
    user_actions.cancel(run)
    stage.run(10)
    user_actions.rerun(run, "freya")
    steps = await stage.observe(plan, receipt)
    assert steps[-1].message == "ended: cancelled"
    assert steps[-1].verdict is Verdict.FAILED


async def test_cancelled(stage: AppHarness) -> None:
    ref = stage.ended("storefront", "ci", "success")
    stage.controllers.user_actions.rerun(stage.the_run(ref), "freya")
    stage.run(40)
    plan = await stage.plan("cancel", ref)
    assert (plan.before, plan.after) == ("in_progress", "cancelled")
    assert {change.after for change in plan.changes} == {"cancelled"}
    assert (await stage.reconcile(plan)).outcome is ReconcileOutcome.UNKNOWN
    steps = await stage.observe(plan, await stage.execute(plan))
    assert (steps[-1].message, steps[-1].verdict) == ("ended: cancelled", Verdict.SUCCEEDED)
    assert stage.the_run(ref).conclusion is DemoConclusion.CANCELLED
    assert (await stage.reconcile(plan)).outcome is ReconcileOutcome.DONE


async def test_too_late_to_cancel(stage: AppHarness) -> None:
    ref = stage.ended("storefront", "ci", "success")
    stage.controllers.user_actions.rerun(stage.the_run(ref), "freya")
    plan = await stage.plan("cancel", ref)
    stage.run(900)
    with pytest.raises(PreconditionFailed, match="attempt 2, success now"):
        await stage.execute(plan)
    assert (await stage.reconcile(plan)).outcome is ReconcileOutcome.NOT_DONE
    assert (await stage.plan("cancel", ref)).blockers == ("it has ended already",)


async def test_who_may_only_read_is_told_before(stage: AppHarness) -> None:
    ref = stage.ended("mobile-app", "ci", "success")
    plan = await stage.plan("rerun", ref)
    assert plan.permission is Permission.DENIED
    assert "may only read harbourside/mobile-app" in plan.blockers[0]


async def test_no_permit_no_request(stage: AppHarness) -> None:
    ref = stage.ended("storefront", "ci", "success")
    plan = await stage.plan("rerun", ref)
    other = await stage.plan("rerun", ref)
    spent = issue_permit(plan)
    with pytest.raises(NotPermitted):
        await stage.source.execute(other, spent)
    await stage.source.execute(plan, spent)
    with pytest.raises(NotPermitted):
        await stage.source.execute(plan, spent)
    assert len(stage.wire.posted) == 1


async def test_a_job_is_not_a_run(stage: AppHarness) -> None:
    with pytest.raises(Exception, match="not offered for any build-job"):
        await stage.plan("rerun-failed", Ref("github", Kind.BUILD_JOB, "harbourside/storefront/7"))
