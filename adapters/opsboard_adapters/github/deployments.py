"""Poll the deployments of one repository: the latest one to each environment.

https://docs.github.com/en/rest/deployments/deployments
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import httpx

from opsboard.adapter import Change, NotFound, SourceError
from opsboard.records import Deployment, Status
from opsboard_adapters.github.api import GitHubApi, Params, next_page
from opsboard_adapters.github.backfill import past_of_deployments
from opsboard_adapters.github.live_deployments import (
    DeploymentStatuses,
    LiveDeployment,
    LiveFinder,
)
from opsboard_adapters.github.models import (
    GitHubDeployment,
    GitHubDeploymentStatus,
    GitHubEnvironment,
    GitHubPage,
    name_of_deployment,
    name_of_environment,
)
from opsboard_adapters.github.status_map import status_of
from opsboard_adapters.github.translate import GitHubTranslator
from opsboard_adapters.http.decoding import decode_array, decode_each, decode_page
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
        self._latest: dict[str, DeploymentStatuses] = {}
        self._before: dict[str, list[GitHubDeployment]] = {}
        self._live: dict[str, LiveDeployment | None] = {}
        self._finder = LiveFinder(api, self._path)
        self._older: dict[str, GitHubDeployment] = {}
        self._older_at: datetime | None = None
        self._backfilled = False
        self._live_errors: list[SourceError] = []
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
        changed |= await self._find_live(again=changed)
        self._etag = page.headers.get("ETag", "") if page.status_code == 200 else self._etag
        self._set_active()
        if not changed:
            return self._diff.unchanged()
        records = await self._completeness.build_records(
            self._record, self._latest.values(), _name_of
        )
        return [*self._diff.replace(records), *self._backfill()]

    def _backfill(self) -> Sequence[Change]:
        """Return what the deployments tell of earlier times, once."""
        if self._backfilled or not self._latest:
            return ()
        self._backfilled = True
        older = [one for listed in self._before.values() for one in listed]
        listed = [*(one.deployed for one in self._latest.values()), *older]
        read = [*self._latest.values(), *self._finder.read]
        past = past_of_deployments(self.scope, self._translator, self.repository, listed, read)
        return (past,)

    def _record(self, one: DeploymentStatuses) -> Deployment:
        live = self._live.get(one.deployed.environment)
        return self._translator.deployment(self.repository, one.deployed, _shown(one), live)

    async def _latest_of(self, page: httpx.Response) -> Mapping[str, GitHubDeployment]:
        found: dict[str, GitHubDeployment] = {}
        self._completeness.skipped.reset()
        self._before = {}
        for deployed in await self._read(page):
            if deployed.environment in found:
                self._before.setdefault(deployed.environment, []).append(deployed)
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
        kept: dict[str, DeploymentStatuses] = {}
        for environment, deployed in latest.items():
            known = self._latest.get(environment)
            same = known is not None and known.deployed == deployed
            kept[environment] = known if known and same else DeploymentStatuses(deployed)
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
                changed |= await one.read(self._api, self._path)
                one.failed = False
            changed |= before != one.failed
        self._completeness.set_errors("statuses", errors)
        return changed

    async def _find_live(self, *, again: bool) -> bool:
        """Find what is live in each environment; return whether that has changed.

        Where it cannot be found out, nothing is stated to be live.
        """
        if not again and not self._live_errors:
            return False
        before, self._live = self._live, {}
        self._live_errors = []
        for environment, latest in self._latest.items():
            with collecting_errors(self._live_errors):
                older = self._before.get(environment, [])
                self._live[environment] = await self._finder.find(latest, older)
        shown = [one.id for older in self._before.values() for one in older]
        self._finder.forget(frozenset(shown))
        self._completeness.set_errors("which deployments are live", self._live_errors)
        return before != self._live

    def _set_active(self) -> None:
        since = self._api.now() - ACTIVE_FOR
        self.active = any(_is_moving(one, since) for one in self._latest.values())


def _shown(one: DeploymentStatuses) -> GitHubDeploymentStatus | None:
    """Return the status to show. One that could not be read is not mistaken for "pending"."""
    return UNREADABLE_STATUS if one.failed and one.latest is None else one.latest


def _is_moving(one: DeploymentStatuses, since: datetime) -> bool:
    if one.latest is None or status_of(one.latest.state) is not Status.RUNNING:
        return False
    return one.latest.created_at is None or one.latest.created_at > since


def _name_of(one: DeploymentStatuses) -> str:
    return f"deployment {one.deployed.id}"
