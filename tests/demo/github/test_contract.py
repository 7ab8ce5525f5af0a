"""The adapter, unmodified, on the demo's GitHub."""

from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx
import pytest

from opsboard.adapter import (
    Complete,
    Facts,
    Fresh,
    Grid,
    LogQuery,
    NotFound,
    Report,
    Source,
    Upsert,
)
from opsboard.demo.world.edge_cases import OUTSIDER, RERUN_REPOSITORIES
from opsboard.demo.world.world import DemoWorld
from opsboard.kinds.commits import pull_request_ref
from opsboard.records import (
    Artifact,
    Build,
    Commit,
    CommitComparison,
    Deployment,
    Identity,
    Kind,
    PullRequest,
    Ref,
    Status,
)
from opsboard_adapters.github.settings import GitHubSettings
from opsboard_adapters.github.source import connect
from tests.adapters.github.support import FakeContext, collect, context
from tests.demo.github.conftest import Clock

SETTINGS = GitHubSettings(
    api_url="http://127.0.0.1/api/v3", organisations=("harbourside",), commits=False
)
WITH_COMMITS = SETTINGS.model_copy(update={"commits": True})


@pytest.fixture
def ctx(tmp_path: Path, clock: Clock) -> FakeContext:
    made = context(tmp_path, GH_ENTERPRISE_TOKEN="t0ken")
    made.time = clock()
    return made


async def _records(source: Source, ctx: FakeContext, kind: type[Any]) -> list[Any]:
    changes = await collect(source, ctx)
    assert not [one for one in changes if isinstance(one, Report)]
    found = [record for one in changes if isinstance(one, Upsert) for record in one.records]
    listed = {ref for one in changes if isinstance(one, Complete) for ref in one.refs}
    assert {record.ref for record in found} == listed
    return [record for record in found if isinstance(record, kind)]


async def test_builds(ctx: FakeContext, transport: httpx.ASGITransport) -> None:
    async with connect(SETTINGS, ctx, transport=transport) as source:
        builds = await _records(source, ctx, Build)
    assert len({build.repository for build in builds}) == 8
    statuses = {build.status for build in builds}
    assert {Status.OK, Status.FAILED, Status.RUNNING} <= statuses
    assert all(build.url and build.url.startswith("http://127.0.0.1/") for build in builds)


async def test_deployments(ctx: FakeContext, transport: httpx.ASGITransport) -> None:
    async with connect(SETTINGS, ctx, transport=transport) as source:
        found = await _records(source, ctx, Deployment)
    assert {one.environment for one in found} == {"staging", "production"}
    assert len({(one.cluster, one.namespace) for one in found}) == len(found)
    assert all(one.workload == "GitHub" and one.commit and one.revision for one in found)


async def test_commits_are_compared_as_they_stand_in_the_world(
    ctx: FakeContext, transport: httpx.ASGITransport, world: DemoWorld
) -> None:
    world.advance(ctx.now())
    async with connect(WITH_COMMITS, ctx, transport=transport) as source:
        found = await collect(source, ctx, rounds=25)
    told = {
        record.ref: record
        for change in found
        if isinstance(change, Upsert)
        for record in change.records
    }
    builds = [one for one in told.values() if isinstance(one, Build)]
    assert {one.default_branch for one in builds if one.actor != OUTSIDER} == {"main"}
    assert {one.default_branch for one in builds if one.actor == OUTSIDER} == {""}
    commits = {one.sha: one for one in told.values() if isinstance(one, Commit)}
    assert sum(bool(one.branch) for one in commits.values()) == 8, "one head for each repository"
    compared = [one for one in told.values() if isinstance(one, CommitComparison)]
    assert len(compared) > 5
    for one in compared:
        home = world.repositories[one.repository.rpartition("/")[2]]
        place = {commit.sha: number for number, commit in enumerate(home.main)}
        if one.base in place and one.head in place:
            assert one.ahead - one.behind == place[one.head] - place[one.base]
            assert min(one.ahead, one.behind) == 0
    pulls = [one for one in told.values() if isinstance(one, PullRequest)]
    assert pulls
    assert all(one.head != one.merge_commit and one.merge_commit in commits for one in pulls)


