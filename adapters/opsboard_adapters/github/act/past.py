"""What has been deployed to an environment, and what of it went well."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from opsboard.adapter import NotFound, Request
from opsboard_adapters.github.act.places import run_of
from opsboard_adapters.github.act.site import Site
from opsboard_adapters.github.act.wording import short
from opsboard_adapters.github.api import Params
from opsboard_adapters.github.shapes import Deployed, DeploymentStatus
from opsboard_adapters.github.translate import split_id

_NOT_BEGUN: Final = frozenset({"pending", "queued", "waiting"})
DEPTH: Final = 12
"""Deployments of an environment that are looked at."""


@dataclass(frozen=True, slots=True)
class Past:
    """A deployment, how it went, and the run that made it, where that is known."""

    deployed: Deployed
    statuses: Sequence[DeploymentStatus]

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
    def words(self) -> str:
        return f"{short(self.deployed.sha)}, deployment {self.deployed.id}, {self.state}"


@dataclass(frozen=True, slots=True)
class History:
    """The deployments to an environment: what is *coming*, what is there, and what was before.

    All of them the latest first.
    """

    coming: Sequence[Past]
    current: Past
    before: Sequence[Past] = ()

    @property
    def good(self) -> Sequence[Past]:
        """Those before that can be brought back."""
        return [one for one in self.before if not one.refusal]

    def refusal(self, number: str) -> str:
        """Return why the deployment of this *number* cannot be brought back; ``""`` if it can."""
        if number == str(self.current.deployed.id):
            return f"deployment {number} is what is there now"
        if any(number == str(one.deployed.id) for one in self.coming):
            return f"deployment {number} has not begun yet: approve it instead"
        known = (one.refusal for one in self.before if number == str(one.deployed.id))
        return next(known, f"there is no deployment {number} among the last {DEPTH}")

    @property
    def all(self) -> Sequence[Past]:
        """What is coming, and what is there."""
        return (*self.coming, self.current)

    @property
    def latest(self) -> str:
        """The number of the latest deployment, begun or not."""
        return str(self.all[0].deployed.id)


async def history_of(site: Site, request: Request) -> History:
    """Return the deployments to the environment of *request*. Raises :exc:`NotFound`."""
    repository, environment = split_id(request.ref.id)
    params: Params = {"environment": environment, "per_page": DEPTH}
    found = await site.deployments(repository, params)
    if not found:
        raise NotFound(f"{repository} has no deployment to {environment} any more")
    told = await asyncio.gather(*(site.statuses(repository, one.id) for one in found))
    past = [Past(one, said) for one, said in zip(found, told, strict=True)]
    at = next((place for place, one in enumerate(past) if one.has_begun), 0)
    return History(past[:at], past[at], past[at + 1 :])
