"""Default branches, pull requests and what contains what, through the whole adapter."""

import json
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from opsboard.adapter import Change, Complete, Condition, Fresh, Report, Upsert
from opsboard.records import (
    Build,
    Commit,
    CommitComparison,
    ComparisonState,
    PullRequest,
    PullRequestState,
    Record,
    Ref,
    Repository,
)
from opsboard.records.claims import Identity, Strength
from opsboard_adapters.github.commit_records import says_something, trailer_claims
from opsboard_adapters.github.comparisons import PER_HOUR, pairs_of
from opsboard_adapters.github.repository_query import GitHubQueryCommit
from tests.adapters.github.support import (
    NOW,
    Enough,
    FakeGitHub,
    collect,
    connected,
    context,
    run,
    runs,
)
from tests.adapters.github.test_identities import DEPLOYMENTS, RUNS, deployment, home, status

HEAD = "f" * 40
LIVE = f"{2:040x}"
STAGED = f"{3:040x}"
PULL_HEAD = "9" * 40
_NAMES_ONLY = re.compile(r'r\d+: repository\(owner: "(.+?)", name: "(.+?)"\) { nameWithOwner }')


def described(sha: str, message: str = "Mend it", **fields: Any) -> dict[str, Any]:
    return {
        "oid": sha,
        "message": message,
        "committedDate": NOW.isoformat(),
        "author": {"name": "Amara", "user": {"login": "amara"}},
        **fields,
    }


def pull(number: int = 7, **fields: Any) -> dict[str, Any]:
    return {
        "number": number,
        "title": "Mend the basket",
        "state": "MERGED",
        "mergedAt": NOW.isoformat(),
        "headRefOid": PULL_HEAD,
        "mergeCommit": {"oid": HEAD},
        "author": {"login": "bjorn"},
        "baseRepository": {"nameWithOwner": "o/r"},
        **fields,
    }


@dataclass
class Host(FakeGitHub):
    """A GitHub with commits: its GraphQL answers by what is asked, and counts."""

    branch: str = "main"
    name: str = "o/r"
    head: dict[str, Any] | None = None
    commits: dict[str, dict[str, Any]] = field(default_factory=dict)
    queries: list[str] = field(default_factory=list)
    leads: dict[str, str] = field(default_factory=dict)
    """Names that others state -> what the repository is called now."""

    def __post_init__(self) -> None:
        self.answers.setdefault(RUNS, runs(run(7, **home(head_sha=HEAD))))
        self.answers.setdefault(DEPLOYMENTS, [deployment(2)])
        self.answers.setdefault(f"{DEPLOYMENTS}/2/statuses", [status("success", 3)])
        self.answers["/graphql"] = self.query
        self.head = self.head or described(HEAD)

    def query(self, request: httpx.Request) -> httpx.Response:
        text = json.loads(request.content)["query"]
        self.queries.append(text)
        if names := _NAMES_ONLY.findall(text):
            return self.query_names(["/".join(one) for one in names])
        data = {}
        for key in re.findall(r"(r\d+): repository", text):
            part = text.partition(f"{key}: repository")[2].partition("repository(")[0]
            found: dict[str, Any] = {
                name: self.commits.get(sha)
                for name, sha in re.findall(r'(c\d+): object\(oid: "(\w+)"\)', part)
            }
            ref = {"name": self.branch, "target": self.head}
            data[key] = {"nameWithOwner": self.name, "defaultBranchRef": ref, **found}
        headers = {"X-RateLimit-Resource": "graphql", "X-RateLimit-Limit": "5000"}
        headers |= {"X-RateLimit-Remaining": "4990"}
        return httpx.Response(200, json={"data": data}, headers=headers)

    def query_names(self, asked: Sequence[str]) -> httpx.Response:
        """Answer what each repository is called now, as far as one is to be seen."""
        names = [self.leads.get(one) for one in asked]
        data = {
            f"r{at}": {"nameWithOwner": name} if name else None for at, name in enumerate(names)
        }
        errors = [{"type": "NOT_FOUND", "message": "Could not resolve"}] if None in names else []
        return httpx.Response(200, json={"data": data, "errors": errors})

    def compares(self, ahead: int, behind: int = 0, base: str = LIVE, head: str = HEAD) -> None:
        path = f"/repos/o/r/compare/{base}...{head}"
        self.answers[path] = {"status": "?", "ahead_by": ahead, "behind_by": behind, "commits": []}

    @property
    def compared(self) -> list[str]:
        return [path for path in self.paths() if "/compare/" in path]


