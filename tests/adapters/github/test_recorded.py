"""Exchanges with the real GitHub, recorded over the years, through the adapter."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from opsboard.adapter import BudgetUpdate, Complete, Facts, Grid, Report, Upsert
from opsboard.records import Build, Deployment, Kind, Ref, Status
from opsboard_adapters.github.models import (
    GitHubCommit,
    GitHubDeployment,
    GitHubDeploymentStatus,
    GitHubEnvironment,
    GitHubFullRepository,
    GitHubJob,
    GitHubRun,
    GitHubStruct,
    GitHubWorkflow,
    parse,
    parse_all,
)
from opsboard_adapters.github.rate_limits import RateLimits
from opsboard_adapters.github.sections import protection
from opsboard_adapters.github.translate import GitHubTranslator
from tests.adapters.github.support import NOW, collect, connected, context

DATA = Path(__file__).parents[3] / ".." / "shared" / "data" / "github"
FRAMING = {"content-encoding", "transfer-encoding", "content-length"}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no recorded exchanges in {DATA}")


class Replay:
    """Answers each request as it was answered once, whatever its query and body."""

    def __init__(self, *names: str) -> None:
        self.answers: dict[str, httpx.Response] = {}
        self.orders: dict[str, httpx.Response] = {}
        self.posted: list[httpx.Request] = []
        for name in names:
            lines = (DATA / f"{name}.txt").read_text(encoding="utf-8").split("\n")
            for start in range(0, len(lines) - 9, 11):
                self._take(lines[start : start + 10])

    def _take(self, lines: list[str]) -> None:
        _, verb, _, _, path, _, _, status, headers, body = lines
        pairs = [(k, v) for k, v in ast.literal_eval(headers) if k.lower() not in FRAMING]
        answer = httpx.Response(int(status), headers=pairs, content=body.encode())
        known = self.answers if verb == "GET" else self.orders
        known[path.partition("?")[0]] = answer

    def __call__(self, request: httpx.Request) -> httpx.Response:
        known = self.answers
        if request.method != "GET":
            known = self.orders
            self.posted.append(request)
        return known.get(request.url.path, httpx.Response(404, json={"message": "no"}))

    def body(self, path: str) -> Any:
        return json.loads(self.answers[path].content)


def _records(changes: Any) -> list[Any]:
    return [record for one in changes if isinstance(one, Upsert) for record in one.records]


async def test_runs_of_2020(tmp_path: Path) -> None:
    """They know neither names of workflows nor attempts."""
    ctx = context(tmp_path)
    replay = Replay("Repository.testGetWorkflowRuns")
    settings = {"repositories": ["PyGithub/PyGithub"], "deployments": False}
    async with connected(replay, ctx, **settings) as source:
        changes = await collect(source, ctx)
    builds = _records(changes)
    assert len(builds) == len(replay.body("/repos/PyGithub/PyGithub/actions/runs")["workflow_runs"])
    newest = builds[0]
    assert isinstance(newest, Build)
    assert (newest.number, newest.state, newest.status) == (122, "success", Status.OK)
    assert newest.title == "Remove RateLimit.rate (#1529)"
    assert newest.workflow == "workflow 1026390"
    assert newest.finished_at is not None
    (complete,) = [one for one in changes if isinstance(one, Complete)]
    assert len(complete.refs) == len(builds)
    (spent,) = [one for one in changes if isinstance(one, BudgetUpdate)]
    assert (spent.budget.limit, spent.budget.remaining) == (5000, 4998)


async def test_a_run_and_its_jobs(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    replay = Replay("WorkflowRun.setUp", "WorkflowRun.test_jobs")
    ref = Ref("github", Kind.BUILD, "PyGithub/PyGithub/3881497935")
    async with connected(replay, ctx) as source:
        detail = await source.detail(ref)
        raw = await source.raw(ref)
    assert detail.record.ref == ref
    assert isinstance(detail.sections[0], Facts)
    (jobs,) = [one for one in detail.sections if isinstance(one, Grid) and one.title == "Jobs"]
    assert len(jobs.rows) == 5
    assert jobs.rows[0].cells[:2] == ("test (Python 3.7)", "success")
    assert jobs.rows[0].ref == Ref("github", Kind.BUILD_JOB, "PyGithub/PyGithub/10545727758")
    assert raw["id"] == 3881497935


async def test_a_job_of_2025(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    replay = Replay("Repository.testGetWorkflowJob")
    path = "/repos/PyGithub/PyGithub/actions/jobs/54251022208"
    ref = Ref("github", Kind.BUILD_JOB, "PyGithub/PyGithub/54251022208")
    async with connected(replay, ctx) as source:
        detail = await source.detail(ref)
    assert detail.record.ref == ref
    (steps,) = [one for one in detail.sections if isinstance(one, Grid) and one.title == "Steps"]
    assert [row.cells[1] for row in steps.rows] == [
        step["name"] for step in replay.body(path)["steps"]
    ]


async def test_a_deployment_and_its_statuses(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    replay = Replay("Deployment.setUp", "DeploymentStatus.testGetStatuses")
    path = "/repos/jacquev6/PyGithub/deployments"
    one = replay.body(f"{path}/263877258")
    replay.answers[path] = httpx.Response(200, json=[one])
    async with connected(replay, ctx, repositories=["jacquev6/PyGithub"]) as source:
        changes = await collect(source, ctx)
    (deployment,) = _records(changes)
    assert isinstance(deployment, Deployment)
    latest = replay.body(f"{path}/263877258/statuses")[0]
    assert (deployment.revision, deployment.commit) == ("263877258", one["sha"])
    assert deployment.namespace == one["environment"]
    assert deployment.message == latest["description"]
    # The runs of this repository were not recorded: that is told, and leaves this part live.
    (report,) = [one for one in changes if isinstance(one, Report)]
    assert report.scope == "runs:jacquev6/PyGithub"


def test_protection_of_an_environment() -> None:
    body = Replay("Environment.testGetEnvironments").body("/repos/alson/PyGithub/environments")
    (environment,) = parse_all(GitHubEnvironment, body["environments"])
    (facts,) = protection(environment)
    assert isinstance(facts, Facts)
    said = {fact.label: fact.value for fact in facts.facts}
    assert said["required reviewers"] == "alson"
    assert said["wait timer"] == "15 min"


def test_the_allowance_used_up() -> None:
    answer = Replay("SpecificExceptions.testRateLimitExceeded").answers["/users/jacquev6"]
    assert answer.status_code == 403
    error = RateLimits(authenticated=False).error_of(answer, NOW)
    assert error is not None
    assert error.until is not None


async def test_the_budget_for_the_doctor(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    async with connected(Replay("RateLimiting.testGetRateLimit"), ctx) as source:
        checks = [check async for check in source.checks()]
    said = {check.subject: check for check in checks}
    assert said["reachable"].status is Status.OK
    assert said["budget"].message == "4904 of 5000 requests left this hour"
    assert said["logged in"].status is Status.FAILED


SHAPES: tuple[tuple[str, str, type[GitHubStruct]], ...] = (
    (r"/repos/[^/]+/[^/]+", "", GitHubFullRepository),
    (r".*/actions/(workflows/[^/]+/)?runs", "workflow_runs", GitHubRun),
    (r".*/actions/runs/\d+(/attempts/\d+)?", "", GitHubRun),
    (r".*/actions/runs/\d+/jobs", "jobs", GitHubJob),
    (r".*/actions/jobs/\d+", "", GitHubJob),
    (r".*/actions/workflows", "workflows", GitHubWorkflow),
    (r".*/actions/workflows/[^/]+", "", GitHubWorkflow),
    (r".*/deployments/\d+", "", GitHubDeployment),
    (r".*/deployments/\d+/statuses", "*", GitHubDeploymentStatus),
    (r".*/environments", "environments", GitHubEnvironment),
    (r".*/environments/[^/]+", "", GitHubEnvironment),
    (r".*/commits/[0-9a-f]+", "", GitHubCommit),
)
"""Which part of the answer at a path is read as what: one of its fields, all of it, or a list."""
UNREAD = re.compile(r"/rate_limit|/users/.*|.*/check-runs(/\d+)?|.*/check-suites/\d+|/user")
"""Paths whose answers are not read as shapes."""


def _read(path: str, body: Any) -> list[GitHubStruct]:
    for pattern, field, shape in SHAPES:
        if re.fullmatch(pattern, path):
            items = [body] if not field else body if field == "*" else body[field]
            return [parse(shape, item) for item in items]
    assert UNREAD.fullmatch(path), path
    return []


def _made(translator: GitHubTranslator, one: GitHubStruct) -> Any:
    if isinstance(one, GitHubRun):
        return translator.build("o/r", one)
    if isinstance(one, GitHubJob):
        return translator.job("o/r", one)
    if isinstance(one, GitHubDeployment):
        return translator.deployment("o/r", one, None)
    return None


@pytest.mark.parametrize("name", sorted(path.stem for path in DATA.glob("*.txt")))
def test_whatever_was_recorded_is_read(name: str) -> None:
    """Nothing is told of it that GitHub did not say, and no time is lost."""
    translator = GitHubTranslator("github", lambda *_: "", "https://github.com")
    for path, answer in Replay(name).answers.items():
        if answer.status_code != 200:
            continue
        body = json.loads(answer.content)
        told = answer.text
        for one in _read(path, body):
            for field in one.time_fields:
                at = getattr(one, field)
                assert at is None or f"{at:%Y-%m-%dT%H:%M:%S}" in told
            record = _made(translator, one)
            if record is not None:
                assert record.id.split("/")[-1] in told
                assert (
                    record.state
                    if isinstance(one, GitHubRun | GitHubJob)
                    else record.revision in told
                )
