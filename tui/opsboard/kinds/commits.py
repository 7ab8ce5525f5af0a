"""Facts about commits, pull requests and artifacts: what joins are made with. None has a table."""

from typing import Final

from opsboard.kinds.declaration import RecordKind
from opsboard.kinds.names import within, without_host
from opsboard.records import Artifact, Commit, CommitComparison, Kind, PullRequest

COMMIT: Final = RecordKind(
    Kind.COMMIT,
    Commit,
    title="Commits",
    pane=None,
    identities=("commit",),
    represents=("commit",),
    qualified_name=lambda commit: within(without_host(commit.repository), commit.sha[:7]),
)

PULL_REQUEST: Final = RecordKind(
    Kind.PULL_REQUEST,
    PullRequest,
    title="Pull requests",
    pane=None,
    identities=("pull-request", "commit"),
    represents=("pull-request",),
    qualified_name=lambda pull: within(without_host(pull.repository), f"#{pull.number}"),
)

COMMIT_COMPARISON: Final = RecordKind(
    Kind.COMMIT_COMPARISON,
    CommitComparison,
    title="Commit comparisons",
    pane=None,
    qualified_name=lambda one: within(one.repository, one.name),
)

ARTIFACT: Final = RecordKind(
    Kind.ARTIFACT,
    Artifact,
    title="Artifacts",
    pane=None,
    identities=("image", "commit", "run"),
    qualified_name=lambda artifact: artifact.digest,
)