async def changes(
    tmp_path: Path,
    github: FakeGitHub,
    rounds: int = 6,
    before: Callable[[Any], None] = lambda _: None,
    **settings: Any,
) -> list[Change]:
    ctx = context(tmp_path)
    async with connected(github, ctx, commits=True, **settings) as source:
        before(source)
        return list(await collect(source, ctx, rounds))


def latest(found: list[Change]) -> list[Record]:
    records: dict[Ref, Record] = {}
    for change in found:
        if isinstance(change, Upsert):
            records |= {one.ref: one for one in change.records}
    return list(records.values())


async def facts(tmp_path: Path, github: FakeGitHub, **options: Any) -> list[Record]:
    return latest(await changes(tmp_path, github, **options))


def comparisons(records: list[Record]) -> list[tuple[str, str, ComparisonState, int, int]]:
    return [
        (one.base, one.head, one.state, one.ahead, one.behind)
        for one in records
        if isinstance(one, CommitComparison)
    ]


# --- branches and commits ------------------------------------------------------------------------


async def test_runs_name_the_default_branch_once_it_is_known(tmp_path: Path) -> None:
    fork = run(8, **home(head_repository={"full_name": "stranger/r"}, event="pull_request"))
    own = run(7, **home(head_branch="trunk"))
    github = Host({RUNS: runs(own, fork)}, branch="trunk")
    builds = {one.number: one for one in await facts(tmp_path, github) if isinstance(one, Build)}
    assert builds[7].default_branch == builds[7].branch == "trunk"
    assert builds[8].default_branch == "", "the branch of a fork is another one"


async def test_the_head_of_the_default_branch_is_described(tmp_path: Path) -> None:
    github = Host(commits={LIVE: described(LIVE, "Sort it\n\nlong text")})
    found = {one.sha: one for one in await facts(tmp_path, github) if isinstance(one, Commit)}
    assert {sha: one.branch for sha, one in found.items()} == {HEAD: "main", LIVE: ""}
    assert (found[LIVE].name, found[LIVE].author) == ("Sort it", "amara")
    assert found[LIVE].outputs[0].identity == Identity("commit", "github.com/o/r", LIVE)
    assert found[LIVE].repository == "github.com/o/r"


async def test_a_squashed_pull_request_is_merged_as_another_commit(tmp_path: Path) -> None:
    head = described(HEAD, associatedPullRequests={"nodes": [pull()]})
    found = await facts(tmp_path, Host(head=head))
    (one,) = [one for one in found if isinstance(one, PullRequest)]
    assert (one.state, one.head, one.merge_commit) == (PullRequestState.MERGED, PULL_HEAD, HEAD)
    assert [claim.value for claim in one.inputs] == [PULL_HEAD]
    assert [claim.value for claim in one.outputs] == ["7", HEAD]


@pytest.mark.parametrize("state", ["OPEN", "CLOSED"])
async def test_the_test_merge_of_a_pull_request_that_is_not_merged_is_no_commit_of_it(
    tmp_path: Path, state: str
) -> None:
    nodes = [pull(state=state, mergedAt=None)]
    found = await facts(
        tmp_path, Host(head=described(HEAD, associatedPullRequests={"nodes": nodes}))
    )
    (one,) = [one for one in found if isinstance(one, PullRequest)]
    assert (one.merge_commit, [claim.value for claim in one.outputs]) == ("", ["7"])


async def test_a_pull_request_of_a_fork_is_none_of_this_repository(tmp_path: Path) -> None:
    nodes = [pull(baseRepository={"nameWithOwner": "stranger/r"})]
    found = await facts(
        tmp_path, Host(head=described(HEAD, associatedPullRequests={"nodes": nodes}))
    )
    assert not [one for one in found if isinstance(one, PullRequest)]