async def test_images_in_use_are_of_the_commits_that_they_were_built_from(
    ctx: FakeContext, transport: httpx.ASGITransport, world: DemoWorld
) -> None:
    images = {
        image.content.digest: image
        for cluster in world.clusters.values()
        for workload in cluster.workloads.values()
        if (image := world.images.find(workload.wanted_revision.image, world.now)) is not None
    }
    async with connect(WITH_COMMITS, ctx, transport=transport) as source:
        source.enrich(frozenset(Identity("image", "", digest) for digest in images))
        found = await collect(source, ctx, rounds=8)
    told = {
        one.digest: one
        for change in found
        if isinstance(change, Upsert)
        for one in change.records
        if isinstance(one, Artifact)
    }
    assert 3 < len(told) < len(images), "not every team attests its images"
    for digest, one in told.items():
        facts = images[digest].facts
        commits = [claim.value for claim in one.inputs if claim.type == "commit"]
        assert commits in ([facts.commit], [])
        assert not commits or one.repository.endswith(facts.source)
    assert any(one.deployed_to for one in told.values())


async def test_the_doctor_asks_what_commits_need(
    ctx: FakeContext, transport: httpx.ASGITransport
) -> None:
    async with connect(WITH_COMMITS, ctx, transport=transport) as source:
        found = {one.subject: one.status async for one in source.checks()}
    assert found["commits"] is found["harbourside: attestations"] is Status.OK


async def test_what_stands_still_costs_nothing(
    ctx: FakeContext, transport: httpx.ASGITransport
) -> None:
    async with connect(WITH_COMMITS, ctx, transport=transport) as source:
        await collect(source, ctx, rounds=8)  # what is deployed is compared in the second round
        spent = source._api.limits.paid  # type: ignore[attr-defined]
        changes = await collect(source, ctx, rounds=3)
        assert source._api.limits.paid == spent  # type: ignore[attr-defined]
    assert any(isinstance(one, Fresh) for one in changes)


async def test_from_a_run_to_its_log(ctx: FakeContext, transport: httpx.ASGITransport) -> None:
    async with connect(SETTINGS, ctx, transport=transport) as source:
        builds = await _records(source, ctx, Build)
        failed = next(build for build in builds if build.status is Status.FAILED)
        detail = await source.detail(failed.ref)
        assert detail.record == failed
        assert isinstance(detail.sections[0], Facts)
        jobs = _grid(detail.sections, "Jobs")
        row = next(row for row in jobs.rows if row.status is Status.FAILED)
        assert row.ref is not None
        job = await source.detail(row.ref)
        assert _grid(job.sections, "Steps").rows
        assert "exit code 1" in str(_grid(job.sections, "Annotations").rows)
        lines = [line async for line in source.logs(row.ref, LogQuery(tail=20))]
        whole = [line async for line in source.logs(failed.ref, LogQuery(tail=9_000, whole=True))]
        raw = await source.raw(row.ref)
    assert 0 < len(lines) <= 20
    assert "error: Process completed with exit code 1." in [line.text for line in lines]
    assert all(line.at is not None for line in lines)
    (place,) = {line.annotation.place for line in lines if line.annotation} - {""}
    assert place.startswith("tests/test_")
    heads = [line.group for line in whole if line.head and not line.depth]
    assert sorted(heads) == sorted(str(row.cells[0]) for row in jobs.rows)
    assert place in {line.annotation.place for line in whole if line.annotation}
    assert raw["conclusion"] == "failure"


async def test_what_waits_for_approval_says_for_which_environment(
    ctx: FakeContext, transport: httpx.ASGITransport
) -> None:
    async with connect(SETTINGS, ctx, transport=transport) as source:
        builds = await _records(source, ctx, Build)
        waiting = [build for build in builds if build.state == "waiting"]
        assert waiting
        assert {build.environment for build in waiting} == {"production"}
        assert {build.status for build in waiting} == {Status.WARNING}
        detail = await source.detail(waiting[0].ref)
    assert detail.record == waiting[0]
    (row,) = _grid(detail.sections, "Waiting for approval").rows
    assert row.cells[0] == "production"
    assert "freya" in row.cells[1]
    jobs = {row.cells[0]: row.cells[1] for row in _grid(detail.sections, "Jobs").rows}
    assert jobs == {"deploy to staging": "success", "deploy to production": "waiting"}


