"""What the host of a repository knows of commits: facts for the joins, without tables.

A source that knows the repository yields them. Which commit has which title, which one a pull
request was merged as, and whether one commit contains another, follows from these alone: it is
never guessed from names or times.

In all of them, *repository* is written as identities write it (``github.com/acme/shop``), and a SHA
is in full.
"""

from enum import StrEnum
from typing import Final

from opsboard.frozen import UtcDatetime, frozen
from opsboard.records.base import Kind, Record
from opsboard.text.sanitize import Text

_SHORT: Final = 7


def short_sha(sha: str | None) -> str:
    """Return *sha* as people say it, and as git and GitHub print it: its first seven digits."""
    return (sha or "")[:_SHORT]


@frozen
class Repository(Record):
    """A repository that was renamed or moved: *former* are the names that it has had.

    Only a host that was asked for a former name, and answered by the present one, can say so.
    """

    kind: Kind = Kind.REPOSITORY
    repository: Text
    former: tuple[Text, ...] = ()


@frozen
class Commit(Record):
    """A commit; *name* is the first line of its message.

    *branch* is the default branch of the repository where this commit is the head of it now, else
    empty: of all commits of a repository, at most one has it. *reverts* are the SHAs of those that
    its message says it takes back, *picked_from* of those that it is a cherry-pick of.
    """

    kind: Kind = Kind.COMMIT
    repository: Text
    sha: Text
    author: Text = ""
    branch: Text = ""
    committed_at: UtcDatetime | None = None
    reverts: tuple[Text, ...] = ()
    picked_from: tuple[Text, ...] = ()


class PullRequestState(StrEnum):
    """Whether a pull request was merged."""

    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


@frozen
class PullRequest(Record):
    """A pull request; *name* is its title.

    *head* is the last commit of its branch, *merge_commit* the one on the target branch that it was
    merged as: another one where it was squashed or rebased. It is empty unless it is merged.
    """

    kind: Kind = Kind.PULL_REQUEST
    repository: Text
    number: int
    state: PullRequestState
    author: Text = ""
    head: Text = ""
    merge_commit: Text = ""
    merged_at: UtcDatetime | None = None


class ComparisonState(StrEnum):
    """How *head* stands to *base*."""

    IDENTICAL = "identical"
    AHEAD = "ahead"
    BEHIND = "behind"
    DIVERGED = "diverged"
    UNKNOWN = "unknown"


@frozen
class CommitComparison(Record):
    """How two commits of a repository stand to each other.

    *ahead* commits are in *head* and not in *base*, *behind* are in *base* and not in *head*. Both
    are -1, and the state is ``unknown``, where the host knows one of the commits no more: after a
    force-push nobody can say what contains it.
    """

    kind: Kind = Kind.COMMIT_COMPARISON
    repository: Text
    base: Text
    head: Text
    state: ComparisonState = ComparisonState.UNKNOWN
    ahead: int = -1
    behind: int = -1

    @property
    def head_contains_base(self) -> bool:
        return self.state in {ComparisonState.AHEAD, ComparisonState.IDENTICAL}

    @property
    def base_contains_head(self) -> bool:
        return self.state in {ComparisonState.BEHIND, ComparisonState.IDENTICAL}


@frozen
class Artifact(Record):
    """What is recorded of an artifact beside its registry: where it comes from, where it runs.

    *digest* is what it is, *repository* where it was built. *predicate_type* is that of the
    attestation that says so, empty without one. *deployed_to* are the environments and clusters in
    which the host has a record of it.
    """

    kind: Kind = Kind.ARTIFACT
    digest: Text
    repository: Text = ""
    predicate_type: Text = ""
    deployed_to: tuple[Text, ...] = ()
