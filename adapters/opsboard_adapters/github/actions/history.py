"""What has been deployed to an environment, and which of it succeeded."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from opsboard.adapter import NotFound
from opsboard.adapter.actions import ReadContext
from opsboard.records import Ref
from opsboard.records.commits import short_sha
from opsboard_adapters.github.actions.base import GitHubActionClient
from opsboard_adapters.github.actions.deploy_targets import run_of
from opsboard_adapters.github.api import Params
from opsboard_adapters.github.models import GitHubDeployment, GitHubDeploymentStatus
from opsboard_adapters.github.reader import GitHubReader
from opsboard_adapters.github.translate import split_id

_NOT_BEGUN: Final = frozenset({"pending", "queued", "waiting"})
MAX_DEPLOYMENTS: Final = 12
"""Deployments of an environment that are read, the latest first."""


@dataclass(frozen=True, slots=True)
class PastDeployment:
    """A deployment, its *statuses* (the latest first), and the run that made it."""

    deployment: GitHubDeployment
    statuses: Sequence[GitHubDeploymentStatus]

    @property
    def state(self) -> str:
        return self.statuses[0].state if self.statuses else "pending"

    @property
    def has_begun(self) -> bool:
        """Whether it has changed anything: one that waits for approval has not."""
        return self.state not in _NOT_BEGUN

    @property
    def succeeded(self) -> bool:
        """Whether it was ever a success: a later deployment makes it ``inactive``."""
        return any(status.state == "success" for status in self.statuses)

    @property
    def run(self) -> int | None:
        """The id of the run that made it, if its statuses link to one."""
        return run_of(self.statuses)

    @property
    def refusal(self) -> str:
        """Why it cannot be rolled back to, or ``""``."""
        if not self.succeeded:
            return f"deployment {self.deployment.id} did not succeed: {self.state}"
        return "" if self.run else f"deployment {self.deployment.id} names no run to be run again"

    @property
    def summary(self) -> str:
        return f"{short_sha(self.deployment.sha)}, deployment {self.deployment.id}, {self.state}"


@dataclass(frozen=True, slots=True)
class DeploymentHistory:
    """The deployments to an environment, the latest first: *pending*, *current*, and *before*."""

    pending: Sequence[PastDeployment]
    current: PastDeployment
    before: Sequence[PastDeployment] = ()

    @property
    def candidates(self) -> Sequence[PastDeployment]:
        """The earlier ones that can be rolled back to."""
        return [one for one in self.before if not one.refusal]

    def refusal(self, number: str) -> str:
        """Return why deployment *number* cannot be rolled back to; ``""`` if it can."""
        if number == str(self.current.deployment.id):
            return f"deployment {number} is what is there now"
        if any(number == str(one.deployment.id) for one in self.pending):
            return f"deployment {number} has not begun yet: approve it instead"
        known = (one.refusal for one in self.before if number == str(one.deployment.id))
        missing = f"there is no deployment {number} among the last {MAX_DEPLOYMENTS}"
        return next(known, missing)

    @property
    def pending_and_current(self) -> Sequence[PastDeployment]:
        return (*self.pending, self.current)


async def deployment_history(ctx: ReadContext[GitHubActionClient], ref: Ref) -> DeploymentHistory:
    """Return the history of the environment that *ref* stands for. Raises :exc:`NotFound`."""
    repository, environment = split_id(ref.id)
    reader = ctx.client.reader
    deployments = await latest_deployments(reader, repository, environment)
    if not deployments:
        raise NotFound(f"{repository} has no deployment to {environment} any more")
    past = await with_statuses(reader, repository, deployments)
    current = next((at for at, one in enumerate(past) if one.has_begun), 0)
    return DeploymentHistory(past[:current], past[current], past[current + 1 :])


async def with_statuses(
    reader: GitHubReader, repository: str, deployments: Sequence[GitHubDeployment]
) -> Sequence[PastDeployment]:
    """Return *deployments*, each with its statuses."""
    statuses = await asyncio.gather(*(reader.statuses(repository, one.id) for one in deployments))
    return [PastDeployment(*pair) for pair in zip(deployments, statuses, strict=True)]


async def latest_deployments(
    reader: GitHubReader, repository: str, environment: str
) -> Sequence[GitHubDeployment]:
    """Return the last deployments to *environment*, the latest first."""
    params: Params = {"environment": environment, "per_page": MAX_DEPLOYMENTS}
    return await reader.deployments(repository, params)
