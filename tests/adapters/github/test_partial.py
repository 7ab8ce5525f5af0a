"""One part that fails takes down none of its siblings; one odd record hides no other."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsboard.adapter import (
    Change,
    Complete,
    Condition,
    Facts,
    Fresh,
    Malformed,
    Report,
    Skipped,
    Upsert,
)
from opsboard.records import Kind, Ref, Status
from opsboard_adapters.github.models import (
    GitHubDeployment,
    GitHubDeploymentStatus,
    GitHubJob,
    GitHubRun,
)
from opsboard_adapters.http.decoding import decode
from tests.adapters.github.support import (
    NOW,
    FakeContext,
    FakeGitHub,
    collect,
    connected,
    context,
    run,
    runs,
)

RUNS = "/repos/o/r/actions/runs"
DEPLOYMENTS = "/repos/o/r/deployments"
BROKEN = httpx.Response(500, json={"message": "out of order"})


def _records(changes: Any, scope: str) -> dict[str, Any]:
    found = [one for one in changes if isinstance(one, Upsert) and one.scope == scope]
    return {record.ref.id: record for one in found for record in one.records}


def _conditions(changes: Any) -> dict[str | None, Condition]:
    told = {one.scope: one.health.condition for one in changes if isinstance(one, Report)}
    return {scope: one for scope, one in told.items() if one is not Condition.LIVE}


def _skipped(changes: Any) -> dict[str, Skipped]:
    return {one.scope: one for one in changes if isinstance(one, Skipped)}


def _ended(changes: Any) -> set[str]:
    return {one.scope for one in changes if isinstance(one, Complete | Fresh)}


async def _later(source: Any, ctx: FakeContext) -> list[Change]:
    """Return what the next look at everything tells, an hour later."""
    ctx.time += timedelta(hours=1)
    return list(await collect(source, ctx))


def _deployment(number: int, environment: Any) -> dict[str, Any]:
    at = NOW.isoformat()
    return {
        "id": number, "environment": environment, "sha": f"{number:040x}",
        "created_at": at, "updated_at": at,
    }  # fmt: skip


def _statuses(number: int, state: str) -> dict[str, Any]:
    said = [{"state": state, "created_at": NOW.isoformat()}]
    return {f"{DEPLOYMENTS}/{number}/statuses": said}


# --- odd records --------------------------------------------------------------------------------

NO_RUNS: list[Any] = [
    5, "run", None, [], {}, {"id": None}, {"id": "seven"}, {"id": {}}, run(9, status=["queued"]),
    run(9, conclusion={}), {"name": "one without a number"},
]  # fmt: skip


@pytest.mark.parametrize("odd", NO_RUNS, ids=lambda odd: repr(odd)[:40])
async def test_an_odd_run_is_left_out_counted_and_named(odd: Any, tmp_path: Path) -> None:
    ctx = context(tmp_path)
    github = FakeGitHub({RUNS: {"workflow_runs": [odd, run(7)]}})
    async with connected(github, ctx, deployments=False) as source:
        changes = await collect(source, ctx)
    assert _records(changes, "runs:o/r").keys() == {"o/r/7"}
    assert "runs:o/r" in _ended(changes)
    skipped = _skipped(changes)["runs:o/r"]
    assert (skipped.count, skipped.total) == (1, 2)
    assert skipped.sentence.startswith("1 of 2 records could not be read: ")
    assert _conditions(changes) == {}


async def test_it_is_taken_back_when_it_can_be_read_again(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    github = FakeGitHub({RUNS: {"workflow_runs": [run(9, status=[]), run(7)]}})
    async with connected(github, ctx, deployments=False) as source:
        changes = await collect(source, ctx)
        assert _skipped(changes)["runs:o/r"].examples[0].startswith("run 9: status")
        assert _skipped(await _later(source, ctx))["runs:o/r"].count == 1, "told to a new listener"
        github.answers[RUNS] = runs(run(9), run(7))
        changes = await _later(source, ctx)
    assert _skipped(changes)["runs:o/r"].count == 0
    assert _records(changes, "runs:o/r").keys() == {"o/r/9", "o/r/7"}


ODD_FIELDS: list[dict[str, Any]] = [
    {"created_at": "2026-02-30T09:00:00Z"}, {"created_at": "2026-01-15T09:00:00"},
    {"created_at": "0001-01-01T00:00:00+14:00"}, {"created_at": "9999-12-31T23:59:59-12:00"},
    {"created_at": "soon"}, {"created_at": []}, {"created_at": 10**30}, {"created_at": None},
    {"run_number": "7"}, {"run_number": "many"}, {"run_number": None}, {"run_attempt": []},
    {"actor": "amara"}, {"actor": {"login": None}}, {"head_commit": []},
    {"head_commit": {"message": 5}}, {"display_title": "x" * 10_000_000}, {"html_url": {}},
    {"event": 5}, {"head_branch": None}, {"newer": {"than": ["this"]}}, {"path": 5, "name": None},
]  # fmt: skip


@pytest.mark.parametrize("odd", ODD_FIELDS, ids=lambda odd: repr(odd)[:50])
async def test_an_odd_field_hides_no_run(odd: dict[str, Any], tmp_path: Path) -> None:
    ctx = context(tmp_path)
    github = FakeGitHub({RUNS: runs(run(7, **odd), run(6))})
    async with connected(github, ctx, deployments=False) as source:
        changes = await collect(source, ctx)
    found = _records(changes, "runs:o/r")
    assert found.keys() == {"o/r/7", "o/r/6"}
    assert found["o/r/7"].status is Status.OK
    assert found["o/r/7"].created_at is None or "created_at" not in odd
    assert len(found["o/r/7"].title) < 10_000
    assert _skipped(changes) == {}


async def test_lone_surrogates_and_unknown_words(tmp_path: Path) -> None:
    body = json.dumps(runs(run(7, head_branch="\ud83d", status="levitating"), run(6))).encode()
    ctx = context(tmp_path)
    github = FakeGitHub({RUNS: httpx.Response(200, content=body)})
    async with connected(github, ctx, deployments=False) as source:
        found = _records(await collect(source, ctx), "runs:o/r")
    assert found["o/r/7"].branch == "\ufffd"
    assert found["o/r/7"].state == "levitating"
    assert found["o/r/7"].status is Status.UNKNOWN
    assert found["o/r/6"].branch == "main"


async def test_odd_deployments_and_repositories(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    listed = [
        {"full_name": "o/r"}, {"full_name": "../user"}, {"name": "half"}, None,
        {"full_name": "o/s", "pushed_at": "never", "archived": None},
    ]  # fmt: skip
    github = FakeGitHub({
        "/orgs/acme/repos": listed,
        DEPLOYMENTS: [_deployment(2, ["staging"]), _deployment(1, "production")],
        **_statuses(1, "success"),
    })  # fmt: skip
    async with connected(github, ctx, repositories=[], organisations=["acme"]) as source:
        changes = await collect(source, ctx, rounds=2)
    assert _skipped(changes)["repositories:acme"].count == 3
    assert "repository half" in _skipped(changes)["repositories:acme"].sentence
    assert {"runs:o/r", "runs:o/s"} <= {one.scope for one in changes if isinstance(one, Report)}
    assert not [path for path in github.paths() if ".." in path]
    assert _records(changes, "deployments:o/r").keys() == {"o/r/production"}
    assert _skipped(changes)["deployments:o/r"].examples[0].startswith("deployment 2: environment")


# --- parts that fail ----------------------------------------------------------------------------


async def test_one_deployments_statuses_fail_and_the_others_are_shown(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    listed = [_deployment(3, "dev"), _deployment(2, "staging"), _deployment(1, "production")]
    broken = f"{DEPLOYMENTS}/2/statuses"
    github = FakeGitHub({
        DEPLOYMENTS: listed, **_statuses(3, "success"), **_statuses(1, "in_progress"),
        broken: BROKEN, RUNS: runs(),
    })  # fmt: skip
    async with connected(github, ctx) as source:
        changes = await collect(source, ctx)
        found = _records(changes, "deployments:o/r")
        assert found.keys() == {"o/r/dev", "o/r/staging", "o/r/production"}
        assert found["o/r/dev"].status is Status.OK
        assert found["o/r/staging"].status is Status.UNKNOWN, "it is not said that it has begun"
        assert _conditions(changes) == {"deployments:o/r": Condition.PARTIAL}
        github.answers |= _statuses(2, "failure")
        changes = await _later(source, ctx)
        assert _conditions(changes) == {}
        assert _records(changes, "deployments:o/r")["o/r/staging"].status is Status.FAILED


@pytest.mark.parametrize("answer", [None, BROKEN, httpx.Response(200, content=b"<html>")])
async def test_what_was_known_of_a_status_stays(answer: Any, tmp_path: Path) -> None:
    ctx = context(tmp_path)
    github = FakeGitHub({
        DEPLOYMENTS: [_deployment(1, "production")], **_statuses(1, "in_progress"), RUNS: runs(),
    })  # fmt: skip
    async with connected(github, ctx) as source:
        await collect(source, ctx)
        github.answers[f"{DEPLOYMENTS}/1/statuses"] = answer
        changes = await _later(source, ctx)
    found = _records(changes, "deployments:o/r")
    assert found["o/r/production"].status is Status.RUNNING
    assert _conditions(changes) == {"deployments:o/r": Condition.PARTIAL}


async def test_one_environment_fails_and_the_older_deployments_of_others_are_found(
    tmp_path: Path,
) -> None:
    def listed(request: httpx.Request) -> httpx.Response:
        environment = request.url.params.get("environment")
        if environment == "two":
            return httpx.Response(500)
        number = {"one": 11, "three": 13}.get(environment or "", 99)
        link = f'<https://x.example{DEPLOYMENTS}?per_page=50&page=2>; rel="next"'
        body = [_deployment(number, environment or "main")]
        return httpx.Response(200, json=body, headers={} if environment else {"Link": link})

    names = [{"name": name} for name in ("one", "two", "three")]
    ctx = context(tmp_path)
    github = FakeGitHub({
        DEPLOYMENTS: listed, "/repos/o/r/environments": {"environments": names}, RUNS: runs(),
        **_statuses(11, "success"), **_statuses(13, "success"), **_statuses(99, "success"),
    })  # fmt: skip
    async with connected(github, ctx) as source:
        changes = await collect(source, ctx)
    assert _records(changes, "deployments:o/r").keys() == {"o/r/main", "o/r/one", "o/r/three"}
    assert _conditions(changes) == {"deployments:o/r": Condition.PARTIAL}


async def test_older_deployments_that_failed_are_looked_for_again_though_nothing_changes(
    tmp_path: Path,
) -> None:
    well = False

    def listed(request: httpx.Request) -> httpx.Response:
        if request.url.params.get("environment"):
            return httpx.Response(200, json=[_deployment(11, "one")]) if well else BROKEN
        link = f'<https://x.example{DEPLOYMENTS}?per_page=50&page=2>; rel="next"'
        headers = {"Link": link, "ETag": '"same"'}
        if request.headers.get("If-None-Match") == '"same"':
            return httpx.Response(304, headers=headers)
        return httpx.Response(200, json=[_deployment(99, "main")], headers=headers)

    ctx = context(tmp_path)
    github = FakeGitHub({
        DEPLOYMENTS: listed, "/repos/o/r/environments": {"environments": [{"name": "one"}]},
        RUNS: runs(), **_statuses(11, "success"), **_statuses(99, "success"),
    })  # fmt: skip
    async with connected(github, ctx) as source:
        changes = await collect(source, ctx)
        assert _conditions(changes) == {"deployments:o/r": Condition.PARTIAL}
        well = True
        ctx.time += timedelta(minutes=2)
        changes = list(await collect(source, ctx))
    assert _records(changes, "deployments:o/r").keys() == {"o/r/main", "o/r/one"}
    assert _conditions(changes) == {}


async def test_older_deployments_are_not_missed_where_there_are_none_any_more(
    tmp_path: Path,
) -> None:
    link = {"Link": f'<https://x.example{DEPLOYMENTS}?per_page=50&page=2>; rel="next"'}
    ctx = context(tmp_path)
    github = FakeGitHub({
        DEPLOYMENTS: httpx.Response(200, json=[_deployment(99, "main")], headers=link),
        "/repos/o/r/environments": BROKEN, RUNS: runs(), **_statuses(99, "success"),
    })  # fmt: skip
    async with connected(github, ctx) as source:
        changes = await collect(source, ctx)
        assert _conditions(changes) == {"deployments:o/r": Condition.PARTIAL}
        github.answers[DEPLOYMENTS] = [_deployment(99, "main")]
        assert _conditions(await _later(source, ctx)) == {}


async def test_odd_runs_are_taken_back_where_older_runs_are_not_shown(tmp_path: Path) -> None:
    link = {"Link": f'<https://x.example{RUNS}?per_page=2&page=2>; rel="next"'}
    ctx = context(tmp_path)
    github = FakeGitHub({})

    def answer(*told: dict[str, Any]) -> httpx.Response:
        return httpx.Response(200, json=runs(*told), headers=link)

    github.answers[RUNS] = answer({"name": "one without a number"}, run(8))
    async with connected(github, ctx, deployments=False, runs_per_repository=2) as source:
        assert _skipped(await collect(source, ctx))["runs:o/r"].count > 0
        github.answers[RUNS] = answer(run(9), run(8))
        assert _skipped(await _later(source, ctx))["runs:o/r"].count == 0


async def test_what_a_run_waits_for_cannot_be_read_and_all_runs_are_shown(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    pending = "/repos/o/r/actions/runs/{}/pending_deployments"
    waits = [{"environment": {"id": 1, "name": "production"}, "current_user_can_approve": True}]
    github = FakeGitHub({
        RUNS: runs(run(8, status="waiting"), run(7, status="waiting"), run(6)),
        pending.format(8): BROKEN, pending.format(7): waits,
    })  # fmt: skip
    async with connected(github, ctx, deployments=False) as source:
        changes = await collect(source, ctx)
        found = _records(changes, "runs:o/r")
        assert found.keys() == {"o/r/8", "o/r/7", "o/r/6"}
        assert found["o/r/7"].environment == "production"
        assert _conditions(changes) == {"runs:o/r": Condition.PARTIAL}
        github.answers[pending.format(8)] = waits
        changes = await _later(source, ctx)
    assert _records(changes, "runs:o/r")["o/r/8"].environment == "production"
    assert _conditions(changes) == {}


def _paged(total: int, broken: Callable[[int], bool]) -> Callable[[httpx.Request], httpx.Response]:
    def answer(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params.get("page", "1"))
        if broken(page):
            return httpx.Response(502)
        first = total - (page - 1) * 100
        numbers = range(first, max(first - 100, 0), -1)
        body = runs(*(run(n, at=NOW - timedelta(minutes=total - n)) for n in numbers))
        link = f'<https://x.example{RUNS}?per_page=100&page={page + 1}>; rel="next"'
        headers = {"Link": link} if first > 100 else {}
        return httpx.Response(200, json=body, headers=headers)

    return answer


async def test_a_page_of_runs_fails_and_those_before_it_are_shown(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    github = FakeGitHub({RUNS: _paged(300, lambda page: page == 2)})
    settings: dict[str, Any] = {"deployments": False, "runs_per_repository": 300}
    async with connected(github, ctx, **settings) as source:
        changes = await collect(source, ctx)
        assert len(_records(changes, "runs:o/r")) == 100
        assert "runs:o/r" not in _ended(changes), "nothing is said of what was not seen"
        assert _conditions(changes) == {"runs:o/r": Condition.PARTIAL}
        github.answers[RUNS] = _paged(300, lambda page: False)
        changes = await _later(source, ctx)
        assert len(_records(changes, "runs:o/r")) == 300
        assert _conditions(changes) == {}
        github.answers[RUNS] = _paged(300, lambda page: page == 3)
        changes = await _later(source, ctx)
        assert len(_records(changes, "runs:o/r")) == 300, "what was known stays"
        assert _conditions(changes) == {"runs:o/r": Condition.PARTIAL}


async def test_a_page_of_an_organisation_fails_and_no_repository_leaves(tmp_path: Path) -> None:
    broken = False

    def listed(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params.get("page", "1"))
        if page == 2 and broken:
            return httpx.Response(500)
        link = '<https://x.example/orgs/acme/repos?page=2>; rel="next"'
        headers = {"Link": link} if page == 1 else {}
        return httpx.Response(200, json=[{"full_name": f"acme/r{page}"}], headers=headers)

    ctx = context(tmp_path)
    github = FakeGitHub({"/orgs/acme/repos": listed})
    settings: dict[str, Any] = {"repositories": [], "organisations": ["acme"], "deployments": False}
    async with connected(github, ctx, **settings) as source:
        changes = await collect(source, ctx)
        named = {one.scope for one in changes if isinstance(one, Report)} | _ended(changes)
        assert {"repositories:acme"} <= named
        broken = True
        changes = await _later(source, ctx)
        assert _conditions(changes)["repositories:acme"] is Condition.PARTIAL
        github.requests.clear()
        await _later(source, ctx)
    assert {"/repos/acme/r1/actions/runs", "/repos/acme/r2/actions/runs"} <= set(github.paths())


@pytest.mark.parametrize("status", [404, 403, 451, 500])
async def test_a_wrong_repository_fails_in_its_own_scopes(status: int, tmp_path: Path) -> None:
    ctx = context(tmp_path)
    wrong = httpx.Response(status, json={"message": "no"})
    github = FakeGitHub({
        RUNS: runs(run(7)), DEPLOYMENTS: [],
        "/repos/o/wrong/actions/runs": wrong, "/repos/o/wrong/deployments": wrong,
    })  # fmt: skip
    async with connected(github, ctx, repositories=["o/wrong", "o/r"]) as source:
        changes = await collect(source, ctx)
    assert _conditions(changes).keys() == {"runs:o/wrong", "deployments:o/wrong"}
    assert _records(changes, "runs:o/r")
    assert _ended(changes) == {"runs:o/r", "deployments:o/r"}


async def test_a_fault_of_the_program_in_one_look_is_told_in_its_scope(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    github = FakeGitHub({RUNS: runs(run(7)), "/repos/o/s/actions/runs": runs(run(8))})
    settings: dict[str, Any] = {"repositories": ["o/r", "o/s"], "deployments": False}
    async with connected(github, ctx, **settings) as source:
        (slot,) = [one for one in source._polling._slots.values() if one.poller.repository == "o/s"]  # type: ignore[attr-defined]

        async def poll() -> Any:
            raise AttributeError("'NoneType' has no attribute 'id'")

        slot.poller.poll = poll
        changes = await collect(source, ctx)
    assert _conditions(changes) == {"runs:o/s": Condition.BROKEN}
    assert _records(changes, "runs:o/r")


# --- details ------------------------------------------------------------------------------------


async def test_a_detail_shows_what_could_be_read(tmp_path: Path) -> None:
    jobs = [{"id": 71, "name": "test", "status": "completed", "conclusion": "success"}, {"name": 5}]
    github = FakeGitHub({
        f"{RUNS}/7": run(7, run_attempt=2), f"{RUNS}/7/jobs": {"total_count": 2, "jobs": jobs},
        f"{RUNS}/7/attempts/1": BROKEN,
    })  # fmt: skip
    async with connected(github, context(tmp_path)) as source:
        detail = await source.detail(Ref("github", Kind.BUILD, "o/r/7"))
    (note,) = [one for one in detail.sections if one.title == "Not read"]
    assert isinstance(note, Facts)
    said = " ".join(fact.value for fact in note.facts)
    assert "attempts/1" in said
    assert "1 of 1 record could not be read" in said
    assert "job 5" in said
    assert detail.record.status is Status.OK


# --- whatever comes -----------------------------------------------------------------------------

_KEYS = st.sampled_from(
    ["id", "status", "conclusion", "created_at", "actor", "login", "head_commit", "message",
     "steps", "labels", "environment", "state", "creator", "number", "name"]
)  # fmt: skip
_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=6),
    max_leaves=20,
)


@pytest.mark.parametrize("shape", [GitHubRun, GitHubJob, GitHubDeployment, GitHubDeploymentStatus])
@given(value=_ANY)
@settings(max_examples=150, deadline=None)
def test_whatever_comes_is_a_shape_or_malformed(shape: Any, value: Any) -> None:
    try:
        found = decode(json.dumps(value).encode(), shape, "it")
    except Malformed:
        return
    assert isinstance(found, shape)


@given(items=st.lists(_ANY, max_size=5))
@settings(max_examples=60, deadline=None)
async def test_whatever_else_is_listed_the_good_run_is_shown(items: list[Any]) -> None:
    ctx = context(Path("/nowhere"))
    body = json.dumps({"workflow_runs": [*items, run(10**12)]}).encode()
    github = FakeGitHub({RUNS: httpx.Response(200, content=body)})
    async with connected(github, ctx, deployments=False) as source:
        changes = await collect(source, ctx)
    assert f"o/r/{10**12}" in _records(changes, "runs:o/r")
    assert _conditions(changes) == {}
