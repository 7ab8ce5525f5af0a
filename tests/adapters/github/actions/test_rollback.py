"""Rolling an environment back, on the demo's GitHub."""

from dataclasses import replace

import httpx
import pytest

from opsboard.adapter import (
    NotFound,
    Permission,
    Plan,
    PreconditionFailed,
    ReconcileOutcome,
    Severity,
    StartState,
    Verdict,
)
from opsboard.demo.world.ci import DemoConclusion, DemoDeployment
from opsboard.records import Kind, Ref
from tests.adapters.github.actions.stage import OWNER, AppHarness


def _ref(repository: str, environment: str) -> Ref:
    return Ref("github", Kind.DEPLOYMENT, f"{OWNER}/{repository}/{environment}")


def _releases(stage: AppHarness, repository: str, environment: str) -> list[DemoDeployment]:
    """Return the deployments there were, the latest first."""
    found = [
        one
        for one in stage.world.repositories[repository].deployments
        if one.environment == environment and one.created_at <= stage.world.now
    ]
    return sorted(found, key=lambda one: (one.created_at, one.id), reverse=True)


async def test_out_of_a_bad_deployment(stage: AppHarness) -> None:
    """The latest one has failed: the last one that succeeded comes back, image and all."""
    ref = _ref("checkout", "production")
    waits, bad, *earlier = _releases(stage, "checkout", "production")
    good = next(one for one in earlier if one.job.conclusion is DemoConclusion.SUCCESS)
    form = await stage.form("rollback", ref)
    (to,) = form.inputs
    assert to.default == str(good.id)
    assert to.options[0].label == f"{good.commit.sha[:7]} {good.commit.title}"
    assert "ago, by " in to.options[0].note
    plan = await stage.plan("rollback", ref)
    assert plan.before == f"{bad.commit.sha[:7]}, deployment {bad.id}, failure"
    assert plan.after == f"{good.commit.sha[:7]}, as deployment {good.id}"
    assert (plan.origin[-1], plan.destination[-1]) == (bad.commit.sha, good.commit.sha)
    assert (plan.name, plan.environment, plan.disruptive) == ("checkout", "production", True)
    assert plan.permission is Permission.ALLOWED
    changes = {(one.group, one.name): (one.before, one.after) for one in plan.changes}
    assert changes["commit", "title"] == (bad.commit.title, good.commit.title)
    assert ("jobs", "deploy to production") in changes
    findings = [one.text for one in plan.findings]
    assert "the run deploys to staging as well" in findings
    assert f"{waits.commit.sha[:7]} waits to be deployed, and would replace it: reject it" in (
        findings
    )
    assert any("production waits for approval" in text for text in findings)
    known = {one.id for one in _releases(stage, "checkout", "production")}
    steps = await stage.observe(plan, await stage.execute(plan))
    assert steps[-1].verdict is Verdict.SUCCEEDED
    begun = [one for one in _releases(stage, "checkout", "production") if one.id not in known]
    assert good.commit in [one.commit for one in begun], "beside what others have pushed meanwhile"
    workload = stage.world.clusters["production-eu"].workload("shop", "checkout")
    assert workload is not None
    assert workload.wanted_revision.image.endswith(good.commit.sha[:7])
    assert (await stage.reconcile(plan)).outcome is ReconcileOutcome.DONE


async def test_to_any_earlier_one(stage: AppHarness) -> None:
    ref = _ref("catalog", "staging")
    options = (await stage.form("rollback", ref)).inputs[0].options
    plan = await stage.plan("rollback", ref, to=options[-1].value)
    assert plan.after.endswith(f"as deployment {options[-1].value}")
    assert plan.payload["to"] == int(options[-1].value)


async def test_a_deployment_in_between_is_noticed(stage: AppHarness) -> None:
    ref = _ref("checkout", "production")
    plan = await stage.plan("rollback", ref)
    other = stage.the_run(stage.ended("checkout", "deploy", "failure"))
    stage.controllers.user_actions.rerun(other, "freya")
    with pytest.raises(PreconditionFailed, match="deployed to since"):
        await stage.execute(plan)
    assert not stage.wire.posted


