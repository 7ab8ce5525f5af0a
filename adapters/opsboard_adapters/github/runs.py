"""Look at the runs of one repository."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

import httpx

from opsboard.adapter import Change, Malformed, SourceError
from opsboard.records import Build, Status
from opsboard_adapters.github.api import PAGE_SIZE, GitHubApi, Params, next_page
from opsboard_adapters.github.models import (
    GitHubPage,
    GitHubPendingDeployment,
    GitHubRun,
    name_of_run,
)
from opsboard_adapters.github.reader import GitHubReader
from opsboard_adapters.github.translate import GitHubTranslator
from opsboard_adapters.http.decoding import decode_each, decode_page
from opsboard_adapters.listing.completeness import ScopeDiff
from opsboard_adapters.listing.partial import HOST_WIDE, collecting_errors

RESCAN_EVERY: Final = timedelta(minutes=10)
"""After which the pages behind the first are read again: an old run may have been repeated."""
ACTIVE_FOR: Final = timedelta(hours=1)
"""A run that claims to be on its way, but has not changed for so long, is not waited for."""


WAITING_STATUS: Final = "waiting"
MAX_QUERIED: Final = 10
"""Waiting runs of a repository that are asked about, the newest first."""


class RunsPoller:
    """The newest runs of *repository*. Only the first page is asked while nothing changes."""

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
        self._waiting = PendingDeployments(repository, api)
        self._holding = ScopeDiff(self.scope)
        self._missing = self._holding.completeness
        self._unasked: list[SourceError] = []

    def report_again(self) -> None:
        """Begin again with everything."""
        self._holding.report_again()

    async def poll(self) -> Sequence[Change]:
        """Ask once; return what is new.

        What was incomplete is read once more, whether or not it has changed.
        """
        deep = self._is_deep_due()
        anew = deep or self._missing.incomplete
        first = await self._api.get(self._path, self._params, etag="" if anew else self._etag)
        if first.status_code == 304:
            self._judge()
            return self._holding.unchanged()
        whole = await self._take(first, deep=deep)
        self._etag = first.headers.get("ETag", "")
        self._judge()
        return self._holding.replace(tuple(self._builds.values()), whole=whole)

    def _is_deep_due(self) -> bool:
        if self._limit <= PAGE_SIZE:
            return False
        return self._deep_at is None or self._api.now() - self._deep_at >= RESCAN_EVERY

    async def _take(self, first: httpx.Response, *, deep: bool) -> bool:
        """Take in what there is; return whether that is all of it."""
        more = next_page(first, self._params) is not None
        if deep or not more or self._limit <= PAGE_SIZE:  # all that is shown is read anew
            self._missing.skipped.reset()
        self._unasked = []
        head = await self._read(first)
        more = more and len(head) < self._limit
        fault: SourceError | None = None
        if more and (deep or not head.keys() & self._builds.keys()):
            fault = await self._read_on(first, head)
        elif more:
            self._builds = _newest({**self._older(head), **head}, self._limit)
        else:
            self._builds = _newest(head, self._limit)
        self._missing.set_errors("older runs", [] if fault is None else [fault])
        self._missing.set_errors("what runs wait for", self._unasked)
        return fault is None

    async def _read_on(self, first: httpx.Response, head: dict[str, Build]) -> SourceError | None:
        """Read the pages behind the *first*, which has the *head*. Return why one is missing:
        then the runs that were known stay."""
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
        """Return the known runs behind the first page; what is missing within it was deleted."""
        oldest = min(map(_age, head.values()))
        return {key: build for key, build in self._builds.items() if _age(build) < oldest}

    async def _read(self, page: httpx.Response) -> dict[str, Build]:
        told, items = await decode_page(page, GitHubPage, "workflow_runs")
        if told.workflow_runs is None:  # an empty list would say that all runs are gone
            raise Malformed(
                f"GET {page.request.url.path}: the answer has no workflow_runs",
                "is the URL that of a GitHub API?",
            )
        runs = await decode_each(items, GitHubRun, self._missing.skipped, name_of_run)
        self._unasked += await self._waiting.update(runs)

        def make(run: GitHubRun) -> Build:
            return self._translator.build(self.repository, run, self._waiting.of(run))

        made = await self._missing.build_records(make, runs, lambda run: f"run {run.id}")
        return {build.id: build for build in made}

    def _judge(self) -> None:
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
    """The environments that the runs of one repository wait for. A run is asked about again only
    when it has changed."""

    def __init__(self, repository: str, api: GitHubApi) -> None:
        self._repository = repository
        self._api = api
        self._known: dict[int, tuple[datetime | None, tuple[str, ...]]] = {}

    async def update(self, runs: Collection[GitHubRun]) -> list[SourceError]:
        """Ask about those of *runs* that wait; return why some could not be read.

        What was known of these stays, and is asked for again.
        """
        waiting = [run for run in runs if run.status == WAITING_STATUS][:MAX_QUERIED]
        known = {run.id: self._known[run.id] for run in waiting if run.id in self._known}
        faults: list[SourceError] = []
        for run in waiting:
            if run.id not in known or known[run.id][0] != run.updated_at:
                with collecting_errors(faults):
                    reader = GitHubReader(self._api)
                    found = await reader.visible_pending_deployments(self._repository, run.id)
                    known[run.id] = (run.updated_at, environments(found))
        self._known = known
        return faults

    def of(self, run: GitHubRun) -> tuple[str, ...]:
        """Return the environments that *run* waits for, as far as they were asked about."""
        return self._known[run.id][1] if run.id in self._known else ()


def environments(found: Sequence[GitHubPendingDeployment]) -> tuple[str, ...]:
    """Return the names of the environments in *found*."""
    return tuple(one.environment.name for one in found if one.environment.name)