async def test_a_renamed_repository_has_its_present_name(tmp_path: Path) -> None:
    found = await facts(tmp_path, Host(name="o/renamed"))
    commits = [one for one in found if isinstance(one, Commit)]
    assert {claim.scope for one in commits for claim in one.outputs} == {"github.com/o/renamed"}


def test_trailers_of_a_config_commit_name_the_code_commit() -> None:
    text = f"""Deploy the shop

    Argocd-reference-commit-sha: {"1" * 40}

Signed-off-by: A <a@example.org>
Argocd-reference-commit-sha: {HEAD}
Argocd-reference-commit-repourl: https://github.com/acme/shop.git
"""
    (claim,) = trailer_claims(text)
    assert (claim.scope, claim.value) == ("github.com/acme/shop", HEAD)
    assert claim.strength is Strength.LABEL
    assert trailer_claims("Argocd-reference-commit-sha: a1b2c3d") == ()
    assert trailer_claims(f"Argocd-reference-commit-sha: {HEAD}\n\nand more text") == ()


# --- what contains what --------------------------------------------------------------------------


async def test_commits_that_wait_are_counted(tmp_path: Path) -> None:
    github = Host()
    github.compares(4)
    found = comparisons(await facts(tmp_path, github))
    assert found == [(LIVE, HEAD, ComparisonState.AHEAD, 4, 0)]


async def test_more_commits_than_are_listed_are_counted_all_the_same(tmp_path: Path) -> None:
    github = Host()
    github.compares(1_301, 2)
    found = comparisons(await facts(tmp_path, github))
    assert found == [(LIVE, HEAD, ComparisonState.DIVERGED, 1_301, 2)]
    asked = next(one for one in github.requests if "/compare/" in one.url.path)
    assert dict(asked.url.params) == {"per_page": "1", "page": "2"}, "no megabytes of files"


@pytest.mark.parametrize("code", [404, 500, 422])
async def test_a_commit_that_was_forced_away_is_unknown_and_never_contained(
    tmp_path: Path, code: int
) -> None:
    github = Host()
    github.answers[f"/repos/o/r/compare/{LIVE}...{HEAD}"] = httpx.Response(
        code, json={"message": "Not Found"}
    )
    records = await facts(tmp_path, github, rounds=12)
    (one,) = [one for one in records if isinstance(one, CommitComparison)]
    assert (one.state, one.ahead, one.behind) == (ComparisonState.UNKNOWN, -1, -1)
    assert not one.head_contains_base
    assert not one.base_contains_head
    assert len(github.compared) == 1, "it is asked again later"


@pytest.mark.parametrize("code", [404, 500, 200])
async def test_what_could_not_be_compared_is_compared_where_news_are_asked_for(
    tmp_path: Path, code: int
) -> None:
    github, ctx = Host(), context(tmp_path)
    refused = httpx.Response(code, json={"message": "Not Found"})
    github.answers[f"/repos/o/r/compare/{LIVE}...{HEAD}"] = refused
    async with connected(github, ctx, commits=True) as source:
        ctx.rounds, found = 40, list[Change]()
        with suppress(Enough):
            async for change in source.changes():
                found.append(change)
                if ctx.rounds <= 20 and ctx.woken_after is None:
                    assert len(github.compared) == 1
                    github.compares(4)
                    ctx.woken_after = 0.1
    assert comparisons(latest(found)) == [(LIVE, HEAD, ComparisonState.AHEAD, 4, 0)]


async def test_numbers_that_are_missing_are_unknown(tmp_path: Path) -> None:
    github = Host()
    github.answers[f"/repos/o/r/compare/{LIVE}...{HEAD}"] = {"status": "ahead"}
    found = comparisons(await facts(tmp_path, github))
    assert found[0][2:] == (ComparisonState.UNKNOWN, -1, -1)


async def test_what_is_deployed_already_is_not_asked_about(tmp_path: Path) -> None:
    github = Host(head=described(LIVE))
    assert comparisons(await facts(tmp_path, github)) == []
    assert github.compared == []


