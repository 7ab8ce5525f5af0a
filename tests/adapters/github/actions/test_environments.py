"""Where a run deploys to: the guard is told of all of it, and of what is not known."""

import base64
import re
from typing import Any

import httpx
import pytest
import yaml

from opsboard.acting.policy import Policy
from opsboard.adapter import Plan
from opsboard.config.action_rules import PolicyDecision
from opsboard.config.settings import Settings
from opsboard.records import Kind, Ref
from opsboard_adapters.github.actions.workflow_file import WorkflowSource, environments_of_jobs
from tests.adapters.github.actions.stage import OWNER, AppHarness

_FILE = re.compile(r"/contents/(.github/workflows/[^/]+)$")


def _ruling(plan: Plan, settings: Settings | None = None) -> PolicyDecision:
    return Policy(settings or Settings()).decide([plan], plan.made_at).decision


def _writing(stage: AppHarness, text: str, **others: str) -> None:
    """Let every workflow be *text*, but the *others* by the names of their files."""

    def tamper(request: httpx.Request) -> httpx.Response | None:
        if not (found := _FILE.search(request.url.path)):
            return None
        name = found[1].rpartition("/")[2].removesuffix(".yml")
        content = others.get(name, text)
        body = base64.b64encode(content.encode()).decode()
        return httpx.Response(
            200, request=request,
            json={"sha": "0" * 40, "encoding": "base64", "size": len(content), "content": body},
        )  # fmt: skip

    stage.wire.tamper = tamper


def _jobs(**jobs: Any) -> str:
    return yaml.safe_dump({"on": {"workflow_dispatch": {}}, "jobs": jobs})


async def test_a_run_that_deploys_nowhere_touches_nothing(stage: AppHarness) -> None:
    plan = await stage.plan("rerun", stage.ended("storefront", "ci", "success"))
    assert plan.environments == ()
    assert _ruling(plan) is PolicyDecision.CONFIRM


async def test_a_run_of_staging_that_deploys_to_production_is_of_both(stage: AppHarness) -> None:
    ref = stage.ended("checkout", "deploy", "failure")
    for action in ("rerun", "rerun-failed"):
        plan = await stage.plan(action, ref)
        assert {*plan.environments} == {"staging", "production"}
        assert _ruling(plan) is PolicyDecision.TYPED
        denied = Settings(policy={"production": {"*": PolicyDecision.DENY}})
        assert _ruling(plan, denied) is PolicyDecision.DENY


async def test_rolling_staging_back_by_a_run_that_deploys_to_production(stage: AppHarness) -> None:
    ref = Ref("github", Kind.DEPLOYMENT, f"{OWNER}/storefront/staging")
    plan = await stage.plan("rollback", ref)
    assert plan.environment == "staging"
    assert {*plan.environments} == {"staging", "production"}
    assert _ruling(plan) is PolicyDecision.TYPED


FAILED = ("checkout", "deploy", "failure")


@pytest.mark.parametrize(
    ("jobs", "touched"),
    [
        ({"a": {"environment": "kunde-a"}}, {"kunde-a"}),
        ({"a": {"environment": {"name": "lab", "url": "https://x"}}}, {"lab"}),
        ({"a": {"environment": "null"}, "b": {"environment": ""}}, set()),
        ({"a": {"environment": "${{ vars.WHERE }}"}}, {"unknown"}),
        ({"a": {"environment": "${{ inputs.where }}"}}, {"unknown"}),
        ({"a": {"environment": ["x"]}}, {"unknown"}),
        ({"a": "x"}, {"unknown"}),
        (
            {
                "a": {
                    "environment": "${{ matrix.to }}",
                    "strategy": {"matrix": {"to": ["lab", "qa"], "include": [{"to": "eu"}]}},
                }
            },
            {"lab", "qa", "eu"},
        ),
        (
            {
                "a": {
                    "environment": "${{ matrix.to }}",
                    "strategy": {"matrix": {"to": "${{ fromJSON(x) }}"}},
                }
            },
            {"unknown"},
        ),
        ({"a": {"uses": "./.github/workflows/other.yml"}}, {"inner"}),
        ({"a": {"uses": f"{OWNER}/shared/.github/workflows/other.yml@v1"}}, {"inner"}),
        ({"a": {"uses": "somewhere/else.yml@v1"}}, {"unknown"}),
        ({"a": {"uses": "./.github/workflows/itself.yml"}}, {"unknown"}),
        (
            {"a": {"uses": "./.github/workflows/told.yml", "with": {"where": "lab"}}},
            {"lab"},
        ),
        (
            {"a": {"uses": "./.github/workflows/told.yml", "with": {"where": "${{ vars.X }}"}}},
            {"unknown"},
        ),
    ],
)
async def test_what_the_workflow_names_is_touched(
    stage: AppHarness, jobs: dict[str, Any], touched: set[str]
) -> None:
    _writing(
        stage,
        _jobs(**jobs),
        other=_jobs(x={"environment": "inner"}),
        itself=_jobs(x={"uses": "./.github/workflows/itself.yml"}),
        told=_jobs(x={"environment": "${{ inputs.where }}"}),
    )
    plan = await stage.plan("rerun", stage.ended(*FAILED))
    assert {*plan.environments} - {"staging", "production"} == touched
    assert _ruling(plan) is PolicyDecision.TYPED