async def test_what_runs_shows_its_step(ctx: FakeContext, transport: httpx.ASGITransport) -> None:
    async with connect(SETTINGS, ctx, transport=transport) as source:
        builds = await _records(source, ctx, Build)
        running = next(build for build in builds if build.state == "in_progress")
        detail = await source.detail(running.ref)
        row = next(
            row for row in _grid(detail.sections, "Jobs").rows if row.status is Status.RUNNING
        )
        assert row.ref is not None
        job = await source.detail(row.ref)
    states = [row.cells[2] for row in _grid(job.sections, "Steps").rows]
    assert "in_progress" in states
    assert row.cells[2] == _grid(job.sections, "Steps").rows[states.index("in_progress")].cells[1]


async def test_earlier_attempts_are_told(ctx: FakeContext, transport: httpx.ASGITransport) -> None:
    async with connect(SETTINGS, ctx, transport=transport) as source:
        builds = await _records(source, ctx, Build)
        repeated = [build for build in builds if build.attempt == 2]
        assert {build.repository for build in repeated} >= {
            f"harbourside/{name}" for name in RERUN_REPOSITORIES
        }
        detail = await source.detail(repeated[0].ref)
        (row,) = _grid(detail.sections, "Earlier attempts").rows
    assert (row.cells[0], row.cells[1], row.status) == ("1", "failure", Status.FAILED)


async def test_hostile_text_arrives_cleaned(
    ctx: FakeContext, transport: httpx.ASGITransport
) -> None:
    async with connect(SETTINGS, ctx, transport=transport) as source:
        builds = await _records(source, ctx, Build)
        (hostile,) = [build for build in builds if build.actor == OUTSIDER]
        detail = await source.detail(hostile.ref)
    told = [hostile.title, hostile.branch]
    told += [fact.value for fact in detail.sections[0].facts]  # type: ignore[union-attr]
    assert not [text for text in told if not text.isprintable()]
    assert "[bold red]everything[/]" in hostile.title
    assert not any(sign in hostile.title for sign in ("owned", "[2J", "[31m"))
    assert hostile.branch.startswith("fix/\N{REPLACEMENT CHARACTER}")


def _grid(sections: Any, title: str) -> Grid:
    return next(one for one in sections if isinstance(one, Grid) and one.title == title)


async def test_a_deployment_from_near(ctx: FakeContext, transport: httpx.ASGITransport) -> None:
    async with connect(SETTINGS, ctx, transport=transport) as source:
        found = await _records(source, ctx, Deployment)
        one = next(one for one in found if one.environment == "production")
        detail = await source.detail(one.ref)
        raw = await source.raw(one.ref)
    assert detail.record == one
    assert _grid(detail.sections, "Statuses").rows
    assert _grid(detail.sections, "Recent deployments").rows[0].cells[0] == one.revision
    assert raw["statuses"]


async def test_a_running_job_is_followed_to_its_log(
    ctx: FakeContext, transport: httpx.ASGITransport, clock: Clock, monkeypatch: Any
) -> None:
    async with connect(SETTINGS, ctx, transport=transport) as source:
        builds = await _records(source, ctx, Build)
        running = next(build for build in builds if build.state == "in_progress")
        jobs = _grid((await source.detail(running.ref)).sections, "Jobs")
        ref = next(row.ref for row in jobs.rows if "in_progress" in row.cells)
        assert ref is not None
        with pytest.raises(NotFound, match="once the job has ended"):
            await anext(source.logs(ref, LogQuery()))

        async def pause(seconds: float) -> None:
            clock.run(seconds * 12)

        monkeypatch.setattr(ctx, "pause", pause)
        lines = [line async for line in source.logs(ref, LogQuery(follow=True))]
    assert lines[0].part == "steps"
    assert len([line for line in lines if line.part != "steps"]) > 3


async def test_the_doctor(ctx: FakeContext, transport: httpx.ASGITransport) -> None:
    async with connect(SETTINGS, ctx, transport=transport) as source:
        checks = [check async for check in source.checks()]
    assert {check.status for check in checks} == {Status.OK}
    said = {check.subject: check.message for check in checks}
    assert said["logged in"].startswith("as dalia")
    assert "Enterprise Server" in said["version"]
    assert said["organisation harbourside"] == "8 repositories"


