"""Poll the runs of one repository, and what its waiting runs wait for.

https://docs.github.com/en/rest/actions/workflow-runs#list-workflow-runs-for-a-repository
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

import httpx

from opsboard.adapter import Change, Malformed, SourceError
from opsboard.records import Build, Status
from opsboard_adapters.github.api import PAGE_SIZE, GitHubApi, Params, next_page
from opsboard_adapters.github.backfill import past_of_builds
from opsboard_adapters.github.models import (
    GitHubPage,
    GitHubPendingDeployment,
    GitHubRun,
    name_of_run,
)
from opsboard_adapters.github.reader import GitHubReader
from opsboard_adapters.github.translate import GitHubTranslator, with_default_branch
from opsboard_adapters.http.decoding import decode_each, decode_page
from opsboard_adapters.listing.completeness import ScopeDiff
from opsboard_adapters.listing.partial import HOST_WIDE, collecting_errors

RESCAN_EVERY: Final = timedelta(minutes=10)
"""How often the pages after the first are read again: an old run may have been re-run."""
ACTIVE_FOR: Final = timedelta(hours=1)
"""A run in progress that has not changed for so long is not waited for any more."""


WAITING_STATUS: Final = "waiting"
MAX_QUERIED: Final = 10
"""Waiting runs of a repository that are asked about, the newest first."""


class RunsPoller:
    """Polls the latest runs of *repository*. Only the first page is requested while nothing
    changes.
    """

    def __init__(
        self, repository: str, api: GitHubApi, translator: GitHubTranslator, limit: int
    ) -> None:
        self.repository = repository
        self.scope = f"runs:{repository}"
        self.active = False
        self._api = api
        self._translator = translator
        self._limit = limit
        self._path = f"repos/{repository}/actions/runs"
        self._params: Params = {"per_page": min(limit, PAGE_SIZE)}
        self._etag = ""
        self._deep_at: datetime | None = None
        self._builds: dict[str, Build] = {}
        self._default_branch = ""
        self._backfilled = False
        self._waiting = PendingDeployments(repository, api)
        self._diff = ScopeDiff(self.scope)
        self._completeness = self._diff.completeness
        self._pending_errors: list[SourceError] = []

    def report_again(self) -> None:
        """Report everything at the next poll."""
        self._diff.report_again()

    async def poll(self) -> Sequence[Change]:
        """Request the first page, and more where needed; return what has changed.

        What was incomplete last time is read again, changed or not.
        """
        deep = self._is_deep_due()
        again = deep or self._completeness.incomplete
        first = await self._api.get(self._path, self._params, etag="" if again else self._etag)
        if first.status_code == 304:
            self._set_active()
            if self._take_default_branch():
                return self._diff.replace(tuple(self._builds.values()))
            return self._diff.unchanged()
        complete = await self._take(first, deep=deep)
        self._etag = first.headers.get("ETag", "")
        self._take_default_branch()
        self._set_active()
        changes = self._diff.replace(tuple(self._builds.values()), complete=complete)
        return [*changes, *self._backfill()]

    def _backfill(self) -> Sequence[Change]:
        """Return what the runs tell of earlier times, once."""
        if self._backfilled or not self._builds:
            return ()
        self._backfilled = True
        return (past_of_builds(self.scope, self._builds.values()),)

    def _take_default_branch(self) -> bool:
        """Let the runs say which branch is the default one, where that is known now; return whether
        it has changed.
        """
        name = self._translator.default_branch_of(self.repository)
        if name == self._default_branch:
            return False
        self._default_branch = name
        self._builds = {key: with_default_branch(one, name) for key, one in self._builds.items()}
        return True

    def _is_deep_due(self) -> bool:
        if self._limit <= PAGE_SIZE:
            return False
        return self._deep_at is None or self._api.now() - self._deep_at >= RESCAN_EVERY

    async def _take(self, first: httpx.Response, *, deep: bool) -> bool:
        """Take in the first page, and further ones where needed; return whether the listing is
        complete.
        """
        more = next_page(first, self._params) is not None
        if deep or not more or self._limit <= PAGE_SIZE:  # everything that is shown is read again
            self._completeness.skipped.reset()
        self._pending_errors = []
        head = await self._read(first)
        more = more and len(head) < self._limit
        error: SourceError | None = None
        if more and (deep or not head.keys() & self._builds.keys()):
            error = await self._read_on(first, head)
        elif more:
            self._builds = _newest({**self._older(head), **head}, self._limit)
        else:
            self._builds = _newest(head, self._limit)
        self._completeness.set_errors("older runs", [] if error is None else [error])
        self._completeness.set_errors("what runs wait for", self._pending_errors)
        return error is None

    async def _read_on(self, first: httpx.Response, head: dict[str, Build]) -> SourceError | None:
        """Read the pages after the *first*, whose runs are in *head*. Return the error where one
        fails: then the runs that were known stay.
        """
        found = dict(head)
        pages = self._api.pages(self._path, self._params, first)
        try:
            await anext(pages)
            async for page in pages:
                found.update(await self._read(page))
                if len(found) >= self._limit:
                    break
        except HOST_WIDE:
            raise
        except SourceError as error:
            self._builds = _newest({**self._builds, **found}, self._limit)
            return error
        self._builds = _newest(found, self._limit)
        self._deep_at = self._api.now()
        return None

    def _older(self, head: dict[str, Build]) -> dict[str, Build]:
        """Return the known runs after the first page. One that is missing within it was deleted."""
        oldest = min(map(_age, head.values()))
        return {key: build for key, build in self._builds.items() if _age(build) < oldest}

    async def _read(self, page: httpx.Response) -> dict[str, Build]:
        envelope, items = await decode_page(page, GitHubPage, "workflow_runs")
        if envelope.workflow_runs is None:  # an empty list would mean that all runs are gone
            raise Malformed(
                f"GET {page.request.url.path}: the answer has no workflow_runs",
                "is the URL that of a GitHub API?",
            )
        runs = await decode_each(items, GitHubRun, self._completeness.skipped, name_of_run)
        self._pending_errors += await self._waiting.update(runs)

        def make(run: GitHubRun) -> Build:
            return self._translator.build(self.repository, run, self._waiting.of(run))

        made = await self._completeness.build_records(make, runs, lambda run: f"run {run.id}")
        return {build.id: build for build in made}

    def _set_active(self) -> None:
        since = self._api.now() - ACTIVE_FOR
        self.active = any(
            build.status is Status.RUNNING
            and (build.updated_at is None or build.updated_at > since)
            for build in self._builds.values()
        )


def _age(build: Build) -> tuple[float, int]:
    begun = build.created_at.timestamp() if build.created_at else 0.0
    return begun, int(build.id.rpartition("/")[2])


def _newest(builds: dict[str, Build], limit: int) -> dict[str, Build]:
    ordered = sorted(builds.values(), key=_age, reverse=True)
    return {build.id: build for build in ordered[:limit]}


class PendingDeployments:
    """The environments that the waiting runs of one repository are to deploy to.

    A run is asked about again only when it has changed.
    """

    def __init__(self, repository: str, api: GitHubApi) -> None:
        self._repository = repository
        self._api = api
        self._known: dict[int, tuple[datetime | None, tuple[str, ...]]] = {}

    async def update(self, runs: Collection[GitHubRun]) -> list[SourceError]:
        """Ask about those of *runs* that wait; return the errors for those that could not be read.

        Of these, what was known stays, and they are asked about again.
        """
        waiting = [run for run in runs if run.status == WAITING_STATUS][:MAX_QUERIED]
        known = {run.id: self._known[run.id] for run in waiting if run.id in self._known}
        errors: list[SourceError] = []
        for run in waiting:
            if run.id not in known or known[run.id][0] != run.updated_at:
                with collecting_errors(errors):
                    reader = GitHubReader(self._api)
                    found = await reader.visible_pending_deployments(self._repository, run.id)
                    known[run.id] = (run.updated_at, environments(found))
        self._known = known
        return errors

    def of(self, run: GitHubRun) -> tuple[str, ...]:
        """Return the environments that *run* waits for, as far as they are known."""
        return self._known[run.id][1] if run.id in self._known else ()


def environments(found: Sequence[GitHubPendingDeployment]) -> tuple[str, ...]:
    """Return the names of the environments in *found*."""
    return tuple(one.environment.name for one in found if one.environment.name)