@pytest.mark.parametrize("content", ["no: jobs", "- list", "\t{", ""])
async def test_a_workflow_that_cannot_be_read_may_deploy_anywhere(
    stage: AppHarness, content: str
) -> None:
    _writing(stage, content)
    plan = await stage.plan("cancel", stage.ended("storefront", "ci", "failure"))
    assert plan.environments == ("unknown",)
    assert any("not known for certain" in one.text for one in plan.findings)


async def test_a_run_that_went_well_has_shown_where_it_deploys(stage: AppHarness) -> None:
    """What it is told when it runs is seen afterwards, on the deployments of its commit."""
    ref = stage.ended("catalog", "deploy", "success")
    _writing(stage, _jobs(a={"environment": "${{ vars.WHERE }}"}))
    plan = await stage.plan("rerun", ref)
    assert "unknown" not in plan.environments
    assert "staging" in plan.environments


async def test_a_dispatch_touches_what_it_is_told_and_what_its_jobs_name(stage: AppHarness) -> None:
    ref = stage.ended("catalog", "deploy", "success")
    text = yaml.safe_dump(
        {
            "on": {"workflow_dispatch": {"inputs": {"where": {"default": "lab"}}}},
            "jobs": {
                "a": {"environment": "${{ github.event.inputs.where }}"},
                "b": {"environment": "eu-${{ inputs.where }}"},
                "c": {"environment": "qa"},
            },
        }
    )
    _writing(stage, text)
    assert {*(await stage.plan("dispatch", ref)).environments} == {"lab", "eu-lab", "qa"}
    told = await stage.plan("dispatch", ref, where="production")
    assert {*told.environments} == {"production", "eu-production", "qa"}


async def test_workflows_that_call_each_other_without_end() -> None:
    tree = {"jobs": {"a": {"uses": "nonsense"}}}
    named = await environments_of_jobs(None, WorkflowSource("o/r", "main", tree), {})  # type: ignore[arg-type]
    assert named.doubts == ["the workflow nonsense cannot be read"]


def _pending(stage: AppHarness, *names: str) -> Ref:
    """Return a run that waits for approval of *names*."""
    ref = stage.ended("catalog", "deploy", "success")
    stage.controllers.user_actions.rerun(stage.the_run(ref), "freya")
    waiting = [
        {
            "environment": {"id": number, "name": name},
            "current_user_can_approve": True,
            "reviewers": [],
        }
        for number, name in enumerate(names, 1)
    ]
    files = stage.wire.tamper

    def tamper(request: httpx.Request) -> httpx.Response | None:
        if request.url.path.endswith("/pending_deployments") and request.method == "GET":
            return httpx.Response(200, request=request, json=waiting)
        return files(request)

    stage.wire.tamper = tamper
    return ref


@pytest.mark.parametrize("action", ["approve", "reject"])
async def test_all_that_wait_are_judged(stage: AppHarness, action: str) -> None:
    _writing(stage, _jobs(a={"environment": "staging"}, b={"environment": "kunde-a"}))
    ref = _pending(stage, "staging", "kunde-a", "production")
    plan = await stage.plan(action, ref, environment="all")
    assert {*plan.environments} == {"staging", "kunde-a", "production"}
    denied = Settings(policy={"kunde-a": {action: PolicyDecision.DENY}})
    assert _ruling(plan, denied) is PolicyDecision.DENY
    one = await stage.plan(action, ref, environment="staging")
    assert one.environments == ("staging",), "the others wait for a word of their own"


async def test_what_follows_without_being_asked_about_is_judged_too(stage: AppHarness) -> None:
    _writing(stage, _jobs(a={"environment": "staging"}, b={"environment": "kunde-a"}))
    plan = await stage.plan("approve", _pending(stage, "staging"), environment="staging")
    assert {*plan.environments} == {"staging", "kunde-a"}
    assert _ruling(plan) is PolicyDecision.TYPED
    assert any("may deploy to kunde-a" in one.text for one in plan.findings)
    rejected = await stage.plan("reject", _pending(stage, "staging"), environment="staging")
    assert rejected.environments == ("staging",)


async def test_jobs_that_a_good_run_passes_over_are_passed_over_again(stage: AppHarness) -> None:
    ref = stage.ended("storefront", "ci", "success")
    names = [change.name for change in (await stage.plan("rerun", ref)).changes]
    jobs = {"a": {"name": names[0], "environment": "kunde-a"}, "b": {"environment": "lab"}}
    _writing(stage, _jobs(**jobs))
    assert {*(await stage.plan("rerun", ref)).environments} == {"kunde-a", "lab"}
    files = stage.wire.tamper

    def tamper(request: httpx.Request) -> httpx.Response | None:
        if not request.url.path.endswith("/jobs"):
            return files(request)
        told = [
            {"id": 1, "name": names[0], "status": "completed", "conclusion": "success"},
            {"id": 2, "name": "b", "status": "completed", "conclusion": "skipped"},
        ]
        return httpx.Response(200, request=request, json={"total_count": 2, "jobs": told})

    stage.wire.tamper = tamper
    assert (await stage.plan("rerun", ref)).environments == ("kunde-a",)
