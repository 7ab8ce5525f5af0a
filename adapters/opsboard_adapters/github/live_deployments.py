"""Which deployment to an environment is live: the last one to have succeeded, if it still counts.

The latest deployment is not always it: it may wait for a review, go on, or have failed. And the
last success is not always live: an ``inactive`` deployment was superseded, or taken down, after it
had succeeded; it has not failed. Where an older deployment succeeds once more, that one is live.

Statuses that are final are read once, and again only when the deployment has changed since.

https://docs.github.com/en/rest/deployments/statuses
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from opsboard_adapters.github.api import GitHubApi
from opsboard_adapters.github.models import GitHubDeployment, GitHubDeploymentStatus
from opsboard_adapters.github.status_map import SETTLED
from opsboard_adapters.http.decoding import decode, decode_array

STATUSES: Final = 10
"""Statuses of a deployment that are read, the latest first, with one request."""
LOOK_BACK: Final = 5
"""Deployments before the latest one that are looked at to find the live one."""
SUCCESS: Final = "success"


@dataclass(frozen=True, slots=True)
class LiveDeployment:
    """A deployment that is live, with its *statuses*, and *since* when."""

    deployed: GitHubDeployment
    statuses: Sequence[GitHubDeploymentStatus]
    since: datetime | None


@dataclass(slots=True)
class DeploymentStatuses:
    """The statuses of one deployment, the latest first, as they were last read."""

    deployed: GitHubDeployment
    statuses: Sequence[GitHubDeploymentStatus] = ()
    etag: str = ""
    asked: bool = False
    failed: bool = False

    @property
    def latest(self) -> GitHubDeploymentStatus | None:
        return self.statuses[0] if self.statuses else None

    @property
    def settled(self) -> bool:
        """Whether the latest status lasts until the next deployment."""
        return self.asked and self.latest is not None and self.latest.state in SETTLED

    @property
    def succeeded_at(self) -> datetime | None:
        """When it last became a success: the first of the last statuses in a row that say so."""
        at: datetime | None = None
        for status in self.statuses:
            if status.state == SUCCESS:
                at = status.created_at
            elif at is not None:
                break
        return at

    async def read(self, api: GitHubApi, path: str) -> bool:
        """Read the statuses below *path*; return whether they have changed."""
        answer = await api.get(
            f"{path}/{self.deployed.id}/statuses", {"per_page": STATUSES}, etag=self.etag
        )
        self.asked = True
        if answer.status_code == 304:
            return False
        what = f"status of deployment {self.deployed.id}"
        items = await decode_array(answer)
        self.statuses = tuple(decode(item, GitHubDeploymentStatus, what) for item in items)
        self.etag = answer.headers.get("ETag", "")
        return True


class LiveFinder:
    """Finds the live deployment to each environment of one repository."""

    def __init__(self, api: GitHubApi, path: str) -> None:
        self._api = api
        self._path = path
        self._older: dict[int, DeploymentStatuses] = {}

    @property
    def read(self) -> Sequence[DeploymentStatuses]:
        """The older deployments whose statuses were read."""
        return tuple(self._older.values())

    async def find(
        self, latest: DeploymentStatuses, before: Sequence[GitHubDeployment]
    ) -> LiveDeployment | None:
        """Return what is live of *latest* and those *before* it, to the same environment.

        ``None`` where none has succeeded, as far as is looked, and where the last one that did has
        been taken down since.
        """
        best = latest if latest.succeeded_at is not None else None
        for deployed in before[:LOOK_BACK]:
            if best is not None and not _changed_after(deployed, best.deployed):
                continue  # what was a success before that one is not live any more
            found = await self._statuses(deployed)
            if found.succeeded_at is not None and _is_later(found, best):
                best = found
        if best is None or best.latest is None or best.latest.state != SUCCESS:
            return None
        return LiveDeployment(best.deployed, best.statuses, best.succeeded_at)

    async def _statuses(self, deployed: GitHubDeployment) -> DeploymentStatuses:
        known = self._older.get(deployed.id)
        if known is None or known.deployed != deployed:
            known = self._older[deployed.id] = DeploymentStatuses(deployed)
        if not known.settled:
            await known.read(self._api, self._path)
        return known

    def forget(self, kept: frozenset[int]) -> None:
        """Forget all deployments but those with the ids *kept*."""
        self._older = {number: one for number, one in self._older.items() if number in kept}


def _changed_after(one: GitHubDeployment, other: GitHubDeployment) -> bool:
    return (
        one.updated_at is not None
        and other.updated_at is not None
        and one.updated_at > other.updated_at
    )


def _is_later(one: DeploymentStatuses, other: DeploymentStatuses | None) -> bool:
    if other is None or other.succeeded_at is None:
        return True
    return one.succeeded_at is not None and one.succeeded_at > other.succeeded_at
