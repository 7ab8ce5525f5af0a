"""What GitHub remembers of earlier times: when runs began and ended, and what was deployed when.

It is told with the times of GitHub, once for each list that is read, and for no more than it says:
of a deployment whose statuses were not read, only that it was created.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from opsboard.adapter import Past, PastRecord
from opsboard.records import Build
from opsboard_adapters.github.live_deployments import (
    SUCCESS,
    DeploymentStatuses,
    LiveDeployment,
)
from opsboard_adapters.github.models import GitHubDeployment, GitHubDeploymentStatus
from opsboard_adapters.github.status_map import reason_of, status_of
from opsboard_adapters.github.translate import GitHubTranslator

BEGAN: Final = "GitHub run: run_started_at"
ENDED: Final = "GitHub run: updated_at"
CREATED: Final = "GitHub deployment: created; its outcome was not read"
STATUS: Final = "GitHub deployment status"

_NOT_READ: Final = GitHubDeploymentStatus(state="unknown", description="its outcome was not read")


def past_of_builds(scope: str, builds: Iterable[Build]) -> Past:
    """Return when the latest attempt of each of *builds* began, and when it ended."""
    return Past(scope, [past for build in builds for past in _of_build(build)])


def _of_build(build: Build) -> Iterator[PastRecord]:
    if build.started_at is not None:
        begun = replace(  # it is queued then; when a runner took it up, GitHub does not say
            build,
            status=status_of("queued"),
            state="queued",
            reason=reason_of("queued"),
            message="",
            finished_at=None,
            updated_at=build.started_at,
        )
        yield PastRecord(build.ref, build.started_at, begun, BEGAN, build.actor)
    if build.finished_at is not None:
        yield PastRecord(build.ref, build.finished_at, build, ENDED)


def past_of_deployments(
    scope: str,
    translator: GitHubTranslator,
    repository: str,
    listed: Iterable[GitHubDeployment],
    read: Sequence[DeploymentStatuses],
) -> Past:
    """Return the past of the environments of a repository: of the deployments that were *listed*,
    with the statuses of those that were *read*.
    """
    found: list[PastRecord] = []
    known = {one.deployed.id for one in read if one.statuses}
    for deployed in listed:
        if deployed.id not in known and deployed.created_at is not None:
            record = translator.deployment(repository, deployed, _NOT_READ)
            made = replace(record, updated_at=deployed.created_at)
            found.append(PastRecord(record.ref, deployed.created_at, made, CREATED, record.actor))
    for one in read:
        found += _of_statuses(translator, repository, one)
    return Past(scope, found)


def _of_statuses(
    translator: GitHubTranslator, repository: str, one: DeploymentStatuses
) -> Iterator[PastRecord]:
    for at, status in enumerate(one.statuses):
        if status.created_at is None:
            continue
        live = None
        if status.state == SUCCESS:
            live = LiveDeployment(one.deployed, one.statuses[at:], status.created_at)
        record = translator.deployment(repository, one.deployed, status, live)
        who = status.creator.login if status.creator else record.actor
        yield PastRecord(record.ref, status.created_at, record, STATUS, who)