async def test_a_pair_is_asked_about_once(tmp_path: Path) -> None:
    github = Host()
    github.compares(4)
    await facts(tmp_path, github, rounds=40)
    assert len(github.compared) == 1


async def test_environments_are_compared_with_each_other_too(tmp_path: Path) -> None:
    listed = [deployment(3, environment="staging"), deployment(2)]
    github = Host({DEPLOYMENTS: listed, f"{DEPLOYMENTS}/3/statuses": [status("success", 4)]})
    github.compares(5)
    github.compares(1, base=STAGED)
    github.compares(4, base=LIVE, head=STAGED)
    found = {
        (base, head): ahead
        for base, head, _, ahead, _ in comparisons(await facts(tmp_path, github))
    }
    assert found == {(LIVE, HEAD): 5, (STAGED, HEAD): 1, (LIVE, STAGED): 4}


async def test_a_commit_that_only_a_cluster_knows_is_compared(tmp_path: Path) -> None:
    github = Host({DEPLOYMENTS: []})
    github.compares(6, base=STAGED)
    stated = {
        Identity("commit", "github.com/o/r", STAGED),
        Identity("commit", "github.com/stranger/r", LIVE),
        Identity("commit", "", LIVE),
        Identity("image", "", f"sha256:{'d' * 64}"),
    }
    found = await facts(tmp_path, github, before=lambda source: source.enrich(frozenset(stated)))
    assert comparisons(found) == [(STAGED, HEAD, ComparisonState.AHEAD, 6, 0)]


def test_pairs_are_those_with_the_head_first() -> None:
    found = [(one.base[0], one.head[0]) for one in pairs_of("o/r", ["2" * 40, "1" * 40], HEAD)]
    assert found == [("2", "f"), ("1", "f"), ("1", "2")]
    assert list(pairs_of("o/r", [HEAD, HEAD, ""], HEAD)) == []
    assert [one.head for one in pairs_of("o/r", [LIVE, STAGED], "")] == [STAGED]


# --- thrift, and where it fails ------------------------------------------------------------------


async def test_nothing_is_asked_again_while_nothing_changes(tmp_path: Path) -> None:
    github = Host()
    github.compares(4)
    await facts(tmp_path, github, rounds=30)
    assert len(github.queries) <= 4, "one at the start, one for what is deployed, then each 15 min"


async def test_twenty_repositories_are_one_query(tmp_path: Path) -> None:
    names = [f"o/r{number}" for number in range(20)]
    answers: dict[str, Any] = {f"/repos/{name}/actions/runs": runs() for name in names}
    answers |= {f"/repos/{name}/deployments": [] for name in names}
    github = Host(answers)
    await facts(tmp_path, github, repositories=names, rounds=1)
    assert [text.count("repository(owner") for text in github.queries] == [20]


async def test_comparisons_are_bounded_by_the_hour(tmp_path: Path) -> None:
    names = [f"o/r{number}" for number in range(30)]
    answers: dict[str, Any] = {f"/repos/{name}/actions/runs": runs() for name in names}
    answers |= {f"/repos/{name}/deployments": [] for name in names}
    github = Host(answers)
    stated = frozenset(
        Identity("commit", f"github.com/{name}", f"{sha:040x}")
        for name in names
        for sha in range(4)
    )
    await changes(
        tmp_path,
        github,
        repositories=names,
        rounds=1_500,
        before=lambda source: source.enrich(stated),
    )
    assert len(github.compared) == len(set(github.compared)) == PER_HOUR


async def test_without_graphql_the_rest_is_shown_and_it_is_told_why(tmp_path: Path) -> None:
    github = Host()
    github.answers["/graphql"] = httpx.Response(403, json={"message": "Resource not accessible"})
    found = await changes(tmp_path, github)
    assert [one for one in latest(found) if isinstance(one, Build)]
    told = [one.health for one in found if isinstance(one, Report) and one.scope == "commits"]
    assert told[0].condition is Condition.FORBIDDEN
    assert "graphql" in told[0].message.lower()


