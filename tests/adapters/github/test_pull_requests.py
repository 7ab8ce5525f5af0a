"""The page of a pull request: what is said of merging, reviews and checks, whatever is lacking."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from opsboard.adapter import Detail, Facts, Grid, NotFound
from opsboard.kinds.commits import pull_request_ref
from opsboard.records import BuildJob, Kind, PullRequest, PullRequestState, Ref, Status
from opsboard.records.claims import Claim, Strength
from tests.adapters.github.support import FakeGitHub, connected, context

SHA = "a" * 40
PULL = "/repos/o/r/pulls/7"
CHECKS = f"/repos/o/r/commits/{SHA}/check-runs"
STATUS = f"/repos/o/r/commits/{SHA}/status"
REF = pull_request_ref("github", Claim("pull-request", "github.com/o/r", "7", "", Strength.SHA))


def pull(**fields: Any) -> dict[str, Any]:
    """Return a pull request as GitHub tells it."""
    repo = {"full_name": "o/r"}
    return {
        "number": 7, "title": "Round split payments", "state": "open", "draft": False,
        "merged": False, "mergeable": True, "mergeable_state": "clean",
        "user": {"login": "dana"}, "html_url": "https://github.com/o/r/pull/7",
        "head": {"ref": "split", "sha": SHA, "repo": repo},
        "base": {"ref": "main", "sha": "b" * 40, "repo": repo},
        "created_at": "2026-01-14T09:00:00Z", "updated_at": "2026-01-15T08:00:00Z",
        "commits": 2, "additions": 12, "deletions": 3, "changed_files": 4,
        "requested_reviewers": [{"login": "emre"}], "requested_teams": [{"name": "payments"}],
        **fields,
    }  # fmt: skip


def review(login: str, state: str, hour: int) -> dict[str, Any]:
    return {
        "user": {"login": login},
        "state": state,
        "submitted_at": f"2026-01-15T{hour:02}:00:00Z",
    }


def check(number: int, conclusion: str | None, **fields: Any) -> dict[str, Any]:
    return {
        "id": number, "name": f"job {number}", "app": {"slug": "github-actions", "name": "Actions"},
        "status": "completed" if conclusion else "in_progress", "conclusion": conclusion, **fields,
    }  # fmt: skip


def answers(**more: Any) -> dict[str, Any]:
    return {
        PULL: pull(),
        f"{PULL}/reviews": [],
        CHECKS: {"total_count": 0, "check_runs": []},
        STATUS: {"total_count": 0, "statuses": []},
        **more,
    }


async def page(tmp_path: Path, told: dict[str, Any]) -> Detail:
    async with connected(FakeGitHub(told), context(tmp_path)) as source:
        return await source.detail(REF)


def facts(detail: Detail) -> dict[str, str]:
    (section,) = (one for one in detail.sections if isinstance(one, Facts))
    return {fact.label: fact.value for fact in section.facts}


def grid(detail: Detail, title: str) -> Grid:
    return next(one for one in detail.sections if isinstance(one, Grid) and one.title == title)


async def test_title_state_branches_reviews_and_checks(tmp_path: Path) -> None:
    told = answers(**{
        f"{PULL}/reviews": [
            review("emre", "CHANGES_REQUESTED", 1), review("freya", "APPROVED", 2),
            review("emre", "APPROVED", 3), review("emre", "COMMENTED", 4),
            review("gil", "COMMENTED", 5),
        ],
        CHECKS: {"total_count": 2, "check_runs": [check(1, "success"), check(2, "failure")]},
        STATUS: {"total_count": 1, "statuses": [{"context": "scan", "state": "pending"}]},
    })  # fmt: skip
    detail = await page(tmp_path, told)
    record = detail.record
    assert isinstance(record, PullRequest)
    assert record.ref == REF
    assert (record.name, record.state, record.status) == (
        "Round split payments", PullRequestState.OPEN, Status.FAILED,
    )  # fmt: skip
    assert record.reason == "open, checks failed"
    known = facts(detail)
    assert known["branch"] == "split → main"
    assert known["mergeable"] == "yes"
    assert known["changes"] == "+12 -3 in 4 files, 2 commits"
    assert known["commit"] == SHA
    says = {row.cells[0]: row.cells[1] for row in grid(detail, "Reviews").rows}
    assert says == {
        "emre": "asked for a review", "freya": "approved", "gil": "commented",
        "team payments": "asked for a review",
    }  # fmt: skip
    rows = grid(detail, "Checks").rows
    assert [row.cells[0] for row in rows] == ["job 2", "scan", "job 1"]  # what failed first
    assert rows[0].ref == Ref("github", Kind.BUILD_JOB, "o/r/2")  # Enter and L lead to its log
    assert isinstance(rows[0].record, BuildJob)
    assert rows[1].ref is None


async def test_the_last_review_that_decides_counts(tmp_path: Path) -> None:
    told = answers(**{
        PULL: pull(requested_reviewers=[], requested_teams=None),
        f"{PULL}/reviews": [
            review("emre", "APPROVED", 1), review("emre", "COMMENTED", 2),
            review("gil", "APPROVED", 1), review("gil", "DISMISSED", 2),
            {"user": None, "state": "WONDROUS"},
        ],
    })  # fmt: skip
    says = {row.cells[0]: row.cells[1] for row in grid(await page(tmp_path, told), "Reviews").rows}
    assert says == {"emre": "approved", "gil": "dismissed", "somebody": "wondrous"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"mergeable_state": "dirty", "mergeable": False}, "no: it conflicts with its base"),
        ({"mergeable_state": "blocked"}, "no: a required review or check is missing"),
        ({"mergeable_state": "unstable"}, "yes, but not all checks are well"),
        ({"mergeable": None, "mergeable_state": "unknown"}, "GitHub is finding that out"),
        ({"mergeable": None, "mergeable_state": None}, "GitHub is finding that out"),
        ({"mergeable_state": "novel"}, "yes (novel)"),
        ({"mergeable": False, "mergeable_state": 7}, "no"),
    ],
)
async def test_whether_it_can_be_merged_is_never_guessed(
    tmp_path: Path, fields: dict[str, Any], said: str
) -> None:
    known = facts(await page(tmp_path, answers(**{PULL: pull(**fields)})))
    assert known["mergeable"].startswith(said)


@pytest.mark.parametrize(
    ("fields", "state", "said"),
    [
        (
            {"state": "closed", "merged": True, "merged_at": "2026-01-15T08:00:00Z",
             "merge_commit_sha": "c" * 40, "merged_by": {"login": "freya"}},
            PullRequestState.MERGED, "merged by freya",
        ),
        ({"state": "closed", "merge_commit_sha": "c" * 40}, PullRequestState.CLOSED, "closed"),
        ({"draft": True}, PullRequestState.OPEN, "open, a draft"),
    ],
)  # fmt: skip
async def test_what_is_merged_closed_or_a_draft(
    tmp_path: Path, fields: dict[str, Any], state: PullRequestState, said: str
) -> None:
    detail = await page(tmp_path, answers(**{PULL: pull(**fields)}))
    record = detail.record
    assert isinstance(record, PullRequest)
    assert record.state is state
    assert facts(detail)["state"] == said
    is_merged = state is PullRequestState.MERGED
    assert bool(record.merge_commit) is is_merged  # that of an open one is a test merge
    assert ("mergeable" in facts(detail)) is (state is PullRequestState.OPEN)
    assert [one.type for one in record.outputs] == ["pull-request", *["commit"] * is_merged]


async def test_a_fork_is_named_and_one_that_is_gone_is_said(tmp_path: Path) -> None:
    head = {"ref": "split", "sha": SHA, "repo": {"full_name": "eve/r"}}
    assert facts(await page(tmp_path, answers(**{PULL: pull(head=head)})))["from"] == "eve/r"
    gone = facts(await page(tmp_path, answers(**{PULL: pull(head={**head, "repo": None})})))
    assert gone["from"] == "a fork that is gone"


async def test_what_may_not_be_read_is_said_and_the_rest_is_shown(tmp_path: Path) -> None:
    forbidden = httpx.Response(403, json={"message": "Resource not accessible by integration"})
    told = answers(**{
        CHECKS: forbidden,
        f"{PULL}/reviews": [review("emre", "APPROVED", 1), "nonsense", {"state": ["x"]}],
    })  # fmt: skip
    detail = await page(tmp_path, told)
    assert grid(detail, "Reviews").rows[0].cells[1] == "approved"
    said = " ".join(str(section) for section in detail.sections[3:])
    assert "not accessible" in said


async def test_all_pages_are_read_up_to_a_bound(tmp_path: Path) -> None:
    def checks(request: httpx.Request) -> httpx.Response:
        first = (int(request.url.params["page"]) - 1) * 100
        runs = [check(first + at, "success") for at in range(100)]
        return httpx.Response(200, json={"total_count": 1_000, "check_runs": runs})

    detail = await page(tmp_path, answers(**{CHECKS: checks}))
    assert len(grid(detail, "Checks").rows) == 300


@pytest.mark.parametrize(
    "id_", ["gitlab.com/o/r#7", "github.com/o/../x#7", "7", "github.com/o/r#x"]
)
async def test_what_is_not_of_this_host_is_never_asked_for(tmp_path: Path, id_: str) -> None:
    github = FakeGitHub(answers())
    async with connected(github, context(tmp_path)) as source:
        with pytest.raises(NotFound):
            await source.detail(Ref("github", Kind.PULL_REQUEST, id_))
    assert github.requests == []
