"""What has been deployed to an environment, and what of it went well."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from opsboard.adapter import NotFound, Request
from opsboard_adapters.github.actions.context import GitHubContext
from opsboard_adapters.github.actions.deploy_targets import run_of
from opsboard_adapters.github.actions.format import short
from opsboard_adapters.github.api import Params
from opsboard_adapters.github.models import GitHubDeployment, GitHubDeploymentStatus
from opsboard_adapters.github.translate import split_id

_NOT_BEGUN: Final = frozenset({"pending", "queued", "waiting"})
DEPTH: Final = 12
"""Deployments of an environment that are looked at."""


@dataclass(frozen=True, slots=True)
class PastDeployment:
    """A deployment, how it went, and the run that made it, where that is known."""

    deployed: GitHubDeployment
    statuses: Sequence[GitHubDeploymentStatus]

    @property
    def state(self) -> str:
        return self.statuses[0].state if self.statuses else "pending"

    @property
    def has_begun(self) -> bool:
        """Whether it has changed anything: one that waits for approval has not."""
        return self.state not in _NOT_BEGUN

    @property
    def went_well(self) -> bool:
        """Whether it was a success once: a later deployment makes it ``inactive``."""
        return any(status.state == "success" for status in self.statuses)

    @property
    def run(self) -> int | None:
        return run_of(self.statuses)

    @property
    def refusal(self) -> str:
        """Why it is none to go back to, or ``""``."""
        if not self.went_well:
            return f"deployment {self.deployed.id} did not go well: {self.state}"
        return "" if self.run else f"deployment {self.deployed.id} names no run to be run again"

    @property
    def summary(self) -> str:
        return f"{short(self.deployed.sha)}, deployment {self.deployed.id}, {self.state}"


@dataclass(frozen=True, slots=True)
class DeploymentHistory:
    """The deployments to an environment: what is *coming*, what is there, and what was before.

    All of them the latest first.
    """

    pending: Sequence[PastDeployment]
    current: PastDeployment
    before: Sequence[PastDeployment] = ()

    @property
    def candidates(self) -> Sequence[PastDeployment]:
        """Those before that can be brought back."""
        return [one for one in self.before if not one.refusal]

    def refusal(self, number: str) -> str:
        """Return why the deployment of this *number* cannot be brought back; ``""`` if it can."""
        if number == str(self.current.deployed.id):
            return f"deployment {number} is what is there now"
        if any(number == str(one.deployed.id) for one in self.pending):
            return f"deployment {number} has not begun yet: approve it instead"
        known = (one.refusal for one in self.before if number == str(one.deployed.id))
        return next(known, f"there is no deployment {number} among the last {DEPTH}")

    @property
    def all(self) -> Sequence[PastDeployment]:
        """What is coming, and what is there."""
        return (*self.pending, self.current)

    @property
    def latest(self) -> str:
        """The number of the latest deployment, begun or not."""
        return str(self.all[0].deployed.id)


async def history_of(site: GitHubContext, request: Request) -> DeploymentHistory:
    """Return the deployments to the environment of *request*. Raises :exc:`NotFound`."""
    repository, environment = split_id(request.ref.id)
    params: Params = {"environment": environment, "per_page": DEPTH}
    found = await site.reader.deployments(repository, params)
    if not found:
        raise NotFound(f"{repository} has no deployment to {environment} any more")
    told = await asyncio.gather(*(site.reader.statuses(repository, one.id) for one in found))
    past = [PastDeployment(one, said) for one, said in zip(found, told, strict=True)]
    at = next((place for place, one in enumerate(past) if one.has_begun), 0)
    return DeploymentHistory(past[:at], past[at], past[at + 1 :])
