"""Poll the deployments of one repository: the latest one to each environment.

https://docs.github.com/en/rest/deployments/deployments
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import httpx

from opsboard.adapter import Change, NotFound, SourceError
from opsboard.records import Deployment, Status
from opsboard_adapters.github.api import GitHubApi, Params, next_page
from opsboard_adapters.github.models import (
    GitHubDeployment,
    GitHubDeploymentStatus,
    GitHubEnvironment,
    GitHubPage,
    name_of_deployment,
    name_of_environment,
)
from opsboard_adapters.github.status_map import SETTLED, status_of
from opsboard_adapters.github.translate import GitHubTranslator
from opsboard_adapters.http.decoding import decode, decode_array, decode_each, decode_page
from opsboard_adapters.listing.completeness import ScopeDiff
from opsboard_adapters.listing.partial import collecting_errors

DEPLOYMENTS_PAGE: Final = 50
"""Deployments of a repository that are listed, the latest first."""
ENVIRONMENTS: Final = 20
"""Environments of a repository that are shown, the last deployed to first."""
RESCAN_EVERY: Final = timedelta(minutes=30)
"""How often environments are looked for that the first page does not show."""
ACTIVE_FOR: Final = timedelta(hours=1)
"""A deployment in progress that has not changed for so long is not waited for any more."""


@dataclass(slots=True)
class _Latest:
    """The latest deployment to an environment, with its latest status and that status's ETag."""

    deployed: GitHubDeployment
    status: GitHubDeploymentStatus | None = None
    etag: str = ""
    asked: bool = False
    failed: bool = False

    @property
    def shown(self) -> GitHubDeploymentStatus | None:
        """The status to show. One that could not be read is not mistaken for "pending"."""
        return UNREADABLE_STATUS if self.failed and self.status is None else self.status

    @property
    def settled(self) -> bool:
        return self.asked and self.status is not None and self.status.state in SETTLED


UNREADABLE_STATUS: Final = GitHubDeploymentStatus(
    state="unknown", description="its status cannot be read"
)


class DeploymentsPoller:
    """Polls the latest deployments of *repository*. A final status is not requested again."""

    def __init__(self, repository: str, api: GitHubApi, translator: GitHubTranslator) -> None:
        self.repository = repository
        self.scope = f"deployments:{repository}"
        self.active = False
        self._api = api
        self._translator = translator
        self._path = f"repos/{repository}/deployments"
        self._etag = ""
        self._latest: dict[str, _Latest] = {}
        self._older: dict[str, GitHubDeployment] = {}
        self._older_at: datetime | None = None
        self._diff = ScopeDiff(self.scope)
        self._completeness = self._diff.completeness

    def report_again(self) -> None:
        """Report everything at the next poll."""
        self._diff.report_again()

    async def poll(self) -> Sequence[Change]:
        """Request the first page, and the statuses that are not final; return what has changed.

        What was incomplete last time is read again, changed or not.
        """
        etag = "" if self._completeness.incomplete else self._etag
        page = await self._api.get(self._path, {"per_page": DEPLOYMENTS_PAGE}, etag=etag)
        changed = page.status_code == 200
        if changed:
            self._take(await self._latest_of(page))
        changed |= await self._read_statuses()
        self._etag = page.headers.get("ETag", "") if page.status_code == 200 else self._etag
        self._set_active()
        if not changed:
            return self._diff.unchanged()
        return self._diff.replace(
            await self._completeness.build_records(self._record, self._latest.values(), _name_of)
        )

    def _record(self, one: _Latest) -> Deployment:
        return self._translator.deployment(self.repository, one.deployed, one.shown)

    async def _latest_of(self, page: httpx.Response) -> Mapping[str, GitHubDeployment]:
        found: dict[str, GitHubDeployment] = {}
        self._completeness.skipped.reset()
        for deployed in await self._read(page):
            found.setdefault(deployed.environment, deployed)
        if next_page(page, {"per_page": DEPLOYMENTS_PAGE}):
            await self._find_other_environments(found)
            for environment, deployed in self._older.items():
                found.setdefault(environment, deployed)
        else:
            self._completeness.set_errors("older deployments", [])
        return dict(list(found.items())[:ENVIRONMENTS])

    async def _read(self, page: httpx.Response) -> list[GitHubDeployment]:
        items = await decode_array(page)
        return await decode_each(
            items, GitHubDeployment, self._completeness.skipped, name_of_deployment
        )

    async def _find_other_environments(self, found: Mapping[str, GitHubDeployment]) -> None:
        """Find the latest deployment to environments that the first page does not show.

        If one of them cannot be read, the others still are.
        """
        now = self._api.now()
        if self._older_at is not None and now - self._older_at < RESCAN_EVERY:
            return
        errors: list[SourceError] = []
        with collecting_errors(errors):
            for environment in await self._environments():
                if environment not in found and len(found) + len(self._older) < ENVIRONMENTS:
                    with collecting_errors(errors):
                        await self._find_older(environment)
        self._completeness.set_errors("older deployments", errors)
        self._older_at = None if errors else now

    async def _find_older(self, environment: str) -> None:
        only: Params = {"environment": environment, "per_page": 1}
        for deployed in (await self._read(await self._api.get_cached(self._path, only)))[:1]:
            self._older[environment] = deployed

    async def _environments(self) -> list[str]:
        try:
            answer = await self._api.get_cached(f"repos/{self.repository}/environments")
        except NotFound:
            return []
        _, items = await decode_page(answer, GitHubPage, "environments")
        skips = self._completeness.skipped
        found = await decode_each(items, GitHubEnvironment, skips, name_of_environment)
        return [one.name for one in found]

    def _take(self, latest: Mapping[str, GitHubDeployment]) -> None:
        kept: dict[str, _Latest] = {}
        for environment, deployed in latest.items():
            known = self._latest.get(environment)
            same = known is not None and known.deployed == deployed
            kept[environment] = known if known and same else _Latest(deployed)
        self._latest = kept

    async def _read_statuses(self) -> bool:
        """Read the statuses that are not final; return whether anything has changed.

        Where one cannot be read, the last known status stays.
        """
        changed = False
        errors: list[SourceError] = []
        for one in self._latest.values():
            if one.settled:
                continue
            before = one.failed
            one.failed = True
            with collecting_errors(errors):
                changed |= await self._read_status(one)
                one.failed = False
            changed |= before != one.failed
        self._completeness.set_errors("statuses", errors)
        return changed

    async def _read_status(self, one: _Latest) -> bool:
        """Read the latest status of *one*; return whether it has changed."""
        answer = await self._api.get(
            f"{self._path}/{one.deployed.id}/statuses", {"per_page": 1}, etag=one.etag
        )
        one.asked = True
        if answer.status_code == 304:
            return False
        what = f"status of deployment {one.deployed.id}"
        statuses = [
            decode(item, GitHubDeploymentStatus, what) for item in await decode_array(answer)
        ]
        one.status = statuses[0] if statuses else None
        one.etag = answer.headers.get("ETag", "")
        return True

    def _set_active(self) -> None:
        since = self._api.now() - ACTIVE_FOR
        self.active = any(_is_moving(one, since) for one in self._latest.values())


def _is_moving(one: _Latest, since: datetime) -> bool:
    if one.status is None or status_of(one.status.state) is not Status.RUNNING:
        return False
    return one.status.created_at is None or one.status.created_at > since


def _name_of(one: _Latest) -> str:
    return f"deployment {one.deployed.id}"