async def test_a_rerun_in_between_is_noticed(stage: AppHarness) -> None:
    ref = _ref("checkout", "production")
    plan = await stage.plan("rollback", ref)
    repository = stage.world.repositories["checkout"]
    run = next(one for one in repository.runs if one.id == plan.payload["run"])
    run.attempt += 1
    with pytest.raises(PreconditionFailed, match="at attempt 2"):
        await stage.execute(plan)


async def test_no_earlier_one(stage: AppHarness) -> None:
    for one in _releases(stage, "checkout", "production"):
        one.job.conclusion = DemoConclusion.FAILURE
    ref = _ref("checkout", "production")
    assert not (await stage.form("rollback", ref)).inputs
    with pytest.raises(NotFound, match="no earlier deployment to production that succeeded"):
        await stage.plan("rollback", ref)
    with pytest.raises(NotFound, match="no deployment to moon"):
        await stage.plan("rollback", _ref("checkout", "moon"))


async def _start_findings(stage: AppHarness, plan: Plan) -> dict[str, Severity]:
    assert plan.start_state is StartState.CHECKING
    return {
        one.text: one.severity
        async for report in stage.source.start_checks(plan)
        for one in report.findings
    }


async def test_it_is_asked_whether_it_would_start(stage: AppHarness) -> None:
    plan = await stage.plan("rollback", _ref("checkout", "production"))
    found = await _start_findings(stage, plan)
    short = plan.destination[0]
    assert found == {
        f"commit {short} is there": Severity.NOTE,
        "it was deployed here once before, never badly": Severity.NOTE,
        "no other workflow has failed for its commit": Severity.NOTE,
    }
    assert not stage.wire.posted


async def test_what_failed_for_its_commit_and_here_is_told(stage: AppHarness) -> None:
    plan = await stage.plan("rollback", _ref("checkout", "production"))
    repository = stage.world.repositories["checkout"]
    short, sha = plan.destination
    again = next(one for one in repository.deployments if one.id == plan.payload["to"])
    build = next(
        one for one in repository.runs if one.commit.sha == sha and one.id != plan.payload["run"]
    )
    for job in build.jobs:
        job.conclusion = DemoConclusion.FAILURE
    failed = replace(again.job, conclusion=DemoConclusion.FAILURE)
    repository.deployments.append(replace(again, id=999_999, job=failed))
    found = await _start_findings(stage, plan)
    assert {text for text, severity in found.items() if severity is Severity.WARNING} == {
        f"{short} was deployed here before, and deployment 999999 is failure",
        f"for its commit failed {build.workflow.spec.name} #{build.number} (failure)",
    }


async def test_a_commit_that_is_gone_stops_it(stage: AppHarness) -> None:
    plan = await stage.plan("rollback", _ref("checkout", "production"))
    short, sha = plan.destination

    def gone(request: httpx.Request) -> httpx.Response | None:
        if not request.url.path.endswith(f"/commits/{sha}"):
            return None
        return httpx.Response(422, json={"message": f"No commit found for SHA: {sha}"})

    stage.wire.tamper = gone
    found = await _start_findings(stage, plan)
    assert found[f"commit {short} is gone: nothing can check it out"] is Severity.BLOCKER


async def test_what_its_login_may_not_read_could_not_be_told(stage: AppHarness) -> None:
    plan = await stage.plan("rollback", _ref("checkout", "production"))

    def refused(request: httpx.Request) -> httpx.Response | None:
        answer = {"message": "Resource not accessible by integration"}
        return httpx.Response(403, json=answer) if "head_sha" in str(request.url) else None

    stage.wire.tamper = refused
    found = [text for text in await _start_findings(stage, plan) if "could not be told" in text]
    assert len(found) == 1
    assert found[0].startswith("its other runs: could not be told: ")
