"""Runs become builds; what has not changed is not read again."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from opsboard.adapter import Complete, Condition, Fresh, Report, ScopeRemoved, Upsert
from opsboard.records import Build, Status
from opsboard_adapters.github.status_map import state_of, status_of
from tests.adapters.github.support import (
    NOW,
    FakeGitHub,
    collect,
    connected,
    context,
    news,
    run,
    runs,
)

RUNS = "/repos/o/r/actions/runs"
DEPLOYMENTS = "/repos/o/r/deployments"


@pytest.mark.parametrize(
    ("status", "conclusion", "state", "expected"),
    [
        ("completed", "success", "success", Status.OK),
        ("completed", "skipped", "skipped", Status.OK),
        ("completed", "failure", "failure", Status.FAILED),
        ("completed", "timed_out", "timed_out", Status.FAILED),
        ("completed", "startup_failure", "startup_failure", Status.FAILED),
        ("completed", "cancelled", "cancelled", Status.UNKNOWN),
        ("completed", "action_required", "action_required", Status.WARNING),
        ("completed", "neutral", "neutral", Status.OK),
        ("completed", "stale", "stale", Status.UNKNOWN),
        ("completed", "novel", "novel", Status.UNKNOWN),
        ("requested", None, "requested", Status.RUNNING),
        ("pending", None, "pending", Status.RUNNING),
        ("completed", None, "completed", Status.UNKNOWN),
        ("waiting", None, "waiting", Status.WARNING),
        ("queued", None, "queued", Status.RUNNING),
        ("in_progress", None, "in_progress", Status.RUNNING),
        ("levitating", None, "levitating", Status.UNKNOWN),
        (None, None, "unknown", Status.UNKNOWN),
    ],
)
def test_words(status: str | None, conclusion: str | None, state: str, expected: Status) -> None:
    assert state_of(status, conclusion) == state
    assert status_of(state) is expected


def _upserts(changes: Any, scope: str) -> list[Any]:
    found = [one for one in changes if isinstance(one, Upsert) and one.scope == scope]
    return [record for one in found for record in one.records]


async def test_a_run_is_told_as_a_build(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    github = FakeGitHub({RUNS: runs(run(7, status="in_progress", conclusion=None, run_attempt=3))})
    async with connected(github, ctx) as source:
        began = ctx.time
        changes = await collect(source, ctx)
    (build,) = _upserts(changes, "runs:o/r")
    assert isinstance(build, Build)
    assert (build.id, build.number, build.attempt) == ("o/r/7", 7, 3)
    assert (build.state, build.status) == ("in_progress", Status.RUNNING)
    assert (build.workflow, build.title, build.actor) == ("ci", "Mend it", "amara")
    assert build.finished_at is None
    assert Complete("runs:o/r", frozenset({build.ref}), read_from=began) in changes
    assert ctx.concealed == ["t0ken"]
    assert github.requests[0].headers["Authorization"] == "Bearer t0ken"


async def test_what_is_not_modified_is_fresh_and_not_read(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    github = FakeGitHub({RUNS: runs(run(7)), DEPLOYMENTS: []})
    async with connected(github, ctx) as source:
        await collect(source, ctx)
        github.statuses.clear()
        ctx.time += timedelta(hours=1)
        changes = await collect(source, ctx, rounds=2)
    assert set(github.statuses) == {304}
    # A stream that begins again tells everything once more, though nothing was modified.
    assert [build.id for build in _upserts(changes, "runs:o/r")] == ["o/r/7"]
    fresh = {change.scope: change.read_from for change in changes if isinstance(change, Fresh)}
    assert fresh.keys() & {"runs:o/r", "deployments:o/r"}
    assert all(at is not None and at <= ctx.time for at in fresh.values())


async def test_only_what_changed_travels(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    github = FakeGitHub({RUNS: runs(run(8, status="queued", conclusion=None), run(7))})
    async with connected(github, ctx, deployments=False) as source:
        stream = news(source)
        first = [await anext(stream) for _ in range(2)]
        github.answers[RUNS] = runs(run(8, status="in_progress", conclusion=None), run(7))
        ctx.rounds = 2
        change = await anext(stream)
    assert len(_upserts(first, "runs:o/r")) == 2
    assert isinstance(change, Upsert)
    assert [(one.id, one.state) for one in change.records] == [("o/r/8", "in_progress")]  # type: ignore[attr-defined]


async def test_a_failing_repository_leaves_the_others_live(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    github = FakeGitHub({RUNS: runs(run(7)), DEPLOYMENTS: []})
    async with connected(github, ctx, repositories=["o/r", "o/gone"]) as source:
        changes = await collect(source, ctx)
    reports = [one for one in changes if isinstance(one, Report)]
    assert {one.scope for one in reports} == {"runs:o/gone", "deployments:o/gone"}
    assert all(one.health.condition is Condition.BROKEN and one.health.hint for one in reports)
    assert _upserts(changes, "runs:o/r")


def _paged(total: int) -> Any:
    """Answer page by page, the newest first, with ``Link`` as GitHub writes it."""

    def answer(request: httpx.Request) -> httpx.Response:
        size = int(request.url.params["per_page"])
        page = int(request.url.params.get("page", "1"))
        first = total - (page - 1) * size
        numbers = range(first, max(first - size, 0), -1)
        body = runs(*(run(n, at=NOW - timedelta(minutes=total - n)) for n in numbers))
        link = f"<https://elsewhere.example/repositories/1/runs?per_page={size}&page={page + 1}>"
        headers = {"Link": f'{link}; rel="next"'} if first > size else {}
        return httpx.Response(200, json=body, headers=headers)

    return answer


async def test_pages_are_read_to_the_wanted_depth(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    github = FakeGitHub({RUNS: _paged(1_000)})
    async with connected(github, ctx, runs_per_repository=250, deployments=False) as source:
        changes = await collect(source, ctx)
    builds = _upserts(changes, "runs:o/r")
    assert [build.number for build in builds] == list(range(1_000, 750, -1))
    # The link's host is never followed: the token stays where it belongs.
    assert {request.url.host for request in github.requests} == {"api.github.com"}
    assert len(github.requests) == 3


async def test_later_pages_are_left_alone_while_the_first_moves(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    github = FakeGitHub({RUNS: _paged(300)})
    async with connected(github, ctx, runs_per_repository=250, deployments=False) as source:
        await collect(source, ctx)
        asked = len(github.requests)
        github.answers[RUNS] = _paged(302)
        changes = await collect(source, ctx)
    assert len(github.requests) == asked + 1
    assert [build.number for build in _upserts(changes, "runs:o/r")][:3] == [302, 301, 300]
    (complete,) = [one for one in changes if isinstance(one, Complete)]
    assert len(complete.refs) == 250


async def test_a_refresh_asks_everything_at_once(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    github = FakeGitHub({RUNS: runs(run(7)), DEPLOYMENTS: []})
    async with connected(github, ctx) as source:
        await collect(source, ctx)
        github.requests.clear()
        ctx.woken_after = 0.5
        await collect(source, ctx, rounds=3)
    assert github.paths().count(RUNS) == 3


async def test_an_organisation_brings_its_repositories(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    listed = [
        {"full_name": "o/r", "pushed_at": NOW.isoformat()},
        {"full_name": "o/old", "archived": True},
    ]
    github = FakeGitHub({"/orgs/o/repos": listed, RUNS: runs(run(7)), DEPLOYMENTS: []})
    async with connected(github, ctx, repositories=[], organisations=["o"]) as source:
        changes = await collect(source, ctx)
        assert _upserts(changes, "runs:o/r")
        github.answers["/orgs/o/repos"] = []
        ctx.time += timedelta(minutes=10)
        changes = await collect(source, ctx)
    assert {ScopeRemoved("runs:o/r"), ScopeRemoved("deployments:o/r")} <= set(changes)
    assert "/repos/o/old/actions/runs" not in github.paths()


async def test_a_user_stands_in_for_an_organisation(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    github = FakeGitHub({"/users/amara/repos": [{"full_name": "o/r"}], RUNS: runs(run(7))})
    async with connected(github, ctx, repositories=[], organisations=["amara"]) as source:
        assert _upserts(await collect(source, ctx), "runs:o/r")


async def test_an_organisation_that_is_none_is_named(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    async with connected(FakeGitHub(), ctx, repositories=[], organisations=["nobody"]) as source:
        changes = await collect(source, ctx)
    (report,) = [one for one in changes if isinstance(one, Report)]
    assert report.health.message.startswith("no organisation or user 'nobody' is visible: GET /org")
    assert "check the name" in report.health.hint


async def test_a_renamed_repository_is_followed_on_the_same_host_only(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    moved = httpx.Response(301, headers={"Location": "https://api.github.com/repositories/1/x"})
    github = FakeGitHub({RUNS: moved, "/repositories/1/x": runs(run(7)), DEPLOYMENTS: []})
    async with connected(github, ctx) as source:
        assert _upserts(await collect(source, ctx), "runs:o/r")
        away = httpx.Response(301, headers={"Location": "https://thief.example/x"})
        github.answers |= {RUNS: away, "/repositories/1/x": None}
        ctx.time += timedelta(minutes=10)
        changes = await collect(source, ctx)
    assert any(isinstance(one, Report) and one.scope == "runs:o/r" for one in changes)
    assert "thief.example" not in {request.url.host for request in github.requests}


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"name": None, "path": ".github/workflows/ci.yml@refs/x"}, ("workflow", "ci.yml")),
        ({"name": None, "path": None, "workflow_id": 9}, ("workflow", "workflow 9")),
        ({"name": "", "path": "dynamic/pages/pages-build"}, ("workflow", "pages-build")),
        ({"head_repository": None, "pull_requests": []}, ("branch", "main")),
        ({"head_branch": None, "head_repository": None}, ("branch", "")),
        ({"display_title": None, "head_commit": None}, ("title", "")),
        ({"display_title": "", "head_commit": {"message": "One\n\nTwo"}}, ("title", "One")),
        ({"actor": None, "triggering_actor": None}, ("actor", "")),
        ({"actor": {"login": "a"}, "triggering_actor": {"login": "b"}}, ("actor", "b")),
        ({"run_attempt": None}, ("attempt", 1)),
        ({"html_url": "javascript:alert(1)"}, ("url", None)),
        ({"conclusion": "startup_failure", "name": None, "path": "x"}, ("status", Status.FAILED)),
        ({"repository": {"full_name": "o/renamed"}}, ("repository", "o/r")),
    ],
)  # fmt: skip
async def test_what_a_run_may_lack(
    fields: dict[str, Any], told: tuple[str, object], tmp_path: Path
) -> None:
    """From forks, of deleted repositories and users, of workflows that are no files."""
    ctx = context(tmp_path)
    github = FakeGitHub({RUNS: runs(run(7, **fields))})
    async with connected(github, ctx, deployments=False) as source:
        changes = await collect(source, ctx)
    (build,) = _upserts(changes, "runs:o/r")
    assert getattr(build, told[0]) == told[1]
    assert not [one for one in changes if isinstance(one, Report)]
