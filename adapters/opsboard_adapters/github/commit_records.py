"""Commits, pull requests and comparisons as records of the board, with what they state."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from opsboard.records import (
    AnyRecord,
    Claim,
    Commit,
    CommitComparison,
    PullRequest,
    PullRequestState,
    Status,
)
from opsboard.records.claims import Strength, stated
from opsboard.records.commits import short_sha
from opsboard.records.identity import commit, pull_request, repository
from opsboard_adapters.github.claims import RepositoryHost
from opsboard_adapters.github.comparisons import CommitPair, ComparisonResult
from opsboard_adapters.github.repository_query import (
    GitHubQueryCommit,
    GitHubQueryPullRequest,
    RepositoryFacts,
)
from opsboard_adapters.github.translate import web_url

_FULL: Final = r"(?P<sha>[0-9a-f]{40}|[0-9a-f]{64})(?![0-9a-f])"
_REVERTS: Final = re.compile(rf"^This reverts commit {_FULL}", re.IGNORECASE | re.MULTILINE)
_PICKED: Final = re.compile(
    rf"^\(cherry picked from commit {_FULL}\)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE
)
_MOST_NAMED: Final = 20
_TRAILER: Final = re.compile(
    r"^Argocd-reference-commit-(?P<key>sha|repourl):[ \t]*(?P<value>\S+)[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class CommitTranslator:
    """Makes the records of one source, of repositories on one *host*."""

    source: str
    host: RepositoryHost

    def commits(self, facts: RepositoryFacts) -> Iterator[AnyRecord]:
        """Yield the commits of *facts*, and the pull requests that they came by."""
        where = self.host.of(facts.name)
        pulls: dict[int, GitHubQueryPullRequest] = {}
        for sha, one in facts.commits.items():
            branch = facts.default_branch if sha == facts.head else ""
            yield self._commit(where, one, branch)
            nodes = one.associatedPullRequests.nodes if one.associatedPullRequests else None
            pulls |= {pull.number: pull for pull in nodes or () if _leads_into(pull, facts.name)}
        yield from (self._pull_request(where, pull) for pull in pulls.values())

    def _commit(self, where: str, one: GitHubQueryCommit, branch: str) -> Commit:
        title = one.message.partition("\n")[0]
        return Commit(
            source=self.source,
            id=f"{repository(where)}@{one.oid}",
            name=title or short_sha(one.oid),
            status=Status.OK,
            created_at=one.committedDate,
            url=web_url(one.url),
            repository=repository(where),
            sha=one.oid,
            author=one.author_name,
            branch=branch,
            committed_at=one.committedDate,
            reverts=shas_in(_REVERTS, one.message),
            picked_from=shas_in(_PICKED, one.message),
            inputs=trailer_claims(one.message),
            outputs=stated(commit(where, one.oid, "GitHub commit")),
        )

    def _pull_request(self, where: str, pull: GitHubQueryPullRequest) -> PullRequest:
        merged = pull.state == "MERGED"
        merge_commit = pull.mergeCommit.oid if merged and pull.mergeCommit else ""
        states = {"MERGED": PullRequestState.MERGED, "OPEN": PullRequestState.OPEN}
        return PullRequest(
            source=self.source,
            id=f"{repository(where)}#{pull.number}",
            name=pull.title or f"#{pull.number}",
            status=Status.OK,
            created_at=pull.mergedAt,
            url=web_url(pull.url),
            repository=repository(where),
            number=pull.number,
            state=states.get(pull.state, PullRequestState.CLOSED),
            author=pull.author.login if pull.author else "",
            head=pull.headRefOid or "",
            merge_commit=merge_commit,
            merged_at=pull.mergedAt if merged else None,
            inputs=stated(commit(where, pull.headRefOid or "", "GitHub pull request: head")),
            outputs=stated(
                pull_request(where, pull.number, "GitHub pull request"),
                commit(where, merge_commit, "GitHub pull request: merge_commit_sha"),
            ),
        )

    def comparison(
        self, facts: RepositoryFacts, pair: CommitPair, result: ComparisonResult
    ) -> CommitComparison:
        """Return the record of what was found out about *pair*."""
        where = repository(self.host.of(facts.name))
        return CommitComparison(
            source=self.source,
            id=f"{where}@{pair.base}...{pair.head}",
            name=f"{short_sha(pair.base)}...{short_sha(pair.head)}",
            status=Status.OK,
            repository=where,
            base=pair.base,
            head=pair.head,
            state=result.state,
            ahead=result.ahead,
            behind=result.behind,
        )


def _leads_into(pull: GitHubQueryPullRequest, name: str) -> bool:
    """Tell whether *pull* is one of the repository *name*: forks have their own."""
    base = pull.baseRepository
    return base is not None and base.nameWithOwner.casefold() == name.casefold()


def says_something(one: GitHubQueryCommit) -> bool:
    """Tell whether the message of *one* says that it reverts another, or is a pick of it."""
    return bool(_REVERTS.search(one.message) or _PICKED.search(one.message))


def shas_in(pattern: re.Pattern[str], message: str) -> tuple[str, ...]:
    """Return the SHAs in *message* that *pattern* finds: in full, for a short one is none.

    As ``git revert`` and ``git cherry-pick -x`` write them, each at the beginning of a line.
    """
    found = dict.fromkeys(match["sha"].lower() for match in pattern.finditer(message))
    return tuple(found)[:_MOST_NAMED]


def trailer_claims(message: str) -> tuple[Claim, ...]:
    """Return the code commit that the trailers of a config commit name, as Argo CD writes them.

    Trailers are the last paragraph (git-interpret-trailers). Whoever commits may write anything, so
    that it is a label.
    """
    last = message.strip().replace("\r\n", "\n").rpartition("\n\n")[2]
    found = {match["key"].lower(): match["value"] for match in _TRAILER.finditer(last)}
    rule = "trailer Argocd-reference-commit-sha"
    return stated(commit(found.get("repourl", ""), found.get("sha", ""), rule, Strength.LABEL))