async def test_a_pod_has_no_detail_here(ctx: FakeContext, transport: httpx.ASGITransport) -> None:
    async with connect(SETTINGS, ctx, transport=transport) as source:
        with pytest.raises(Exception, match="has no details"):
            await source.detail(Ref("github", Kind.POD, "a/b/c"))


async def test_the_log_of_a_run_is_a_zip_elsewhere(transport: httpx.ASGITransport) -> None:
    base = "http://127.0.0.1/api/v3"
    token = {"Authorization": "Bearer x"}
    async with httpx.AsyncClient(transport=transport, base_url=base) as client:
        listed = await client.get(
            "/repos/harbourside/storefront/actions/runs", params={"status": "failure"}
        )
        run = listed.json()["workflow_runs"][0]
        moved = await client.get(run["logs_url"], headers=token)
        assert moved.status_code == 302
        assert moved.headers["Location"].startswith("http://localhost/")
        refused = await client.get(moved.headers["Location"], headers=token)
        assert refused.status_code == 400
        blob = await client.get(moved.headers["Location"])
    with ZipFile(BytesIO(blob.content)) as archive:
        logs = [archive.read(name).decode() for name in archive.namelist()]
    assert any("##[error]" in log for log in logs)


async def test_pages_are_linked(transport: httpx.ASGITransport) -> None:
    base = "http://127.0.0.1/api/v3"
    seen: list[int] = []
    url: str | None = "/repos/harbourside/storefront/actions/runs?per_page=7"
    async with httpx.AsyncClient(transport=transport, base_url=base) as client:
        while url is not None:
            answer = await client.get(url)
            seen += [run["id"] for run in answer.json()["workflow_runs"]]
            url = answer.links.get("next", {}).get("url")
    assert len(seen) == answer.json()["total_count"] == len(set(seen))
    assert set(answer.links) == {"prev", "first"}


@pytest.mark.parametrize("host", ["127.0.0.1:81", "localhost:81", "github.example", "[::1]:81"])
async def test_the_storage_is_another_host_whatever_name_one_came_by(
    host: str, transport: httpx.ASGITransport
) -> None:
    """Clients take the token along where a redirect stays on the host, and the storage refuses."""
    runs = f"http://{host}/api/v3/repos/harbourside/storefront/actions/runs"
    async with httpx.AsyncClient(transport=transport) as client:
        run = (await client.get(runs, params={"status": "failure"})).json()["workflow_runs"][0]
        moved = await client.get(run["logs_url"], headers={"Authorization": "Bearer x"})
    assert run["logs_url"].startswith(f"http://{host}/")
    assert httpx.URL(moved.headers["Location"]).host != httpx.URL(runs).host


async def test_the_log_of_a_run_has_a_file_for_each_step(transport: httpx.ASGITransport) -> None:
    base = "http://127.0.0.1/api/v3"
    path = "/repos/harbourside/storefront/actions/runs"
    async with httpx.AsyncClient(transport=transport, base_url=base) as client:
        run = (await client.get(path, params={"status": "failure"})).json()["workflow_runs"][0]
        jobs = (await client.get(run["jobs_url"])).json()["jobs"]
        moved = await client.get(f"{run['url']}/attempts/{run['run_attempt']}/logs")
        blob = await client.get(moved.headers["Location"])
    with ZipFile(BytesIO(blob.content)) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    for number, job in enumerate(jobs):
        ran = [step for step in job["steps"] if step["conclusion"] != "skipped"]
        own = [f"{job['name']}/{step['number']}_{step['name']}.txt" for step in ran]
        assert set(own) <= files.keys()
        assert all(files[name].startswith("\ufeff") for name in own)
        if ran:
            assert files[f"{number}_{job['name']}.txt"] == "".join(files[name] for name in own)


@pytest.mark.parametrize(
    ("method", "url", "named"),
    [
        ("GET", "http://127.0.0.1/api/v3/repos/harbourside/checkout/issues", "GET /api/v3/repos"),
        ("DELETE", "http://api.github.com/repos/harbourside/checkout", "DELETE /repos"),
    ],
)
async def test_what_the_demo_does_not_speak_is_not_taken_for_missing(
    method: str, url: str, named: str, transport: httpx.ASGITransport
) -> None:
    async with httpx.AsyncClient(transport=transport) as client:
        answer = await client.request(method, url)
    assert answer.status_code == 501
    assert f"This demo does not serve {named}" in answer.json()["message"]