def _by_scope(found: Sequence[Change]) -> dict[str, Condition]:
    """Return how each scope is doing in the end."""
    told: dict[str, Condition] = {}
    for one in found:
        if isinstance(one, Report) and one.scope is not None:
            told[one.scope] = one.health.condition
        elif isinstance(one, Complete | Fresh):
            told[one.scope] = Condition.LIVE
    return told


async def test_where_all_repositories_fail_commits_alone_do_not_keep_the_source_up(
    tmp_path: Path,
) -> None:
    no = httpx.Response(403, json={"message": "Resource not accessible"})
    github, ctx = Host({RUNS: no, DEPLOYMENTS: no}), context(tmp_path)
    async with connected(github, ctx, commits=True) as source:
        found = await collect(source, ctx, 3)
        assert set(_by_scope(found).values()) == {Condition.FORBIDDEN}
        assert {"commits", "artifacts"} < _by_scope(found).keys()
        assert github.queries == []
        github.answers |= {RUNS: runs(run(7, **home(head_sha=HEAD))), DEPLOYMENTS: []}
        found = await collect(source, ctx, 6)
    assert set(_by_scope(found).values()) == {Condition.LIVE}
    assert {"commits", "artifacts"} < _by_scope(found).keys()
    assert github.queries


async def test_commits_fail_with_all_that_they_are_about(tmp_path: Path) -> None:
    github, ctx = Host(), context(tmp_path)
    async with connected(github, ctx, commits=True) as source:
        changes = source.changes()
        ctx.rounds = 40
        told: list[Change] = []
        broken = False
        with suppress(Enough):
            async for change in changes:
                told.append(change)
                if not broken and {Condition.LIVE} == set(_by_scope(told).values()):
                    no = httpx.Response(403, json={"message": "Resource not accessible"})
                    github.answers |= {RUNS: no, DEPLOYMENTS: no}
                    broken = True
    assert broken
    assert set(_by_scope(told).values()) == {Condition.FORBIDDEN}


async def test_a_used_up_allowance_of_queries_stops_queries_only(tmp_path: Path) -> None:
    github = Host()
    reset = str(int((NOW + timedelta(hours=1)).timestamp()))
    headers = {"X-RateLimit-Resource": "graphql", "X-RateLimit-Remaining": "0"}
    headers |= {"X-RateLimit-Limit": "5000", "X-RateLimit-Reset": reset}
    github.answers["/graphql"] = httpx.Response(
        403, json={"message": "API rate limit exceeded for user"}, headers=headers
    )
    await changes(tmp_path, github, rounds=12)
    assert github.paths().count(RUNS) > 2


async def test_errors_of_one_repository_harm_no_other(tmp_path: Path) -> None:
    github = Host({
        f"/repos/o/{name}{rest}": answer
        for name in ("r", "gone")
        for rest, answer in (("/actions/runs", runs()), ("/deployments", []))
    })  # fmt: skip

    def partly(request: httpx.Request) -> httpx.Response:
        body = json.loads(github.query(request).content)
        body["data"]["r1"] = None
        body["errors"] = [{"type": "NOT_FOUND", "path": ["r1"], "message": "Could not resolve"}]
        return httpx.Response(200, json=body)

    github.answers["/graphql"] = partly
    found = await facts(tmp_path, github, repositories=["o/r", "o/gone"])
    assert {one.repository for one in found if isinstance(one, Commit)} == {"github.com/o/r"}


async def test_nobody_logged_in_asks_no_query(tmp_path: Path) -> None:
    github, ctx = Host(), context(tmp_path, GH_TOKEN="")
    async with connected(github, ctx, commits=True) as source:
        await collect(source, ctx, 3)
    assert github.queries == []


# --- a repository that was renamed ---------------------------------------------------------------


def _renamed(found: Sequence[Record]) -> dict[str, tuple[str, ...]]:
    return {one.repository: one.former for one in found if isinstance(one, Repository)}


def _stated_elsewhere(*scopes: str) -> Callable[[Any], None]:
    return lambda source: source.enrich(frozenset(Identity("commit", s, LIVE) for s in scopes))


