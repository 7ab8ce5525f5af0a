"""What the rows of details on GitHub stand for, and what a key on them leads to."""

import pytest

from opsboard.adapter import Grid, NotFound, ReconcileOutcome, Unsupported, Verdict
from opsboard.records import BuildJob, Kind, Ref
from tests.adapters.github.actions.stage import OWNER, AppHarness


async def _grid(stage: AppHarness, ref: Ref, title: str) -> Grid:
    detail = await stage.source.detail(ref)
    return next(one for one in detail.sections if isinstance(one, Grid) and one.title == title)


async def test_a_deployments_row_brings_back_that_one_or_says_why_not(stage: AppHarness) -> None:
    ref = Ref("github", Kind.DEPLOYMENT, f"{OWNER}/checkout/production")
    newest, *others = (await _grid(stage, ref, "Recent deployments")).rows
    told = newest.action("rollback")
    assert told is not None
    assert told.disabled_reason == f"{newest.part} is the newest"
    options = {one.value for one in (await stage.form("rollback", ref)).inputs[0].options}
    refused = 0
    for row in others:
        told = row.action("rollback")
        assert told is not None
        number = told.values["to"]
        assert row.part == f"deployment {number}"
        if number in options:
            plan = await stage.plan("rollback", ref, **told.values)
            assert plan.after.endswith(f"as deployment {number}")
            continue
        with pytest.raises(Unsupported, match=f"deployment {number} (is what|did not|names no)"):
            await stage.plan("rollback", ref, **told.values)
        refused += 1
    assert refused, "the one that is there now is among them"
    assert refused < len(others)


async def test_a_deployment_of_long_ago_or_of_elsewhere_is_refused_by_name(
    stage: AppHarness,
) -> None:
    ref = Ref("github", Kind.DEPLOYMENT, f"{OWNER}/checkout/production")
    with pytest.raises(Unsupported, match="there is no deployment 7 among the last"):
        await stage.plan("rollback", ref, to="7")


async def test_what_waits_is_approved_for_the_rows_environment(stage: AppHarness) -> None:
    ref = stage.build("checkout", lambda one: one.status(stage.world.now).value == "waiting")
    for row in (await _grid(stage, ref, "Waiting for approval")).rows:
        for verb in ("approve", "reject"):
            told = row.action(verb)
            assert told is not None
            plan = await stage.plan(verb, ref, **told.values)
            assert plan.target.startswith(f"{row.part} in run ")


async def test_rows_of_jobs_and_of_their_steps_are_the_job(stage: AppHarness) -> None:
    ref = stage.ended("checkout", "deploy", "failure")
    for title in ("Jobs", "Steps that failed or run"):
        rows = (await _grid(stage, ref, title)).rows
        assert rows
        for row in rows:
            assert isinstance(row.record, BuildJob)
            assert row.record.name == row.cells[0]
            assert f"{OWNER}/checkout/{row.record.build.rpartition('/')[2]}" == ref.id


async def test_a_jobs_row_runs_that_job_again_and_no_other_run(stage: AppHarness) -> None:
    ref = stage.ended("checkout", "deploy", "failure")
    rows = (await _grid(stage, ref, "Jobs")).rows
    row = next(one for one in rows if one.cells[1] == "failure")
    assert row.ref is not None
    plan = await stage.plan("rerun", row.ref)
    run = stage.the_run(ref)
    assert plan.target == f"job {row.cells[0]} of run deploy #{run.number} of {OWNER}/checkout"
    assert [(one.name, one.after) for one in plan.changes] == [(row.cells[0], "runs again")]
    assert not plan.blockers
    receipt = await stage.execute(plan)
    [sent] = stage.wire.posted
    assert sent.url.path.endswith(f"/actions/jobs/{row.ref.id.rpartition('/')[2]}/rerun")
    assert (await stage.reconcile(plan)).outcome is ReconcileOutcome.DONE
    steps = await stage.observe(plan, receipt)
    assert steps[-1].verdict in {Verdict.SUCCEEDED, Verdict.FAILED}
    assert run.attempt == 2


async def test_a_job_of_an_earlier_attempt_is_not_run_again(stage: AppHarness) -> None:
    ref = stage.ended("checkout", "deploy", "failure")
    rows = (await _grid(stage, ref, "Jobs")).rows
    old = next(one.ref for one in rows if one.cells[1] == "failure")
    assert old is not None
    await stage.observe(plan := await stage.plan("rerun", ref), await stage.execute(plan))
    try:
        again = await stage.plan("rerun", old)
    except NotFound:
        return  # a server may not know it any more
    assert "it is a job of an earlier attempt: take the one of the latest" in again.blockers
