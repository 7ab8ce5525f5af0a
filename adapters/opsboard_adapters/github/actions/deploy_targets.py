"""Where a run deploys to: what a re-run of it would change beside the run."""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

from opsboard.adapter import Finding, Forbidden, NotFound, SourceError
from opsboard.environments.names import UNKNOWN
from opsboard_adapters.github.actions.context import GitHubContext
from opsboard_adapters.github.actions.format import listed, note, reviewers, warning
from opsboard_adapters.github.actions.workflow_file import (
    NamedEnvironments,
    WorkflowSource,
    environments_of_jobs,
    read_tree,
)
from opsboard_adapters.github.api import Params
from opsboard_adapters.github.models import GitHubDeploymentStatus, GitHubJob, GitHubRun

PAGE: Final = 100
"""Deployments of a commit that are listed."""
LOOKED_AT: Final = 20
"""Deployments of a commit whose statuses are read, to find out by which run they were made."""
_RUN: Final = re.compile(r"/actions/runs/(\d+)(?:/|$)")
_FOLDER: Final = ".github/workflows/"
_OF_A_PULL_REQUEST: Final = "pull_request"
"""Begins the names of events whose runs are of another commit than they say."""
_FROM_ELSEWHERE: Final = "pull_request_target"
"""The event whose runs are of the base branch's workflow, not of their own commit's."""


@dataclass(frozen=True, slots=True)
class DeployTargets:
    """The environments that a run deploys to.

    It has deployed to those that were *seen*; its workflow names *further* ones. *doubts* say why
    there may be others, and *approvals* which of all of them wait for somebody.
    """

    observed: tuple[str, ...]
    declared: tuple[str, ...]
    doubts: tuple[str, ...]
    approvals: tuple[Finding, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All that are known."""
        return (*self.observed, *self.declared)

    @property
    def touched(self) -> tuple[str, ...]:
        """All environments that it may deploy to; none where it is known to deploy nowhere."""
        return (*self.names, *([UNKNOWN] if self.doubts else ()))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What to know of them before the run is run again."""
        found = []
        if self.observed:
            found.append(warning(f"it deploys to {listed(self.observed)} once more"))
        if self.declared:
            found.append(warning(f"by its workflow, it deploys to {listed(self.declared)}"))
        return (*found, *self.uncertain, *self.approvals)

    @property
    def uncertain(self) -> tuple[Finding, ...]:
        """Why it may deploy to others."""
        if not self.doubts:
            return ()
        return (note(f"where it deploys to is not known for certain: {listed(self.doubts)}"),)

    @classmethod
    async def of(
        cls, site: GitHubContext, repository: str, run: GitHubRun, jobs: Sequence[GitHubJob] = ()
    ) -> "DeployTargets":
        """Find where *run* deploys to: by what it has deployed, what waits, and its workflow.

        *jobs* are those of its latest attempt, where they have been read.
        """
        seen, doubts = await _seen(site, repository, run)
        waiting = await _waiting(site, repository, run)
        if waiting is None:
            doubts.append("what it waits for may not be read")
        seen += [name for name in waiting or () if name not in seen]
        named = await _named(site, repository, run, jobs)
        further = [name for name in named.names if name not in seen]
        if not _has_shown_all(run):
            doubts += named.doubts
        approvals = await protections(site, repository, (*seen, *further))
        return cls(tuple(seen), tuple(further), tuple(doubts), approvals)


def leading(site: GitHubContext, names: Sequence[str]) -> str:
    """Return which environment of *names* is shown where there is room for one only."""
    known = [site.context.environment_of(name) or name for name in names]
    return "production" if "production" in known else next(iter(known), "")


def touched_by(site: GitHubContext, names: Sequence[str], branch: str | None) -> tuple[str, ...]:
    """Return what is touched in *names*, and by *branch*, where that tells of an environment."""
    told = site.context.environment_of(branch) if branch else ""
    return (*names, told) if told and told not in names else tuple(names)


async def _seen(
    site: GitHubContext, repository: str, run: GitHubRun
) -> tuple[list[str], list[str]]:
    """Return where *run* has deployed to, by the links of its commit's deployments; and doubts."""
    if not run.head_sha:
        return [], ["it has no commit"]
    params: Params = {"sha": run.head_sha, "per_page": PAGE}
    deployed = await site.reader.deployments(repository, params)
    found: list[str] = []
    looks = 0
    for one in deployed:
        if one.environment in found:
            continue
        if (looks := looks + 1) > LOOKED_AT:
            break
        if run_of(await site.reader.statuses(repository, one.id)) == run.id:
            found.append(one.environment)
    many = looks > LOOKED_AT or len(deployed) >= PAGE
    return found, ["its commit was deployed more often than is looked at"] if many else []


async def _waiting(site: GitHubContext, repository: str, run: GitHubRun) -> Sequence[str] | None:
    """Return the environments that *run* waits for, or ``None`` where that may not be read."""
    if run.status == "completed":
        return ()
    try:
        return [
            one.environment.name
            for one in await site.reader.pending_deployments(repository, run.id)
        ]
    except (Forbidden, NotFound):
        return None


async def _named(
    site: GitHubContext, repository: str, run: GitHubRun, jobs: Sequence[GitHubJob]
) -> NamedEnvironments:
    """Return what the workflow of *run* names, as it was at its commit."""
    path = (run.path or "").partition("@")[0]
    if not path.startswith(_FOLDER) or run.event == _FROM_ELSEWHERE or not run.head_sha:
        return NamedEnvironments(doubts=["its workflow is not a file of its commit"])
    try:
        tree = await read_tree(site, repository, path, run.head_sha)
    except SourceError as error:
        return NamedEnvironments(doubts=[f"its workflow cannot be read: {error.message}"])
    no_inputs: Mapping[str, str] = {}
    file = WorkflowSource(repository, run.head_sha, tree)
    return await environments_of_jobs(site, file, no_inputs, _passed_over(run, jobs))


def _passed_over(run: GitHubRun, jobs: Sequence[GitHubJob]) -> Set[str]:
    """Return the jobs that are passed over each time: those of a run in which nothing failed."""
    if run.conclusion != "success":
        return frozenset()
    skipped = {job.name for job in jobs if job.conclusion == "skipped"}
    return frozenset(skipped - {job.name for job in jobs if job.conclusion != "skipped"})


def _has_shown_all(run: GitHubRun) -> bool:
    """Tell whether *run* went to its end, so that it has deployed wherever it deploys to."""
    of_its_commit = not (run.event or "").startswith(_OF_A_PULL_REQUEST)
    return run.conclusion == "success" and of_its_commit


def run_of(statuses: Sequence[GitHubDeploymentStatus]) -> int | None:
    """Return the number of the run that has made a deployment, by the links of its statuses."""
    for status in statuses:
        for url in (status.log_url, status.target_url):
            if match := _RUN.search(url or ""):
                return int(match[1])
    return None


async def protections(
    site: GitHubContext, repository: str, names: Sequence[str]
) -> tuple[Finding, ...]:
    """Return who has to approve what is deployed to *names*."""
    found = []
    for name in names:
        environment = await site.reader.environment(repository, name)
        who = reviewers(environment) if environment else ()
        if who:
            found.append(note(f"{name} waits for approval once more, by {listed(who)}"))
    return tuple(found)
