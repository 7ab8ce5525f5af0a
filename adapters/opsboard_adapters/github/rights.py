"""What a token needs, to read and for the actions.

Sources: *Scopes for OAuth apps* and *Permissions required for fine-grained personal access tokens*
in the documentation of GitHub.
"""

from typing import Final

from opsboard.adapter.rights import Right, RightLevel

_ACT: Final = RightLevel.ACT
_BLOCKED: Final = "the plan is blocked, and says what to ask for"

CLASSIC_SCOPES: Final = (
    Right("`repo`, or `public_repo` for public ones", "all panes, and all actions", "no rows"),
    Right("`read:org`", "`organisations`: which repositories there are", "name the repositories"),
)
APP_RIGHTS: Final = (
    Right("Actions: read", "runs, jobs, logs", "no builds"),
    Right(
        "Checks: read",
        "annotations: their places in logs and details; checks of a pull request",
        "logs without places, pull requests without checks",
    ),
    Right("Commit statuses: read", "what else checks a pull request", "only GitHub's own checks"),
    Right(
        "Deployments, Environments: read",
        "deployments and their statuses",
        "no deployments (`deployments = false` asks for none)",
    ),
    Right(
        "Contents, Metadata: read",
        "default branches, commits, what contains what",
        "it is not known which commits wait (`commits = false` asks for none)",
    ),
    Right(
        "Pull requests: read",
        "which commit a pull request was merged as; its page",
        "a squashed commit is not joined with the one that was reviewed, and has no page",
    ),
    Right(
        "Attestations: read",
        "provenance of the images in use",
        "images are joined by their labels alone",
    ),
    Right(
        "Artifact metadata (organisation): read",
        "where images are recorded as deployed",
        "nothing is lost that a cluster tells",
    ),
    Right(
        "Actions: write",
        "`rerun`, `rerun-failed`, `cancel`, `dispatch`, `retrain`, `rollback` by a workflow",
        _BLOCKED,
        _ACT,
    ),
    Right(
        "Deployments: write, and to be a reviewer of the environment",
        "`approve`, `reject`",
        _BLOCKED,
        _ACT,
    ),
)
