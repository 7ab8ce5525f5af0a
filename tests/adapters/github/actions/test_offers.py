"""When an action makes no sense, and whether it is permitted, told before it is tried."""

import pytest

from opsboard.adapter import Permission
from opsboard.records import Build, Deployment
from opsboard_adapters.github import GitHub, GitHubSettings
from opsboard_adapters.github.actions.base import repository_findings, write_permission
from opsboard_adapters.github.models import GitHubFullRepository, GitHubPermissions
from opsboard_adapters.github.reader import RepositoryAccess
from tests.adapters.github.support import NOW

SETTINGS = GitHubSettings(repositories=("o/r",))
OFFERS = {offer.id: offer for offer in GitHub.actions}


def _build(state: str, *, ended: bool) -> Build:
    return Build(
        source="github", id="o/r/7", name="ci #7", repository="o/r", workflow="ci", number=7,
        state=state, finished_at=NOW if ended else None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("action", "state", "ended", "why"),
    [
        ("rerun", "success", True, ""),
        ("rerun", "in_progress", False, "it has not ended yet"),
        ("rerun-failed", "failure", True, ""),
        ("rerun-failed", "success", True, "none of its jobs failed"),
        ("rerun-failed", "queued", False, "it has not ended yet"),
        ("cancel", "in_progress", False, ""),
        ("cancel", "cancelled", True, "it has ended"),
        ("approve", "waiting", False, ""),
        ("approve", "in_progress", False, "nothing in it waits for approval"),
        ("reject", "success", True, "nothing in it waits for approval"),
        ("dispatch", "success", True, ""),
    ],
)
def test_of_a_build(action: str, state: str, ended: bool, why: str) -> None:
    assert GitHub.disabled_reason(OFFERS[action], _build(state, ended=ended), SETTINGS) == why


@pytest.mark.parametrize(
    ("action", "reason", "why"),
    [
        ("rollback", "", ""),
        ("approve", "waiting for approval", ""),
        ("approve", "pending", ""),
        ("reject", "", "it does not wait for approval"),
        ("approve", "failure", "it does not wait for approval"),
    ],
)
def test_of_a_deployment(action: str, reason: str, why: str) -> None:
    one = Deployment(source="github", id="o/r/staging", name="r", workload="GitHub", reason=reason)
    assert one.kind in OFFERS[action].kinds
    assert GitHub.disabled_reason(OFFERS[action], one, SETTINGS) == why


def _standing(*scopes: str, told: bool = True, push: bool | None = True) -> RepositoryAccess:
    may = None if push is None else GitHubPermissions(push=push)
    return RepositoryAccess(
        GitHubFullRepository(full_name="o/r", permissions=may), frozenset(scopes) if told else None
    )


@pytest.mark.parametrize(
    ("standing", "allowed", "why"),
    [
        (_standing("repo", "workflow"), Permission.ALLOWED, "may write o/r"),
        (_standing("public_repo"), Permission.ALLOWED, "may write o/r"),
        (_standing("repo", push=False), Permission.DENIED, "may only read o/r"),
        (_standing("gist", "read:org"), Permission.DENIED, "needs the scope repo, and has gist"),
        (_standing(), Permission.DENIED, "has none"),
        (_standing(told=False), Permission.UNKNOWN, "fine-grained token"),
        (_standing(told=False, push=False), Permission.DENIED, "may only read"),
        (_standing("repo", push=None), Permission.UNKNOWN, "does not say"),
    ],
)
def test_permission(standing: RepositoryAccess, allowed: Permission, why: str) -> None:
    found, said = write_permission(standing, authenticated=True)
    assert found is allowed
    assert why in said


def test_an_archive_does_nothing() -> None:
    standing = RepositoryAccess(GitHubFullRepository(full_name="o/r", archived=True), None)
    assert [one.text for one in repository_findings(standing)] == [
        "o/r is archived: nothing runs there any more"
    ]
