"""What runs and deployments state that they are made of, through the whole adapter.

Each test is a trap: a join that a name, a date or a shortened SHA would get wrong.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

from opsboard.adapter import Upsert
from opsboard.records import Build, Deployment, Record
from opsboard.records.claims import Claim, Strength
from tests.adapters.github.support import NOW, FakeGitHub, collect, connected, context, run, runs

RUNS = "/repos/o/r/actions/runs"
DEPLOYMENTS = "/repos/o/r/deployments"
SHA = "a" * 40
OTHER = "b" * 40
DIGEST = f"sha256:{'d' * 64}"
OWN = {"full_name": "o/r"}
FORK = {"full_name": "stranger/r"}


def home(**names: Any) -> dict[str, Any]:
    return {"repository": OWN, "head_repository": OWN, "head_sha": SHA, **names}


def deployment(number: int, **fields: Any) -> dict[str, Any]:
    at = (NOW + timedelta(minutes=number)).isoformat()
    return {
        "id": number,
        "environment": "production",
        "sha": f"{number:040x}",
        "ref": "main",
        "creator": {"login": "amara"},
        "created_at": at,
        "updated_at": at,
        "repository_url": "https://api.github.com/repos/o/r",
        **fields,
    }


def status(state: str, minute: int, **fields: Any) -> dict[str, Any]:
    return {"state": state, "created_at": (NOW + timedelta(minutes=minute)).isoformat(), **fields}


async def records(tmp_path: Path, github: FakeGitHub, **settings: Any) -> list[Record]:
    ctx = context(tmp_path)
    async with connected(github, ctx, **settings) as source:
        found = await collect(source, ctx)
    return [one for change in found if isinstance(change, Upsert) for one in change.records]


async def build_of(tmp_path: Path, **fields: Any) -> Build:
    github = FakeGitHub({RUNS: runs(run(7, **fields)), DEPLOYMENTS: []})
    found = await records(tmp_path, github)
    (build,) = [one for one in found if isinstance(one, Build)]
    return build


async def deployed(
    tmp_path: Path, listed: list[dict[str, Any]], statuses: dict[int, list[dict[str, Any]]]
) -> Deployment:
    answers: dict[str, Any] = {RUNS: runs(), DEPLOYMENTS: listed}
    answers |= {f"{DEPLOYMENTS}/{n}/statuses": found for n, found in statuses.items()}
    found = await records(tmp_path, FakeGitHub(answers))
    (one,) = [one for one in found if isinstance(one, Deployment)]
    return one


def commits(record: Record) -> list[tuple[str, str, Strength]]:
    return [(c.scope, c.value, c.strength) for c in record.inputs if c.type == "commit"]


def of(record: Record, kind: str) -> list[Claim]:
    return [claim for claim in (*record.inputs, *record.outputs) if claim.type == kind]


# --- runs ----------------------------------------------------------------------------------------


async def test_a_run_is_made_of_its_commit_and_is_a_run(tmp_path: Path) -> None:
    build = await build_of(tmp_path, **home())
    assert commits(build) == [("github.com/o/r", SHA, Strength.SHA)]
    (made,) = build.outputs
    assert (made.type, made.scope, made.value) == ("run", "github.com/o/r", "7")


async def test_a_fork_with_the_same_sha_is_another_commit(tmp_path: Path) -> None:
    own = await build_of(tmp_path, **home())
    fork = await build_of(tmp_path, **home(head_repository=FORK, event="pull_request"))
    assert commits(fork) == [("github.com/stranger/r", SHA, Strength.SHA)]
    assert not {c.identity for c in own.inputs} & {c.identity for c in fork.inputs}
    assert of(fork, "run")[0].scope == "github.com/o/r"


async def test_the_commit_of_a_deleted_fork_is_not_guessed(tmp_path: Path) -> None:
    build = await build_of(tmp_path, **home(head_repository=None, event="pull_request"))
    assert commits(build) == []
    build = await build_of(tmp_path, **home(head_repository=None, event="push"))
    assert commits(build) == [("github.com/o/r", SHA, Strength.SHA)]


async def test_a_renamed_repository_is_known_by_its_present_name(tmp_path: Path) -> None:
    new = {"full_name": "o/renamed"}
    build = await build_of(tmp_path, **home(repository=new, head_repository=new))
    assert commits(build) == [("github.com/o/renamed", SHA, Strength.SHA)]
    assert build.id == "o/r/7", "the record stays the one that the board knows"


async def test_names_differ_by_case_only(tmp_path: Path) -> None:
    names = {"full_name": "O/R"}
    build = await build_of(tmp_path, **home(repository=names, head_repository=names))
    assert commits(build) == [("github.com/o/r", SHA, Strength.SHA)]


async def test_a_rerun_is_the_same_run_of_the_same_commit(tmp_path: Path) -> None:
    first = await build_of(tmp_path, **home())
    second = await build_of(tmp_path, **home(run_attempt=2))
    assert (first.inputs, first.outputs) == (second.inputs, second.outputs)


async def test_a_cherry_pick_has_a_commit_of_its_own(tmp_path: Path) -> None:
    picked = await build_of(tmp_path, **home(head_sha=OTHER, display_title="Mend it"))
    assert commits(picked) == [("github.com/o/r", OTHER, Strength.SHA)]


async def test_pull_requests_are_those_of_the_repository_that_they_lead_into(
    tmp_path: Path,
) -> None:
    upstream = {"number": 4, "base": {"repo": {"url": "https://api.github.com/repos/up/r"}}}
    pulls = [{"number": 3, "base": {"ref": "main"}}, upstream, {"number": "none"}]
    build = await build_of(tmp_path, **home(pull_requests=pulls[:2]))
    found = [(one.scope, one.value) for one in of(build, "pull-request")]
    assert found == [("github.com/o/r", "3"), ("github.com/up/r", "4")]


async def test_a_run_without_a_full_sha_states_none(tmp_path: Path) -> None:
    build = await build_of(tmp_path, **home(head_sha="a1b2c3d"))
    assert commits(build) == []


async def test_an_enterprise_host_is_part_of_the_name(tmp_path: Path) -> None:
    github = FakeGitHub({
        "/api/v3/repos/o/r/actions/runs": runs(run(7, **home())),
        "/api/v3/repos/o/r/deployments": [],
    })  # fmt: skip
    found = await records(tmp_path, github, host="github.example.com", token={"value": "x"})
    assert [commits(one) for one in found] == [[("github.example.com/o/r", SHA, Strength.SHA)]]


# --- deployments ---------------------------------------------------------------------------------


def log_url(number: int, repository: str = "o/r") -> dict[str, str]:
    return {"log_url": f"https://github.com/{repository}/actions/runs/{number}/job/1"}


async def test_a_success_is_live_since_it_succeeded(tmp_path: Path) -> None:
    statuses = [
        status("success", 9, **log_url(70)),
        status("success", 8, **log_url(70)),
        status("in_progress", 3),
    ]
    one = await deployed(tmp_path, [deployment(2)], {2: statuses})
    assert commits(one) == [("github.com/o/r", f"{2:040x}", Strength.SHA)]
    assert one.deployed_at == NOW + timedelta(minutes=8)
    assert one.actor == "amara"
    assert [claim.identity[1:] for claim in of(one, "run")] == [("github.com/o/r", "70")]


async def test_what_waits_or_has_failed_is_not_live_and_the_one_before_is(tmp_path: Path) -> None:
    before = [status("success", 1, **log_url(10)), status("in_progress", 0)]
    for state in ("failure", "error", "waiting", "in_progress", "queued"):
        listed = [deployment(2), deployment(1)]
        one = await deployed(tmp_path, listed, {2: [status(state, 3)], 1: before})
        assert commits(one) == [
            ("github.com/o/r", f"{1:040x}", Strength.SHA),
            ("github.com/o/r", f"{2:040x}", Strength.CANDIDATE),
        ], state
        assert one.deployed_at == NOW + timedelta(minutes=1)
        assert one.commit == f"{2:040x}"


async def test_a_deployment_without_any_status_is_not_live(tmp_path: Path) -> None:
    one = await deployed(tmp_path, [deployment(2)], {2: []})
    assert [strength for *_, strength in commits(one)] == [Strength.CANDIDATE]
    assert one.deployed_at is None


async def test_inactive_is_taken_down_and_what_was_before_it_is_not_live(tmp_path: Path) -> None:
    """An older success of production is never marked as inactive: it is not live for that."""
    listed = [deployment(2), deployment(1)]
    taken_down = [status("inactive", 5), status("success", 3)]
    one = await deployed(tmp_path, listed, {2: taken_down, 1: [status("success", 1)]})
    assert [strength for *_, strength in commits(one)] == [Strength.CANDIDATE]
    assert one.status.value != "failed"


async def test_what_succeeds_once_more_is_live_again(tmp_path: Path) -> None:
    again = (NOW + timedelta(minutes=30)).isoformat()
    listed = [deployment(2), deployment(1, updated_at=again)]
    statuses = {
        2: [status("inactive", 30), status("success", 3)],
        1: [status("success", 30), status("inactive", 3), status("success", 1)],
    }
    one = await deployed(tmp_path, listed, statuses)
    assert commits(one)[0] == ("github.com/o/r", f"{1:040x}", Strength.SHA)
    assert one.deployed_at == NOW + timedelta(minutes=30)


async def test_superseded_ones_that_failed_are_stepped_over(tmp_path: Path) -> None:
    listed = [deployment(number) for number in (4, 3, 2, 1)]
    statuses = {
        4: [status("in_progress", 4)],
        3: [status("failure", 3)],
        2: [status("success", 2)],
        1: [status("inactive", 2), status("success", 1)],
    }
    one = await deployed(tmp_path, listed, statuses)
    assert commits(one)[0][1] == f"{2:040x}"


async def test_a_branch_as_ref_is_no_commit(tmp_path: Path) -> None:
    one = await deployed(
        tmp_path, [deployment(2, sha=None, ref="main")], {2: [status("success", 3)]}
    )
    assert commits(one) == []
    one = await deployed(
        tmp_path, [deployment(2, sha=SHA, ref="deleted/branch")], {2: [status("success", 3)]}
    )
    assert commits(one) == [("github.com/o/r", SHA, Strength.SHA)]


async def test_a_run_of_another_repository_or_server_is_not_taken_for_an_own_one(
    tmp_path: Path,
) -> None:
    url = log_url(5, "o/deploys")
    one = await deployed(tmp_path, [deployment(2)], {2: [status("success", 3, **url)]})
    assert [claim.scope for claim in of(one, "run")] == ["github.com/o/deploys"]
    proxy = {"log_url": "https://api.github.com/o/r/actions/runs/5"}
    one = await deployed(tmp_path, [deployment(2)], {2: [status("success", 3, **proxy)]})
    assert [claim.value for claim in of(one, "run")] == ["5"]
    foreign = {"log_url": "https://ci.example/o/r/actions/runs/5"}
    one = await deployed(tmp_path, [deployment(2)], {2: [status("success", 3, **foreign)]})
    assert of(one, "run") == []


async def test_images_of_the_payload_are_declared(tmp_path: Path) -> None:
    payloads: list[Any] = [
        {"image": f"registry.example/shop/cart@{DIGEST}", "replicas": 3},
        f"registry.example/shop/cart@{DIGEST}",
        {"images": [{"name": "cart", "digest": DIGEST}]},
    ]
    for payload in payloads:
        listed = [deployment(2, payload=payload)]
        one = await deployed(tmp_path, listed, {2: [status("success", 3)]})
        assert [(c.value, c.strength) for c in of(one, "image")] == [(DIGEST, Strength.LABEL)]
    listed = [deployment(2, payload={"image": "registry.example/shop/cart:v1"})]
    one = await deployed(tmp_path, listed, {2: [status("success", 3)]})
    assert of(one, "image") == []


async def test_a_quiet_repository_costs_no_request_for_what_is_live(tmp_path: Path) -> None:
    answers: dict[str, Any] = {
        RUNS: runs(),
        DEPLOYMENTS: [deployment(2), deployment(1)],
        f"{DEPLOYMENTS}/2/statuses": [status("failure", 3)],
        f"{DEPLOYMENTS}/1/statuses": [status("success", 1)],
    }
    github, ctx = FakeGitHub(answers), context(tmp_path)
    async with connected(github, ctx) as source:
        await collect(source, ctx, rounds=12)
    asked = github.paths()
    assert asked.count(f"{DEPLOYMENTS}/1/statuses") == 1
    assert asked.count(f"{DEPLOYMENTS}/2/statuses") == 1
