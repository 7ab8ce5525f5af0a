"""Facts about commits, pull requests and artifacts: what joins are made with. None has a table."""

from typing import Final

from opsboard.kinds.declaration import BoardKind
from opsboard.kinds.names import within, without_host
from opsboard.records import (
    Artifact,
    Claim,
    Commit,
    CommitComparison,
    Identity,
    Kind,
    PullRequest,
    Ref,
    Repository,
)
from opsboard.records.commits import short_sha

REPOSITORY: Final = BoardKind(
    Kind.REPOSITORY,
    Repository,
    title="Repositories",
    pane=None,
    facts=True,
    identities=("repository",),
    represents=("repository",),
    qualified_name=lambda one: without_host(one.repository),
)

COMMIT: Final = BoardKind(
    Kind.COMMIT,
    Commit,
    title="Commits",
    pane=None,
    facts=True,
    identities=("commit",),
    represents=("commit",),
    qualified_name=lambda commit: within(without_host(commit.repository), short_sha(commit.sha)),
)

PULL_REQUEST: Final = BoardKind(
    Kind.PULL_REQUEST,
    PullRequest,
    title="Pull requests",
    pane=None,
    facts=True,
    identities=("pull-request", "commit"),
    represents=("pull-request",),
    qualified_name=lambda pull: within(without_host(pull.repository), f"#{pull.number}"),
)


def pull_request_ref(source: str, pull: Claim | Identity) -> Ref:
    """Return what the page of *pull*, which a record of *source* states, is asked for by.

    The board may have no such record: only what was merged is a fact for the joins.
    """
    return Ref(source, Kind.PULL_REQUEST, f"{pull.scope}#{pull.value}")


COMMIT_COMPARISON: Final = BoardKind(
    Kind.COMMIT_COMPARISON,
    CommitComparison,
    title="Commit comparisons",
    pane=None,
    facts=True,
    qualified_name=lambda one: within(one.repository, one.name),
)

ARTIFACT: Final = BoardKind(
    Kind.ARTIFACT,
    Artifact,
    title="Artifacts",
    pane=None,
    facts=True,
    identities=("image", "commit", "run"),
    qualified_name=lambda artifact: artifact.digest,
)