async def test_a_repository_that_is_configured_by_a_former_name_states_both(tmp_path: Path) -> None:
    found = await facts(tmp_path, Host(name="acme/shop"))
    assert _renamed(found) == {"github.com/acme/shop": ("github.com/o/r",)}
    (one,) = (one for one in found if isinstance(one, Repository))
    assert [claim.value for claim in one.outputs] == ["github.com/acme/shop", "github.com/o/r"]


async def test_one_that_was_not_renamed_states_nothing(tmp_path: Path) -> None:
    assert _renamed(await facts(tmp_path, Host(name="O/R"))) == {}


async def test_a_name_that_others_state_is_asked_about_once(tmp_path: Path) -> None:
    github = Host(leads={"old/shop": "o/r", "other/lib": "other/lib"})
    github.commits[LIVE] = described(LIVE)
    enrich = _stated_elsewhere(
        "github.com/old/shop", "github.com/other/lib", "github.com/gone/x", "git.corp/old/shop"
    )
    found = await facts(tmp_path, github, rounds=30, before=enrich)
    assert _renamed(found) == {"github.com/o/r": ("github.com/old/shop",)}
    asked = [text for text in github.queries if '"old"' in text]
    assert len(asked) == 1
    assert '"gone"' in asked[0]
    assert "corp" not in "".join(github.queries)
    assert LIVE in {one.sha for one in found if isinstance(one, Commit)}


async def test_where_no_name_is_to_be_seen_all_else_is_told(tmp_path: Path) -> None:
    found = await facts(tmp_path, Host(), before=_stated_elsewhere("github.com/gone/x"))
    assert _renamed(found) == {}
    assert HEAD in {one.sha for one in found if isinstance(one, Commit)}


# --- reverts and cherry-picks --------------------------------------------------------------------

REVERT = "5" * 40


def _commit(message: str) -> GitHubQueryCommit:
    return GitHubQueryCommit(oid=REVERT, message=message)


@pytest.mark.parametrize(
    "message",
    [
        f'Revert "Mend it"\n\nThis reverts commit {LIVE}.',
        f'Reapply "Mend it"\r\n\r\nThis reverts commit {LIVE.upper()}.\r\n',
        f"Revert a merge\n\nThis reverts commit {LIVE}, reversing\nchanges made to {STAGED}.",
        f"Mend it\n\n(cherry picked from commit {LIVE})",
        f"Mend it\n\nSigned-off-by: A <a@b.c>\n(cherry picked from commit {LIVE})\r\n",
    ],
)
def test_a_message_says_what_it_reverts_or_picks(message: str) -> None:
    assert says_something(_commit(message))


@pytest.mark.parametrize(
    "message",
    [
        "",
        f"This reverts commit {LIVE[:12]}.",
        f"This reverts commit {LIVE}0.",
        f"Unlike others, This reverts commit {LIVE}.",
        f"> This reverts commit {LIVE}.",
        f"(cherry picked from commit {LIVE[:7]})",
        f"see (cherry picked from commit {LIVE})",
        "Reverts o/r#12",
    ],
)
def test_what_is_only_like_it_says_nothing(message: str) -> None:
    assert not says_something(_commit(message))


async def test_a_revert_on_the_default_branch_is_told_and_compared_with_what_runs(
    tmp_path: Path,
) -> None:
    revert = described(REVERT, f'Revert "Mend it"\n\nThis reverts commit {STAGED}.')
    history = {"nodes": [described(HEAD), revert, described(LIVE)]}
    github = Host(head=described(HEAD, history=history))
    github.compares(2)
    github.compares(1, base=LIVE, head=REVERT)
    found = latest(await changes(tmp_path, github))
    told = [one for one in found if isinstance(one, Commit) and one.reverts]
    assert [(one.sha, one.reverts) for one in told] == [(REVERT, (STAGED,))]
    pairs = {(one.base, one.head) for one in found if isinstance(one, CommitComparison)}
    assert pairs == {(LIVE, HEAD), (LIVE, REVERT)}
