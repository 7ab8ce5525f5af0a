"""What runs wait for: somebody's word on the environments that they are about to deploy to."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from opsboard.adapter import Forbidden, NotFound, SourceError
from opsboard_adapters.github.api import GitHubApi
from opsboard_adapters.github.models import GitHubPendingDeployment, GitHubRun, parse_all
from opsboard_adapters.listing.partial import collecting_errors

WAITING_STATUS: Final = "waiting"
MAX_QUERIED: Final = 10
"""Runs of a repository that are asked about, the newest; each costs a request when it changes."""


async def pending(
    api: GitHubApi, repository: str, number: int
) -> Sequence[GitHubPendingDeployment]:
    """Return what the run waits for; nothing where that may not be read."""
    path = f"repos/{repository}/actions/runs/{number}/pending_deployments"
    try:
        return parse_all(GitHubPendingDeployment, await api.get_array(path))
    except (Forbidden, NotFound):
        return ()


def environments(found: Sequence[GitHubPendingDeployment]) -> tuple[str, ...]:
    """Return the names of the environments in *found*."""
    return tuple(one.environment.name for one in found if one.environment.name)


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
                    found = await pending(self._api, self._repository, run.id)
                    known[run.id] = (run.updated_at, environments(found))
        self._known = known
        return faults

    def of(self, run: GitHubRun) -> tuple[str, ...]:
        """Return the environments that *run* waits for, as far as they were asked about."""
        return self._known[run.id][1] if run.id in self._known else ()