async def test_the_public_host_has_its_api_at_the_root(transport: httpx.ASGITransport) -> None:
    base = "http://api.github.com/repos/harbourside/storefront/actions/runs"
    async with httpx.AsyncClient(transport=transport) as client:
        run = (await client.get(base)).json()["workflow_runs"][0]
        assert run["url"] == f"{base}/{run['id']}"
        assert (await client.get(run["jobs_url"])).status_code == 200
    assert run["html_url"].startswith("http://github.com/harbourside/")


INFO = """
fragment repo on Repository { owner { login } defaultBranchRef { name } }
query Info($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) { ...repo, parent { ...repo } mine: viewerPermission }
  viewer { login }
}
"""


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (
            INFO,
            {
                "repository": {
                    "owner": {"login": "harbourside"},
                    "defaultBranchRef": {"name": "main"},
                    "parent": None,
                    "mine": "WRITE",
                },
                "viewer": {"login": "dalia"},
            },
        ),
        ("{ viewer { login } } # who", {"viewer": {"login": "dalia"}}),
        ("{ viewer { salary } }", "does not serve the field 'salary' of viewer"),
        ("{ viewer { pr(by: {on: [A, $b], at: {c: 1}}) { x } } }", "the field 'pr' of viewer"),
        ("{ search { x } }", "does not serve 'search'"),
        ("mutation { addStar }", "serves only queries of GraphQL, no mutation"),
        ('{ repository(owner: "o", name: "none") { id } }', "Could not resolve to a Repository"),
        ("{ viewer { ...gone } }", "leads nowhere"),
        ("fragment f on User { ...f } { viewer { ...f } }", "leads nowhere"),
        ("{ viewer { login }", "cannot read the query"),
        ("}{", "serves only queries of GraphQL, no }"),
    ],
)
@pytest.mark.parametrize("url", ["http://127.0.0.1/api/graphql", "http://api.github.com/graphql"])
async def test_what_gh_asks_by_graphql(
    url: str, query: str, told: object, transport: httpx.ASGITransport
) -> None:
    variables = {"owner": "harbourside", "name": "checkout"}
    async with httpx.AsyncClient(transport=transport) as client:
        answer = await client.post(url, json={"query": query, "variables": variables})
    assert answer.status_code == 200
    body = answer.json()
    if isinstance(told, str):
        assert told in body["errors"][0]["message"]
    else:
        assert body == {"data": told}


async def test_a_job_of_an_earlier_attempt_is_still_there(transport: httpx.ASGITransport) -> None:
    base = f"http://127.0.0.1/api/v3/repos/harbourside/{RERUN_REPOSITORIES[0]}/actions"
    async with httpx.AsyncClient(transport=transport) as client:
        runs = (await client.get(f"{base}/runs")).json()["workflow_runs"]
        run = next(run for run in runs if run["run_attempt"] == 2)
        jobs = (await client.get(f"{run['url']}/attempts/1/jobs")).json()["jobs"]
        failed = next(job for job in jobs if job["conclusion"] == "failure")
        alone = (await client.get(failed["url"])).json()
        moved = await client.get(f"{failed['url']}/logs")
    assert (alone["id"], alone["run_attempt"]) == (failed["id"], 1)
    assert moved.status_code == 302


async def test_the_pull_request_of_a_build_has_a_page(
    transport: httpx.ASGITransport, ctx: FakeContext
) -> None:
    async with connect(SETTINGS, ctx, transport=transport) as source:
        builds = await _records(source, ctx, Build)
        pulls = {
            pull_request_ref(build.source, claim): build
            for build in builds
            for claim in build.inputs
            if claim.type == "pull-request"
        }
        assert pulls
        for ref, build in list(pulls.items())[:3]:
            detail = await source.detail(ref)
            assert detail.record.ref == ref
            assert isinstance(detail.record, PullRequest)
            facts, reviews, checks = detail.sections
            assert isinstance(facts, Facts)
            assert isinstance(reviews, Grid)
            assert isinstance(checks, Grid)
            assert f"{build.branch} → main" in [fact.value for fact in facts.facts]
            jobs = [row.ref for row in checks.rows if row.ref]
            assert jobs
            assert (await source.detail(jobs[0])).record.kind is Kind.BUILD_JOB
            assert (await source.raw(ref))["number"] == int(ref.id.rpartition("#")[2])
